package main

import (
	"bytes"
	"crypto/rand"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
)

// canary is one secret's value. core is the part of it that nobody knows who did not
// see it: a peek shows the first 8 characters, which are public.
type canary struct {
	name  string
	core  string
	forms []form
}

const public = "nxcanary" // as long as a peek may be

func (c canary) value() string { return public + c.core }

// newCanary makes a value that is new in every run. Its middle differs in most
// encodings.
func newCanary(name string) canary {
	c := canary{name: name, core: rand.Text()[:20] + "%/+&" + rand.Text()[:20]}
	c.forms = formsOf(c.core)
	return c
}

// window is how many characters in a row of a core count as a leak of it.
const window = 10

// form is one way in which a core may stand in a text.
type form struct {
	name   string
	needle []byte
}

func formsOf(core string) []form {
	var list []form
	add := func(name, needle string) { list = append(list, form{name, []byte(needle)}) }
	b := []byte(core)
	turned := slices.Clone(b)
	slices.Reverse(turned)
	for i := range 3 { // the characters at both ends depend on the neighbours
		padded := append(make([]byte, i), b...)
		for name, e := range map[string]*base64.Encoding{"base64": base64.RawStdEncoding, "base64url": base64.RawURLEncoding} {
			s := e.EncodeToString(padded)
			add(fmt.Sprintf("%s at %d", name, i), s[4:len(s)-4])
		}
	}
	for i := range 5 {
		s := base32.StdEncoding.EncodeToString(append(make([]byte, i), b...))
		add(fmt.Sprintf("base32 at %d", i), s[8:len(s)-16])
	}
	add("URL", url.QueryEscape(core))
	add("URL path", url.PathEscape(core))
	add("HTML", html.EscapeString(core))
	add("UTF-16LE", wide(core, 0))
	add("UTF-16BE", wide(core, 1))
	for i := 0; i+window <= len(b); i++ { // a piece is a leak as well
		add("plain", core[i:i+window])
		add("reversed", string(turned[i:i+window]))
		add("hex", hex.EncodeToString(b[i:i+window]))
		add("rot13", strings.Map(rot13, core[i:i+window]))
	}
	return list
}

// wide is UTF-16 with the low byte first (0) or last (1).
func wide(s string, low int) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		pair := []byte{byte(u), byte(u >> 8)}
		b = append(b, pair[low], pair[1-low])
	}
	return string(b)
}

func rot13(r rune) rune {
	switch {
	case 'A' <= r && r <= 'Z':
		return 'A' + (r-'A'+13)%26
	case 'a' <= r && r <= 'z':
		return 'a' + (r-'a'+13)%26
	}
	return r
}

// readings are the ways in which a text is looked at: as it is, in lower case (hex),
// without its blanks and line ends (od, xxd, one character a line), and without the
// quotes, commas and backslashes that listings of characters have.
func readings(text []byte) map[string][]byte {
	squeezed := bytes.Map(drop(unicode.IsSpace), text)
	bare := ansi.ReplaceAll(text, nil)
	return map[string][]byte{
		"": text, ", coloured": bare, " in lower case": bytes.ToLower(text), ", spaced": squeezed, ", spaced, in lower case": bytes.ToLower(squeezed),
		", quoted": bytes.Map(drop(func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(`'",\`, r) }), text),
	}
}

// ansi is a control sequence of a terminal's (ECMA-48, 5.4).
var ansi = regexp.MustCompile("\x1b\\[[0-?]*[ -/]*[@-~]")

func drop(bad func(rune) bool) func(rune) rune {
	return func(r rune) rune {
		if bad(r) {
			return -1
		}
		return r
	}
}

// find says which of the canaries stand in text, and how: "acme/api/KEY (hex)".
func find(text []byte, canaries []canary) (found []string) {
	read := readings(text)
	for _, c := range canaries {
		if how := c.in(read); how != "" {
			found = append(found, c.name+" ("+how+")")
		}
	}
	return found
}

// in prefers the text as it is.
func (c canary) in(read map[string][]byte) string {
	best := ""
	for how, text := range read {
		for _, f := range c.forms {
			if bytes.Contains(text, f.needle) && (best == "" || how == "") {
				best = f.name + how
			}
		}
	}
	return best
}
