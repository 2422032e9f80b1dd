package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"noxkey/secret"
)

// TestBadEnvFiles: 100 MB, and a binary file that is named .env.
func TestBadEnvFiles(t *testing.T) {
	a := small(t).opened(t)
	for name, word := range map[string]string{"big": ".env: file is over 1 MiB", "binary": ".env: not a text file"} {
		path := a.w.write("in/"+name+"/.env", "")
		a.w.own(filepath.Dir(path))
		body := "\x7fELF\x02\x01\x01\x00\x00\xff\xfe"
		if name == "big" {
			body = strings.Repeat("KEY="+canary+"\n", 100_000_000/(len(canary)+5)+1)
		}
		if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
		_, errText, code := a.w.noxkey("", "import", path, "--under", "acme/big")
		if code != 1 || strings.Count(errText, path) != 1 || !strings.Contains(errText, word) || !strings.Contains(errText, "hint: ") {
			t.Errorf("import of a %s file: exit %d: %s", name, code, errText)
		}
		out, errText, code := a.w.noxkey("", "scan", filepath.Dir(path))
		if code != 0 || !strings.Contains(errText, word) || strings.Contains(out, "KEY") {
			t.Errorf("scan of a %s file: exit %d: %s%s", name, code, out, errText)
		}
		_ = os.Remove(path)
		a.quiet(t)
	}
}

// TestFullDisk: nothing is released unrecorded, nothing half is written, and what
// was there is still there.
func TestFullDisk(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("cannot be done here: mounting a small disk takes root")
	}
	t.Parallel()
	w := newWorld(t)
	if err := syscall.Mount("tmpfs", w.home, "tmpfs", 0, fmt.Sprintf("size=256k,mode=0700,uid=%d,gid=%d", uid, gid)); err != nil {
		t.Skip("cannot be done here: mounting a small disk: " + err.Error())
	}
	t.Cleanup(func() { _ = syscall.Unmount(w.home, syscall.MNT_DETACH) })
	w.vault(cheap, passphrase, seed{"acme/api/DB", secret.Normal}, seed{"acme/api/SOFT", secret.Easy})
	a := w.opened(t)
	_, sh := a.vouched(t, "me", "acme/api/DB")
	fill(t, w.path("h/filler"))

	j := sh.start(t, "noxkey set acme/api/NEW --stdin < "+w.input("NEW"))
	a.prove(t)
	j.wait(t).fails(t, 1)
	// The last page of the log may take a few records yet.
	var r result
	for range 50 {
		if r = sh.run(t, "noxkey get acme/api/SOFT --raw >"+w.path("in/released")); r.code != 0 {
			break
		}
	}
	r.fails(t, 1, "record")
	if b, err := os.ReadFile(w.path("in/released")); err != nil || len(b) > 0 {
		t.Errorf("released without a record: %d bytes, %v", len(b), err)
	}
	if err := os.Remove(w.path("h/filler")); err != nil {
		t.Fatal(err)
	}
	a.unasked(t, sh, "noxkey get acme/api/SOFT --raw | sha256sum").prints(t, sum(value("SOFT")))
	a.asked(t, sh, "noxkey get acme/api/DB --raw | sha256sum").prints(t, sum(value("DB")))
	if out := sh.run(t, "noxkey ls").ok(t); strings.Contains(out, "NEW") {
		t.Errorf("half a write: %s", out)
	}
	a.asked(t, sh, "noxkey set acme/api/NEW --stdin < "+w.input("NEW")).ok(t)
	sh.run(t, "noxkey verify").prints(t, "ok")
	w.search() // before the unmount takes the home away
}

// fill writes a file until the disk is full.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, size := range []int{4096, 1} {
		for b := make([]byte, size); err == nil; {
			_, err = f.Write(b)
		}
		err = nil
	}
}
