package redact

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
)

// TestThreatF2ListsOfNumbers: numbers of bytes and of characters, as od, jq, Java and perl
// separate them.
func TestThreatF2ListsOfNumbers(t *testing.T) {
	const v = "Zq8xW2-ä日😀-\"q\\"
	r := build(t, plain{"a/b/K", v})
	var bytes, signed, points []string
	for _, b := range []byte(v) {
		bytes = append(bytes, fmt.Sprint(b))
		signed = append(signed, fmt.Sprint(int8(b)))
	}
	for _, c := range v {
		points = append(points, fmt.Sprint(int(c)))
	}
	for _, list := range [][]string{bytes, signed, points} {
		for _, sep := range []string{"\t", ".", ";", ", ", ",\n  ", "\n", "\n0000020  "} {
			if got := pass(t, r, "["+strings.Join(list, sep)+"]"); got != "[[noxkey:a/b/K]]" {
				t.Errorf("%q by %q became %q", list, sep, got)
			}
		}
	}
}

// TestThreatF2ListsOfCharacters: Python quotes in two ways in one list, JSON escapes.
func TestThreatF2ListsOfCharacters(t *testing.T) {
	const v = "it's-\"q\\\t\x01\x7f"
	r := build(t, plain{"a/b/K", v})
	for _, text := range []string{
		`['i', 't', "'", 's', '-', '"', 'q', '\\', '\t', '\x01', '\x7f']`,
		`["i","t","'","s","-","\"","q","\\","\t","\u0001","\u007f"]`,
		"['i',\n 't',\n \"'\",\n 's',\n '-',\n '\"',\n 'q',\n '\\\\',\n '\\t',\n '\\x01',\n '\\x7F']",
		`['i', 't', '\'', 's', '-', '"', 'q', '\\', '\t', '\u0001', '\u007F']`,
	} {
		if got := pass(t, r, text); got != text[:2]+"[noxkey:a/b/K]"+text[len(text)-2:] {
			t.Errorf("%s became %q", text, got)
		}
	}
}

// TestThreatF2NULBetween: each character with a NUL behind it but the last, as in a list
// for xargs -0.
func TestThreatF2NULBetween(t *testing.T) {
	r := build(t, plain{"a/b/K", "Zq8xW2-ä日"})
	if got := pass(t, r, "Z\x00q\x008\x00x\x00W\x002\x00-\x00ä\x00日\n"); got != "[noxkey:a/b/K]\n" {
		t.Errorf("%q", got)
	}
}

// TestThreatF2Words: what a loop over words prints, what column, fmt and tr make of spaces and expand of tabs,
// how pprint breaks a string, and the backslashes of quotemeta.
func TestThreatF2Words(t *testing.T) {
	const v = "correct horse battery staple"
	r := build(t, plain{"a/b/K", v}, plain{"a/b/TAB", "Zq8x\tW2v\x01\nLm-\xff\xfe4"})
	for _, text := range []string{
		"correct\nhorse\nbattery\nstaple", "correct\r\nhorse\r\nbattery\r\nstaple", "correct  horse  battery  staple", "correct\thorse\tbattery\tstaple",
		"correct '\n 'horse battery '\n 'staple", "correct \"\n    \"horse battery staple",
		"Zq8x    W2v\x01\nLm-\xff\xfe4", "Zq8x W2v\x01\nLm-\xff\xfe4",
		"Zq8x\\\tW2v\\\x01\\\nLm\\-\\\xff\\\xfe4",
	} {
		if got := pass(t, r, text); !strings.HasPrefix(got, "[noxkey:a/b/") || !strings.HasSuffix(got, "]") {
			t.Errorf("%q became %q", text, got)
		}
	}
}

// TestThreatF2DumpsOfLongFiles: the offsets of a long file begin with any digit, and od
// prints a text column without any.
func TestThreatF2DumpsOfLongFiles(t *testing.T) {
	const v = "Zq8xW2vLm4tR7yKp9QwErT6uIoP1aSdFgH3jKlZx"
	r := build(t, plain{"a/b/K", v})
	for _, offset := range []string{"12345670: ", "fedcba98  ", "1000020 ", ""} {
		var text strings.Builder
		for i := 0; i < len(v); i += 16 {
			line := v[i:min(i+16, len(v))]
			fmt.Fprintf(&text, "%s %-48s  >%s<\n", offset, wrap(hex.EncodeToString([]byte(line)), 2, " "), line)
		}
		if got := pass(t, r, text.String()); got != offset+" [noxkey:a/b/K]\n" {
			t.Errorf("%q became %q", text.String(), got)
		}
	}
}
