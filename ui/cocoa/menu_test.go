package cocoa

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"noxkey/secret"
	"noxkey/ui"
)

// has gives the front sessions.
func (d *desktop) has(list ...secret.Session) {
	d.svc.on(secret.OpSessions, func(*secret.Request) ([]secret.Answer, error) {
		var out []secret.Answer
		for _, s := range list {
			out = append(out, secret.Answer{Session: &s})
		}
		return out, nil
	})
	d.desk.Refresh()
	d.wait("the sessions", func() bool { return len(d.sessions) == len(list) && !d.loading })
}

func menuSession(id uint64, prefix secret.Prefix, who string, left time.Duration) secret.Session {
	return secret.Session{ID: id, Class: "agent", Prefix: prefix, Names: []secret.Name{secret.Name(prefix) + "/A", secret.Name(prefix) + "/B"}, Who: who,
		Granted: noon().Add(-2 * time.Minute), Until: noon().Add(left), Used: 6}
}

func (d *desktop) openSession() {
	d.has(menuSession(7, "acme/api", "Claude Code", 192*time.Minute))
}

// ended lets a request come and end.
func (d *desktop) ended(id uint64, agent string, end secret.Outcome, names ...secret.Name) {
	a := agentAsk(id)
	a.Who.Agent = agent
	item := a.Items[0]
	a.Items = nil
	for _, n := range names {
		item.Name = n
		a.Items = append(a.Items, item)
	}
	if len(names) > 1 {
		a.Prefix = names[0].Parent()
	}
	go func() { _, _ = d.desk.Ask(context.Background(), a) }()
	d.wait("the card", func() bool { return d.desk.State().ID == id })
	d.desk.Close(id, end)
	d.wait("its end", func() bool { return d.desk.State().ID != id && !d.loading })
	d.settle()
}

// menuLines writes a menu with a line an item.
func menuLines(items []Item) (list []string) {
	for _, it := range items {
		switch {
		case it.Separator:
			list = append(list, "-")
		case it.Head:
			list = append(list, "# "+it.Text)
		default:
			s := it.Text
			if it.Glyph != "" {
				s = it.Glyph + " " + s
			}
			for _, more := range []string{it.Right, it.Shortcut} {
				if more != "" {
					s += " | " + more
				}
			}
			if it.Off {
				s += " (off)"
			}
			list = append(list, s)
		}
	}
	return list
}

// item is the item of that text, in the menu as it opens now or one of its submenus.
func (d *desktop) item(text string) *Item {
	d.kit.t.Helper()
	if it := itemIn(d.kit.status.Menu(), text); it != nil {
		return it
	}
	d.kit.t.Fatalf("the menu has no %q: %q", text, menuLines(d.kit.status.Menu()))
	return nil
}

func itemIn(items []Item, text string) *Item {
	for i := range items {
		if items[i].Text == text && !items[i].Separator {
			return &items[i]
		}
		if it := itemIn(items[i].Sub, text); it != nil {
			return it
		}
	}
	return nil
}

