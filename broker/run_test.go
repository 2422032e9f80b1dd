package broker

import (
	"errors"
	"strings"
	"testing"

	"noxkey/caller"
	"noxkey/secret"
)

func runOf(r *secret.Run, targets ...secret.Prefix) *secret.Request {
	if r.Path == "" {
		r.Path, r.File, r.Argv = "/usr/bin/make", "1:2:3", []string{"make", "migrate"}
	}
	if r.Dir == "" {
		r.Dir = "/w"
	}
	return &secret.Request{Op: secret.OpGet, Delivery: secret.DeliverRun, Targets: targets, Run: r}
}

// TestRunGivesValuesToTheAskerAtOnce: no ticket waits, and the card held the program.
func TestRunGivesValuesToTheAskerAtOnce(t *testing.T) {
	s := newScene(t)
	s.who.asks = nil
	s.put("own/api/KEY", "canary-1", secret.Normal)
	s.put("own/api/ROOT", "canary-2", secret.OffLimits)
	s.who.will(AllowOnce)
	r := s.do(agent("Claude Code", 10, 12), runOf(&secret.Run{}, "own/api"))
	if r.err != nil || r.values["own/api/KEY"] != "canary-1" || len(r.values) != 1 {
		t.Fatalf("%v, %v", r.err, r.values)
	}
	seen := s.who.seen()
	a := seen[len(seen)-1]
	if a.Run == nil || a.Run.Argv[1] != "migrate" || len(a.LeftOut) != 1 {
		t.Errorf("the card's request was %+v", a)
	}
	if r := s.lastRecord(); r.Outcome != secret.AllowedOnce || r.Detail != "run: make migrate" {
		t.Errorf("recorded as %s, %q", r.Outcome, r.Detail)
	}
	s.who.will(Deny)
	if r := s.do(agent("Claude Code", 10, 12), runOf(&secret.Run{}, "own/api")); r.err == nil || !strings.HasPrefix(s.lastRecord().Detail, "run: make migrate; ") {
		t.Errorf("a denial is recorded as %q", s.lastRecord().Detail)
	}
}

// TestThreatE4RunIsBoundToItsProgram: every part of the program is in the digest.
func TestThreatE4RunIsBoundToItsProgram(t *testing.T) {
	full := func() *Ask {
		return &Ask{Op: secret.OpGet, Run: &secret.Run{Path: "/b", File: "1", Argv: []string{"b", "x"}, Scripts: []secret.Script{{Path: "/x", File: "2"}}, Dir: "/w",
			As: []secret.Binding{{Env: "A", Name: "a/b"}}, Manifest: &secret.Manifest{Path: "/m", Digest: "d", Profile: "p"}}}
	}
	was := full().Digest()
	for what, change := range map[string]func(*secret.Run){
		"path": func(r *secret.Run) { r.Path = "/c" }, "file": func(r *secret.Run) { r.File = "9" }, "argument": func(r *secret.Run) { r.Argv[1] = "y" },
		"joined arguments": func(r *secret.Run) { r.Argv = []string{"b x"} }, "script": func(r *secret.Run) { r.Scripts[0].File = "9" }, "folder": func(r *secret.Run) { r.Dir = "/v" },
		"variable": func(r *secret.Run) { r.As[0].Env = "B" }, "as a file": func(r *secret.Run) { r.As[0].AsFile = true }, "plain": func(r *secret.Run) { r.Plain = true },
		"manifest": func(r *secret.Run) { r.Manifest.Digest = "e" }, "profile": func(r *secret.Run) { r.Manifest.Profile = "q" },
	} {
		a := full()
		if change(a.Run); a.Digest() == was {
			t.Errorf("%s is not in the digest", what)
		}
	}
}

func TestRunRefusals(t *testing.T) {
	s := newScene(t)
	s.put("own/api/KEY", "v1v1v1v1", secret.Easy)
	s.put("own/api/URL", "v2v2v2v2", secret.Easy)
	who := agent("Claude Code", 10, 12)
	who.Dir = "/w"
	before := len(s.who.seen())
	as := func(env string, n secret.Name) []secret.Binding { return []secret.Binding{{Env: env, Name: n}} }
	for what, c := range map[string]struct {
		req  *secret.Request
		code secret.Code
	}{
		"no program":             {&secret.Request{Op: secret.OpGet, Delivery: secret.DeliverRun, Targets: []secret.Prefix{"own/api/KEY"}}, secret.Protocol},
		"a program of another":   {&secret.Request{Op: secret.OpGet, Delivery: secret.DeliverShell, Targets: []secret.Prefix{"own/api/KEY"}, Run: &secret.Run{}}, secret.Protocol},
		"another folder":         {runOf(&secret.Run{Dir: "/v"}, "own/api/KEY"), secret.Disagree},
		"relative program":       {runOf(&secret.Run{Path: "make", Argv: []string{"make"}}, "own/api/KEY"), secret.Invalid},
		"no arguments":           {runOf(&secret.Run{Path: "/bin/x"}, "own/api/KEY"), secret.Invalid},
		"reserved variable":      {runOf(&secret.Run{As: as("LD_PRELOAD", "own/api/KEY")}, "own/api/KEY"), secret.Reserved},
		"no variable":            {runOf(&secret.Run{As: as("A-B", "own/api/KEY")}, "own/api/KEY"), secret.Invalid},
		"two in one":             {runOf(&secret.Run{As: as("URL", "own/api/KEY")}, "own/api"), secret.Conflict},
		"not asked for":          {runOf(&secret.Run{As: as("X", "own/api/URL")}, "own/api/KEY"), secret.Invalid},
		"not redacted, an agent": {runOf(&secret.Run{Plain: true}, "own/api/KEY"), secret.HumanOnly},
		"longer than the card":   {runOf(&secret.Run{Path: "/b", Argv: []string{"b", strings.Repeat("a", secret.MaxShown)}}, "own/api/KEY"), secret.Invalid},
		"too long":               {runOf(&secret.Run{Path: "/b", Argv: []string{strings.Repeat("a", secret.MaxArgBytes+1)}}, "own/api/KEY"), secret.Invalid},
	} {
		r := s.do(who, c.req)
		if secret.CodeOf(r.err) != c.code || len(r.values) > 0 {
			t.Errorf("%s: %v, want %s", what, r.err, c.code)
		}
	}
	if n := len(s.who.seen()) - before; n != 0 {
		t.Errorf("%d cards were shown", n)
	}
}

