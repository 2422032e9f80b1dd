package cocoa

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"noxkey/secret"
	"noxkey/ui"
)

// envOfLook is the file of the design's pictures.
const envOfLook = `STRIPE_SECRET_KEY=sk_live_4eC39HqLyjWDarjtT1zdp7dc0123456789
STRIPE_WEBHOOK_SECRET=whsec_7f3a9c1d5e8b2046aa17cc90de4412bb
DATABASE_URL=postgres://acme:hunter22@db.internal:5432/acme
REDIS_URL=redis://:hunter23@cache.internal:6379/0
SENTRY_DSN=https://0123456789abcdef@o1.ingest.sentry.io/2
S3_ACCESS_KEY=AKIAQ7EXAMPLE0123456
S3_SECRET=wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY12
OTP_SEED=JBSWY3DPEHPK3PXP
not a pair
ADMIN_EMAIL=ops@acme.example
PATH=/usr/bin
`

// envFile writes a .env file at src/acme/api below a new home.
func envFile(t *testing.T, text string) (home, path string) {
	t.Helper()
	home = t.TempDir()
	path = filepath.Join(home, "src/acme/api/.env")
	writeEnv(t, path, text)
	return home, path
}

func writeEnv(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// importDesk is a desktop whose vault holds names.
func importDesk(t *testing.T, home string, names ...secret.Name) *desktop {
	d := newDesktop(t, func(o *Options) { o.Home = home })
	d.svc.on(secret.OpList, func(*secret.Request) (list []secret.Answer, _ error) {
		for _, n := range names {
			list = append(list, secret.Answer{Entry: &secret.Entry{Name: n}})
		}
		return list, nil
	})
	return d
}

// imports opens the window with files and waits for the review.
func (d *desktop) imports(paths ...string) *importer {
	d.kit.t.Helper()
	d.openImport(paths)
	w := d.windows[importID].(*importer)
	d.wait("the files are read", func() bool { return !w.reading })
	return w
}

// likeFrames is likeLook for windows of fields and tables: kinds by either name, a
// table's rows by ours, and rows that the design's list leaves out.
func likeFrames(t *testing.T, name string, s *Scene, except ...string) {
	t.Helper()
	same := strings.NewReplacer("check box", "check", "pop-up", "popup", "13/regular label, field", "field", "fill radius 0", "fill")
	want, got := map[string]string{}, map[string]string{}
	for id, style := range lookFrames(t, name) {
		for _, n := range []string{"0", "1"} {
			if rest, ok := strings.CutPrefix(id, "r"+n+" "); ok {
				id = "row " + n + " " + rest
			}
		}
		want[id] = same.Replace(style)
	}
	for i, l := range strings.Split(strings.TrimSpace(s.Frames()), "\n") {
		id, rest := cutFrame(l)
		if i == 0 {
			id, rest = "", strings.Fields(l)[1]
		}
		got[id] = same.Replace(rest)
	}
	for id, w := range want {
		if !slices.Contains(except, id) && got[id] != w {
			t.Errorf("%s, %s:\n got %s\nwant %s", name, id, got[id], w)
		}
	}
	for id, g := range got {
		if _, ok := want[id]; ok || slices.Contains(except, id) {
			continue
		}
		if rest, ok := strings.CutPrefix(id, "row "); ok && rest[0] > '1' {
			continue // the design lists two rows
		}
		t.Errorf("%s has %s (%s), which the design has not", name, id, g)
	}
}

func TestImportDropLooks(t *testing.T) {
	d := importDesk(t, t.TempDir())
	d.openImport(nil)
	// The design draws the zone's edge into the zone.
	likeFrames(t, "d1-import-drop", d.kit.scene(importID), "drop edge")
	for id, want := range map[string]string{"title": "Drop .env files here", "Open": "Open Files…", "Cancel": "Cancel",
		"body": "NoxKey reads them, shows what it found, and writes nothing until you say so.",
		"note": "Values go to the Keychain. Nothing leaves this Mac."} {
		if got := d.kit.el(importID, id).Text; got != want {
			t.Errorf("%s: %q", id, got)
		}
	}
	s := d.kit.scene(importID)
	if s.Style != Resizable || s.MinW != 760 || s.MinH != 360 || s.Title != "Import .env Files" || !s.TakesKeys {
		t.Errorf("%+v", s)
	}
	s.Over(true)
	if e := d.kit.el(importID, "drop edge"); e.Color != Accent || e.On != Yes {
		t.Error("nothing shows that the file can be dropped")
	}
	d.kit.press("Esc")
	if d.kit.up[importID] != nil {
		t.Error("Esc leaves it open")
	}
}

func lookReview(t *testing.T) (*desktop, *importer, string) {
	home, path := envFile(t, envOfLook)
	d := importDesk(t, home, "acme/api/STRIPE_SECRET_KEY", "acme/api/S3_ACCESS_KEY", "acme/api/REDIS_URL")
	return d, d.imports(path), path
}

func TestImportReviewLooks(t *testing.T) {
	d, w, _ := lookReview(t)
	w.toggle([]int{0})
	w.review.SetType(1, secret.Token)
	w.selectRows([]int{4})
	w.clicked(4, 400, 10)
	// Rows draw the type as text with signs, not as a control each; the upper line has
	// the lower one's name in the design; a field over a row is its list's.
	except := []string{"row 0 type", "row 1 type", "row 0 type signs", "row 1 type signs", "line top", "r target editing", "row selection", "row 4 selection"}
	likeFrames(t, "d2-import-review", d.kit.scene(importID), except...)
	l := d.kit.el(importID, "rows").List
	if l.Edit == nil || l.Edit.Row != 4 || l.Edit.Frame != (Rect{342, 4, 226, 24}) || l.Edit.Text != "acme/api/SENTRY_DSN" {
		t.Errorf("%+v", l.Edit)
	}
	if f := d.kit.scene(importID).Frames(); !strings.Contains(f, "row 4 selection              8 221 744 32  fill2 radius 8") || strings.Contains(f, "row 4 target") {
		t.Error(f)
	}
	for id, want := range map[string]string{"file": "~/src/acme/api/.env", "count": "10 keys: 7 new, 1 replaced, 1 conflict, 1 refused. Line 9 could not be read.",
		"note": "7 chosen: 6 new, 1 replaces", "Import": "Import 7 Secrets", "under": "acme/api"} {
		got := d.kit.el(importID, id).Text
		// Whether a stored value is the same cannot be asked without reading it: the
		// design's Same is a conflict here.
		want = strings.Replace(want, "7 new, 1 replaced, 1 conflict", "6 new, 1 replaced, 2 conflicts", 1)
		if got != want {
			t.Errorf("%s: %q, want %q", id, got, want)
		}
	}
}

func texts(l *List, i int) map[string]Element {
	m := map[string]Element{}
	for _, e := range l.Row(i, false) {
		m[e.ID] = e
	}
	return m
}

func TestImportCells(t *testing.T) {
	d, _, _ := lookReview(t)
	l := d.kit.el(importID, "rows").List
	for i, want := range [][6]string{
		{"no", "STRIPE_SECRET_KEY", "sk_live_…", "acme/api/STRIPE_SECRET_KEY", "API key", "Conflict"},
		6: {"yes", "S3_SECRET", "not shown", "acme/api/S3_SECRET", "password", "New"},
		8: {"yes", "ADMIN_EMAIL", "ops@…", "acme/api/ADMIN_EMAIL", "email", "New"},
		9: {"off", "PATH", "", "This name changes how programs run.", "", "Refused"},
	} {
		if want[1] == "" {
			continue
		}
		m := texts(l, i)
		box := map[Tick]string{No: "no", Yes: "yes"}[m["use"].On]
		if m["use"].Off {
			box = "off"
		}
		if got := [6]string{box, m["key"].Text, m["peek"].Text, m["target"].Text, m["type"].Text, m["state"].Text}; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if texts(l, 9)["key"].Color != Tertiary || texts(l, 0)["key"].Color != Secondary || texts(l, 1)["key"].Color != Primary {
		t.Error("colours of keys")
	}
	if s := texts(l, 0)["state"]; s.Font.Weight != Semibold || s.Color != Primary {
		t.Error("a conflict does not stand out")
	}
	if s := l.Spoken(1); s != "STRIPE_WEBHOOK_SECRET, chosen, goes to acme/api/STRIPE_WEBHOOK_SECRET, password, new" {
		t.Error(s)
	}
}

// TestThreatF3ImportShowsNoValue: no scene of a review holds more of a value than the peek.
func TestThreatF3ImportShowsNoValue(t *testing.T) {
	d, w, _ := lookReview(t)
	var b strings.Builder
	show := func() {
		s := d.kit.scene(importID)
		for _, e := range s.Elements {
			b.WriteString(e.Text + e.Tip + e.Spoken + e.Help + "\n")
			if e.List == nil {
				continue
			}
			for i := range e.List.Count {
				b.WriteString(e.List.Spoken(i) + "\n")
				for _, x := range e.List.Row(i, true) {
					b.WriteString(x.Text + x.Tip + "\n")
				}
			}
		}
	}
	for range secret.FieldTypes {
		for i := range w.review.Rows {
			w.review.NextType(i)
		}
		w.changed()
		show()
	}
	for _, canary := range []string{"4eC39", "hunter", "UtnFEMI", "JBSWY", "9c1d5e", "EXAMPLE"} {
		if strings.Contains(b.String(), canary) {
			t.Errorf("%s is on the screen", canary)
		}
	}
}

// TestImportTellsWhatIsTheSame as what is stored from what would replace it.
func TestImportTellsWhatIsTheSame(t *testing.T) {
	home, path := envFile(t, "API_TOKEN=tok_0123456789abcdef\nDATABASE_URL=postgres://other.example\n")
	d := importDesk(t, home, "acme/api/API_TOKEN", "acme/api/DATABASE_URL")
	d.svc.on(secret.OpGuard, func(r *secret.Request) (list []secret.Answer, _ error) {
		for i, v := range r.Texts {
			_ = v.Use(func(b []byte) error {
				if string(b) == "tok_0123456789abcdef" {
					list = append(list, secret.Answer{Hit: &secret.Hit{Text: i, Name: "acme/api/API_TOKEN", Len: len(b)}})
				}
				return nil
			})
		}
		return list, nil
	})
	w := d.imports(path)
	for i, want := range []ui.RowState{ui.Same, ui.Conflicts} {
		for _, e := range w.row(i, false) {
			if e.ID == "state" && e.Text != want.String() || e.ID == "use" && e.On != No {
				t.Errorf("row %d: %s is %q, on %v", i, e.ID, e.Text, e.On)
			}
		}
	}
	if got := d.kit.el(importID, "count").Text; got != "2 keys: 1 same, 1 conflict." {
		t.Error(got)
	}
}

func TestImportKeys(t *testing.T) {
	d, w, _ := lookReview(t)
	d.kit.press("Down")
	d.kit.press("Space")
	if w.review.Rows[0].State != ui.Replaces {
		t.Error("Space does not tick the conflict")
	}
	d.kit.press("Down")
	if !slices.Equal(w.sel, []int{1}) {
		t.Error(w.sel)
	}
	d.kit.press("shift+Down")
	d.kit.press("shift+Down")
	if !slices.Equal(w.sel, []int{1, 2, 3}) {
		t.Error(w.sel)
	}
	d.kit.press("Space") // one of them was off: all are ticked
	if !w.review.Rows[1].Use || !w.review.Rows[3].Use {
		t.Error("Space on several")
	}
	d.kit.press("Space")
	if w.review.Rows[1].Use || w.review.Rows[3].Use {
		t.Error("Space again")
	}
	d.kit.press("cmd+a")
	if len(w.sel) != 10 {
		t.Error(w.sel)
	}
	d.kit.press("End")
	if !slices.Equal(w.sel, []int{9}) {
		t.Error(w.sel)
	}
	d.kit.press("Space")
	if w.review.Rows[9].Use || w.note != "" {
		t.Error("a refused row")
	}
	d.kit.press("Up")
	d.kit.press("t")
	if len(d.kit.popped) != len(secret.FieldTypes) || !d.kit.popped[5].Ticked {
		t.Fatalf("%+v", d.kit.popped)
	}
	d.kit.popped[2].Do()
	if w.review.Rows[8].Type != secret.FieldTypes[2] {
		t.Error(w.review.Rows[8].Type)
	}
	d.kit.focus[importID] = "under"
	if d.kit.press("Space") {
		t.Error("Space is taken from the field")
	}
	if d.kit.press("Return"); d.kit.focus[importID] != "rows" || len(d.svc.got(secret.OpWrite)) != 0 {
		t.Error("Return in the field stores")
	}
	s := d.kit.scene(importID)
	if s.First != "rows" || !slices.Equal(s.Loop, []string{"under", "rows", "level", "Cancel", "Import"}) {
		t.Error(s.First, s.Loop)
	}
}

func TestImportEditing(t *testing.T) {
	d, w, _ := lookReview(t)
	edit := func() *CellEdit { return d.kit.el(importID, "rows").List.Edit }
	d.kit.press("Down")
	d.kit.press("Return")
	if edit() == nil {
		t.Fatal("Return does not edit")
	}
	edit().Edited([]byte("acme/web/KEY"))
	d.kit.press("Esc")
	if edit() != nil || w.review.Dirty() || w.review.Rows[0].Name() != "acme/api/STRIPE_SECRET_KEY" {
		t.Error("Esc does not restore")
	}
	d.kit.press("F2")
	edit().Edited([]byte("acme/web/not a name"))
	d.kit.press("Return")
	if edit() == nil || d.kit.el(importID, "note").Text != "This is not a name a program can use." {
		t.Error("a bad name is kept, or nothing says why not")
	}
	if !d.kit.el(importID, "Import").Off {
		t.Error("Import with a bad name left")
	}
	d.kit.el(importID, "rows").List.Select([]int{3})
	if slices.Equal(w.sel, []int{3}) || edit() == nil {
		t.Error("a click elsewhere loses what was typed")
	}
	edit().Edited([]byte("acme/web/LD_PRELOAD"))
	if n := d.kit.el(importID, "note").Text; n != "This name changes how programs run." {
		t.Error(n)
	}
	edit().Edited([]byte("acme/web/STRIPE"))
	d.kit.press("Tab")
	if edit() != nil || w.review.Rows[0].Name() != "acme/web/STRIPE" || d.kit.focus[importID] != "rows" {
		t.Error("Tab does not keep")
	}
	// Put under moves the others, not what was edited by hand.
	d.kit.typed(importID, "under", "other/place")
	if w.review.Rows[0].Name() != "acme/web/STRIPE" || w.review.Rows[1].Name() != "other/place/STRIPE_WEBHOOK_SECRET" {
		t.Error(w.review.Rows[0].Name(), w.review.Rows[1].Name())
	}
	d.kit.typed(importID, "under", "other/ place")
	if w.review.Rows[1].Name() != "other/place/STRIPE_WEBHOOK_SECRET" || !d.kit.el(importID, "Import").Off {
		t.Error("a bad place")
	}
	if e := d.kit.el(importID, "under"); e.Text != "other/ place" {
		t.Errorf("what was typed is replaced by %q", e.Text)
	}
}

// TestThreatF6RefusedKeyCannotBeTicked: by click, Space, the box above, or a rename to another such name.
func TestThreatF6RefusedKeyCannotBeTicked(t *testing.T) {
	d, w, _ := lookReview(t)
	l := d.kit.el(importID, "rows").List
	l.Select([]int{9})
	l.Clicked(9, 30, 16)
	d.kit.press("Space")
	d.kit.click(importID, "all")
	d.kit.click(importID, "all")
	d.kit.press("cmd+a")
	d.kit.press("Space")
	for _, c := range w.review.Changes() {
		if c.Name.Key() == "PATH" {
			t.Error("PATH would be stored")
		}
	}
}

func TestImportHeaderBox(t *testing.T) {
	d, w, _ := lookReview(t)
	all := func() Tick { return d.kit.el(importID, "all").On }
	if all() != Yes {
		t.Error("all new keys are chosen")
	}
	w.toggle([]int{1})
	if all() != Some {
		t.Error("some")
	}
	d.kit.click(importID, "all")
	if all() != Yes || w.review.Rows[0].Use {
		t.Error("a click chooses all new keys and nothing else")
	}
	d.kit.click(importID, "all")
	if all() != No || !d.kit.el(importID, "Import").Off || d.kit.el(importID, "Import").Text != "Import 0 Secrets" {
		t.Error("none")
	}
}

func TestImportSeveralFiles(t *testing.T) {
	home, path := envFile(t, "A=value-one\n")
	web := filepath.Join(home, "src/acme/web/.env")
	writeEnv(t, web, "B=value-two\nC=value-three\n")
	d := importDesk(t, home)
	w := d.imports(path, web, path, filepath.Join(home, "missing.env"))
	if len(w.review.Files) != 2 {
		t.Fatal("a file twice, or none", len(w.review.Files))
	}
	if e := d.kit.el(importID, "error").Text; e != "~/missing.env could not be read: no such file or directory." {
		t.Error(e)
	}
	l := d.kit.el(importID, "rows").List
	if l.Count != 5 || l.HeightOf(0) != 28 || l.HeightOf(1) != 32 || l.Row(2, false)[0].Text != "~/src/acme/web/.env" {
		t.Error(l.Count)
	}
	d.kit.press("Down")
	if !slices.Equal(w.sel, []int{1}) {
		t.Error(w.sel)
	}
	d.kit.press("Down") // over the heading
	if !slices.Equal(w.sel, []int{3}) || d.kit.el(importID, "under").Text != "acme/web" || d.kit.el(importID, "file").Text != "~/src/acme/web/.env" {
		t.Error(w.sel, d.kit.el(importID, "under").Text)
	}
	d.kit.typed(importID, "under", "acme/site")
	if w.review.Rows[0].Name() != "acme/api/A" || w.review.Rows[1].Name() != "acme/site/B" {
		t.Error("Put under moved another file")
	}
	d.kit.press("Up")
	d.kit.press("Up")
	if !slices.Equal(w.sel, []int{1}) {
		t.Error(w.sel)
	}
}

func TestImportDropsOnEveryState(t *testing.T) {
	home, path := envFile(t, "A=value-one\n")
	other := filepath.Join(home, "src/acme/web/prod.env")
	writeEnv(t, other, "B=value-two\n")
	d := importDesk(t, home)
	d.openImport(nil)
	s := d.kit.scene(importID)
	if s.Accepts([]string{"/x/notes.txt"}) || !s.Accepts([]string{"/x/notes.txt", path}) {
		t.Error("what is accepted")
	}
	s.Drop([]string{"/x/notes.txt", path})
	w := d.windows[importID].(*importer)
	d.wait("the review", func() bool { return w.review != nil })
	w.toggle([]int{0})
	d.kit.scene(importID).Drop([]string{other})
	d.wait("the second file", func() bool { return len(w.review.Files) == 2 })
	if w.review.Rows[0].Use {
		t.Error("what was chosen is lost by a drop")
	}
	w.toggle([]int{1})
	d.kit.files = []string{path}
	w.store()
	d.wait("the result", func() bool { return d.kit.up[importedID] != nil })
	d.kit.scene(importedID).Drop([]string{path})
	d.wait("a new review", func() bool { i, ok := d.windows[importID].(*importer); return ok && i.review != nil && i != w })
	if d.kit.up[importedID] != nil {
		t.Error("the old result stays")
	}
}

func TestImportOpenFiles(t *testing.T) {
	home, path := envFile(t, "A=value-one\n")
	odd := filepath.Join(filepath.Dir(path), "settings.txt")
	if err := os.Rename(path, odd); err != nil {
		t.Fatal(err)
	}
	d := importDesk(t, home)
	d.openImport(nil)
	d.kit.files = []string{odd}
	d.kit.click(importID, "Open")
	w := d.windows[importID].(*importer)
	d.wait("the review", func() bool { return w.review != nil })
}
