//go:build linux && gnustep

package behaviour

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const envFile = `# the api
STRIPE_SECRET_KEY=sk_live_canary_0123456789abcdef
NEW_TOKEN=tok_canary_0123456789
REGION="eu-west-1"
not a line
PATH=/usr/bin
`

func dotenv(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), ".env")
	if err := os.WriteFile(path, []byte(envFile), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestImportTakesADroppedFile(t *testing.T) {
	a := start(t)
	path := dotenv(t)
	a.Say("drop NoxKey_status /tmp/picture.png")
	a.Wait(`^drop refused$`)
	a.Say("drop NoxKey_status " + path)
	a.Wait(`^dropped$`)
	s := a.shows("import", "the review", func(s scene) bool { return s.list().Count == 4 })
	all := s.texts()
	for _, want := range []string{path, "4 keys", "STRIPE_SECRET_KEY", "NEW_TOKEN", "REGION", "PATH", "New", "Refused", "Line 5 could not be read."} {
		if !strings.Contains(all, want) {
			t.Errorf("the review does not say %q:\n%s", want, all)
		}
	}
	a.window(s).Focus()
	a.picture(s, "import-review.png")
	a.really(s)
	a.putUnder(s, "acme/api")
	s = a.shows("import", "conflicts", func(s scene) bool { return strings.Contains(s.texts(), "Conflict") })
	a.picture(s, "import-conflict.png")
	a.tick(s, "STRIPE_SECRET_KEY")
	s = a.shows("import", "a replacement", func(s scene) bool { return strings.Contains(s.texts(), "Replaces") })
	a.Say("touch cancelled")
	a.click(s, s.el("Import"))
	s = a.shows("import", "why not", func(s scene) bool { return s.el("error").Text != "" })
	a.picture(s, "import-failed.png")
	a.Say("touch yes")
	a.click(s, s.el("Import"))
	done := a.shows("imported", "the result", func(s scene) bool { return true })
	a.picture(done, "import-done.png")
	a.Say("list")
	if m := a.Wait(`^listed \[(.*)\]`); !strings.Contains(m[1], "acme/api/NEW_TOKEN") || strings.Contains(m[1], "PATH") {
		t.Errorf("the vault holds %s", m[1])
	}
	if strings.Contains(strings.Join(a.Log(), "\n"), "0123456789") {
		t.Error("a value is on the screen")
	}
}

// putUnder types another place into the field.
func (a *app) putUnder(s scene, place string) {
	a.t.Helper()
	e := s.el("under")
	a.click(s, e)
	a.d.Key("End")
	for range len(e.Text) {
		a.d.Key("BackSpace")
	}
	a.d.Type(place)
}

// tick clicks the box of a key.
func (a *app) tick(s scene, key string) {
	a.t.Helper()
	l := s.list()
	for i, r := range l.Rows {
		if r[0] == key {
			a.window(s).Click(int(l.X)+31, int(l.Y+l.RowY[i])+16)
			return
		}
	}
	a.t.Fatalf("there is no row %s:\n%s", key, s.texts())
}

func TestImportTakesAFileDroppedOnItsWindow(t *testing.T) {
	a := start(t)
	a.chooseMenu("Import .env Files…")
	s := a.shows("import", "the drop zone", func(s scene) bool { return strings.Contains(s.texts(), "Drop .env files here") })
	a.picture(s, "import-drop.png")
	a.really(s)
	a.Say("drop " + strings.ReplaceAll(s.Title, " ", "_") + " " + dotenv(t))
	a.Wait(`^dropped$`)
	s = a.shows("import", "the review", func(s scene) bool { return s.list().Count == 4 })
	a.window(s).Focus()
	a.d.Key("Escape")
	a.gone("import", s.Title)
}
