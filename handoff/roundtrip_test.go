package handoff

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"noxkey/secret"
)

// everyByte is every byte but NUL, in both orders, so that each has others beside it.
func everyByte() string {
	b := make([]byte, 0, 510)
	for c := 1; c < 256; c++ {
		b = append(b, byte(c))
	}
	for c := 255; c > 0; c-- {
		b = append(b, byte(c))
	}
	return string(b)
}

// noise is n random bytes without NUL, the same for each seed.
func noise(seed uint64, n int) string {
	r := rand.New(rand.NewPCG(seed, 4))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(1 + r.IntN(255))
	}
	return string(b)
}

func awkward() []string {
	list := []string{
		everyByte(), noise(1, 3000), "\n", "\n\n\n", "'", "''\n''", "a\n", "\na", " a b ", "-n", "-e \\n \\0101", "--",
		"$(touch pwned) `touch pwned` ${HOME} $HOME ; touch pwned", "'; touch pwned; '", "\"; touch pwned; \"", "~", "*", "!!", "=ls", "\\", "\\\n", "a\\",
		"\x01\x7f\x01", "\x81\x82\x83\x84\x88", "\xc2", "\xe2\x82", "\xe2\x82'", "\xf0\x9f\n\xff", "\x83\xa2", "\r\n", "\x1b]0;x\x07", "é漢字🔑", "x' 'y",
	}
	for c := 1; c < 256; c++ {
		list = append(list, string([]byte{byte(c)}))
	}
	return list
}

func TestThreatA4EveryByteArrivesAsItIs(t *testing.T) {
	eachShell(t, func(t *testing.T, sh shell) {
		for _, locale := range []string{"C", "C.UTF-8", ""} {
			var vs []Var
			for i, v := range awkward() {
				vs = append(vs, vars(t, name(i), v)...)
			}
			var env []string
			if locale != "" {
				env = []string{"LC_ALL=" + locale}
			}
			cwd := t.TempDir()
			o := mustLoad(t, sh, `cd '`+cwd+`' && . "$1" && `+dump, vs, env...)
			for i, want := range awkward() {
				if got, ok := o.variable(name(i)); !ok || got != want {
					t.Errorf("locale %q: value %d: %q became %q", locale, i, want, got)
				}
			}
			if got, set := o.variable("LC_ALL"); got != locale || set != (locale != "") {
				t.Errorf("LC_ALL was %q and is %q (%v)", locale, got, set)
			}
			if left, _ := os.ReadDir(cwd); len(left) > 0 {
				t.Errorf("something ran: %v", left)
			}
			if strings.Contains(o.out, "_noxkey") || o.err != "" {
				t.Errorf("left behind in the environment, or said %q", o.err)
			}
		}
	})
}

func name(i int) string { return "V_" + strings.Repeat("X", i/26) + string(rune('A'+i%26)) }

func TestThreatA4LargeValues(t *testing.T) {
	full := secret.MaxValue
	values := map[string]string{
		"NOISE": noise(7, full), "NEWLINES": strings.Repeat("\n", full), "QUOTES": strings.Repeat("'", full),
		"MANY_LINES": strings.Repeat("a\n", full/2), "MIX": strings.Repeat("'\n", full/2), "LETTERS": strings.Repeat("x", full),
	}
	eachShell(t, func(t *testing.T, sh shell) {
		for n, want := range values {
			o := mustLoad(t, sh, `. "$1" && `+dump, vars(t, n, want))
			if got, _ := o.variable(n); got != want {
				t.Errorf("%s: %d bytes became %d", n, len(want), len(got))
			}
		}
	})
}

func batch(t testing.TB) []Var {
	var vs []Var
	for i := range MaxBatch / secret.MaxValue {
		vs = append(vs, vars(t, name(i), noise(uint64(i), secret.MaxValue))...)
	}
	return vs
}

func TestThreatA4WholeBatch(t *testing.T) {
	eachShell(t, func(t *testing.T, sh shell) {
		want := batch(t)
		o := mustLoad(t, sh, `. "$1" && `+dump, batch(t))
		for _, v := range want {
			got, _ := o.variable(v.Env)
			_ = v.Value.Use(func(b []byte) error {
				if got != string(b) {
					t.Errorf("%s differs", v.Env)
				}
				return nil
			})
		}
	})
}

// FuzzRoundTrip: bytes in are bytes out, in every shell there is.
func FuzzRoundTrip(f *testing.F) {
	for i, v := range awkward()[:3] {
		f.Add([]byte(v), i%2 == 0)
	}
	f.Fuzz(func(t *testing.T, b []byte, utf8 bool) {
		b = bytes.ReplaceAll(b, []byte{0}, nil)
		if len(b) == 0 || len(b) > secret.MaxValue {
			t.Skip("not a value")
		}
		locale := "LC_ALL=C"
		if utf8 {
			locale = "LC_ALL=C.UTF-8"
		}
		for _, sh := range shells {
			need(t, sh.argv[0])
			o := mustLoad(t, sh, `. "$1" && `+dump, vars(t, "V", string(b)), locale)
			if got, _ := o.variable("V"); got != string(b) {
				t.Fatalf("%s: %q became %q", sh.name, b, got)
			}
		}
	})
}

func TestExportLineUnderEval(t *testing.T) {
	eachShell(t, func(t *testing.T, sh shell) {
		dir := t.TempDir()
		values := append(awkward(), noise(3, 9000), strings.Repeat("\n", 9000))
		var lines []byte
		for i, v := range values {
			lines = append(lines, ExportLine(name(i), vars(t, name(i), v)[0].Value)...)
		}
		if err := os.WriteFile(filepath.Join(dir, "lines"), lines, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, locale := range []string{"C", "C.UTF-8"} {
			cmd := sh.command(t, `cd "$1" && eval "$(cat lines)" && `+dump, dir)
			cmd.Env = append(cmd.Env, "LC_ALL="+locale)
			o := run(t, cmd)
			for i, want := range values {
				if got, _ := o.variable(name(i)); got != want || o.code != 0 {
					t.Errorf("%s value %d: %q became %q (%d, %q)", locale, i, want, got, o.code, o.err)
				}
			}
		}
		if left, _ := os.ReadDir(dir); len(left) != 1 {
			t.Errorf("something ran: %v", left)
		}
	})
}

func TestPayloadBounds(t *testing.T) {
	t.Parallel()
	tooMuch := append(batch(t), vars(t, "ONE_MORE", "x")...)
	for what, vs := range map[string][]Var{
		"nothing": nil, "too much": tooMuch, "reserved": vars(t, "PATH", "/evil"), "code": vars(t, "A;touch pwned", "x"), "ksh counts it": vars(t, "TMOUT", "1"), "ours": vars(t, "_noxkey_l", "x"),
	} {
		if line, err := payload(vs); err == nil || line != nil {
			t.Errorf("%s: %q, %v", what, line, err)
		}
	}
	vs := vars(t, "A", "'\n'", "B", everyByte())
	line, err := payload(vs)
	if err != nil || bytes.Count(line, []byte{'\n'}) != 1 {
		t.Errorf("%q, %v", line, err)
	}
	// One that grew would have left earlier copies behind, unwiped.
	if line, err = payload(batch(t)); err != nil || cap(line) > len(line)+8<<10 {
		t.Errorf("%d of %d bytes, %v", len(line), cap(line), err)
	}
}
