package e2e

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

const passphrase = "correct horse battery"

// app is the release app in a terminal of its own, and the person before it.
type app struct {
	*shell
	w    *world
	pass string
	run  string // where this run's exit code goes
}

// app opens a terminal and starts the app in it.
func (w *world) app(t *testing.T, args ...string) *app {
	t.Helper()
	a := &app{shell: w.tmux("app").shell(t), w: w, pass: passphrase}
	a.launch(t, args...)
	return a
}

// launch starts the app in the terminal, which it takes over.
func (a *app) launch(t *testing.T, args ...string) {
	t.Helper()
	name := fmt.Sprintf("io/app-%d", a.w.next())
	a.run = a.w.path(name)
	a.w.write(name+".sh", fmt.Sprintf("%s --home %s %s 2>%s.err\necho $? >%[4]s.rc\n", binApp, a.w.home, strings.Join(args, " "), a.run))
	a.s.must(t, "send-keys", "-R", "-t", a.id) // what an earlier run left on the screen
	a.typed(t, ". "+a.run+".sh")
	a.keys(t, "Enter")
}

// ended waits for the app's end and returns its exit code and standard error.
func (a *app) ended(t *testing.T) (int, string) {
	t.Helper()
	rc := ""
	poll(t, func() string { return "the app has not ended:\n" + a.screen() }, func() bool {
		b, _ := os.ReadFile(a.run + ".rc")
		rc = string(b)
		return strings.HasSuffix(rc, "\n")
	})
	code, err := strconv.Atoi(strings.TrimSpace(rc))
	if err != nil {
		t.Fatal(err)
	}
	text, _ := os.ReadFile(a.run + ".err")
	return code, string(text)
}

// opened starts the app over a vault that is there and unlocks it.
func (w *world) opened(t *testing.T) *app {
	t.Helper()
	a := w.app(t)
	a.unlock(t)
	return a
}

// unlock answers the passphrase prompt of the start.
func (a *app) unlock(t *testing.T) {
	t.Helper()
	a.prove(t, "Passphrase to unlock your secrets")
	a.wait(t, "No request waits")
}

// fill types text into the hidden field until it shows that many dots: what is
// typed before a screen is armed does not count.
func (a *app) fill(t *testing.T, text string, dots int) {
	t.Helper()
	screen := ""
	poll(t, func() string { return fmt.Sprintf("never %d dots:\n%s", dots, screen) }, func() bool {
		a.keys(t, "C-u")
		a.typed(t, text)
		return within(time.Second, func() bool {
			screen = a.screen()
			return strings.Count(screen, "•") == dots
		})
	})
}

// choose sets a new passphrase in its two fields.
func (a *app) choose(t *testing.T, pass string) {
	t.Helper()
	a.fill(t, pass, len(pass))
	a.keys(t, "Tab")
	a.fill(t, pass, 2*len(pass))
	a.keys(t, "Enter")
	a.gone(t, "•", "One moment")
	a.pass = pass
}

// firstRun makes the vault.
func (a *app) firstRun(t *testing.T) {
	t.Helper()
	a.wait(t, "Choose a passphrase")
	a.choose(t, passphrase)
	a.wait(t, "No session is open", "0 secrets")
}

// try types a passphrase where one is asked for, and returns the screen that asked.
func (a *app) try(t *testing.T, pass string, want ...string) string {
	t.Helper()
	screen := a.wait(t, append(want, "Passphrase to")...)
	a.fill(t, pass, len(pass))
	a.keys(t, "Enter")
	a.gone(t, "•", "One moment")
	return screen
}

// prove types the right passphrase.
func (a *app) prove(t *testing.T, want ...string) string {
	t.Helper()
	screen := a.try(t, a.pass, want...)
	a.gone(t, "Passphrase to")
	return screen
}

// grant answers a card that shows want by key and passphrase, and returns the card.
func (a *app) grant(t *testing.T, key string, want ...string) string {
	t.Helper()
	card := a.wait(t, append(want, "deny (also Esc)")...)
	a.press(t, key, "Passphrase to")
	a.prove(t)
	return card
}

// deny answers a card by key, which is d or Escape.
func (a *app) deny(t *testing.T, key string, want ...string) string {
	t.Helper()
	card := a.wait(t, append(want, "deny (also Esc)")...)
	a.press(t, key, "No request waits")
	return card
}

// quiet checks that nothing waits for the person.
func (a *app) quiet(t *testing.T) {
	t.Helper()
	if s := a.screen(); strings.Contains(s, "Passphrase to") || strings.Contains(s, "deny (also Esc)") {
		t.Errorf("the person is asked:\n%s", s)
	}
}

// asked runs a line that asks the person for their passphrase and no more.
func (a *app) asked(t *testing.T, sh *shell, line string, want ...string) result {
	t.Helper()
	j := sh.start(t, line)
	a.prove(t, want...)
	return j.wait(t)
}

// unasked runs a line for which nobody must be asked.
func (a *app) unasked(t *testing.T, sh *shell, line string) result {
	t.Helper()
	r := sh.run(t, line)
	a.quiet(t)
	return r
}

// quit ends the app by its key.
func (a *app) quit(t *testing.T) {
	t.Helper()
	a.wait(t, "No request waits")
	a.keys(t, "q")
	if within(2*time.Second, func() bool { return strings.Contains(a.screen(), "Quit NoxKey?") }) {
		a.keys(t, "q")
	}
	if code, text := a.ended(t); code != 0 || text != "" {
		t.Errorf("the app ended with %d: %s", code, text)
	}
}

// vouched opens a tmux server of the person's, with a shell that they have vouched
// for on the card of a get.
func (a *app) vouched(t *testing.T, name, secretName string) (*server, *shell) {
	t.Helper()
	s := a.w.tmux(name)
	sh := s.shell(t)
	j := sh.start(t, `eval "$(noxkey get `+secretName+`)"`)
	a.grant(t, "v", "vouch for tmux")
	j.wait(t).ok(t)
	return s, sh
}
