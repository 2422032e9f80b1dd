package ui

import (
	"context"
	"errors"
	"testing"
	"time"

	"noxkey/broker"
	"noxkey/caller"
	"noxkey/secret"
)

func sheetAsk(id uint64) *broker.Ask {
	return &broker.Ask{ID: id, Kind: broker.AskCard, Op: secret.OpGet, Touch: true,
		Who:   caller.Caller{Class: caller.Agent, Agent: "Codex"},
		Items: []broker.Item{{Name: "acme/api/KEY", Level: secret.Normal}}, Deadline: time.Now().Add(time.Minute)}
}

// stageOf waits until the desk shows a stage.
func stageOf(t *testing.T, d *Desk, want Stage) State {
	t.Helper()
	for end := time.Now().Add(60 * time.Second); ; {
		if s := d.State(); s.Stage == want {
			return s
		}
		if time.Now().After(end) {
			t.Fatalf("the desk shows stage %d and not %d", d.State().Stage, want)
		}
		time.Sleep(time.Millisecond)
	}
}

func allowed(t *testing.T, d *Desk, a *broker.Ask) secret.Prompt {
	t.Helper()
	got := make(chan broker.Answer, 1)
	go func() { ans, _ := d.Ask(context.Background(), a); got <- ans }()
	s := stageOf(t, d, Choosing)
	if err := d.Choose(s, AllowOnce, s.Arms); err != nil {
		t.Fatal(err)
	}
	return (<-got).Prompt
}

func TestSheetIsShownWithItsReason(t *testing.T) {
	d := NewDesk(time.Now)
	p := allowed(t, d, sheetAsk(1))
	release := make(chan error)
	ended := make(chan error, 1)
	var reason string
	go func() {
		ended <- d.Sheet(context.Background(), p, func(_ context.Context, r string) error { reason = r; return <-release })
	}()
	if s := stageOf(t, d, Touching); s.Ask == nil || s.Ask.ID != 1 || s.Choice != AllowOnce {
		t.Fatalf("the front cannot tell whose sheet it is: %+v", s)
	}
	release <- nil
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if reason != "give acme/api/KEY to Codex once" {
		t.Errorf("the sheet says %q", reason)
	}
	stageOf(t, d, Idle)
}

// TestSheetCancelled: Deny in the window behind the sheet ends the sheet first, and
// what the sheet says afterwards does not count.
func TestSheetCancelled(t *testing.T) {
	for _, c := range []struct {
		name string
		kind broker.Kind
		code secret.Code
	}{{"an agent's", broker.AskCard, secret.Denied}, {"the person's own", broker.AskHuman, secret.Cancelled}} {
		t.Run(c.name, func(t *testing.T) {
			d := NewDesk(time.Now)
			a := sheetAsk(1)
			a.Kind = c.kind
			var p secret.Prompt
			if c.kind == broker.AskHuman {
				ans, err := d.Ask(context.Background(), a)
				if err != nil {
					t.Fatal(err)
				}
				p = ans.Prompt
			} else {
				p = allowed(t, d, a)
			}
			gone := false
			ended := make(chan error, 1)
			go func() {
				ended <- d.Sheet(context.Background(), p, func(ctx context.Context, _ string) error {
					<-ctx.Done()
					gone = true
					return nil // too late: the finger was right
				})
			}()
			if err := d.Cancel(stageOf(t, d, Touching)); err != nil {
				t.Fatal(err)
			}
			if err := <-ended; secret.CodeOf(err) != c.code || !gone {
				t.Errorf("%v, sheet gone: %v", err, gone)
			}
		})
	}
}

func TestSheetOneAtATime(t *testing.T) {
	d := NewDesk(time.Now)
	first := make(chan error)
	go func() {
		_ = d.Sheet(context.Background(), secret.Prompt{Reason: "unlock your secrets"}, func(context.Context, string) error { return <-first })
	}()
	stageOf(t, d, Touching)
	ctx, cancel := context.WithCancel(context.Background())
	second := make(chan error, 1)
	go func() {
		second <- d.Sheet(ctx, secret.Prompt{Reason: "copy it"}, func(context.Context, string) error { t.Error("two sheets"); return nil })
	}()
	for d.State().Waiting == 0 {
		time.Sleep(time.Millisecond)
	}
	cancel()
	if err := <-second; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	first <- nil
	stageOf(t, d, Idle)
}

func TestSheetOfAnEndedRequest(t *testing.T) {
	d := NewDesk(time.Now)
	p := allowed(t, d, sheetAsk(7))
	ended := make(chan error, 1)
	go func() {
		ended <- d.Sheet(context.Background(), p, func(ctx context.Context, _ string) error { <-ctx.Done(); return ctx.Err() })
	}()
	stageOf(t, d, Touching)
	d.Close(7, secret.OutWithdrawn)
	if err := <-ended; secret.CodeOf(err) != secret.Cancelled {
		t.Error(err)
	}
}

// The next card is up and can be answered while the sheet of the one before is.
func TestCancelledSheetHoldsTheNextCard(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	d := NewDesk(func() time.Time { return now })
	a := &broker.Ask{ID: 1, Kind: broker.AskHuman, Op: secret.OpGet, Who: caller.Caller{Class: caller.Human}, Items: []broker.Item{{Name: "a/b/C", Level: secret.Normal}}}
	ans, _ := d.Ask(t.Context(), a)
	up, gone := make(chan string, 1), make(chan struct{})
	done := make(chan error, 1)
	go func() {
		done <- d.Sheet(t.Context(), ans.Prompt, func(ctx context.Context, r string) error {
			up <- r
			<-ctx.Done()
			<-gone // macOS takes its time
			return ctx.Err()
		})
	}()
	<-up
	b := &broker.Ask{ID: 2, Kind: broker.AskCard, Op: secret.OpGet, Who: caller.Caller{Class: caller.Agent, Agent: "Codex"}, Items: []broker.Item{{Name: "a/b/D", Level: secret.Easy}}}
	go d.Ask(t.Context(), b)
	for d.State().Waiting == 0 {
		time.Sleep(time.Millisecond)
	}
	if err := d.Cancel(d.State()); err != nil {
		t.Fatal(err)
	}
	s := d.State()
	if s.Stage != Idle {
		t.Errorf("stage %v id %d while the sheet of 1 is still up", s.Stage, s.ID)
	}
	close(gone)
	if err := <-done; secret.CodeOf(err) != secret.Cancelled {
		t.Error(err)
	}
}
