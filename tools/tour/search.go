package main

import (
	"bytes"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"slices"
	"strings"
	"unicode/utf16"
)

// sample is one generated value. core is the part of it that nobody can know who
// did not see it; what stands around it (sk_live_, the scheme of a URL) is no secret.
type sample struct {
	key, value, core string
}

// text is something that the agent saw or could have read.
type text struct {
	what string
	body []byte
}

// window is how many characters in a row of a core count as a leak of it.
const window = 10

// forms are the ways in which core may stand in a text.
func forms(core string) map[string]string {
	b := []byte(core)
	turned := slices.Clone(b)
	slices.Reverse(turned)
	inJSON, _ := json.Marshal(core) // a string cannot fail
	list := map[string]string{
		"reversed": string(turned), "hex": hex.EncodeToString(b), "HEX": strings.ToUpper(hex.EncodeToString(b)),
		"JSON": string(inJSON[1 : len(inJSON)-1]), "HTML": html.EscapeString(core),
		"URL query": url.QueryEscape(core), "URL path": url.PathEscape(core),
		"shell quotes": strings.ReplaceAll(core, "'", `'\''`),
		"Go":           strings.Trim(fmt.Sprintf("%q", core), `"`),
		"UTF-16LE":     wide(core, 0), "UTF-16BE": wide(core, 1),
	}
	for name, enc := range bitwise {
		for off := range enc.offsets() {
			list[fmt.Sprintf("%s at %d", name, off)] = enc.inside(b, off)
		}
	}
	return list
}

// encoder is an encoding that spreads bytes over characters of some bits each.
type encoder struct {
	encode func([]byte) string
	bits   int
}

var bitwise = map[string]encoder{
	"base64":    {base64.RawStdEncoding.EncodeToString, 6},
	"base64url": {base64.RawURLEncoding.EncodeToString, 6},
	"base32":    {base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString, 5},
}

// offsets is after how many bytes characters and bytes begin together again.
func (e encoder) offsets() int {
	n := 1
	for n*8%e.bits != 0 {
		n++
	}
	return n
}

// inside is what stands in the encoding of a text that has b after off bytes,
// whatever is around it: without the characters that neighbours have a part in.
func (e encoder) inside(b []byte, off int) string {
	s := e.encode(append(make([]byte, off), b...))
	return s[(off*8+e.bits-1)/e.bits : (off+len(b))*8/e.bits]
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

// search looks for every sample in every text, plain (any window of it) and in
// every form, and says what it found, without the value.
func search(texts []text, samples []sample) (found []string, size int) {
	for _, t := range texts {
		size += len(t.body)
		for _, s := range samples {
			if how := within(t.body, s.core); how != "" {
				found = append(found, fmt.Sprintf("%s (%s) is in %s", s.key, how, t.what))
			}
		}
	}
	return found, size
}

// within says in which form core is in body, "" if in none.
func within(body []byte, core string) string {
	for i := 0; i+window <= len(core); i++ {
		if bytes.Contains(body, []byte(core[i:i+window])) {
			return "plain"
		}
	}
	for how, form := range forms(core) {
		if bytes.Contains(body, []byte(form)) {
			return how
		}
	}
	return ""
}

// control plants every sample in a text, one encoding at a time and at every
// offset, and counts how often the search finds it: one that finds nothing proves
// nothing.
func control(samples []sample) (found, planted int) {
	try := func(s sample, body string) {
		planted++
		if hits, _ := search([]text{{"a planted text", []byte(body)}}, []sample{s}); len(hits) == 1 {
			found++
		}
	}
	for _, s := range samples {
		try(s, "the value is "+s.value+".")
		try(s, "a part of it is "+s.core[3:3+window])
		for _, enc := range bitwise {
			for off := range enc.offsets() {
				try(s, "begin "+enc.encode([]byte(strings.Repeat("x", off)+s.key+"="+s.value+"\nend"))+" end")
			}
		}
		whole, _ := json.Marshal(map[string]string{s.key: s.value}) // strings cannot fail
		for _, body := range []string{
			hex.EncodeToString([]byte(s.value)), fmt.Sprintf("%X", s.value), string(whole), html.EscapeString(s.value),
			url.QueryEscape(s.value), url.PathEscape(s.value), fmt.Sprintf("%q", s.value), wide(s.value, 0), wide(s.value, 1),
			"export KEY='" + strings.ReplaceAll(s.value, "'", `'\''`) + "'", forms(s.value)["reversed"],
		} {
			try(s, "begin "+body+" end")
		}
	}
	return found, planted
}
