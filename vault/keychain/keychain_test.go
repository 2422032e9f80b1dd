package keychain

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"unsafe"

	"noxkey/secret"
)

// TestListingReadsNoData: what comes before an authentication asks the Keychain for
// NoxKey's own items, and listing for none, so that nothing can prompt.
func TestListingReadsNoData(t *testing.T) {
	each(t, func(s *scene) {
		s.before()
		s = s.next(s.items)
		s.items.reads = nil
		if err := s.Browse(); err != nil {
			t.Fatal(err)
		}
		own := []string{accountJournal, accountKeys, accountManifest, accountRoot}
		slices.Sort(s.items.reads)
		if !slices.Equal(s.items.reads, own) {
			t.Fatalf("opening read %v", s.items.reads)
		}
		calls := s.items.calls
		if len(s.names()) != 4 || s.items.calls != calls {
			t.Fatal("listing asked the Keychain")
		}
	})
}

// TestBrowse: an unlocked screen gives names, easy values, identity and audit key;
// nothing else, and nothing after Close.
func TestBrowse(t *testing.T) {
	each(t, func(s *scene) {
		s.before()
		public := must(s.Public())
		s = s.next(s.items)
		s.soft.opened = 0
		if err := s.Browse(); err != nil {
			t.Fatal(err)
		}
		if s.read(nil, prod) != "easy" || s.read(nil, api) != string(secret.Denied) || s.read(nil, admin) != string(secret.Denied) {
			t.Error("other values than the easy one")
		}
		sig, err := s.Sign([]byte("hello"))
		if err != nil || !ed25519.Verify(public, []byte("hello"), sig) || !slices.Equal(public, must(s.Public())) {
			t.Error("another identity")
		}
		if _, err := s.AuditKey(); err != nil {
			t.Error(err)
		}
		if s.soft.opened != 0 {
			t.Error("browsing asked for the person")
		}
		s.Close()
		if err := s.Browse(); secret.CodeOf(err) != secret.Locked {
			t.Error(err)
		}
		if _, err := s.Unlock(&presence{}, secret.Scope{}); secret.CodeOf(err) != secret.Locked {
			t.Error(err)
		}
		if _, err := s.AuditKey(); secret.CodeOf(err) != secret.Locked {
			t.Error(err)
		}
	})
}

// TestNoKeyWithoutPresence: whoever calls Unlock has to have somebody authenticated,
// and for this call.
func TestNoKeyWithoutPresence(t *testing.T) {
	each(t, func(s *scene) {
		over := &presence{}
		over.Invalidate()
		for _, p := range []Presence{nil, over} {
			if _, err := s.Unlock(p, secret.Scope{Root: true}); secret.CodeOf(err) != secret.Denied {
				t.Errorf("%v: %v", p, err)
			}
			if err := s.Rekey(p); secret.CodeOf(err) != secret.Denied {
				t.Errorf("%v: %v", p, err)
			}
		}
		if !s.Locked() {
			t.Error("it opened the vault")
		}
	})
}

// TestPresenceIsOfOneAuthentication: what an authentication yielded works when its
// LAContext is no more, and asks for no other; another scope needs another one.
func TestPresenceIsOfOneAuthentication(t *testing.T) {
	each(t, func(s *scene) {
		s.before()
		s.soft.opened = 0
		p := &presence{}
		k, err := s.Unlock(p, secret.Scope{Prefix: "acme/api", Names: []secret.Name{admin}})
		if err != nil {
			t.Fatal(err)
		}
		p.Invalidate()
		c, err := k.Session(secret.Scope{Prefix: "acme/api"})
		if err != nil {
			t.Fatal(err)
		}
		if s.read(k, admin) != "boss" || s.read(k, api) != "old" || s.read(c, api) != "old" || s.read(c, admin) != string(secret.Denied) {
			t.Error("the key opens something else than its scope")
		}
		if want := map[Mode]int{ModeGate: 0, ModeEnclave: 2}[s.mode]; s.soft.opened != want {
			t.Errorf("the Enclave's key was used %d times, want %d", s.soft.opened, want)
		}
	})
}

// TestSealerRefuses: what the Enclave answers is answered, and the vault stays locked.
func TestSealerRefuses(t *testing.T) {
	s := newScene(t, ModeEnclave)
	for _, c := range []secret.Code{secret.Cancelled, secret.Storage, secret.Damaged} {
		s.soft.err = secret.Errorf(c, "the enclave says no")
		if _, err := s.Unlock(&presence{}, secret.Scope{}); !errors.Is(err, s.soft.err) || !s.Locked() {
			t.Errorf("%v, locked %v", err, s.Locked())
		}
	}
}

