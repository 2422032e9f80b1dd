// Package fake is a broker's stand-in for the tests and the demonstration of the
// terminal front. It keeps secrets in memory, asks the desk as a broker would, and
// is part of no program that is shipped.
package fake

import (
	"context"
	"fmt"
	"sync"
	"time"

	"noxkey/broker"
	"noxkey/caller"
	"noxkey/secret"
	"noxkey/ui"
)

// Pass is the passphrase that opens it.
const Pass = "correct horse battery"

// Service implements secret.Service.
type Service struct {
	Desk *ui.Desk
	Now  func() time.Time

	mu       sync.Mutex
	Locked   bool
	Paused   bool
	Entries  []secret.Entry
	Values   map[secret.Name]string
	Sessions []secret.Session
	Records  []secret.Record
	Seen     []*secret.Request // every request, the newest last
	nextID   uint64
	Fail     error                  // answers every write
	Warn     map[secret.Name]string // what is told with a value
}

// Do implements secret.Service.
func (s *Service) Do(ctx context.Context, req *secret.Request, out func(secret.Answer) error) error {
	s.mu.Lock()
	s.Seen = append(s.Seen, req)
	locked := s.Locked
	s.mu.Unlock()
	if locked && req.Op != secret.OpStatus && req.Op != secret.OpUnlock {
		return secret.Errorf(secret.Locked, "noxkey is locked")
	}
	switch req.Op {
	case secret.OpStatus:
		s.mu.Lock()
		defer s.mu.Unlock()
		return out(secret.Answer{Status: &secret.Status{Version: "test", Locked: s.Locked, Paused: s.Paused, Secrets: len(s.Entries), Sessions: len(s.Sessions)}})
	case secret.OpUnlock:
		return s.unlock(ctx)
	case secret.OpSessions:
		for _, x := range s.Sessions {
			if err := out(secret.Answer{Session: &x}); err != nil {
				return err
			}
		}
	case secret.OpAudit:
		for _, r := range s.Records {
			if err := out(secret.Answer{Record: &r}); err != nil {
				return err
			}
		}
	case secret.OpList, secret.OpPeek:
		for _, e := range s.Entries {
			if err := out(secret.Answer{Entry: &e}); err != nil {
				return err
			}
		}
	case secret.OpGet:
		return s.get(ctx, req, out)
	case secret.OpWrite:
		return s.write(ctx, req, out)
	case secret.OpGuard:
		return s.guard(req, out)
	default:
		return s.small(req)
	}
	return nil
}

func (s *Service) small(req *secret.Request) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch req.Op {
	case secret.OpLock:
		s.Locked, s.Sessions = true, nil
	case secret.OpPause:
		s.Paused = req.On
	case secret.OpEnd:
		var keep []secret.Session
		for _, x := range s.Sessions {
			if x.ID != req.ID && req.ID != 0 {
				keep = append(keep, x)
			}
		}
		s.Sessions = keep
	}
	return nil
}

func (s *Service) unlock(ctx context.Context) error {
	if err := s.own(ctx, &broker.Ask{Op: secret.OpUnlock, Touch: true}); err != nil {
		return err
	}
	s.mu.Lock()
	s.Locked = false
	s.mu.Unlock()
	return nil
}

// prove asks for the passphrase up to three times.
func (s *Service) prove(ctx context.Context, p secret.Prompt) error {
	for range 3 {
		v, err := s.Desk.Passphrase(ctx, p)
		if err != nil {
			return err
		}
		right := false
		_ = v.Use(func(b []byte) error { right = string(b) == Pass; return nil })
		v.Wipe()
		if right {
			return nil
		}
		p.Note = "Wrong passphrase."
	}
	return secret.Errorf(secret.WrongKey, "wrong passphrase")
}

// Front is the caller of the person's own actions.
func Front() caller.Caller {
	return caller.Caller{Class: caller.Human, Front: true, Whole: true, Terminal: "NoxKey"}
}

// own asks for what the person does in the front itself.
func (s *Service) own(ctx context.Context, a *broker.Ask) error {
	s.mu.Lock()
	s.nextID++
	a.ID = 1<<32 + s.nextID
	s.mu.Unlock()
	a.Kind, a.Who = broker.AskHuman, Front()
	end := secret.OutDenied
	defer func() { s.Desk.Close(a.ID, end) }()
	ans, err := s.Desk.Ask(ctx, a)
	if err != nil {
		return err
	}
	if err := s.prove(ctx, ans.Prompt); err != nil {
		return err
	}
	end = secret.AllowedOnce
	return nil
}

func (s *Service) get(ctx context.Context, req *secret.Request, out func(secret.Answer) error) error {
	n := secret.Name(req.Targets[0])
	a := &broker.Ask{Op: secret.OpGet, Delivery: req.Delivery, Items: []broker.Item{s.item(n)}}
	if err := s.own(ctx, a); err != nil {
		return err
	}
	v, err := secret.NewValue([]byte(s.Values[n]))
	if err != nil {
		return err
	}
	if w := s.Warn[n]; w != "" {
		if err := out(secret.Answer{Ticket: &secret.Ticket{Names: []secret.Name{n}, Warnings: []string{w}}}); err != nil {
			return err
		}
	}
	return out(secret.Answer{Value: &secret.Named{Name: n, Value: v}})
}

