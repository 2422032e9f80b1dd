package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"strconv"
	"strings"
	"sync"
	"time"

	"noxkey/broker"
	"noxkey/caller"
	"noxkey/handoff"
	"noxkey/secret"
	"noxkey/socket"
	"noxkey/ui"
	"noxkey/ui/term"
	"noxkey/vault/file"
	"noxkey/vault/passphrase"
)

// app is the running program. Before the first run is over it has no vault and no
// broker, and its front can do nothing but make one.
type app struct {
	home socket.Home
	desk *ui.Desk
	clip *clip
	ln   *socket.Listener
	stop context.CancelFunc

	mu     sync.Mutex
	vault  *file.Vault     // nil before the first run is over; guarded by mu
	broker *broker.Broker  // the same
	served <-chan struct{} // closed when the server has ended; the same
}

// run is the app on Linux: the file vault and the terminal front.
func run(ctx context.Context, home socket.Home) error {
	ln, err := socket.Listen(home)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	a := &app{home: home, desk: ui.NewDesk(time.Now), clip: newClip(), ln: ln, stop: stop}
	defer a.close()
	exists, err := a.load(ctx)
	if err != nil {
		return err
	}
	if err := handoff.Sweep(""); err != nil {
		fmt.Fprintln(os.Stderr, "noxkey: leftovers of an earlier run remain:", err)
	}
	return term.Run(ctx, a.options(ctx, exists))
}

func (a *app) options(ctx context.Context, exists bool) term.Options {
	return term.Options{
		Desk: a.desk, Service: a, In: os.Stdin, Out: os.Stdout, Version: version,
		Vault:  term.Vault{Path: a.home.Vault(), Exists: exists, Key: file.DefaultParams.String() + ", about 1 s"},
		Create: func(_ context.Context, p secret.Value) error { return a.create(ctx, p) },
		Copy:   a.clip.put, ClearAfter: clipboardTime,
		Home: personHome(),
	}
}

// personHome is only for showing paths short.
func personHome() string {
	u, err := user.LookupId(strconv.Itoa(os.Getuid()))
	if err != nil {
		return ""
	}
	return u.HomeDir
}

// load opens the vault if there is one, and starts to answer.
func (a *app) load(ctx context.Context) (bool, error) {
	if _, err := os.Lstat(a.home.Vault()); errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Lstat(a.home.Vault() + ".1"); errors.Is(err, fs.ErrNotExist) {
			return false, nil
		}
	}
	v, err := file.Open(a.home.Vault())
	if err != nil {
		return false, err
	}
	a.plug(ctx, v)
	return true, nil
}

// create makes the vault of the first run, pins its identity for the clients, and
// starts to answer, unlocked.
func (a *app) create(ctx context.Context, pass secret.Value) error {
	v, err := file.Create(a.home.Vault(), pass, file.DefaultParams)
	if err != nil {
		return err
	}
	key, err := v.Unlock(pass, secret.Scope{})
	if err == nil {
		key.Wipe()
		err = a.pin(v)
	}
	if err != nil {
		v.Close()
		return err
	}
	a.plug(ctx, v)
	return nil
}

func (a *app) pin(v *file.Vault) error {
	public, err := v.Public()
	if err != nil {
		return err
	}
	return socket.WritePin(a.home, public)
}

// plug puts the broker between the vault and everybody else.
func (a *app) plug(ctx context.Context, v *file.Vault) {
	b := broker.New(broker.Config{
		Store: v, Ledger: v, Approver: a.desk,
		Auth:      pinning{passphrase.New(v, a.desk.Passphrase), func() error { return a.pin(v) }},
		AuditPath: a.home.Audit(), Version: version,
	})
	s := &socket.Server{
		Handle: a.telling(b.Do),
		Identify: func(c *socket.Conn) (caller.Caller, error) {
			return caller.FromConn(c, caller.Options{Vouched: b.Vouched})
		},
		Sign: v.Sign,
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		if err := s.Serve(ctx, a.ln.UnixListener); err != nil {
			a.stop()
		}
	}()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.vault, a.broker, a.served = v, b, served
}

// pinning holds the vault's identity against the clients' pin at every unlock: a
// vault that was exchanged for another one is noticed, not adopted.
type pinning struct {
	*passphrase.Authenticator
	check func() error
}

func (p pinning) Authenticate(ctx context.Context, q secret.Prompt, s secret.Scope) (secret.Key, error) {
	key, err := p.Authenticator.Authenticate(ctx, q, s)
	if err != nil {
		return nil, err
	}
	if err := p.check(); err != nil {
		key.Wipe()
		return nil, err
	}
	return key, nil
}

// telling is do for the clients. The front hears of cards when they close, before what
// came of them is there, and nothing of what a client locks or ends without one.
func (a *app) telling(do socket.Handler) socket.Handler {
	return func(ctx context.Context, who caller.Caller, req *secret.Request, out func(secret.Answer) error) error {
		changes := req.Op == secret.OpLock || req.Op == secret.OpEnd
		err := do(ctx, who, req, func(ans secret.Answer) error {
			changes = changes || ans.Progress != nil // the person was asked
			return out(ans)
		})
		if changes {
			a.desk.Refresh()
		}
		return err
	}
}

// Do is the broker for the person at the front.
func (a *app) Do(ctx context.Context, req *secret.Request, out func(secret.Answer) error) error {
	a.mu.Lock()
	b := a.broker
	a.mu.Unlock()
	if b == nil {
		return secret.Errorf(secret.Locked, "there is no vault yet")
	}
	return b.Do(ctx, caller.Front("NoxKey"), req, out)
}

// close ends what runs. The home is given up last: until then no second app may
// open the vault that this one still writes to.
func (a *app) close() {
	a.clip.clear()
	a.stop() // which unlinks the socket, too, where there is a server
	defer a.ln.Close()
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.broker == nil {
		return
	}
	if err := a.broker.Close(); err != nil && secret.CodeOf(err) != secret.Locked {
		fmt.Fprintln(os.Stderr, "noxkey: the audit's head could not be kept:", err)
	}
	<-a.served
	a.vault.Close()
}

// restorePrevious goes back one generation, if the person says so.
func restorePrevious(home socket.Home) error {
	ln, err := socket.Listen(home) // nobody else may have the vault open
	if err != nil {
		return err
	}
	defer ln.Close()
	at, err := file.Previous(home.Vault())
	if err != nil {
		return err
	}
	fmt.Printf("The previous generation of %s was written on %s.\nWhatever was stored after that is lost from the vault; the present file is kept beside it.\nType yes to go back: ",
		home.Vault(), at.Local().Format("2 January 2006, 15:04"))
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if err != nil || strings.TrimSpace(line) != "yes" {
		fmt.Println("Nothing was changed.")
		return nil
	}
	kept, err := file.Restore(home.Vault())
	if err != nil {
		return err
	}
	fmt.Println("Done. The file that was there is now", kept)
	return nil
}
