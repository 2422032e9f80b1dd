package passphrase

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"noxkey/secret"
	"noxkey/vault/memory"
)

func value(s string) secret.Value {
	v, err := secret.NewValue([]byte(s))
	if err != nil {
		panic(err)
	}
	return v
}

// person types one answer after another and remembers what was asked and given.
type person struct {
	answers []string
	prompts []secret.Prompt
	given   []secret.Value
	err     error // when the answers are used up
}

func (p *person) enter(_ context.Context, q secret.Prompt) (secret.Value, error) {
	p.prompts = append(p.prompts, q)
	if len(p.answers) == 0 {
		return secret.Value{}, p.err
	}
	v := value(p.answers[0])
	p.answers = p.answers[1:]
	p.given = append(p.given, v)
	return v, nil
}

func (p *person) notes() []string {
	var n []string
	for _, q := range p.prompts {
		n = append(n, q.Note)
	}
	return n
}

func (p *person) wantWiped(t *testing.T) {
	t.Helper()
	for i, v := range p.given {
		if !v.Empty() {
			t.Errorf("passphrase %d was not wiped", i)
		}
	}
}

var ask = secret.Prompt{ID: 7, Reason: "give acme/api/KEY to Claude Code once"}

func TestRightAtOnce(t *testing.T) {
	t.Parallel()
	v, p := memory.New("right"), &person{answers: []string{"right"}}
	k, err := New(v, p.enter).Authenticate(t.Context(), ask, secret.Scope{})
	if err != nil || k == nil || v.Locked() {
		t.Fatalf("key %v, error %v", k, err)
	}
	if !slices.Equal(p.prompts, []secret.Prompt{ask}) {
		t.Fatalf("asked %+v", p.prompts)
	}
	p.wantWiped(t)
}

func TestWrongIsAskedAgain(t *testing.T) {
	t.Parallel()
	v, p := memory.New("right"), &person{answers: []string{"wrong", "wronger", "right"}}
	k, err := New(v, p.enter).Authenticate(t.Context(), ask, secret.Scope{})
	if err != nil || k == nil {
		t.Fatalf("key %v, error %v", k, err)
	}
	want := []string{"", "that is not the passphrase; 2 tries left", "that is not the passphrase; 1 try left"}
	if !slices.Equal(p.notes(), want) {
		t.Fatalf("notes %q", p.notes())
	}
	p.wantWiped(t)
}

func TestThreeWrongEndIt(t *testing.T) {
	t.Parallel()
	v, p := memory.New("right"), &person{answers: []string{"a", "b", "c", "right"}}
	k, err := New(v, p.enter).Authenticate(t.Context(), ask, secret.Scope{})
	if secret.CodeOf(err) != secret.WrongKey || k != nil || len(p.prompts) != 3 || !v.Locked() {
		t.Fatalf("key %v, error %v after %d prompts", k, err, len(p.prompts))
	}
	p.wantWiped(t)
}

func TestCancelledPassesThrough(t *testing.T) {
	t.Parallel()
	cancelled := secret.Errorf(secret.Cancelled, "cancelled")
	v, p := memory.New("right"), &person{answers: []string{"wrong"}, err: cancelled}
	a := New(v, p.enter)
	if k, err := a.Authenticate(t.Context(), ask, secret.Scope{}); !errors.Is(err, cancelled) || k != nil {
		t.Fatalf("key %v, error %v", k, err)
	}
	if err := a.Passwd(t.Context(), ask); !errors.Is(err, cancelled) {
		t.Fatal(err)
	}
	if err := a.Rekey(t.Context(), ask); !errors.Is(err, cancelled) {
		t.Fatal(err)
	}
	p.wantWiped(t)
}

// slow lets a test act while a check runs.
type slow struct {
	*memory.Vault
	during func()
}

func (s slow) Unlock(p secret.Value, sc secret.Scope) (secret.Key, error) {
	k, err := s.Vault.Unlock(p, sc)
	s.during()
	return k, err
}

