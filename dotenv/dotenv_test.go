package dotenv

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
)

// show writes a File in one line, for tables.
func show(f File) string {
	var b strings.Builder
	for _, p := range f.Pairs {
		export := ""
		if p.Exported {
			export = "export "
		}
		fmt.Fprintf(&b, "%d:%s%s=%q ", p.Line, export, p.Key, p.Value)
	}
	for _, l := range f.Bad {
		fmt.Fprintf(&b, "%d!%s ", l.Line, l.Reason)
	}
	return strings.TrimSpace(b.String())
}

func TestParse(t *testing.T) {
	long := strings.Repeat("x", MaxValue)
	for _, c := range []struct{ name, in, want string }{
		{"no interpolation", "A=$B ${C} $(d) `e` $$\n", `1:A="$B ${C} $(d) ` + "`e`" + ` $$"`},
		{"no interpolation in quotes", `A="$B \$C"`, `1:A="$B \\$C"`},
		{"export", "export A=b\nexport=c\nexportD=e", `1:export A="b" 2:export="c" 3:exportD="e"`},
		{"all duplicates are kept", "A=1\nB=2\nA=3", `1:A="1" 2:B="2" 3:A="3"`},
		{"lines after a value of many lines", "A='1\n2\n3'\nB=4\nnonsense\nC=5", `1:A="1\n2\n3" 4:B="4" 6:C="5" 5!` + ReasonNoPair},
		{"line numbers with every line end", "A=1\r\nB=2\rC=\"3\r\n4\"\nD=5", `1:A="1" 2:B="2" 3:C="3\n4" 5:D="5"`},
		{"byte order mark", "\ufeffA=b", `1:A="b"`},
		{"nothing is lost after an open quote", "A=\"x\nB=c\n\nexport D='e'", `2:B="c" 4:export D="e" 1!` + ReasonUnterminated},
		{"nothing is lost after two open quotes", "A=\"x\nB='y\nC=z", `3:C="z" 1!` + ReasonUnterminated + ` 2!` + ReasonUnterminated},
		{"a refused name takes its whole value with it", "9A=\"x\nB=c\"\nD=e", `3:D="e" 1!` + ReasonName},
		{"NUL in one line", "A=x\x00y\nB=ok\nC='" + long[:40] + "'", `2:B="ok" 3:C="` + long[:40] + `" 1!` + ReasonNUL},
		{"NUL in a value of many lines", "A='x\n\x00'\nB=\"" + long[:40] + "\"", `3:B="` + long[:40] + `" 1!` + ReasonNUL},
		{"NUL in a comment is nobody's value", "# a\x00b, and a comment long enough\nA=b", `2:A="b"`},
		{"64 KiB", "A=" + long, `1:A="` + long + `"`},
		{"over 64 KiB", "A=" + long + "x\nB=c", `2:B="c" 1!` + ReasonTooLong},
		{"over 64 KiB only before unescaping", `A="` + strings.Repeat(`\\`, MaxValue) + `"`, `1:A="` + strings.Repeat(`\\`, MaxValue) + `"`},
		{"any byte but NUL", "A=\x01\xff\xfe\x80", `1:A="\x01\xff\xfe\x80"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, err := ParseBytes([]byte(c.in))
			if err != nil {
				t.Fatal(err)
			}
			if got := show(f); got != c.want {
				t.Errorf("got  %.300s\nwant %.300s", got, c.want)
			}
		})
	}
}

func TestDoubts(t *testing.T) {
	for in, want := range map[string]string{
		"A=b":                "",
		"A=b # c":            "",
		"A= # c":             "",
		`A="b" # c`:          "",
		`A="b\nc"`:           "",
		"A=b#c":              DoubtHash,
		"A=#c":               DoubtHash,
		`A="b\"c"`:           DoubtBackslash,
		`A="b\\c"`:           DoubtBackslash,
		`A='b\\c'`:           "",
		"A='it's'":           DoubtQuote,
		"A=\"b\nC=\"\nD=e":   DoubtSwallowed,
		"A='b\nfoo\nbar==='": "",
	} {
		f, err := ParseBytes([]byte(in))
		if err != nil || f.Pairs[0].Doubt != want {
			t.Errorf("%q: %v %v, want doubt %q", in, f, err, want)
		}
	}
}

func TestLastWins(t *testing.T) {
	f, err := ParseBytes([]byte("A=1\nB=2\nA=3\nC=4\nB=\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := show(File{Pairs: f.Last()}), `3:A="3" 4:C="4" 5:B=""`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestRefusedAsAWhole(t *testing.T) {
	utf16 := func(s string) (b []byte) {
		for _, c := range s {
			b = append(b, byte(c), 0)
		}
		return b
	}
	pngHead := "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
	for name, c := range map[string]struct {
		in   []byte
		want error
	}{
		"empty":             {nil, ErrNoKeys},
		"comments only":     {[]byte("# a\n\n"), ErrNoKeys},
		"prose":             {[]byte("dear diary\n"), ErrNoKeys},
		"png":               {[]byte(pngHead), ErrNotText},
		"utf-16 with mark":  {append([]byte{0xff, 0xfe}, utf16("A=b\nC=d\n")...), ErrNotText},
		"utf-16 bare":       {utf16("A=b\nC=d\n"), ErrNotText},
		"zeros":             {make([]byte, 5000), ErrNotText},
		"one byte too many": {bytes.Repeat([]byte("A=b\n"), MaxFile/4+1), ErrTooBig},
	} {
		for how, parse := range map[string]func() (File, error){
			"bytes":  func() (File, error) { return ParseBytes(c.in) },
			"reader": func() (File, error) { return Parse(iotest.HalfReader(bytes.NewReader(c.in))) },
		} {
			f, err := parse()
			if !errors.Is(err, c.want) || len(f.Pairs) > 0 {
				t.Errorf("%s, %s: %v, want %v", name, how, err, c.want)
			}
		}
	}
	f, _ := ParseBytes([]byte("dear diary\n"))
	if len(f.Bad) != 1 {
		t.Errorf("bad lines of a file without keys: %v", f.Bad)
	}
	var size *SizeError
	if _, err := ParseBytes(make([]byte, MaxFile+5)); !errors.As(err, &size) || size.Size != MaxFile+5 {
		t.Errorf("%v, want a SizeError of %d", err, MaxFile+5)
	}
}

func TestParseMaxFileIsRead(t *testing.T) {
	in := bytes.Repeat([]byte("A=b\n"), MaxFile/4)
	if f, err := Parse(bytes.NewReader(in)); err != nil || len(f.Pairs) != MaxFile/4 {
		t.Fatalf("%d pairs, %v", len(f.Pairs), err)
	}
}

func TestParseStopsReadingAtTheLimit(t *testing.T) {
	r := &endless{}
	if _, err := Parse(r); !errors.Is(err, ErrTooBig) {
		t.Fatal(err)
	}
	if r.n > 3*MaxFile {
		t.Errorf("read %d bytes of an endless file", r.n)
	}
}

type endless struct{ n int }

func (e *endless) Read(p []byte) (int, error) {
	e.n += len(p)
	return copy(p, bytes.Repeat([]byte{'a'}, len(p))), nil
}

func TestParseReaderError(t *testing.T) {
	if _, err := Parse(iotest.ErrReader(io.ErrClosedPipe)); !errors.Is(err, io.ErrClosedPipe) {
		t.Error(err)
	}
}

// TestThreatF4NoTextInErrors: what is wrong with a line is said without it.
func TestThreatF4NoTextInErrors(t *testing.T) {
	const canary = "cAnArY"
	for _, in := range []string{
		"A=\"cAnArY", "cAnArY", "9cAnArY=cAnArY", "A='cAnArY' cAnArY", "A=cAnArY\x00" + strings.Repeat("x", 40),
		"A=" + strings.Repeat(canary, MaxValue), "cAnArY\x00\xff", strings.Repeat(canary, MaxFile),
	} {
		f, err := ParseBytes([]byte(in))
		if len(f.Bad) == 0 && err == nil {
			t.Errorf("%.20q was accepted", in)
		}
		if s := fmt.Sprint(f.Bad, err); strings.Contains(s, canary) {
			t.Errorf("%.20q: %s", in, s)
		}
	}
}

// TestThreatD4PairsDoNotPrint: a value shows under no verb, alone or in a File.
func TestThreatD4PairsDoNotPrint(t *testing.T) {
	f, _ := ParseBytes([]byte("A=secret"))
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, v := range []any{f, &f, f.Pairs, f.Pairs[0], &f.Pairs[0]} {
			got := fmt.Sprintf(verb, v)
			for _, leak := range []string{"secret\"", "secret}", "736563726574", "115 101", "0x73"} {
				if strings.Contains(got, leak) {
					t.Errorf("%s of %T: %s", verb, v, got)
				}
			}
			if !strings.Contains(got, "[secret]") {
				t.Errorf("%s of %T: %s", verb, v, got)
			}
		}
	}
	if b, err := json.Marshal(f); err == nil {
		t.Errorf("marshalled: %s", b)
	}
}

func TestWipe(t *testing.T) {
	f, _ := ParseBytes([]byte("A=secret"))
	f.Wipe()
	if string(f.Pairs[0].Value) != "\x00\x00\x00\x00\x00\x00" {
		t.Errorf("%q", f.Pairs[0].Value)
	}
}

func TestParseKeepsInput(t *testing.T) {
	in := []byte("A='b'\r\nC=\"\\n\"\r\n")
	keep := bytes.Clone(in)
	if f, err := ParseBytes(in); err != nil || !bytes.Equal(in, keep) {
		t.Fatalf("input changed: %q, %v", in, err)
	} else if clear(in); show(f) != `1:A="b" 2:C="\n"` {
		t.Errorf("values share the input's memory: %s", show(f))
	}
}

func FuzzParse(f *testing.F) {
	corpus, _ := filepath.Glob(filepath.Join("testdata", "corpus", "*.env"))
	if len(corpus) == 0 {
		f.Fatal("no corpus")
	}
	for _, name := range corpus {
		src, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		file, err := ParseBytes(src)
		if err != nil && !errors.Is(err, ErrNoKeys) {
			if len(file.Pairs)+len(file.Bad) > 0 {
				t.Fatal("a refused file has content")
			}
			return
		}
		checkSane(t, src, file)
	})
}

// checkSane: line numbers rise and exist, each line is used once, and no more
// bytes come out than went in.
func checkSane(t *testing.T, src []byte, f File) {
	lines := bytes.Count(src, []byte{'\n'}) + bytes.Count(src, []byte{'\r'}) + 1
	seen := map[int]bool{}
	use := func(prev, line int) int {
		if line <= prev || line > lines || seen[line] {
			t.Fatalf("line %d after %d, of %d, seen %v", line, prev, lines, seen[line])
		}
		seen[line] = true
		return line
	}
	total, prev := 0, 0
	for _, p := range f.Pairs {
		prev = use(prev, p.Line)
		total += len(p.Key) + len(p.Value) + 1
		if bytes.IndexByte(p.Value, 0) >= 0 || len(p.Value) > MaxValue || !validKey(p.Key) {
			t.Fatalf("bad pair %v: %q", p, p.Value)
		}
	}
	if prev = 0; total > len(src) {
		t.Fatalf("%d bytes out of %d", total, len(src))
	}
	for _, b := range f.Bad {
		prev = use(prev, b.Line)
	}
}

func BenchmarkParse1MiB(b *testing.B) {
	one := []byte("# a comment\nexport API_KEY='sk_live_0123456789abcdef' # live\nDATABASE_URL=postgres://h/db\nPEM=\"-----BEGIN\\nabc\nabc\n-----END\"\nJSON=\"{\\\"a\\\": 1}\"\n")
	for name, src := range map[string][]byte{
		"ordinary":     bytes.Repeat(one, MaxFile/len(one)),
		"short":        bytes.Repeat([]byte("A=b\n"), MaxFile/4),
		"open-quotes":  bytes.Repeat([]byte("A=\"\\\"\nB='\nC=`\n"), MaxFile/14),
		"one-open":     append([]byte("A=\""), bytes.Repeat([]byte("\\\" \n"), MaxFile/4-1)...),
		"backslashes":  append([]byte("A=\""), bytes.Repeat([]byte("\\"), MaxFile-3)...),
		"crlf-comment": bytes.Repeat([]byte("#A=b\r\n"), MaxFile/6),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(src)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := ParseBytes(src); err != nil && !errors.Is(err, ErrNoKeys) {
					b.Fatal(err)
				}
			}
		})
	}
}
