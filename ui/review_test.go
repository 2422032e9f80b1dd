package ui

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"noxkey/dotenv"
	"noxkey/secret"
)

const envText = `STRIPE_SECRET_KEY=sk_live_4eC39HqLyjWDarjtT1zdp7dc0123456789
REDIS_HOST=localhost
ADMIN_EMAIL=somebody@example.com
no pair at all
PATH=/usr/bin
my-key=dash
EMPTY=
TWICE=one
TWICE=two
`

// review writes text to a file, reads it and puts it under review.
func review(t *testing.T, text string, stored ...secret.Name) (*Review, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), ".env")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	f, digest, err := dotenv.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var list []secret.Entry
	for _, n := range stored {
		list = append(list, secret.Entry{Name: n})
	}
	r := NewReview(list)
	r.Add(path, f, digest, "acme/api")
	return r, path
}

func row(t *testing.T, r *Review, key string) int {
	t.Helper()
	for i := range r.Rows {
		if r.Rows[i].Key == key {
			return i
		}
	}
	t.Fatalf("no row %s", key)
	return 0
}

// TestReviewRefusesAReference: what names a secret is not stored as one.
func TestReviewRefusesAReference(t *testing.T) {
	r, _ := review(t, "REF=noxkey://acme/api/KEY\nKEY=value\n")
	if got := r.Rows[row(t, r, "REF")]; got.State != Refused || got.Why != "This is a reference to a secret, not a value." {
		t.Errorf("%v %q", got.State, got.Why)
	}
	if got := r.Rows[row(t, r, "KEY")]; got.State != New {
		t.Errorf("%v %q", got.State, got.Why)
	}
}

func TestReviewStates(t *testing.T) {
	r, _ := review(t, envText, "acme/api/STRIPE_SECRET_KEY")
	for _, want := range []struct {
		key   string
		state RowState
		use   bool
		why   string
	}{
		{"STRIPE_SECRET_KEY", Conflicts, false, ""},
		{"REDIS_HOST", New, true, ""},
		{"PATH", Refused, false, "This name changes how programs run."},
		{"my-key", Refused, false, "This is not a name a program can use."},
		{"EMPTY", Refused, false, "The value is empty."},
		{"TWICE", Conflicts, false, ""},
	} {
		got := r.Rows[row(t, r, want.key)]
		if got.State != want.state || got.Use != want.use || got.Why != want.why {
			t.Errorf("%s: %v %v %q", want.key, got.State, got.Use, got.Why)
		}
	}
	if got := r.Counts(); got != "8 keys: 2 new, 3 conflicts, 3 refused. Line 4 could not be read." {
		t.Error(got)
	}
	if r.Dirty() {
		t.Error("nothing was changed yet")
	}
	if p := r.Rows[row(t, r, "ADMIN_EMAIL")].Peek; p != "someb" {
		t.Errorf("peek %q", p)
	}
}

func TestReviewChoosing(t *testing.T) {
	r, _ := review(t, envText, "acme/api/STRIPE_SECRET_KEY")
	r.Toggle(row(t, r, "STRIPE_SECRET_KEY"))
	r.Toggle(row(t, r, "PATH")) // refused, stays off
	if got := r.ChosenLine(); got != "3 chosen: 2 new, 1 replaces" {
		t.Error(got)
	}
	one := row(t, r, "TWICE")
	r.Toggle(one)
	if r.Rows[one].State != New || r.Rows[one+1].State != Conflicts {
		t.Errorf("one of two: %v, %v", r.Rows[one].State, r.Rows[one+1].State)
	}
	r.Toggle(one + 1)
	if r.Rows[one].State != Conflicts || r.Rows[one+1].State != Conflicts || !strings.HasPrefix(r.Ready(), "Two keys") {
		t.Errorf("both of two: %v, %v, %q", r.Rows[one].State, r.Rows[one+1].State, r.Ready())
	}
	r.Rename(one+1, "OTHER")
	if r.Rows[one].State != New || r.Rows[one+1].Name() != "acme/api/OTHER" || r.Ready() != "" {
		t.Errorf("renamed: %v, %q, %q", r.Rows[one].State, r.Rows[one+1].Name(), r.Ready())
	}
}

func TestReviewRenaming(t *testing.T) {
	r, _ := review(t, envText)
	i := row(t, r, "my-key")
	r.Rename(i, "MY_KEY")
	if r.Rows[i].State != New || !r.Rows[i].Use {
		t.Errorf("a good name: %v %v", r.Rows[i].State, r.Rows[i].Use)
	}
	r.Rename(i, "LD_PRELOAD")
	if r.Rows[i].State != Refused || r.Rows[i].Use || r.Rows[i].Why == "" {
		t.Errorf("a bad one: %+v", r.Rows[i].State)
	}
	r.Rename(i, "other/place/KEY")
	r.SetPrefix(0, "x/y")
	if r.Rows[i].Name() != "other/place/KEY" || r.Rows[0].Name() != "x/y/STRIPE_SECRET_KEY" {
		t.Errorf("%s, %s", r.Rows[i].Name(), r.Rows[0].Name())
	}
	r.SetPrefix(0, "")
	if r.Rows[0].State != Refused || r.Ready() == "" && r.Chosen() != 1 {
		t.Errorf("no prefix: %v", r.Rows[0].State)
	}
}

