package ui

import (
	"bufio"
	"context"
	"errors"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"noxkey/broker"
	"noxkey/caller"
	"noxkey/dotenv"
	"noxkey/secret"
)

// foreign is one string of the corpus.
type foreign struct {
	text, what string
	flag       bool // must be shown with a flag of its scripts
}

var corpusLine = regexp.MustCompile(`^( \*\d+)?( flag)? # (.+)$`)

// corpus reads testdata/hostile.txt.
func corpus(t *testing.T) []foreign {
	t.Helper()
	f, err := os.Open("testdata/hostile.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var list []foreign
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line := lines.Text()
		if strings.HasPrefix(line, "#") {
			continue
		}
		quoted, err1 := strconv.QuotedPrefix(line)
		text, err2 := strconv.Unquote(quoted)
		m := corpusLine.FindStringSubmatch(line[len(quoted):])
		if err := errors.Join(err1, err2); err != nil || m == nil {
			t.Fatalf("%s: %v", line, err)
		}
		if n, err := strconv.Atoi(strings.TrimPrefix(m[1], " *")); err == nil {
			text = strings.Repeat(text, n)
		}
		list = append(list, foreign{text, m[3], m[2] != ""})
	}
	if len(list) < 60 {
		t.Fatalf("%d strings", len(list))
	}
	return list
}

