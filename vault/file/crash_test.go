package file

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"noxkey/secret"
)

// childPath tells a copy of the test binary to write to that vault until it is killed.
const childPath = "VAULT_FILE_TEST_WRITE_TO"

func TestMain(m *testing.M) {
	if path := os.Getenv(childPath); path != "" {
		if err := writeForEver(path); err != nil {
			fmt.Println("failed:", err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// writeForEver raises the number in two secrets at a time, and says each that Apply
// took.
func writeForEver(path string) error {
	v, err := Open(path)
	if err != nil {
		return err
	}
	k, err := v.Unlock(pass("open sesame"), secret.Scope{Root: true})
	if err != nil {
		return err
	}
	n, err := number(v, k)
	if err != nil {
		return err
	}
	fmt.Println(n)
	for n++; ; n++ {
		if err := v.Apply(k, numbered(n)); err != nil {
			return err
		}
		fmt.Println(n)
	}
}

// numbered are the changes that make n the number of the vault.
func numbered(n int) []secret.Change {
	one := secret.Change{Action: secret.ActionSet, Name: keyA, Replace: true, Value: pass(strconv.Itoa(n))}
	two := one
	two.Name = keyB
	return []secret.Change{one, two}
}

// number is the one in both secrets; 0 for an empty vault.
func number(v *Vault, k secret.Key) (int, error) {
	if list, err := v.Under(""); err != nil || len(list) == 0 {
		return 0, err
	}
	got, err := v.Open(k, []secret.Ref{{Name: keyA}, {Name: keyB}})
	if err != nil {
		return 0, err
	}
	if !got[0].Equal(got[1]) {
		return 0, errors.New("half of a batch was written")
	}
	var n int
	err = got[0].Use(func(b []byte) error { n, err = strconv.Atoi(string(b)); return err })
	return n, err
}

func TestThreatD3KilledWhileWriting(t *testing.T) {
	t.Parallel()
	v, path := create(t)
	v.Close()
	last := 0
	for range 220 {
		said := killWriter(t, path)
		v := reopened(t, path)
		n, err := number(v, unlock(t, v))
		if err != nil {
			t.Fatal(err)
		}
		if n < said || n > said+1 || n < last {
			t.Fatalf("the vault has %d; the writer had said %d, and %d was there before", n, said, last)
		}
		v.Close()
		if last = n; n > 1 {
			wantPrevious(t, path, n)
		}
	}
	t.Logf("%d writes in 220 lives", last)
	if last < 220 {
		t.Fatalf("only %d writes were made: the writer was killed before it wrote", last)
	}
	if left, _ := filepath.Glob(path + ".new-*"); len(left) > 2 {
		t.Fatalf("what killed writers left piles up: %v", left)
	}
}

// killWriter starts a writer, kills it within some milliseconds of its first write, and
// returns the last number that it said.
func killWriter(t *testing.T, path string) int {
	t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), childPath+"="+path)
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(out)
	var said int
	for range 2 { // what it found, and its first write
		said = readNumber(t, r)
	}
	time.AfterFunc(time.Duration(rand.IntN(4_000_000)), func() { _ = c.Process.Kill() })
	rest, _ := io.ReadAll(r)
	_ = c.Wait()
	for line := range strings.Lines(string(rest)) {
		if n, err := strconv.Atoi(strings.TrimSuffix(line, "\n")); err == nil && strings.HasSuffix(line, "\n") {
			said = n
		} else if strings.HasPrefix(line, "failed") {
			t.Fatal(line)
		}
	}
	return said
}

func readNumber(t *testing.T, r *bufio.Reader) int {
	t.Helper()
	line, err := r.ReadString('\n')
	n, bad := strconv.Atoi(strings.TrimSpace(line))
	if err != nil || bad != nil {
		t.Fatalf("the writer said %q, %v", line, err)
	}
	return n
}

// wantPrevious wants a previous generation that opens, and is the one before n or n itself.
func wantPrevious(t *testing.T, path string, n int) {
	t.Helper()
	d, err := openFolder(path)
	if err != nil {
		t.Fatal(err)
	}
	v, err := d.load(d.previous())
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	if m, err := number(v, unlock(t, v)); err != nil || m != n && m != n-1 {
		t.Fatalf("the previous generation has %d, %v; the present one %d", m, err, n)
	}
}

// faulty lets call number at of those made to the disk fail with err.
func faulty(at int, err error) (fsys, *int) {
	calls := new(int)
	fail := func() bool { *calls++; return *calls == at }
	fs := osFS
	fs.create = func(dir int, name string) (*os.File, error) {
		if fail() {
			return nil, err
		}
		return osFS.create(dir, name)
	}
	fs.write = func(f *os.File, b []byte) (int, error) {
		if fail() {
			n, _ := f.Write(b[:len(b)/2])
			return n, err
		}
		return f.Write(b)
	}
	fs.sync = func(f *os.File) error {
		if fail() {
			return err
		}
		return f.Sync()
	}
	fs.link = func(dir int, from, to string) error {
		if fail() {
			return err
		}
		return osFS.link(dir, from, to)
	}
	fs.rename = func(dir int, from, to string) error {
		if fail() {
			return err
		}
		return osFS.rename(dir, from, to)
	}
	return fs, calls
}

func TestThreatD3EveryStepFailing(t *testing.T) {
	t.Parallel()
	for _, errno := range []error{unix.ENOSPC, unix.EIO, unix.EROFS, unix.EDQUOT} {
		steps := 0
		for at := 1; ; at++ {
			v, path := create(t)
			k := unlock(t, v)
			for n := 1; n <= 2; n++ {
				if err := v.Apply(k, numbered(n)); err != nil {
					t.Fatal(err)
				}
			}
			fs, calls := faulty(at, errno)
			v.dir.fs = fs
			err := v.Apply(k, numbered(3))
			v.dir.fs = osFS
			if *calls < at { // there is no such step
				if err != nil {
					t.Fatal(err)
				}
				break
			}
			steps++
			wantEither(t, v, k, path, err, errno)
		}
		if steps != 7 { // create, write, sync, link, rename, rename, sync
			t.Fatalf("%d steps were failed", steps)
		}
	}
}

// wantEither wants the vault as it was before 3 was written to it, in memory and in the
// file, or as it is after, if the error says so; and that it can be written again.
func wantEither(t *testing.T, v *Vault, k secret.Key, path string, err, errno error) {
	t.Helper()
	want := 2
	if secret.CodeOf(err) != secret.Storage {
		t.Fatal(err)
	}
	switch msg := err.Error(); {
	case strings.Contains(msg, "did not confirm"):
		want = 3
	case errors.Is(errno, unix.ENOSPC) && msg != "the disk is full; nothing was written":
		t.Fatal(err)
	}
	if n, err := number(v, k); err != nil || n != want {
		t.Fatalf("in memory %d, %v, want %d", n, err, want)
	}
	if left, _ := filepath.Glob(path + ".new-*"); left != nil {
		t.Fatalf("left behind: %v", left)
	}
	w := reopened(t, path)
	if n, err := number(w, unlock(t, w)); err != nil || n != want {
		t.Fatalf("in the file %d, %v, want %d", n, err, want)
	}
	if err := v.Apply(k, numbered(4)); err != nil {
		t.Fatalf("the next write: %v", err)
	}
	w = reopened(t, path)
	if n, err := number(w, unlock(t, w)); err != nil || n != 4 {
		t.Fatalf("after the next write %d, %v", n, err)
	}
}

func TestThreatD3PasswdAndRekeyFailingAtEachStep(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(v *Vault) error{
		"passwd": func(v *Vault) error { return v.Passwd(pass("open sesame"), pass("fresh")) },
		"rekey":  func(v *Vault) error { return v.Rekey(pass("open sesame")) },
	} {
		for at := 1; ; at++ {
			v, path := create(t)
			k := unlock(t, v)
			if err := v.Apply(k, numbered(1)); err != nil {
				t.Fatal(err)
			}
			fs, calls := faulty(at, unix.EIO)
			v.dir.fs = fs
			err := change(v)
			v.dir.fs = osFS
			if *calls < at {
				break
			}
			if secret.CodeOf(err) != secret.Storage {
				t.Fatalf("%s, step %d: %v", name, at, err)
			}
			v.Close()
			w := reopened(t, path)
			k, err = w.Unlock(pass("open sesame"), secret.Scope{Root: true})
			if err != nil && name == "passwd" {
				k, err = w.Unlock(pass("fresh"), secret.Scope{Root: true})
			}
			if err != nil {
				t.Fatalf("%s, step %d: %v", name, at, err)
			}
			if n, err := number(w, k); err != nil || n != 1 {
				t.Fatalf("%s, step %d: %d, %v", name, at, n, err)
			}
		}
	}
}

func TestCreateFailingAtEachStepLeavesNothing(t *testing.T) {
	t.Parallel()
	for at := 1; at <= 4; at++ {
		path := filepath.Join(t.TempDir(), "home", "vault.db")
		if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		d, err := openFolder(path)
		if err != nil {
			t.Fatal(err)
		}
		d.fs, _ = faulty(at, unix.ENOSPC)
		v := &Vault{dir: d}
		if err := v.found(pass("x"), cheap); secret.CodeOf(err) != secret.Storage {
			t.Fatalf("step %d: %v", at, err)
		}
		v.Close()
		left, _ := os.ReadDir(filepath.Dir(path))
		if len(left) != 0 {
			t.Fatalf("step %d left %v", at, left)
		}
	}
}

func TestChangedByAnotherProgramIsNotOverwritten(t *testing.T) {
	t.Parallel()
	other := func(t *testing.T, path string) {
		w := reopened(t, path)
		put(t, w, unlock(t, w), keyC, "theirs", secret.Normal)
	}
	touch := func(t *testing.T, path string) {
		if err := os.Chtimes(path, time.Now(), time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	gone := func(t *testing.T, path string) {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range []func(*testing.T, string){other, touch, gone} {
		v, path := create(t)
		k := unlock(t, v)
		put(t, v, k, keyA, "mine", secret.Normal)
		f(t, path)
		before, _ := os.ReadFile(path)
		err := v.Apply(k, numbered(1))
		if secret.CodeOf(err) != secret.Storage || !strings.Contains(err.Error(), "another program") {
			t.Fatal(err)
		}
		if after, _ := os.ReadFile(path); !slices.Equal(before, after) {
			t.Fatal("it was overwritten")
		}
	}
}
