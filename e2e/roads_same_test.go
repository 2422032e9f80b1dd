package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Some roads no program can tell from the person: whoever has the tmux that they
// vouched for open a window or type, or opens a window of a terminal emulator, gets a
// shell that is the person's for all that the kernel knows. These tests show what then
// happens, so that SECURITY.md can say it: an easy secret is given, anything else asks
// for the passphrase, and what asks names the secret, the terminal and the chain.

// same is one of those roads.
type same struct {
	name     string
	line     string
	terminal string // what the prompt calls the terminal
	chain    string
}

// TestThreatB1RoadsNobodyCanTellApart: the agent's request counts as the person's.
// Keys alone do not answer the prompt (B12), and without the passphrase there is
// nothing but what is easy.
func TestThreatB1RoadsNobodyCanTellApart(t *testing.T) {
	t.Parallel()
	r := onRoads(t)
	tmux := fmt.Sprintf("tmux %s (vouched)", strings.TrimSpace(r.me.must(t, "display-message", "-p", "#{pid}")))
	list := []same{
		{name: "typing into the person's pane", terminal: tmux, chain: "tmux: server › bash › bash › noxkey",
			line: `tmux -S ME send-keys -t ` + r.sh.id + ` -l "ASK" \; send-keys -t ` + r.sh.id + ` Enter`},
		{name: "a new window of the person's tmux", terminal: tmux, chain: "tmux: server › bash › bash › noxkey",
			line: `tmux -S ME new-window -d "ASK; true"`},
		{name: "a job of the person's tmux, in a terminal of its own", terminal: tmux, chain: "script",
			line: `tmux -S ME run-shell -b "PTY"`},
	}
	for _, x := range list {
		t.Run(x.name, func(t *testing.T) { r.same(t, x) })
	}
}

// TestThreatB1WindowOfATerminalEmulator: the same with a terminal emulator, on a
// display of the agent's own that nobody sees. The agent leaves the tree first.
func TestThreatB1WindowOfATerminalEmulator(t *testing.T) {
	t.Parallel()
	for _, tool := range []string{"Xvfb", "xterm"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip("cannot be done here: there is no " + tool)
		}
	}
	r := onRoads(t)
	display := r.w.display(t)
	r.same(t, same{terminal: "xterm", chain: "xterm › bash › noxkey",
		line: `(P=$BASHPID; { LEFT; env -i PATH=/usr/bin:/bin HOME=/tmp DISPLAY=` + display + ` xterm -e ASK; } </dev/null >/dev/null 2>&1 &)`})
}

// display starts an X server, and returns its name.
func (w *world) display(t *testing.T) string {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	cmd := w.command("Xvfb", "-displayfd", "3", "-screen", "0", "640x480x24", "-nolisten", "tcp", "-noreset")
	cmd.ExtraFiles = []*os.File{write}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	write.Close()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	var n int
	if _, err := fmt.Fscan(read, &n); err != nil {
		t.Fatalf("Xvfb named no display: %v", err)
	}
	return fmt.Sprintf(":%d", n)
}

// same takes the road, looks at the prompt, presses keys in the front as any program
// of the user's can, and lets the person refuse.
func (r *roads) same(t *testing.T, x same) {
	t.Helper()
	base := r.base()
	if said := r.a.shell(t, r.words(base, x.line)); said.code != 0 {
		t.Fatalf("the road itself failed: %d %s%s", said.code, said.out, said.err)
	}
	screen := r.app.wait(t, "Passphrase to", "acme/api/HARD")
	for _, want := range []string{"give acme/api/HARD to", x.terminal, x.chain} {
		if !shows(screen, want) {
			t.Errorf("the prompt does not show %q:\n%s", want, screen)
		}
	}
	r.app.keys(t, "a", "Enter", "y", "Enter", "v", "Enter") // what any program of the user's can do, too
	r.app.try(t, "a guess", "give acme/api/HARD to")
	r.app.wait(t, "Passphrase to", "2 tries left")
	r.app.press(t, "Escape", "No request waits")
	got := r.read(t, base)
	if got.you != "human" || got.why != "" {
		t.Errorf("taken for %q (%s), which would be better than SECURITY.md says", got.you, got.why)
	}
	if got.hard != sum("") || got.hardRC != "4" {
		t.Errorf("HARD: exit %s, the value: %v", got.hardRC, got.hard == sum(value("HARD")))
	}
	if got.soft != sum(value("SOFT")) {
		t.Errorf("SOFT, which is easy, was not given: %s", got.err)
	}
}
