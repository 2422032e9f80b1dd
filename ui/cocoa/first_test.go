package cocoa

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"

	"noxkey/secret"
	"noxkey/ui"
)

// fakeMac is what a first run finds.
type fakeMac struct {
	mu     sync.Mutex
	able   bool
	why    string
	err    error
	made   []bool // sealed, of each Create
	agents []Agent
	added  []string
}

func (m *fakeMac) run(agents bool) *FirstRun {
	r := &FirstRun{
		Enclave: func() (bool, string) { return m.able, m.why },
		Create: func(_ context.Context, sealed bool) error {
			m.mu.Lock()
			defer m.mu.Unlock()
			if m.err == nil {
				m.made = append(m.made, sealed)
			}
			return m.err
		},
	}
	if agents {
		r.Agents = m
	}
	return r
}

func (m *fakeMac) List() []Agent { return slices.Clone(m.agents) }

func (m *fakeMac) Add(_ context.Context, names []string) []Agent {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.added = names
	list := slices.Clone(m.agents)
	for i := range list {
		if slices.Contains(names, list[i].Name) && list[i].State == ui.AgentFound {
			list[i].State = ui.AgentAdded
		}
	}
	return list
}

func (m *fakeMac) begin(t *testing.T, agents bool, s Settings) *desktop {
	d := newDesktop(t, func(o *Options) { o.First, o.Settings = m.run(agents), s })
	d.wait("the probe", func() bool { return d.opt.First.state.probed })
	return d
}

// goOn presses the right button and waits until that is done.
func (d *desktop) goOn() {
	d.kit.t.Helper()
	d.kit.press("Return")
	d.wait("the next step", func() bool { return d.opt.First == nil || !d.opt.First.state.busy })
	d.settle()
}

func TestFirstProtectionLooks(t *testing.T) {
	d := (&fakeMac{able: true}).begin(t, true, newSettings())
	d.kit.letter = design
	d.redraw(d.windows[firstID])
	likeFrames(t, "f1-first-protection", d.kit.scene(firstID))
	for id, want := range map[string]string{"title": "How should your secrets be protected?", "body": "You can see the live mode at any time with noxkey verify.",
		"step": "1 of 3", "option 0 title": "A key in the Secure Enclave", "option 1 title": "Touch ID before each read", "Back": "Quit", "Continue": "Continue",
		"option 0 body": "Every value is sealed to a key that only works after Touch ID. Reading the Keychain item alone yields nothing. Recommended.",
		"option 1 body": "Values rest in the login Keychain. NoxKey asks for Touch ID before it reads one. Another program that reaches the item is not stopped by this.",
		"note":          "Without Touch ID, both use your Apple Watch, then your Mac password. Changing the mode later seals every value again, under one Touch ID."} {
		if got := d.kit.el(firstID, id).Text; got != want {
			t.Errorf("%s: %q", id, got)
		}
	}
	if d.kit.el(firstID, "radio 0").On != Yes || d.kit.el(firstID, "radio 1").On != No || d.kit.scene(firstID).Title != "Welcome to NoxKey" {
		t.Error("the recommended way is not chosen where it works")
	}
	d.kit.press("Down")
	if d.kit.el(firstID, "radio 1").On != Yes {
		t.Error("arrows do not switch")
	}
	d.kit.click(firstID, "option 0")
	if d.kit.el(firstID, "radio 0").On != Yes {
		t.Error("the box is not clickable")
	}
	d.kit.click(firstID, "Back")
	if !d.kit.quit {
		t.Error("Quit")
	}
}

// TestThreatD2NothingWeakerIsChosenForThePerson: where the Enclave does not work, that is
// said, and the weaker way is taken only by the person's own choice.
func TestThreatD2NothingWeakerIsChosenForThePerson(t *testing.T) {
	m := &fakeMac{why: "this build is not signed by a team"}
	d := m.begin(t, false, newSettings())
	if s := d.kit.el(firstID, "option 0 body").Text; s != "Not possible here: this build is not signed by a team." {
		t.Error(s)
	}
	if !d.kit.el(firstID, "radio 0").Off || d.kit.el(firstID, "radio 1").On != No || !d.kit.el(firstID, "Continue").Off {
		t.Fatal("something is chosen")
	}
	d.kit.press("Return")
	d.kit.press("Up")
	d.kit.click(firstID, "option 0")
	d.kit.click(firstID, "radio 0")
	d.opt.First.state.busy = false
	d.settle()
	if len(m.made) != 0 || d.kit.el(firstID, "radio 0").On != No {
		t.Fatal("made without a choice")
	}
	d.kit.press("Down")
	d.goOn()
	if !slices.Equal(m.made, []bool{false}) {
		t.Error(m.made)
	}
}

