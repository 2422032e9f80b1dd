package broker

import (
	"context"
	"sync"
	"time"

	"noxkey/caller"
	"noxkey/secret"
)

// grant is what an approval came to. It may be shared by several requests that
// were one card; the last to drop it wipes the key.
type grant struct {
	choice Choice
	digest Digest
	key    secret.Key   // nil where the card alone was enough
	value  secret.Value // AskEntry: what was typed

	mu      sync.Mutex
	n       int             // guarded by mu
	session *secret.Session // what was opened with it, once; guarded by mu
}

func (g *grant) hold(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.n = n
	if n == 0 {
		g.wipe()
	}
}

// drop gives up one share. A nil grant is fine.
func (g *grant) drop() {
	if g == nil {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.n--; g.n <= 0 {
		g.wipe()
	}
}

func (g *grant) wipe() {
	if g.key != nil {
		g.key.Wipe()
	}
	g.value.Wipe()
}

// approve puts a before the person, in its turn, and returns what they granted.
// Denials, refusals and withdrawals are in the audit when it returns.
func (b *Broker) approve(ctx context.Context, req *secret.Request, a *Ask, out func(secret.Answer) error) (*grant, error) {
	a.ID = b.nextID()
	g, err := b.queue.submit(ctx, a, b.cfg.CardTime, func(ctx context.Context) (*grant, error) { return b.put(ctx, a) }, out)
	if err == nil {
		err = b.stillThere(a.Who)
		if err != nil {
			g.drop()
		}
	}
	if err != nil {
		r := b.entry(a.Who, req, a.names(), outcomeOf(err))
		r.Detail = also(r.Detail, err.Error())
		if e := b.audit.append(r); e != nil && secret.CodeOf(err) == secret.Internal {
			return nil, e
		}
		return nil, err
	}
	return g, nil
}

// put shows a until there is an answer and, where the rules want it, a proof.
func (b *Broker) put(ctx context.Context, a *Ask) (g *grant, err error) {
	if b.locked() { // since it was let in
		return nil, errLockedNow
	}
	timed, cancel := context.WithTimeout(ctx, b.cfg.CardTime)
	defer cancel()
	a.Deadline = b.cfg.Clock.Wall().Add(b.cfg.CardTime)
	a.Position, a.Waiting = 1, b.queue.len()
	defer func() { b.cfg.Approver.Close(a.ID, endOf(a, g, err)) }()
	for {
		g, err = b.putOnce(ctx, timed, a)
		if secret.CodeOf(err) != secret.Cancelled || timed.Err() != nil || a.Kind == AskHuman {
			break
		}
		a.Note = err.Error() // the authentication was cancelled: back to the card
	}
	if secret.CodeOf(err) == secret.Cancelled && timed.Err() != nil && ctx.Err() == nil && a.Kind != AskHuman {
		return nil, withdrawn(timed) // the time ended below the sheet: there is no card to go back to
	}
	if err == nil && timed.Err() != nil && b.cfg.AuthTime == 0 || ctx.Err() != nil {
		// The answer came, and the time was over or the asker gone before it.
		g.drop()
		return nil, withdrawn(timed)
	}
	if secret.CodeOf(err) == secret.Denied || secret.CodeOf(err) == secret.WrongKey {
		b.denied(a)
		if secret.CodeOf(err) == secret.WrongKey {
			return nil, secret.Errorf(secret.Denied, "no right proof was given, which counts as a denial")
		}
		return nil, secret.Errorf(secret.Denied, "the person denied the request")
	}
	return g, err
}

func (b *Broker) denied(a *Ask) {
	if a.Who.Class != caller.Human {
		b.queue.denied(askerOf(a.Who))
	}
}

// putOnce shows the card once.
func (b *Broker) putOnce(ctx, timed context.Context, a *Ask) (*grant, error) {
	shown := *a
	if a.Kind == AskEntry {
		return b.enter(ctx, timed, &shown)
	}
	ans, err := b.cfg.Approver.Ask(timed, &shown)
	if hasEnded(timed) {
		return nil, withdrawn(timed)
	}
	if err != nil {
		return nil, err
	}
	g := &grant{choice: ans.Choice, digest: a.Digest(), n: 1}
	switch {
	case ans.Choice < AllowOnce, ans.Choice > Vouch, ans.Choice == AllowSession && a.Session == 0, ans.Choice == Vouch && a.Vouch == nil:
		return nil, secret.Err(secret.Denied)
	case ans.Digest != g.digest:
		return nil, secret.Errorf(secret.Internal, "the card that was answered is not the one that was asked")
	}
	if a.Touch || ans.Choice != AllowOnce {
		if g.key, err = b.prove(ctx, timed, ans.Prompt, a, scopeOf(a, ans.Choice)); err != nil {
			return nil, err
		}
	}
	return g, nil
}

// enter asks for a value and then for the proof.
func (b *Broker) enter(ctx, timed context.Context, a *Ask) (*grant, error) {
	v, err := b.cfg.Approver.Enter(timed, a)
	if hasEnded(timed) {
		v.Wipe()
		return nil, withdrawn(timed)
	}
	if err != nil {
		return nil, err
	}
	g := &grant{choice: AllowOnce, digest: a.Digest(), value: v, n: 1}
	g.key, err = b.prove(ctx, timed, secret.Prompt{}, a, scopeOf(a, AllowOnce))
	if err != nil {
		g.value.Wipe()
		return nil, err
	}
	return g, nil
}

// prove authenticates. With AuthTime set (macOS, where the system's own sheet
// stops the card's clock) it has that long, else what is left of the card's time.
func (b *Broker) prove(ctx, timed context.Context, p secret.Prompt, a *Ask, s secret.Scope) (secret.Key, error) {
	p.ID = a.ID
	actx := timed
	if b.cfg.AuthTime > 0 {
		var cancel context.CancelFunc
		actx, cancel = context.WithTimeout(ctx, b.cfg.AuthTime)
		defer cancel()
	}
	closings := b.closings()
	key, err := b.cfg.Auth.Authenticate(actx, p, s)
	if b.closings() != closings { // locked between the finger and the vault's opening
		if err == nil {
			key.Wipe()
		}
		b.staysShut()
		return nil, errLockedNow
	}
	if hasEnded(actx) {
		if err == nil {
			key.Wipe()
		}
		return nil, withdrawn(actx)
	}
	if err != nil {
		return nil, err
	}
	// The store is open for browsing now, and so the audit has its key.
	if err := b.audit.open(); err != nil {
		key.Wipe()
		return nil, err
	}
	return key, nil
}

// hasEnded reports whether ctx has ended. One whose deadline has passed has, and its timer,
// which on a busy machine may be later than the answer, is waited for.
func hasEnded(ctx context.Context) bool {
	if end, ok := ctx.Deadline(); ok && !time.Now().Before(end) {
		<-ctx.Done()
	}
	return ctx.Err() != nil
}

// scopeOf is what the key must reach.
func scopeOf(a *Ask, c Choice) secret.Scope {
	s := secret.Scope{Names: a.names()}
	for _, w := range a.Writes {
		if w.To != "" {
			s.Names = append(s.Names, w.To)
		}
	}
	if c == AllowSession {
		s.Prefix = a.Prefix
	}
	return s
}

func (a *Ask) names() []secret.Name {
	var names []secret.Name
	for _, i := range a.Items {
		names = append(names, i.Name)
	}
	for _, w := range a.Writes {
		if w.Name != "" { // a place has none
			names = append(names, w.Name)
		}
	}
	return names
}

// stillThere refuses when the program that asked is not the one the card showed
// any more: it has gone, or its executable was replaced while the person read.
func (b *Broker) stillThere(who caller.Caller) error {
	shown, _ := shownAs(who)
	for _, p := range who.Chain {
		if !b.cfg.Alive(p.ID) {
			if p.ID == who.Anchor || p.ID == who.Chain[0].ID {
				return secret.Errorf(secret.Cancelled, "the asker has gone; nothing was released")
			}
			continue
		}
		if (p.ID == who.Anchor || p.ID == shown.ID) && b.swapped(p) {
			return secret.Errorf(secret.Conflict, "%s changed after it was allowed; nothing was released", p.Name())
		}
	}
	return nil
}

// swapped reports whether p runs another file than it did, or one that was written to. A
// shell reads its script as it goes; where it is not found any more, as when its path was
// of another folder, nothing is known of it.
func (b *Broker) swapped(p caller.Process) bool {
	if p.NoExe || p.ExeID == (caller.FileID{}) {
		return false
	}
	now, err := readProcess(p.ID.PID)
	return err != nil || now.ID != p.ID || now.ExeID != p.ExeID || now.Script == p.Script && now.ScriptID != p.ScriptID
}

// readProcess is a variable for tests with invented processes.
var readProcess = caller.ReadProcess

func outcomeOf(err error) secret.Outcome {
	switch secret.CodeOf(err) {
	case secret.Denied:
		return secret.OutDenied
	case secret.TimedOut:
		return secret.OutTimedOut
	case secret.Cancelled, secret.Locked:
		return secret.OutWithdrawn
	}
	return secret.OutRefused
}

func endOf(a *Ask, g *grant, err error) secret.Outcome {
	switch {
	case err != nil:
		return outcomeOf(err)
	case g.choice == AllowSession:
		return secret.AllowedSession
	case g.choice == Vouch:
		return secret.OutVouched
	case a.Op == secret.OpGet || a.Op == secret.OpWrite:
		return secret.AllowedOnce
	}
	return secret.OutDone
}
