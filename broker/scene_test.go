package broker

import (
	"context"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"noxkey/caller"
	"noxkey/secret"
	"noxkey/vault/memory"
	"noxkey/vault/passphrase"
)

const pass = "correct horse"

// scene is a broker over a vault in memory, with a person who answers as told.
type scene struct {
	*testing.T
	b     *Broker
	vault *memory.Vault
	who   *person
	clock *clock
	path  string

	mu   sync.Mutex
	dead map[caller.ProcID]bool // guarded by mu
}

// person answers cards. What it does not know how to answer it denies.
type person struct {
	mu     sync.Mutex
	asks   []Ask             // guarded by mu
	ends   []secret.Outcome  // guarded by mu
	rests  []string          // guarded by mu
	answer func(*Ask) Answer // for AskCard
	typed  string            // the passphrase
	enter  string            // for AskEntry
	during func()            // runs while the passphrase is typed
	// enterPass does too, and may wait for the prompt to be withdrawn.
	enterPass func(context.Context)
}

func (p *person) Ask(ctx context.Context, a *Ask) (Answer, error) {
	p.mu.Lock()
	p.asks = append(p.asks, *a)
	f := p.answer
	p.mu.Unlock()
	if a.Kind == AskHuman {
		c := AllowOnce
		if a.Session > 0 {
			c = AllowSession
		}
		return Answer{Choice: c, Digest: a.Digest()}, nil
	}
	if f == nil {
		<-ctx.Done()
		return Answer{}, ctx.Err()
	}
	ans := f(a)
	if ans.Digest == (Digest{}) {
		ans.Digest = a.Digest()
	}
	return ans, ctx.Err()
}

func (p *person) Enter(_ context.Context, a *Ask) (secret.Value, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asks = append(p.asks, *a)
	if p.enter == "" {
		return secret.Value{}, secret.Err(secret.Denied)
	}
	return secret.NewValue([]byte(p.enter))
}

func (p *person) Close(_ uint64, o secret.Outcome) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ends = append(p.ends, o)
}

func (p *person) Rest(agent string, _ time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rests = append(p.rests, agent)
}

func (p *person) types(ctx context.Context, _ secret.Prompt) (secret.Value, error) {
	p.mu.Lock()
	during, typed, enter := p.during, p.typed, p.enterPass
	p.mu.Unlock()
	if enter != nil {
		enter(ctx)
	}
	if during != nil {
		during()
	}
	if typed == "" {
		return secret.Value{}, secret.Errorf(secret.Cancelled, "cancelled")
	}
	return secret.NewValue([]byte(typed))
}

func (p *person) seen() []Ask {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Ask(nil), p.asks...)
}

func (p *person) will(c Choice) { p.does(func(*Ask) Answer { return Answer{Choice: c} }) }

func (p *person) does(f func(*Ask) Answer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answer = f
}

// clock is set by hand.
type clock struct {
	mu   sync.Mutex
	wall time.Time
	boot time.Duration

	slept bool
}

func (c *clock) sleep() { c.mu.Lock(); defer c.mu.Unlock(); c.slept = true }

func (c *clock) Slept() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.slept
	c.slept = false
	return s
}

func (c *clock) Wall() time.Time        { c.mu.Lock(); defer c.mu.Unlock(); return c.wall }
func (c *clock) Elapsed() time.Duration { c.mu.Lock(); defer c.mu.Unlock(); return c.boot }

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wall, c.boot = c.wall.Add(d), c.boot+d
}

func (c *clock) set(wall time.Time) { c.mu.Lock(); defer c.mu.Unlock(); c.wall = wall }

func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{T: t, vault: memory.New(pass), who: &person{typed: pass}, dead: map[caller.ProcID]bool{}}
	s.clock = &clock{wall: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC), boot: time.Hour}
	dir := t.TempDir()
	s.path = filepath.Join(dir, "audit.log")
	s.b = s.broker()
	t.Cleanup(func() { s.b.Close() })
	if err := s.do(caller.Front("test"), &secret.Request{Op: secret.OpUnlock}).err; err != nil {
		t.Fatal(err)
	}
	s.put("acme/api/STRIPE", "stripe-canary", secret.Strict)
	s.put("acme/api/DB", "db-canary", secret.Normal)
	s.put("acme/api/REGION", "region-canary", secret.Easy)
	s.put("acme/prod/DB", "prod-canary", secret.Normal)
	s.put("acme/root/KEY", "root-canary", secret.OffLimits)
	s.put("acme/root/URL", "url-canary", secret.Easy)
	s.put("login/github.com/USERNAME", "octocat", secret.Easy)
	s.put("login/github.com/PASSWORD", "hunter22", secret.Normal)
	s.put("login/github.com/TOTP", "JBSWY3DPEHPK3PXP", secret.Normal)
	s.who.asks = nil
	return s
}

