package cocoa

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"noxkey/secret"
	"noxkey/ui"
)

// secretOf is a secret of the design's pictures; the first given was used last.
func secretOf(i int, name, desc string, t secret.FieldType, l secret.Level) secret.Entry {
	return secret.Entry{Name: secret.Name(name), Metadata: secret.Metadata{Desc: desc, FieldType: t, Level: l}, LastUsed: noon().Add(-time.Duration(i) * time.Hour)}
}

func pictured() []secret.Entry {
	return []secret.Entry{
		secretOf(0, "acme/api/STRIPE_SECRET_KEY", "live payments", secret.APIKey, secret.Strict),
		secretOf(1, "acme/api/DATABASE_URL", "primary, read and write", secret.URL, secret.Normal),
		secretOf(2, "acme/general/GITHUB_TOKEN", "release bot", secret.Token, secret.Normal),
		secretOf(3, "login/console.aws.amazon.com/PASSWORD", "", secret.Password, secret.OffLimits),
		secretOf(4, "acme/web/SENTRY_DSN", "", secret.URL, secret.Easy),
	}
}

// strips are the secrets that "strip" finds in the design's picture. The ranking puts
// the host before the scattered letters, the picture after; so that the rows look the
// same, the two have changed levels here.
func strips() []secret.Entry {
	return []secret.Entry{
		secretOf(0, "acme/api/STRIPE_SECRET_KEY", "live payments", secret.APIKey, secret.Strict),
		secretOf(1, "acme/api/STRIPE_WEBHOOK_SECRET", "", secret.Token, secret.Normal),
		secretOf(2, "acme/web/STRIPE_PUBLISHABLE_KEY", "shop front", secret.APIKey, secret.Easy),
		secretOf(3, "acme/api-staging/STRIPE_SECRET_KEY", "test mode", secret.APIKey, secret.Normal),
		secretOf(4, "acme/ops/STATUS_REPORT_PIPELINE_KEY", "nightly", secret.APIKey, secret.OffLimits),
		secretOf(5, "login/dashboard.stripe.com/PASSWORD", "", secret.Password, secret.Normal),
	}
}

// holds makes the service list entries.
func (d *desktop) holds(list []secret.Entry) {
	d.svc.on(secret.OpList, func(*secret.Request) ([]secret.Answer, error) {
		var out []secret.Answer
		for _, e := range list {
			out = append(out, secret.Answer{Entry: &e})
		}
		return out, nil
	})
}

// panelWith opens the panel over a vault with list.
func panelWith(t *testing.T, list []secret.Entry) *desktop {
	d := newDesktop(t, nil)
	d.holds(list)
	d.openPanel()
	d.wait("the names", func() bool { return d.windows[panelID].(*panel).index != nil })
	d.settle()
	return d
}

// lockedDesktop is one whose vault is locked.
func lockedDesktop(t *testing.T, change func(*Options)) *desktop {
	d := newDesktop(t, change)
	d.setLocked(true)
	return d
}

func (d *desktop) setLocked(b bool) {
	d.svc.on(secret.OpStatus, func(*secret.Request) ([]secret.Answer, error) {
		return []secret.Answer{{Status: &secret.Status{Locked: b}}}, nil
	})
	d.desk.Refresh()
	d.wait("the lock", func() bool { return d.status.Locked == b && !d.loading })
	d.settle()
}

func (d *desktop) search(query string) { d.kit.typed(panelID, searchField, query); d.settle() }

// rows are the names of the rows that are seen, the selected one marked.
func (d *desktop) rows() (list []string) {
	e := d.kit.el(panelID, "list")
	for i := range e.List.Count {
		selected := i == e.List.Selected[0]
		for _, x := range e.List.Row(i, selected) {
			switch {
			case x.ID == "key" && selected:
				list = append(list, "> "+x.Text)
			case x.ID == "key":
				list = append(list, x.Text)
			}
		}
	}
	return list
}

func (d *desktop) foot() string { return d.kit.el(panelID, "footer left").Text }
func (d *desktop) keys() string { return d.kit.el(panelID, "footer keys").Text }

// footKeys is other than in frames.txt, which has the last key's margin in the frame;
// UI.md's 320 y 340 14 ends where the rows end, and so does the picture.
const footKeys = "footer keys"

func checkFootKeys(t *testing.T, s *Scene) {
	t.Helper()
	if f := s.Find("footer keys").Frame; f != (Rect{320, s.H - 26, 340, 14}) {
		t.Errorf("the keys of the footer are at %v", f)
	}
}

