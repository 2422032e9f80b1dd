package socket

import (
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
	"unicode/utf16"
)

// encodings are the forms in which a value might be found by somebody who looks:
// as it is and reversed; base64 at all three offsets in both alphabets; hex in both
// cases; URL, in full and as browsers write it; UTF-16 in both orders.
func encodings(s string) []string {
	b := []byte(s)
	rev := slices.Clone(b)
	slices.Reverse(rev)
	list := []string{s, string(rev), strings.ToUpper(s), url.QueryEscape(s), url.PathEscape(s), everyByte(b, "%"), everyByte(b, `\x`)}
	list = append(list, hex.EncodeToString(b), strings.ToUpper(hex.EncodeToString(b)), hex.EncodeToString(rev))
	for off := range 3 {
		padded := append(make([]byte, off), b...)
		for _, e := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			t := e.EncodeToString(padded)
			list = append(list, t[4:len(t)-4])
		}
	}
	var little, big []byte
	for _, u := range utf16.Encode([]rune(s)) {
		little = append(little, byte(u), byte(u>>8))
		big = append(big, byte(u>>8), byte(u))
	}
	return append(list, string(little), string(big))
}

func everyByte(b []byte, mark string) string {
	var out strings.Builder
	for _, c := range b {
		out.WriteString(mark + hex.EncodeToString([]byte{c}))
	}
	return out.String()
}
