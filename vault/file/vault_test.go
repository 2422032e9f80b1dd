package file

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"noxkey/secret"
	"noxkey/vault/internal/sealing"
)

func TestWrongPassphrase(t *testing.T) {
	t.Parallel()
	v, _ := create(t)
	for _, p := range []secret.Value{pass("open sesam"), pass("open sesame "), {}} {
		k, err := v.Unlock(p, secret.Scope{Root: true})
		if secret.CodeOf(err) != secret.WrongKey || k != nil || !v.Locked() {
			t.Fatalf("key %v, error %v", k, err)
		}
	}
}

func TestCreateRefusesToOverwrite(t *testing.T) {
	t.Parallel()
	_, path := create(t)
	before := read(t, path)
	if _, err := Create(path, pass("other"), cheap); secret.CodeOf(err) != secret.Exists {
		t.Fatal(err)
	}
	if !bytes.Equal(before, read(t, path)) {
		t.Fatal("it was overwritten")
	}
	dir := t.TempDir()
	for _, p := range []Params{{}, {Memory: 1 << 30, Passes: 1, Lanes: 1}} {
		if _, err := Create(filepath.Join(dir, "h", "vault.db"), pass("x"), p); secret.CodeOf(err) != secret.Invalid {
			t.Fatalf("%+v: %v", p, err)
		}
	}
	if _, err := Create(filepath.Join(dir, "h", "vault.db"), secret.Value{}, cheap); secret.CodeOf(err) != secret.Invalid {
		t.Fatal(err)
	}
}

func TestThatThereIsNoVault(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, path := range []string{filepath.Join(dir, "no", "vault.db"), filepath.Join(private(t), "vault.db")} {
		if _, err := Open(path); secret.CodeOf(err) != secret.NotFound {
			t.Fatal(err)
		}
	}
}

