package caller

import (
	"errors"
	"os"
	"runtime"
	"testing"
)

// signed is a process for inspect: which requirements hold, and what its signature says.
type signed struct {
	valid            int32
	anchors          map[string]bool // requirements that hold
	identifier, team string
	status           uint32
	err              error
}

func (s signed) check(req string) int32 {
	if req == "" || s.anchors[req] {
		return s.valid
	}
	return -67050 // errSecCSReqFailed
}
func (s signed) info() (string, string, uint32, error) { return s.identifier, s.team, s.status, s.err }
func (s signed) release()                              {}

const (
	byApple = "anchor apple"
	byTeam  = `anchor apple generic and certificate leaf[subject.OU] = "H7V7XYVQ7D"`
)

func holds(reqs ...string) map[string]bool {
	m := map[string]bool{}
	for _, r := range reqs {
		m[r] = true
	}
	return m
}

func TestInspect(t *testing.T) {
	t.Parallel()
	iterm := signed{anchors: holds(byTeam), identifier: "com.googlecode.iterm2", team: "H7V7XYVQ7D", status: csValid | csRuntime}
	terminal := signed{anchors: holds(byApple), identifier: "com.apple.Terminal", status: csValid | csPlatformBinary}
	with := func(s signed, f func(*signed)) signed { f(&s); return s }
	for _, c := range []struct {
		name string
		g    signed
		want Code
	}{
		{"iTerm2", iterm, Code{Developer, "H7V7XYVQ7D", "com.googlecode.iterm2", true}},
		{"Terminal", terminal, Code{Apple, "", "com.apple.Terminal", true}},
		{"unsigned", signed{valid: errSecCSUnsigned}, Code{}},
		{"no hardened runtime", with(iterm, func(s *signed) { s.status = csValid }), Code{Developer, "H7V7XYVQ7D", "com.googlecode.iterm2", false}},
		{"debugged", with(iterm, func(s *signed) { s.status |= csDebugged }), Code{Developer, "H7V7XYVQ7D", "com.googlecode.iterm2", false}},
		{"get-task-allow", with(iterm, func(s *signed) { s.status |= csGetTaskAllow }), Code{Developer, "H7V7XYVQ7D", "com.googlecode.iterm2", false}},
		{"platform bit without Apple's anchor", with(iterm, func(s *signed) { s.status = csValid | csPlatformBinary }), Code{Developer, "H7V7XYVQ7D", "com.googlecode.iterm2", false}},
		{"a team of its own choice", with(iterm, func(s *signed) { s.anchors = nil }), Code{AdHoc, "", "com.googlecode.iterm2", true}},
		{"a team that would rewrite the requirement", with(iterm, func(s *signed) {
			s.team = `A" or "B`
			s.anchors = holds(`anchor apple generic and certificate leaf[subject.OU] = "A" or "B"`)
		}), Code{AdHoc, "", "com.googlecode.iterm2", true}},
	} {
		if got, err := inspect(c.g); err != nil || got != c.want {
			t.Errorf("%s: %+v %v", c.name, got, err)
		}
	}
	for name, g := range map[string]signed{
		"changed on disk":       with(iterm, func(s *signed) { s.valid = -67061 }), // errSecCSSignatureFailed
		"gone":                  with(iterm, func(s *signed) { s.valid = 100003 }), // ESRCH as an OSStatus
		"invalid in the kernel": with(iterm, func(s *signed) { s.status = csRuntime }),
		"no information":        with(iterm, func(s *signed) { s.err = ErrNoCode }),
	} {
		if c, err := inspect(g); !errors.Is(err, ErrNoCode) || c != (Code{}) {
			t.Errorf("%s: %+v %v", name, c, err)
		}
	}
}

// TestThreatB2OnlyASignedTerminalIsOne: a program under a terminal's name and identifier,
// with anybody's signature or none.
func TestThreatB2OnlyASignedTerminalIsOne(t *testing.T) {
	t.Parallel()
	const exe = "/Applications/iTerm.app/Contents/MacOS/iTerm2"
	iterm := Code{Developer, "H7V7XYVQ7D", "com.googlecode.iterm2", true}
	if !likeTerminal(exe) || !isTerminal(exe, iterm) {
		t.Error("iTerm2 is none")
	}
	if !isTerminal("/System/Applications/Utilities/Terminal.app/Contents/MacOS/Terminal", Code{Apple, "", "com.apple.Terminal", true}) {
		t.Error("Terminal is none")
	}
	for name, c := range map[string]Code{
		"unsigned": {}, "ad hoc": {AdHoc, "", iterm.Identifier, true}, "ad hoc with a team": {AdHoc, iterm.Team, iterm.Identifier, true},
		"another team":                   {Developer, "ZZZZZZZZZZ", iterm.Identifier, true},
		"another program of that team":   {Developer, iterm.Team, "com.googlecode.iterm2.iTermServer", true},
		"open to other programs":         {Developer, iterm.Team, iterm.Identifier, false},
		"another program of Apple's":     {Apple, "", "com.apple.python3", true},
		"Apple's under iTerm's name":     {Apple, "", iterm.Identifier, true},
		"Terminal's name from a team":    {Developer, iterm.Team, "com.apple.Terminal", true},
		"Terminal, run as another's exe": {Apple, "", "com.apple.Terminal", true},
	} {
		if isTerminal(exe, c) {
			t.Errorf("%s is taken for iTerm2", name)
		}
	}
	if isTerminal("/tmp/Terminal", Code{Developer, "ZZZZZZZZZZ", "com.apple.Terminal", true}) {
		t.Error("a developer's Terminal")
	}
	for _, other := range []string{"", "/bin/zsh", "/Applications/Warp.app/Contents/MacOS/stable", "/x/iTermServer-3.5.10"} {
		if likeTerminal(other) {
			t.Errorf("%q is asked about", other)
		}
	}
}

func TestCodeInWords(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]Code{
		"not signed": {}, "signed ad hoc": {Signer: AdHoc, Identifier: "com.apple.Terminal"},
		"signed by Apple (com.apple.Terminal)":         {Signer: Apple, Identifier: "com.apple.Terminal"},
		"signed by H7V7XYVQ7D (com.googlecode.iterm2)": {Signer: Developer, Team: "H7V7XYVQ7D", Identifier: "com.googlecode.iterm2"},
	} {
		if c.String() != want {
			t.Errorf("%+v: %q", c, c)
		}
	}
}

func TestCodeOfThisProcess(t *testing.T) {
	t.Parallel()
	id, err := IDOf(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	c, err := CodeOf(id)
	if runtime.GOOS == "darwin" {
		// go test's binary: signed ad hoc by the linker on arm64, unsigned on amd64.
		if err != nil || c.Signer > AdHoc {
			t.Errorf("%+v %v", c, err)
		}
		return
	}
	if !errors.Is(err, ErrNotImplemented) || c != (Code{}) {
		t.Errorf("%+v %v", c, err)
	}
}