func TestFirstRunWithoutAgentsHasTwoSteps(t *testing.T) {
	m := &fakeMac{able: true}
	keeps := newSettings()
	keeps.login = false
	d := m.begin(t, false, keeps)
	if s := d.kit.el(firstID, "step").Text; s != "1 of 2" {
		t.Error(s)
	}
	d.goOn()
	if s := d.kit.el(firstID, "step").Text; s != "2 of 2" || !slices.Equal(m.made, []bool{true}) {
		t.Error(s, m.made)
	}
	likeFrames(t, "f3-first-ready", d.kit.scene(firstID))
	for id, want := range map[string]string{"title": "NoxKey is ready", "body": "It lives in the menu bar, as the key on the right.", "key 0 text": "⇧⌘1", "key 1 text": ".env", "key 2 text": "ask",
		"line 0": "Search and copy", "line 0 body": "From any app, also over full-screen windows.", "line 1": "Bring your secrets in",
		"line 1 body": "Drop the file on the key in the menu bar. One Touch ID stores them all.", "line 2": "Let an agent ask",
		"line 2 body": "Run noxkey setup in a terminal once. A card asks you each time.", "login text": "Open NoxKey at login", "Done": "Done", "Back": "Back"} {
		if got := d.kit.el(firstID, id).Text; got != want {
			t.Errorf("%s: %q", id, got)
		}
	}
	// Back shows the mode, which is made and cannot be chosen again.
	d.kit.click(firstID, "Back")
	d.kit.click(firstID, "option 1")
	if d.kit.el(firstID, "radio 0").On != Yes || !d.kit.el(firstID, "radio 1").Off {
		t.Error("the mode of a vault that is there is changed by a click")
	}
	d.goOn()
	d.goOn()
	if d.opt.First != nil || d.kit.up[firstID] != nil || !keeps.Login() || len(m.made) != 1 {
		t.Error("Done", d.kit.up[firstID] != nil, keeps.Login(), m.made)
	}
	d.HotKey()
	if d.kit.up[panelID] == nil {
		t.Error("the search does not open after the first run")
	}
}

func TestFirstRunResumes(t *testing.T) {
	m := &fakeMac{able: true}
	d := m.begin(t, false, newSettings())
	d.goOn()
	s := d.kit.scene(firstID)
	d.kit.Hide(firstID)
	s.Closed()
	if d.windows[firstID] != nil {
		t.Fatal("it is still up")
	}
	d.HotKey()
	if got := d.kit.el(firstID, "title").Text; got != "NoxKey is ready" || d.kit.up[panelID] != nil {
		t.Error(got)
	}
	d.HotKey() // brings it to the front
	d.kit.press("Esc")
	d.openImport(nil)
	if d.kit.up[firstID] == nil || d.kit.up[importID] != nil {
		t.Error("an import without a vault")
	}
}

func TestFirstRunFailsInWords(t *testing.T) {
	m := &fakeMac{able: true, err: secret.Errorf(secret.Storage, "macOS refused this Keychain item (-25308)")}
	d := m.begin(t, false, newSettings())
	d.goOn()
	if s := d.kit.el(firstID, "note").Text; s != "Nothing was written: macOS refused this Keychain item (-25308)." {
		t.Error(s)
	}
	if d.kit.el(firstID, "glyph").Text != "warn" || d.kit.el(firstID, "step").Text != "1 of 2" {
		t.Error("it went on")
	}
	m.err = nil
	d.goOn()
	if d.kit.el(firstID, "step").Text != "2 of 2" {
		t.Error("no second try")
	}
}

