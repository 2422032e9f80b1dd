package ui

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"noxkey/broker"
	"noxkey/caller"
	"noxkey/secret"
)

// testAsk is an agent's request for one secret, 45 s long.
func testAsk(id uint64, now time.Time) *broker.Ask {
	return &broker.Ask{
		ID: id, Kind: broker.AskCard, Op: secret.OpGet, Delivery: secret.DeliverShell, Touch: true, Position: 1, Waiting: 1,
		Who:      caller.Caller{Class: caller.Agent, Agent: "Codex", Whole: true},
		Items:    []broker.Item{{Name: "acme/api/KEY", Level: secret.Normal, Type: secret.APIKey, Version: 3}},
		Session:  4 * time.Hour,
		Covered:  []secret.Name{"acme/api/KEY"},
		Prefix:   "acme/api",
		Deadline: now.Add(45 * time.Second),
	}
}

// outcome is what a blocked call came back with.
type outcome struct {
	answer broker.Answer
	value  secret.Value
	err    error
	done   bool
}

// bench is a desk inside a synctest bubble, whose clock only moves when everybody waits.
type bench struct {
	*testing.T
	*Desk
	ctx context.Context // ends with the test, for calls that would wait for ever
}

func onDesk(t *testing.T, f func(b bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(bg)
		f(bench{t, NewDesk(time.Now), ctx})
		cancel()
		synctest.Wait()
	})
}

func (b bench) ask(ctx context.Context, a *broker.Ask) *outcome {
	o := &outcome{}
	go func() { o.answer, o.err = b.Desk.Ask(ctx, a); o.done = true }()
	synctest.Wait()
	return o
}

func (b bench) enter(ctx context.Context, a *broker.Ask) *outcome {
	o := &outcome{}
	go func() { o.value, o.err = b.Desk.Enter(ctx, a); o.done = true }()
	synctest.Wait()
	return o
}

func (b bench) passphrase(ctx context.Context, p secret.Prompt) *outcome {
	o := &outcome{}
	go func() { o.value, o.err = b.Desk.Passphrase(ctx, p); o.done = true }()
	synctest.Wait()
	return o
}

// armed waits until choices count.
func (b bench) armed() { time.Sleep(ArmDelay) }

func (b bench) choose(c broker.Choice) error {
	err := b.Choose(b.State(), c, time.Now())
	synctest.Wait()
	return err
}

func (b bench) submit(s string) error {
	v, err := secret.NewValue([]byte(s))
	if err != nil {
		b.Fatal(err)
	}
	err = b.Submit(b.State(), v, time.Now())
	synctest.Wait()
	return err
}

func (b bench) want(stage Stage, id uint64) {
	b.Helper()
	if s := b.State(); s.Stage != stage || s.ID != id {
		b.Fatalf("stage %d of request %d is shown, want stage %d of %d", s.Stage, s.ID, stage, id)
	}
}

var bg = context.Background()

func TestACardIsAnsweredWithTheDigestDrawn(t *testing.T) {
	onDesk(t, func(b bench) {
		a := testAsk(1, time.Now())
		o := b.ask(b.ctx, a)
		b.want(Choosing, 1)
		b.armed()
		if err := b.choose(broker.AllowOnce); err != nil {
			t.Fatal(err)
		}
		if !o.done || o.err != nil || o.answer.Choice != broker.AllowOnce || o.answer.Digest != a.Digest() {
			t.Fatalf("answer %+v, error %v", o.answer, o.err)
		}
		if p := o.answer.Prompt; p.ID != 1 || p.Reason != "give acme/api/KEY to Codex once" {
			t.Errorf("prompt %+v", p)
		}
		b.want(Checking, 1)
		b.Close(1, secret.AllowedOnce)
		b.want(Idle, 0)
	})
}

