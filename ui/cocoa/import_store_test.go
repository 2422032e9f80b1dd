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

// writes has the service store batches and keeps their values in clear, as it got them.
func (d *desktop) writes(fail func() error) *[][]string {
	var batches [][]string
	d.svc.on(secret.OpWrite, func(r *secret.Request) (list []secret.Answer, _ error) {
		if err := fail(); err != nil {
			return nil, err
		}
		var b []string
		for _, c := range r.Changes {
			_ = c.Value.Use(func(v []byte) error {
				b = append(b, string(c.Name)+"="+string(v)+" "+string(*c.Meta.Level))
				return nil
			})
			list = append(list, secret.Answer{Written: &secret.Written{Action: c.Action, Name: c.Name, Replaced: c.Replace}})
		}
		batches = append(batches, b)
		return list, nil
	})
	return &batches
}

func fine() error { return nil }

func TestImportStoresOneBatch(t *testing.T) {
	home, path := envFile(t, "A=value-one\nB=value-two\n")
	d := importDesk(t, home, "acme/api/A")
	got := d.writes(fine)
	w := d.imports(path)
	w.toggle([]int{0})
	e := d.kit.el(importID, "level")
	if e.Items[e.At] != "normal" {
		t.Error(e.Items, e.At)
	}
	e.Pick(slices.Index(e.Items, "strict"))
	d.kit.press("Return") // nothing is selected: the default button
	d.wait("the result", func() bool { return d.kit.up[importedID] != nil })
	if d.kit.up[importID] != nil {
		t.Error("the review stays")
	}
	want := []string{"acme/api/A=value-one strict", "acme/api/B=value-two strict"}
	if len(*got) != 1 || !slices.Equal((*got)[0], want) {
		t.Errorf("%q", *got)
	}
	for _, r := range d.svc.got(secret.OpWrite)[0].Changes {
		if !r.Value.Empty() {
			t.Error("a value outlives its storing")
		}
	}
	if s := d.kit.el(importedID, "title").Text + " " + d.kit.el(importedID, "body").Text; s != "2 secrets are in the Keychain Under acme/api, at level strict. One was replaced; its old value is gone." {
		t.Error(s)
	}
}

func TestImportFailedLooks(t *testing.T) {
	d, w, _ := lookReview(t)
	fails := 0
	d.writes(func() error {
		fails++
		if fails == 1 {
			return secret.Errorf(secret.Cancelled, "Touch ID was cancelled. Nothing was released")
		}
		return nil
	})
	w.toggle([]int{0})
	w.review.SetType(1, secret.Token)
	w.store()
	d.wait("the fault", func() bool { return w.fault != "" })
	w.selectRows([]int{4})
	w.sel = []int{4}
	w.edit = &importEdit{row: 4, from: "acme/api/SENTRY_DSN", text: "acme/api/SENTRY_DSN"}
	w.f.redraw(w)
	except := []string{"row 0 type", "row 1 type", "row 0 type signs", "row 1 type signs", "line top", "r target editing", "row selection", "row 4 selection"}
	likeFrames(t, "d5-import-failed", d.kit.scene(importID), except...)
	if s := d.kit.el(importID, "error").Text; s != "Nothing was written. Touch ID was cancelled." {
		t.Error(s)
	}
	if d.kit.el(importID, "Import").Off || w.review.Rows[0].State != ui.Replaces {
		t.Error("the review is lost")
	}
	d.kit.click(importID, "Import")
	d.wait("the second try", func() bool { return d.kit.up[importedID] != nil })
}

// TestImportWithdrawn: Cancel while the system's sheet is up takes the batch back and
// keeps the review; nothing else can be done meanwhile.
func TestImportWithdrawn(t *testing.T) {
	home, path := envFile(t, "A=value-one\n")
	d := importDesk(t, home)
	inside, drop := make(chan struct{}), make(chan struct{})
	d.svc.on(secret.OpWrite, func(*secret.Request) ([]secret.Answer, error) {
		close(inside)
		<-drop
		return nil, secret.Errorf(secret.Cancelled, "it was cancelled")
	})
	w := d.imports(path)
	ended := false
	d.kit.click(importID, "Import")
	<-inside
	stop := w.saving
	w.saving = func() { ended = true; stop() }
	if !d.kit.el(importID, "Import").Off || !d.kit.el(importID, "under").Off || d.kit.scene(importID).Accepts([]string{path}) {
		t.Error("the batch can be changed while it is stored")
	}
	d.kit.press("Esc")
	close(drop)
	d.wait("the fault", func() bool { return w.fault != "" })
	if !ended || d.kit.up[importID] == nil || w.fault != "Nothing was written. It was cancelled." {
		t.Error(ended, w.fault)
	}
}