func (s *scene) broker() *Broker {
	return New(Config{Store: s.vault, Ledger: s.vault, Auth: passphrase.New(s.vault, s.who.types), Approver: s.who,
		AuditPath: s.path, Clock: s.clock, Alive: s.alive, CardTime: 2 * time.Second})
}

func (s *scene) alive(id caller.ProcID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.dead[id]
}

func (s *scene) kill(id caller.ProcID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dead[id] = true
}

func (s *scene) put(name secret.Name, v string, l secret.Level) {
	s.Helper()
	c := secret.Change{Action: secret.ActionSet, Name: name, Meta: secret.Patch{Level: &l}, Value: val(s.T, v)}
	if r := s.do(caller.Front("test"), &secret.Request{Op: secret.OpWrite, Changes: []secret.Change{c}}); r.err != nil {
		s.Fatalf("set %s: %v", name, r.err)
	}
}

func val(t *testing.T, v string) secret.Value {
	t.Helper()
	x, err := secret.NewValue([]byte(v))
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// result is what came of one request.
type result struct {
	err    error
	values map[secret.Name]string
	ticket *secret.Ticket
	all    []secret.Answer
}

func (s *scene) do(who caller.Caller, req *secret.Request) result {
	return s.doCtx(s.Context(), who, req)
}

func (s *scene) doCtx(ctx context.Context, who caller.Caller, req *secret.Request) (r result) {
	r.values = map[secret.Name]string{}
	r.err = s.b.Do(ctx, who, req, func(a secret.Answer) error {
		if a.Value != nil {
			_ = a.Value.Value.Use(func(b []byte) error { r.values[a.Value.Name] = string(b); return nil })
			a.Value.Value.Wipe()
		}
		if a.Ticket != nil {
			r.ticket = a.Ticket
		}
		if a.Progress == nil {
			r.all = append(r.all, a)
		}
		return nil
	})
	return r
}

func (s *scene) wantCode(r result, c secret.Code) {
	s.Helper()
	if secret.CodeOf(r.err) != c {
		s.Errorf("error %v (code %q), want code %q", r.err, secret.CodeOf(r.err), c)
	}
	if c != "" && (len(r.values) > 0 || r.ticket != nil) {
		s.Errorf("something was released all the same: %v %v", r.values, r.ticket)
	}
}

func get(targets ...secret.Prefix) *secret.Request {
	return &secret.Request{Op: secret.OpGet, Delivery: secret.DeliverShell, Targets: targets}
}

func take(d secret.Delivery, targets ...secret.Prefix) *secret.Request {
	return &secret.Request{Op: secret.OpGet, Delivery: d, Targets: targets}
}

func proc(pid int, name string) caller.Process {
	return caller.Process{ID: caller.ProcID{PID: pid, Start: uint64(pid)}, Comm: name, Exe: "/usr/bin/" + name, NoExe: true}
}

// human is noxkey below zsh below a terminal.
func human(pid int) caller.Caller {
	shell := proc(50, "zsh")
	return caller.Caller{Class: caller.Human, Whole: true, Quiet: true, Terminal: "gnome-terminal", Anchor: shell.ID,
		Chain: []caller.Process{proc(pid, "noxkey"), shell, proc(40, "gnome-terminal-server")}, Lease: proc(pid, "noxkey").ID}
}

// agent is a process pid (an MCP server, or a client) below the agent process anchor.
func agent(name string, anchor, pid int) caller.Caller {
	return caller.Caller{Class: caller.Agent, Agent: name, Whole: true, Anchor: proc(anchor, "claude").ID, Lease: proc(pid, "noxkey").ID,
		Chain: []caller.Process{proc(pid, "noxkey"), proc(anchor, "claude"), proc(50, "zsh")}}
}

func unknown(pid int) caller.Caller {
	return caller.Caller{Class: caller.Unknown, Reason: caller.ReasonCut, Lease: proc(pid, "noxkey").ID,
		Chain: []caller.Process{proc(pid, "noxkey"), proc(60, "sh")}}
}

// records are the audit's records so far.
func (s *scene) records() []secret.Record {
	s.Helper()
	var list []secret.Record
	if err := s.b.audit.tail(0, func(r secret.Record) error { list = append(list, r); return nil }); err != nil {
		s.Fatal(err)
	}
	return list
}

func (s *scene) lastRecord() secret.Record {
	s.Helper()
	list := s.records()
	if len(list) == 0 {
		s.Fatal("no record")
	}
	return list[len(list)-1]
}
