package broker

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	"noxkey/caller"
	"noxkey/secret"
)

// Config is what a Broker is made of.
type Config struct {
	Store    Store
	Auth     Authenticator
	Ledger   Ledger
	Approver Approver
	// AuditPath is the audit log, in a private folder.
	AuditPath string
	// Version is the program's, for status.
	Version string
	// KeysGrant says that a click or key on a card is proof enough for an easy
	// secret. It is true on macOS only: elsewhere any program of the same user can
	// press keys, so the passphrase completes every grant.
	KeysGrant bool
	// CardTime is how long a card waits before it counts as denied (45 s if zero).
	CardTime time.Duration
	// AuthTime is how long an authentication may take on top; 0 keeps it within
	// CardTime.
	AuthTime time.Duration
	// Code reads the code signature of a process, nil where programs are not signed. A
	// program that is signed by the same developer as before counts as the same one, also
	// after an update.
	Code func(caller.ProcID) (caller.Code, error)
	// Ours says whether a process is NoxKey's own client, with the reason if it is not. Only
	// to such a one are values given that an agent or unknown caller asked for; nil checks
	// nothing, which only tests may want.
	Ours func(caller.Process) error
	// Findings are the platform's lines of a verification, nil for none: what its leaves
	// came to at run time.
	Findings func() []secret.Finding
	// Clock and Alive are the system's unless a test sets them.
	Clock Clock
	Alive func(caller.ProcID) bool
}

// Broker decides. It is safe for concurrent use.
type Broker struct {
	cfg      Config
	audit    *audit
	queue    *queue
	sessions *sessions
	tickets  *tickets
	known    *known
	settings *settings
	prints   *prints
	waking   sync.Mutex
	writing  sync.Mutex // over one change of the store or of the places

	struck map[secret.Name]versions // guarded by writing

	mu      sync.Mutex
	vouched map[caller.ProcID]secret.Session // guarded by mu
	paused  bool                             // guarded by mu
	held    bool                             // the person locked; guarded by mu
	away    bool                             // Suspend was called and Resume not; guarded by mu
	shuts   int                              // how often everything was closed; guarded by mu
	ids     uint64                           // guarded by mu
}

// New returns a broker. Close it when done.
func New(cfg Config) *Broker {
	if cfg.CardTime == 0 {
		cfg.CardTime = 45 * time.Second
	}
	if cfg.Clock == nil {
		cfg.Clock = newSystemClock()
	}
	if cfg.Alive == nil {
		cfg.Alive = caller.ProcID.Alive
	}
	b := &Broker{cfg: cfg, vouched: map[caller.ProcID]secret.Session{}, struck: map[secret.Name]versions{}}
	b.audit = newAudit(cfg.AuditPath, cfg.Ledger, cfg.Clock)
	b.queue = newQueue(cfg.Approver, cfg.Clock)
	b.sessions = newSessions(cfg.Clock, cfg.Alive)
	b.tickets = newTickets(cfg.Clock, cfg.Alive)
	b.prints = newPrints(cfg.Ledger, cfg.Clock)
	b.known = newKnown(cfg.Ledger, cfg.Clock, cfg.Code)
	b.settings = &settings{ledger: cfg.Ledger}
	return b
}

// Close ends sessions, tickets and waiting cards, writes the audit's head, and
// locks the store.
func (b *Broker) Close() error {
	err := b.shut()
	return firstError(err, b.audit.close())
}

// headTime is how long closing waits for the audit's head to be kept. A Keychain may ask
// the person first, who is not there.
const headTime = time.Second

// shut is what lock, sleep and quit share. What is open ends first; then the head is
// kept, for which the store must be open, but not for longer than headTime; what came
// meanwhile finds the store locked or is ended at last.
func (b *Broker) shut() error {
	b.mu.Lock()
	b.shuts++
	b.mu.Unlock()
	b.endAll()
	saved := make(chan error, 1)
	go func() { saved <- b.audit.saveHead() }()
	var err error
	select {
	case err = <-saved:
	case <-time.After(headTime):
		err = secret.Errorf(secret.Storage, "keeping the audit's head took too long")
	}
	b.cfg.Store.Lock()
	b.prints.forget()
	b.endAll()
	return err
}

func (b *Broker) endAll() {
	b.queue.withdrawAll()
	b.sessions.endAll()
	b.tickets.dropAll()
}

// closings is how often everything was closed so far: what was proved before the newest
// one counts no more.
func (b *Broker) closings() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.shuts
}

// wake locks if the machine was asleep: what was unlocked before belongs to whoever
// sat here then. That is found out at the first request after waking, and requests
// that come with it wait until it is done.
func (b *Broker) wake() {
	c, ok := b.cfg.Clock.(interface{ Slept() bool })
	if !ok {
		return
	}
	b.waking.Lock()
	defer b.waking.Unlock()
	if c.Slept() {
		_ = b.shut()
		b.mu.Lock()
		away := b.away
		b.mu.Unlock()
		if !away {
			_ = b.browse()
		}
	}
}