// TestThreatF1ValuesOnlyToOurClient: a program of the agent's own that speaks the
// protocol is given nothing, neither at once nor for a ticket.
func TestThreatF1ValuesOnlyToOurClient(t *testing.T) {
	s := newScene(t)
	ours := true
	s.b.cfg.Ours = func(caller.Process) error {
		if ours {
			return nil
		}
		return errors.New("it is python")
	}
	s.put("own/api/KEY", "canary", secret.Easy)
	s.who.will(AllowOnce)
	who := agent("Claude Code", 10, 12)
	shell := get("own/api/KEY")
	shell.Delivery = secret.DeliverShell
	ticket := s.do(who, shell).ticket
	if ticket == nil {
		t.Fatal("no ticket for our own client")
	}
	ours = false
	for what, req := range map[string]*secret.Request{
		"run": runOf(&secret.Run{}, "own/api/KEY"), "shell": shell, "redeem": {Op: secret.OpRedeem, Ticket: ticket.ID},
	} {
		for _, who := range []caller.Caller{who, unknown(12)} {
			r := s.do(who, req)
			if r.err == nil || len(r.values) > 0 || r.ticket != nil {
				t.Errorf("%s for %s: %v", what, who.Class, r.values)
			}
		}
	}
	if r := s.do(human(20), runOf(&secret.Run{}, "own/api/KEY")); r.err != nil {
		t.Errorf("a person may use any program: %v", r.err)
	}
}

// TestThreatF2TooShortForAnAgent: what cannot be redacted is not run for an agent, unless it
// is no secret by its type. A person's run warns only.
func TestThreatF2TooShortForAnAgent(t *testing.T) {
	s := newScene(t)
	s.put("own/api/PIN", " 48x1\n", secret.Easy)
	text, easy := secret.Text, secret.Easy
	port := secret.Change{Action: secret.ActionSet, Name: "own/api/PORT", Meta: secret.Patch{Level: &easy, FieldType: &text}, Value: val(t, "3000")}
	if r := s.do(caller.Front("test"), &secret.Request{Op: secret.OpWrite, Changes: []secret.Change{port}}); r.err != nil {
		t.Fatal(r.err)
	}
	s.put("own/api/SIX", "48x1zz", secret.Easy)
	for name, want := range map[secret.Prefix]secret.Code{"own/api/PIN": secret.TooShort, "own/api": secret.TooShort, "own/api/PORT": "", "own/api/SIX": ""} {
		s.who.will(AllowOnce)
		r := s.do(agent("Claude Code", 10, 12), runOf(&secret.Run{}, name))
		if secret.CodeOf(r.err) != want || want != "" && len(r.values) > 0 {
			t.Errorf("%s: %v, %d values", name, r.err, len(r.values))
		}
		if rec := s.lastRecord(); (want != "") != (rec.Outcome == secret.OutRefused) {
			t.Errorf("%s is recorded as %s", name, rec.Outcome)
		}
	}
	if r := s.do(human(20), runOf(&secret.Run{}, "own/api/PIN")); r.err != nil {
		t.Error(r.err)
	}
}

// TestManifestIsRememberedAndItsChangeIsShown: the card says what was allowed before.
func TestManifestIsRememberedAndItsChangeIsShown(t *testing.T) {
	s := newScene(t)
	s.put("own/api/KEY", "canary", secret.Easy)
	s.who.will(AllowOnce)
	m := func(d string) *secret.Run {
		return &secret.Run{Manifest: &secret.Manifest{Path: "/w/.noxkey.toml", Digest: strings.Repeat(d, 64)}}
	}
	for _, d := range []string{"a", "a", "b"} {
		if r := s.do(agent("Claude Code", 10, 12), runOf(m(d), "own/api/KEY")); r.err != nil {
			t.Fatal(r.err)
		}
	}
	var last []string
	for _, a := range s.who.seen()[1:] { // the first was the set's
		last = append(last, a.Manifest.Last[:min(1, len(a.Manifest.Last))])
	}
	if got := strings.Join(last, ","); got != ",a,a" {
		t.Errorf("allowed before: %q", got)
	}
	s.who.will(Deny)
	s.do(agent("Claude Code", 10, 12), runOf(m("c"), "own/api/KEY"))
	if got := s.b.manifests()["/w/.noxkey.toml"].Digest; got != strings.Repeat("b", 64) {
		t.Errorf("a denied manifest was remembered: %s", got)
	}
	s.put("own/api/PIN", "1", secret.Easy)
	s.who.will(AllowOnce)
	s.do(agent("Claude Code", 10, 12), runOf(m("c"), "own/api/PIN"))
	if got := s.b.manifests()["/w/.noxkey.toml"].Digest; got != strings.Repeat("b", 64) {
		t.Errorf("a manifest under which nothing was released was remembered: %s", got)
	}
}
