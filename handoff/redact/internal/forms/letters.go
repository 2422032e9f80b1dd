package forms

// A Letter is one unit of a form, in a notation of its own: a byte that may be
// escaped, a byte that may not, a character of base64, half a byte in hex. A form
// is a word of letters; what texts spell a letter is in spell.go.
type Letter int32

// The notations. The number of what is written is added.
const (
	inText    Letter = 0           // a byte, itself or escaped
	inRune    Letter = 1 << 8      // a code point above 0x7f, escaped as one
	lost      Letter = 1 << 21     // a byte that is no UTF-8, as U+FFFD
	dumpLost  Letter = lost + 1<<8 // the same where bytes are spaced out
	bare      Letter = 1 << 22     // a byte, only itself
	inBase64  Letter = bare + 1<<9 // 6 bits, in both alphabets
	pad64     Letter = bare + 2<<9 // the = at the end
	inHex     Letter = bare + 3<<9 // 4 bits, in both cases
	inDecimal Letter = bare + 4<<9 // a byte as a decimal number
	inDump    Letter = bare + 5<<9 // a byte as od -c shows it
	between   Letter = bare + 6<<9 // what od -c puts between two of them
	comma     Letter = bare + 7<<9 // what lists of numbers have between two of them
	betweenNL Letter = bare + 8<<9 // between, and the newline that stood there
	dumpRune  Letter = 1 << 23     // a code point above 0x7f, itself, where bytes are spaced out
	numbered  Letter = 1 << 24     // a code point above 0x7f as a decimal number
	gapBase   Letter = 1 << 25     // gaps follow: what may stand between and means nothing
)

// gaps is a set of what may stand between two letters.
type gaps uint8

const (
	gapWrap  gaps = 1 << iota // a line break, with or without indentation, escaped or not
	gapQuote                  // a shell closes a quote and opens one
	gapHex                    // separators between bytes in hex
	gapDump                   // the end of a dump's line with its text column, and the next offset
	gapList                   // more white space in a list of numbers
	gapKinds = iota
)

// gapLetter is the letter of the i-th gap.
func gapLetter(i int) Letter { return gapBase + Letter(i) }

// IsGap reports whether l means nothing: it leads back to the node it stands at.
func IsGap(l Letter) bool { return l >= gapBase }

// EndsDumpLine reports whether l is the end of a dump's line and the next offset.
func EndsDumpLine(l Letter) bool { return l == gapBase+3 }