func TestFirstRunLoginRefused(t *testing.T) {
	keeps := newSettings()
	keeps.login, keeps.err = false, secret.Errorf(secret.Storage, "macOS refused to open NoxKey at login: it gives no reason")
	d := (&fakeMac{able: true}).begin(t, false, keeps)
	d.goOn()
	d.goOn()
	if s := d.kit.el(firstID, "note").Text; s != "macOS refused to open NoxKey at login: it gives no reason." || d.kit.el(firstID, "login").On != No {
		t.Error(s)
	}
	d.goOn()
	if d.opt.First != nil {
		t.Error("Done does not end it")
	}
}

func TestFirstAgentsLook(t *testing.T) {
	m := &fakeMac{able: true, agents: []Agent{
		{Name: "Claude Code", Path: "/Users/me/.claude.json", State: ui.AgentFound}, {Name: "Codex", Path: "/Users/me/.codex/config.toml", State: ui.AgentFound},
		{Name: "Cursor", Path: "/Users/me/.cursor/mcp.json", State: ui.AgentFound}, {Name: "Gemini CLI", Path: "/Users/me/.gemini/settings.json"},
		{Name: "Windsurf"}, {Name: "VS Code Copilot"}}}
	d := m.begin(t, true, newSettings())
	d.goOn()
	d.wait("the agents", func() bool { return d.kit.scene(firstID).Find("agent 0") != nil })
	likeFrames(t, "f2-first-agents", d.kit.scene(firstID), "line 1", "line 2", "line 3", "line 4", "line 5")
	for id, want := range map[string]string{"title": "Which agents may ask?", "body": "One entry is added to each file; noxkey setup --undo removes it.", "step": "2 of 3",
		"agent 0 file": "~/.claude.json", "agent 0 state": "found", "agent 3 file": "", "agent 3 state": "not installed", "Continue": "Add to 3"} {
		if got := d.kit.el(firstID, id).Text; got != want {
			t.Errorf("%s: %q", id, got)
		}
	}
	if !d.kit.el(firstID, "agent 3").Off {
		t.Error("what is not installed can be ticked")
	}
	for _, a := range []string{"agent 0", "agent 1", "agent 2"} {
		d.kit.click(firstID, a)
	}
	if s := d.kit.el(firstID, "Continue").Text; s != "Continue" {
		t.Error(s)
	}
	d.kit.click(firstID, "agent 1")
	d.goOn()
	if !slices.Equal(m.added, []string{"Codex"}) || d.kit.el(firstID, "step").Text != "3 of 3" {
		t.Error(m.added)
	}
}

func TestFirstAgentThatCannotBeWritten(t *testing.T) {
	m := &fakeMac{able: true, agents: []Agent{{Name: "Codex", Path: "/Users/me/.codex/config.toml", State: ui.AgentFailed, Cause: "it is not valid TOML"},
		{Name: "Cursor", Path: "/Users/me/.cursor/mcp.json", State: ui.AgentFound}}}
	d := m.begin(t, true, newSettings())
	d.goOn()
	d.wait("the agents", func() bool { return d.kit.scene(firstID).Find("agent 0") != nil })
	d.goOn()
	e := d.kit.el(firstID, "agent 0 state")
	if e.Text != "could not be written: it is not valid TOML" || e.Tip != e.Text || d.kit.el(firstID, "agent 1 state").Text != "added" {
		t.Error(e.Text, e.Tip)
	}
	if d.kit.el(firstID, "step").Text != "2 of 3" || d.kit.el(firstID, "Continue").Text != "Continue" {
		t.Error("it went on without saying so, or cannot go on")
	}
	d.goOn()
	if d.kit.el(firstID, "step").Text != "3 of 3" {
		t.Error("stuck")
	}
}

// TestTheGatesWeaknessIsNotCut: what the weaker way does not protect from is read whole,
// also in a wide font.
func TestTheGatesWeaknessIsNotCut(t *testing.T) {
	d := (&fakeMac{able: true}).begin(t, true, newSettings())
	for _, e := range d.kit.scene(firstID).Elements {
		if !strings.HasSuffix(e.ID, " body") || e.Cut != Words {
			continue
		}
		if n := d.kit.Measure(e.Text, e.Font, e.Frame.W, e.Cut); n > e.Lines || e.Frame.H < float64(16*n) {
			t.Errorf("%s: %d lines in %d", e.ID, n, e.Lines)
		}
	}
}
