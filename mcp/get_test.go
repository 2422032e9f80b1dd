package mcp

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"noxkey/caller"
	"noxkey/handoff"
	"noxkey/secret"
)

func TestGet(t *testing.T) {
	t.Parallel()
	f := &fake{}
	c := connect(t, f)
	data, text := c.call("noxkey_get", map[string]any{
		"account": []string{"acme", "login/github.com"}, "reason": "deploy", "command": "make deploy",
	})

	req := f.asked(secret.OpGet)[0]
	if req.Delivery != secret.DeliverShell || !req.MCP || req.Client != "agent Claude Code" || req.Session != 0 ||
		req.Reason != "deploy" || req.Command != "make deploy" || !slices.Equal(req.Targets, []secret.Prefix{"acme", "login/github.com"}) {
		t.Errorf("request %+v", req)
	}
	wantCommand := `source '/tmp/nox it'\''s/load.sh' && <your command>`
	if data["command"] != wantCommand || !strings.Contains(text, wantCommand) {
		t.Errorf("command %v, text %s", data["command"], text)
	}
	for _, w := range []string{"$STRIPE_KEY", "$GITHUB_COM_PASSWORD", "off limits: acme/prod/ROOT", "120 s", "printenv"} {
		if !strings.Contains(text, w) {
			t.Errorf("the text lacks %q:\n%s", w, text)
		}
	}
	if v := data["variables"].([]any); len(v) != 4 {
		t.Errorf("variables %v", v)
	}

	p := <-c.pipes
	if p.under != me || p.ttl != 120*time.Second || len(p.env) != 4 {
		t.Errorf("pipe %+v", p)
	}
	got := make(chan error, 1)
	p.source <- func(values []secret.Named, err error) error {
		if err == nil && (len(values) != 4 || values[0].Env != "STRIPE_KEY" || !values[0].Value.Equal(value(t))) {
			err = fmt.Errorf("values %v", values)
		}
		got <- err
		return nil
	}
	if err := <-got; err != nil {
		t.Error(err)
	}
	if r := f.asked(secret.OpRedeem)[0]; r.Reader != "bash 4711" || r.Client != "" {
		t.Errorf("redeem %+v", r)
	}
	<-p.closed
	if data, _ := c.call("noxkey_show", nil); data["note"] != nil {
		t.Errorf("a note after a handoff that worked: %v", data["note"])
	}
}

func TestGetArguments(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		args map[string]any
		want int64 // Request.Session
		err  string
	}{
		{args: map[string]any{"session": true}, want: secret.SessionDefault},
		{args: map[string]any{"session": false}, want: 0},
		{args: map[string]any{"session": nil}, want: 0},
		{args: map[string]any{"session": true, "hours": 1.5}, want: 5400},
		{args: map[string]any{"session": true, "hours": 24}, want: 86400},
		{args: map[string]any{"session": true, "hours": 25}, err: "hours"},
		{args: map[string]any{"session": true, "hours": -1}, err: "hours"},
		{args: map[string]any{"hours": 2}, err: "session must be true"},
		{args: map[string]any{"session": "yes"}, err: "session must be true or false"},
		{args: map[string]any{"account": 7}, err: "account must be a string or a list"},
		{args: map[string]any{"account": []any{}}, err: "account is missing"},
		{args: map[string]any{"account": nil}, err: "account is missing"},
		{args: map[string]any{"account": "../etc"}, err: "is not a name"},
		{args: map[string]any{"account": []string{"acme", "a b"}}, err: "is not a name"},
		{args: map[string]any{"reason": strings.Repeat("x", 4097)}, err: "reason must be at most"},
		{args: map[string]any{"Reason": "x"}, err: `no argument "Reason"`},
		{args: map[string]any{"value": canaryFree}, err: `no argument "value"`},
	} {
		f := &fake{}
		c := connect(t, f)
		if _, ok := tt.args["account"]; !ok {
			tt.args["account"] = "acme/api"
		}
		if tt.err != "" {
			if msg := c.refused(secret.Invalid, "noxkey_get", tt.args); !strings.Contains(msg, tt.err) || strings.Contains(msg, canaryFree) {
				t.Errorf("%v: %s", tt.args, msg)
			}
			if len(f.asked(secret.OpGet)) > 0 {
				t.Errorf("%v: asked all the same", tt.args)
			}
			continue
		}
		c.call("noxkey_get", tt.args)
		if got := f.asked(secret.OpGet)[0].Session; got != tt.want {
			t.Errorf("%v: session %d, want %d", tt.args, got, tt.want)
		}
	}
}