// TestLockWaitsForNothing: macOS may be asking the person while the lock comes. What
// it then answers is not released.
func TestLockWaitsForNothing(t *testing.T) {
	each(t, func(s *scene) {
		s.before()
		k := s.root()
		asked, answer := make(chan bool), make(chan bool)
		s.items.hold = func(account string) {
			if account == string(admin) {
				asked <- true
				<-answer
			}
		}
		got := make(chan string)
		go func() { got <- s.read(k, admin) }()
		<-asked
		s.Lock()
		answer <- true
		s.items.hold = nil
		if g := <-got; g != string(secret.Denied) && g != string(secret.Locked) {
			t.Errorf("released %q after a lock", g)
		}
	})
}

// TestLockDuringUnlock: a lock that comes while the Enclave is at work wins.
func TestLockDuringUnlock(t *testing.T) {
	s := newScene(t, ModeEnclave)
	p := &presence{}
	k, err := s.Unlock(locking{p, s.Vault}, secret.Scope{Root: true})
	if k != nil || secret.CodeOf(err) != secret.Locked || !s.Locked() || s.Vault.ring.Len() != 0 {
		t.Fatalf("%v %v", k, err)
	}
}

// locking locks the vault while it is used.
type locking struct {
	*presence
	vault *Vault
}

func (l locking) Use(f func(context unsafe.Pointer) error) error {
	return l.presence.Use(func(c unsafe.Pointer) error {
		l.vault.Lock()
		return f(c)
	})
}

// TestModeIsRecorded: the mode chosen at the first run is the mode; no other is taken
// for it, and none is fallen back to.
func TestModeIsRecorded(t *testing.T) {
	each(t, func(s *scene) {
		s.before()
		other := modes[1-slices.Index(modes, s.mode)]
		if _, err := Open(s.items, other, s.soft); secret.CodeOf(err) != secret.Storage || !strings.Contains(err.Error(), "of mode "+string(s.mode)+", not "+string(other)) {
			t.Errorf("opened as %s: %v", other, err)
		}
		if m, err := Recorded(s.items); m != s.mode || err != nil {
			t.Errorf("recorded %q, %v", m, err)
		}
		if _, err := Create(s.items, other, s.soft); secret.CodeOf(err) != secret.Exists {
			t.Errorf("made over another: %v", err)
		}
		_, err := Open(s.items, "", nil)
		if (err == nil) != (s.mode == ModeGate) {
			t.Errorf("opened without an Enclave: %v", err)
		}
		s.items.edit(accountKeys, func(it *fakeItem) { it.label = keysLabel + string(other) })
		v, err := Open(s.items, "", s.soft)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := v.Unlock(&presence{}, secret.Scope{}); secret.CodeOf(err) != secret.Damaged || !v.Locked() {
			t.Errorf("another label: %v", err)
		}
		s.items.edit(accountKeys, func(it *fakeItem) { it.label = "open" })
		if _, err := Open(s.items, "", s.soft); secret.CodeOf(err) != secret.Damaged {
			t.Errorf("a label of no mode: %v", err)
		}
	})
	if _, err := Create(newFake(), ModeEnclave, nil); secret.CodeOf(err) != secret.Invalid {
		t.Errorf("an enclave vault without one: %v", err)
	}
	if _, err := Create(newFake(), "", newSoftKey()); secret.CodeOf(err) != secret.Invalid {
		t.Errorf("a vault of no mode: %v", err)
	}
}

// TestReseal: after a change of the mode old keys and old roots open nothing, and the
// rest is as it was.
func TestReseal(t *testing.T) {
	each(t, func(s *scene) {
		s.before()
		old, k := s.content(), s.root()
		audit := must(s.AuditKey())
		for _, to := range []Mode{s.mode, modes[1-slices.Index(modes, s.mode)]} {
			if err := s.Reseal(&presence{}, to); err != nil {
				t.Fatal(err)
			}
			if s.mode = to; s.Mode() != to || s.read(k, api) != string(secret.Denied) {
				t.Fatal("an old key is alive")
			}
			if got := s.content(); got != old {
				t.Fatalf("got\n%s", got)
			}
			s = s.next(s.items)
			if got := s.content(); got != old || must(s.AuditKey()) != audit {
				t.Fatalf("in the next run\n%s", got)
			}
			if bad, err := s.Verify(); bad != nil || err != nil {
				t.Fatal(bad, err)
			}
		}
		if err := s.Reseal(&presence{}, "open"); secret.CodeOf(err) != secret.Invalid {
			t.Error(err)
		}
	})
}

