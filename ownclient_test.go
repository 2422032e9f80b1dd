package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"noxkey/caller"
)

// TestThreatF1OnlyTheClientItself: the installed client is ours; a copy of it, a program of
// the same name, one that was changed, and one that hides are not.
func TestThreatF1OnlyTheClientItself(t *testing.T) {
	sleep, dir := sleepPath(t), t.TempDir()
	copyTo := func(name string, change bool) string {
		b, err := os.ReadFile(sleep)
		if err != nil {
			t.Fatal(err)
		}
		if change {
			b = append(b, 0)
		}
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b, 0o700); err != nil {
			t.Fatal(err)
		}
		return path
	}
	client := copyTo("bin/noxkey", false)
	o := &ownClient{client: client, seen: map[caller.ProcID]struct{}{}}
	for what, c := range map[string]struct {
		path string
		ours bool
	}{
		"the client": {client, true}, "a copy of it": {copyTo("other", false), false},
		"another under its name": {copyTo("evil/noxkey", true), false},
	} {
		if err := o.check(running(t, c.path)); (err == nil) != c.ours {
			t.Errorf("%s: %v", what, err)
		}
	}
	hidden := running(t, client)
	hidden.NoExe, hidden.ExeID = true, caller.FileID{}
	moved := running(t, copyTo("moved", true))
	moved.Exe = client // what a mount namespace can make the path say
	for what, p := range map[string]caller.Process{"hidden": hidden, "a path that lies": moved} {
		if o.check(p) == nil {
			t.Errorf("%s: taken for ours", what)
		}
	}
	// The client hides when it holds something. Only the very process that was seen
	// before may: not a stranger that hid at once, nor the next one with its pid.
	known, stranger := running(t, client), running(t, copyTo("stranger/noxkey", true))
	for _, p := range []*caller.Process{&known, &stranger} {
		o.note(*p)
		p.NoExe, p.Exe, p.ExeID = true, "", caller.FileID{}
		o.note(*p)
	}
	if err := o.check(known); err != nil {
		t.Errorf("the client, hidden since: %v", err)
	}
	recycled := known
	recycled.ID.Start++
	if o.check(stranger) == nil || o.check(recycled) == nil {
		t.Error("hidden, and never seen to be the client: taken for ours")
	}
	if err := os.Remove(client); err != nil {
		t.Fatal(err)
	}
	if o.check(running(t, copyTo("third", false))) == nil {
		t.Error("without a client beside the app anybody is ours")
	}
}

// TestThreatF1CopyWrittenOver: a copy that was seen to be the client, and was then written
// over in place with its size and times of before, is what it is now.
func TestThreatF1CopyWrittenOver(t *testing.T) {
	dir := t.TempDir()
	program, err := os.ReadFile(sleepPath(t))
	if err != nil {
		t.Fatal(err)
	}
	client, other := filepath.Join(dir, "noxkey"), filepath.Join(dir, "other")
	for _, path := range []string{client, other} {
		if err := os.WriteFile(path, program, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	o := &ownClient{client: client, seen: map[caller.ProcID]struct{}{}}
	t.Run("seen", func(t *testing.T) { o.note(running(t, other)) })
	fi, err := os.Stat(other)
	if err != nil {
		t.Fatal(err)
	}
	program[len(program)-1] ^= 1
	f, err := os.OpenFile(other, os.O_WRONLY, 0)
	if err == nil {
		_, err = f.Write(program)
		err = errors.Join(err, f.Close(), os.Chtimes(other, fi.ModTime(), fi.ModTime()))
	}
	if err != nil {
		t.Fatal(err)
	}
	if o.check(running(t, other)) == nil {
		t.Error("a program written over a copy is taken for ours")
	}
}

// sleepPath is a program that waits, as the client's stand-in.
func sleepPath(t *testing.T) string {
	t.Helper()
	sleep, err := exec.LookPath("sleep")
	if err != nil {
		t.Skip("cannot be done here: there is no sleep")
	}
	if sleep, err = filepath.EvalSymlinks(sleep); err != nil {
		t.Fatal(err)
	}
	return sleep
}

// running starts the program at path and returns the process once it runs it.
func running(t *testing.T, path string) caller.Process {
	t.Helper()
	cmd := exec.Command(path, "60")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	return started(t, cmd, path)
}

// started returns the process of cmd once it runs the program at path.
func started(t *testing.T, cmd *exec.Cmd, path string) caller.Process {
	t.Helper()
	for range 500 {
		if p, err := caller.ReadProcess(cmd.Process.Pid); err == nil && p.Exe == path {
			return p
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("%s does not run", path)
	return caller.Process{}
}