// TestImportClosedWhileStoring: the values are the store's until it answers, then wiped.
func TestImportClosedWhileStoring(t *testing.T) {
	home, path := envFile(t, "A=value-one\n")
	d := importDesk(t, home)
	inside, drop, empty := make(chan struct{}), make(chan struct{}), make(chan bool, 1)
	d.svc.on(secret.OpWrite, func(r *secret.Request) ([]secret.Answer, error) {
		close(inside)
		<-drop
		empty <- r.Changes[0].Value.Empty()
		return nil, nil
	})
	w := d.imports(path)
	d.kit.click(importID, "Import")
	<-inside
	d.lockedNow()
	if d.kit.up[importID] != nil {
		t.Fatal("a locked vault leaves the review up")
	}
	close(drop)
	if <-empty {
		t.Error("wiped under the store's hands")
	}
	d.wait("the wiping", func() bool { return w.saving == nil })
	if !d.svc.got(secret.OpWrite)[0].Changes[0].Value.Empty() || d.kit.up[importedID] != nil {
		t.Error("values of a closed window")
	}
}

func TestImportDiscard(t *testing.T) {
	d, w, _ := lookReview(t)
	value := w.review.Changes()[0].Value
	w.toggle([]int{0})
	d.kit.press("Esc")
	if d.kit.up[importID] == nil || len(d.kit.asked) != 1 {
		t.Fatal("not asked")
	}
	if q := d.kit.asked[0]; q.Title != "Discard the changes in this review?" || q.Yes != "Discard" || q.No != "Keep Reviewing" || !q.Safe {
		t.Errorf("%+v", q)
	}
	// The red button takes the window away first: it comes back.
	s := d.kit.scene(importID)
	d.kit.Hide(importID)
	s.Closed()
	if d.kit.up[importID] == nil || len(d.kit.asked) != 2 || value.Empty() {
		t.Fatal("the red button loses the changes")
	}
	d.kit.Focus(importID)
	d.kit.answer = true
	d.kit.press("cmd+w")
	if d.kit.up[importID] != nil || !value.Empty() {
		t.Error("discarded, but not gone")
	}
}

func TestImportUntouchedClosesAtOnce(t *testing.T) {
	d, w, _ := lookReview(t)
	value := w.review.Changes()[0].Value
	s := d.kit.scene(importID)
	d.kit.Hide(importID)
	s.Closed()
	if len(d.kit.asked) != 0 || d.windows[importID] != nil || !value.Empty() {
		t.Error("asked, or values left")
	}
}

func TestImportResizing(t *testing.T) {
	d, w, _ := lookReview(t)
	d.kit.scene(importID).Resized(1000, 600)
	for id, want := range map[string]Rect{"under": {792, 20, 184, 24}, "Import": {832, 556, 144, 28}, "rows": {0, 93, 1000, 447}, "note": {176, 562, 500, 16}} {
		if got := d.kit.el(importID, id).Frame; got != want {
			t.Errorf("%s: %v", id, got)
		}
	}
	if e := texts(d.kit.el(importID, "rows").List, 1)["target"]; e.Frame != (Rect{348, 8, 460, 16}) {
		t.Error(e.Frame)
	}
	s := d.kit.scene(importID)
	if s.W != 1000 || s.H != 600 {
		t.Error("the scene sets the size back")
	}
	w.toggle([]int{1})
	if d.kit.scene(importID).W != 1000 {
		t.Error("a redraw sets the size back")
	}
}

func TestImportLocked(t *testing.T) {
	home, path := envFile(t, "A=value-one\n")
	d := importDesk(t, home)
	d.svc.on(secret.OpList, func(*secret.Request) ([]secret.Answer, error) {
		return nil, secret.Errorf(secret.Locked, "locked")
	})
	d.openImport([]string{path})
	d.settle()
	d.wait("the fault", func() bool { return d.kit.el(importID, "note").Text == "NoxKey is locked. Nothing was released." })
	if d.kit.el(importID, "glyph warn").Text != "warn" {
		t.Error("no sign")
	}
}

// stored imports a file and waits for the result.
func stored(t *testing.T, text string, names ...secret.Name) (*desktop, string) {
	t.Helper()
	home, path := envFile(t, text)
	d := importDesk(t, home, names...)
	d.writes(fine)
	d.imports(path).store()
	d.wait("the result", func() bool { return d.kit.up[importedID] != nil })
	return d, path
}

func TestImportResultLooks(t *testing.T) {
	d, path := stored(t, "A=value-one\nB=value-two\n")
	likeFrames(t, "d3-import-result", d.kit.scene(importedID), "line")
	for id, want := range map[string]string{"title": "2 secrets are in the Keychain", "body": "Under acme/api, at level normal.",
		"file title": "The file still holds them in plain text", "file": "~/src/acme/api/.env",
		"file body":   "Deleting removes it at once, not through the Trash, which would keep a copy. Git history keeps every version that was committed.",
		"Delete File": "Delete File", "Keep File": "Keep File"} {
		if got := d.kit.el(importedID, id).Text; got != want {
			t.Errorf("%s: %q", id, got)
		}
	}
	d.kit.press("Return")
	if _, err := os.Stat(path); err != nil || d.kit.up[importedID] != nil {
		t.Error("Return does not keep", err)
	}
}

