package broker

import (
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf8"

	"noxkey/caller"
	"noxkey/secret"
)

// Manifest is the committed file that chose a run's secrets, as the card shows it.
type Manifest struct {
	// Last is the digest that was allowed before, "" for a file never seen; Seen is when.
	Last string
	Seen time.Time
}

// checkRun holds the description of a program against its bounds and the asker. A Run
// stands in requests for DeliverRun and in no other.
func checkRun(who caller.Caller, req *secret.Request) error {
	switch {
	case (req.Delivery == secret.DeliverRun) != (req.Run != nil):
		return secret.Errorf(secret.Protocol, "a program belongs to the delivery run and to no other")
	case req.Run == nil:
		return nil
	case req.Op != secret.OpGet:
		return secret.Errorf(secret.Protocol, "a program belongs to a get")
	case who.Dir != "" && req.Run.Dir != who.Dir:
		return secret.Errorf(secret.Disagree, "the client says it runs in another folder than it does")
	case req.Run.Plain && who.Class != caller.Human:
		return secret.Errorf(secret.HumanOnly, "only a person at a known terminal may have the output as it is")
	}
	if who.Class != caller.Human && utf8.RuneCountInString(secret.ShellWords(req.Run.Argv, 0)) > secret.MaxShown {
		return secret.Errorf(secret.Invalid, "the command is longer than the %d characters that a card shows: put it into a script", secret.MaxShown)
	}
	return req.Run.Check()
}

// oursOnly refuses to answer an agent's or unknown caller's read with values unless the
// peer is NoxKey's own client: another program that speaks the protocol would be where
// the value ends up. It is asked when a request comes and again when a ticket is redeemed,
// since a process may become another program meanwhile. A debugger that had the client
// in its hands before it asked is out of reach.
func (b *Broker) oursOnly(who caller.Caller) error {
	if b.cfg.Ours == nil || who.Class == caller.Human || who.Front {
		return nil
	}
	if len(who.Chain) == 0 {
		return secret.Errorf(secret.Untrusted, "it is not known which program asks")
	}
	if err := b.cfg.Ours(who.Chain[0]); err != nil {
		return secret.Errorf(secret.Untrusted, "values go to NoxKey's own client only: %v", err)
	}
	return nil
}

// redactable refuses an agent's or unknown caller's run with a value that is too short to
// be taken out of what the program prints: they would read it there. What is no secret
// by its type passes, and the client names it.
func redactable(who caller.Caller, req *secret.Request, entries []secret.Entry, values []secret.Value) error {
	if req.Run == nil || who.Class == caller.Human {
		return nil
	}
	var short []secret.Name
	for i, e := range entries {
		_ = values[i].Use(func(v []byte) error {
			if len(secret.Trim(v)) < secret.MinRedacted && !harmless(e.Metadata) {
				short = append(short, e.Name)
			}
			return nil
		})
	}
	if len(short) == 0 {
		return nil
	}
	return &secret.Error{Code: secret.TooShort, Names: short, Msg: fmt.Sprintf("less than %d bytes are too short to be found in what the command prints, so nothing was released: %s",
		secret.MinRedacted, secret.List(short))}
}

// harmless reports whether a value is no secret by its type: a name, an address, a setting.
func harmless(m secret.Metadata) bool {
	switch m.FieldType {
	case secret.Username, secret.Email, secret.URL, secret.Text:
		return m.Kind != secret.KindRecoveryCodes
	}
	return false
}

const manifestsKey = "manifests"

// allowedManifest is what is remembered of a manifest that the person allowed.
type allowedManifest struct {
	Digest string    `json:"digest"`
	Seen   time.Time `json:"seen"` // to the day
}

// maxManifests bounds what is remembered: one a project, the oldest goes.
const maxManifests = 512

// lookManifest says what was allowed before at that path. A ledger that cannot be read
// shows it as new.
func (b *Broker) lookManifest(m *secret.Manifest) *Manifest {
	if m == nil {
		return nil
	}
	all := b.manifests()
	last := all[m.Path]
	return &Manifest{Last: last.Digest, Seen: last.Seen}
}

func (b *Broker) manifests() map[string]allowedManifest {
	all := map[string]allowedManifest{}
	if raw, err := b.cfg.Ledger.Recall(manifestsKey); err != nil || raw != nil && json.Unmarshal(raw, &all) != nil {
		return map[string]allowedManifest{}
	}
	return all
}

// seenManifest remembers what was allowed and released. A ledger that cannot be written costs only
// that the file is shown as new next time.
func (b *Broker) seenManifest(m *secret.Manifest) {
	if m == nil {
		return
	}
	b.writing.Lock()
	defer b.writing.Unlock()
	all := b.manifests()
	day := b.cfg.Clock.Wall().UTC().Truncate(24 * time.Hour)
	now := allowedManifest{m.Digest, day}
	if all[m.Path] == now {
		return
	}
	all[m.Path] = now
	for len(all) > maxManifests {
		delete(all, oldest(all))
	}
	if raw, err := json.Marshal(all); err == nil {
		_ = b.cfg.Ledger.Remember(manifestsKey, raw)
	}
}

func oldest(all map[string]allowedManifest) string {
	var path string
	for p, m := range all {
		if path == "" || m.Seen.Before(all[path].Seen) || m.Seen.Equal(all[path].Seen) && p < path {
			path = p
		}
	}
	return path
}
