package keychain

import (
	"crypto/ecdh"
	"crypto/rand"
	"crypto/sha256"
	"maps"
	"slices"
	"sync"
	"testing"
	"unsafe"

	"noxkey/secret"
	"noxkey/vault/internal/sealing"
	"noxkey/vault/vaulttest"
)

// fakeItems is a Keychain in memory. Like the real one it changes items whole and
// keeps nothing of what it is handed.
type fakeItems struct {
	mu    sync.Mutex // guards the fields below
	items map[string]fakeItem
	reads []string
	calls int
	// trip is asked before each call that reads data or writes, with its number; what
	// it returns is answered instead. If done is true the call happens all the same.
	trip func(call int, what, account string) (err error, done bool)
	hold func(account string) // called before a read, without mu
}

type fakeItem struct {
	label string
	data  []byte
}

func newFake() *fakeItems { return &fakeItems{items: make(map[string]fakeItem)} }

// call runs f unless the call trips.
func (f *fakeItems) call(what, account string, do func() error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls++
	if f.trip != nil {
		if err, done := f.trip(f.calls, what, account); err != nil {
			if done {
				_ = do()
			}
			return err
		}
	}
	return do()
}

func (f *fakeItems) List() (list []Item, err error) {
	err = f.call("list", "", func() error {
		for a, it := range f.items {
			list = append(list, Item{a, it.label})
		}
		return nil
	})
	return list, err
}

func (f *fakeItems) Read(account string) (data []byte, err error) {
	if f.hold != nil {
		f.hold(account)
	}
	err = f.call("read", account, func() error {
		f.reads = append(f.reads, account)
		it, ok := f.items[account]
		if !ok {
			return StatusNotFound
		}
		data = slices.Clone(it.data)
		return nil
	})
	return data, err
}

func (f *fakeItems) Add(it Item, data []byte) error {
	return f.call("add", it.Account, func() error {
		if _, ok := f.items[it.Account]; ok {
			return StatusDuplicate
		}
		f.items[it.Account] = fakeItem{it.Label, slices.Clone(data)}
		return nil
	})
}

func (f *fakeItems) Update(it Item, data []byte) error {
	return f.call("update", it.Account, func() error {
		was, ok := f.items[it.Account]
		if !ok {
			return StatusNotFound
		}
		was.label = it.Label
		if data != nil {
			was.data = slices.Clone(data)
		}
		f.items[it.Account] = was
		return nil
	})
}

func (f *fakeItems) Delete(account string) error {
	return f.call("delete", account, func() error {
		if _, ok := f.items[account]; !ok {
			return StatusNotFound
		}
		delete(f.items, account)
		return nil
	})
}

// copyOf returns the same items, without trips.
func (f *fakeItems) copyOf() *fakeItems {
	f.mu.Lock()
	defer f.mu.Unlock()
	return &fakeItems{items: maps.Clone(f.items)}
}

// presence is the answer of a fake LAContext.
type presence struct {
	mu   sync.Mutex
	over bool
}

func (p *presence) Use(f func(unsafe.Pointer) error) error {
	p.mu.Lock()
	over := p.over
	p.mu.Unlock()
	if over {
		return secret.Errorf(secret.Denied, "the authentication is over")
	}
	return f(nil)
}

func (p *presence) Invalidate() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.over = true
}

// softKey is a P-256 key in software: what the Secure Enclave's does, without the
// Enclave. It counts how often it was opened, and by whom.
type softKey struct {
	private *ecdh.PrivateKey
	mu      sync.Mutex
	opened  int
	err     error
}

func newSoftKey() *softKey {
	k, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		panic(err)
	}
	return &softKey{private: k}
}

func (k *softKey) Name() string { return "software key (tests only)" }

func (k *softKey) Seal(plain []byte) ([]byte, error) {
	mine, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	shared, err := mine.ECDH(k.private.PublicKey())
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(shared)
	return append(mine.PublicKey().Bytes(), sealing.Seal(sum[:], plain, nil)...), nil
}