func private(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestThreatD2LooseForeignOrLinkedPlacesAreRefused(t *testing.T) {
	t.Parallel()
	whole := small(t)
	dir := func(t *testing.T) string { return filepath.Dir(place(t, t.TempDir(), whole)) }
	for name, prepare := range map[string]func(t *testing.T) string{
		"a loose directory": func(t *testing.T) string {
			d := dir(t)
			must(t, os.Chmod(d, 0o750))
			return filepath.Join(d, "vault.db")
		},
		"a symlinked directory": func(t *testing.T) string {
			l := filepath.Join(t.TempDir(), "link")
			must(t, os.Symlink(dir(t), l))
			return filepath.Join(l, "vault.db")
		},
		"a directory that is a file": func(t *testing.T) string { return filepath.Join(dir(t), "vault.db", "vault.db") },
		"a foreign directory": func(t *testing.T) string {
			if os.Geteuid() != 0 {
				return "/vault.db" // root's
			}
			d := dir(t)
			must(t, os.Chown(d, 65534, 65534))
			return filepath.Join(d, "vault.db")
		},
		"a loose file": func(t *testing.T) string {
			p := filepath.Join(dir(t), "vault.db")
			must(t, os.Chmod(p, 0o604))
			return p
		},
		"a symlinked file": func(t *testing.T) string {
			d := private(t)
			must(t, os.Symlink(filepath.Join(dir(t), "vault.db"), filepath.Join(d, "vault.db")))
			return filepath.Join(d, "vault.db")
		},
		"a pipe": func(t *testing.T) string {
			p := filepath.Join(private(t), "vault.db")
			must(t, unix.Mkfifo(p, 0o600))
			return p
		},
		"a directory for a vault": func(t *testing.T) string {
			p := filepath.Join(private(t), "vault.db")
			must(t, os.Mkdir(p, 0o700))
			return p
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := prepare(t)
			if v, err := Open(path); secret.CodeOf(err) != secret.Storage || v != nil {
				t.Fatalf("opened: %v", err)
			}
			if v, err := Create(path, pass("x"), cheap); err == nil || v != nil {
				t.Fatal("created")
			}
		})
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestModesWhateverTheUmask(t *testing.T) {
	t.Parallel()
	v, path := create(t)
	put(t, v, unlock(t, v), keyA, "x", secret.Normal)
	for p, want := range map[string]os.FileMode{filepath.Dir(path): 0o700, path: 0o600, path + ".1": 0o600} {
		st, err := os.Stat(p)
		if err != nil || st.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", p, st.Mode(), err)
		}
	}
}

// The canaries stand in the value, the name, the metadata, the ledger and the
// passphrase; none may be on the disk.
func TestThreatD1NothingReadableAtRest(t *testing.T) {
	t.Parallel()
	path := filepath.Join(private(t), "vault.db")
	v, err := Create(path, pass("canary-passphrase"), cheap)
	must(t, err)
	t.Cleanup(v.Close)
	k, err := v.Unlock(pass("canary-passphrase"), secret.Scope{Root: true})
	must(t, err)
	desc := "canary-desc"
	for _, l := range secret.Levels {
		l := l
		must(t, v.Apply(k, []secret.Change{{Action: secret.ActionSet, Name: secret.Name("canary-org/" + string(l) + "/CANARY"), Value: pass("canary-value-0123456789-0123456789"),
			Meta: secret.Patch{Level: &l, Desc: &desc, Bundle: &desc}}}))
	}
	must(t, v.Remember("canary-head", []byte("canary-ledger")))
	must(t, v.Rekey(pass("canary-passphrase")))
	must(t, v.Remember("canary-head", []byte("canary-ledger")))
	files, err := os.ReadDir(filepath.Dir(path))
	must(t, err)
	if len(files) != 2 {
		t.Fatalf("files: %v", files)
	}
	for _, f := range files {
		b := bytes.ToLower(read(t, filepath.Join(filepath.Dir(path), f.Name())))
		for _, word := range []string{"canary", "api_key", "normal", "strict", "off_limits"} {
			if bytes.Contains(b, []byte(word)) {
				t.Errorf("%s holds %q", f.Name(), word)
			}
		}
	}
}

// keysIn calls f with each 32 bytes of k's memory, and with all that the
// derivations in this package make of them along the names.
func keysIn(k *key, names []secret.Name, f func(key []byte)) {
	for at := 0; at+sealing.KeySize <= len(k.mem.Bytes()); at++ {
		for _, n := range names {
			seg := n.Segments()
			for i := range seg {
				node := bytes.Clone(k.mem.Bytes()[at : at+sealing.KeySize])
				f(node)
				sealing.Descend(node, strings.Join(seg[i:], "/"))
				f(node)
				sealing.Leaf(node)
				f(node)
			}
		}
		for _, branch := range []string{branchNormal, branchStrict, branchBrowse, "value"} {
			node := bytes.Clone(k.mem.Bytes()[at : at+sealing.KeySize])
			sealing.Expand(node, node, branch)
			f(node)
		}
	}
}

func TestThreatD5SessionMemoryHoldsNoOtherKey(t *testing.T) {
	t.Parallel()
	v, _ := create(t)
	k := unlock(t, v).(*key)
	names := []secret.Name{"myorg/api/KEY", "myorg/api/STRICT", "myorg/prod/KEY", "myorg/apis/KEY", "myorg/api"}
	type secretKey struct {
		name   secret.Name
		strict bool
	}
	leaves := make(map[string]secretKey)
	for _, n := range names {
		for _, strict := range []bool{false, true} {
			b := make([]byte, sealing.KeySize)
			if !k.leaf(b, n, strict) {
				t.Fatal("the whole vault's key does not reach", n)
			}
			leaves[string(b)] = secretKey{n, strict}
		}
	}
	if len(leaves) != 2*len(names) {
		t.Fatal("two values have one key")
	}
	for _, c := range []struct {
		scope secret.Scope
		want  map[secretKey]bool
	}{
		{secret.Scope{Prefix: "myorg/api"}, map[secretKey]bool{{"myorg/api/KEY", false}: true, {"myorg/api/STRICT", false}: true, {"myorg/api", false}: true}},
		{secret.Scope{Names: []secret.Name{"myorg/api"}}, map[secretKey]bool{{"myorg/api", false}: true}},
		{secret.Scope{Names: []secret.Name{"myorg/api/KEY"}}, map[secretKey]bool{{"myorg/api/KEY", false}: true}},
	} {
		s, err := k.Session(c.scope)
		must(t, err)
		found := make(map[secretKey]bool)
		keysIn(s.(*key), names, func(b []byte) {
			if l, ok := leaves[string(b)]; ok {
				found[l] = true
			}
		})
		if fmt.Sprint(found) != fmt.Sprint(c.want) {
			t.Errorf("session over %+v: its memory yields %v, want %v", c.scope, found, c.want)
		}
	}
}

// TestThreatD5LockAndWipeOverwriteKeys is not parallel: no other test may get the memory
// that it looks at after the keys' end. The vault's audit key keeps the pages.
func TestThreatD5LockAndWipeOverwriteKeys(t *testing.T) {
	v, _ := create(t)
	k := unlock(t, v)
	s, err := k.Session(secret.Scope{Prefix: "acme"})
	must(t, err)
	held := [][]byte{k.(*key).mem.Bytes(), s.(*key).mem.Bytes(), v.browse.mem.Bytes(), v.browse.id}
	v.Lock()
	for i, b := range held {
		if !bytes.Equal(b, make([]byte, len(b))) {
			t.Errorf("key %d is still there", i)
		}
	}
}

func TestLockDuringUnlockWins(t *testing.T) {
	t.Parallel()
	v, _ := create(t)
	h, locks := v.snapshot()
	root, err := unwrapRoot(&h, pass("open sesame"))
	must(t, err)
	v.Lock() // as if it came during the derivation
	v.mu.Lock()
	err = v.enter(root.Bytes(), locks)
	v.mu.Unlock()
	if secret.CodeOf(err) != secret.Locked || !v.Locked() {
		t.Fatal(err)
	}
}

func TestIdentity(t *testing.T) {
	t.Parallel()
	v, path := create(t)
	if _, err := v.Public(); secret.CodeOf(err) != secret.Locked {
		t.Fatal(err)
	}
	if _, err := v.Sign([]byte("m")); secret.CodeOf(err) != secret.Locked {
		t.Fatal(err)
	}
	unlock(t, v)
	check := func(v *Vault, pub []byte) []byte {
		t.Helper()
		sig, err := v.Sign([]byte("hello"))
		must(t, err)
		now, err := v.Public()
		must(t, err)
		if !ed25519.Verify(now, []byte("hello"), sig) || pub != nil && !bytes.Equal(pub, now) {
			t.Fatal("another identity")
		}
		return now
	}
	pub := check(v, nil)
	must(t, v.Rekey(pass("open sesame")))
	check(v, pub)
	v.Lock()
	if _, err := v.Sign([]byte("m")); secret.CodeOf(err) != secret.Locked {
		t.Fatal(err)
	}
	if now, err := v.Public(); err != nil || !bytes.Equal(now, pub) {
		t.Fatal(err)
	}
	v.Close()
	w := reopened(t, path)
	unlock(t, w)
	check(w, pub)
}

func TestPasswd(t *testing.T) {
	t.Parallel()
	v, path := create(t)
	k := unlock(t, v)
	put(t, v, k, keyA, "x", secret.Strict)
	if err := v.Passwd(pass("wrong"), pass("fresh")); secret.CodeOf(err) != secret.WrongKey {
		t.Fatal(err)
	}
	if err := v.Passwd(pass("open sesame"), secret.Value{}); secret.CodeOf(err) != secret.Invalid {
		t.Fatal(err)
	}
	must(t, v.Passwd(pass("open sesame"), pass("fresh")))
	if got, err := v.Open(k, []secret.Ref{{Name: keyA}}); err != nil || !got[0].Equal(pass("x")) {
		t.Fatalf("a key from before: %v", err)
	}
	v.Close()
	for _, name := range []string{path, path + ".1"} { // no generation opens with the old one
		w := reopened(t, place(t, t.TempDir(), read(t, name)))
		if _, err := w.Unlock(pass("open sesame"), secret.Scope{}); secret.CodeOf(err) != secret.WrongKey {
			t.Fatal(err)
		}
		k, err := w.Unlock(pass("fresh"), secret.Scope{Root: true})
		must(t, err)
		if got, err := w.Open(k, []secret.Ref{{Name: keyA}}); err != nil || !got[0].Equal(pass("x")) {
			t.Fatal(err)
		}
	}
}

// The old header on the new file would let the old passphrase in.
func TestThreatD2OldHeaderOnNewFileIsRefused(t *testing.T) {
	t.Parallel()
	v, path := create(t)
	unlock(t, v)
	old := read(t, path)
	must(t, v.Passwd(pass("open sesame"), pass("fresh")))
	b := read(t, path)
	copy(b[:116], old[:116])
	rehash(b)
	w := reopened(t, place(t, t.TempDir(), b))
	if _, err := w.Unlock(pass("open sesame"), secret.Scope{}); secret.CodeOf(err) != secret.Damaged {
		t.Fatal(err)
	}
}

func TestRekey(t *testing.T) {
	t.Parallel()
	v, path := create(t)
	k := unlock(t, v)
	for i, l := range secret.Levels {
		put(t, v, k, secret.Name(fmt.Sprintf("acme/api/KEY_%d", i)), fmt.Sprint("value ", i), l)
	}
	must(t, v.Remember("head", []byte("7")))
	audit, err := v.AuditKey()
	must(t, err)
	list, err := v.Under("")
	must(t, err)
	before := v.index.Rows
	if err := v.Rekey(pass("wrong")); secret.CodeOf(err) != secret.WrongKey {
		t.Fatal(err)
	}
	must(t, v.Rekey(pass("open sesame")))
	if _, err := v.Open(k, []secret.Ref{{Name: "acme/api/KEY_1"}}); secret.CodeOf(err) != secret.Denied {
		t.Fatalf("a key from before: %v", err)
	}
	if k.(*key).mem.Bytes() != nil {
		t.Fatal("a key from before is still in memory")
	}
	for i, r := range v.index.Rows {
		if r.Rest.hash == before[i].Rest.hash {
			t.Fatalf("%s is sealed as it was", r.Name)
		}
	}
	check := func(v *Vault) {
		t.Helper()
		k := unlock(t, v)
		now, err := v.Under("")
		if err != nil || fmt.Sprint(now) != fmt.Sprint(list) {
			t.Fatalf("%v, %v", now, err)
		}
		for i := range secret.Levels {
			got, err := v.Open(k, []secret.Ref{{Name: secret.Name(fmt.Sprintf("acme/api/KEY_%d", i))}})
			if err != nil || !got[0].Equal(pass(fmt.Sprint("value ", i))) {
				t.Fatal(err)
			}
		}
		head, err := v.Recall("head")
		if a, _ := v.AuditKey(); err != nil || string(head) != "7" || a != audit {
			t.Fatal("ledger or audit key are others", err)
		}
	}
	check(v)
	v.Close()
	check(reopened(t, path))
	check(reopened(t, place(t, t.TempDir(), read(t, path+".1"))))
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	v := &Vault{header: header{params: DefaultParams}}
	if got := v.Describe(); got != "file vault, Argon2id 256 MiB, 3 passes" {
		t.Fatal(got)
	}
}

func TestFilesWithOtherParametersOpen(t *testing.T) {
	t.Parallel()
	for _, p := range []Params{{8, 1, 1}, {1000, 2, 3}, {4096, 5, 16}} {
		path := filepath.Join(private(t), "vault.db")
		v, err := Create(path, pass("open sesame"), p)
		must(t, err)
		v.Close()
		w := reopened(t, path)
		if w.header.params != p {
			t.Fatalf("%+v, want %+v", w.header.params, p)
		}
		unlock(t, w)
	}
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	v, _ := create(t)
	k := unlock(t, v)
	put(t, v, k, keyA, "0", secret.Easy)
	var wg sync.WaitGroup
	run := func(f func(i int) error) {
		wg.Go(func() {
			for i := range 30 {
				// Lock runs among them, and ends keys.
				if c := secret.CodeOf(f(i)); c != "" && c != secret.Locked && c != secret.Denied {
					t.Errorf("code %s", c)
				}
			}
		})
	}
	for range 3 {
		run(func(int) error { _, err := v.Under("acme"); return err })
		run(func(int) error { _, err := v.Open(nil, []secret.Ref{{Name: keyA}}); return err })
		run(func(i int) error { return v.Apply(k, numbered(i)) })
		run(func(int) error { _, err := v.Sign([]byte("m")); return err })
		run(func(int) error { return v.Remember("head", []byte("1")) })
		run(func(int) error {
			k, err := v.Unlock(pass("open sesame"), secret.Scope{Prefix: "acme"})
			if err != nil {
				return err
			}
			defer k.Wipe()
			s, err := k.Session(secret.Scope{Names: []secret.Name{keyB}})
			if err == nil {
				_, _ = v.Open(s, []secret.Ref{{Name: keyB}})
			}
			return err
		})
	}
	run(func(i int) error {
		if i%10 == 0 {
			v.Lock()
		}
		return nil
	})
	run(func(i int) error {
		if i%10 == 5 {
			return v.Rekey(pass("open sesame"))
		}
		_, err := v.Verify()
		return err
	})
	wg.Wait()
	unlock(t, v)
	if got := v.index.Damaged(); got != nil {
		t.Fatal(got)
	}
	if n := v.ring.Len(); n > 100 {
		t.Fatalf("%d keys are alive", n)
	}
}