// canaryFree stands for a value that a model passes by mistake: it is on the wire
// once, in the request, and no answer repeats it.
const canaryFree = "hunter2-typed-by-the-model"

func TestThreatF4ArgumentsAreNotEchoed(t *testing.T) {
	t.Parallel()
	c := connect(t, &fake{})
	for _, tool := range toolNames {
		_, text, ok := c.try(tool, map[string]any{"value": canaryFree, "account": "acme/api/K"})
		if ok || strings.Contains(text, canaryFree) {
			t.Errorf("%s: %v %s", tool, ok, text)
		}
	}
	for _, args := range []map[string]any{
		{"account": "acme/api/K", "field_type": []string{canaryFree}},
		{"account": "acme/api/K", "field_type": "api_key", "expires": canaryFree},
		{"account": "acme/api/K", "field_type": "api_key", "rotate_url": canaryFree},
		{"account": "acme/api/K", "field_type": "api_key", "clipboard": canaryFree},
	} {
		if msg := c.refused(secret.Invalid, "noxkey_set", args); strings.Contains(msg, canaryFree) {
			t.Error(msg)
		}
	}
}

func TestNoteAboutAFailedHandoff(t *testing.T) {
	t.Parallel()
	c := connect(t, &fake{})
	c.call("noxkey_get", map[string]any{"account": "acme/api/TOKEN"})
	p := <-c.pipes
	p.end = errors.New("cat opened it\x1b[2J; nothing was given out")
	p.source <- nil
	<-p.closed
	deadline := time.Now().Add(60 * time.Second)
	for { // the note is made just after the pipe has closed
		data, text := c.call("noxkey_show", nil)
		if note, _ := data["note"].(string); note != "" {
			if want := `the handoff of TOKEN was not used: cat opened it\u{1B}[2J; nothing was given out`; note != want || !strings.Contains(text, want) {
				t.Errorf("note %q", note)
			}
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("no note")
		}
	}
	if data, _ := c.call("noxkey_get", map[string]any{"account": "acme/api"}); data["note"] != nil {
		t.Error("the note is told twice")
	}
}

// What redeems badly gives nothing to the pipe, and wipes.
func TestRedeemRefusesOtherValues(t *testing.T) {
	t.Parallel()
	for name, answers := range map[string][]secret.Name{
		"another name": {"acme/api/OTHER"}, "too many": {"acme/api/TOKEN", "acme/api/STRIPE_KEY"}, "none": {}, "error": {"acme/api/TOKEN"},
	} {
		var given []secret.Value
		f := &fake{do: func(ctx context.Context, req *secret.Request, out func(secret.Answer) error) error {
			if req.Op != secret.OpRedeem {
				return vault(ctx, req, out)
			}
			for _, n := range answers {
				v := value(t)
				given = append(given, v)
				if err := out(secret.Answer{Value: &secret.Named{Name: n, Value: v}}); err != nil {
					return err
				}
			}
			if name == "error" {
				return secret.Err(secret.NotRecorded)
			}
			return nil
		}}
		c := connect(t, f)
		c.call("noxkey_get", map[string]any{"account": "acme/api/TOKEN"})
		got := make(chan error, 1)
		(<-c.pipes).source <- func(v []secret.Named, err error) error {
			if len(v) > 0 {
				t.Errorf("%s: values %v", name, v)
			}
			got <- err
			return err
		}
		if err := <-got; err == nil {
			t.Errorf("%s: no error", name)
		}
		for _, v := range given {
			if !v.Empty() {
				t.Errorf("%s: not wiped", name)
			}
		}
	}
}

