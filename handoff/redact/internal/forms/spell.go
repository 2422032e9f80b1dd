package forms

import (
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// spell adds what spells l, from state root.
func (g *graph) spell(root int32, l Letter) {
	switch {
	case l < inRune:
		g.spellText(root, byte(l), l)
	case lost <= l && l < bare:
		g.word(root, string(utf8.RuneError), l)
		if l < dumpLost {
			g.codePoint(root, utf8.RuneError, l)
		}
	case l < bare:
		g.spellRune(root, rune(l-inRune), l)
	case l < inBase64:
		g.word(root, string([]byte{byte(l - bare)}), l)
	case l < pad64:
		g.spellBase64(root, int(l-inBase64), l)
	case l == pad64:
		g.words(root, l, "=", "%3D", "%3d", `\u003d`, `\u003D`, "&#x3D;", "&#61;", "=3D")
	case l < inDecimal:
		d := "0123456789abcdef"[l-inHex]
		g.words(root, l, string(d), strings.ToUpper(string(d)))
	case l < inDump:
		n := int(l - inDecimal)
		g.words(root, l, fmt.Sprint(n), fmt.Sprintf("%03d", n), fmt.Sprint(int8(n)))
	case l >= numbered && l < gapBase:
		g.word(root, fmt.Sprint(int(l-numbered)), l)
	case l >= dumpRune && l < numbered:
		g.word(root, string(rune(l-dumpRune)), l)
	case l < between:
		g.spellDump(root, byte(l-inDump), l)
	case l == between || l == betweenNL:
		g.spellBetween(root, l)
	case l == comma:
		g.words(root, l, ",", " ", "\t", ";", ".", "\r\n")
		g.offset(g.word(root, "\n", l), l, " ")
	default:
		g.spellGap(root, 1<<(l-gapBase), l)
	}
}

const alphabet64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

// spellBase64 takes both alphabets for the same, and the two characters that URLs,
// JSON and HTML escape.
func (g *graph) spellBase64(root int32, v int, l Letter) {
	switch v {
	case 62:
		g.words(root, l, "+", "-", "%2B", "%2b", `\u002b`, `\u002B`, "&#43;", "&#x2B;", "&#x2b;", "&plus;", "%2D", "%2d")
	case 63:
		g.words(root, l, "/", "_", "%2F", "%2f", `\/`, `\\/`, `\u002f`, `\u002F`, "&#47;", "&#x2F;", "&#x2f;", "&sol;", "%5F", "%5f")
	default:
		g.word(root, alphabet64[v:v+1], l)
	}
}

// spellText is a byte of the value in text: itself, or escaped by a URL (RFC 3986),
// JSON (RFC 8259), C, Go, Python and shells, HTML, quoted-printable (RFC 2045), cat -v.
func (g *graph) spellText(root int32, b byte, l Letter) {
	g.word(root, string([]byte{b}), l)
	h := fmt.Sprintf("%02x", b)
	g.fold(root, l, "%", h, "")
	g.fold(root, l, "%25", h, "")
	g.fold(root, l, "=", h, "")
	g.fold(root, l, `\x`, h, "")
	g.fold(root, l, `\\x`, h, "")
	if b < 16 {
		g.fold(root, l, `\x`, fmt.Sprintf("%x", b), "")
	}
	g.words(root, l, fmt.Sprintf(`\%03o`, b), fmt.Sprintf(`\%o`, b), fmt.Sprintf(`\0%03o`, b), fmt.Sprintf(`\0%o`, b))
	g.words(root, l, caret(b, "^", "M-"), caret(b, `\C-`, `\M-`))
	if b < ' ' || b >= 0x7f { // zsh closes and opens quotes around it
		g.words(root, l, fmt.Sprintf(`$'\%03o'`, b), fmt.Sprintf(`$'\x%02x'`, b))
		for _, s := range special[b] {
			g.word(root, "$'"+s+"'", l)
		}
	}
	if b < 0x80 {
		g.codePoint(root, rune(b), l)
		g.words(root, l, special[b]...)
		if b == '\t' { // expand makes spaces of it
			for n := range 8 {
				g.word(root, strings.Repeat(" ", n+1), l)
			}
		}
		if b == '\n' { // the next line may be indented
			for _, s := range append([]string{"\n"}, special[b]...) {
				g.loop(g.path(root, s), " \t")
			}
		}
	}
	g.punctuation(root, b, l)
}

// spellRune is a whole character above 0x7f; its bytes are letters of their own.
func (g *graph) spellRune(root int32, r rune, l Letter) {
	g.codePoint(root, r, l)
	if r > 0xffff {
		hi, lo := utf16.EncodeRune(r)
		for _, u := range []string{`\u`, `\\u`, "%u"} {
			g.fold(root, l, "", u+fmt.Sprintf("%04x", hi)+u+fmt.Sprintf("%04x", lo), "")
		}
	}
	if i := int(r) - 0xa0; i >= 0 && i < 96 {
		g.word(root, "&"+latin1()[i]+";", l)
	}
}

// codePoint is a character by its number.
func (g *graph) codePoint(root int32, r rune, l Letter) {
	if r <= 0xffff {
		for _, p := range []string{`\u`, `\\u`, "%u"} {
			g.fold(root, l, p, fmt.Sprintf("%04x", r), "")
		}
	}
	g.fold(root, l, `\U`, fmt.Sprintf("%08x", r), "")
	for _, width := range []string{"%x", "%02x", "%04x", "%06x"} {
		g.fold(root, l, `\u{`, fmt.Sprintf(width, r), "}")
		g.fold(root, l, "&#x", fmt.Sprintf(width, r), ";")
		g.fold(root, l, "&#X", fmt.Sprintf(width, r), ";")
	}
	for _, width := range []string{"%d", "%03d", "%04d", "%05d"} {
		g.word(root, "&#"+fmt.Sprintf(width, r)+";", l)
	}
}

// punctuation is what shells, JSON and expressions put a backslash before, and Perl what
// is no letter or digit in ASCII. JSON within JSON has two or three.
func (g *graph) punctuation(root int32, b byte, l Letter) {
	switch {
	case b < ' ' || b >= 0x7f:
		g.word(root, string([]byte{'\\', b}), l)
	case '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z':
	default:
		g.words(root, l, `\`+string(rune(b)), `\\`+string(rune(b)), `\\\`+string(rune(b)))
	}
}

// caret is the notation of cat -v (^J, M-C, M-^A) and of zsh (\C-J).
func caret(b byte, control, meta string) string {
	if b < 0x80 {
		meta = ""
	}
	switch c := b & 0x7f; {
	case c < 0x20:
		return meta + control + string(rune(c+0x40))
	case c == 0x7f:
		return meta + control + "?"
	case b < 0x80:
		return ""
	default:
		return meta + string(rune(c))
	}
}

// special holds spellings that only some characters have. A newline is CR LF behind a
// terminal, ends with $ in cat -A, and the next line may be indented. What prints words
// prints each in a line or column of its own.
var special = map[byte][]string{
	0x07: {`\a`}, 0x08: {`\b`}, 0x0b: {`\v`}, 0x0c: {`\f`}, 0x1b: {`\e`, `\E`},
	'\t': {`\t`, `\\t`, "&Tab;"},
	'\n': {`\n`, `\\n`, `\r\n`, "\r\n", "\r", "$\n", "^M$\n", "&NewLine;", "%0D%0A", "%0d%0a"},
	'\r': {`\r`, `\\r`, "\n"},
	' ':  {"+", "&nbsp;", "\n", "\t", "  "},
	'\'': {`'\''`, `'"'"'`, `''`, "&apos;", `'\\''`},
	'"':  {`""`, `\"\"`, `'"'`, "&quot;", "&QUOT;"},
	'\\': {`\\\\`},
	'/':  {`\/`, "&sol;"},
	'!':  {`'!'`, `'\!'`, `"'!'"`, "&excl;"},
	'#':  {"&num;"}, '$': {"&dollar;", "$$"}, '%': {"&percnt;", "%%"}, '&': {"&amp;", "&AMP;"},
	'(': {"&lpar;"}, ')': {"&rpar;"}, '*': {"&ast;"}, '+': {"&plus;"}, ',': {"&comma;"}, '.': {"&period;"},
	':': {"&colon;"}, ';': {"&semi;"}, '<': {"&lt;", "&LT;"}, '=': {"&equals;"}, '>': {"&gt;", "&GT;"}, '?': {"&quest;"},
	'@': {"&commat;"}, '[': {"&lsqb;", "&lbrack;"}, ']': {"&rsqb;", "&rbrack;"}, '^': {"&Hat;"}, '_': {"&lowbar;"},
	'`': {"&grave;"}, '{': {"&lcub;", "&lbrace;"}, '|': {"&verbar;", "&vert;"}, '}': {"&rcub;", "&rbrace;"},
}

// latin1 names U+00A0 to U+00FF as HTML does.
func latin1() []string {
	return strings.Fields(`nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr
 deg plusmn sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest
 Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml
 ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig
 agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml
 eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml`)
}

// spellDump is a byte as od -c and hexdump -c show it: itself, a C escape, or three
// octal digits; as od -a does, by its name in ASCII and without its highest bit; or as
// lists of characters in Python and JSON escape it.
func (g *graph) spellDump(root int32, b byte, l Letter) {
	g.words(root, l, string([]byte{b}), fmt.Sprintf("%03o", b))
	if i := strings.IndexByte("\a\b\t\n\v\f\r", b); i >= 0 {
		g.word(root, `\`+"abtnvfr"[i:i+1], l)
	}
	if b < ' ' || b == 0x7f {
		h := fmt.Sprintf("%02x", b)
		g.fold(root, l, `\u00`, h, "")
		g.fold(root, l, `\x`, h, "")
	} else if strings.IndexByte("\"'\\", b) >= 0 {
		g.word(root, `\`+string(rune(b)), l)
	}
	switch c := b & 0x7f; {
	case c <= ' ':
		g.word(root, strings.Fields(ascii)[c], l)
	case c == 0x7f:
		g.word(root, "del", l)
	default:
		g.word(root, string(rune(c)), l)
	}
}

const ascii = "nul soh stx etx eot enq ack bel bs ht nl vt ff cr so si dle dc1 dc2 dc3 dc4 nak syn etb can em sub esc fs gs rs us sp"
