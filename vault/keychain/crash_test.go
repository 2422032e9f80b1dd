package keychain

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"noxkey/secret"
)

const (
	api   secret.Name = "acme/api/STRIPE_KEY"
	admin secret.Name = "acme/api/ADMIN_KEY"
	prod  secret.Name = "acme/prod/STRIPE_KEY"
	gone  secret.Name = "acme/api/GONE"
	fresh secret.Name = "acme/api/FRESH"
)

// before is what every batch of these tests starts from.
func (s *scene) before() {
	s.Helper()
	s.apply(s.root(), write(api, "old", secret.Normal), write(admin, "boss", secret.Strict), write(gone, "going", secret.Normal), write(prod, "easy", secret.Easy))
}

// batch does one of everything: new, replaced, raised, moved over another, removed.
func batch() []secret.Change {
	desc, off := "of € 5", secret.OffLimits
	return []secret.Change{
		write(fresh, "fresh", secret.Normal),
		write(api, "new", secret.Strict),
		{Action: secret.ActionEdit, Name: admin, Meta: secret.Patch{Level: &off}},
		{Action: secret.ActionEdit, Name: prod, Meta: secret.Patch{Desc: &desc}},
		{Action: secret.ActionRemove, Name: gone},
		{Action: secret.ActionMove, Name: fresh, To: "acme/web/FRESH"},
		write("acme/web/OTHER", "other", secret.Easy),
	}
}

// content is all that can be seen of the vault with its root key.
func (s *scene) content() string {
	s.Helper()
	k := s.root()
	defer k.Wipe()
	list, err := s.Under("")
	if err != nil {
		s.Fatal(err)
	}
	var b strings.Builder
	for _, e := range list {
		fmt.Fprintf(&b, "%s %s %q v%d damaged=%v = %s\n", e.Name, e.Level, e.Desc, e.Version, e.Damaged, s.read(k, e.Name))
	}
	return b.String()
}

// TestThreatD3CrashAtEveryCall stops the program at each call of a batch, once
// before and once after the call did its work. The next run finds all of the batch
// or nothing of it; one that had begun and is not kept is named.
func TestThreatD3CrashAtEveryCall(t *testing.T) {
	each(t, func(s *scene) {
		s.before()
		old := s.content()
		var was, done int
		for k := 1; ; k++ {
			items := s.items.copyOf()
			run := s.next(items)
			key := run.root()
			items.calls = 0
			items.trip = func(call int, what, account string) (error, bool) {
				if call >= (k+1)/2 {
					return StatusNotAvailable, call == (k+1)/2 && k%2 == 0 // dead from here on
				}
				return nil, false
			}
			err := run.Apply(key, batch())
			if items.calls < (k+1)/2 {
				if err != nil {
					t.Fatal(err)
				}
				break
			}
			began := false
			if _, ok := items.items[accountJournal]; ok {
				began = true
			}
			after := s.next(items.copyOf())
			switch got := after.content(); {
			case got == old:
				was++
				if began {
					wantNotice(t, after, k)
				}
			case strings.Contains(got, "acme/web/FRESH normal \"\""):
				if done++; !strings.Contains(got, string(api)+` strict "" v`) || strings.Contains(got, string(gone)) || strings.Contains(got, "damaged=true") {
					t.Fatalf("call %d: half a batch:\n%s", k, got)
				}
			default:
				t.Fatalf("call %d: half a batch:\n%s", k, got)
			}
			if _, err := after.Verify(); err != nil && !strings.Contains(err.Error(), "broken off") {
				t.Fatalf("call %d: %v", k, err)
			}
			if _, ok := after.items.items[accountJournal]; ok {
				t.Fatalf("call %d: the journal stayed", k)
			}
			if after.content() == old {
				after.apply(after.root(), batch()...) // it can be done again
			}
		}
		if was < 10 || done < 1 {
			t.Fatalf("%d runs ended as before and %d as after; some of both were expected", was, done)
		}
	})
}

