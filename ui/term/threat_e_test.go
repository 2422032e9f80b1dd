package term

import (
	"bufio"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"noxkey/ui/term/internal/fake"
)

// hostileTexts are the strings of ui/testdata/hostile.txt, which that package's tests
// describe; the shown ones are those that must bear a flag.
func hostileTexts(t *testing.T) (list []string, flag map[string]bool) {
	t.Helper()
	f, err := os.Open("../testdata/hostile.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	flag = map[string]bool{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		quoted, err := strconv.QuotedPrefix(lines.Text())
		if err != nil {
			continue // a comment
		}
		s, err := strconv.Unquote(quoted)
		if err != nil {
			t.Fatal(err)
		}
		rest := lines.Text()[len(quoted):]
		if n, after, ok := strings.Cut(strings.TrimPrefix(rest, " *"), " "); ok && rest[:2] == " *" {
			count, err := strconv.Atoi(n)
			if err != nil {
				t.Fatal(err)
			}
			s, rest = strings.Repeat(s, count), " "+after
		}
		flag[s] = strings.HasPrefix(rest, " flag ")
		list = append(list, s)
	}
	if len(list) < 60 {
		t.Fatalf("%d strings", len(list))
	}
	return list, flag
}

var styles = regexp.MustCompile(`\x1b\[[0-9;]*m`)

var flagged = regexp.MustCompile(`‹(Latin|Cyrillic|Greek|Cherokee|Armenian)[+›]`)

// drawn checks the present screen and returns it without styles and without its first
// line, which bears the mark.
func (r *rig) drawn(what string) string {
	r.Helper()
	lines := r.m.lines()
	if len(lines) != r.m.h {
		r.Errorf("%.60q: %d lines on a screen of %d", what, len(lines), r.m.h)
	}
	for i, l := range lines {
		bare := styles.ReplaceAllString(l, "")
		for _, c := range bare {
			if !unicode.IsPrint(c) {
				r.Fatalf("%.60q puts %U on the screen: %q", what, c, l)
			}
		}
		if w := ansi.StringWidth(bare); w > r.m.w || !utf8.ValidString(bare) {
			r.Errorf("%.60q: line %d is %d wide", what, i+1, w)
		}
		lines[i] = bare
	}
	return strings.Join(lines[1:], "\n")
}

// TestThreatE2HostileOnTheScreen draws the corpus at 80x24 in every place of the card, the
// prompt, the first screen, the search and the details, and reads each to its end.
func TestThreatE2HostileOnTheScreen(t *testing.T) {
	list, flag := hostileTexts(t)
	seen := map[string]string{}
	for _, s := range list {
		onRig(t, true, func(r *rig) {
			r.unlock()
			r.svc.Entries[0].Desc, r.svc.Entries[0].Bundle, r.svc.Entries[0].RotateURL = s, s, s
			r.svc.Sessions[0].Who, r.svc.Records[0].Who = s, s
			r.desk.Rest(s, time.Now().Add(time.Hour))
			r.settle()
			r.drawn(s)

			a := fake.Unknown(1, time.Now())
			a.Reason, a.Command, a.Who.Dir, a.Known.Path, a.Known.Signed, a.Note, a.Who.Terminal = s, s, "/w/"+s, "/p/"+s, s, s, s
			a.Vouch.Comm, a.Who.Chain[0].Comm, a.Who.Chain[0].Exe = s, s, ""
			r.request(a)
			var all strings.Builder
			for range 40 { // a card is at most so many screens long
				all.WriteString(r.drawn(s))
				r.keys("down")
			}
			r.wait(time.Second)
			if flag[s] && !flagged.MatchString(all.String()) {
				t.Errorf("%q: no flag:\n%s", s, all.String())
			}
			if utf8.RuneCountInString(s) <= 24 {
				if other, same := seen[all.String()]; same && other != s {
					t.Errorf("%+q and %+q are one card", s, other)
				}
				seen[all.String()] = s
			}
			r.keys("a")
			r.drawn(s) // the prompt
			r.keys("esc", "esc")
			r.drawn(s)
			r.keys("/")
			r.drawn(s)
			r.keys("tab")
			r.drawn(s) // details
		})
	}
}

// TestThreatE2PastedQuery: what a person pastes into the search is foreign, too.
func TestThreatE2PastedQuery(t *testing.T) {
	list, _ := hostileTexts(t)
	onRig(t, true, func(r *rig) {
		r.unlock()
		for _, s := range list {
			r.keys("/")
			for _, c := range s[:min(len(s), 300)] {
				r.keys(string(c))
			}
			r.drawn(s)
			r.keys("esc", "esc")
		}
	})
}

// TestThreatE2WarningLongerThanTheScreen: a program in a path of 4 KiB makes a warning that
// fills the screen and more. It can be read to its end, and is not allowed before.
func TestThreatE2WarningLongerThanTheScreen(t *testing.T) {
	for _, note := range []string{"", "the proof was cancelled"} {
		for n := 6; n < 30; n++ { // whatever is left for the lines below it
			onRig(t, true, func(r *rig) {
				r.unlock()
				a := fake.Agent(1, time.Now())
				a.Known.Path, a.Known.Changed, a.Note = "/p/"+strings.Repeat("x", 80*n), true, note
				end := r.request(a)
				r.drawn("long path")
				unread := r.m.ask != nil && r.m.ask.unread
				r.wait(time.Second)
				r.keys("a")
				if strings.Contains(r.text(), "Passphrase to") == unread {
					t.Errorf("%d lines of path: unread %v, and\n%s", n, unread, r.text())
				}
				for range 60 {
					r.drawn("long path")
					r.keys("down")
				}
				r.keys("esc", "esc")
				if *end != "denied" && !strings.HasPrefix(*end, "not proved") {
					t.Errorf("%d lines of path: it ends %q", n, *end)
				}
			})
		}
	}
}
