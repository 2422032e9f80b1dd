package ui

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"noxkey/secret"
)

func TestTimeWords(t *testing.T) {
	for d, want := range map[time.Duration]string{
		59 * time.Second: "under a minute", -time.Hour: "under a minute", 41*time.Minute + 59*time.Second: "41 min",
		3*time.Hour + 12*time.Minute: "3 h 12 min", 4 * time.Hour: "4 h",
	} {
		if got := Left(d); got != want {
			t.Errorf("Left(%v) = %q, want %q", d, got, want)
		}
	}
	for d, want := range map[time.Duration]string{
		4 * time.Hour: "4 hours", time.Hour: "1 hour", 15 * time.Minute: "15 minutes", 90 * time.Minute: "1 hour 30 minutes", 90 * time.Second: "1 minute 30 seconds", 0: "no time",
	} {
		if got := Long(d); got != want {
			t.Errorf("Long(%v) = %q, want %q", d, got, want)
		}
	}
	for d, want := range map[time.Duration]string{45 * time.Second: "0:45", 37*time.Second + 1: "0:38", -5: "0:00", 5 * time.Minute: "5:00"} {
		if got := Clock(d); got != want {
			t.Errorf("Clock(%v) = %q, want %q", d, got, want)
		}
	}
	for d, want := range map[time.Duration]string{time.Second: "just now", 2 * time.Minute: "2 min ago", 26 * time.Hour: "1 day ago", 3*time.Hour + 5*time.Minute: "3 h 5 min ago"} {
		if got := Ago(d); got != want {
			t.Errorf("Ago(%v) = %q, want %q", d, got, want)
		}
	}
	if got := Date(noon.AddDate(-1, 0, 0), noon) + ", " + Date(noon, noon) + ", " + Until(noon.Add(4*time.Hour), noon) + ", " + Until(noon.Add(14*time.Hour), noon); got != "22 Nov 2025, 22 Nov, 16:00, 23 Nov 02:00" {
		t.Error(got)
	}
}

