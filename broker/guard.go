package broker

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"sync"
	"time"

	"noxkey/caller"
	"noxkey/fingerprint"
	"noxkey/secret"
)

// prints keeps the fingerprints of the values, in memory while names may be known and
// sealed in the ledger besides. A value gets one when it is written, and one that was
// stored before there were any when it is read next.
type prints struct {
	ledger Ledger
	clock  Clock

	mu    sync.Mutex
	key   fingerprint.Key                   // guarded by mu
	all   map[secret.Name]fingerprint.Print // nil until read; guarded by mu
	set   *fingerprint.Set[secret.Name]     // of all; nil when it must be built again; guarded by mu
	asked map[string]budget                 // by asker; guarded by mu
}

const printsKey = "fingerprints"

// budget is what an asker has had looked through lately.
type budget struct {
	since time.Duration // on the boot clock
	bytes int
}

// guardBytes is how many bytes an agent or unknown caller may have looked through in a
// minute: more than a hook ever sees, and too few to try guesses.
const guardBytes = 64 << 20

func newPrints(l Ledger, c Clock) *prints {
	return &prints{ledger: l, clock: c, asked: map[string]budget{}}
}

// load reads the fingerprints. The caller holds mu. Damage to them is an error: without
// them a guard would find nothing and look as if all were well.
func (p *prints) load() error {
	if p.all != nil {
		return nil
	}
	audit, err := p.ledger.AuditKey()
	if err != nil {
		return err
	}
	k, err := hkdf.Key(sha256.New, audit[:], nil, "noxkey fingerprints 1", len(p.key))
	clear(audit[:])
	if err != nil {
		return err
	}
	b, err := p.ledger.Recall(printsKey)
	if err != nil {
		return err
	}
	all, ok := decodePrints(b)
	if !ok {
		return secret.Errorf(secret.Damaged, "the vault's fingerprints cannot be read")
	}
	p.key, p.all = fingerprint.Key(k), all
	return nil
}

// forget is for locking: names and key go.
func (p *prints) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.key[:])
	p.all, p.set = nil, nil
}

// save writes all, sorted by name. The caller holds mu.
func (p *prints) save() error {
	var b []byte
	for _, n := range sortedNames(p.all) {
		b = binary.AppendUvarint(b, uint64(len(n)))
		b = append(b, n...)
		b = p.all[n].Append(b)
	}
	p.set = nil
	return p.ledger.Remember(printsKey, b)
}

func sortedNames(all map[secret.Name]fingerprint.Print) []secret.Name {
	names := make([]secret.Name, 0, len(all))
	for n := range all {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

func decodePrints(b []byte) (map[secret.Name]fingerprint.Print, bool) {
	all := map[secret.Name]fingerprint.Print{}
	for len(b) > 0 {
		n, size := binary.Uvarint(b)
		if size <= 0 || n > uint64(len(b)-size) || len(b)-size-int(n) < fingerprint.Size {
			return nil, false
		}
		name := secret.Name(b[size : size+int(n)])
		b = b[size+int(n):]
		pr, ok := fingerprint.Parse(b[:fingerprint.Size])
		if !ok {
			return nil, false
		}
		all[name], b = pr, b[fingerprint.Size:]
	}
	return all, true
}

// put notes the fingerprint of a value, or that it has none. It reports whether anything
// changed. The caller holds mu.
func (p *prints) put(n secret.Name, v secret.Value, m secret.Metadata) (changed bool) {
	old, had := p.all[n]
	if m.FieldType == secret.Username || m.FieldType == secret.Email {
		delete(p.all, n) // they are in every text, and no secret
		return had
	}
	var is fingerprint.Print
	ok := false
	_ = v.Use(func(b []byte) error {
		is, ok = p.key.Of(b, len(secret.Peek(b, m.FieldType, m.Kind)))
		return nil
	})
	if !ok {
		delete(p.all, n)
		return had
	}
	p.all[n] = is
	return !had || old != is
}

// written follows what was just written. If that cannot be kept, the values are watched
// for until the next lock, and again once they are read: the write itself is done, and is
// not undone for it.
func (p *prints) written(lines []Write, changes []secret.Change) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.load() != nil {
		return
	}
	changed := false
	for i, w := range lines {
		old, had := p.all[w.Name]
		switch w.Action {
		case secret.ActionSet:
			changed = p.put(w.Name, changes[i].Value, w.New) || changed
		case secret.ActionRemove:
			delete(p.all, w.Name)
			changed = changed || had
		case secret.ActionMove:
			delete(p.all, w.Name)
			delete(p.all, w.To)
			if had {
				p.all[w.To] = old
			}
			changed = true
		}
	}
	if changed {
		_ = p.save()
	}
}

// seen notes the fingerprints of values that were just read: of those that were stored
// before there were any, and of those that written could not keep.
func (p *prints) seen(entries []secret.Entry, values []secret.Value) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.load() != nil {
		return
	}
	changed := false
	for i, e := range entries {
		if i < len(values) {
			changed = p.put(e.Name, values[i], e.Metadata) || changed
		}
	}
	if changed {
		_ = p.save()
	}
}

// look returns the set of all fingerprints.
func (p *prints) look() (*fingerprint.Set[secret.Name], error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.load(); err != nil {
		return nil, err
	}
	if p.set == nil {
		p.set = fingerprint.NewSet[secret.Name](p.key, len(p.all))
		for n, pr := range p.all {
			p.set.Add(pr, n)
		}
	}
	return p.set, nil
}

// spend takes n bytes off the asker's budget.
func (p *prints) spend(asker string, n int) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.clock.Elapsed()
	for who, u := range p.asked {
		if now-u.since > time.Minute {
			delete(p.asked, who)
		}
	}
	u, ok := p.asked[asker]
	if !ok {
		u.since = now
	}
	if u.bytes+n > guardBytes {
		return secret.Errorf(secret.Busy, "that is more text in a minute than NoxKey looks through for an agent")
	}
	u.bytes += n
	p.asked[asker] = u
	return nil
}

// guard says which stored values are in the request's texts. Nothing is unlocked for it.
// What is found is recorded before it is said: an answer confirms a guess.
func (b *Broker) guard(who caller.Caller, req *secret.Request, out func(secret.Answer) error) error {
	set, err := b.prints.look()
	if err != nil {
		return err
	}
	if who.Class != caller.Human {
		n := 0
		for _, t := range req.Texts {
			_ = t.Use(func(text []byte) error { n += len(text); return nil })
		}
		if err := b.prints.spend(askerOf(who), n); err != nil {
			return b.refuse(who, req, nil, err)
		}
	}
	var hits []secret.Hit
	for i, t := range req.Texts {
		_ = t.Use(func(text []byte) error {
			set.Find(text, func(h fingerprint.Hit[secret.Name]) bool {
				hits = append(hits, secret.Hit{Text: i, Name: h.What, Off: h.Off, Len: h.Len})
				return len(hits) < maxHits
			})
			return nil
		})
	}
	if len(hits) == 0 {
		return nil
	}
	r := b.entry(who, req, hitNames(hits), secret.OutDone)
	r.Detail = "found in text"
	if err := b.audit.append(r); err != nil {
		return err
	}
	for _, h := range hits {
		if err := out(secret.Answer{Hit: &h}); err != nil {
			return err
		}
	}
	return nil
}

// maxHits bounds the answers to one request.
const maxHits = 1024

func hitNames(hits []secret.Hit) []secret.Name {
	var names []secret.Name
	for _, h := range hits {
		names = append(names, h.Name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
