package e2e

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

// canary is in every value of the suite, new in every run, so that what an earlier
// run left behind is not taken for this one's. Its middle changes in most encodings.
var canary = rand.Text()[:14] + "%/+=&" + rand.Text()[:14]

// needles are the canary in the encodings in which it is searched for.
var needles = makeNeedles(canary)

type needle struct {
	encoding string
	bytes    []byte
}

func makeNeedles(c string) []needle {
	back := []byte(c)
	slices.Reverse(back)
	quoted, _ := json.Marshal(c)
	wide := []byte{}
	for _, u := range utf16.Encode([]rune(c)) {
		wide = append(wide, byte(u), byte(u>>8))
	}
	list := []needle{
		{"plain", []byte(c)}, {"first half", []byte(c[:14])}, {"second half", []byte(c[19:])},
		{"reversed", back}, {"UTF-16", wide}, {"JSON", bytes.Trim(quoted, `"`)},
		{"hex", []byte(hex.EncodeToString([]byte(c)))}, {"HEX", []byte(strings.ToUpper(hex.EncodeToString([]byte(c))))},
		{"query", []byte(url.QueryEscape(c))}, {"path", []byte(url.PathEscape(c))},
	}
	for offset := range 3 {
		// The characters at both ends depend on the neighbours.
		b := append(make([]byte, offset), c...)
		for name, e := range map[string]*base64.Encoding{"base64": base64.RawStdEncoding, "base64url": base64.RawURLEncoding} {
			s := e.EncodeToString(b)
			list = append(list, needle{fmt.Sprintf("%s at %d", name, offset), []byte(s[4 : len(s)-4])})
		}
	}
	return list
}

// leak names the encoding in which b holds the canary, "" for none.
func leak(b []byte) string {
	for _, n := range needles {
		if bytes.Contains(b, n.bytes) {
			return n.encoding
		}
	}
	return ""
}

func TestCanaryIsFound(t *testing.T) {
	t.Parallel()
	for i := range 3 {
		b := []byte(base64.StdEncoding.EncodeToString([]byte("xyz"[:i] + value("KEY"))))
		if leak(b) == "" {
			t.Errorf("base64 at %d is not found", i)
		}
	}
	for _, s := range []string{value("K"), "x" + canary[:14], url.QueryEscape(canary), hex.EncodeToString([]byte("a" + canary))} {
		if leak([]byte(s)) == "" {
			t.Errorf("%q is not found", s)
		}
	}
	if l := leak([]byte("nothing of it, and not " + canary[:8])); l != "" {
		t.Errorf("found %s in nothing", l)
	}
}

// search looks for the canary in everything that the test left, but for what it put
// in itself. A terminal that was not recorded would be a hole in it.
func (w *world) search() {
	w.t.Helper()
	handoffs, _ := filepath.Glob(fmt.Sprintf("/tmp/noxkey-%d*", uid))
	bad, seen := leaks(w.path("in"), append(handoffs, w.dir)...)
	for _, x := range bad {
		w.t.Errorf("the canary is in %s", x)
	}
	if seen == 0 {
		w.t.Error("there was nothing to search for the canary")
	}
	records, _ := filepath.Glob(w.path("rec/*"))
	for _, path := range records {
		if fi, err := os.Stat(path); err != nil || fi.Size() == 0 {
			w.t.Errorf("nothing was recorded of a terminal: %s", path)
		}
	}
}

// leaks names the files below roots, but not below skip, that hold the canary, and
// says how many bytes it read.
func leaks(skip string, roots ...string) (bad []string, seen int) {
	for _, r := range roots {
		_ = filepath.WalkDir(r, func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil: // gone meanwhile
			case path == skip:
				return fs.SkipDir
			case d.Type().IsRegular(): // a pipe would have to wait for its writer
				b, _ := os.ReadFile(path)
				seen += len(b)
				if l := leak(b); l != "" {
					bad = append(bad, fmt.Sprintf("%s (%s)", path, l))
				}
			}
			return nil
		})
	}
	return bad, seen
}

func TestCanaryIsFoundInFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{"a/b/log": "x" + canary, "in/x": canary, "a/clean": "y"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	bad, seen := leaks(filepath.Join(dir, "in"), dir)
	if len(bad) != 1 || !strings.Contains(bad[0], "a/b/log (plain)") || seen != len(canary)+2 {
		t.Errorf("found %q in %d bytes", bad, seen)
	}
}