func TestReviewPrefixChoosesAnew(t *testing.T) {
	r, _ := review(t, "A=one\nB=two\n", "acme/api/A", "acme/web/B")
	if r.Rows[0].Use || !r.Rows[1].Use {
		t.Fatal("defaults")
	}
	r.Toggle(0)
	r.SetPrefix(0, "acme/web")
	if !r.Rows[0].Use || r.Rows[1].Use || r.Rows[1].State != Conflicts {
		t.Errorf("%v %v: what was chosen by hand stays, the rest follows the state", r.Rows[0].Use, r.Rows[1].Use)
	}
}

func TestReviewTypeDecidesThePeek(t *testing.T) {
	r, _ := review(t, envText)
	for range secret.FieldTypes {
		r.NextType(0)
		shown := r.Rows[0].Peek != ""
		if hide := r.Rows[0].Type == secret.Password || r.Rows[0].Type == secret.TOTPSeed; shown == hide {
			t.Errorf("%s: %q", r.Rows[0].Type, r.Rows[0].Peek)
		}
	}
	r.NextLevel()
	if r.Level != secret.Strict {
		t.Error(r.Level)
	}
}

func TestReviewChanges(t *testing.T) {
	r, _ := review(t, "A=one\nB=two\n", "acme/api/A")
	r.Toggle(0)
	list := r.Changes()
	if len(list) != 2 || !list[0].Replace || list[1].Replace || list[0].Name != "acme/api/A" || *list[1].Meta.Level != secret.Normal {
		t.Fatalf("%+v", list)
	}
	r.Wipe()
	if !list[0].Value.Empty() {
		t.Error("the values outlive the review")
	}
}

func TestDeletingIsOfferedOnlyForWhatIsAllStored(t *testing.T) {
	r, path := review(t, "A=one\nB=two\n")
	done := r.Done("the vault")
	if done.Title != "2 secrets are in the vault" || done.Body != "Under acme/api, at level normal." || len(done.Offers) != 1 || done.Left != 0 {
		t.Fatalf("%+v", done)
	}
	if ok, words := r.Remove(0, Terminal("")); !ok || !strings.HasSuffix(words, " is deleted.") {
		t.Error(words)
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("it is still there: %v", err)
	}

	r, path = review(t, "A=one\nB=two\nnot read\n")
	if done = r.Done("the vault"); len(done.Offers) != 0 || done.Left != 1 {
		t.Errorf("a line that nobody read: %+v", done)
	}
	if ok, _ := r.Remove(0, Terminal("")); ok {
		t.Error("deleted all the same")
	}
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}

	r, _ = review(t, "A=one\nB=two\n", "acme/api/B")
	if done = r.Done("the vault"); len(done.Offers) != 0 || done.Title != "1 secret is in the vault" {
		t.Errorf("a key left out: %+v", done)
	}
	if r, _ = review(t, "A=1\nA=2\n"); len(r.Done("the vault").Offers) != 0 {
		t.Error("a key written twice, of which one value is stored at most")
	}
}

func TestAFileThatChangedIsNotDeleted(t *testing.T) {
	r, path := review(t, "A=one\n")
	r.Done("the vault")
	if err := os.WriteFile(path, []byte("A=one\nNEW=added\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if ok, words := r.Remove(0, Terminal("")); ok || !strings.Contains(words, "changed since it was read") {
		t.Error(words)
	}
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}

func TestFileWords(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return p
	}
	for path, want := range map[string]string{
		write("binary", "\x00\x01\xff\xfe\x00\x00"):   "~/binary is not text.",
		write("big", "A="+strings.Repeat("x", 2<<20)): "~/big is 3 MB; the most is 1 MB.",
		write("none", "# nothing\n"):                  "~/none holds no keys.",
		filepath.Join(dir, "missing"):                 "~/missing could not be read: no such file or directory.",
		dir:                                           "~ could not be read: not a regular file.",
	} {
		_, _, err := dotenv.ReadFile(path)
		if got := FileWords(path, err, Terminal(dir)); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestSuggestPrefix(t *testing.T) {
	for in, want := range map[string]string{
		"/home/me/src/acme/api/.env": "acme/api", "/.env": "", "/my project/.env": "", "/acme/my project/.env": "", "/x y/api/.env": "api",
	} {
		if got := SuggestPrefix(in); got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}
