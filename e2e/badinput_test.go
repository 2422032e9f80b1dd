package e2e

import (
	"crypto/sha256"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"noxkey/secret"
)

// small is a world with a cheap vault of one secret.
func small(t *testing.T) *world {
	t.Helper()
	t.Parallel()
	w := newWorld(t)
	w.vault(cheap, passphrase, seed{"acme/api/DB", secret.Normal})
	return w
}

func TestWrongPassphraseAtStart(t *testing.T) {
	a := small(t).app(t)
	a.try(t, "wrong passphrase 1", "unlock your secrets")
	a.try(t, "wrong passphrase 2", "2 tries left")
	a.try(t, "wrong passphrase 3", "1 try left")
	a.wait(t, "NoxKey is locked", "Wrong passphrase")
	if out, errText, code := a.w.noxkey("", "ls"); code != 5 || strings.Contains(out, "acme") {
		t.Errorf("ls: %d %s%s", code, out, errText)
	}
	a.keys(t, "Enter")
	a.unlock(t)
}

func TestSecondApp(t *testing.T) {
	a := small(t).opened(t)
	second := &app{shell: a.s.shell(t), w: a.w, pass: passphrase}
	second.launch(t)
	if code, text := second.ended(t); code != 1 || !strings.Contains(text, "noxkey: ") || !strings.Contains(text, "runs in another terminal") {
		t.Errorf("exit %d: %s", code, text)
	}
	if out, _, code := a.w.noxkey("", "status"); code != 0 {
		t.Errorf("the first app does not answer any more: %s", out)
	}
}

func TestNoApp(t *testing.T) {
	w := small(t)
	for _, args := range [][]string{{"status"}, {"get", "acme/api/DB"}, {"ls"}, {"lock"}, {"set", "acme/api/X", "--stdin"}} {
		if _, errText, code := w.noxkey("x", args...); code != 3 || !strings.Contains(errText, "noxkey app") {
			t.Errorf("%v: exit %d: %s", args, code, errText)
		}
	}
}

// noStart runs the app, which must end with 1 and these words.
func noStart(t *testing.T, w *world, words ...string) {
	t.Helper()
	a := w.app(t)
	code, text := a.ended(t)
	if code != 1 || !strings.HasPrefix(text, "noxkey: ") {
		t.Errorf("exit %d: %s", code, text)
	}
	for _, x := range words {
		if !strings.Contains(text, x) {
			t.Errorf("no %q in %q", x, text)
		}
	}
}

// patch changes the vault file in place.
func (w *world) patch(change func([]byte)) {
	w.t.Helper()
	path := w.path("h/vault.db")
	b, err := os.ReadFile(path)
	if err != nil {
		w.t.Fatal(err)
	}
	change(b)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		w.t.Fatal(err)
	}
}

func TestDamagedVault(t *testing.T) {
	w := small(t)
	w.patch(func(b []byte) { b[60] ^= 1 })
	noStart(t, w, "damaged", "noxkey-app --restore-previous")
	a := &app{shell: w.tmux("app").shell(t), w: w, pass: passphrase}
	a.launch(t, "--restore-previous")
	a.wait(t, "Type yes to go back")
	a.typed(t, "no")
	a.keys(t, "Enter")
	a.wait(t, "Nothing was changed")
	if code, _ := a.ended(t); code != 0 {
		t.Errorf("exit %d after no", code)
	}
	a.launch(t, "--restore-previous")
	a.wait(t, "Type yes to go back")
	a.typed(t, "yes")
	a.keys(t, "Enter")
	a.wait(t, "Done.")
	if code, text := a.ended(t); code != 0 {
		t.Errorf("exit %d after yes: %s", code, text)
	}
	a.launch(t)
	a.unlock(t) // the generation before the secret was written
	a.wait(t, "0 secrets")
	kept, _ := filepath.Glob(w.path("h/vault.db.*"))
	if len(kept) == 0 {
		t.Error("the damaged file was not kept")
	}
}

// headerSize and the version's place are those of vault/file/header.go, whose last
// 32 bytes are a hash of the rest in every version.
func TestVaultOfANewerVersion(t *testing.T) {
	w := small(t)
	w.patch(func(b []byte) {
		binary.LittleEndian.PutUint32(b[8:], 99)
		size := binary.LittleEndian.Uint32(b[12:])
		hash := sha256.Sum256(b[:size-32])
		copy(b[size-32:], hash[:])
	})
	before, _ := os.ReadFile(w.path("h/vault.db"))
	noStart(t, w, "newer")
	if now, _ := os.ReadFile(w.path("h/vault.db")); string(now) != string(before) {
		t.Error("the file of the newer version was changed")
	}
}