// hostilePlaces are the places where foreign text is shown: what each draws, a line an
// element, for a text that others chose.
var hostilePlaces = map[string]func(s string) []string{
	"card, reason":          onCard(func(a *broker.Ask, s string) { a.Reason = s }),
	"card, command":         onCard(func(a *broker.Ask, s string) { a.Command = s }),
	"card, folder":          onCard(func(a *broker.Ask, s string) { a.Who.Dir = "/w/" + s }),
	"card, program":         onCard(func(a *broker.Ask, s string) { a.Known.Path = "/p/" + s }),
	"card, changed program": onCard(func(a *broker.Ask, s string) { a.Known.Path, a.Known.Changed = "/p/"+s, true }),
	"card, signer":          onCard(func(a *broker.Ask, s string) { a.Known.Signed = s }),
	"card, agent":           onCard(func(a *broker.Ask, s string) { a.Who.Class, a.Who.Agent = caller.Agent, s }),
	"card, terminal":        onCard(func(a *broker.Ask, s string) { a.Who.Class, a.Who.Terminal = caller.Human, s }),
	"card, process":         onCard(func(a *broker.Ask, s string) { a.Who.Chain[1].Comm, a.Who.Chain[1].Exe = s, "" }),
	"card, peer":            onCard(func(a *broker.Ask, s string) { a.Who.Chain[0].Comm, a.Who.Chain[0].Exe = s, "" }),
	"card, note":            onCard(func(a *broker.Ask, s string) { a.Note = s }),
	"card, bundle":          onCard(func(a *broker.Ask, s string) { a.Writes[0].New.Bundle = s }),
	"card, about":           onCard(func(a *broker.Ask, s string) { a.Writes[0].New.Desc = s }),
	"card, about before":    onCard(func(a *broker.Ask, s string) { a.Writes[0].Old.Desc = s }),
	"card, renewal":         onCard(func(a *broker.Ask, s string) { a.Writes[0].New.RotateURL = s }),
	"card, operation":       onCard(func(a *broker.Ask, s string) { a.Op = secret.Op(s) }),
	"card, delivery":        onCard(func(a *broker.Ask, s string) { a.Delivery, a.Session = secret.Delivery(s), 0 }),
	"card, level":           onCard(func(a *broker.Ask, s string) { a.Items[0].Level = secret.Level(s) }),
	"card, type":            onCard(func(a *broker.Ask, s string) { a.Writes[0].New.FieldType = secret.FieldType(s) }),
	"card, argument":        onCard(func(a *broker.Ask, s string) { a.Run = &secret.Run{Path: "/bin/x", Argv: []string{"x", s}} }),
	"card, run's path":      onCard(func(a *broker.Ask, s string) { a.Run = &secret.Run{Path: "/p/" + s, Argv: []string{"x"}} }),
	"card, variable": onCard(func(a *broker.Ask, s string) {
		a.Run = &secret.Run{Path: "/bin/x", Argv: []string{"x"}, As: []secret.Binding{{Env: s, Name: "a/b/C"}}}
	}),
	"card, profile": onCard(func(a *broker.Ask, s string) {
		a.Run = &secret.Run{Path: "/bin/x", Argv: []string{"x"}, Manifest: &secret.Manifest{Path: "/m", Digest: "00112233", Profile: s}}
	}),
	"prompt": func(s string) []string {
		return []string{Reason(&broker.Ask{Op: secret.OpGet, Who: caller.Caller{Class: caller.Agent, Agent: s}}, broker.AllowOnce)}
	},
	"prompt, process": func(s string) []string {
		who := caller.Caller{Chain: []caller.Process{{Comm: s}}}
		return []string{Reason(&broker.Ask{Op: secret.OpGet, Who: who}, broker.AllowOnce)}
	},
	"details, about":   inDetails(func(e *secret.Entry, s string) { e.Desc = s }),
	"details, bundle":  inDetails(func(e *secret.Entry, s string) { e.Bundle = s }),
	"details, renewal": inDetails(func(e *secret.Entry, s string) { e.RotateURL = s }),
	"details, start":   inDetails(func(e *secret.Entry, s string) { e.Peek = s }),
	"panel": func(s string) []string {
		e := secret.Entry{Name: "acme/api/KEY"}
		e.Desc = s
		row := (&Match{Entry: &e}).Row(noon)
		return []string{row.Key, row.Path, row.Spoken}
	},
	"panel, query": func(s string) []string { m := NoMatch(s); return []string{m.Title, m.Body} },
	"panel, locked": func(s string) []string {
		m := LockedPanel(false, s, time.Time{}, noon)
		return []string{m.Title, m.Body}
	},
	"panel, waits": func(s string) []string { return []string{Waits(agentAsk(s), "⌘", noon)} },
	"notice, rests": func(s string) []string {
		a, b := RestWords(Resting{s, noon.Add(time.Minute)}, noon)
		return []string{a, b}
	},
	"notice, spoken": func(s string) []string { return []string{Announce(agentAsk(s), "⌘")} },
	"notice, waits": func(s string) []string {
		a, b := Waiting(State{Ask: agentAsk(s), Queue: 1}, Terminal(""))
		return []string{a, b}
	},
	"error":        func(s string) []string { return []string{Words(secret.Errorf(secret.Invalid, "%s", s))} },
	"error, whole": func(s string) []string { return []string{Words(errors.New(s + ". " + released))} },
	"menu, rests": func(s string) []string {
		a, b := RestItem(Resting{s, noon.Add(time.Minute)}, noon)
		return []string{a, b}
	},
	"menu, session": func(s string) []string {
		it := SessionItems([]secret.Session{{ID: 1, Who: s, Prefix: "a"}}, noon)[0]
		return []string{it.Text, it.Full, it.Right, it.Covers, it.Granted, it.Usage}
	},
	"session": func(s string) []string {
		l := SessionLines([]secret.Session{{Who: s}}, noon)[0]
		return []string{l.What, l.Who, l.Right}
	},
	"audit, who":   inAudit(func(r *secret.Record, s string) { r.Who = s }),
	"audit, class": inAudit(func(r *secret.Record, s string) { r.Who, r.Class = "", s }),
	"audit, op":    inAudit(func(r *secret.Record, s string) { r.Names, r.Op = nil, secret.Op(s) }),
	"audit, ended": inAudit(func(r *secret.Record, s string) { r.Outcome = secret.Outcome(s) }),
	"audit, verified": func(s string) []string {
		return []string{AuditWords([]secret.Finding{{Subject: "audit", Text: s}})}
	},
	"review, path": func(s string) []string {
		return []string{FileWords("/w/"+s, dotenv.ErrNoKeys, Terminal("")), FileWords("/w/x", errors.New(s), Terminal(""))}
	},
	"first run": func(s string) []string { return []string{FirstNo(s)} },
}

func onCard(set func(a *broker.Ask, s string)) func(s string) []string {
	return func(s string) []string {
		a := fullAsk()
		set(a, s)
		v := Card(a, Terminal("/home/me"), noon)
		v.Mark = "" // else every two cards differ
		return strings.Split(v.Text(), "\n")
	}
}

func inDetails(set func(e *secret.Entry, s string)) func(s string) []string {
	return func(s string) (lines []string) {
		e := &secret.Entry{Name: "acme/api/KEY"}
		set(e, s)
		for _, f := range Details(e, Terminal(""), noon) {
			lines = append(lines, f.Label+" "+f.Text)
		}
		return lines
	}
}

func inAudit(set func(r *secret.Record, s string)) func(s string) []string {
	return func(s string) (lines []string) {
		r := secret.Record{Op: secret.OpGet, Names: []secret.Name{"a/b/C"}, Outcome: secret.OutDenied, Class: "agent", Who: "x"}
		set(&r, s)
		for _, r := range RecentOf([]secret.Record{r}, 1) {
			lines = append(lines, r.Outcome, r.What, r.Who)
			for _, it := range RecentItems([]Recent{r}, 1, noon) {
				lines = append(lines, it.Text, it.Right)
			}
		}
		return lines
	}
}