// wantNotice wants the batch named.
func wantNotice(t *testing.T, s *scene, k int) {
	t.Helper()
	n := s.Notices()
	if len(n) != 1 || !strings.Contains(n[0], "broken off") {
		t.Fatalf("call %d: notices %q", k, n)
	}
	for _, name := range []secret.Name{api, admin, gone, prod, "acme/web/FRESH", "acme/web/OTHER"} {
		if !strings.Contains(n[0], string(name)) {
			t.Fatalf("call %d: %s is not named in %q", k, name, n[0])
		}
	}
}

// TestThreatD3FullDiskUndoesTheBatch lets each single call of a batch fail, whether or not it did
// its work all the same; what follows works. Nothing of the batch stays.
func TestThreatD3FullDiskUndoesTheBatch(t *testing.T) {
	each(t, func(s *scene) {
		s.before()
		old := s.content()
		failed := 0
		for k := 1; ; k++ {
			items := s.items.copyOf()
			run := s.next(items)
			key := run.root()
			items.calls = 0
			items.trip = func(call int, what, account string) (error, bool) {
				if call == (k+1)/2 {
					return StatusDiskFull, k%2 == 0
				}
				return nil, false
			}
			err := run.Apply(key, batch())
			calls := items.calls
			items.trip = nil
			if calls < (k+1)/2 {
				break
			}
			if err == nil { // the failure was of no matter: removing the journal
				continue
			}
			failed++
			if secret.CodeOf(err) != secret.Storage || !strings.Contains(err.Error(), "disk is full") {
				t.Fatalf("call %d: %v", k, err)
			}
			if got := run.content(); got != old {
				t.Fatalf("call %d: in this run\n%s", k, got)
			}
			after := s.next(items)
			if got := after.content(); got != old {
				t.Fatalf("call %d: in the next run\n%s", k, got)
			}
			if _, err := after.Verify(); err != nil && !strings.Contains(err.Error(), "nothing of it was kept") {
				t.Fatalf("call %d: %v", k, err)
			}
			run.apply(run.root(), batch()...)
		}
		if failed < 20 {
			t.Fatalf("only %d calls failed", failed)
		}
	})
}

// TestThreatD3FailedUndoIsNamedAndTriedAgain: from some call on everything fails, then the
// Keychain works again, in the same run.
func TestThreatD3FailedUndoIsNamedAndTriedAgain(t *testing.T) {
	each(t, func(s *scene) {
		s.before()
		old := s.content()
		k := s.root()
		written := 0
		s.items.trip = func(_ int, what, account string) (error, bool) {
			if account != accountJournal && what != "read" && what != "list" {
				written++
			}
			if written > 3 {
				return StatusNotAvailable, false
			}
			return nil, false
		}
		err := s.Apply(k, batch())
		if secret.CodeOf(err) != secret.Damaged || !strings.Contains(err.Error(), "could not be undone") || !strings.Contains(err.Error(), string(api)) {
			t.Fatal(err)
		}
		if err := s.Apply(k, batch()); secret.CodeOf(err) != secret.Storage {
			t.Fatalf("a batch over one that is not undone: %v", err)
		}
		s.items.trip = nil
		if err := s.Apply(k, []secret.Change{{Action: secret.ActionRemove, Name: "acme/none/KEY"}}); secret.CodeOf(err) != secret.NotFound {
			t.Fatal(err)
		}
		if got := s.content(); got != old {
			t.Fatalf("got\n%s", got)
		}
		wantNotice(t, s, 0)
	})
}

