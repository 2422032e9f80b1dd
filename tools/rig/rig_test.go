package rig

import (
	"bytes"
	"context"
	"net"
	"os"
	"path/filepath"
	"testing"

	"noxkey/broker"
	"noxkey/caller"
	"noxkey/secret"
	"noxkey/socket"
	"noxkey/vault/file"
)

func value(t testing.TB, s string) secret.Value {
	t.Helper()
	v, err := secret.NewValue([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// start is a rig in a folder whose path leaves room for a socket's.
func start(t testing.TB, o Options) *App {
	t.Helper()
	a, err := Start("", o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
		if _, err := os.Lstat(string(a.Home)); err == nil {
			t.Errorf("%s is still there", a.Home)
		}
	})
	return a
}

// agent makes every caller an agent, anchored to this process.
func agent(c *net.UnixConn) (caller.Caller, error) {
	who, err := caller.FromConn(c, caller.Options{})
	if err != nil {
		return who, err
	}
	who.Class, who.Agent, who.Anchor, who.Vouchable = caller.Agent, "Claude Code", who.Chain[0].ID, nil
	return who, nil
}

// get asks for acme/api/KEY as an MCP server does and redeems the ticket.
func get(t testing.TB, s secret.Service) (string, error) {
	t.Helper()
	var ticket *secret.Ticket
	req := &secret.Request{Op: secret.OpGet, Targets: []secret.Prefix{"acme/api/KEY"}, Delivery: secret.DeliverShell, MCP: true}
	err := s.Do(context.Background(), req, func(a secret.Answer) error {
		if a.Ticket != nil {
			ticket = a.Ticket
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	var got string
	err = s.Do(context.Background(), &secret.Request{Op: secret.OpRedeem, Ticket: ticket.ID, Reader: "bash 1"}, func(a secret.Answer) error {
		defer a.Value.Value.Wipe()
		return a.Value.Value.Use(func(b []byte) error { got = string(b); return nil })
	})
	return got, err
}

// TestGet: the person's answer decides, over the socket, with both vaults.
func TestGet(t *testing.T) {
	t.Parallel()
	for name, kind := range map[string]Kind{"file": File, "memory": Memory} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer := broker.AllowOnce
			a := start(t, Options{Vault: kind, Identify: agent, Person: func(*broker.Ask) broker.Choice { return answer }})
			v := value(t, "the value")
			defer v.Wipe()
			if err := a.Put(secret.Change{Action: secret.ActionSet, Name: "acme/api/KEY", Value: v}); err != nil {
				t.Fatal(err)
			}
			if got, err := get(t, a.Client()); err != nil || got != "the value" {
				t.Errorf("got %q, %v", got, err)
			}
			answer = broker.Deny
			if _, err := get(t, a.Client()); secret.CodeOf(err) != secret.Denied {
				t.Errorf("after a denial: %v", err)
			}
		})
	}
}

// TestNobodyDenies: without a person nothing is granted to an agent.
func TestNobodyDenies(t *testing.T) {
	t.Parallel()
	a := start(t, Options{Vault: Memory, Identify: agent})
	v := value(t, "the value")
	defer v.Wipe()
	if err := a.Put(secret.Change{Action: secret.ActionSet, Name: "acme/api/KEY", Value: v}); err != nil {
		t.Fatal(err)
	}
	if _, err := get(t, a.Client()); secret.CodeOf(err) != secret.Denied {
		t.Errorf("%v", err)
	}
}

// TestFront: the front counts as the person, and types the passphrase for a write.
func TestFront(t *testing.T) {
	t.Parallel()
	a := start(t, Options{})
	v := value(t, "another")
	defer v.Wipe()
	var written int
	err := a.Front().Do(context.Background(), &secret.Request{Op: secret.OpWrite, Changes: []secret.Change{{Action: secret.ActionSet, Name: "acme/api/NEW", Value: v}}},
		func(x secret.Answer) error {
			if x.Written != nil {
				written++
			}
			return nil
		})
	if err != nil || written != 1 {
		t.Errorf("%d written, %v", written, err)
	}
	err = a.Front().Do(context.Background(), &secret.Request{Op: secret.OpVerify}, func(x secret.Answer) error {
		if !x.Finding.OK {
			t.Errorf("%s: %s", x.Finding.Subject, x.Finding.Text)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// TestRefusesForeignHome: a real vault's home is refused and not touched, given
// itself or as the home's own place.
func TestRefusesForeignHome(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "nkrig")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	home := socket.Home(filepath.Join(dir, "home"))
	if err := home.Make(); err != nil {
		t.Fatal(err)
	}
	pass := value(t, "correct horse")
	defer pass.Wipe()
	v, err := file.Create(home.Vault(), pass, Cheap)
	if err != nil {
		t.Fatal(err)
	}
	v.Close()
	before, err := os.ReadFile(home.Vault())
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []string{string(home), dir} {
		if a, err := Start(at, Options{}); secret.CodeOf(err) != secret.Exists {
			t.Errorf("Start(%s): %v, %v", at, a, err)
		}
	}
	names, err := filepath.Glob(string(home) + "/*")
	if err != nil || len(names) != 1 {
		t.Errorf("the home holds %v, %v", names, err)
	}
	if after, err := os.ReadFile(home.Vault()); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the vault was touched: %v", err)
	}
}

// TestRefusesEmptyHome: even an empty folder in the home's place was made by somebody else.
func TestRefusesEmptyHome(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "home"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := Start(dir, Options{}); secret.CodeOf(err) != secret.Exists {
		t.Error(err)
	}
}
