package cli_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"noxkey/secret"
)

const (
	backupKey  = "AGE-SECRET-KEY-13UWHT9DL657REGNP4DVQFCKMCADTZ0HRPQRQTLJGDW25KSWW92YQ2N9FJD"
	backupTo   = "age1rxqnv7hs9n9sv8vkhk50gm99l59zy05z9palnalpp27nd2hyas6s2wy4cs"
	backupPass = "a-long-passphrase-canary"
)

// fill stores n secrets of size bytes past the rules.
func (w *world) fill(t *testing.T, n, size int) {
	t.Helper()
	key, err := w.vault.Unlock(value(t, "correct horse"), secret.Scope{Root: true})
	if err != nil {
		t.Fatal(err)
	}
	defer key.Wipe()
	var changes []secret.Change
	desc := strings.Repeat("d", 200)
	for i := range n {
		v := fmt.Sprintf("%s-%05d-", canary, i)
		changes = append(changes, secret.Change{Action: secret.ActionSet, Name: secret.Name(fmt.Sprintf("big/vault/KEY_%05d", i)),
			Value: value(t, v+strings.Repeat("x", size-len(v))), Meta: secret.Patch{Desc: &desc}})
	}
	if err := w.vault.Apply(key, changes); err != nil {
		t.Fatal(err)
	}
}

func (w *world) times() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.asked)
}

// TestBackupAndRestoreOfMoreThanOneReplyHolds: out under one authentication, back in as
// few batches as fit a request; by size, by number, and by what is written about them.
func TestBackupAndRestoreOfMoreThanOneReplyHolds(t *testing.T) {
	for name, c := range map[string]struct{ n, size, batches int }{"by size": {30, 60 << 10, 4}, "by number and metadata": {2500, 40, 4}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.fill(t, c.n, c.size)
			dir := t.TempDir()
			key, file := filepath.Join(dir, "key"), filepath.Join(dir, "all.age")
			if err := os.WriteFile(key, []byte(backupKey+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			if out, code := noxkey(w, nil, "backup", file, "--to", backupTo); code != 0 || w.times() != 1 || !strings.Contains(out, fmt.Sprintf("wrote %d secrets", c.n)) {
				t.Fatalf("%d, %d questions, %s", code, w.times(), out)
			}
			if b, err := os.ReadFile(file); err != nil || bytes.Contains(b, []byte(canary)) {
				t.Fatalf("the file is not encrypted, or not there: %v", err)
			}
			out, code := noxkey(w, nil, "restore", file, "--identity", key, "--yes")
			if code != 0 || w.times() != 2 || strings.Count(out, " same\n")+strings.Count(out, " same ") != c.n {
				t.Fatalf("compare: %d, %d questions, %d lines", code, w.times(), strings.Count(out, "\n"))
			}
			other := newWorld(t)
			out, code = noxkey(other, nil, "restore", file, "--identity", key, "--yes")
			if code != 0 || other.times() != c.batches || !strings.Contains(out, fmt.Sprintf("restored %d secrets", c.n)) || !strings.Contains(out, fmt.Sprintf("batch %d of %d", c.batches, c.batches)) {
				t.Fatalf("%d, %d questions, want %d, ends with %q", code, other.times(), c.batches, out[max(0, len(out)-300):])
			}
			last := secret.Name(fmt.Sprintf("big/vault/KEY_%05d", c.n-1))
			if got, _ := noxkey(other, nil, "get", string(last), "--raw"); len(got) != c.size || !strings.HasPrefix(got, canary) {
				t.Errorf("%s came back as %d bytes", last, len(got))
			}
		})
	}
}

// TestBackupPassphraseAtTheTerminal is asked for twice, never shown, and never in argv; a
// restore asks for it, shows, and writes after a yes.
func TestBackupPassphraseAtTheTerminal(t *testing.T) {
	w := newWorld(t)
	if err := w.put("acme/api/KEY", "normal"); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "all.age")
	s := onTerminal(t, w, "backup", file)
	s.see("passphrase of the backup")
	s.typed(backupPass + "\r")
	s.see("the same again")
	s.typed("another one\r")
	s.ends(1)
	if _, err := os.Stat(file); err == nil || w.times() != 0 {
		t.Error("two that differ were taken")
	}
	s = onTerminal(t, w, "backup", file)
	s.see("passphrase of the backup")
	if out, err := exec.Command("ps", "-o", "args=", "-p", pid(s.cmd)).Output(); err == nil && strings.Contains(string(out), backupPass) {
		t.Errorf("in argv: %s", out)
	}
	s.typed(backupPass + "\r")
	s.see("the same again")
	s.typed(backupPass + "\r")
	s.ends(0)
	all := s.shown()
	if out, code := noxkey(w, nil, "rm", "acme"); code != 0 {
		t.Fatal(out)
	}
	for _, yes := range []bool{false, true} {
		s = onTerminal(t, w, "restore", file)
		s.see("passphrase of the backup")
		s.typed(backupPass + "\r")
		s.see("write 1 secret? [y/N]")
		answer, code := "n\r", 1
		if yes {
			answer, code = "y\r", 0
		}
		s.typed(answer)
		s.ends(code)
		all += s.shown()
		if _, code := noxkey(w, nil, "ls", "acme/api/KEY"); (code == 0) != yes {
			t.Errorf("answered %q: ls ends with %d", answer, code)
		}
	}
	if strings.Contains(all, "canary") || strings.Contains(all, canary) {
		t.Errorf("shown: %q", all)
	}
}

// TestThreatC4DeniedEverywhereElse: an agent whose request was denied tries every other
// door of the client; none gives the value, and none leaves a file.
func TestThreatC4DeniedEverywhereElse(t *testing.T) {
	w := newWorld(t)
	if err := w.put("acme/api/KEY", "normal"); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	key, whole := filepath.Join(dir, "key"), filepath.Join(dir, "whole.age")
	if err := os.WriteFile(key, []byte(backupKey), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, code := noxkey(w, nil, "backup", whole, "--to", backupTo); code != 0 { // a person's, lying about
		t.Fatal(out)
	}
	w.answers("deny", "")
	for _, class := range []string{"Codex", "unknown"} {
		w.become(class)
		for _, door := range [][]string{
			{"get", "acme/api/KEY"}, {"get", "acme/api/KEY", "--raw"}, {"get", "acme/api/KEY", "--copy"}, {"load", "acme"}, {"export", "acme"}, {"export", "acme", "-o", dir + "/e"},
			{"backup", dir + "/b", "--to", backupTo}, {"backup", dir + "/b", "acme", "--to", backupTo}, {"restore", whole, "--identity", key, "--yes", "--replace"},
			{"run", "acme/api/KEY", "--", "env"}, {"bundle", "x"}, {"edit", "acme/api/KEY", "--level", "easy"}, {"mv", "acme/api/KEY", "acme/api/K"}, {"audit"},
		} {
			out, code := noxkey(w, nil, door...)
			if code == 0 || strings.Contains(out, canary) {
				t.Errorf("%s, %v: %d %s", class, door, code, out)
			}
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 2 {
		t.Errorf("left behind: %v %v", left, err)
	}
}
