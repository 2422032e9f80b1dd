package redact

import (
	"bytes"
	"compress/gzip"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/ascii85"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/big"
	"net/url"
	"strings"
	"testing"
)

// reach is what is known not to be found. Each row is proved by TestOutOfReach.
var reach = []struct {
	what string
	text func(v string) string
}{
	{"a value shorter than 6 bytes", func(v string) string { return v[:5] }},
	{"part of a value: cut -c, head -c, a stream that ends within it", func(v string) string { return v[:len(v)*3/4] }},
	{"the password of a URL, or a field of JSON, where the whole is the value", func(v string) string { return v[7:22] }},
	{"the parts of a value with other text between", func(v string) string { return v[:12] + " and " + v[12:] }},
	{"upper and lower case changed", func(v string) string { return strings.ToUpper(v) }},
	{"rot13 and other substitutions", rot13},
	{"characters in another order than forwards or backwards", func(v string) string { return v[1:] + v[:1] }},
	{"gzip and other compression", func(v string) string {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write([]byte(v))
		_ = z.Close()
		return b.String()
	}},
	{"encryption, XOR", func(v string) string {
		c, _ := aes.NewCipher(make([]byte, 16))
		out := make([]byte, len(v))
		cipher.NewCTR(c, make([]byte, 16)).XORKeyStream(out, []byte(v))
		return string(out)
	}},
	{"hashes", func(v string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(v))) }},
	{"base32", func(v string) string { return base32.StdEncoding.EncodeToString([]byte(v)) }},
	{"base58, base62: the value as one number", func(v string) string { return new(big.Int).SetBytes([]byte(v)).Text(62) }},
	{"ascii85, base85, uuencode", func(v string) string {
		b := make([]byte, ascii85.MaxEncodedLen(len(v)))
		return string(b[:ascii85.Encode(b, []byte(v))])
	}},
	{"base64 twice", func(v string) string { return b64(b64(v)) }},
	{"base64 of hex, hex of base64", func(v string) string { return b64(hex.EncodeToString([]byte(v))) }},
	{"base64 or hex of the value reversed, of its JSON or URL form", func(v string) string { return b64(percent(v, "%%%02X")) }},
	{"percent signs escaped three times", func(v string) string { return percent(v, "%%2525%02X") }},
	{"JSON within JSON within JSON, where the value has quotes, backslashes or \\u escapes", func(v string) string { return units(v, `\\\\u%04x`) }},
	{"HTML escaped twice", func(v string) string { return runesAs(v, "&amp;#%d;") }},
	{"binary and octal numbers: xxd -b, od without options", func(v string) string { return fmt.Sprintf("%b", []byte(v)) }},
	{"32-bit and 64-bit words: od -t x4", func(v string) string {
		var b strings.Builder
		for i := 0; i+4 <= len(v); i += 4 {
			fmt.Fprintf(&b, "%02x%02x%02x%02x ", v[i+3], v[i+2], v[i+1], v[i])
		}
		return b.String()
	}},
	{"16-bit decimal and octal words: hexdump -d, hexdump -o", func(v string) string {
		var b strings.Builder
		for i := 0; i+2 <= len(v); i += 2 {
			fmt.Fprintf(&b, "   %05d", int(v[i])|int(v[i+1])<<8)
		}
		return b.String()
	}},
	{"dumps that show each line twice: od -t x1c", func(v string) string { return dump(v, 16, "%[2]s\n        %[3]s\n") }},
	{"dumps with more than 34 bytes a line (xxd -c 64), where the value goes over its end", func(v string) string { return dump(strings.Repeat(".", 50)+v, 64, "%08[1]x: %[2]s  %[3]s\n") }},
	{"dumps with frames: hexyl", func(v string) string { return dump(v, 8, "│%08[1]x│ %[2]s ┊ %[3]s│\n") }},
	{"code points in hex with U+", func(v string) string { return runesAs(v, "U+%04X ") }},
	{"characters in groups: fold -w 2 | paste -sd ' '", func(v string) string { return wrap(v, 2, " ") }},
	{"two kinds of escapes for one character: quotes in JSON in a URL", func(v string) string { return url.QueryEscape(strings.ReplaceAll(v, `"`, `\"`)) }},
	{"a line of a value of several lines, with no word of 20 bytes or of 8 with a digit", func(string) string { return strings.Split(config, "\n")[1] }},
	{"lines broken within what stands between bytes in hex: 0x or \\x", func(v string) string { return strings.ReplaceAll(percent(v, "%02x\\x"), "x", "\nx") }},
	{"UTF-16 in hex or in a dump", func(v string) string { return hex.EncodeToString([]byte(wide(v, false))) }},
	{"base64 of big-endian UTF-16", func(v string) string { return b64(wide(v, true)) }},
	{"UTF-32, EBCDIC", func(v string) string { return strings.Join(splitBytes(v), "\x00\x00\x00") }},
	{"one character a line with line numbers: fold -w1 | cat -n", func(v string) string {
		var b strings.Builder
		for i, c := range splitBytes(v) {
			fmt.Fprintf(&b, "%6d\t%s\n", i+1, c)
		}
		return b.String()
	}},
	{"characters spaced out by more than 3 spaces", func(v string) string { return strings.Join(splitBytes(v), "    ") }},
	{"a long line broken by a tool that adds a prefix (> or # or a line number)", func(v string) string { return wrap(v, 8, "\n> ") }},
	{"backspaces: overstruck bold, a line editor's redrawing", func(v string) string {
		var b strings.Builder
		for _, c := range splitBytes(v) {
			b.WriteString(c + "\b" + c)
		}
		return b.String()
	}},
	{"HTML tags between characters", func(v string) string { return strings.Join(splitBytes(v), "<b></b>") }},
	{"more than 1 KiB of escape sequences between two characters", func(v string) string {
		return v[:8] + strings.Repeat("\x1b[0m", 300) + v[8:]
	}},
	{"more than 64 bytes of escape sequences for each byte of a long value", func(v string) string {
		return between1(hex.EncodeToString([]byte(v)), strings.Repeat("\x1b[0m", 250))
	}},
	{"8-bit control sequences (C1) between characters", func(v string) string { return strings.Join(splitBytes(v), "\x9b0m") }},
	{"characters printed out of order by moving the cursor", func(v string) string {
		var b strings.Builder
		for i := len(v) - 2; i >= 0; i -= 2 {
			fmt.Fprintf(&b, "\x1b[%dG%s", i+1, v[i:i+2])
		}
		return b.String()
	}},
	{"halves on two streams: odd characters on stdout, even ones on stderr", func(v string) string {
		var b strings.Builder
		for i := 0; i < len(v); i += 2 {
			b.WriteByte(v[i])
		}
		return b.String()
	}},
}