func TestBadTickets(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		ticket *secret.Ticket
		code   secret.Code
	}{
		"none":         {nil, secret.Protocol},
		"no names":     {&secret.Ticket{ID: "x", Seconds: 9}, secret.Protocol},
		"odd":          {&secret.Ticket{ID: "x", Seconds: 9, Names: []secret.Name{"a/B"}}, secret.Protocol},
		"over already": {&secret.Ticket{ID: "x", Names: []secret.Name{"a/B"}, Env: []string{"B"}}, secret.TimedOut},
		"not a name":   {&secret.Ticket{ID: "x", Seconds: 9, Names: []secret.Name{"a/B"}, Env: []string{"B;id"}}, secret.Reserved},
		"reserved":     {&secret.Ticket{ID: "x", Seconds: 9, Names: []secret.Name{"a/B"}, Env: []string{"LD_PRELOAD"}}, secret.Reserved},
	} {
		v := value(t)
		c := connect(t, &fake{do: func(_ context.Context, _ *secret.Request, out func(secret.Answer) error) error {
			if tt.ticket != nil {
				return out(secret.Answer{Ticket: tt.ticket})
			}
			return out(secret.Answer{Value: &secret.Named{Name: "a/B", Value: v}})
		}})
		t.Log(name)
		c.refused(tt.code, "noxkey_get", map[string]any{"account": "a/B"})
		if name == "none" && !v.Empty() {
			t.Error("a value that nobody asked for was kept")
		}
		if len(c.pipes) > 0 {
			t.Errorf("%s: a pipe was made", name)
		}
	}
}

// waitingService answers gets when release is closed, with progress at once.
func waitingService(release chan struct{}, started chan context.Context) *fake {
	return &fake{do: func(ctx context.Context, req *secret.Request, out func(secret.Answer) error) error {
		if req.Op != secret.OpGet {
			return vault(ctx, req, out)
		}
		if err := out(secret.Answer{Progress: &secret.Progress{Waiting: 2, Deadline: 45}}); err != nil {
			return err
		}
		started <- ctx
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-release:
			return vault(ctx, req, out)
		}
	}}
}

func TestProgress(t *testing.T) {
	t.Parallel()
	release, started := make(chan struct{}), make(chan context.Context, 1)
	c := connect(t, waitingService(release, started), func(o *Options) { o.tick = time.Millisecond })
	params := &sdk.CallToolParams{Name: "noxkey_get", Arguments: map[string]any{"account": "acme/api"}}
	params.SetProgressToken("tok")
	done := make(chan error, 1)
	go func() {
		_, err := c.session.CallTool(t.Context(), params)
		done <- err
	}()
	last := 0.0
	for range 4 { // one from the app, the others from the clock
		n := <-c.notes
		if n.ProgressToken != "tok" || n.Progress <= last || !strings.Contains(n.Message, "waiting") {
			t.Errorf("progress %+v after %v", n, last)
		}
		last = n.Progress
		if n.Total > 0 && (n.Total < n.Progress || !strings.Contains(n.Message, "cards before it: 2")) {
			t.Errorf("progress %+v", n)
		}
	}
	close(release)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if w := string(c.wire.Bytes()); strings.LastIndex(w, "notifications/progress") > strings.LastIndex(w, `"script"`) {
		t.Error("progress after the answer")
	}
}

func TestNoProgressAfterStop(t *testing.T) {
	t.Parallel()
	var out syncBuffer
	p := &progress{conn: newConn(&out, func() {}, nil), token: []byte("1"), start: time.Now()}
	p.hear(secret.Progress{Deadline: 45})
	p.stop()
	said := len(out.Bytes())
	p.hear(secret.Progress{Deadline: 44})
	if said == 0 || len(out.Bytes()) != said {
		t.Errorf("%s", out.Bytes())
	}
}

func TestNoProgressUnasked(t *testing.T) {
	t.Parallel()
	release, started := make(chan struct{}), make(chan context.Context, 1)
	close(release)
	c := connect(t, waitingService(release, started), func(o *Options) { o.tick = time.Millisecond })
	c.call("noxkey_get", map[string]any{"account": "acme/api"})
	if strings.Contains(string(c.wire.Bytes()), "notifications/progress") {
		t.Error("progress without a token")
	}
}