func TestImportDeletes(t *testing.T) {
	d, path := stored(t, "A=value-one\n")
	d.kit.click(importedID, "Delete File")
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Error(err)
	}
	s := d.kit.scene(importedID)
	if s.Find("file title").Text != "~/src/acme/api/.env is deleted." || s.Find("Delete File") != nil || s.Find("file") != nil || s.First != "Done" {
		t.Error(s.Frames())
	}
	d.kit.press("Esc")
	if d.kit.up[importedID] != nil {
		t.Error("it stays")
	}
}

func TestImportKeepsAFileThatChanged(t *testing.T) {
	d, path := stored(t, "A=value-one\n")
	writeEnv(t, path, "A=value-one\nNEW=x\n")
	d.kit.click(importedID, "Delete File")
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
	if s := d.kit.el(importedID, "file body").Text; s != "~/src/acme/api/.env changed since it was read, so it was not deleted." {
		t.Error(s)
	}
	if d.kit.scene(importedID).Find("Delete File") != nil {
		t.Error("offered again")
	}
}

func TestImportPartialLooks(t *testing.T) {
	d, path := stored(t, "A=value-one\nPATH=/bin\nno pair\n")
	likeFrames(t, "d4-import-partial", d.kit.scene(importedID), "line")
	if s := d.kit.el(importedID, "file body").Text; s != "2 keys were left out and this file is their only copy, so NoxKey does not offer to delete it." {
		t.Error(s)
	}
	d.kit.click(importedID, "Show in Finder")
	if !slices.Equal(d.kit.shown, []string{path}) {
		t.Error(d.kit.shown)
	}
	d.kit.press("Esc")
	if _, err := os.Stat(path); err != nil || d.kit.up[importedID] != nil {
		t.Error(err)
	}
}

func TestImportResultGoesThroughTheFiles(t *testing.T) {
	home, path := envFile(t, "A=value-one\n")
	web := filepath.Join(home, "src/acme/web/.env")
	writeEnv(t, web, "B=value-two\nPATH=/x\n")
	d := importDesk(t, home)
	d.writes(fine)
	d.imports(path, web).store()
	d.wait("the result", func() bool { return d.kit.up[importedID] != nil })
	d.kit.click(importedID, "Delete File")
	if d.kit.scene(importedID).First != "Continue" {
		t.Error("what comes next is not told")
	}
	d.kit.press("Return")
	if s := d.kit.el(importedID, "file").Text; s != "~/src/acme/web/.env" || d.kit.scene(importedID).Find("Delete File") != nil {
		t.Error(s)
	}
	d.kit.press("Return")
	if d.kit.up[importedID] != nil {
		t.Error("it stays")
	}
}

// TestThreatE2ImportShowsForeignTextVisibly: a path cannot reorder what is shown. (Keys
// are letters, digits, dots and dashes: the parser takes no other.)
func TestThreatE2ImportShowsForeignTextVisibly(t *testing.T) {
	home := t.TempDir()
	path := filepath.Join(home, "ac\u202eme", ".env")
	writeEnv(t, path, "A=value\n")
	d := importDesk(t, home)
	w := d.imports(path)
	if w.review == nil {
		t.Fatal(w.fault)
	}
	s := d.kit.scene(importID)
	text := s.Find("file").Text
	for _, e := range s.Find("rows").List.Row(0, false) {
		text += e.Text + e.Tip
	}
	w.selectRows([]int{0})
	w.startEdit(0)
	if w.edit != nil {
		text += w.edit.text
	}
	if strings.Contains(text, "\u202e") || !strings.Contains(text, "‹U+202E›") {
		t.Errorf("%q", text)
	}
}

func BenchmarkImportScene10k(b *testing.B) {
	var text strings.Builder
	for i := range 10_000 {
		text.WriteString("KEY_" + strings.Repeat("X", i%7) + "_" + ui.Number(i)[:1] + string(rune('A'+i%26)) + "=value\n")
	}
	home := b.TempDir()
	path := filepath.Join(home, ".env")
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		b.Fatal(err)
	}
	f, err := ui.ReadEnv(path)
	if err != nil {
		b.Fatal(err)
	}
	w := &importer{f: &Front{kit: newFakeKit(nil)}, w: importW, h: importH, review: ui.NewReview(nil)}
	w.review.Take(f)
	w.layLines()
	for b.Loop() {
		w.toggle([]int{5000})
		s := w.scene()
		for i := range 11 {
			s.Find("rows").List.Row(i, false)
		}
	}
}
