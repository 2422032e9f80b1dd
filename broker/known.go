package broker

import (
	"encoding/json"
	"slices"
	"sync"
	"time"

	"noxkey/caller"
	"noxkey/secret"
)

// known remembers the programs that were granted something, by path, with what
// the file looked like.
type known struct {
	ledger Ledger
	clock  Clock
	code   func(caller.ProcID) (caller.Code, error) // nil: programs are not signed

	mu  sync.Mutex
	all map[string]knownProgram // nil until read; guarded by mu
}

type knownProgram struct {
	First time.Time     `json:"first"`
	Seen  time.Time     `json:"seen"` // last, to the day
	ID    caller.FileID `json:"id"`
	// Signer is the team and identifier that signed it, or "" where nobody is believed.
	Signer string `json:"signer,omitempty"`
}

const knownKey = "known-callers"

func newKnown(l Ledger, c Clock, code func(caller.ProcID) (caller.Code, error)) *known {
	return &known{ledger: l, clock: c, code: code}
}

// signer says who signed the program of a caller: in words for the card, and as what is
// remembered, which is "" unless a certificate proves it.
func (k *known) signer(who caller.Caller) (words, proved string) {
	p, ok := shownAs(who)
	if k.code == nil || !ok || p.Script != "" { // who signed the interpreter says nothing of a script
		return "", ""
	}
	c, err := k.code(p.ID)
	if err != nil {
		return "signature unknown", ""
	}
	if c.Signer == caller.Developer || c.Signer == caller.Apple {
		proved = c.Team + "/" + c.Identifier
	}
	return c.String(), proved
}

// shownAs is the process that a card is about: the agent's, or for an unknown
// caller the one that started the client.
func shownAs(who caller.Caller) (caller.Process, bool) {
	if who.Class != caller.Agent {
		return starter(who)
	}
	i := slices.IndexFunc(who.Chain, func(p caller.Process) bool { return p.ID == who.Anchor })
	if i < 0 {
		return caller.Process{}, false
	}
	return who.Chain[i], true
}

// program is what a caller is known by: the executable, or the script, of the
// process that a card is about.
func program(who caller.Caller) (path string, id caller.FileID) {
	p, ok := shownAs(who)
	switch {
	case !ok:
		return "", caller.FileID{}
	case p.Script != "":
		return p.Script, p.ScriptID
	}
	return p.Exe, p.ExeID
}

func (k *known) load() {
	if k.all != nil {
		return
	}
	all := map[string]knownProgram{}
	b, err := k.ledger.Recall(knownKey)
	if err != nil || b != nil && json.Unmarshal(b, &all) != nil {
		return // shown as new, which is the less trusting reading
	}
	k.all = all
}

// look returns what is known of the caller's program, for the card.
func (k *known) look(who caller.Caller) Known {
	path, id := program(who)
	words, signer := k.signer(who)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.load()
	p, ok := k.all[path]
	if !ok {
		return Known{Path: path, Signed: words}
	}
	changed := p.ID != id
	if p.Signer != "" || signer != "" {
		changed = p.Signer != signer
	}
	return Known{Path: path, First: p.First, Seen: p.Seen, Changed: changed, Signed: words}
}

// seen remembers the caller's program after the person allowed it something. A
// ledger that cannot be written costs only that it is shown as new next time.
func (k *known) seen(who caller.Caller) {
	path, id := program(who)
	if path == "" || who.Class == caller.Human {
		return
	}
	_, signer := k.signer(who)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.load()
	if k.all == nil {
		return
	}
	day := k.clock.Wall().UTC().Truncate(24 * time.Hour)
	p, ok := k.all[path]
	if ok && p.ID == id && p.Signer == signer && p.Seen.Equal(day) {
		return
	}
	if !ok {
		p.First = k.clock.Wall().UTC()
	}
	p.ID, p.Seen, p.Signer = id, day, signer
	k.all[path] = p
	if b, err := json.Marshal(k.all); err == nil {
		_ = k.ledger.Remember(knownKey, b)
	}
}

// recallJSON reads what the ledger keeps under key into into, which is left alone
// if there is nothing.
func recallJSON(l Ledger, key string, into any) error {
	b, err := l.Recall(key)
	if err != nil || b == nil {
		return err
	}
	if err := json.Unmarshal(b, into); err != nil {
		return secret.Errorf(secret.Damaged, "what the vault remembers under %s cannot be read", key)
	}
	return nil
}
