package main

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// terminal is a window of the run's tmux server.
type terminal struct {
	w  *world
	id string
}

func (w *world) tmux(args ...string) (string, error) {
	cmd := w.command(append([]string{"tmux", "-S", w.path("tmux"), "-f", w.path("u/.tmux.conf")}, args...)...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("tmux %s: %w: %s", args[0], err, out)
	}
	return string(out), nil
}

// open opens a terminal that runs argv; what is sent to it is kept for the search.
func (w *world) open(name string, argv ...string) (*terminal, error) {
	args := append([]string{"new-session", "-d", "-P", "-F", "#{pane_id}", "-s", name, "-x", "80", "-y", "40"}, argv...)
	id, err := w.tmux(args...)
	if err != nil {
		return nil, err
	}
	t := &terminal{w, strings.TrimSpace(id)}
	_, err = w.tmux("pipe-pane", "-t", t.id, "cat >> "+w.path("rec/"+name))
	return t, err
}

func (t *terminal) screen() string {
	out, err := t.w.tmux("capture-pane", "-p", "-t", t.id)
	if err != nil {
		return err.Error()
	}
	return out
}

// send presses keys by tmux's names for them.
func (t *terminal) send(keys ...string) error {
	_, err := t.w.tmux(append([]string{"send-keys", "-t", t.id}, keys...)...)
	return err
}

// shows reports whether all of want are on the screen, however the lines were broken.
func shows(screen string, want ...string) bool {
	flat := strings.Join(strings.Fields(screen), " ")
	for _, x := range want {
		if !strings.Contains(screen, x) && !strings.Contains(flat, x) {
			return false
		}
	}
	return true
}

// job is a command line that runs in a terminal of its own.
type job struct {
	*terminal
	base string // path of the files, without .out, .err and .rc
	tui  bool   // it has the terminal; else its streams are files
}

// start runs argv in dir, with env besides the world's.
func (w *world) start(name, dir string, tui bool, argv, env []string) (*job, error) {
	var b strings.Builder
	b.WriteString("cd " + quote(dir) + "\n")
	for _, e := range env {
		k, v, _ := strings.Cut(e, "=")
		b.WriteString("export " + k + "=" + quote(v) + "\n")
	}
	for _, a := range argv {
		b.WriteString(quote(a) + " ")
	}
	j := &job{base: w.path("io/" + name), tui: tui}
	if !tui {
		b.WriteString("< /dev/null > " + j.base + ".out 2> " + j.base + ".err")
	}
	b.WriteString("\necho $? > " + j.base + ".rc\n")
	if err := w.write("io/"+name+".sh", b.String()); err != nil {
		return nil, err
	}
	var err error
	j.terminal, err = w.open(name, "bash", "--norc", "--noprofile", j.base+".sh")
	return j, err
}

// ended is the exit code, "" while the command runs.
func (j *job) ended() string {
	b, _ := os.ReadFile(j.base + ".rc")
	return strings.TrimSpace(string(b))
}

func (j *job) wait() error {
	if !j.w.within(patience, func() bool { return j.ended() != "" }) {
		return fmt.Errorf("%s has not ended after %v", j.base, patience)
	}
	if rc := j.ended(); rc != "0" {
		return fmt.Errorf("%s: exit code %s", j.base, rc)
	}
	return nil
}

// output is what the command printed so far, or shows now.
func (j *job) output() (string, error) {
	if j.tui {
		return j.screen(), nil
	}
	out, err := os.ReadFile(j.base + ".out")
	if err != nil {
		return "", err
	}
	more, err := os.ReadFile(j.base + ".err")
	return string(out) + string(more), err
}

// report is the output as an error, for one that says what went wrong.
func (j *job) report() error {
	out, err := j.output()
	if err != nil {
		return err
	}
	return fmt.Errorf("it printed:\n%s", indent(out))
}

// person is whoever sits before the app.
type person struct{ *terminal }

const passphrase = "correct horse battery"

// wait waits until the screen shows all of want.
func (p person) wait(want ...string) (string, error) {
	screen := ""
	if !p.w.within(patience, func() bool { screen = p.screen(); return shows(screen, want...) }) {
		return "", fmt.Errorf("no %q on the screen:\n%s", want, indent(screen))
	}
	return screen, nil
}

// press presses key until the screen shows want: a card's keys count only half a
// second after it is shown.
func (p person) press(key, want string) error {
	var failed error
	if p.w.within(patience, func() bool {
		failed = p.send(key)
		return failed != nil || p.w.within(700*time.Millisecond, func() bool { return shows(p.screen(), want) })
	}) {
		return failed
	}
	return fmt.Errorf("%s never led to %q:\n%s", key, want, indent(p.screen()))
}

// fill types the passphrase into a hidden field until the screen shows that many
// dots: what is typed before a screen is armed does not count.
func (p person) fill(dots int) error {
	var failed error
	if p.w.within(patience, func() bool {
		if failed = p.send("C-u"); failed == nil {
			failed = p.send("-l", passphrase)
		}
		return failed != nil || p.w.within(time.Second, func() bool { return strings.Count(p.screen(), "•") == dots })
	}) {
		return failed
	}
	return fmt.Errorf("never %d dots:\n%s", dots, indent(p.screen()))
}

// firstRun makes the vault.
func (p person) firstRun() error {
	if _, err := p.wait("Choose a passphrase"); err != nil {
		return err
	}
	if err := p.fill(len(passphrase)); err != nil {
		return err
	}
	if err := p.send("Tab"); err != nil {
		return err
	}
	if err := p.fill(2 * len(passphrase)); err != nil {
		return err
	}
	if err := p.send("Enter"); err != nil {
		return err
	}
	_, err := p.wait("No session is open")
	return err
}

// grant allows once what the next card asks for and returns the card. It gives up
// when the job that is to ask has ended.
func (p person) grant(j *job) (string, error) {
	card := ""
	if !p.w.within(patience, func() bool { card = p.screen(); return shows(card, " deny") || j.ended() != "" }) || !shows(card, " deny") {
		return "", fmt.Errorf("no card; the command's exit code is %q, and the screen:\n%s", j.ended(), indent(card))
	}
	if err := p.press("a", "Passphrase to"); err != nil {
		return card, err
	}
	if err := p.fill(len(passphrase)); err != nil {
		return card, err
	}
	if err := p.send("Enter"); err != nil {
		return card, err
	}
	if !p.w.within(patience, func() bool { return !strings.Contains(p.screen(), "Passphrase to") }) {
		return card, fmt.Errorf("the passphrase led nowhere:\n%s", indent(p.screen()))
	}
	return card, nil
}
