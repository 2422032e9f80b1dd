package redact

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"
)

func base64Texts(v string) []string {
	var out []string
	for i := range 3 {
		for _, e := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
			for _, after := range []string{"", "\n", "zz"} {
				out = append(out, e.EncodeToString([]byte("abc"[:i]+v+after)))
			}
		}
	}
	return out
}

func wrap(s string, width int, end string) string {
	var b strings.Builder
	for i := 0; i < len(s); i += width {
		if i > 0 {
			b.WriteString(end)
		}
		b.WriteString(s[i:min(i+width, len(s))])
	}
	return b.String()
}

func between1(v, s string) string { return strings.Join(splitBytes(v), s) }

func splitBytes(v string) []string {
	var out []string
	for i := range len(v) {
		out = append(out, v[i:i+1])
	}
	return out
}

func percent(v, format string) string {
	var b strings.Builder
	for i := range len(v) {
		fmt.Fprintf(&b, format, v[i])
	}
	return b.String()
}

func units(v, format string) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(v)) {
		fmt.Fprintf(&b, format, u)
	}
	return b.String()
}

func runesAs(v, format string) string {
	var b strings.Builder
	for _, r := range v {
		fmt.Fprintf(&b, format, r)
	}
	return b.String()
}

func escapeNonASCII(v string) string {
	b, _ := json.Marshal(v)
	var out strings.Builder
	for _, r := range string(b[1 : len(b)-1]) {
		if r < 0x80 {
			out.WriteRune(r)
			continue
		}
		out.WriteString(units(string(r), `\u%04x`))
	}
	return out.String()
}

func wide(v string, big bool) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(v)) {
		if big {
			b = append(b, byte(u>>8), byte(u))
		} else {
			b = append(b, byte(u), byte(u>>8))
		}
	}
	return string(b)
}

// bashQ is bash's printf %q for what holds control characters: $'...'.
func bashQ(v string) string {
	return strings.NewReplacer("\\", `\\`, "'", `\'`, "\n", `\n`, "\t", `\t`, "\r", `\r`, "\x01", `\001`, "\x7f", `\177`, "ä", `\303\244`, "日", `\346\227\245`).Replace(v)
}

func backslashes(v string) string {
	var b strings.Builder
	for _, r := range v {
		if r > ' ' && r < 0x7f && !strings.ContainsRune("_-./:=@%+,", r) && !('0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z') || r == ' ' {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func double(v string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "$", `\$`, "`", "\\`").Replace(v)
}

// coreutils is printf %q and ls of GNU: quotes closed around $'\n'.
func coreutils(v string) string {
	return strings.NewReplacer("'", `'\''`, "\r\n", `'$'\r\n''`, "\n", `'$'\n''`, "\t", `'$'\t''`, "\x01\x7f", `'$'\001\177''`).Replace(v)
}

func catV(v string) string {
	var b strings.Builder
	for i := range len(v) {
		c := v[i]
		if c >= 0x80 {
			b.WriteString("M-")
			c -= 0x80
		}
		switch {
		case c == '\n' && v[i] == '\n':
			b.WriteString("$\n")
		case c < 0x20:
			b.WriteString("^" + string(rune(c+0x40)))
		case c == 0x7f:
			b.WriteString("^?")
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

func printable(p []byte) string {
	b := slices.Clone(p)
	for i, c := range b {
		if c < 0x20 || c > 0x7e {
			b[i] = '.'
		}
	}
	return string(b)
}

func xxd(p []byte) string {
	var b strings.Builder
	for i := 0; i < len(p); i += 16 {
		line := p[i:min(i+16, len(p))]
		fmt.Fprintf(&b, "%08x: %-40s %s\n", i, wrap(hex.EncodeToString(line), 4, " "), printable(line))
	}
	return b.String()
}

func odx1(p []byte) string {
	var b strings.Builder
	for i := 0; i < len(p); i += 16 {
		fmt.Fprintf(&b, "%07o %s\n", i, wrap(hex.EncodeToString(p[i:min(i+16, len(p))]), 2, " "))
	}
	return b.String()
}

// words16 is what hexdump without options and od -x print.
func words16(p []byte) string {
	p = slices.Clone(p)
	if len(p)%2 == 1 {
		p = append(p, 0)
	}
	for i := 0; i < len(p); i += 2 {
		p[i], p[i+1] = p[i+1], p[i]
	}
	var b strings.Builder
	for i := 0; i < len(p); i += 16 {
		fmt.Fprintf(&b, "%07x %s\n", i, wrap(hex.EncodeToString(p[i:min(i+16, len(p))]), 4, " "))
	}
	return b.String()
}

func odc(p []byte) string {
	var b strings.Builder
	for i, c := range p {
		if i%16 == 0 {
			fmt.Fprintf(&b, "\n%07o", i)
		}
		s := string([]byte{c})
		if at := strings.IndexByte("\a\b\t\n\v\f\r", c); at >= 0 {
			s = `\` + "abtnvfr"[at:at+1]
		} else if c < 0x20 || c > 0x7e {
			s = fmt.Sprintf("%03o", c)
		}
		fmt.Fprintf(&b, "%4s", s)
	}
	return b.String()[1:] + "\n"
}
