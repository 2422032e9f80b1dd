//go:build cgo && gnustep

package touchid

import (
	"context"
	"errors"
	"testing"
	"time"
	"unsafe"

	"noxkey/secret"
	"noxkey/vault/touchid/touchidtest/lacontext"
)

// TestObjectiveC runs la.m against a class LAContext of the test's: the very calls that
// a Mac gets, with the reply from another thread.
func TestObjectiveC(t *testing.T) {
	e, err := System(func() bool { return false })
	if err != nil {
		t.Fatal(err)
	}
	if a := e.Can(); !a.Touch || a.Watch || !a.Password {
		t.Fatalf("%+v", a)
	}
	const reason = "give acme/api/KEY to Claude Code once – ünïcode"
	for how, want := range map[int]secret.Code{
		lacontext.Failed: secret.WrongKey, lacontext.UserCancel: secret.Cancelled,
		lacontext.Throws: secret.Internal, lacontext.Foreign: secret.Internal,
		lacontext.Yes: "", lacontext.Twice: "",
	} {
		lacontext.Behave(how)
		p, err := e.Evaluate(t.Context(), reason)
		if secret.CodeOf(err) != want {
			t.Errorf("%d: %v", how, err)
		}
		if _, _, asked, words := lacontext.State(); asked != 2 || words != reason {
			t.Errorf("policy %d, %q", asked, words)
		}
		if err != nil {
			continue
		}
		if err := p.Use(func(c unsafe.Pointer) error {
			if c == nil {
				return errors.New("no context")
			}
			return nil
		}); err != nil {
			t.Error(err)
		}
		p.Invalidate()
	}
	never(t, e)
	for end := time.Now().Add(60 * time.Second); ; time.Sleep(time.Millisecond) {
		alive, ended, _, _ := lacontext.State()
		if alive == 0 && ended >= 7 {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%d contexts live, %d were invalidated", alive, ended)
		}
	}
}

func never(t *testing.T, e *Evaluation) {
	lacontext.Behave(lacontext.Never)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if p, err := e.Evaluate(ctx, "unlock your secrets"); p != nil || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v %v", p, err)
	}
}