func TestPanelLooksAsDrawn(t *testing.T) {
	d := panelWith(t, pictured())
	likeLook(t, "b1-panel-empty", d.kit.scene(panelID), footKeys)
	checkFootKeys(t, d.kit.scene(panelID))
	if d.keys() != "↩ copy     ⌘↩ details     esc close" || d.foot() != "5 secrets" {
		t.Errorf("footer %q %q", d.foot(), d.keys())
	}
	if d.kit.key != panelID || d.kit.focus[panelID] != searchField {
		t.Error("the field has not the keyboard")
	}
}

func TestPanelResultsLookAsDrawn(t *testing.T) {
	d := panelWith(t, strips())
	d.search("strip")
	s := d.kit.scene(panelID)
	// UI.md: with a query a key is secondary and its matched letters are label; frames.txt
	// has the letters' colour. The selected row agrees.
	except := []string{footKeys}
	for i := 1; i < 6; i++ {
		except = append(except, fmt.Sprintf("row %d key", i))
		if want := fmt.Sprintf("row %d key", i); !strings.Contains(strings.Join(strings.Fields(s.Frames()), " "), want+fmt.Sprintf(" 52 %d 448 18 14/regular secondary", 72+48*i)) {
			t.Errorf("%s is elsewhere:\n%s", want, s.Frames())
		}
	}
	likeLook(t, "b2-panel-results", s, except...)
	want := []string{"> STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "STRIPE_PUBLISHABLE_KEY", "STRIPE_SECRET_KEY", "PASSWORD", "STATUS_REPORT_PIPELINE_KEY"}
	if got := d.rows(); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if d.foot() != "6 of 6" || d.keys() != "↩ copy     ⌘↩ details     esc clear" {
		t.Errorf("footer %q %q", d.foot(), d.keys())
	}
}

func TestPanelDetailsLookAsDrawn(t *testing.T) {
	e := pictured()[0]
	e.Bundle, e.RotateURL, e.Peek = "payments", "https://dashboard.stripe.com/apikeys", "sk_live_"
	e.Created, e.Changed, e.Expires = noon().AddDate(0, -8, 0), noon().AddDate(0, -1, 0), noon().AddDate(0, 0, 70)
	e.LastUsed = noon().Add(-30 * time.Minute)
	d := panelWith(t, []secret.Entry{e})
	d.kit.press("cmd+Return")
	d.settle()
	s := d.kit.scene(panelID)
	likeLook(t, "b3-panel-details", s, footKeys)
	checkFootKeys(t, s)
	want := []string{"Description", "live payments", "Type", "API key", "Starts with", "sk_live_…", "Bundle", "payments", "Expires", "31 January 2027, in 70 days",
		"Renew at", "https://dashboard.stripe.com/apikeys", "Created", "22 Mar", "Changed", "22 Oct", "Last used", "30 min ago", "Access", "A card and Touch ID at every read. No session covers it."}
	for i, w := range want {
		id := fmt.Sprintf([]string{"label %d", "value %d"}[i%2], i/2)
		if got := s.Find(id).Text; got != w {
			t.Errorf("%s is %q and not %q", id, got, w)
		}
	}
	if d.keys() != "↩ copy     ⌘C copy name     esc back" {
		t.Error(d.keys())
	}
}

func TestPanelMessagesLookAsDrawn(t *testing.T) {
	d := panelWith(t, pictured())
	d.search("strpie liev")
	d.looks(t, "b4-panel-nomatch", "No secret matches “strpie liev”", "Search looks at names and descriptions, letter by letter in order.", "0 of 5", "↩ new secret     esc clear")

	d = lockedDesktop(t, nil)
	d.openPanel()
	d.looks(t, "b5-panel-locked", "NoxKey is locked", "Return unlocks it with Touch ID.", "Locked", "↩ unlock     esc close")

	d = lockedDesktop(t, func(o *Options) { o.TouchID = func() (bool, string) { return false, "The lid is closed." } })
	d.openPanel()
	d.looks(t, "b6-panel-notouchid", "Touch ID is not available", "The lid is closed. Return unlocks NoxKey with your Apple Watch or your Mac password.", "Locked", "↩ unlock with password     esc close")

	d = panelWith(t, nil)
	d.looks(t, "b7-panel-novault", "No secrets yet", "Drop a .env file on the key in the menu bar, or choose New Secret from its menu.", "0 secrets", "↩ new secret     esc close")
}

func (d *desktop) looks(t *testing.T, name, title, body, left, keys string) {
	t.Helper()
	s := d.kit.scene(panelID)
	likeLook(t, name, s, footKeys)
	checkFootKeys(t, s)
	if got := s.Find("title").Text; got != title {
		t.Errorf("%s: title %q", name, got)
	}
	if got := s.Find("body").Text; got != body {
		t.Errorf("%s: body %q", name, got)
	}
	if d.foot() != left || d.keys() != keys {
		t.Errorf("%s: footer %q %q", name, d.foot(), d.keys())
	}
}

func TestPanelMarksWhatMatched(t *testing.T) {
	d := panelWith(t, strips())
	marked := func(query, id string) string {
		d.search(query)
		var s string
		for _, x := range d.kit.el(panelID, "list").List.Row(0, false) {
			if x.ID == id {
				for _, i := range x.Marks {
					s += string([]rune(x.Text)[i])
				}
			}
		}
		return s
	}
	for _, c := range [][3]string{{"webhook", "key", "WEBHOOK"}, {"dashboard", "path", "dashboard"}, {"nightly", "path", "nightly"}, {"opspipe", "path", "ops"}, {"opspipe", "key", "PIPE"}} {
		if got := marked(c[0], c[1]); got != c[2] {
			t.Errorf("%s marks %q of the %s and not %q", c[0], got, c[1], c[2])
		}
	}
}

// TestThreatE2DescriptionIsEscapedInThePanel: a description that would reorder its line
// is shown in full and harmless, and no letter but those that matched is marked.
func TestThreatE2DescriptionIsEscapedInThePanel(t *testing.T) {
	d := panelWith(t, []secret.Entry{secretOf(0, "acme/api/KEY", "pay\u202eexe.txt\nline", secret.Text, secret.Normal)})
	d.search("txt")
	for _, x := range d.kit.el(panelID, "list").List.Row(0, true) {
		if strings.ContainsAny(x.Text, "\u202e\n") {
			t.Errorf("%s is %q", x.ID, x.Text)
		}
		if x.ID == "path" && (x.Text != "acme/api — pay‹U+202E›exe.txt‹U+000A›line" || len(x.Marks) > 0) {
			t.Errorf("%q marked at %v", x.Text, x.Marks)
		}
	}
	d.search("\u202e\u200b")
	if got := d.kit.el(panelID, "title").Text; got != "No secret matches “‹U+202E›‹U+200B›”" {
		t.Errorf("%q", got)
	}
}

func TestPanelShowsTheBest200(t *testing.T) {
	var list []secret.Entry
	for i := range 1204 {
		list = append(list, secretOf(i, fmt.Sprintf("acme/api/KEY_%d", i), "", secret.APIKey, secret.Normal))
	}
	d := panelWith(t, list)
	s := d.kit.scene(panelID)
	if l := s.Find("list"); l.List.Count != ui.MaxMatches || l.Frame.H != 8*48 || s.H != 57+32+8*48+8+36 {
		t.Errorf("%d rows in %v of %v", l.List.Count, l.Frame, s.H)
	}
	if d.foot() != "1,204 secrets" {
		t.Error(d.foot())
	}
	d.search("key")
	if d.foot() != "200 of 1,204 matches" {
		t.Error(d.foot())
	}
}

func TestPanelSpeaks(t *testing.T) {
	d := panelWith(t, pictured())
	s := d.kit.scene(panelID)
	if l := s.Find("list"); s.Title != "NoxKey search" || l.Spoken != "Secrets" || l.List.Spoken(0) != "STRIPE_SECRET_KEY, acme/api, API key, strict" {
		t.Errorf("%q %q %q", s.Title, l.Spoken, l.List.Spoken(0))
	}
	d.search("s")
	d.pass(400 * time.Millisecond)
	d.search("st")
	d.pass(400 * time.Millisecond)
	if len(d.kit.said) != 0 {
		t.Fatalf("said %q while typing", d.kit.said)
	}
	d.pass(100 * time.Millisecond)
	if len(d.kit.said) != 1 || d.kit.said[0] != d.foot() {
		t.Errorf("said %q", d.kit.said)
	}
}

func TestPanelTellsWhatIsCut(t *testing.T) {
	long := "acme/api/" + strings.Repeat("K", 64)
	d := panelWith(t, []secret.Entry{secretOf(0, long, strings.Repeat("long ", 40), secret.APIKey, secret.Normal), secretOf(1, "acme/api/SHORT", "", secret.APIKey, secret.Normal)})
	for i, cut := range []bool{true, false} {
		for _, x := range d.kit.el(panelID, "list").List.Row(i, false) {
			if x.ID == "key" || x.ID == "path" {
				if (x.Tip == x.Text) != cut || (x.Spoken == x.Text) != cut {
					t.Errorf("row %d %s: tip %q", i, x.ID, x.Tip)
				}
			}
		}
	}
}