func (k *softKey) Open(p Presence, box []byte) (plain []byte, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.opened++
	if k.err != nil {
		return nil, k.err
	}
	err = p.Use(func(unsafe.Pointer) error {
		bad := secret.Errorf(secret.Damaged, "not sealed to this key")
		if len(box) < 65 {
			return bad
		}
		theirs, err := ecdh.P256().NewPublicKey(box[:65])
		if err != nil {
			return bad
		}
		shared, err := k.private.ECDH(theirs)
		if err != nil {
			return bad
		}
		sum := sha256.Sum256(shared)
		var ok bool
		if plain, ok = sealing.Unseal(sum[:], box[65:], nil); !ok {
			return bad
		}
		return nil
	})
	return plain, err
}

// scene is a vault over a fake Keychain.
type scene struct {
	testing.TB
	*Vault
	items *fakeItems
	soft  *softKey
	mode  Mode
}

var modes = []Mode{ModeGate, ModeEnclave}

// each runs a test in both modes.
func each(t *testing.T, f func(s *scene)) {
	for _, m := range modes {
		t.Run(string(m), func(t *testing.T) {
			t.Parallel()
			f(newScene(t, m))
		})
	}
}

func newScene(t testing.TB, m Mode) *scene {
	t.Helper()
	s := &scene{TB: t, items: newFake(), soft: newSoftKey(), mode: m}
	v, err := Create(s.items, m, s.soft)
	if err != nil {
		t.Fatal(err)
	}
	s.Vault = v
	return s
}

// next is the vault as the next run of the program finds it, over these items.
func (s *scene) next(items *fakeItems) *scene {
	s.Helper()
	v, err := Open(items, s.mode, s.soft)
	if err != nil {
		s.Fatal(err)
	}
	return &scene{s.TB, v, items, s.soft, s.mode}
}

func (s *scene) unlock(scope secret.Scope) secret.Key {
	s.Helper()
	k, err := s.Unlock(&presence{}, scope)
	if err != nil {
		s.Fatal(err)
	}
	return k
}

func (s *scene) root() secret.Key {
	s.Helper()
	return s.unlock(secret.Scope{Root: true})
}

func (s *scene) apply(k secret.Key, c ...secret.Change) {
	s.Helper()
	if err := s.Apply(k, c); err != nil {
		s.Fatal(err)
	}
}

// read returns the value of n, or the code of the error.
func (s *scene) read(k secret.Key, n secret.Name) string {
	s.Helper()
	v, err := s.Open(k, []secret.Ref{{Name: n}})
	if err != nil {
		return string(secret.CodeOf(err))
	}
	defer v[0].Wipe()
	var text string
	_ = v[0].Use(func(b []byte) error { text = string(b); return nil })
	return text
}

func (s *scene) names() []secret.Name {
	s.Helper()
	list, err := s.Under("")
	if err != nil {
		s.Fatal(err)
	}
	var names []secret.Name
	for _, e := range list {
		names = append(names, e.Name)
	}
	return names
}

func value(text string) secret.Value {
	v, err := secret.NewValue([]byte(text))
	if err != nil {
		panic(err)
	}
	return v
}

func write(n secret.Name, text string, l secret.Level) secret.Change {
	return secret.Change{Action: secret.ActionSet, Name: n, Value: value(text), Meta: secret.Patch{Level: &l}, Replace: true}
}

func (s *scene) fixture() vaulttest.Fixture {
	return vaulttest.Fixture{
		Vault: s.Vault,
		Unlock: func(scope secret.Scope) (secret.Key, error) {
			p := &presence{}
			defer p.Invalidate() // as package touchid does
			return s.Unlock(p, scope)
		},
		Reopen: func(t *testing.T) vaulttest.Fixture {
			s.Vault.Close()
			return s.next(s.items).fixture()
		},
	}
}

func TestContract(t *testing.T) {
	for _, m := range modes {
		t.Run(string(m), func(t *testing.T) {
			vaulttest.Run(t, func(t *testing.T) vaulttest.Fixture { return newScene(t, m).fixture() })
		})
	}
}
