package forms

// spellGap adds what makes up one gap.
func (g *graph) spellGap(root int32, kind gaps, l Letter) {
	from := len(g.states)
	switch kind {
	case gapWrap:
		g.spellWrap(root, l)
	case gapQuote:
		g.words(root, l, `''`, `'$'`, `""`)
		for _, quote := range []string{"'", `"`} { // a string in pieces, one a line
			line := g.path(root, quote+"\n")
			g.loop(line, " ")
			g.word(line, quote, l)
		}
	case gapHex:
		g.words(root, l, " ", "\t", "\n", "\r", ":", "-", ",", ";", "_", ".", "0x", "0X", `\x`)
	case gapDump:
		g.spellDumpEnd(root, l)
	case gapList:
		g.words(root, l, " ", "\t", "\n", "\r", ",")
	}
	for i := from; i < len(g.states); i++ {
		g.states[i].Gap = true
	}
}

// spellWrap is a line break in the midst of a value: as fold and MIME make it, with
// the next line indented, escaped in JSON, or behind the backslash or equals sign
// of a continued line.
func (g *graph) spellWrap(root int32, l Letter) {
	for _, s := range []string{"\n", "\r\n", "\r", `\n`, `\r\n`, "\\\n", "=\r\n", "=\n"} {
		end := g.word(root, s, l)
		g.loop(end, " \t")
	}
}

// spellBetween is what stands between the characters that od -c, sed 's/./& /g',
// fold -w1, xargs -0 and lists of characters have: it is never empty.
func (g *graph) spellBetween(root int32, l Letter) {
	g.words(root, l, " ", "  ", "   ", "\n", "\r\n", " \n", "\n ", "\n  ", "\n   ", ",", ", ", "\x00")
	g.offset(g.word(root, "\n", l), l, " ")
	for _, closed := range []string{"'", `"`} {
		column := g.path(root, closed+",")
		g.loop(column, " ")
		line := g.path(column, "\n")
		g.loop(line, " \t")
		for _, opened := range []string{"'", `"`} {
			g.word(column, opened, l)
			g.word(line, opened, l)
		}
	}
}

// spellDumpEnd is what xxd, hexdump -C and od put between the last byte of a line and
// the first of the next: two spaces and at most 34 characters of text, or nothing; the
// end of the line; the next offset, or a space behind a text.
func (g *graph) spellDumpEnd(root int32, l Letter) {
	g.offset(g.path(root, "\n"), l, ": ")
	at := g.path(root, "  ")
	for range 34 {
		next := g.place()
		g.link(at, 0x20, 0x7e, next)
		at = next
		line := g.path(at, "\n")
		g.offset(line, l, ": ")
		g.word(line, " ", l)
	}
}

// offset is a number of 4 to 16 hex digits, and one of ends.
func (g *graph) offset(at int32, l Letter, ends string) {
	for i := range 16 {
		next := g.place()
		g.link(at, '0', '9', next)
		g.link(at, 'a', 'f', next)
		at = next
		if i < 3 {
			continue
		}
		for _, e := range ends {
			end := g.word(at, string(e), l)
			g.loop(end, " ")
		}
	}
}