// TestRekeyMakesOldRootsWorthless: who kept the roots, or puts them back, opens nothing
// that was sealed again.
func TestRekeyMakesOldRootsWorthless(t *testing.T) {
	each(t, func(s *scene) {
		s.before()
		kept := s.items.items[accountKeys]
		if err := s.Rekey(&presence{}); err != nil {
			t.Fatal(err)
		}
		s.items.items[accountKeys] = kept
		k := s.root()
		if s.read(k, api) != string(secret.Damaged) || s.read(k, admin) != string(secret.Damaged) || s.read(k, prod) != "easy" {
			t.Fatal("old roots open a value")
		}
	})
}

// TestBatchWhoseEndIsUnknown: the manifest was written, or not, the answer was an
// error, and so it was when the old one was to be put back.
func TestBatchWhoseEndIsUnknown(t *testing.T) {
	each(t, func(s *scene) {
		s.before()
		old := s.content()
		for i := range 4 {
			items := s.items.copyOf()
			run := s.next(items)
			k := run.root()
			nth := 0
			items.trip = func(_ int, what, account string) (error, bool) {
				if account != accountManifest || what != "update" {
					return nil, false
				}
				nth++
				return StatusNotAvailable, i>>(nth-1)&1 == 1
			}
			err := run.Apply(k, batch())
			if secret.CodeOf(err) != secret.Damaged || !strings.Contains(err.Error(), "shows at the next use") {
				t.Fatal(err)
			}
			items.trip = nil
			next := s.next(items.copyOf()).content() // the program stops here
			if err := run.Apply(k, []secret.Change{write(api, "newer", secret.Strict)}); err != nil {
				t.Fatal(err)
			}
			done := i == 1 // the first was written, the second was not
			if (next == old) == done || strings.Contains(next, "damaged=true") {
				t.Errorf("case %d: next run\n%s", i, next)
			}
			if now := run.content(); strings.Contains(now, "acme/web/FRESH") != done || strings.Contains(now, "damaged=true") {
				t.Errorf("case %d: this run\n%s", i, now)
			}
		}
	})
}

// TestForeignItem: a name that another program made an item of in the meantime is not overwritten.
func TestForeignItem(t *testing.T) {
	each(t, func(s *scene) {
		s.before()
		k := s.root()
		s.items.items[string(fresh)] = fakeItem{"theirs", []byte("theirs")}
		if err := s.Apply(k, []secret.Change{write(prod, "other", secret.Easy), write(fresh, "x", secret.Normal)}); secret.CodeOf(err) != secret.Exists {
			t.Fatal(err)
		}
		if got := s.items.items[string(fresh)]; got.label != "theirs" || string(got.data) != "theirs" || s.read(nil, prod) != "easy" {
			t.Fatalf("%+v", got)
		}
	})
}

// TestTakenAwayAndSetAgain: what another program removed can be stored anew at once.
func TestTakenAwayAndSetAgain(t *testing.T) {
	each(t, func(s *scene) {
		s.before()
		k := s.root()
		delete(s.items.items, string(api))
		s.apply(k, write(api, "again", secret.Normal))
		if s.read(k, api) != "again" || s.next(s.items).content() != s.content() {
			t.Fatal("it is not there")
		}
	})
}

// TestVerifyStopsAtALock: it reads every item, and macOS may ask at each.
func TestVerifyStopsAtALock(t *testing.T) {
	s := newScene(t, ModeGate)
	s.before()
	s.items.hold = func(account string) {
		if account == string(admin) {
			s.Lock()
		}
	}
	if bad, err := s.Verify(); secret.CodeOf(err) != secret.Locked || bad != nil {
		t.Fatal(bad, err)
	}
}

