package main

import (
	"context"
	"fmt"
	"os"
	"os/user"
	"strconv"
	"sync"
	"time"

	"noxkey/broker"
	"noxkey/caller"
	"noxkey/secret"
	"noxkey/socket"
	"noxkey/ui"
)

// vault is what the app needs of this platform's.
type vault interface {
	broker.Store
	broker.Ledger
	// Public and Sign are the vault's identity, by which clients know it again.
	Public() ([]byte, error)
	Sign(msg []byte) ([]byte, error)
	Close()
}

// authenticator asks the person, and changes what they are asked for.
type authenticator interface {
	broker.Authenticator
	broker.Maintainer
}

// app is the running program. Before the first run is over it has no vault and no
// broker, and its front can do nothing but make one.
type app struct {
	home socket.Home
	desk *ui.Desk
	ln   *socket.Listener
	ours *ownClient
	stop context.CancelFunc

	served <-chan struct{} // closed when the server has ended; nil before serve

	mu     sync.Mutex
	vault  vault          // nil before the first run is over; guarded by mu
	broker *broker.Broker // the same
}

// newApp takes the home for this process. The context it returns ends with the app.
func newApp(ctx context.Context, home socket.Home) (*app, context.Context, error) {
	client, err := newOwnClient()
	if err != nil {
		return nil, nil, err
	}
	ln, err := socket.Listen(home)
	if err != nil {
		return nil, nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	return &app{home: home, desk: ui.NewDesk(time.Now), ln: ln, ours: client, stop: stop}, ctx, nil
}

// personHome is only for showing paths short.
func personHome() string {
	u, err := user.LookupId(strconv.Itoa(os.Getuid()))
	if err != nil {
		return ""
	}
	return u.HomeDir
}

// pin tells the clients whose signature to expect.
func (a *app) pin(v vault) error {
	public, err := v.Public()
	if err != nil {
		return err
	}
	return socket.WritePin(a.home, public)
}

// plug puts the broker between the vault and everybody else. change, if not nil, says
// what is otherwise on this platform.
func (a *app) plug(v vault, auth authenticator, change func(*broker.Config)) {
	cfg := broker.Config{
		Store: v, Ledger: v, Approver: a.desk,
		Auth:      pinning{auth, func() error { return a.pin(v) }, v.Lock},
		AuditPath: a.home.Audit(), Version: version, Ours: a.ours.check,
	}
	if change != nil {
		change(&cfg)
	}
	b := broker.New(cfg)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.vault, a.broker = v, b
}

// serve begins to answer the socket. Before there is a vault, everybody is told that
// the app is locked.
func (a *app) serve(ctx context.Context) {
	s := &socket.Server{
		Handle: a.handle,
		Identify: func(c *socket.Conn) (caller.Caller, error) {
			opt := caller.Options{}
			if _, b := a.plugged(); b != nil {
				opt.Vouched = b.Vouched
			}
			who, err := caller.FromConn(c, opt)
			if err == nil && len(who.Chain) > 0 {
				a.ours.note(who.Chain[0])
			}
			return who, err
		},
		Sign: func(msg []byte) ([]byte, error) {
			v, _ := a.plugged()
			if v == nil {
				return nil, errNoVault
			}
			return v.Sign(msg)
		},
	}
	served := make(chan struct{})
	a.served = served
	go func() {
		defer close(served)
		if err := s.Serve(ctx, a.ln.UnixListener); err != nil {
			a.stop()
		}
	}()
}

var errNoVault = secret.Errorf(secret.Locked, "there is no vault yet")

// plugged returns the vault and its broker, nil before the first run is over.
func (a *app) plugged() (vault, *broker.Broker) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.vault, a.broker
}

// pinning holds the vault's identity against the clients' pin at every unlock: a
// vault that was exchanged for another one is noticed, not adopted.
type pinning struct {
	authenticator
	check func() error
	lock  func() // the vault's
}

func (p pinning) Authenticate(ctx context.Context, q secret.Prompt, s secret.Scope) (secret.Key, error) {
	key, err := p.authenticator.Authenticate(ctx, q, s)
	if err != nil {
		return nil, err
	}
	if err := p.check(); err != nil {
		key.Wipe()
		p.lock() // it is open for browsing by now, and is not the one we know
		return nil, err
	}
	return key, nil
}

// handle is the broker for the clients. The front hears of cards when they close,
// before what came of them is there, and nothing of what a client locks or ends
// without one.
func (a *app) handle(ctx context.Context, who caller.Caller, req *secret.Request, out func(secret.Answer) error) error {
	_, b := a.plugged()
	if b == nil {
		return errNoVault
	}
	changes := req.Op == secret.OpLock || req.Op == secret.OpEnd
	err := b.Do(ctx, who, req, func(ans secret.Answer) error {
		changes = changes || ans.Progress != nil // the person was asked
		return out(ans)
	})
	if changes {
		a.desk.Refresh()
	}
	return err
}

// Do is the broker for the person at the front.
func (a *app) Do(ctx context.Context, req *secret.Request, out func(secret.Answer) error) error {
	_, b := a.plugged()
	if b == nil {
		return errNoVault
	}
	return b.Do(ctx, caller.Front("NoxKey"), req, out)
}

// length is what the person set that setting to, or its default while there is no vault.
func (a *app) length(setting string) time.Duration {
	if _, b := a.plugged(); b != nil {
		return b.Length(setting)
	}
	s, _ := secret.SettingOf(setting)
	return s.Length()
}

// close ends what runs. The home is given up last: until then no second app may
// open the vault that this one still writes to.
func (a *app) close() {
	a.stop() // which unlinks the socket, too, where there is a server
	defer a.ln.Close()
	v, b := a.plugged()
	if b != nil {
		if err := b.Close(); err != nil && secret.CodeOf(err) != secret.Locked {
			fmt.Fprintln(os.Stderr, "noxkey: the audit's head could not be kept:", err)
		}
	}
	if a.served != nil {
		<-a.served
	}
	if v != nil {
		v.Close()
	}
}
