package setup

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
)

// maker writes JSON with comments, as wildly as the grammar lets it, out of the decisions
// that a stream of bytes makes. Its keys are mostly those that matter here.
type maker struct {
	bytes []byte
	out   strings.Builder
	depth int
}

func (m *maker) pick(n int) int {
	if len(m.bytes) == 0 {
		return 0
	}
	b := m.bytes[0]
	m.bytes = m.bytes[1:]
	return int(b) % n
}

func (m *maker) extra() {
	for range m.pick(3) {
		m.out.WriteString([]string{" ", "\n", "\r\n", "\t", "    ", "// c // {\n", "// c  \r\n", "/* , */", "//\n", "\n  ", "/**/"}[m.pick(11)])
	}
}

var madeKeys = []string{"a", "mcpServers", "hooks", "PreToolUse", "PostToolUse", "b", "mcp", "servers", "c", "nox", "matcher", "noxkey"}

func (m *maker) value() {
	m.depth++
	defer func() { m.depth-- }()
	kind := m.pick(8)
	if m.depth > 5 {
		kind = 7
	}
	switch {
	case kind < 5 || m.depth == 1:
		m.list("{", "}", func(i int) {
			key := madeKeys[(m.pick(len(madeKeys))+i*3)%len(madeKeys)]
			m.out.WriteString(quote(key))
			m.extra()
			m.out.WriteString(":")
			m.extra()
			m.value()
		})
	case kind < 7:
		m.list("[", "]", func(int) { m.value() })
	default:
		m.out.WriteString([]string{"1", `"x"`, "null", "true", `"} // \" {"`, "1e9"}[m.pick(6)])
	}
}

func (m *maker) list(open, end string, one func(int)) {
	m.out.WriteString(open)
	n := m.pick(4)
	for i := range n {
		m.extra()
		one(i)
		m.extra()
		if i < n-1 || m.pick(3) == 0 {
			m.out.WriteString(",")
		}
	}
	m.extra()
	m.out.WriteString(end)
}

func madeFile(b []byte) []byte {
	m := &maker{bytes: b}
	m.extra()
	m.value()
	m.extra()
	return []byte(m.out.String())
}

var madeParts = []Part{
	{Path: "list", format: at("mcpServers", stdio(prog))},
	{Path: "hooks", format: guardHooks(prog)},
	{Path: "opencode", format: openCode(prog)},
}

// madeLaw checks the law on a made file and reports whether Plan took it. Beside Plan's
// own comparison it compares the whole text with the reference below.
func madeLaw(t *testing.T, p Part, text []byte) bool {
	if _, err := Undo(p, text); err != nil {
		readable(t, p, text, err)
	}
	res, err := Plan(p, text)
	if err != nil {
		readable(t, p, text, err)
		return false
	}
	back, err := Undo(p, res.Next)
	if err != nil || res.State == Absent && !bytes.Equal(back.Next, text) {
		t.Fatalf("%s: %v\n%q became\n%q and then\n%q", p.Path, err, text, res.Next, back.Next)
	}
	if rest := cutSubsequence(res.Next, text); res.State == Absent && rest < 0 {
		t.Fatalf("%s: the bytes of\n%q are not all in\n%q", p.Path, text, res.Next)
	}
	return res.State == Absent
}

// cutSubsequence returns how many bytes text has more than part, or -1 if part is not
// text with bytes left out.
func cutSubsequence(text, part []byte) int {
	i := 0
	for _, c := range text {
		if i < len(part) && part[i] == c {
			i++
		}
	}
	if i < len(part) {
		return -1
	}
	return len(text) - len(part)
}

func TestUndoOverMadeFiles(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	taken, all := 0, 0
	for range 300 {
		b := make([]byte, r.IntN(200))
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		text := madeFile(b)
		for _, p := range madeParts {
			all++
			if madeLaw(t, p, text) {
				taken++
			}
		}
	}
	if taken < all/2 {
		t.Errorf("only %d of %d files were taken", taken, all)
	}
}

func FuzzUndoMade(f *testing.F) {
	f.Add([]byte("\x01\x05\x00\x03\x02\x07\x01\x04\x02\x09\x00\x05\x01\x01"))
	f.Fuzz(func(t *testing.T, b []byte) {
		text := madeFile(b)
		for _, p := range madeParts {
			madeLaw(t, p, text)
		}
	})
}