func sameLines(t *testing.T, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// menuDrawn are the texts of a menu in the design's picture, in their order.
func menuDrawn(t *testing.T, name string) (list []string) {
	t.Helper()
	b, err := os.ReadFile("testdata/frames.txt")
	if err != nil {
		t.Fatal(err)
	}
	_, part, ok := strings.Cut(string(b), "\n"+name+" ")
	if !ok {
		t.Fatalf("no %s", name)
	}
	part, _, _ = strings.Cut(part, "\n\n")
	for _, l := range strings.Split(part, "\n")[1:] {
		id, _ := cutFrame(l)
		list = append(list, strings.TrimPrefix(id, "head "))
	}
	return list
}

func menuTexts(items []Item) (list []string) {
	for _, it := range items {
		if !it.Separator {
			list = append(list, it.Text)
		}
	}
	return list
}

func TestMenuAsDrawn(t *testing.T) {
	d := newDesktop(t, nil)
	d.has(menuSession(1, "acme/web", "Terminal", 41*time.Minute), menuSession(2, "acme/api", "Claude Code", 192*time.Minute))
	d.at = noon().Add(-time.Hour)
	d.ended(1, "Claude Code", secret.AllowedSession, "acme/web/A", "acme/web/B", "acme/web/C", "acme/web/D")
	d.at = noon().Add(-14 * time.Minute)
	d.ended(2, "Codex", secret.OutDenied, "acme/api/DATABASE_URL")
	d.at = noon().Add(-2 * time.Minute)
	d.ended(3, "Claude Code", secret.AllowedOnce, "acme/api/STRIPE_SECRET_KEY")
	d.at = noon()
	got := d.kit.status.Menu()
	sameLines(t, menuTexts(got), menuDrawn(t, "a1-menu"))
	sameLines(t, menuLines(got), []string{"# Sessions", "acme/api | Claude Code · 3 h 12 min left", "acme/web | Terminal · 41 min left", "End All Sessions", "-",
		"# Recent requests", "check STRIPE_SECRET_KEY | Claude Code · 2 min ago", "cross DATABASE_URL | Codex · 14 min ago", "check acme/web, 4 secrets | Claude Code · 1 h ago", "-",
		"Search… | ⇧⌘1", "New Secret…", "Import .env Files…", "-", "Pause Agent Requests", "Lock Now", "-", "Settings… | ⌘,", "About NoxKey", "Quit NoxKey | ⌘Q"})
	sameLines(t, menuLines(d.item("acme/api").Sub), []string{"Covers acme/api and below (off)", "Granted at 14:30 to Claude Code (off)", "Used 6 times (off)", "-", "End Session"})
	if tip := d.item("DATABASE_URL").Tip; tip != "acme/api/DATABASE_URL, denied" {
		t.Error(tip)
	}
}

func TestMenuWaitingAsDrawn(t *testing.T) {
	d := newDesktop(t, nil)
	d.at = noon().Add(-2 * time.Minute)
	d.ended(1, "Codex", secret.OutDenied, "acme/api/DATABASE_URL")
	d.at = noon().Add(-time.Minute)
	d.ended(2, "Codex", secret.OutDenied, "acme/api/DATABASE_URL")
	d.desk.Rest("Codex", noon().Add(4*time.Minute))
	d.at = noon()
	d.settle()
	for _, w := range maps.Clone(d.windows) {
		d.close(w) // the notice of the rest
	}
	d.desk.Queue(2)
	go func() { _, _ = d.desk.Ask(context.Background(), agentAsk(3)) }()
	d.wait("the card", func() bool { return d.kit.up[cardID] != nil })
	got := d.kit.status.Menu()
	sameLines(t, menuTexts(got), menuDrawn(t, "a2-menu-waiting"))
	sameLines(t, menuLines(got)[:9], []string{"Show 2 Waiting Requests | ⇧⌘1", "-", "# Sessions", "No session is open (off)", "-", "# Recent requests",
		"Codex rests | asks again in 4 min", "cross DATABASE_URL | Codex · 1 min ago", "cross DATABASE_URL | Codex · 2 min ago"})
	if d.item("Show 2 Waiting Requests").Do(); d.kit.key != cardID {
		t.Error("it does not lead to the card")
	}
	d.item(ui.MenuLetAsk).Do()
	d.wait("the rest is over", func() bool { return len(d.desk.Resting(d.at)) == 0 })
	if got := d.svc.got(secret.OpRest); len(got) != 1 || got[0].Agent != "Codex" {
		t.Errorf("%+v", got)
	}
}

func TestStatusIconsByStrength(t *testing.T) {
	d := newDesktop(t, nil)
	is := func(icon Icon, tip string) {
		t.Helper()
		d.settle()
		if s := d.kit.status; s.Icon != icon || s.Tip != tip {
			t.Errorf("the icon is %s, %q, and not %s, %q", s.Icon, s.Tip, icon, tip)
		}
	}
	is(IconIdle, "NoxKey")
	d.has(menuSession(1, "a", "x", time.Hour), menuSession(2, "b", "y", time.Hour))
	is(IconSession, "NoxKey, 2 sessions open")
	d.svc.on(secret.OpStatus, func(*secret.Request) ([]secret.Answer, error) {
		return []secret.Answer{{Status: &secret.Status{Paused: true}}}, nil
	})
	d.desk.Refresh()
	d.wait("the pause", func() bool { return d.status.Paused && !d.loading })
	is(IconPaused, "NoxKey, agent requests paused")
	if it := d.item(ui.MenuResume); it.Do == nil || itemIn(d.kit.status.Menu(), ui.MenuPause) != nil {
		t.Error("a pause cannot be ended")
	}
	go func() { _, _ = d.desk.Ask(context.Background(), agentAsk(1)) }()
	d.wait("the card", func() bool { return d.kit.up[cardID] != nil })
	is(IconWaiting, "NoxKey, 1 request waits")
	d.desk.Queue(3)
	is(IconWaiting, "NoxKey, 3 requests wait")
	for i, icon := range []Icon{IconIdle, IconWaiting, IconPaused, IconSession} {
		want := fmt.Sprintf("%d 3 18 18 glyph %s label", 83+152*i, icon)
		if got := lookFrames(t, "a3-status-icons")["status "+strings.TrimPrefix(string(icon), "status-")]; got != want {
			t.Errorf("%q and not %q", got, want)
		}
	}
}

// TestCardBehindThePanelShowsTheDot: what is held back by the panel is told by the icon.
func TestCardBehindThePanelShowsTheDot(t *testing.T) {
	d := panelWith(t, pictured())
	go func() { _, _ = d.desk.Ask(context.Background(), agentAsk(1)) }()
	d.wait("the dot", func() bool { return d.kit.status.Icon == IconWaiting })
	d.item("Show Waiting Request").Do()
	if !d.closed() || d.kit.key != cardID {
		t.Errorf("the keyboard is with %q", d.kit.key)
	}
}

// TestOwnCopyIsNoWaitingRequest: the person's own Touch ID is not what the dot is for.
func TestOwnCopyIsNoWaitingRequest(t *testing.T) {
	d := panelWith(t, pictured())
	before, answer := d.sheet()
	d.gives("v", before)
	d.kit.press("Return")
	d.wait("the sheet", d.touching)
	d.settle()
	if d.kit.status.Icon != IconIdle {
		t.Error(d.kit.status.Tip)
	}
	answer <- nil
	d.wait("the end", d.closed)
}

func TestMenuEndsSessions(t *testing.T) {
	d := newDesktop(t, nil)
	var list []secret.Session
	for i := range 12 {
		list = append(list, menuSession(uint64(i+1), secret.Prefix(fmt.Sprintf("org/p%02d", i)), "Claude Code", time.Duration(100-i)*time.Minute))
	}
	d.has(list...)
	got := menuLines(d.kit.status.Menu())
	if got[5] != "org/p04 | Claude Code · 1 h 36 min left" || got[6] != "7 More" || got[7] != "End All Sessions" {
		t.Errorf("%q", got[:8])
	}
	more := d.item("7 More").Sub
	if len(more) != 7 {
		t.Fatalf("%d sessions below", len(more))
	}
	itemIn(more[6:], ui.MenuEnd).Do()
	d.settle()
	d.item(ui.MenuEndAll).Do()
	d.settle()
	ends := d.svc.got(secret.OpEnd)
	if len(ends) != 2 || ends[0].ID != 12 || ends[1].ID != 0 {
		t.Errorf("%+v", ends)
	}
	d.at = noon().Add(95 * time.Minute) // the time left is that of the menu's opening
	if got := menuLines(d.kit.status.Menu()); got[1] != "org/p00 | Claude Code · 5 min left" || got[5] != "org/p04 | Claude Code · 1 min left" || got[6] != "End All Sessions" {
		t.Errorf("%q", got[:8])
	}
}

func TestMenuNamesAreCutInTheMiddle(t *testing.T) {
	d := newDesktop(t, nil)
	long := secret.Prefix("organisation/" + strings.Repeat("p", 40))
	d.has(menuSession(1, long, "Claude Code", time.Hour))
	it := d.kit.status.Menu()[1]
	if n := len([]rune(it.Text)); n != 28 || !strings.Contains(it.Text, "…") || it.Tip != string(long) {
		t.Errorf("%q, tip %q", it.Text, it.Tip)
	}
}

func TestMenuRecentOpensDetails(t *testing.T) {
	d := newDesktop(t, nil)
	d.holds(pictured())
	for i, end := range []secret.Outcome{secret.OutRefused, secret.OutTimedOut, secret.OutWithdrawn, secret.OutVouched} {
		d.ended(uint64(i+1), "Codex", end, pictured()[i].Name)
	}
	d.ended(9, "Codex", secret.OutDenied, "acme/api/A", "acme/api/B")
	var glyphs []string
	for _, it := range d.kit.status.Menu() {
		if it.Glyph != "" {
			glyphs = append(glyphs, it.Glyph)
		}
	}
	sameLines(t, glyphs, []string{"cross", "check", "cross", "cross", "cross"})
	if it := d.item("acme/api, 2 secrets"); it.Do != nil {
		t.Error("several secrets have no details")
	}
	d.item("DATABASE_URL").Do()
	d.wait("the details", func() bool { return d.kit.scene(panelID).Find("name") != nil })
	if got := d.kit.el(panelID, "name").Text; got != "DATABASE_URL" {
		t.Error(got)
	}
	d.holds(nil)
	d.item("DATABASE_URL").Do()
	d.wait("it says that there is none", func() bool { return strings.HasPrefix(d.foot(), "There is no such secret") })
}

// TestLockedMenuShowsNoName: while it is locked nothing tells what is in the vault.
func TestLockedMenuShowsNoName(t *testing.T) {
	d := newDesktop(t, nil)
	d.openSession()
	d.ended(1, "Codex", secret.OutDenied, "acme/api/DATABASE_URL")
	d.desk.Rest("Codex", noon().Add(4*time.Minute))
	d.setLocked(true)
	got := strings.Join(menuLines(d.kit.status.Menu()), "\n")
	if strings.Contains(got, "acme") || strings.Contains(got, "DATABASE_URL") {
		t.Error(got)
	}
	for _, text := range []string{"Codex rests", "New Secret… (off)", "Import .env Files… (off)", "Unlock…", "Search…"} {
		if !strings.Contains(got, text) {
			t.Errorf("%s is not in\n%s", text, got)
		}
	}
	if d.kit.status.Accepts([]string{"/x/.env"}) {
		t.Error("files may be dropped on a locked app")
	}
	d.item(ui.MenuUnlock).Do()
	d.settle()
	if r := d.svc.got(secret.OpUnlock); len(r) != 1 || len(r[0].Targets) != 0 {
		t.Errorf("%+v", r)
	}
}

func TestMenuPausesLocksAndClears(t *testing.T) {
	d := newDesktop(t, nil)
	d.item(ui.MenuPause).Do()
	d.item(ui.MenuLock).Do()
	d.settle()
	if p := d.svc.got(secret.OpPause); len(p) != 1 || !p[0].On || len(d.svc.got(secret.OpLock)) != 1 {
		t.Errorf("%+v", p)
	}
	if itemIn(d.kit.status.Menu(), "Clear Clipboard Now (0:24)") != nil {
		t.Error("there is nothing to clear")
	}
	d.clips.left = 24 * time.Second
	got := menuLines(d.kit.status.Menu())
	if i := slices.Index(got, "Lock Now"); got[i+1] != "Clear Clipboard Now (0:24)" {
		t.Errorf("%q", got)
	}
	d.item("Clear Clipboard Now (0:24)").Do()
	if d.clips.left != 0 {
		t.Error("it is not cleared")
	}
	d.svc.on(secret.OpPause, func(*secret.Request) ([]secret.Answer, error) {
		return nil, secret.Errorf(secret.NotRecorded, "the disk is full")
	})
	d.item(ui.MenuPause).Do()
	d.wait("it says that it failed", func() bool { return len(d.kit.asked) == 1 })
	if q := d.kit.asked[0]; q.Title != ui.MenuFailed || !strings.Contains(q.Text, "the disk is full") || q.No != "" {
		t.Errorf("%+v", q)
	}
}

func TestQuitAsksWithSessionsOpen(t *testing.T) {
	d := newDesktop(t, nil)
	d.item(ui.MenuQuit).Do()
	if !d.kit.quit || len(d.kit.asked) != 0 {
		t.Error("it asks without a session")
	}
	d = newDesktop(t, nil)
	d.has(menuSession(1, "a/b", "x", time.Hour), menuSession(2, "a/c", "x", time.Hour))
	d.item(ui.MenuQuit).Do()
	if d.kit.quit || len(d.kit.asked) != 1 {
		t.Fatal("it does not ask")
	}
	if q := d.kit.asked[0]; q.Title != "Quit NoxKey?" || q.Text != "Agents get no secrets until it runs again. 2 sessions end." || q.Yes != "Quit" || q.No != "Cancel" {
		t.Errorf("%+v", q)
	}
	d.kit.answer = true
	d.Quit()
	if !d.kit.quit {
		t.Error("it does not quit")
	}
	d.at = noon().Add(2 * time.Hour) // the sessions are over
	d.Quit()
	if len(d.kit.asked) != 2 {
		t.Error("it asks for sessions that are over")
	}
}

func TestMenuBeforeTheFirstRun(t *testing.T) {
	d := newDesktop(t, func(o *Options) { o.First = &FirstRun{} })
	for _, text := range []string{ui.MenuNew, ui.MenuImport, ui.MenuPause, ui.MenuLock} {
		if !d.item(text).Off {
			t.Errorf("%s without a vault", text)
		}
	}
	if d.kit.status.Accepts([]string{"/x/.env"}) {
		t.Error("files may be dropped before there is a vault")
	}
	d.item(ui.MenuSearch).Do()
	if d.kit.up[panelID] != nil || d.kit.up[firstID] == nil {
		t.Error("the search opens without a vault")
	}
}

func TestSearchItemDoesNotCloseThePanel(t *testing.T) {
	d := newDesktop(t, nil)
	d.item(ui.MenuSearch).Do()
	d.item(ui.MenuSearch).Do()
	if d.closed() || d.kit.key != panelID {
		t.Error("the search is not there")
	}
}

// TestThreatE3MenuOpensNothingOverACard: what is chosen in the menu puts no second
// floating window beside a card, and throws no form away.
func TestThreatE3MenuOpensNothingOverACard(t *testing.T) {
	d := newDesktop(t, nil)
	d.ended(1, "Codex", secret.OutDenied, "acme/api/DATABASE_URL")
	go func() { _, _ = d.desk.Ask(context.Background(), agentAsk(2)) }()
	d.wait("the card", func() bool { return d.kit.up[cardID] != nil })
	for _, text := range []string{ui.MenuSearch, ui.MenuNew, "DATABASE_URL"} {
		d.kit.key = ""
		if d.item(text).Do(); len(d.kit.up) != 1 || d.kit.key != cardID {
			t.Errorf("%s: %d windows, the keyboard is with %q", text, len(d.kit.up), d.kit.key)
		}
	}
}

func TestDropOnTheIcon(t *testing.T) {
	d := newDesktop(t, nil)
	for path, want := range map[string]bool{"/x/.env": true, "/x/.env.local": true, "/x/prod.env": true, "/x/.envrc": true, "/x/env": false, "/x/a.txt": false} {
		if got := d.kit.status.Accepts([]string{"/x/readme", path}); got != want {
			t.Errorf("%s beside another file: %v", path, got)
		}
	}
	if d.kit.status.Accepts(nil) {
		t.Error("nothing can be dropped")
	}
	d.kit.status.Drop([]string{"/x/.env"})
	if d.kit.up[importID] == nil {
		t.Error("the import does not open")
	}
	d.settle()
}

func TestMenuShowsTheChordThatIsSet(t *testing.T) {
	keeps := newSettings()
	keeps.chord = "⌥⌘K"
	d := newDesktop(t, func(o *Options) { o.Settings = keeps })
	if got := d.item(ui.MenuSearch).Shortcut; got != "⌥⌘K" {
		t.Error(got)
	}
}