func TestThreatE3NothingCountsBeforeArming(t *testing.T) {
	onDesk(t, func(b bench) {
		o := b.ask(b.ctx, testAsk(1, time.Now()))
		time.Sleep(ArmDelay - time.Millisecond)
		for _, c := range []broker.Choice{broker.AllowOnce, broker.AllowSession, broker.Deny} {
			if err := b.choose(c); secret.CodeOf(err) != secret.Busy || o.done {
				t.Fatalf("choice %d counted after 499 ms: %v", c, err)
			}
		}
		time.Sleep(time.Millisecond)
		if err := b.choose(broker.Deny); err != nil || o.answer.Choice != broker.Deny {
			t.Fatalf("deny after 500 ms: %v", err)
		}
	})
}

func TestThreatE3TheNextCardIsArmedAfresh(t *testing.T) {
	onDesk(t, func(b bench) {
		one := b.ask(b.ctx, testAsk(1, time.Now()))
		two := b.ask(b.ctx, testAsk(2, time.Now()))
		b.armed()
		b.want(Choosing, 1) // the newest does not replace the one shown
		if err := b.choose(broker.Deny); err != nil || !one.done || two.done {
			t.Fatalf("first card: %v", err)
		}
		b.Close(1, secret.OutDenied)
		b.want(Choosing, 2)
		if err := b.choose(broker.AllowOnce); err == nil || two.done {
			t.Fatal("a key meant for the first card answered the second")
		}
		b.armed()
		if err := b.choose(broker.AllowOnce); err != nil {
			t.Fatal(err)
		}
	})
}

func TestThreatE3AnAnswerIsForTheCardDrawn(t *testing.T) {
	onDesk(t, func(b bench) {
		ctx, cancel := context.WithCancel(bg)
		b.ask(ctx, testAsk(1, time.Now()))
		two := b.ask(b.ctx, testAsk(2, time.Now()))
		drawn := b.State()
		cancel()
		synctest.Wait()
		b.want(Choosing, 2)
		b.armed()
		if err := b.Choose(drawn, broker.AllowOnce, time.Now()); secret.CodeOf(err) != secret.Cancelled {
			t.Errorf("an answer to the card that is gone: %v", err)
		}
		synctest.Wait()
		if two.done {
			t.Error("it answered the one that took its place")
		}
	})
}

func TestThreatE1AnAskChangedAfterDrawingIsDenied(t *testing.T) {
	onDesk(t, func(b bench) {
		a := testAsk(1, time.Now())
		o := b.ask(b.ctx, a)
		b.armed()
		a.Items[0].Name = "acme/api/OTHER"
		if err := b.choose(broker.AllowOnce); err != nil {
			t.Fatal(err)
		}
		if o.answer.Choice != broker.Deny {
			t.Error("allowed something else than was drawn")
		}
	})
}

func TestThreatE5NothingCountsAfterTheDeadline(t *testing.T) {
	onDesk(t, func(b bench) {
		o := b.ask(b.ctx, testAsk(1, time.Now()))
		time.Sleep(45 * time.Second)
		if err := b.choose(broker.AllowOnce); secret.CodeOf(err) != secret.TimedOut || o.done {
			t.Errorf("an answer at the deadline: %v", err)
		}
	})
}

func TestThreatE5AWithdrawnCardGoesAtOnce(t *testing.T) {
	onDesk(t, func(b bench) {
		ctx, cancel := context.WithTimeout(bg, time.Second)
		defer cancel()
		o := b.ask(ctx, testAsk(1, time.Now()))
		drawn := b.State()
		time.Sleep(time.Second)
		synctest.Wait()
		if !errors.Is(o.err, context.DeadlineExceeded) {
			t.Fatalf("error %v", o.err)
		}
		b.want(Idle, 0)
		if err := b.Choose(drawn, broker.AllowOnce, time.Now()); err == nil {
			t.Error("it could still be answered")
		}
	})
}

