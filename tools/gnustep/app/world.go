//go:build gnustep && cgo

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
	"unsafe"

	"noxkey/broker"
	"noxkey/caller"
	"noxkey/secret"
	"noxkey/ui"
	"noxkey/vault/memory"
	"noxkey/vault/touchid"
)

// world is everything behind the windows.
type world struct {
	desk   *ui.Desk
	broker *broker.Broker
	touch  *touchid.Evaluation
	agent  secret.Service
}

const pass = "for the vault in memory only"

// touched is the vault in memory as one that Touch ID opens.
type touched struct{ *memory.Vault }

func (t touched) Unlock(p touchid.Presence, s secret.Scope) (k secret.Key, err error) {
	err = p.Use(func(unsafe.Pointer) error { k, err = unlock(t.Vault, s); return err })
	return k, err
}

func (t touched) Rekey(p touchid.Presence) error {
	return p.Use(func(unsafe.Pointer) error {
		v, err := secret.NewValue([]byte(pass))
		if err != nil {
			return err
		}
		return t.Vault.Rekey(v)
	})
}

func unlock(v *memory.Vault, s secret.Scope) (secret.Key, error) {
	p, err := secret.NewValue([]byte(pass))
	if err != nil {
		return nil, err
	}
	return v.Unlock(p, s)
}

func newWorld(cards time.Duration, locked bool, more int) (*world, error) {
	v := memory.New(pass)
	if err := seed(v, more); err != nil {
		return nil, err
	}
	if locked {
		v.Lock()
	}
	dir, err := os.MkdirTemp("", "noxkey")
	if err != nil {
		return nil, err
	}
	w := &world{desk: ui.NewDesk(time.Now)}
	if w.touch, err = touchid.System(func() bool { return false }); err != nil {
		return nil, err
	}
	w.broker = broker.New(broker.Config{
		Store: v, Ledger: v, Approver: w.desk, Auth: touchid.New(touched{v}, w.touch, w.desk.Sheet),
		AuditPath: filepath.Join(dir, "audit.log"), Version: "0.0 test", KeysGrant: true,
		CardTime: cards, AuthTime: touchid.Timeout,
	})
	w.agent = telling{w.broker.For(agent()), w.desk}
	return w, nil
}

// agent is who asks: this very process, called Claude Code, in a folder of the person's.
func agent() caller.Caller {
	c := caller.Front("test")
	c.Class, c.Agent, c.Front, c.Terminal = caller.Agent, "Claude Code", false, ""
	c.Dir = filepath.Join(os.Getenv("HOME"), "src", "acme", "api")
	return c
}

// telling is what the app puts before its socket: the front hears that a request has ended.
type telling struct {
	secret.Service
	desk *ui.Desk
}

func (t telling) Do(ctx context.Context, req *secret.Request, out func(secret.Answer) error) error {
	defer t.desk.Refresh()
	return t.Service.Do(ctx, req, out)
}

// logged says what the front asked for.
type logged struct{ secret.Service }

func (l logged) Do(ctx context.Context, req *secret.Request, out func(secret.Answer) error) error {
	err := l.Service.Do(ctx, req, out)
	say("did %s err=%v", req.Op, err)
	return err
}

type seeded struct {
	name  secret.Name
	value string
	level secret.Level
	desc  string
}

var seeds = []seeded{
	{"acme/api/STRIPE_SECRET_KEY", "sk_test_canary_0123456789abcdef", secret.Normal, "payments, test mode"},
	{"acme/api/DATABASE_URL", "postgres://canary@localhost/acme", secret.Strict, "primary"},
	{"acme/api/SENTRY_AUTH_TOKEN", "sntrys_canary_0123456789", secret.Normal, ""},
	{"acme/api/REGION", "eu-central-1-canary", secret.Easy, "where it runs"},
	{"acme/prod/DATABASE_URL", "postgres://canary@prod/acme", secret.OffLimits, "never for agents"},
	{"acme/web/NEXT_PUBLIC_URL", "https://canary.example", secret.Easy, ""},
	{"home/router/ADMIN_PASSWORD", "canary hunter22", secret.Normal, ""},
}

func seed(v *memory.Vault, more int) error {
	k, err := unlock(v, secret.Scope{Root: true})
	if err != nil {
		return err
	}
	defer k.Wipe()
	list := append([]seeded(nil), seeds...)
	for i := range more {
		list = append(list, seeded{secret.Name(fmt.Sprintf("bulk/p%02d/KEY_%04d", i%50, i)), "canary", secret.Normal, ""})
	}
	changes := make([]secret.Change, len(list))
	for i, s := range list {
		value, err := secret.NewValue([]byte(s.value))
		if err != nil {
			return err
		}
		changes[i] = secret.Change{Action: secret.ActionSet, Name: s.name, Value: value, Meta: secret.Patch{Level: &s.level, Desc: &s.desc}}
	}
	return v.Apply(k, changes)
}

// clipboard counts what was put there and keeps nothing.
type clipboard struct {
	mu   sync.Mutex
	puts int // guarded by mu
}

func (c *clipboard) Put(_ context.Context, v secret.Value) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.puts++
	return v.Use(func(b []byte) error { say("clipboard %d bytes", len(b)); return nil })
}

func (c *clipboard) ClearAfter() time.Duration { return 30 * time.Second }
func (c *clipboard) Left() time.Duration       { return 0 }
func (c *clipboard) Clear()                    { say("clipboard cleared") }