// config is a value of several lines.
const config = "user: app\npassword: swordfish\nhost: db"

// dump prints v in lines of n bytes: their offset, their hex and themselves.
func dump(v string, n int, format string) string {
	var b strings.Builder
	for i := 0; i < len(v); i += n {
		line := v[i:min(i+n, len(v))]
		fmt.Fprintf(&b, format, i, wrap(hex.EncodeToString([]byte(line)), 2, " "), line)
	}
	return b.String()
}

func b64(v string) string { return base64.StdEncoding.EncodeToString([]byte(v)) }

func rot13(v string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z':
			return 'a' + (r-'a'+13)%26
		case 'A' <= r && r <= 'Z':
			return 'A' + (r-'A'+13)%26
		}
		return r
	}, v)
}

// TestOutOfReach prints what is not redacted, for the documents, and proves each row: a
// row that fails here is within reach and belongs among the forms.
func TestOutOfReach(t *testing.T) {
	v := "sk-ant-\"api03\"-Zq8xW2_vLm-4tR7yKp"
	r := build(t, plain{"acme/api/KEY", v}, plain{"acme/api/PIN", v[:5]}, plain{"acme/db/CONFIG", config})
	for _, row := range reach {
		text := row.text(v)
		if got := pass(t, r, text); got != text {
			t.Errorf("%s is within reach:\n%q\n%q", row.what, text, got)
		}
		t.Log("| " + row.what + " |")
	}
}