// For returns the broker as a service for one caller, as the app's own front uses it.
func (b *Broker) For(who caller.Caller) secret.Service { return bound{b, who} }

type bound struct {
	b   *Broker
	who caller.Caller
}

func (s bound) Do(ctx context.Context, req *secret.Request, out func(secret.Answer) error) error {
	return s.b.Do(ctx, s.who, req, out)
}

// Do answers one request of who. Values handed to out are out's to wipe.
func (b *Broker) Do(ctx context.Context, who caller.Caller, req *secret.Request, out func(secret.Answer) error) error {
	if err := check(req); err != nil {
		return err
	}
	b.wake()
	if req.Op == secret.OpStatus {
		return out(secret.Answer{Status: b.status(who)})
	}
	if b.locked() && !(req.Op == secret.OpUnlock && who.Front) {
		b.audit.missed()
		return secret.Errorf(secret.Locked, "NoxKey is locked")
	}
	if err := b.agree(who, req); err != nil {
		return err
	}
	if req.MCP && who.Class == caller.Human {
		// Only agents start MCP servers. One that nobody knows is not the person in
		// whose terminal it was started.
		who.Class, who.Anchor, who.Quiet = caller.Unknown, caller.ProcID{}, false
	}
	if who.Class != caller.Human && b.isPaused() && !free(req.Op) {
		return b.refuse(who, req, nil, secret.Errorf(secret.Paused, "agent requests are paused"))
	}
	return b.dispatch(ctx, who, req, out)
}

func (b *Broker) dispatch(ctx context.Context, who caller.Caller, req *secret.Request, out func(secret.Answer) error) error {
	switch req.Op {
	case secret.OpList, secret.OpPeek:
		return b.list(who, req, out)
	case secret.OpGet:
		return b.get(ctx, who, req, out)
	case secret.OpGuard:
		return b.guard(who, req, out)
	case secret.OpRedeem:
		return b.redeem(who, req, out)
	case secret.OpBurn:
		return b.burn(who, req)
	case secret.OpWrite:
		return b.write(ctx, who, req, out)
	case secret.OpUnlock:
		return b.unlock(ctx, who, req, out)
	case secret.OpLock:
		return b.lock(who, req)
	case secret.OpPlaces:
		return b.places(ctx, who, req, out)
	}
	if err := b.humanOnly(who, req); err != nil {
		return err
	}
	switch req.Op {
	case secret.OpSessions:
		return b.listSessions(out)
	case secret.OpEnd:
		return b.end(who, req)
	case secret.OpAudit:
		return b.audit.tail(req.Limit, func(r secret.Record) error { return out(secret.Answer{Record: &r}) })
	case secret.OpVerify:
		return b.verify(out)
	case secret.OpPause:
		return b.pause(who, req)
	case secret.OpRest:
		b.queue.wake(req.Agent)
		return nil
	case secret.OpPasswd, secret.OpRekey:
		return b.maintain(ctx, who, req, out)
	case secret.OpSettings:
		return b.adjust(ctx, who, req, out)
	}
	return secret.Errorf(secret.Protocol, "unknown operation %q", string(req.Op))
}

// check holds a request against its bounds.
func check(req *secret.Request) error {
	switch {
	case len(req.Reason) > secret.MaxReason, len(req.Command) > secret.MaxCommand:
		return secret.Errorf(secret.Invalid, "the reason or command is longer than %d bytes", secret.MaxReason)
	case longest(req.Bundle, req.Client, req.Ticket, req.Reader, req.Agent) > maxWord:
		return secret.Errorf(secret.Invalid, "a field of the request is longer than %d bytes", maxWord)
	case len(req.Texts) > secret.MaxTexts, len(req.Texts) > 0 && req.Op != secret.OpGuard:
		return secret.Errorf(secret.Invalid, "more than %d texts at once, or texts that belong to no guard", secret.MaxTexts)
	case len(req.Targets) > secret.MaxTargets, len(req.Changes) > secret.MaxChanges, len(req.Places) > secret.MaxTargets:
		return secret.Errorf(secret.Invalid, "more than %d secrets at once", secret.MaxTargets)
	case req.Session > int64(secret.MaxSession/time.Second):
		return secret.Errorf(secret.Invalid, "a session lasts at most %d hours", int(secret.MaxSession/time.Hour))
	case req.Session < secret.SessionDefault:
		return secret.Errorf(secret.Invalid, "a session cannot last %d seconds", req.Session)
	case req.Setting != "":
		s, err := secret.SettingOf(req.Setting)
		if err == nil {
			_, err = s.To(req.Seconds)
		}
		return err
	}
	return nil
}

