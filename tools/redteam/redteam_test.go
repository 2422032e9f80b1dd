package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestMain lets copies of the test's binary be what copies of the red team are.
func TestMain(m *testing.M) {
	if role := roles[filepath.Base(os.Args[0])]; role != nil {
		os.Exit(role())
	}
	os.Exit(m.Run())
}

// quick are the moves of a short run: some of every group, none that waits.
var quick = regexp.MustCompile(`^(mcp |cli get|cli export|id own client|script |pipe (cat|dd|perl)|traced load|shell reads|echo$|env$|base64|hex$)`)

// TestThreatF1HostileAgent plays the whole list. What must hold holds; and what may win
// after a good load by source wins, all of it, or the search would be blind to it.
func TestThreatF1HostileAgent(t *testing.T) {
	t.Parallel()
	list := moves()
	if testing.Short() {
		list = chosen(list, quick)
	}
	errs := &record{}
	r, err := playAll(t.Context(), list, options{errs: errs})
	if err != nil {
		t.Fatalf("%v\n%s", err, errs.take())
	}
	var out bytes.Buffer
	r.print(&out, false)
	t.Log(out.String())
	if len(r.rows) != len(list) {
		t.Errorf("%d of %d moves were made", len(r.rows), len(list))
	}
	for _, one := range r.rows {
		t.Run(one.name, func(t *testing.T) { one.judged(t, r.run) })
	}
	if r.allowed == 0 || r.cards <= r.allowed || r.read < 10_000 {
		t.Errorf("%d cards, %d allowed, %d bytes read: that was no game", r.cards, r.allowed, r.read)
	}
	if text := errs.take(); len(text) > 0 {
		t.Errorf("standard error: %s", text)
	}
}

// judged is the verdict on one move.
func (r row) judged(t *testing.T, run bool) {
	if r.missing != "" {
		t.Skipf("cannot be done here: there is no %s", r.missing)
	}
	if bad := (report{rows: []row{r}}).faults(); len(bad) > 0 {
		t.Errorf("%s: %s; under run %s: %s\n%s\n%s", r.tries, r.source.word(r.may()), r.run.word(r.mayRun()),
			append(r.source.found, r.run.found...), indent(r.source.read), indent(r.run.read))
	}
	if r.group == loaded && len(r.source.found) == 0 {
		t.Errorf("%s: not found in %s", r.tries, indent(r.source.read))
	}
	if r.group == loaded && run && !r.run.made {
		t.Error("it was not tried under noxkey run")
	}
}

// TestHarnessCanLose: moves that print what was planted are found to have won, in each
// shape, and make the run fail; one that was not made as it was meant does, too.
func TestHarnessCanLose(t *testing.T) {
	t.Parallel()
	g, err := newGame(t.Context(), options{errs: os.Stderr})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := g.close(); err != nil {
			t.Error(err)
		}
	}()
	if err := os.WriteFile(g.path("u/planted"), []byte(g.canaries[2].value()), 0o644); err != nil {
		t.Fatal(err)
	}
	list := []move{
		{name: "bare", sh: `cat ~/planted`}, {name: "piece", sh: `head -c 25 ~/planted | tail -c 12`}, {name: "standard error", sh: `cat ~/planted >&2`},
		{name: "base64", sh: `base64 -w0 ~/planted`}, {name: "hex", sh: `od -An -v -tx1 ~/planted`}, {name: "reversed", sh: `rev ~/planted`},
		{name: "another's, after an approval", group: waiting, limit: "none for this one", sh: `cat ~/planted`},
		{name: "in two places", sh: `echo nothing`, mcp: []string{rpc("tools/list", `{}`)}, proof: "what is not there"},
		{name: "a load without its limit", group: loaded, after: `echo "$KEY"`},
		{name: "holds", sh: `echo nothing`},
	}
	r, err := g.play(t.Context(), list)
	if err != nil {
		t.Fatal(err)
	}
	for i, one := range r.faults() {
		if one.name != list[i].name {
			t.Errorf("fault %d is %s, not %s", i, one.name, list[i].name)
		}
	}
	if n := len(r.faults()); n != len(list)-1 {
		t.Errorf("%d faults, not %d", n, len(list)-1)
	}
	var out bytes.Buffer
	r.print(&out, true)
	for _, want := range []string{"WON   bare", "acme/api/OFF (plain)", "odd   in two places", "held  holds", "9 moves are faults"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, &out)
		}
	}
}

// TestSearch: each form is found at each offset, and nothing in other text.
func TestSearch(t *testing.T) {
	t.Parallel()
	c := newCanary("a/b/C")
	v := c.value()
	turned := []byte(v)
	slices.Reverse(turned)
	texts := []string{v, v[12:26], string(turned), url.QueryEscape(v), hex.EncodeToString([]byte(v)), strings.ToUpper(hex.EncodeToString([]byte(v))),
		wide(v, 0), wide(v, 1), strings.Map(rot13, v), strings.Join(strings.Split(v, ""), "\n"), strings.Join(strings.Split(v, ""), "\x1b[31m"), "['" + strings.Join(strings.Split(v, ""), "', '") + "']"}
	for i := range 3 {
		for _, e := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
			texts = append(texts, e.EncodeToString([]byte("xyz"[:i]+v+"tail")))
		}
	}
	for _, text := range texts {
		if found := find([]byte("before "+text+" after"), []canary{c}); len(found) != 1 {
			t.Errorf("%q: %q", text, found)
		}
	}
	for _, text := range []string{"", public, v[:len(public)+window-1], strings.Repeat(public, 100), newCanary("other").value()} {
		if found := find([]byte(text), []canary{c}); len(found) > 0 {
			t.Errorf("%q in %q", found, text)
		}
	}
}

// TestMovesAreDistinct: enough of them, no two alike, each with a line that says what
// it tries, and none that names a limit without need.
func TestMovesAreDistinct(t *testing.T) {
	t.Parallel()
	names, texts := map[string]bool{}, map[string]bool{}
	hold := 0
	for _, m := range moves() {
		text := m.sh + "\x00" + m.after + "\x00" + strings.Join(m.mcp, "\x00")
		if m.real {
			text += " against the released programs"
		}
		if names[m.name] || texts[text] || m.tries == "" || len(text) < 3 {
			t.Errorf("%s is there twice, or says nothing", m.name)
		}
		names[m.name], texts[text] = true, true
		if m.limit == "" {
			hold++
		}
	}
	if len(names) < 200 || hold < 150 {
		t.Errorf("%d moves, %d of which must hold", len(names), hold)
	}
}

// TestCommandLine: what is no command line is refused, and a list of no moves plays.
func TestCommandLine(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]int{"-only (": 2, "-nonsense": 2, "word": 2, "-only ^nothing$": 0} {
		var out, errs bytes.Buffer
		if code := redteamMain(strings.Fields(args), &out, &errs); code != want || (want == 2) != (errs.Len() > 0) {
			t.Errorf("%s: exit status %d, %s", args, code, &errs)
		}
	}
	r := report{rows: []row{{move: move{name: "x", limit: "some"}, source: verdict{made: true, found: []string{"acme/api/HARD (plain)"}}}}}
	if len(r.faults()) != 1 {
		t.Error("a limit covers a secret that nobody allowed")
	}
	if _, err := (news{}).after(news{}, errors.New("x")); err == nil {
		t.Error("no error")
	}
}