func TestThreatE5HangUpDuringTheCheckGrantsNothing(t *testing.T) {
	t.Parallel()
	for _, open := range []bool{false, true} {
		ctx, cancel := context.WithCancel(t.Context())
		v, p := memory.New("right"), &person{answers: []string{"right"}}
		if open {
			if _, err := v.Unlock(value("right"), secret.Scope{}); err != nil {
				t.Fatal(err)
			}
		}
		k, err := New(slow{v, cancel}, p.enter).Authenticate(ctx, ask, secret.Scope{Root: true})
		if !errors.Is(err, context.Canceled) || k != nil {
			t.Fatalf("key %v, error %v", k, err)
		}
		if v.Locked() == open {
			t.Fatalf("the vault was open: %t; now it is locked: %t", open, v.Locked())
		}
		p.wantWiped(t)
	}
}

func TestEndedBeforeTheCheckChecksNothing(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	v, p := memory.New("right"), &person{answers: []string{"right"}}
	enter := func(c context.Context, q secret.Prompt) (secret.Value, error) { cancel(); return p.enter(c, q) }
	_, err := New(slow{v, func() { t.Error("checked") }}, enter).Authenticate(ctx, ask, secret.Scope{})
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	p.wantWiped(t)
}

func TestOneCheckAtATime(t *testing.T) {
	t.Parallel()
	var running, most atomic.Int32
	gate := make(chan struct{})
	v := slow{memory.New("right"), func() {
		most.Store(max(most.Load(), running.Add(1)))
		<-gate
		running.Add(-1)
	}}
	a := New(v, func(context.Context, secret.Prompt) (secret.Value, error) { return value("right"), nil })
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := a.Authenticate(t.Context(), ask, secret.Scope{}); err != nil {
				t.Error(err)
			}
		})
	}
	for range 8 {
		gate <- struct{}{}
	}
	wg.Wait()
	if most.Load() != 1 {
		t.Fatalf("%d checks at once", most.Load())
	}
}

func TestWaitingForTheTurnEndsWithTheContext(t *testing.T) {
	t.Parallel()
	started, gate := make(chan struct{}), make(chan struct{})
	v := slow{memory.New("right"), func() { close(started); <-gate }}
	a := New(v, func(context.Context, secret.Prompt) (secret.Value, error) { return value("right"), nil })
	done := make(chan error)
	go func() {
		_, err := a.Authenticate(context.Background(), ask, secret.Scope{})
		done <- err
	}()
	<-started
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := a.Authenticate(ctx, ask, secret.Scope{}); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	close(gate)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

func TestPasswd(t *testing.T) {
	t.Parallel()
	v, p := memory.New("right"), &person{answers: []string{"wrong", "right", "fresh"}}
	if err := New(v, p.enter).Passwd(t.Context(), ask); err != nil {
		t.Fatal(err)
	}
	if p.prompts[0].New || p.prompts[1].New || !p.prompts[2].New || p.prompts[2].Note != "" {
		t.Fatalf("asked %+v", p.prompts)
	}
	p.wantWiped(t)
	if _, err := v.Unlock(value("right"), secret.Scope{}); secret.CodeOf(err) != secret.WrongKey {
		t.Fatalf("the old passphrase: %v", err)
	}
	if _, err := v.Unlock(value("fresh"), secret.Scope{}); err != nil {
		t.Fatal(err)
	}
}

func TestPasswdNeedsThePresentOne(t *testing.T) {
	t.Parallel()
	v, p := memory.New("right"), &person{answers: []string{"a", "b", "c", "fresh"}}
	if err := New(v, p.enter).Passwd(t.Context(), ask); secret.CodeOf(err) != secret.WrongKey {
		t.Fatal(err)
	}
	if _, err := v.Unlock(value("right"), secret.Scope{}); err != nil {
		t.Fatal("the passphrase has changed")
	}
	p.wantWiped(t)
}

func TestRekey(t *testing.T) {
	t.Parallel()
	v, p := memory.New("right"), &person{answers: []string{"wrong", "right"}}
	if err := New(v, p.enter).Rekey(t.Context(), ask); err != nil {
		t.Fatal(err)
	}
	if p.prompts[1].Note == "" {
		t.Fatal("asked again without a word")
	}
	p.wantWiped(t)
}