// TestThreatD3CrashOfFirstRun: what a first run leaves that did not get to its end is no
// vault, and does not stop the next one.
func TestThreatD3CrashOfFirstRun(t *testing.T) {
	soft := newSoftKey()
	for _, m := range modes {
		for k := 1; ; k++ {
			items := newFake()
			items.trip = func(call int, what, account string) (error, bool) {
				if call >= (k+1)/2 {
					return StatusNotAvailable, call == (k+1)/2 && k%2 == 0
				}
				return nil, false
			}
			_, err := Create(items, m, soft)
			items.trip = nil
			if err == nil {
				break
			}
			mode, rerr := Recorded(items)
			if rerr != nil {
				t.Fatalf("call %d: %v", k, rerr)
			}
			if mode == "" {
				if _, err := Open(items, "", soft); secret.CodeOf(err) != secret.NotFound {
					t.Fatalf("call %d: %v", k, err)
				}
				if _, err := Create(items, m, soft); err != nil {
					t.Fatalf("call %d: %v", k, err)
				}
			}
			v, err := Open(items, m, soft)
			if err != nil {
				t.Fatalf("call %d: %v", k, err)
			}
			if _, err := v.Unlock(&presence{}, secret.Scope{}); err != nil || v.Notices() != nil {
				t.Fatalf("call %d: %v, %q", k, err, v.Notices())
			}
		}
	}
}

// TestThreatD3CrashOfReseal stops a change of the mode at each call. No value is lost,
// and the next authentication finishes it.
func TestThreatD3CrashOfReseal(t *testing.T) {
	for _, m := range modes {
		t.Run("from "+string(m), func(t *testing.T) {
			t.Parallel()
			s := newScene(t, m)
			s.before()
			var many []secret.Change
			for i := range resealChunk + 3 {
				many = append(many, write(secret.Name(fmt.Sprintf("bulk/b/K%d", i)), "x", secret.Levels[i%4]))
			}
			s.apply(s.root(), many...)
			old := s.content()
			to := modes[1-slices.Index(modes, m)]
			finished := 0
			for k := 1; ; k++ {
				items := s.items.copyOf()
				run := s.next(items)
				run.root().Wipe()
				items.calls = 0
				items.trip = func(call int, what, account string) (error, bool) {
					if call >= (k+1)/2 {
						return StatusNotAvailable, call == (k+1)/2 && k%2 == 0
					}
					return nil, false
				}
				err := run.Reseal(&presence{}, to)
				if items.calls < (k+1)/2 {
					if err != nil {
						t.Fatal(err)
					}
					break
				}
				after := s.next2(items.copyOf())
				if got := after.content(); got != old {
					t.Fatalf("call %d: %s", k, got)
				}
				if after.Mode() == to {
					finished++
					b := after.state.browse
					sets, err := after.readKeys(b)
					if err != nil || len(sets) != 1 || sets[0].mode != to {
						t.Fatalf("call %d: keys %v, %v", k, sets, err)
					}
				}
			}
			if finished < 10 {
				t.Fatalf("only %d runs had a change to finish", finished)
			}
		})
	}
}

// next2 is next in whichever mode is recorded.
func (s *scene) next2(items *fakeItems) *scene {
	s.Helper()
	m, err := Recorded(items)
	if err != nil {
		s.Fatal(err)
	}
	c := *s
	c.mode = m
	return c.next(items)
}

// TestThreatD3CrashOfRecovery stops the next run, too, at each call while it puts back
// what a batch broken off in its middle had done.
func TestThreatD3CrashOfRecovery(t *testing.T) {
	each(t, func(s *scene) {
		s.before()
		old := s.content()
		k, writes := s.root(), 0
		s.items.trip = func(_ int, what, _ string) (error, bool) {
			if what != "read" && what != "list" {
				writes++
			}
			return map[bool]error{true: StatusNotAvailable}[writes > 6], false
		}
		if err := s.Apply(k, batch()); err == nil {
			t.Fatal("the batch was not broken off")
		}
		s.items.trip = nil
		for k := 1; ; k++ {
			items := s.items.copyOf()
			items.trip = func(call int, _, _ string) (error, bool) {
				return map[bool]error{true: StatusNotAvailable}[call >= (k+1)/2], call == (k+1)/2 && k%2 == 0
			}
			v, err := Open(items, s.mode, s.soft)
			if err == nil {
				_, err = v.Unlock(&presence{}, secret.Scope{})
			}
			if items.trip = nil; items.calls < (k+1)/2 {
				if err != nil || k < 20 {
					t.Fatal(k, err)
				}
				return
			}
			if got := s.next(items).content(); got != old {
				t.Fatalf("call %d:\n%s", k, got)
			}
		}
	})
}