func TestTerminalTooSmall(t *testing.T) {
	a := small(t).opened(t)
	a.s.must(t, "resize-window", "-t", a.id, "-x", "60", "-y", "15")
	screen := a.wait(t, "NoxKey needs a terminal of 80x24 or more")
	if lines := strings.Fields(screen); len(lines) != 8 {
		t.Errorf("more than one line:\n%s", screen)
	}
	a.keys(t, "l") // what cannot be read cannot be answered
	a.s.must(t, "resize-window", "-t", a.id, "-x", "80", "-y", "24")
	a.wait(t, "No request waits", "unlocked")
	a.s.must(t, "resize-window", "-t", a.id, "-x", "120", "-y", "40")
	a.wait(t, "No request waits", "unlocked")
}

func TestAppWithoutATerminal(t *testing.T) {
	w := small(t)
	for _, term := range []string{"", "dumb"} {
		cmd := w.command(binApp, "--home", w.home)
		cmd.Env = append(cmd.Env, "TERM="+term)
		out, _ := cmd.CombinedOutput()
		if code := cmd.ProcessState.ExitCode(); code != 1 || !strings.Contains(string(out), "needs a terminal") || !strings.Contains(string(out), "tmux") {
			t.Errorf("exit %d: %s", code, out)
		}
	}
}

func TestCtrlCAtThePassphrase(t *testing.T) {
	a := small(t).app(t)
	a.wait(t, "Passphrase to unlock your secrets")
	a.typed(t, "half a pass")
	a.keys(t, "C-c")
	if code, text := a.ended(t); code != 0 || text != "" {
		t.Errorf("exit %d: %s", code, text)
	}
	a.wait(t, "$") // the terminal is a shell's again
	a.shell.run(t, "echo back").prints(t, "back")
	a.launch(t)
	a.unlock(t)
}

func TestCtrlCAtTheFirstRun(t *testing.T) {
	t.Parallel()
	a := newWorld(t).app(t)
	a.wait(t, "Choose a passphrase")
	a.fill(t, "half of it", 10)
	a.keys(t, "C-c")
	if code, text := a.ended(t); code != 0 || text != "" {
		t.Errorf("exit %d: %s", code, text)
	}
	if _, err := os.Lstat(a.w.path("h/vault.db")); err == nil {
		t.Error("a vault was made")
	}
}

// TestCtrlCAtTheClientsPrompt: the hidden prompt of set gives the terminal back.
func TestCtrlCAtTheClientsPrompt(t *testing.T) {
	a := small(t).opened(t)
	sh := a.w.tmux("me").shell(t)
	line := a.w.line("noxkey set acme/api/NEW; echo ended $((40+2))")
	sh.typed(t, line)
	sh.keys(t, "Enter")
	sh.wait(t, "acme/api/NEW", "alue")
	sh.typed(t, "half a value")
	sh.keys(t, "C-c")
	screen := sh.wait(t, "interrupted; nothing was stored", "ended 42")
	if strings.Contains(screen, "half a value") {
		t.Errorf("what was typed is shown:\n%s", screen)
	}
	sh.run(t, "echo back").prints(t, "back")
	a.quiet(t)
}

func TestShortAndUnequalPassphrases(t *testing.T) {
	t.Parallel()
	a := newWorld(t).app(t)
	a.wait(t, "Choose a passphrase")
	a.fill(t, "short", 5)
	a.keys(t, "Tab", "Enter")
	a.wait(t, "needs at least 8 characters")
	a.keys(t, "Tab")
	a.fill(t, passphrase, len(passphrase))
	a.keys(t, "Tab")
	a.fill(t, "another passphrase", len(passphrase)+18)
	a.keys(t, "Enter")
	a.wait(t, "The two are not the same")
	if _, err := os.Lstat(a.w.path("h/vault.db")); err == nil {
		t.Error("a vault was made")
	}
}

// TestBadValues: what set refuses, and that nothing was written or asked.
func TestBadValues(t *testing.T) {
	a := small(t).opened(t)
	for name, c := range map[string]struct {
		in   string
		args []string
		code int
		word string
	}{
		"NUL":             {"a\x00b", []string{"acme/api/X"}, 1, "zero byte"},
		"empty":           {"", []string{"acme/api/X"}, 1, "empty"},
		"over-long":       {canary + strings.Repeat("x", 64<<10), []string{"acme/api/X"}, 1, "64 KiB"},
		"reserved":        {"v", []string{"acme/api/LD_PRELOAD"}, 1, "LD_PRELOAD"},
		"bad name":        {"v", []string{"../etc/x"}, 2, "name"},
		"value in a name": {"v", []string{"acme/api/X=" + canary}, 2, "command line"},
		"value beside it": {"v", []string{"acme/api/X", canary}, 2, "command line"},
		"taken":           {"v", []string{"acme/api/DB"}, 1, "exists"},
	} {
		_, errText, code := a.w.noxkey(c.in, append([]string{"set", "--stdin"}, c.args...)...)
		if code != c.code || !strings.Contains(errText, c.word) || !strings.Contains(errText, "hint: ") {
			t.Errorf("%s: exit %d: %s", name, code, errText)
		}
		a.quiet(t)
	}
	if out, _, _ := a.w.noxkey("", "ls"); strings.Contains(out, "X") || !strings.Contains(out, "acme/api/DB") {
		t.Errorf("ls: %s", out)
	}
}
