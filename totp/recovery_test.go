package totp

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"noxkey/secret"
)

var day = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func TestNextCode(t *testing.T) {
	for _, row := range []struct {
		value, code, rest string
		left              int
	}{
		{"abcd-efgh", "abcd-efgh", "# used 2026-11-22 abcd-efgh", 0},
		{"a1\nb2\n", "a1", "# used 2026-11-22 a1\nb2\n", 1},
		{"# used 2026-11-01 a1\nb2\nc3", "b2", "# used 2026-11-01 a1\n# used 2026-11-22 b2\nc3", 1},
		{"\r\n\r\n a1 \r\nb2\r\n", "a1", "\r\n\r\n# used 2026-11-22 a1 \r\nb2\r\n", 1},
		{"# GitHub, from 2025\n- 1234 5678\n- 2345 6789", "1234 5678", "# GitHub, from 2025\n# used 2026-11-22 1234 5678\n- 2345 6789", 1},
		{"1. one\n2. two\n10) ten", "one", "# used 2026-11-22 one\n2. two\n10) ten", 2},
		{"* \n-\n3.\n* x", "x", "* \n-\n3.\n# used 2026-11-22 x", 0},
		{"1.5\n", "1.5", "# used 2026-11-22 1.5\n", 0},
		{"12345678\n-x", "12345678", "# used 2026-11-22 12345678\n-x", 1},
		{"- 1. x", "1. x", "# used 2026-11-22 1. x", 0},
		// Struck off once is struck off everywhere, and a code stands for itself once.
		{"a1\nb2\n# used 2026-01-01 a1\n", "b2", "a1\n# used 2026-11-22 b2\n# used 2026-01-01 a1\n", 0},
		{"1. a1\na1\nb2\na1", "a1", "# used 2026-11-22 a1\na1\nb2\na1", 1},
		// What only looks like a mark is a comment, and no code either.
		{"# used up\n# used 2026-13-40 zz\nzz", "zz", "# used up\n# used 2026-13-40 zz\n# used 2026-11-22 zz", 0},
	} {
		in := []byte(row.value)
		code, rest, left, err := NextCode(in, day)
		if err != nil || text(t, code) != row.code || text(t, rest) != row.rest || left != row.left {
			t.Errorf("%q: %q, rest %q, %d left, %v\nwant %q, %q, %d", row.value, text(t, code), text(t, rest), left, err, row.code, row.rest, row.left)
		}
		if string(in) != row.value {
			t.Errorf("%q was changed to %q", row.value, in)
		}
		rest.Wipe()
		clear(in)
		if text(t, code) != row.code {
			t.Errorf("%q: the code shares memory with the value or the rest", row.value)
		}
	}
}

func TestNextCodeHasNone(t *testing.T) {
	for value, says := range map[string]string{
		"":                         "no recovery code in it",
		"\n \r\n#\n# note\n-\n":    "no recovery code in it",
		"# used 2026-11-22 a\n":    "all 1 recovery codes have been used",
		"a\n# used 2026-11-22 a\n": "all 1 recovery codes have been used",
		"# used 2026-11-22 a\n# used 2026-11-22 b": "all 2 recovery codes have been used",
	} {
		code, rest, left, err := NextCode([]byte(value), day)
		if secret.CodeOf(err) != secret.NotFound || !strings.Contains(err.Error(), says) || !code.Empty() || !rest.Empty() || left != 0 {
			t.Errorf("%q: %v, %d left; want %q", value, err, left, says)
		}
	}
}

// TestNextCodeStaysInBounds: where the mark has no room, no code comes out.
func TestNextCodeStaysInBounds(t *testing.T) {
	mark := len("# used 2026-11-22 ")
	fill := func(n int) []byte { return append([]byte("abcd\n# "), bytes.Repeat([]byte("x"), n-len("abcd\n# "))...) }
	_, rest, _, err := NextCode(fill(secret.MaxValue-mark), day)
	if err != nil || len(text(t, rest)) != secret.MaxValue {
		t.Errorf("with just room enough: %v", err)
	}
	code, rest, _, err := NextCode(fill(secret.MaxValue-mark+1), day)
	if secret.CodeOf(err) != secret.Invalid || !code.Empty() || !rest.Empty() || !strings.Contains(err.Error(), "no room left") {
		t.Fatalf("with a byte too many: %v", err)
	}
	if strings.Contains(err.Error(), "abcd") {
		t.Errorf("the error tells the code: %v", err)
	}
}

// drain takes codes until there are none, and checks the law on the way: in the order of
// the lines, each once, and Count agrees.
func drain(t *testing.T, value []byte) []string {
	t.Helper()
	var codes []string
	given := map[string]bool{}
	for {
		unused, used := Count(value)
		code, rest, left, err := NextCode(value, day)
		if err != nil {
			if unused != 0 && secret.CodeOf(err) != secret.Invalid {
				t.Fatalf("%q: %d unused, yet %v", value, unused, err)
			}
			return codes
		}
		c := text(t, code)
		if given[c] || c == "" || len(text(t, rest)) > secret.MaxValue {
			t.Fatalf("%q: gave %q again, or nothing, or grew too long", value, c)
		}
		given[c] = true
		codes = append(codes, c)
		value = []byte(text(t, rest))
		if u, s := Count(value); left != unused-1 || u != left || s != used+1 {
			t.Fatalf("%d unused and %d used became %d and %d, said %d are left", unused, used, u, s, left)
		}
	}
}

func TestCodesComeInOrderEachOnce(t *testing.T) {
	var value []byte
	var want []string
	for i := range 200 {
		c := fmt.Sprintf("%04x-%04x", i*7919&0xffff, i)
		want = append(want, c)
		value = fmt.Appendf(value, "%d. %s\n", i+1, c)
	}
	if got := drain(t, value); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// FuzzNextCode holds the same law over any text.
func FuzzNextCode(f *testing.F) {
	f.Add([]byte("a\n- b\r\n1. c\n# used 2026-11-22 d\nd\n\n"))
	f.Add([]byte("\u0085x\u00a0\n\u2028y\n\xffz\x85\n"))
	f.Fuzz(func(t *testing.T, value []byte) {
		if len(value) > 4096 || bytes.IndexByte(value, 0) >= 0 {
			return
		}
		drain(t, value)
	})
}