// E5: cancelling the call withdraws the card, and nothing is issued.
func TestCancelWithdraws(t *testing.T) {
	t.Parallel()
	release, started := make(chan struct{}), make(chan context.Context, 1)
	c := connect(t, waitingService(release, started))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := c.session.CallTool(ctx, &sdk.CallToolParams{Name: "noxkey_get", Arguments: map[string]any{"account": "acme/api"}})
		done <- err
	}()
	svcCtx := <-started
	cancel()
	<-svcCtx.Done()
	if err := <-done; err == nil {
		t.Error("the call succeeded")
	}
	c.call("noxkey_show", nil) // the connection lives
	if len(c.pipes) > 0 {
		t.Error("a pipe was made for a call that was cancelled")
	}
}

// The ticket came, and the client had gone: the pipe is closed at once.
func TestCancelAfterTheTicket(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	pipes := make(chan *fakePipe, 1)
	s := &server{opt: options(pipes), ctx: t.Context()}
	_, _, err := s.handOver(&call{ctx: ctx}, ticketFor([]secret.Prefix{"acme/api"}), me)
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	<-(<-pipes).closed
}

func TestManyCallsAtOnce(t *testing.T) {
	t.Parallel()
	release, started := make(chan struct{}), make(chan context.Context, 100)
	c := connect(t, waitingService(release, started))
	var wg sync.WaitGroup
	for range 30 {
		wg.Go(func() {
			r, err := c.session.CallTool(t.Context(), &sdk.CallToolParams{Name: "noxkey_get", Arguments: map[string]any{"account": "acme/api"}})
			if err != nil || r.IsError {
				t.Error(err, r)
			}
		})
	}
	for range 30 {
		<-started
	}
	c.call("noxkey_show", nil) // while 30 cards wait
	close(release)
	wg.Wait()
}

func TestOpenHandoffsAreBounded(t *testing.T) {
	t.Parallel()
	c := connect(t, &fake{})
	for range maxOpen {
		c.call("noxkey_get", map[string]any{"account": "acme/api"})
	}
	c.refused(secret.Busy, "noxkey_get", map[string]any{"account": "acme/api"})
	(<-c.pipes).source <- func([]secret.Named, error) error { return nil }
	deadline := time.Now().Add(60 * time.Second)
	for {
		if _, _, ok := c.try("noxkey_get", map[string]any{"account": "acme/api"}); ok {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("a place is not given back")
		}
	}
}

func TestHangUpEndsEverything(t *testing.T) {
	t.Parallel()
	release, started := make(chan struct{}), make(chan context.Context, 1)
	f := waitingService(release, started)
	c := connect(t, f)
	f.mu.Lock()
	waits := f.do
	f.do = vault
	f.mu.Unlock()
	c.call("noxkey_get", map[string]any{"account": "acme/api"})
	f.mu.Lock()
	f.do = waits
	f.mu.Unlock()
	go c.session.CallTool(t.Context(), &sdk.CallToolParams{Name: "noxkey_get", Arguments: map[string]any{"account": "acme/api"}})
	ctx := <-started
	c.hangUp()
	<-ctx.Done()
	if err := <-c.done; err != nil {
		t.Error(err)
	}
	<-(<-c.pipes).closed
}

// Who may read a handoff: shells below the agent; for others, below the program
// that started the server while it is there.
func TestThreatA8ReadersAreBelowTheAsker(t *testing.T) {
	t.Parallel()
	parent, err := parentProcess()
	if err != nil {
		t.Fatal(err)
	}
	as := func(w caller.Caller, err error) Options {
		return Options{Self: func() (caller.Caller, error) { return w, err }}
	}
	gone := caller.ProcID{PID: parent.PID, Start: parent.Start + 1}
	for name, tt := range map[string]struct {
		opt    Options
		parent caller.ProcID
		want   caller.ProcID // zero: refused
		client string
	}{
		"agent":              {as(caller.Caller{Class: caller.Agent, Agent: "Codex", Anchor: me}, nil), gone, me, "agent Codex"},
		"agent, no anchor":   {as(caller.Caller{Class: caller.Agent, Agent: "Codex"}, nil), parent, parent, "agent Codex"},
		"unknown":            {as(caller.Caller{Anchor: me}, nil), parent, parent, "unknown"},
		"human":              {as(caller.Caller{Class: caller.Human, Anchor: me}, nil), parent, parent, "human"},
		"failed walk":        {as(caller.Caller{Class: caller.Human, Anchor: me}, errors.New("gone")), parent, parent, "unknown"},
		"unknown, no parent": {as(caller.Caller{}, nil), caller.ProcID{}, caller.ProcID{}, "unknown"},
		"unknown, reborn":    {as(caller.Caller{}, nil), gone, caller.ProcID{}, "unknown"},
		"unknown, init":      {as(caller.Caller{}, nil), caller.ProcID{PID: 1, Start: 1}, caller.ProcID{}, "unknown"},
	} {
		s := &server{opt: tt.opt, parent: tt.parent}
		got, err := s.readers()
		if got != tt.want || (err != nil) != (tt.want == caller.ProcID{}) {
			t.Errorf("%s: %v %v", name, got, err)
		}
		if v, _ := s.verdict(); v != tt.client {
			t.Errorf("%s: verdict %q", name, v)
		}
	}
}