func agentAsk(s string) *broker.Ask {
	a := testAsk(1, noon)
	a.Who.Agent = s
	return a
}

// widest bounds what one foreign text takes on the screen, in characters: 600 of a
// command, each at most the 10 of ‹U+10FFFF›, and our own words around it.
const widest = 600*10 + 400

// cutByFronts are the places whose text is bounded by the system or the vault (4 KiB of a
// path, 2 KiB of a link) and cut, or broken into lines, by the front that draws it.
var cutByFronts = regexp.MustCompile("folder|program|path|^details")

var flagged = regexp.MustCompile(`‹(Latin|Cyrillic|Greek|Cherokee|Armenian)[+›]`)

// fits is the length up to which no place cuts a text.
const fits = 24

// TestThreatE2Hostile runs the corpus through every place: what is drawn is printable,
// one line, of bounded width; mixed scripts are flagged; and two texts that are not cut
// never look the same.
func TestThreatE2Hostile(t *testing.T) {
	list := corpus(t)
	for place, draw := range hostilePlaces {
		t.Run(place, func(t *testing.T) {
			t.Parallel()
			lines := len(draw("plain"))
			seen := map[string]foreign{}
			for _, h := range list {
				got := draw(h.text)
				if len(got) != lines {
					t.Errorf("%s: %d lines, want %d: %q", h.what, len(got), lines, got)
				}
				for _, l := range got {
					if !safe(l) {
						t.Errorf("%s: drawn as %+q", h.what, l)
					}
					if n := utf8.RuneCountInString(l); n > widest && !cutByFronts.MatchString(place) {
						t.Errorf("%s: %d characters in a line", h.what, n)
					}
				}
				all := strings.Join(got, "\n")
				if h.flag && !flagged.MatchString(all) {
					t.Errorf("%s: no flag in %q", h.what, all)
				}
				if utf8.RuneCountInString(h.text) > fits {
					continue
				}
				if other, same := seen[all]; same && other.text != h.text {
					t.Errorf("%s and %s (%+q and %+q) are both drawn as %+q", h.what, other.what, h.text, other.text, all)
				}
				seen[all] = h
			}
		})
	}
}

// TestThreatE2HostileFiles: the corpus as keys and values of a .env file under review.
func TestThreatE2HostileFiles(t *testing.T) {
	for _, h := range corpus(t) {
		for _, src := range []string{h.text + "=value-of-some-length\n", "KEY=" + h.text + "\n", "KEY='" + h.text + "'\n", "# " + h.text + "\nKEY=value\n"} {
			f, err := dotenv.ParseBytes([]byte(src))
			if err != nil {
				if w := FileWords("/w/.env", err, Terminal("")); !safe(w) {
					t.Errorf("%s: %+q", h.what, w)
				}
				continue
			}
			r := NewReview(nil)
			r.Add("/w/"+h.text, f, dotenv.Digest{}, "acme/api")
			texts := []string{r.Counts(), r.ChosenLine(), r.Ready(), SuggestPrefix("/w/" + h.text + "/.env")}
			for _, row := range r.Rows {
				texts = append(texts, row.Key, row.Peek, row.Target, row.Why, row.Doubt)
			}
			for _, s := range texts {
				if !safe(s) || utf8.RuneCountInString(s) > widest {
					t.Errorf("%s: %q draws %+q", h.what, src, s)
				}
			}
			r.Wipe()
		}
	}
}

// TestThreatE3DeskUnderAStorm: 600 requests while a card is up replace it not once, make
// nothing that is not bounded, and leave nothing when their askers go.
func TestThreatE3DeskUnderAStorm(t *testing.T) {
	onDesk(t, func(b bench) {
		b.ask(b.ctx, testAsk(1, time.Now()))
		first := b.State()
		b.armed()
		gone := []func(){}
		for id := uint64(2); id <= 601; id++ {
			ctx, cancel := context.WithCancel(b.ctx)
			gone = append(gone, cancel)
			b.ask(ctx, testAsk(id, time.Now()))
			if !b.State().Same(first) || !b.State().Armed(time.Now()) {
				t.Fatalf("request %d changed the card", id)
			}
		}
		for i, cancel := range gone {
			cancel()
			b.Close(uint64(i+2), secret.OutWithdrawn)
		}
		if err := b.choose(broker.Deny); err != nil {
			t.Errorf("the first card cannot be answered any more: %v", err)
		}
		b.Close(1, secret.OutDenied)
		b.want(Idle, 0)
		if len(b.open) != 0 || len(b.waiting) != 0 || len(b.recent) > maxRecent || len(b.rest) != 0 {
			t.Errorf("left: %d open, %d waiting, %d recent, %d resting", len(b.open), len(b.waiting), len(b.recent), len(b.rest))
		}
	})
}
