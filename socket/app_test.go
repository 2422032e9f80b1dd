package socket

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"noxkey/caller"
	"noxkey/secret"
)

const team = "AB12CD34EF"

var (
	signedApp    = caller.Code{Signer: caller.Developer, Team: team, Identifier: appIdentifier, Guarded: true}
	signedClient = caller.Code{Signer: caller.Developer, Team: team, Identifier: "app.noxkey.noxkey", Guarded: true}
	adHoc        = caller.Code{Signer: caller.AdHoc, Identifier: appIdentifier, Guarded: true}
)

// TestThreatC1WhoeverListensMustBeTheApp: every way to be something else is refused.
func TestThreatC1WhoeverListensMustBeTheApp(t *testing.T) {
	t.Parallel()
	with := func(f func(*caller.Code)) caller.Code { c := signedApp; f(&c); return c }
	for _, c := range []struct {
		name         string
		mine, theirs caller.Code
		beside, ok   bool
	}{
		{"both of one team", signedClient, signedApp, false, true},
		{"another team", signedClient, with(func(c *caller.Code) { c.Team = "ZZ12CD34EF" }), true, false},
		{"another program of the team", signedClient, with(func(c *caller.Code) { c.Identifier = "app.noxkey.noxkey" }), true, false},
		{"written into, or open to a debugger", signedClient, with(func(c *caller.Code) { c.Guarded = false }), true, false},
		{"ad hoc under our name", signedClient, adHoc, true, false},
		{"ad hoc that claims our team", signedClient, with(func(c *caller.Code) { c.Signer = caller.AdHoc }), true, false},
		{"unsigned", signedClient, caller.Code{}, true, false},
		{"Apple's", signedClient, with(func(c *caller.Code) { c.Signer = caller.Apple }), true, false},
		{"built by hand, beside us", adHoc, adHoc, true, true},
		{"built by hand, elsewhere", adHoc, adHoc, false, false},
		{"unsigned, beside us", caller.Code{}, caller.Code{}, true, true},
		{"unsigned, elsewhere", caller.Code{}, caller.Code{}, false, false},
		{"a signed one for a client of nobody's", adHoc, signedApp, false, false},
		{"a client of Apple's", with(func(c *caller.Code) { c.Signer = caller.Apple }), signedApp, true, false},
	} {
		err := genuine(c.mine, c.theirs, c.beside)
		if (err == nil) != c.ok || err != nil && secret.CodeOf(err) != secret.Untrusted {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestWhatCannotBeReadIsNotTrusted: each question that the system refuses.
func TestWhatCannotBeReadIsNotTrusted(t *testing.T) {
	t.Parallel()
	refused := errors.New("OSStatus 100001")
	good := codes{
		peer: func(*net.UnixConn) (caller.Code, caller.ProcID, error) {
			return caller.Code{}, caller.ProcID{PID: 7, Start: 1}, nil
		},
		of: func(caller.ProcID) (caller.Code, error) { return caller.Code{}, nil },
		read: func(pid int) (caller.Process, error) {
			exe, err := os.Executable() // the client itself is beside itself
			return caller.Process{ID: caller.ProcID{PID: pid, Start: 1}, Exe: exe}, err
		},
	}
	if err := good.check(nil); err != nil {
		t.Fatal(err)
	}
	read := good.read
	for name, spoil := range map[string]func(*codes){
		"ourselves":         func(k *codes) { k.read = func(int) (caller.Process, error) { return caller.Process{}, refused } },
		"our own signature": func(k *codes) { k.of = func(caller.ProcID) (caller.Code, error) { return caller.Code{}, refused } },
		"the peer": func(k *codes) {
			k.peer = func(*net.UnixConn) (caller.Code, caller.ProcID, error) {
				return caller.Code{}, caller.ProcID{}, refused
			}
		},
		"a pid given out again": func(k *codes) {
			k.read = func(pid int) (caller.Process, error) {
				p, err := read(pid)
				if pid == 7 {
					p.ID.Start = 2
				}
				return p, err
			}
		},
	} {
		k := good
		spoil(&k)
		if err := k.check(nil); secret.CodeOf(err) != secret.Untrusted || !strings.Contains(err.Error(), "nothing was sent") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSiblings(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put := func(name string) string {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(name), 0o700); err != nil {
			t.Fatal(err)
		}
		return p
	}
	client, app := put("bin/noxkey"), put("bin/noxkey-app")
	helper, bundled := put("NoxKey.app/Contents/Helpers/noxkey"), put("NoxKey.app/Contents/MacOS/NoxKey")
	other := put("elsewhere/noxkey-app")
	link := filepath.Join(dir, "elsewhere", "link")
	if err := os.Symlink(bundled, link); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		client, app string
		want        bool
	}{
		{client, app, true}, {helper, bundled, true}, {helper, link, true}, {client, client, true},
		{client, bundled, false}, {client, other, false}, {helper, app, false}, {client, "", false}, {"", app, false},
		{client, filepath.Join(dir, "gone"), false},
	} {
		if got := sibling(c.client, c.app); got != c.want {
			t.Errorf("%s beside %s: %t", c.app, c.client, got)
		}
	}
}

// TestNothingIsSentToAnAppThatIsNotOne: the check stands before the first byte.
func TestNothingIsSentToAnAppThatIsNotOne(t *testing.T) { // not parallel: it replaces checkApp
	old := checkApp
	defer func() { checkApp = old }()
	asked := 0
	checkApp = func(*net.UnixConn) error { asked++; return secret.Errorf(secret.Untrusted, "not the app") }
	home := Home(filepath.Join(t.TempDir(), "home"))
	if err := home.Make(); err != nil {
		t.Fatal(err)
	}
	ln, err := Listen(home)
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	got := make(chan int, 1)
	go func() {
		c, err := ln.AcceptUnix()
		if err != nil {
			got <- -1
			return
		}
		defer c.Close()
		n, _ := c.Read(make([]byte, 1))
		got <- n
	}()
	if _, err := NewClient(home).dial(t.Context()); secret.CodeOf(err) != secret.Untrusted || asked != 1 {
		t.Errorf("%v, asked %d times", err, asked)
	}
	if n := <-got; n != 0 {
		t.Errorf("%d bytes were sent", n)
	}
}