func TestNumbers(t *testing.T) {
	for n, want := range map[int]string{0: "0 secrets", 1: "1 secret", 999: "999 secrets", 1204: "1,204 secrets", 1234567: "1,234,567 secrets"} {
		if got := Count(n, "secret"); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := Number(-1204); got != "-1,204" {
		t.Error(got)
	}
}

// TestEveryCodeHasWords: no code is told as something else than it is.
func TestEveryCodeHasWords(t *testing.T) {
	codes := []secret.Code{secret.NotRunning, secret.Locked, secret.Denied, secret.OffLimit, secret.Resting, secret.Paused, secret.TimedOut, secret.NotFound,
		secret.Exists, secret.Conflict, secret.Invalid, secret.Reserved, secret.HumanOnly, secret.Disagree, secret.Untrusted, secret.Busy, secret.TooShort, secret.Damaged,
		secret.Cancelled, secret.WrongKey, secret.NotRecorded, secret.Storage, secret.Protocol, secret.Internal}
	seen := map[string]secret.Code{}
	for _, c := range codes {
		w := Words(secret.Errorf(c, "because of %s", c))
		if w == "" || !strings.HasSuffix(w, ".") || strings.Contains(w, "%s") || strings.Contains(w, "..") || seen[w] != "" {
			t.Errorf("%s: %q, as for %s", c, w, seen[w])
		}
		seen[w] = c
	}
	if len(errorWords) != len(codes) {
		t.Errorf("%d codes have words, %d are tested", len(errorWords), len(codes))
	}
	if got := Words(errors.New("boom \x1b[2J")); got != "Something failed inside NoxKey: boom ‹U+001B›[2J." {
		t.Errorf("%q", got)
	}
	if Words(nil) != "" || Words(context.Canceled) != Words(secret.Err(secret.Cancelled)) || Words(context.DeadlineExceeded) != Words(secret.Err(secret.TimedOut)) {
		t.Error("contexts")
	}
}

func TestFieldWords(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "28 characters of something!!": "28 characters.", "two\nlines": "9 characters, 2 lines.", " x ": "3 characters. Spaces at the ends are kept.",
		"a\x00b": "The value holds a zero byte, which no variable can carry.", strings.Repeat("x", 71<<10): "71 KiB is too long; the most is 64 KiB.", "é": "1 character.",
	} {
		if got := ValueCount([]byte(in)); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for in, want := range map[string]string{
		"acme/api/KEY": "", "KEY": "A name is 2 to 6 parts of letters, digits, dot, dash and underscore, such as acme/api/KEY.",
		"acme/api/PATH": "PATH changes how programs run and cannot be a secret.",
	} {
		if got := NameFault(in); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for _, c := range []struct{ a, b, want string }{
		{"short", "short", "A passphrase needs at least 8 characters."}, {"aaaaaaaaaaaa", "aaaaaaaaaaaa", "That passphrase is too much of the same."},
		{"correct horse", "correct house", "The two are not the same."}, {"correct horse", "correct horse", ""}, {"pässwörter", "pässwörter", ""},
		{"nul\x00inside it", "nul\x00inside it", "A passphrase cannot hold a zero byte."},
	} {
		if got := PassphraseFault([]byte(c.a), []byte(c.b)); got != c.want {
			t.Errorf("%q, %q: %q, want %q", c.a, c.b, got, c.want)
		}
	}
	for in, want := range map[string]string{"": "At least 8 characters; four or five random words are good.", "abc": "3 characters. At least 8.", "abababababab": "12 characters. Too much of the same.",
		"hunter2hunter": "13 characters. Short; four or five random words are better.", "correct horse battery": "21 characters. Good."} {
		if got := PassphraseHint([]byte(in)); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestLists(t *testing.T) {
	lines := SessionLines([]secret.Session{
		{ID: 1, Prefix: "acme/web", Who: "zsh\u202e", Until: noon.Add(41 * time.Minute)},
		{ID: 2, Prefix: "acme/api", Who: "Claude Code", Until: noon.Add(3 * time.Hour)},
		{ID: 3, Who: "tmux 4121", Vouched: true}, {ID: 4, Who: "x"}, {ID: 5, Names: []secret.Name{"a/b"}, Until: noon},
	}, noon)
	var got []string
	for _, l := range lines {
		got = append(got, l.What+"|"+l.Who+"|"+l.Right)
	}
	want := "shells are you|tmux 4121|while it runs\neverything|x|while it runs\nacme/api|Claude Code|3 h left\nacme/web|zsh‹U+202E›|41 min left\na/b||under a minute left"
	if s := strings.Join(got, "\n"); s != want {
		t.Errorf("%s\nwant\n%s", s, want)
	}
	recent := RecentOf([]secret.Record{
		{Seq: 1, Outcome: secret.OutDenied, Names: []secret.Name{"a/b"}, Who: "Codex"}, {Seq: 3, Outcome: secret.AllowedSession, Prefix: "a", Names: []secret.Name{"a/b", "a/c"}, Class: "human"},
		{Seq: 2, Outcome: secret.Released, Names: []secret.Name{"a/b"}}, {Seq: 4, Outcome: secret.OutDone, Op: secret.OpLock, Who: "you"}, {Seq: 0, Outcome: secret.OutTimedOut},
	}, 3)
	if len(recent) != 3 || recent[0].What != "lock" || recent[1] != (Recent{Outcome: "allowed", What: "a, 2 secrets", Who: "human"}) || recent[2].What != "a/b" {
		t.Errorf("%+v", recent)
	}
}

func TestDetails(t *testing.T) {
	e := &secret.Entry{Name: "a/b", Damaged: true, LastUsed: noon.Add(-time.Hour), Metadata: secret.Metadata{FieldType: secret.Token, Level: secret.Strict, Desc: "d\u202e", Expires: noon.AddDate(0, 0, 70), Created: noon}}
	var got []string
	for _, f := range Details(e, Terminal(""), noon) {
		got = append(got, f.Label+": "+f.Text)
	}
	want := "Description: d‹U+202E›\nType: token\nExpires: 31 January 2027, in 70 days\nCreated: 22 Nov\nLast used: 1 h ago\nAccess: A card and your passphrase at every read. No session covers it.\nDamaged: It was changed or damaged outside NoxKey and cannot be opened."
	if s := strings.Join(got, "\n"); s != want {
		t.Errorf("%s\nwant\n%s", s, want)
	}
	for l, want := range map[secret.Level]string{"": "Refused: this level is not known.", secret.OffLimits: "Your passphrase at every read. Agents are always refused.",
		secret.Easy: "No prompt while NoxKey is unlocked; agents need a card.", secret.Normal: "Your passphrase, or a session."} {
		if got := accessWords(l, Terminal("")); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := accessWords(secret.Strict, Terms{Proof: "Touch ID"}); got != "A card and Touch ID at every read. No session covers it." {
		t.Error(got)
	}
	if got := expiry(noon.AddDate(0, 0, -1), noon); got != "Expired on 21 November 2026" {
		t.Error(got)
	}
}

// TestWordsOfAnAuthenticator: what Touch ID said is not replaced by a code's word.
func TestWordsOfAnAuthenticator(t *testing.T) {
	err := secret.Errorf(secret.WrongKey, "Touch ID did not recognise the finger. Nothing was released")
	if got := Words(err); got != "Touch ID did not recognise the finger. Nothing was released." {
		t.Error(got)
	}
	if got := Words(secret.Errorf(secret.WrongKey, "that is not the passphrase")); got != "Wrong passphrase. Nothing was released." {
		t.Error(got)
	}
}