func TestThreatE5APassphraseAfterTheEndIsWiped(t *testing.T) {
	onDesk(t, func(b bench) {
		ctx, cancel := context.WithCancel(bg)
		b.passphrase(ctx, secret.Prompt{Reason: "unlock your secrets"})
		drawn := b.State()
		cancel()
		synctest.Wait()
		v, _ := secret.NewValue([]byte("pass"))
		if err := b.Submit(drawn, v, time.Now()); err == nil || !v.Empty() {
			t.Errorf("submitted: %v, left behind: %v", err, !v.Empty())
		}
	})
}

func TestAChoiceNotOfferedIsRefused(t *testing.T) {
	onDesk(t, func(b bench) {
		a := testAsk(1, time.Now())
		a.Session = 0
		o := b.ask(b.ctx, a)
		b.armed()
		for _, c := range []broker.Choice{broker.AllowSession, broker.Vouch, 17} {
			if err := b.choose(c); secret.CodeOf(err) != secret.Invalid || o.done {
				t.Errorf("choice %d: %v", c, err)
			}
		}
	})
}

func TestTheWholeWayOfAnAgentsRequest(t *testing.T) {
	onDesk(t, func(b bench) {
		a := testAsk(1, time.Now())
		o := b.ask(b.ctx, a)
		b.ask(b.ctx, testAsk(2, time.Now()))
		b.armed()
		_ = b.choose(broker.AllowSession)
		b.want(Checking, 1) // the second waits although nothing of the first is shown
		p := b.passphrase(b.ctx, o.answer.Prompt)
		b.want(Proving, 1)
		if s := b.State(); !s.Armed(time.Now()) || s.Choice != broker.AllowSession || s.Ask != a {
			t.Errorf("the passphrase that follows a choice: %+v", s)
		}
		if err := b.submit("wrong"); err != nil || !p.done {
			t.Fatal(err)
		}
		p.value.Wipe()
		b.want(Checking, 1)
		p = b.passphrase(b.ctx, secret.Prompt{ID: 1, Reason: o.answer.Prompt.Reason, Note: "wrong"})
		b.want(Proving, 1)
		if err := b.Cancel(b.State()); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if secret.CodeOf(p.err) != secret.Denied {
			t.Errorf("Esc at an agent's passphrase gave %v", p.err)
		}
		b.Close(1, secret.OutDenied)
		b.want(Choosing, 2)
	})
}

func TestTheCardComesBackWithANote(t *testing.T) {
	onDesk(t, func(b bench) {
		a := testAsk(1, time.Now())
		b.ask(b.ctx, a)
		b.ask(b.ctx, testAsk(2, time.Now()))
		b.armed()
		_ = b.choose(broker.AllowOnce)
		a.Note = "It was cancelled."
		b.ask(b.ctx, a)
		b.want(Choosing, 1)
		if err := b.choose(broker.AllowOnce); err == nil {
			t.Error("the card that came back was not armed afresh")
		}
		b.armed()
		if err := b.choose(broker.AllowOnce); err != nil {
			t.Error(err)
		}
	})
}

func TestCardsWaitWhileThePersonIsBusy(t *testing.T) {
	onDesk(t, func(b bench) {
		b.Busy(true)
		ctx, cancel := context.WithTimeout(bg, 45*time.Second)
		defer cancel()
		a := testAsk(1, time.Now())
		o := b.ask(ctx, a)
		b.enter(b.ctx, testAsk(2, time.Now()))
		b.want(Idle, 0)
		if s := b.State(); s.Next != a || s.Waiting != 2 {
			t.Errorf("who waits: %+v", s)
		}
		time.Sleep(30 * time.Second)
		b.Busy(false)
		b.want(Choosing, 1)
		if b.State().Armed(time.Now()) {
			t.Error("it was armed while it waited")
		}
		time.Sleep(15 * time.Second) // its time ran on
		synctest.Wait()
		if !errors.Is(o.err, context.DeadlineExceeded) {
			t.Errorf("error %v", o.err)
		}
		b.want(Entering, 2)
	})
}

