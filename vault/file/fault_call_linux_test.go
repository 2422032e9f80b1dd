package file

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"noxkey/secret"
	"noxkey/vault/vaulttest/sysfault"
)

// TestThreatD3EveryCallFailingOnce: each system call of each way to write fails once with
// each error that disks give, or takes half of what it was given first, or is made
// although it says that it failed. The vault is then the old one or the new one, on the
// disk and in memory; the error says which; and trying again works.
func TestThreatD3EveryCallFailingOnce(t *testing.T) {
	t.Parallel()
	whole := small(t)
	for _, d := range deeds() {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			b := &faultBench{T: t, deed: d, whole: whole, kinds: map[string]int{}}
			for i := range rounds(3, len(faults())) {
				for at := 1; b.try(at, faults()[(i+rounds(at, 0)*2)%len(faults())]); at++ {
				}
			}
			for _, name := range []string{"create", "write", "sync", "sync of the folder", "link", "rename", "unlink", "chmod"} {
				if b.kinds[name] < rounds(3, len(faults())) {
					t.Errorf("only %d calls to %s were failed", b.kinds[name], name)
				}
			}
		})
	}
}

// faults are what may become of a call. A short run takes three of them for each
// call, and other ones for the next.
func faults() []sysfault.Answer {
	return []sysfault.Answer{
		{Errno: unix.ENOSPC}, {Errno: unix.EIO}, {Errno: unix.EDQUOT}, {Errno: unix.EROFS},
		{Errno: unix.EIO, Done: true}, {Short: true, Errno: unix.ENOSPC},
	}
}

type faultBench struct {
	*testing.T
	deed
	whole []byte
	kinds map[string]int
}

// nth lets call number at of those to files under dir meet with a, and the ones after
// a short write fail like a disk that is full. It tells what was met.
func nth(dir string, at int, a sysfault.Answer, met *sysfault.Call) func(sysfault.Call) sysfault.Answer {
	n, full := 0, false
	return func(c sysfault.Call) sysfault.Answer {
		if !strings.HasPrefix(c.Path, dir) {
			return sysfault.Answer{}
		}
		n++
		if full && c.Name == "write" {
			full = false
			return sysfault.Answer{Errno: a.Errno}
		}
		if n != at {
			return sysfault.Answer{}
		}
		*met = c
		if full = a.Short && c.Name == "write"; full {
			return sysfault.Answer{Short: true}
		}
		a.Short = false
		return a
	}
}

// try lets call number at fail and reports whether there was one.
func (b *faultBench) try(at int, a sysfault.Answer) bool {
	b.Helper()
	dir, err := os.MkdirTemp(b.TempDir(), "")
	must(b, err)
	path := place(b, dir, b.whole)
	v := reopened(b, path)
	defer v.Close()
	old, k, err := look(v)
	must(b, err)
	want := maps.Clone(old)
	b.expect(want)
	var met sysfault.Call
	var failed error
	if err := sysfault.Run(nth(dir, at, a, &met), func() { failed = b.do(v, k) }); err != nil {
		b.Skip("cannot be done here: the kernel offers no seccomp user notification:", err)
	}
	if met.Name == "" {
		must(b, failed)
		return false
	}
	if met.Path == dir {
		met.Name += " of the folder"
	}
	b.kinds[met.Name]++
	where := fmt.Sprintf("call %d, %s %s, %+v: %v", at, met.Name, filepath.Base(met.Path), a, failed)
	b.judge(v, path, old, want, failed, where)
	return true
}

// judge holds what is on the disk and in memory against the error.
func (b *faultBench) judge(v *Vault, path string, old, want state, failed error, where string) {
	b.Helper()
	disk := onDisk(b, path)
	isOld, isNew := maps.Equal(disk, old), maps.Equal(disk, want)
	if !isOld && !isNew {
		b.Fatalf("%s: the disk has neither the old nor the new, but %v", where, disk)
	}
	memory, k, err := look(v)
	if err != nil || !maps.Equal(memory, disk) {
		b.Fatalf("%s: in memory %v, %v; on the disk %v", where, memory, err, disk)
	}
	if failed == nil && !isNew {
		b.Fatalf("%s: it was said to be done", where)
	}
	if failed != nil {
		said := failed.Error()
		undone := strings.Contains(said, "nothing was")
		if secret.CodeOf(failed) != secret.Storage || undone && !isOld || !undone && !isNew {
			b.Fatalf("%s: the error is not what happened: old %t, new %t", where, isOld, isNew)
		}
	}
	if isOld && b.name != "rekey" { // of a rekey, old and new look the same
		err = b.do(v, k)
	} else {
		err = v.Remember("again", []byte("x"))
	}
	if err != nil {
		b.Fatalf("%s: trying again: %v", where, err)
	}
	if got := onDisk(b, path); !maps.Equal(got, want) && b.name != "rekey" {
		b.Fatalf("%s: after trying again %v", where, got)
	}
	v.Close()
	w := reopened(b, path)
	_, _, err = look(w)
	must(b, err)
	must(b, w.Remember("once more", []byte("x"))) // sweeps
	w.Close()
	if left, _ := filepath.Glob(path + ".new-*"); left != nil {
		b.Fatalf("%s: left behind: %v", where, left)
	}
}
