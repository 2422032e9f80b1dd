// Package rig composes a whole NoxKey from the packages, with a vault that is
// thrown away: the real broker, the real socket, real callers, and a person who
// answers by a function. The tour, tests and benchmarks stand on it; no binary
// that is shipped imports it (house_test.go).
//
// It cannot open a vault: it calls nothing that opens one, and makes its own in a
// folder that it makes itself, by a mkdir(2) that fails if anything is there.
package rig

import (
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"time"

	"noxkey/broker"
	"noxkey/caller"
	"noxkey/secret"
	"noxkey/socket"
	"noxkey/ui"
	"noxkey/vault/file"
	"noxkey/vault/memory"
	"noxkey/vault/passphrase"
)

// Kind says where the values rest.
type Kind int

// The kinds.
const (
	File   Kind = iota // the file vault, on disk
	Memory             // vault/memory: the same contract, nothing sealed
)

// Cheap are Argon2id parameters that cost under a millisecond: fit for a vault that
// lives for seconds, and for no other.
var Cheap = file.Params{Memory: 64, Passes: 3, Lanes: 1}

// Options of Start. The zero value is a file vault at the price of Cheap, with
// callers as the kernel names them and a person who denies everything.
type Options struct {
	Vault  Kind
	Params file.Params // of a file vault; zero: Cheap
	// Identify says who is at the other end of a connection; nil: caller.FromConn,
	// with the broker's word on who was vouched for.
	Identify func(*net.UnixConn) (caller.Caller, error)
	// Person answers a card; the passphrase that follows an allow is typed for
	// them. nil: deny. It may be called from several goroutines at once.
	Person func(*broker.Ask) broker.Choice
	// Desk, if set, gets the cards and the passphrase prompts in place of Person,
	// with all its rules (arming among them); whoever drives the desk answers.
	Desk *ui.Desk
	// Version is what the app says it is; "": rig.
	Version string
}

// store is what the two vaults have in common.
type store interface {
	broker.Store
	broker.Ledger
	passphrase.Unlocker
	Sign(msg []byte) ([]byte, error)
}

// App is a running NoxKey. Its vault is open for browsing, as after a person's
// first unlock.
type App struct {
	Home   socket.Home
	Broker *broker.Broker

	vault  store
	pass   secret.Value
	made   string // folder to remove at Close, "" if it is the caller's
	ln     *socket.Listener
	stop   context.CancelFunc
	served chan error
	forget func()
}

// Start makes a home called "home" in the folder dir, with a new vault of a random
// passphrase, and serves it until Close. With dir "" the folder is a temporary one.
// The error has code Exists if dir is itself the home of a vault, or if it has
// something called "home" already: what Start did not make, it does not use. The
// path of dir must leave room for a socket's (secret.Storage if not).
func Start(dir string, o Options) (*App, error) {
	a := &App{pass: randomPassphrase(), served: make(chan error, 1), stop: func() {}, forget: func() {}}
	err := a.settle(dir)
	var public []byte
	if err == nil {
		public, err = a.found(o)
	}
	if err == nil {
		err = socket.WritePin(a.Home, public)
	}
	if err == nil {
		a.ln, err = socket.Listen(a.Home)
	}
	if err != nil {
		return nil, errors.Join(err, a.Close())
	}
	a.serve(o)
	return a, nil
}

// settle makes the home.
func (a *App) settle(dir string) (err error) {
	if dir == "" {
		if dir, err = os.MkdirTemp("", "noxkey-rig-"); err != nil {
			return err
		}
		a.made = dir
	}
	there := socket.Home(dir)
	for _, path := range []string{there.Vault(), there.Vault() + ".1", there.Audit(), there.Pin(), there.Lock()} {
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			return secret.Errorf(secret.Exists, "%s is the home of a vault, and only a throw-away one may be used here", dir)
		}
	}
	home, err := socket.OpenHome(filepath.Join(dir, "home"))
	if err != nil {
		return err
	}
	switch err := os.Mkdir(string(home), 0o700); {
	case errors.Is(err, fs.ErrExist):
		return secret.Errorf(secret.Exists, "%s is there already, and only a home made here and now may be used", home)
	case err != nil:
		return err
	}
	a.Home = home
	return home.Check()
}