// maxWord bounds what a request says in fields of a word or two, in bytes: a label,
// an id, a program's name.
const maxWord = 4096

func longest(words ...string) int {
	n := 0
	for _, w := range words {
		n = max(n, len(w))
	}
	return n
}

// agree refuses when the client took the asker for somebody else than the broker
// does: one of the two was deceived. A client knows nothing of vouching, so that
// it may be unsure of somebody whom the broker knows.
func (b *Broker) agree(who caller.Caller, req *secret.Request) error {
	if req.Client == "" || req.Client == label(who) || who.Class == caller.Human && req.Client == caller.Unknown.String() {
		return nil
	}
	return b.refuse(who, req, nil, secret.Errorf(secret.Disagree, "NoxKey and its client disagree about who is asking: %q here, %q there", label(who), req.Client))
}

// label is what client and server compare.
func label(who caller.Caller) string {
	if who.Class == caller.Agent {
		return "agent " + who.Agent
	}
	return who.Class.String()
}

// free lists what agents and unknown callers may do also while their requests are
// paused: what needs no card, and giving a ticket up.
func free(op secret.Op) bool {
	switch op {
	case secret.OpList, secret.OpPeek, secret.OpLock, secret.OpStatus, secret.OpBurn, secret.OpGuard:
		return true
	}
	return false
}

func (b *Broker) humanOnly(who caller.Caller, req *secret.Request) error {
	if d := decide(question{class: who.Class, act: actOf(req)}); d.road == refused {
		return b.refuse(who, req, nil, d.err)
	}
	return nil
}

// refuse records the refusal and returns err, whatever the audit says: nothing is
// released either way.
func (b *Broker) refuse(who caller.Caller, req *secret.Request, names []secret.Name, err error) error {
	r := b.entry(who, req, names, secret.OutRefused)
	r.Detail = also(r.Detail, err.Error())
	_ = b.audit.append(r)
	return err
}

// entry is the audit record of a decision about req.
func (b *Broker) entry(who caller.Caller, req *secret.Request, names []secret.Name, o secret.Outcome) secret.Record {
	r := secret.Record{Outcome: o, Op: req.Op, Names: names, Class: who.Class.String(), Who: nameOf(who)}
	if len(req.Targets) == 1 {
		r.Prefix = req.Targets[0]
	}
	if len(req.Places) == 1 {
		r.Prefix = req.Places[0].Prefix
	}
	if req.Run != nil {
		r.Detail = secret.RanPrefix + secret.ShellWords(req.Run.Argv, secret.RanMost)
	}
	if req.Setting != "" {
		r.Detail = adjustment(req)
	}
	for _, p := range who.Chain {
		r.Chain = append(r.Chain, fmt.Sprintf("%s %d", p.Name(), p.ID.PID))
	}
	return r
}

// also adds to what a record says.
func also(detail, more string) string {
	if detail == "" {
		return more
	}
	return detail + "; " + more
}

// nameOf is who as a person reads it in a list.
func nameOf(who caller.Caller) string {
	switch {
	case who.Front:
		return "NoxKey"
	case who.Class == caller.Agent:
		return who.Agent
	}
	p, ok := starter(who)
	switch {
	case !ok:
		return "unknown"
	case who.Class == caller.Human:
		return p.Name() + " in " + who.Terminal
	}
	return p.Name()
}

// starter is the program that started the client: the nearest process above it
// that is not the client itself, which starts itself anew to hold a pipe.
func starter(who caller.Caller) (caller.Process, bool) {
	for _, p := range who.Chain {
		if p.Exe != who.Chain[0].Exe {
			return p, true
		}
	}
	return caller.Process{}, false
}

func (b *Broker) locked() bool {
	_, err := b.cfg.Store.Under("0")
	return secret.CodeOf(err) == secret.Locked
}

func (b *Broker) isPaused() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.paused
}

func (b *Broker) nextID() uint64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ids++
	return b.ids
}

// Vouched reports whether the person has vouched for that process; package caller
// asks while it walks.
func (b *Broker) Vouched(id caller.ProcID) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	_, ok := b.vouched[id]
	return ok
}

func (b *Broker) status(who caller.Caller) *secret.Status {
	st := &secret.Status{Version: b.cfg.Version, PID: os.Getpid(), Paused: b.isPaused(), Locked: b.locked(),
		Sessions: b.sessions.count(), Waiting: b.queue.len(), You: label(who)}
	if who.Class != caller.Human {
		st.Why = who.Reason.String()
	}
	if entries, err := b.cfg.Store.Under(""); err == nil {
		st.Secrets = len(entries)
	}
	if d, ok := b.cfg.Store.(interface{ Describe() string }); ok {
		st.Store = d.Describe()
	}
	return st
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