// TestStatuses: every OSStatus that has a meaning has words and a code, the secret is
// named, and any other is shown as it is.
func TestStatuses(t *testing.T) {
	for status, want := range map[Status]struct {
		code  secret.Code
		words string
	}{
		-128:    {secret.Cancelled, "the keychain's question was cancelled (-128)"},
		-34:     {secret.Storage, "the disk is full"},
		-25243:  {secret.Denied, "macos refused this keychain item (-25243)"},
		-25293:  {secret.Denied, "macos refused this keychain item (-25293)"},
		-25291:  {secret.Storage, "the login keychain is locked (-25291)"},
		-25308:  {secret.Storage, "the login keychain is locked (-25308)"},
		-25292:  {secret.Storage, "the keychain is read-only (-25292)"},
		-25299:  {secret.Exists, "already holds an item acme/api/STRIPE_KEY"},
		-25300:  {secret.NotFound, "the keychain no longer holds acme/api/STRIPE_KEY"},
		-26275:  {secret.Damaged, "cannot decode this item (-26275)"},
		-34018:  {secret.Storage, "this build may not use the protected keychain (-34018): it is not signed by a team"},
		-987654: {secret.Storage, "the keychain answered -987654"},
	} {
		s := newScene(t, ModeGate)
		s.before()
		k := s.root()
		s.items.trip = func(int, string, string) (error, bool) { return status, false }
		_, err := s.Open(k, []secret.Ref{{Name: api}})
		e, ok := errors.AsType[*secret.Error](err)
		if !ok || e.Code != want.code || !strings.Contains(e.Msg, want.words) || !slices.Equal(e.Names, []secret.Name{api}) {
			t.Errorf("%d: %+v, want %s, %q", status, err, want.code, want.words)
		}
	}
	if err := explain(errors.New("go-keychain says"), "x"); secret.CodeOf(err) != secret.Storage || !strings.Contains(err.Error(), "go-keychain says") {
		t.Error(err)
	}
}

// TestReadersAndWriters: values that are read while they are replaced are one or the
// other, never damaged.
func TestReadersAndWriters(t *testing.T) {
	each(t, func(s *scene) {
		s.before()
		k := s.root()
		var wg sync.WaitGroup
		stop := make(chan bool)
		for range 2 {
			wg.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
					}
					if got := s.read(k, api); got != "old" && !strings.HasPrefix(got, "new") {
						t.Errorf("read %q", got)
						return
					}
				}
			})
		}
		for i := range 200 {
			s.apply(k, write(api, fmt.Sprintf("new %d", i), secret.Normal))
			if err := s.Remember("head", []byte{byte(i)}); err != nil {
				t.Error(err)
			}
		}
		close(stop)
		wg.Wait()
		s.Lock()
	})
}

// TestLedgerIsSealed: what the broker remembers is bound to its key.
func TestLedgerIsSealed(t *testing.T) {
	each(t, func(s *scene) {
		s.root()
		for _, k := range []string{"head", "callers"} {
			if err := s.Remember(k, []byte(k)); err != nil {
				t.Fatal(err)
			}
		}
		a, b := accountLedger+"head", accountLedger+"callers"
		s.items.items[a], s.items.items[b] = s.items.items[b], s.items.items[a]
		if data, err := s.Recall("head"); secret.CodeOf(err) != secret.Damaged || data != nil {
			t.Errorf("%q, %v", data, err)
		}
	})
}

// TestBatchTooLargeToUndo: what could not be written down to be undone is not begun.
func TestBatchTooLargeToUndo(t *testing.T) {
	s := newScene(t, ModeGate)
	k := s.root()
	var remove []secret.Change
	for i := range 100 {
		n := secret.Name(fmt.Sprintf("acme/big/K%d", i))
		s.apply(k, write(n, strings.Repeat("x", secret.MaxValue), secret.Easy))
		remove = append(remove, secret.Change{Action: secret.ActionRemove, Name: n})
	}
	if err := s.Apply(k, remove); secret.CodeOf(err) != secret.Invalid || !strings.Contains(err.Error(), "in parts") {
		t.Fatal(err)
	}
	if s.content(); len(s.names()) != 100 || s.read(nil, "acme/big/K7")[:1] != "x" {
		t.Fatal("something of it was done")
	}
	s.apply(k, remove[:50]...)
}

// TestModeChangeWithoutTheEnclave: a change from the Enclave's key to none, broken off,
// is not given up when the Enclave cannot be reached.
func TestModeChangeWithoutTheEnclave(t *testing.T) {
	s := newScene(t, ModeEnclave)
	s.before()
	old := s.content()
	s.items.trip = func(_ int, what, account string) (error, bool) {
		return map[bool]error{true: StatusNotAvailable}[account == accountJournal && what == "update"], false
	}
	if err := s.Reseal(&presence{}, ModeGate); err == nil {
		t.Fatal("the change was not broken off")
	}
	s.items.trip = nil
	v, err := Open(s.items, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Unlock(&presence{}, secret.Scope{}); secret.CodeOf(err) != secret.Storage || !strings.Contains(err.Error(), "needs the key in the secure enclave once more") {
		t.Fatal(err)
	}
	if s.mode = ModeGate; s.next(s.items).content() != old {
		t.Fatal("a value was lost")
	}
}
