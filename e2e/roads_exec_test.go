package e2e

import (
	"os/exec"
	"strings"
	"testing"

	"noxkey/secret"
)

// TestThreatB4ProgramThatBecomesNoxkey: a program that the person starts in a terminal of
// theirs and that becomes noxkey by exec(2) leaves no trace of what it was. It gets what is
// easy and what the shell's session covers; all else asks. As its child noxkey is refused,
// for the chain shows a program that could be anything.
func TestThreatB4ProgramThatBecomesNoxkey(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("cannot be done here: there is no python3")
	}
	w := newWorld(t)
	w.vault(cheap, passphrase, seed{"acme/api/SOFT", secret.Easy}, seed{"acme/api/DB", secret.Normal},
		seed{"acme/api/HARD", secret.Strict}, seed{"acme/web/TOKEN", secret.Normal})
	a := w.opened(t)
	_, sh := a.vouched(t, "me", "acme/api/SOFT")
	a.asked(t, sh, "noxkey unlock acme/api/DB", "acme/api/DB").ok(t)
	argv := `["noxkey", "--home", "` + w.home + `", "get", "--raw", sys.argv[1]]`
	becomes := "python3 " + w.write("u/becomes.py", "import os, sys\nos.execvp('noxkey', "+argv+")\n") + " "
	starts := "python3 " + w.write("u/starts.py", "import subprocess, sys\nsys.exit(subprocess.run("+argv+").returncode)\n") + " "

	for _, n := range []string{"acme/api/SOFT", "acme/api/DB"} {
		if r := a.unasked(t, sh, becomes+n+" | sha256sum"); !strings.Contains(r.out, sum(value(secret.Name(n).Key()))) {
			t.Errorf("%s: %s%s: SECURITY.md says that this is given", n, r.out, r.err)
		}
		a.unasked(t, sh, starts+n).fails(t, 4, "only to a person")
	}
	for _, n := range []string{"acme/api/HARD", "acme/web/TOKEN"} {
		j := sh.start(t, becomes+n)
		a.wait(t, n, "Passphrase to", "bash")
		a.press(t, "Escape", "No request waits")
		if r := j.wait(t); r.code == 0 || r.out != "" {
			t.Errorf("%s: %d %s", n, r.code, r.out)
		}
	}
}