// guard finds the texts that are a stored value.
func (s *Service) guard(req *secret.Request, out func(secret.Answer) error) error {
	for i, t := range req.Texts {
		for n, v := range s.Values {
			err := t.Use(func(b []byte) error {
				if string(b) != v {
					return nil
				}
				return out(secret.Answer{Hit: &secret.Hit{Text: i, Name: n, Len: len(v)}})
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Service) write(ctx context.Context, req *secret.Request, out func(secret.Answer) error) error {
	if s.Fail != nil {
		return s.Fail
	}
	a := &broker.Ask{Op: secret.OpWrite}
	for _, c := range req.Changes {
		w := broker.Write{Action: c.Action, Name: c.Name, New: c.Meta.Apply(secret.DefaultMetadata(c.Name))}
		_, w.Exists = s.Values[c.Name]
		a.Writes = append(a.Writes, w)
	}
	if err := s.own(ctx, a); err != nil {
		return err
	}
	for i, c := range req.Changes {
		_ = c.Value.Use(func(b []byte) error { s.Values[c.Name] = string(b); return nil })
		s.Entries = append(s.Entries, secret.Entry{Name: c.Name, Metadata: a.Writes[i].New})
		if err := out(secret.Answer{Written: &secret.Written{Action: c.Action, Name: c.Name, Replaced: a.Writes[i].Exists}}); err != nil {
			return err
		}
	}
	return nil
}

// Request asks the person as a broker would for an agent, and says how it ended.
func (s *Service) Request(ctx context.Context, a *broker.Ask) string {
	end := secret.OutDenied
	defer func() { s.Desk.Close(a.ID, end) }()
	if a.Kind == broker.AskEntry {
		v, err := s.Desk.Enter(ctx, a)
		defer v.Wipe()
		if err != nil {
			return "not entered: " + err.Error()
		}
		end = secret.AllowedOnce
		return "entered"
	}
	ans, err := s.Desk.Ask(ctx, a)
	if err != nil {
		end = secret.OutTimedOut
		return "withdrawn: " + err.Error()
	}
	if ans.Choice == broker.Deny || ans.Digest != a.Digest() {
		return "denied"
	}
	if err := s.prove(ctx, ans.Prompt); err != nil {
		return "not proved: " + err.Error()
	}
	end = secret.AllowedOnce
	return fmt.Sprintf("allowed %d", ans.Choice)
}

// Fill makes up the vault, the sessions and the records of the pictures.
func (s *Service) Fill(now time.Time) {
	s.Values = map[secret.Name]string{}
	entry := func(n, desc string, t secret.FieldType, l secret.Level, used time.Duration) {
		m := secret.Metadata{FieldType: t, Kind: secret.KindAPIKey, Level: l, Desc: desc, Created: now.Add(-90 * 24 * time.Hour), Changed: now.Add(-9 * 24 * time.Hour), Peek: "sk_live_"}
		s.Entries = append(s.Entries, secret.Entry{Name: secret.Name(n), Metadata: m, Version: 1, LastUsed: now.Add(-used)})
		s.Values[secret.Name(n)] = "value-of-" + n
	}
	entry("acme/api/STRIPE_SECRET_KEY", "live payments", secret.APIKey, secret.Strict, time.Hour)
	entry("acme/api/STRIPE_WEBHOOK_SECRET", "", secret.Token, secret.Normal, 2*time.Hour)
	entry("acme/web/STRIPE_PUBLISHABLE_KEY", "shop front", secret.APIKey, secret.Easy, 3*time.Hour)
	entry("acme/api-staging/STRIPE_SECRET_KEY", "test mode", secret.APIKey, secret.Normal, 4*time.Hour)
	entry("acme/ops/STATUS_REPORT_PIPELINE_KEY", "nightly", secret.APIKey, secret.Normal, 5*time.Hour)
	entry("login/dashboard.stripe.com/PASSWORD", "", secret.Password, secret.OffLimits, 6*time.Hour)
	entry("acme/api/DATABASE_URL", "primary", secret.URL, secret.Normal, 7*time.Hour)
	s.Sessions = []secret.Session{
		{ID: 1, Class: "agent", Prefix: "acme/api", Who: "Claude Code", Granted: now, Until: now.Add(3*time.Hour + 12*time.Minute + 30*time.Second)},
		{ID: 2, Class: "human", Prefix: "acme/web", Who: "zsh in tmux 4121 (vouched)", Granted: now, Until: now.Add(41*time.Minute + 30*time.Second)},
	}
	rec := func(seq uint64, ago time.Duration, o secret.Outcome, p secret.Prefix, who string, names ...secret.Name) {
		s.Records = append(s.Records, secret.Record{Seq: seq, Time: now.Add(-ago), Outcome: o, Op: secret.OpGet, Prefix: p, Names: names, Who: who})
	}
	rec(1, 180*time.Minute, secret.OutTimedOut, "", "Gemini CLI", "acme/ml/GOOGLE_API_KEY")
	rec(2, 94*time.Minute, secret.OutRefused, "", "Codex", "login/aws.amazon.com/PASSWORD")
	rec(3, 81*time.Minute, secret.AllowedSession, "acme/web", "Claude Code", "acme/web/A", "acme/web/B", "acme/web/C", "acme/web/D")
	rec(4, 43*time.Minute, secret.OutDenied, "", "Codex", "acme/api/DATABASE_URL")
	rec(5, 29*time.Minute, secret.AllowedOnce, "", "Claude Code", "acme/api/STRIPE_SECRET_KEY")
}

// item is n as an Ask names it.
func (s *Service) item(n secret.Name) broker.Item {
	it := broker.Item{Name: n, Level: secret.Normal}
	for _, e := range s.Entries {
		if e.Name == n {
			it.Type, it.Kind = e.FieldType, e.Kind
		}
	}
	return it
}
