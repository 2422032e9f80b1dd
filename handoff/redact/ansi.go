package redact

import "bytes"

// ansi is where a thread is within an escape sequence (ECMA-48, and xterm's strings
// that end with BEL), or within a line break that parts a letter.
type ansi uint8

const (
	ground       ansi = iota
	escape            // after ESC
	intermediate      // ESC and bytes 0x20 to 0x2f: a character set
	csi               // ESC [ and parameters
	text              // the text of OSC, DCS, APC, PM or SOS
	textEscape        // ESC in that text: \ ends it, all else begins another sequence
	wrapped           // no sequence: after a line break within a letter, in the indentation
	broken            // no sequence
)

// step returns where b leads. As in terminals, another ESC begins anew, CAN and SUB break
// off, and other control characters do not end a sequence.
func (a ansi) step(b byte) ansi {
	switch {
	case b == 0x18 || b == 0x1a:
		return ground
	case a == text:
		return inText(b)
	case b == 0x1b:
		return escape
	case a == textEscape && b == '\\':
		return ground
	case b < 0x20 || b == 0x7f:
		return a
	case a == intermediate:
		return final(b, 0x30, intermediate, 0x20, 0x2f)
	case a == csi:
		return final(b, 0x40, csi, 0x20, 0x3f)
	}
	return afterESC(b)
}

func inText(b byte) ansi {
	switch b {
	case 0x07:
		return ground
	case 0x1b:
		return textEscape
	}
	return text
}

func afterESC(b byte) ansi {
	switch {
	case b == '[':
		return csi
	case b == ']' || b == 'P' || b == 'X' || b == '^' || b == '_':
		return text
	}
	return final(b, 0x30, intermediate, 0x20, 0x2f)
}

// final is ground for bytes from min to 0x7e, stay for lo to hi, and broken for the rest.
func final(b, min byte, stay ansi, lo, hi byte) ansi {
	switch {
	case min <= b && b <= 0x7e:
		return ground
	case lo <= b && b <= hi:
		return stay
	}
	return broken
}

// breaks reports whether b begins a line break.
func breaks(b byte) bool { return b == '\n' || b == '\r' }

// nextESC returns where the first ESC at or after i is, or len(p).
func nextESC(p []byte, i int) int {
	if at := bytes.IndexByte(p[i:], 0x1b); at >= 0 {
		return i + at
	}
	return len(p)
}

// strip returns the first four bytes of p that are in no escape sequence, and false if
// there are too few, or a sequence is none.
func strip(p []byte) (uint32, bool) {
	var gram uint32
	n, at := 0, ground
	for _, b := range p[:min(len(p), maxGap)] {
		switch {
		case at != ground:
			if at = at.step(b); at == broken {
				return 0, false
			}
		case b == 0x1b:
			at = escape
		default:
			gram |= uint32(b) << (8 * n)
			if n++; n == 4 {
				return gram, true
			}
		}
	}
	return 0, false
}
