package mac

import (
	"encoding/json"
	"slices"
	"sync"
	"time"

	"noxkey/secret"
)

// preferencesKey is the ledger's key of the preferences.
const preferencesKey = "preferences"

// The clipboard times and session lengths that a person may choose from.
var (
	ClipboardTimes = []time.Duration{15 * time.Second, 30 * time.Second, time.Minute}
	SessionLengths = []time.Duration{15 * time.Minute, time.Hour, 4 * time.Hour, 8 * time.Hour, secret.MaxSession}
)

// Preferences are what a person chose for themselves. They rest in the vault's ledger,
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

// stored is the form in the ledger; times are seconds.
type stored struct {
	HotKey    string `json:"hot_key,omitempty"`
	Session   int    `json:"session,omitempty"`
	Clipboard int    `json:"clipboard,omitempty"`
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

// Session is how long a session lasts that asks for no length of its own.
func (p *Preferences) Session() time.Duration {
	if d := time.Duration(p.get().Session) * time.Second; slices.Contains(SessionLengths, d) {
		return d
	}
	return secret.DefaultSession
}

// SetSession stores it; d is one of SessionLengths, else the error has code Invalid.
func (p *Preferences) SetSession(d time.Duration) error {
	if !slices.Contains(SessionLengths, d) {
		return secret.Errorf(secret.Invalid, "a session cannot last %v by default", d)
	}
	return p.change(func(s *stored) { s.Session = int(d / time.Second) })
}

// Clipboard is how long a copied value stays.
func (p *Preferences) Clipboard() time.Duration {
	if d := time.Duration(p.get().Clipboard) * time.Second; slices.Contains(ClipboardTimes, d) {
		return d
	}
	return 30 * time.Second
}

// SetClipboard stores it; d is one of ClipboardTimes, else the error has code Invalid.
func (p *Preferences) SetClipboard(d time.Duration) error {
	if !slices.Contains(ClipboardTimes, d) {
		return secret.Errorf(secret.Invalid, "a copied value cannot stay for %v", d)
	}
	return p.change(func(s *stored) { s.Clipboard = int(d / time.Second) })
}
