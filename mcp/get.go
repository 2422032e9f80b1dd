package mcp

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"noxkey/caller"
	"noxkey/handoff"
	"noxkey/secret"
)

// maxOpen is how many handoffs may wait for their shell at once. Under a session
// each get makes one without a card, so something else has to bound them.
const maxOpen = 64

// maxTTL is the longest that a handoff waits, whatever the ticket says.
const maxTTL = 120 * time.Second

type loaded struct {
	Variable string      `json:"variable"`
	Name     secret.Name `json:"name"`
}

type grant struct {
	Until  string        `json:"until,omitempty"`
	Prefix string        `json:"prefix,omitempty"`
	Names  []secret.Name `json:"names,omitempty"`
}

// handed is the data of a successful get.
type handed struct {
	Script    string        `json:"script"`
	Command   string        `json:"command"`
	Variables []loaded      `json:"variables"`
	LeftOut   []secret.Name `json:"left_out"`
	Seconds   int           `json:"seconds"`
	Session   *grant        `json:"session,omitempty"`
	Warnings  []string      `json:"warnings,omitempty"`
	Rules     []string      `json:"rules"`
	Note      string        `json:"note,omitempty"`
}

// get asks for a ticket, which may take as long as the person does, and answers
// with a script that trades it.
func (s *server) get(c *call) (result, error) {
	req := s.request(secret.Request{
		Op: secret.OpGet, Delivery: secret.DeliverShell,
		Targets: c.args.prefixes("account"),
		Session: c.args.session(),
		Reason:  c.args.text("reason", secret.MaxReason),
		Command: c.args.text("command", secret.MaxCommand),
	})
	if err := c.args.err(); err != nil {
		return result{}, err
	}
	if len(req.Targets) == 0 {
		return result{}, secret.Errorf(secret.Invalid, "account is missing")
	}
	under, err := s.readers() // before the person is asked: without a reader a grant is for nothing
	if err != nil {
		return result{}, err
	}
	if err := s.reserve(); err != nil {
		return result{}, err
	}
	ticket, err := s.ticket(c, req)
	if err != nil {
		s.release()
		return result{}, err
	}
	p, ttl, err := s.handOver(c, ticket, under)
	if err != nil {
		s.release()
		return result{}, err
	}
	data := describeHandoff(p.Script(), ticket, ttl)
	data.Note = s.takeNotes()
	return result{handoffText(data), data}, nil
}

