package broker

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"noxkey/caller"
)

// TestThreatE4KnownScriptOfAnotherContent: a script that was allowed something, and was then
// written over in place under its size and times of before, is not the one that is known.
func TestThreatE4KnownScriptOfAnotherContent(t *testing.T) {
	s := newScene(t)
	path := filepath.Join(t.TempDir(), "deploy.sh")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	asker := func() caller.Caller {
		t.Helper()
		cmd := exec.Command("sh", path)
		in, err := cmd.StdinPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		defer func() { in.Close(); _ = cmd.Wait() }()
		p, err := caller.ReadProcess(cmd.Process.Pid)
		for ; err == nil && p.Script != path; p, err = caller.ReadProcess(cmd.Process.Pid) { // not yet sh
		}
		if err != nil {
			t.Fatal(err)
		}
		return caller.Caller{Class: caller.Unknown, Chain: []caller.Process{{Exe: "noxkey"}, p}}
	}
	write("read x # good\n")
	who := asker()
	if k := s.b.known.look(who); !k.First.IsZero() {
		t.Errorf("never seen: %+v", k)
	}
	s.b.known.seen(who)
	if k := s.b.known.look(asker()); k.First.IsZero() || k.Changed || k.Path != path {
		t.Errorf("the same: %+v", k)
	}
	fi, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(20 * time.Millisecond) // the kernel's clock for files ticks every 10 ms at most
	write("read x # evil\n")
	if err := os.Chtimes(path, fi.ModTime(), fi.ModTime()); err != nil {
		t.Fatal(err)
	}
	if k := s.b.known.look(asker()); !k.Changed {
		t.Errorf("another content: %+v", k)
	}
}