func TestOwnPromptsShowOverTheForm(t *testing.T) {
	onDesk(t, func(b bench) {
		b.Busy(true)
		b.ask(b.ctx, testAsk(1, time.Now()))
		p := b.passphrase(b.ctx, secret.Prompt{Reason: "check the vault"})
		b.want(Idle, 0) // somebody else's doing
		done := b.Acting()
		b.want(Idle, 0)
		q := b.passphrase(b.ctx, secret.Prompt{Reason: "unlock your secrets"})
		b.want(Proving, 0)
		if !b.State().Armed(time.Now()) {
			t.Error("one's own passphrase had to wait")
		}
		_ = b.submit("one")
		_ = b.submit("two")
		if !p.done || !q.done {
			t.Error("both belong to the action that runs")
		}
		done()
		b.want(Idle, 0)
		b.Busy(false)
		b.want(Choosing, 1)
	})
}

func TestOwnActionsOfThisFrontGoFirst(t *testing.T) {
	onDesk(t, func(b bench) {
		b.Busy(true)
		b.ask(b.ctx, testAsk(1, time.Now()))
		a := testAsk(9, time.Now())
		a.Kind, a.Who = broker.AskHuman, caller.Caller{Class: caller.Human, Front: true}
		o := b.ask(b.ctx, a)
		if !o.done || o.answer.Choice != broker.AllowOnce || o.answer.Digest != a.Digest() {
			t.Fatalf("answer %+v", o.answer)
		}
		p := b.passphrase(b.ctx, o.answer.Prompt)
		b.want(Proving, 9)
		if err := b.Cancel(b.State()); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if secret.CodeOf(p.err) != secret.Cancelled {
			t.Errorf("Esc at one's own passphrase gave %v", p.err)
		}
	})
}

func TestThreatB12AnUnaskedPassphraseIsArmedToo(t *testing.T) {
	onDesk(t, func(b bench) {
		a := testAsk(4, time.Now())
		a.Kind, a.Who = broker.AskHuman, caller.Caller{Class: caller.Human, Terminal: "sshd"}
		o := b.ask(b.ctx, a)
		b.Busy(true)
		p := b.passphrase(b.ctx, o.answer.Prompt)
		b.want(Idle, 0)
		b.Busy(false)
		b.want(Proving, 4)
		if err := b.submit("typed for something else"); err == nil || p.done {
			t.Error("it took what was typed before it could be read")
		}
	})
}

func TestAnEntry(t *testing.T) {
	onDesk(t, func(b bench) {
		a := testAsk(1, time.Now())
		a.Kind, a.Op = broker.AskEntry, secret.OpWrite
		o := b.enter(b.ctx, a)
		b.want(Entering, 1)
		b.armed()
		if err := b.submit("value"); err != nil || o.err != nil || o.value.Empty() {
			t.Fatalf("%v, %v", err, o.err)
		}
		b.Close(1, secret.AllowedOnce)
		o = b.enter(b.ctx, a)
		_ = b.Cancel(b.State())
		synctest.Wait()
		if secret.CodeOf(o.err) != secret.Denied {
			t.Errorf("Esc gave %v", o.err)
		}
	})
}

func TestRearm(t *testing.T) {
	onDesk(t, func(b bench) {
		b.ask(b.ctx, testAsk(1, time.Now()))
		b.armed()
		b.Rearm()
		if err := b.choose(broker.AllowOnce); secret.CodeOf(err) != secret.Busy {
			t.Errorf("a key that came with the keyboard counted: %v", err)
		}
	})
}

func TestClosingEndsWhatIsShown(t *testing.T) {
	onDesk(t, func(b bench) {
		o := b.ask(b.ctx, testAsk(1, time.Now()))
		w := b.ask(b.ctx, testAsk(2, time.Now()))
		b.Close(2, secret.OutWithdrawn)
		b.Close(1, secret.OutTimedOut)
		synctest.Wait()
		if !o.done || o.err == nil || !w.done || w.err == nil {
			t.Error("a closed request still waits")
		}
		b.want(Idle, 0)
		r := b.Recent()
		if len(r) != 2 || r[0].Outcome != "timed out" || r[0].What != "acme/api/KEY" || r[0].Who != "Codex" {
			t.Errorf("recent: %+v", r)
		}
	})
}

