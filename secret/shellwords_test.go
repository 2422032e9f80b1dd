package secret

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestShellWords(t *testing.T) {
	for _, c := range []struct {
		argv []string
		most int
		want string
	}{
		{[]string{"make", "test"}, 0, "make test"}, {[]string{"make", "test"}, 9, "make test"},
		{[]string{"sh", "-c", "a; b"}, 0, "sh -c 'a; b'"}, {[]string{"", "it's"}, 0, `'' 'it'\''s'`},
		{[]string{"make", "test", "all"}, 12, "make test '…'"}, {[]string{"aaaaaaaaaaaa"}, 8, "'aaaaa…'"},
		{[]string{"ééééééé", "x"}, 6, "'ééé…'"}, {nil, 0, ""}, {nil, 5, ""},
	} {
		if got := ShellWords(c.argv, c.most); got != c.want {
			t.Errorf("%q at most %d: %q, want %q", c.argv, c.most, got, c.want)
		}
	}
	long := ShellWords([]string{strings.Repeat("x;", 1000)}, RanMost)
	if n := utf8.RuneCountInString(long); n > RanMost+2 || !strings.HasSuffix(long, "…'") {
		t.Errorf("%d characters: %s", n, long)
	}
}
