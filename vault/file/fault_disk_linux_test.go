package file

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"noxkey/secret"
	"noxkey/vault/vaulttest/sysfault"
)

// sizeable returns the bytes of a vault like small's with a fourth value of 60 KiB, so that
// it takes many pages.
func sizeable(t testing.TB) []byte {
	t.Helper()
	path := place(t, t.TempDir(), small(t))
	v := reopened(t, path)
	put(t, v, unlock(t, v), "acme/zz/LARGE", strings.Repeat("x", 60<<10), secret.Normal)
	v.Close()
	return read(t, path)
}

// spoil does d to a copy of whole in dir between before and after, and judges what came
// of it. It reports whether the deed failed.
func spoil(t *testing.T, d deed, whole []byte, dir string, before, after func()) bool {
	t.Helper()
	path := place(t, dir, whole)
	v := reopened(t, path)
	defer v.Close()
	old, k, err := look(v)
	must(t, err)
	want := maps.Clone(old)
	d.expect(want)
	before()
	failed := d.do(v, k)
	after()
	b := &faultBench{T: t, deed: d}
	b.judge(v, path, old, want, failed, fmt.Sprintf("%s: %v", d.name, failed))
	return failed != nil
}

const fsizeChild = "VAULT_FILE_TEST_FSIZE"

// TestThreatD3FileSizeLimit: the kernel takes no byte beyond a limit (RLIMIT_FSIZE,
// setrlimit(2)), which is moved over the whole file. A process has one such limit for all
// its threads, so a copy of this test does it.
func TestThreatD3FileSizeLimit(t *testing.T) {
	if os.Getenv(fsizeChild) != "" {
		underLimits(t)
		return
	}
	c := exec.Command(os.Args[0], "-test.run=^TestThreatD3FileSizeLimit$", "-test.v")
	c.Env = append(os.Environ(), fsizeChild+"=1")
	if _, err := os.Stat("/dev/shm"); err == nil {
		c.Env = append(c.Env, "TMPDIR=/dev/shm") // the limit is the same, and nothing waits for a disk
	}
	out, err := c.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "limits were met in all") {
		t.Fatalf("%v\n%s", err, out)
	}
}

func underLimits(t *testing.T) {
	signal.Ignore(unix.SIGXFSZ)
	var was unix.Rlimit
	must(t, unix.Getrlimit(unix.RLIMIT_FSIZE, &was))
	met := 0
	for _, whole := range [][]byte{small(t), sizeable(t)} {
		for _, d := range deeds() {
			for limit := 0; ; limit += rounds(len(whole)/4, len(whole)/150) + 1 {
				dir := t.TempDir()
				if !spoil(t, d, whole, dir, func() {
					must(t, unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: uint64(limit), Max: was.Max}))
				}, func() { must(t, unix.Setrlimit(unix.RLIMIT_FSIZE, &was)) }) {
					break
				}
				met++
			}
		}
	}
	if met < 2*4*len(deeds()) {
		t.Fatalf("only %d limits were met", met)
	}
	t.Logf("%d limits were met in all", met)
}

// TestThreatD3FullDisk: a real file system with room for ever more of what a write needs:
// blocks, then inodes.
func TestThreatD3FullDisk(t *testing.T) {
	t.Parallel()
	whole := sizeable(t)
	var failed, inodes int
	err := sysfault.OnTmpfs(t.TempDir(), "size=1m", func() {})
	if err != nil {
		t.Skip("cannot be done here: mounting a tmpfs takes root and unshare(2):", err)
	}
	for _, d := range deeds() {
		failed += fillBlocks(t, d, whole)
		inodes += fillInodes(t, d, whole)
	}
	t.Logf("%d times out of blocks, %d times out of inodes", failed, inodes)
	if failed < 10*len(deeds()) || inodes < 2*len(deeds()) {
		t.Errorf("only %d times out of blocks, %d times out of inodes", failed, inodes)
	}
}