func (s *server) ticket(c *call, req *secret.Request) (*secret.Ticket, error) {
	var t *secret.Ticket
	err := s.ask(c, req, func(a secret.Answer) error {
		if a.Value != nil { // never asked for; whatever it is, it goes no further
			a.Value.Value.Wipe()
		}
		if a.Ticket != nil {
			t = a.Ticket
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if t == nil || t.ID == "" || len(t.Names) == 0 || len(t.Names) != len(t.Env) {
		return nil, secret.Errorf(secret.Protocol, "the app answered without a usable ticket")
	}
	if i := slices.IndexFunc(t.Env, func(v string) bool { return !secret.ValidEnv(v) || secret.ReservedEnv(v) }); i >= 0 {
		return nil, &secret.Error{Code: secret.Reserved, Msg: "this name cannot be a variable", Names: t.Names[i : i+1]}
	}
	return t, nil
}

// handOver makes the script and its pipe, and serves them in the background.
func (s *server) handOver(c *call, t *secret.Ticket, under caller.ProcID) (pipe, time.Duration, error) {
	ttl := min(time.Duration(t.Seconds)*time.Second, maxTTL)
	if ttl <= 0 {
		return nil, 0, secret.Errorf(secret.TimedOut, "the ticket is over already")
	}
	p, err := s.opt.newPipe(under, ttl, s.opt.HandoffDir, t.Env)
	if err != nil {
		return nil, 0, pipeError(err)
	}
	if c.ctx.Err() != nil { // nobody will read the answer
		p.Close()
		return nil, 0, c.ctx.Err()
	}
	s.pipes.Go(func() {
		defer s.release()
		s.servePipe(p, t)
	})
	return p, ttl, nil
}

// pipeError passes on what kind of failure a handoff had, not the words of an error
// that is not ours.
func pipeError(err error) error {
	if _, ok := errors.AsType[*secret.Error](err); ok {
		return err
	}
	return secret.Errorf(secret.Storage, "the script and its pipe could not be made in a private folder")
}

// servePipe outlives the call that made the pipe, but not the server.
func (s *server) servePipe(p pipe, t *secret.Ticket) {
	err := p.Serve(s.ctx, func(ctx context.Context, reader string) ([]secret.Named, error) {
		return s.redeem(ctx, t, reader)
	})
	if err != nil && s.ctx.Err() == nil {
		s.burn(t, err)
		s.addNote(t, err)
	}
}

// burn tells the app who opened the pipe and got nothing, for the audit: nobody
// else has seen it. What failed by itself, or was never opened, runs out there.
func (s *server) burn(t *secret.Ticket, err error) {
	if r, ok := errors.AsType[*handoff.Refused](err); ok {
		_ = s.svc.Do(s.ctx, &secret.Request{Op: secret.OpBurn, Ticket: t.ID, Reader: r.Error()}, func(secret.Answer) error { return nil })
	}
}

// redeem trades t for its values. On an error none remain.
func (s *server) redeem(ctx context.Context, t *secret.Ticket, reader string) ([]secret.Named, error) {
	var values []secret.Named
	req := &secret.Request{Op: secret.OpRedeem, Ticket: t.ID, Reader: reader}
	err := s.svc.Do(ctx, req, func(a secret.Answer) error {
		if a.Value != nil {
			values = append(values, *a.Value)
		}
		return nil
	})
	if err == nil && !slices.EqualFunc(values, t.Names, func(v secret.Named, n secret.Name) bool { return v.Name == n }) {
		err = secret.Errorf(secret.Protocol, "the app gave other values than the ticket named")
	}
	if err != nil {
		for _, v := range values {
			v.Value.Wipe()
		}
		f := describe(err, nil) // the pipe repeats the words of its error
		return nil, secret.Errorf(f.Code, "%s", f.Message)
	}
	for i := range values {
		values[i].Env = t.Env[i] // as the agent was told
	}
	return values, nil
}

func (s *server) reserve() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open >= maxOpen {
		return secret.Errorf(secret.Busy, "%d scripts of earlier calls wait to be sourced", s.open)
	}
	s.open++
	return nil
}

func (s *server) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open--
}

// maxNotes is how many failures are kept for the next answer; older ones go.
const maxNotes = 3

func (s *server) addNote(t *secret.Ticket, err error) {
	f := clip(visible(err.Error()), 300)
	s.mu.Lock()
	defer s.mu.Unlock()
	note := fmt.Sprintf("the handoff of %s was not used: %s", strings.Join(t.Env[:min(len(t.Env), 5)], ", "), f)
	s.notes = append(s.notes, note)
	s.notes = s.notes[max(0, len(s.notes)-maxNotes):]
}

func (s *server) takeNotes() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := strings.Join(s.notes, "; ")
	s.notes = nil
	return text
}

func describeHandoff(script string, t *secret.Ticket, ttl time.Duration) handed {
	d := handed{
		Script:    script,
		Command:   "source " + shellQuote(script) + " && <your command>",
		Variables: []loaded{},
		LeftOut:   append([]secret.Name{}, t.LeftOut...),
		Seconds:   int(ttl.Seconds()),
		Rules:     rules,
	}
	for i, n := range t.Names {
		d.Variables = append(d.Variables, loaded{t.Env[i], n})
	}
	for _, w := range t.Warnings {
		d.Warnings = append(d.Warnings, clip(visible(w), 500))
	}
	if t.Session != nil {
		d.Session = &grant{Until: stamp(t.Session.Until), Prefix: string(t.Session.Prefix), Names: t.Session.Names}
	}
	return d
}

// handoffText says the same in words.
func handoffText(d handed) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Run this in ONE shell call within %d s:\n%s\n\nIt loads:\n", d.Seconds, d.Command)
	for _, v := range d.Variables {
		fmt.Fprintf(&b, "  $%s  (%s)\n", v.Variable, v.Name)
	}
	for _, n := range d.LeftOut {
		fmt.Fprintf(&b, "Left out, off limits: %s\n", n)
	}
	for _, w := range d.Warnings {
		fmt.Fprintf(&b, "Warning: %q\n", w)
	}
	if d.Session != nil {
		fmt.Fprintf(&b, "A session is open until %s: until then noxkey_get of these names needs no new approval.\n", d.Session.Until)
	}
	if d.Note != "" {
		fmt.Fprintf(&b, "Note: %s\n", d.Note)
	}
	b.WriteString("Rules:\n")
	for _, r := range d.Rules {
		fmt.Fprintf(&b, "- %s\n", r)
	}
	return b.String()
}
