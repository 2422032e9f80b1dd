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

// deed is one way of writing to a vault, and what it does to a state.
type deed struct {
	name   string
	do     func(v *Vault, k secret.Key) error
	expect func(s state)
}

// state is what a vault holds, as far as its owner can tell: "pass" is the passphrase
// that opens it, "head" what the ledger remembers, a name its level, type, description and value.
type state map[string]string

const fresh = "fresh passphrase"

func entry(level secret.Level, ft secret.FieldType, desc, val string) string {
	return fmt.Sprintf("%s %s %q %s", level, ft, desc, val)
}

// deeds start from three secrets (small).
func deeds() []deed {
	change := func(c ...secret.Change) func(*Vault, secret.Key) error {
		return func(v *Vault, k secret.Key) error { return v.Apply(k, c) }
	}
	set := secret.Change{Action: secret.ActionSet, Name: keyA, Replace: true, Value: pass("newer")}
	one, two := set, set
	one.Name, two.Name = keyB, "acme/new/KEY_D"
	desc, level := "words", secret.Strict
	normal := func(v string) string { return entry(secret.Normal, secret.APIKey, "", v) }
	return []deed{
		{"set", change(set), func(s state) { s[string(keyA)] = normal("newer") }},
		{"batch", change(one, two, secret.Change{Action: secret.ActionRemove, Name: keyA}), func(s state) {
			delete(s, string(keyA))
			s[string(keyB)], s["acme/new/KEY_D"] = normal("newer"), normal("newer")
		}},
		{"mv", change(secret.Change{Action: secret.ActionMove, Name: keyA, To: "acme/new/MOVED"}), func(s state) {
			s["acme/new/MOVED"] = s[string(keyA)]
			delete(s, string(keyA))
		}},
		{"rm", change(secret.Change{Action: secret.ActionRemove, Name: keyB}), func(s state) { delete(s, string(keyB)) }},
		{"edit", change(secret.Change{Action: secret.ActionEdit, Name: keyB, Meta: secret.Patch{Desc: &desc, Level: &level}}), func(s state) {
			s[string(keyB)] = entry(secret.Strict, secret.APIKey, "words", values[keyB])
		}},
		{"head", func(v *Vault, _ secret.Key) error { return v.Remember("head", []byte("7")) }, func(s state) { s["head"] = "7" }},
		{"passwd", func(v *Vault, _ secret.Key) error { return v.Passwd(pass("open sesame"), pass(fresh)) }, func(s state) { s["pass"] = fresh }},
		{"rekey", func(v *Vault, _ secret.Key) error { return v.Rekey(pass("open sesame")) }, func(state) {}},
	}
}

// look is the state of an open vault, with the key for all of it; it unlocks it if need be.
func look(v *Vault) (state, secret.Key, error) {
	s := state{"pass": "open sesame"}
	k, err := v.Unlock(pass(s["pass"]), secret.Scope{Root: true})
	if secret.CodeOf(err) == secret.WrongKey {
		s["pass"] = fresh
		k, err = v.Unlock(pass(fresh), secret.Scope{Root: true})
	}
	if err != nil {
		return nil, nil, err
	}
	list, err := v.Under("")
	if err != nil {
		return nil, nil, err
	}
	for _, e := range list {
		got, err := v.Open(k, []secret.Ref{{Name: e.Name, Version: e.Version}})
		if err != nil {
			return nil, nil, err
		}
		_ = got[0].Use(func(b []byte) error {
			s[string(e.Name)] = entry(e.Level, e.FieldType, e.Desc, string(b))
			return nil
		})
	}
	head, err := v.Recall("head")
	if head != nil {
		s["head"] = string(head)
	}
	return s, k, err
}

// onDisk is the state of the vault at path as the next run of the program finds it.
func onDisk(t testing.TB, path string) state {
	t.Helper()
	v := reopened(t, path)
	defer v.Close()
	s, _, err := look(v)
	if err != nil {
		t.Fatalf("the vault on the disk: %v", err)
	}
	return s
}

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
			for _, name := range strings.Fields("create write sync link rename unlink chmod") {
				if b.kinds[name] < rounds(3, len(faults())) {
					t.Errorf("only %d calls to %s were failed", b.kinds[name], name)
				}
			}
		})
	}
}

// rounds is how often: few in every run of the tests, many under make attack.
func rounds(few, many int) int {
	if os.Getenv("NOXKEY_ATTACK") == "1" {
		return many
	}
	return few
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