// found makes the vault, opens it for browsing and returns its public identity.
func (a *App) found(o Options) ([]byte, error) {
	var public func() ([]byte, error)
	switch o.Vault {
	case Memory:
		var v *memory.Vault
		_ = a.pass.Use(func(b []byte) error { v = memory.New(string(b)); return nil })
		a.vault, public = v, func() ([]byte, error) { return v.Public() }
	default:
		p := o.Params
		if p == (file.Params{}) {
			p = Cheap
		}
		v, err := file.Create(a.Home.Vault(), a.pass, p)
		if err != nil {
			return nil, err
		}
		a.vault, public, a.forget = v, v.Public, v.Close
	}
	key, err := a.vault.Unlock(a.pass, secret.Scope{})
	if err != nil {
		return nil, err
	}
	key.Wipe()
	return public()
}

// serve puts the broker between the vault and the socket.
func (a *App) serve(o Options) {
	var front broker.Approver = person{o.Person}
	enter := func(context.Context, secret.Prompt) (secret.Value, error) { return a.Passphrase(), nil }
	if o.Desk != nil {
		front, enter = o.Desk, o.Desk.Passphrase
	}
	if o.Version == "" {
		o.Version = "rig"
	}
	a.Broker = broker.New(broker.Config{
		Store: a.vault, Ledger: a.vault, Approver: front, Auth: passphrase.New(a.vault, enter),
		AuditPath: a.Home.Audit(), Version: o.Version,
	})
	if o.Identify == nil {
		o.Identify = func(c *net.UnixConn) (caller.Caller, error) {
			return caller.FromConn(c, caller.Options{Vouched: a.Broker.Vouched})
		}
	}
	s := &socket.Server{Handle: a.Broker.Do, Identify: o.Identify, Sign: a.vault.Sign}
	ctx, stop := context.WithCancel(context.Background())
	a.stop = stop
	go func() { a.served <- s.Serve(ctx, a.ln.UnixListener) }()
}

// Client is a client of the app's socket, in this process.
func (a *App) Client() secret.Service { return socket.NewClient(a.Home) }

// Front is the service as the app's own front has it: it counts as the person.
func (a *App) Front() secret.Service { return a.Broker.For(caller.Front("NoxKey")) }

// Passphrase returns the vault's passphrase; the copy is the caller's to wipe.
func (a *App) Passphrase() secret.Value { return a.pass.Clone() }

// Put makes changes in the vault past the broker: no card, no rule but the
// vault's own, no record. It takes no ownership of the values.
func (a *App) Put(changes ...secret.Change) error {
	key, err := a.vault.Unlock(a.pass, secret.Scope{Root: true})
	if err != nil {
		return err
	}
	defer key.Wipe()
	return a.vault.Apply(key, changes)
}

// Close stops serving, locks the vault and wipes the passphrase; a temporary
// folder that Start made is removed, one that was given is left. It may be called twice.
func (a *App) Close() error {
	a.stop()
	var errs []error
	if a.ln != nil {
		if a.Broker != nil {
			errs = append(errs, a.Broker.Close(), <-a.served)
		}
		_ = a.ln.Close() // Serve closed the socket before: what is left is the lock
		a.ln = nil
	}
	a.forget()
	a.forget = func() {}
	a.pass.Wipe()
	if a.made != "" {
		errs = append(errs, os.RemoveAll(a.made))
	}
	return errors.Join(errs...)
}

func randomPassphrase() secret.Value {
	v, err := secret.NewValue([]byte(rand.Text()))
	if err != nil {
		panic(err) // 26 letters are a value
	}
	return v
}

// person is the approver of a rig without a desk: it answers at once.
type person struct {
	choose func(*broker.Ask) broker.Choice
}

// Ask implements broker.Approver.
func (p person) Ask(_ context.Context, a *broker.Ask) (broker.Answer, error) {
	c := broker.Deny
	switch {
	case a.Kind == broker.AskHuman && a.Op == secret.OpUnlock:
		c = broker.AllowSession
	case a.Kind == broker.AskHuman: // the passphrase that follows is the choice
		c = broker.AllowOnce
	case p.choose != nil:
		c = p.choose(a)
	}
	return broker.Answer{Choice: c, Digest: a.Digest(), Prompt: secret.Prompt{ID: a.ID, Reason: "answer a card of the rig"}}, nil
}

// Enter implements broker.Approver: this person types no values.
func (person) Enter(context.Context, *broker.Ask) (secret.Value, error) {
	return secret.Value{}, secret.Errorf(secret.Denied, "the rig's person types no values")
}

// Close implements broker.Approver.
func (person) Close(uint64, secret.Outcome) {}

// Rest implements broker.Approver.
func (person) Rest(string, time.Time) {}