// fillBlocks leaves room for 0 pages, then for 1, until the deed is done, and returns how
// often it was not.
func fillBlocks(t *testing.T, d deed, whole []byte) (failed int) {
	t.Helper()
	page := os.Getpagesize()
	for pages := 0; ; pages += rounds(2, 1) {
		more := false
		dir := t.TempDir()
		must(t, sysfault.OnTmpfs(dir, "size=1m,mode=0700", func() {
			filler := filepath.Join(dir, "filler")
			more = spoil(t, d, whole, dir, func() {
				fill(t, filler)
				must(t, os.Truncate(filler, size(t, filler)-int64(pages*page)))
			}, func() { must(t, os.Remove(filler)) })
		}))
		if !more || t.Failed() {
			return failed
		}
		failed++
	}
}

// fill writes to path until the disk is full.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	must(t, err)
	defer f.Close()
	b := make([]byte, os.Getpagesize())
	for err == nil {
		_, err = f.Write(b)
	}
	if st, _ := f.Stat(); st.Size()%int64(len(b)) != 0 {
		t.Fatal("the last page is half full")
	}
}

func size(t *testing.T, path string) int64 {
	t.Helper()
	st, err := os.Stat(path)
	must(t, err)
	return st.Size()
}

// fillInodes leaves room for no name more, then for one.
func fillInodes(t *testing.T, d deed, whole []byte) (failed int) {
	t.Helper()
	for names := 0; ; names++ {
		more := false
		dir := t.TempDir()
		must(t, sysfault.OnTmpfs(dir, "size=1m,nr_inodes=12,mode=0700", func() {
			var fillers []string
			more = spoil(t, d, whole, dir, func() {
				for i := 0; ; i++ {
					name := filepath.Join(dir, fmt.Sprint("filler", i))
					if f, err := os.Create(name); err != nil {
						break
					} else {
						_ = f.Close()
					}
					fillers = append(fillers, name)
				}
				for range min(names, len(fillers)) {
					must(t, os.Remove(fillers[0]))
					fillers = fillers[1:]
				}
			}, func() {
				for _, name := range fillers {
					must(t, os.Remove(name))
				}
			})
		}))
		if !more || t.Failed() {
			return failed
		}
		failed++
	}
}

// TestThreatD3CreateWithEveryCallFailing: a vault that could not be made is not there, and
// can be made then; or it is there, and opens.
func TestThreatD3CreateWithEveryCallFailing(t *testing.T) {
	t.Parallel()
	met := 0
	for _, a := range faults() {
		for at := 1; ; at++ {
			home := filepath.Join(t.TempDir(), "home")
			must(t, os.Mkdir(home, 0o700))
			path := filepath.Join(home, "vault.db")
			var c sysfault.Call
			var v *Vault
			var failed error
			if err := sysfault.Run(nth(home, at, a, &c), func() { v, failed = Create(path, pass("open sesame"), cheap) }); err != nil {
				t.Skip("cannot be done here: the kernel offers no seccomp user notification:", err)
			}
			if failed == nil {
				v.Close()
			}
			if c.Name == "" {
				must(t, failed)
				break
			}
			met++
			where := fmt.Sprintf("call %d, %s, %+v: %v", at, c.Name, a, failed)
			switch d, err := openFolder(path); {
			case err != nil:
				t.Fatalf("%s: %v", where, err)
			case !d.exists(d.name) && failed != nil && strings.Contains(failed.Error(), "nothing was"):
				again, err := Create(path, pass("open sesame"), cheap)
				if err != nil {
					t.Fatalf("%s: trying again: %v", where, err)
				}
				again.Close()
			case !d.exists(d.name) || failed != nil && strings.Contains(failed.Error(), "nothing was"):
				t.Fatalf("%s: there is a vault %t", where, d.exists(d.name))
			}
			onDisk(t, path)
		}
	}
	if met < 6*len(faults()) {
		t.Fatalf("only %d calls were failed", met)
	}
}
