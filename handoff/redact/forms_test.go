package redact

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// values are what the forms are tried on: what services issue, and what makes
// escapes necessary. None has white space at its ends.
var values = []plain{
	{"acme/api/KEY", "sk-ant-api03-Zq8xW2_vLm-4tR7yKp"},
	{"acme/api/AWS", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"},
	{"acme/db/URL", "postgres://app:p%40ss&w<rd>@db.internal:5432/app?sslmode=require"},
	{"acme/db/PASSWORD", "it's \"q\\uoted\" $HOME `x` !a; 100%"},
	{"acme/web/PASS", "pässwörd-日本-😀-ende"},
	{"acme/ssh/PEM", "-----BEGIN KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUA\nAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtz\nc2gtZWQy\n-----END KEY-----"},
	{"acme/api/SHORT", "Zq8xW2"},
	{"acme/api/TAB", "col1\tcol2\x01\x7f\r\nend!"},
}

// form writes a value in one way. Several texts mean that each is one. Gone is how many
// of a text's characters must be gone for a value of n bytes; nil is all of them.
type form struct {
	name string
	text func(v string) []string
	gone func(n int) int
}

func sixBits(n int) int { return 8*n/6 - 1 }

func one(f func(string) string) func(string) []string {
	return func(v string) []string { return []string{f(v)} }
}

// written is the table of what is found.
var written = []form{
	{name: "Raw", text: one(func(v string) string { return v })},
	{name: "Base64Offsets", text: base64Texts, gone: sixBits},
	{name: "Base64Wrapped", text: func(v string) []string {
		var out []string
		for i := range 3 {
			for _, width := range []int{64, 76} {
				for _, end := range []string{"\n", "\r\n", "\n  "} {
					// 60 bytes before it: the value crosses a border wherever it begins.
					text := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", 42+i) + v + "yy"))
					out = append(out, wrap(text, width, end))
				}
			}
		}
		return out
	}, gone: sixBits},
	{name: "Base64InURLsAndJSON", text: func(v string) []string {
		var out []string
		for _, b := range base64Texts(v) {
			out = append(out, url.QueryEscape(b), strings.ReplaceAll(b, "/", `\/`), wrap(b, 20, `\n`))
		}
		return out
	}, gone: sixBits},
	{name: "Base64OfUTF16", text: func(v string) []string {
		var out []string
		for i := range 3 {
			out = append(out, base64.StdEncoding.EncodeToString(append(make([]byte, 2*i), wide(v, false)...)))
		}
		return out
	}, gone: sixBits},
	{name: "Hex", text: func(v string) []string {
		h := hex.EncodeToString([]byte(v))
		mixed := []byte(h)
		for i := range mixed {
			if i%3 == 0 {
				mixed[i] = strings.ToUpper(h)[i]
			}
		}
		out := []string{h, strings.ToUpper(h), string(mixed), wrap(h, 60, "\n")}
		for _, sep := range []string{":", " ", "-", ", ", "_", ", 0x", `\x`, ",\n  0x"} {
			out = append(out, wrap(h, 2, sep), wrap(strings.ToUpper(h), 2, sep))
		}
		return out
	}},
	{name: "HexDump", text: func(v string) []string {
		var out []string
		for _, before := range []string{"", "abc", "0123456789abcde"} {
			p := []byte(before + v + "\n")
			out = append(out, hex.Dump(p), xxd(p), odx1(p), words16(p))
		}
		return out
	}, gone: func(n int) int { return 2*n - 4 }},
	{name: "OdC", text: func(v string) []string { return []string{odc([]byte(v)), odc([]byte("ab" + v))} }, gone: func(n int) int { return n }},
	{name: "SpacedOut", text: func(v string) []string {
		var out []string
		for _, sep := range []string{" ", "\n", ", ", "', '"} {
			out = append(out, strings.Join(splitBytes(v), sep))
		}
		return out
	}},
	{name: "Decimal", text: func(v string) []string {
		var out []string
		for _, sep := range []string{" ", ", ", ",", ",\n  ", "\n"} {
			var n []string
			for _, b := range []byte(v) {
				n = append(n, strconv.Itoa(int(b)))
			}
			out = append(out, strings.Join(n, sep))
		}
		return out
	}},
	{name: "URL", text: func(v string) []string {
		every := percent(v, "%%%02X")
		return []string{url.QueryEscape(v), url.PathEscape(v), every, strings.ToLower(every),
			strings.ReplaceAll(url.QueryEscape(v), "+", "%20"), percent(v, "%%25%02X")}
	}},
	{name: "QuotedPrintable", text: func(v string) []string { return []string{percent(v, "=%02X"), wrap(percent(v, "=%02X"), 60, "=\r\n")} }},
	{name: "JSON", text: func(v string) []string {
		b, _ := json.Marshal(v)
		s := string(b[1 : len(b)-1])
		twice, _ := json.Marshal(string(b))
		return []string{s, strings.ReplaceAll(s, "/", `\/`), units(v, `\u%04x`), units(v, `\u%04X`),
			string(twice[3 : len(twice)-3]), units(v, `\\u%04x`), escapeNonASCII(v)}
	}},
	{name: "CStrings", text: func(v string) []string {
		q := strconv.Quote(v)
		a := strconv.QuoteToASCII(v)
		return []string{q[1 : len(q)-1], a[1 : len(a)-1], percent(v, `\x%02x`), percent(v, `\x%02X`), percent(v, `\%03o`), percent(v, `\0%03o`)}
	}},
	{name: "Shell", text: func(v string) []string {
		single := strings.ReplaceAll(v, "'", `'\''`)
		return []string{single, strings.ReplaceAll(v, "'", `'"'"'`), bashQ(v), backslashes(v), double(v), coreutils(v),
			strings.ReplaceAll(v, "'", "''")}
	}},
	{name: "HTML", text: func(v string) []string {
		return []string{html.EscapeString(v), runesAs(v, "&#%d;"), runesAs(v, "&#x%x;"), runesAs(v, "&#X%04X;"),
			strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;", "ä", "&auml;", "ö", "&ouml;", "/", "&sol;").Replace(v)}
	}},
	{name: "UTF16", text: func(v string) []string { return []string{wide(v, false), wide(v, true)} }},
	{name: "Reversed", text: func(v string) []string {
		b, r := []byte(v), []rune(v)
		slices.Reverse(b)
		slices.Reverse(r)
		return []string{string(b), string(r), wrap(string(b), 7, "\r\n")}
	}},
	{name: "TerminalLines", text: one(func(v string) string { return strings.ReplaceAll(v, "\n", "\r\n") })},
	{name: "Indented", text: one(func(v string) string { return strings.ReplaceAll(v, "\n", "\n      ") })},
	{name: "Folded", text: func(v string) []string {
		return []string{wrap(v, 1, "\n"), wrap(v, 2, "\r\n    "), wrap(v, 4, "\n"), wrap(v, 7, "\r\n"), wrap(v, 5, "\n\t  "), wrap(v, 5, "\\\n")}
	}},
	{name: "CatV", text: one(catV)},
	{name: "Colours", text: func(v string) []string {
		return []string{between1(v, "\x1b[1;31m"), between1(v, "\x1b[C"), between1(v, "\x1b[12;3H"), between1(v, "\x1b[K\x1b[0m"),
			between1(v, "\x1b]0;title\a"), between1(v, "\x1b]8;;http://x/\x1b\\"), between1(v, "\x1b(B\x1b[m"), between1(v, "\x1b7")}
	}},
}
