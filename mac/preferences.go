package mac

import (
	"encoding/json"
	"sync"
)

// preferencesKey is the ledger's key of the preferences.
const preferencesKey = "preferences"

// Preferences are what a person chose for themselves and nobody else asks for: the
// lengths of time are the broker's settings. They rest in the vault's ledger,
// sealed: a file could be changed by the programs that are to be kept in bounds. While
// the vault is locked, those that were known stay. Its methods may be called from any
// goroutine.
type Preferences struct {
	recall   func(key string) ([]byte, error)
	remember func(key string, data []byte) error

	mu   sync.Mutex
	now  stored // guarded by mu
	read bool   // guarded by mu
}

// stored is the form in the ledger.
type stored struct {
	HotKey string `json:"hot_key,omitempty"`
}

// NewPreferences returns those that recall and remember keep: a vault's Recall and
// Remember, whose errors of code Locked mean "not now".
func NewPreferences(recall func(string) ([]byte, error), remember func(string, []byte) error) *Preferences {
	return &Preferences{recall: recall, remember: remember}
}

// get returns what is stored. What cannot be read counts as never chosen.
func (p *Preferences) get() stored {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.load()
}

// load reads the ledger once. Callers hold mu.
func (p *Preferences) load() stored {
	if p.read {
		return p.now
	}
	b, err := p.recall(preferencesKey)
	if err != nil {
		return p.now
	}
	var s stored
	if b == nil || json.Unmarshal(b, &s) == nil {
		p.now, p.read = s, true
	}
	return p.now
}

// change stores what f makes of the preferences. On an error nothing has changed.
func (p *Preferences) change(f func(*stored)) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.load()
	f(&s)
	b, err := json.Marshal(s)
	if err != nil {
		return err
	}
	if err := p.remember(preferencesKey, b); err != nil {
		return err
	}
	p.now, p.read = s, true
	return nil
}

// Chord is the search panel's.
func (p *Preferences) Chord() Chord {
	if c, err := ParseChord(p.get().HotKey); err == nil {
		return c
	}
	return DefaultChord
}

// SetChord stores the search panel's.
func (p *Preferences) SetChord(c Chord) error {
	return p.change(func(s *stored) { s.HotKey = c.String() })
}