// Everything is below init, so init is nobody's agent.
func TestThreatA8InitIsNoParent(t *testing.T) {
	t.Parallel()
	init, err := caller.ReadProcess(1)
	if err != nil {
		t.Fatal(err)
	}
	if !orphaned(init.ID, 1) {
		t.Error("a server that init started serves unknown callers")
	}
}

// Nobody is asked for a grant that no shell could use.
func TestNoCardWithoutAReader(t *testing.T) {
	t.Parallel()
	f := &fake{}
	c := connect(t, f, func(o *Options) {
		o.Self = func() (caller.Caller, error) { return caller.Caller{}, nil }
		o.parent = func() (caller.ProcID, error) { return caller.ProcID{}, errors.New("gone") }
	})
	c.refused(secret.Disagree, "noxkey_get", map[string]any{"account": "acme/api"})
	if len(f.asked(secret.OpGet)) > 0 {
		t.Error("the person was asked")
	}
}

// B11: the verdict goes with every request that is decided on, and the refusal of
// a broker that sees somebody else is told.
func TestThreatB11VerdictIsSent(t *testing.T) {
	t.Parallel()
	f := &fake{do: func(ctx context.Context, req *secret.Request, out func(secret.Answer) error) error {
		if req.Client != "agent Cursor" {
			return secret.Errorf(secret.Disagree, "you say %s", req.Client)
		}
		return vault(ctx, req, out)
	}}
	c := connect(t, f)
	c.refused(secret.Disagree, "noxkey_get", map[string]any{"account": "acme"})
	c.refused(secret.Disagree, "noxkey_show", nil)
	c.refused(secret.Disagree, "noxkey_set", map[string]any{"account": "a/B", "field_type": "api_key"})
	c.refused(secret.Disagree, "noxkey_admin", map[string]any{"action": "add_org", "account": "a"})
}

// TestThreatA8WhoGotNothingIsTold: the app, which keeps the audit, hears of a
// reader that was refused, and of no other failure.
func TestThreatA8WhoGotNothingIsTold(t *testing.T) {
	t.Parallel()
	burnt := make(chan string, 4)
	f := &fake{do: func(ctx context.Context, req *secret.Request, out func(secret.Answer) error) error {
		if req.Op == secret.OpBurn {
			burnt <- req.Ticket + " " + req.Reader
			return nil
		}
		return vault(ctx, req, out)
	}}
	c := connect(t, f)
	for _, end := range []error{errors.New("timed out"), &handoff.Refused{Readers: []handoff.Reader{{ID: caller.ProcID{PID: 4711}, Name: "cat"}}, Why: "it is not a shell"}} {
		c.call("noxkey_get", map[string]any{"account": "acme/api/TOKEN"})
		p := <-c.pipes
		p.end = end
		p.source <- nil
		<-p.closed
	}
	got := <-burnt
	if !strings.HasSuffix(got, " the handoff was refused to cat 4711: it is not a shell") || strings.HasPrefix(got, " ") {
		t.Errorf("told %q", got)
	}
	if len(burnt) > 0 {
		t.Errorf("told of what was no refusal: %q", <-burnt)
	}
}