func TestResting(t *testing.T) {
	onDesk(t, func(b bench) {
		b.Rest("Codex", time.Now().Add(5*time.Minute))
		b.Rest("Codex", time.Now().Add(5*time.Minute))
		if r := b.Resting(time.Now()); len(r) != 1 {
			t.Errorf("%+v", r)
		}
		b.Awake("Codex")
		b.Rest("Gemini", time.Now().Add(time.Minute))
		time.Sleep(time.Minute)
		if r := b.Resting(time.Now()); len(r) != 0 {
			t.Errorf("still rest: %+v", r)
		}
	})
}

func TestChangedIsToldAndNeverBlocks(t *testing.T) {
	onDesk(t, func(b bench) {
		for i := range 10 {
			b.ask(b.ctx, testAsk(uint64(i+1), time.Now()))
		}
		select {
		case <-b.Changed():
		default:
			t.Error("nobody was told")
		}
		for id := range 10 { // calls that wait for a person end with the test
			b.Close(uint64(id+1), secret.OutWithdrawn)
		}
	})
}

// TestManyAtOnce answers and withdraws from many goroutines; run with -race.
func TestManyAtOnce(t *testing.T) {
	d := NewDesk(time.Now)
	ctx, cancel := context.WithCancel(bg)
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			id := uint64(i + 1)
			a := testAsk(id, time.Now())
			if i%2 == 0 {
				_, _ = d.Ask(ctx, a)
			} else {
				v, _ := d.Enter(ctx, a)
				v.Wipe()
			}
			d.Close(id, secret.OutWithdrawn)
		})
	}
	for range 200 {
		s := d.State()
		_ = d.Choose(s, broker.Deny, time.Now().Add(time.Second))
		_ = d.Cancel(s)
	}
	cancel()
	wg.Wait()
	if s := d.State(); s.Stage != Idle || s.Waiting != 0 {
		t.Errorf("left over: %+v", s)
	}
}

func TestAPassphraseWithoutWordsGetsTheAsks(t *testing.T) {
	onDesk(t, func(b bench) {
		a := testAsk(1, time.Now())
		a.Kind, a.Op = broker.AskEntry, secret.OpWrite
		a.Items, a.Writes = nil, []broker.Write{{Action: secret.ActionSet, Name: "acme/api/KEY", Enter: true}}
		b.enter(b.ctx, a)
		b.armed()
		_ = b.submit("value")
		b.passphrase(b.ctx, secret.Prompt{ID: 1})
		if s := b.State(); s.Prompt.Reason != "store acme/api/KEY" || s.Mine() || s.Bare() || !s.Deadline().Equal(a.Deadline) {
			t.Errorf("%+v", s)
		}
	})
}

func TestUnlockingIsBare(t *testing.T) {
	onDesk(t, func(b bench) {
		a := &broker.Ask{ID: 3, Kind: broker.AskHuman, Op: secret.OpUnlock, Who: caller.Caller{Class: caller.Human, Front: true}, Touch: true}
		o := b.ask(b.ctx, a)
		if o.answer.Choice != broker.AllowOnce { // a session of no length would be refused
			t.Errorf("choice %d", o.answer.Choice)
		}
		b.passphrase(b.ctx, o.answer.Prompt)
		if s := b.State(); !s.Bare() || !s.Mine() || !s.Deadline().IsZero() || s.Prompt.Reason != "unlock your secrets" {
			t.Errorf("%+v", s)
		}
		b.Queue(2)
		if b.State().Queue != 2 {
			t.Error("the queue's length is not told")
		}
	})
}
