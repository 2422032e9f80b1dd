package broker

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"sync"
	"time"

	"noxkey/caller"
	"noxkey/secret"
)

// settings are what the person changed. They rest in the ledger, which the vault seals:
// a file could be changed by the programs that are to be kept in bounds.
type settings struct {
	ledger Ledger

	mu  sync.Mutex
	set map[string]int64 // seconds by name; nil until read; guarded by mu
}

const settingsKey = "settings"

// load reads the ledger once. What was read stays known while the vault is locked, when
// nothing is granted. s.mu is held.
func (s *settings) load() error {
	if s.set != nil {
		return nil
	}
	set := map[string]int64{}
	if err := recallJSON(s.ledger, settingsKey, &set); err != nil {
		return err
	}
	if s.set = set; set == nil { // the word null
		s.set = map[string]int64{}
	}
	return nil
}

// get returns the setting of that name. One out of its bounds counts as never changed. On
// an error it is at its default.
func (s *settings) get(name string) (secret.Setting, error) {
	one, err := secret.SettingOf(name)
	if err != nil {
		return one, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.load(); err != nil {
		return one, err
	}
	one, _ = one.To(s.set[name]) // which leaves it as it is
	return one, nil
}

// put keeps one for the runs to come. On an error nothing has changed.
func (s *settings) put(one secret.Setting) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.load(); err != nil {
		return err
	}
	set := maps.Clone(s.set)
	if set[one.Name] = one.Value; one.Value == one.Default {
		delete(set, one.Name)
	}
	data, err := json.Marshal(set)
	if err != nil {
		return err
	}
	if err := s.ledger.Remember(settingsKey, data); err != nil {
		return err
	}
	s.set = set
	return nil
}

// Length is what the person set that setting to: its default before the first unlock, and
// if the vault does not tell. A card or prompt says how long a session would last.
func (b *Broker) Length(setting string) time.Duration {
	s, _ := b.settings.get(setting)
	return s.Length()
}

// adjust lists the settings, or changes one for a person who proves to be one: a key that
// was forged, or a script in their terminal, shall not lengthen a session in silence. It
// is recorded before it holds.
func (b *Broker) adjust(ctx context.Context, who caller.Caller, req *secret.Request, out func(secret.Answer) error) error {
	if req.Setting == "" {
		return b.listSettings(out)
	}
	was, err := b.settings.get(req.Setting)
	if err != nil {
		return err
	}
	to, err := was.To(req.Seconds)
	if err != nil {
		return err
	}
	if to == was {
		return out(secret.Answer{Setting: &was})
	}
	d := decide(question{class: who.Class, act: actOf(req)})
	g, err := b.approve(ctx, req, &Ask{Kind: AskHuman, Op: req.Op, Who: who, Touch: d.auth,
		Setting: &Adjustment{Name: to.Name, Old: was.Length(), New: to.Length()}}, out)
	if err != nil {
		return err
	}
	defer g.drop()
	r := b.entry(who, req, nil, secret.OutDone)
	r.Digest = fmt.Sprintf("%x", g.digest)
	r.Detail += ", was " + secret.Span(was.Value)
	if err := b.audit.append(r); err != nil {
		return err
	}
	if err := b.settings.put(to); err != nil {
		return b.refuse(who, req, nil, err)
	}
	return out(secret.Answer{Setting: &to})
}

func (b *Broker) listSettings(out func(secret.Answer) error) error {
	for _, s := range secret.Settings() {
		now, err := b.settings.get(s.Name)
		if err != nil {
			return err
		}
		if err := out(secret.Answer{Setting: &now}); err != nil {
			return err
		}
	}
	return nil
}

// adjustment words what req would change, for the audit.
func adjustment(req *secret.Request) string {
	if req.Seconds == 0 {
		return req.Setting + ": its default"
	}
	return req.Setting + ": " + secret.Span(req.Seconds)
}
