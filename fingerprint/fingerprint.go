// Package fingerprint finds stored values in text without having them. Of each value it
// keeps a keyed fingerprint: the number of bytes it covers, a rolling hash of the last
// twelve of these, and a MAC of all of them. Nothing of the value can be read from that;
// whoever has the key can try guesses, so the key is the vault's and values that could be
// guessed have no fingerprint (see Guessable).
package fingerprint

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
	"strings"
)

const (
	// Window is the length of the rolling hash in bytes, and of the shortest value that
	// has a fingerprint.
	Window = 12
	// Cover is how many bytes of a long value the fingerprint covers: the beginning of a
	// private key is enough to know it by, and its first lines are not.
	Cover = 256
	// guessBits is how many bits of a value must be unknown to whoever saw its peek. At
	// ten million guesses a second, which is what the socket takes, 56 bits last for
	// two hundred years.
	guessBits = 56
)

// Key is the secret of one vault's fingerprints.
type Key [32]byte

// Print is the fingerprint of one value, in 26 bytes.
type Print struct {
	Tail uint64   // rolling hash of the last Window bytes covered
	Len  uint16   // bytes covered, Window to Cover
	Sum  [16]byte // HMAC-SHA-256 of the bytes covered, its first half
}

// Size is the length of an encoded Print in bytes.
const Size = 8 + 2 + 16

// Append appends p's encoding to b.
func (p Print) Append(b []byte) []byte {
	b = binary.BigEndian.AppendUint64(b, p.Tail)
	b = binary.BigEndian.AppendUint16(b, p.Len)
	return append(b, p.Sum[:]...)
}

// Parse reads what Append wrote. ok is false for anything else.
func Parse(b []byte) (p Print, ok bool) {
	if len(b) != Size {
		return p, false
	}
	p = Print{Tail: binary.BigEndian.Uint64(b), Len: binary.BigEndian.Uint16(b[8:]), Sum: [16]byte(b[10:])}
	return p, p.Len >= Window && p.Len <= Cover
}

// covered is the part of a value that its fingerprint is of: programs print without the
// white space at its ends.
func covered(value []byte) []byte {
	v := bytes.TrimSpace(value)
	return v[:min(len(v), Cover)]
}

// Of returns the fingerprint of value, of which peek bytes may be known. ok is false for a
// value that could be guessed.
func (k *Key) Of(value []byte, peek int) (p Print, ok bool) {
	v := covered(value)
	if Guessable(v, peek) {
		return p, false
	}
	h := k.roller()
	for _, c := range v[len(v)-Window:] {
		h.add(c)
	}
	return Print{Tail: h.sum, Len: uint16(len(v)), Sum: k.mac(v)}, true
}

// Guessable reports whether a value is too short, or of too few different characters, for
// a fingerprint: somebody could try values until one is found. Of an address only what is
// secret in one counts, since the rest stands in every example file. The estimate is an
// upper bound: it takes the characters for random, and knows nothing of dictionaries, nor
// of what else a value may be put together from (JSON, lists of settings).
func Guessable(value []byte, peek int) bool {
	v := covered(value)
	if len(v) < Window {
		return true
	}
	scheme, address, ok := bytes.Cut(v, []byte("://"))
	if !ok {
		return unknown(v, len(v)-peek) < guessBits
	}
	peek = max(0, peek-len(scheme)-len("://"))
	return !slices.ContainsFunc(inAddress(address), func(p []byte) bool { return unknown(p, len(p)-peek) >= guessBits })
}

// inAddress are the parts of an address (RFC 3986, without its scheme) that may be secret:
// the password, or a name that stands alone before the host; where there is neither, the
// pieces of path and query.
func inAddress(v []byte) [][]byte {
	host, rest := v, []byte(nil)
	if i := bytes.IndexAny(v, "/?#"); i >= 0 {
		host, rest = v[:i], v[i:]
	}
	if i := bytes.LastIndexByte(host, '@'); i >= 0 {
		user, password, ok := bytes.Cut(host[:i], []byte(":"))
		if !ok {
			password = user
		}
		return [][]byte{password}
	}
	return bytes.FieldsFunc(rest, func(r rune) bool { return strings.ContainsRune("/?&=#", r) })
}

// unknown is how many bits n bytes of v hold at most, of the alphabet that v is of.
func unknown(v []byte, n int) float64 {
	var seen [256]bool
	var digit, hex, lower, upper, other, different int
	for _, c := range v {
		if !seen[c] {
			seen[c], different = true, different+1
		}
		switch {
		case c >= '0' && c <= '9':
			digit++
		case c >= 'a' && c <= 'f':
			hex++
		case c >= 'g' && c <= 'z':
			lower++
		case c >= 'A' && c <= 'Z':
			upper++
		default:
			other++
		}
	}
	alphabet := 0
	for n, size := range map[*int]int{&digit: 10, &hex: 6, &lower: 20, &upper: 26, &other: 33} {
		if *n > 0 {
			alphabet += size
		}
	}
	alphabet = min(alphabet, different*2)
	return float64(n) * math.Log2(float64(max(alphabet, 1)))
}

func (k *Key) mac(v []byte) [16]byte {
	m := hmac.New(sha256.New, k[:])
	m.Write(v)
	sum := [16]byte(m.Sum(nil)[:16])
	// The hash keeps its last block, which is all of a short value, on the heap and in
	// what Sum leaves on the stack: the same again over zeros (tools/redteam found it).
	m.Reset()
	m.Write(make([]byte, sha256.BlockSize-1))
	m.Sum(nil)
	return sum
}

// roller is a polynomial hash of the last Window bytes, modulo 2^64, with a base that
// only the key's owner knows: text that is made to look like a match costs a MAC each.
type roller struct{ base, out, sum uint64 }

func (k *Key) roller() roller {
	base := binary.BigEndian.Uint64(k[:8])*2 + 1
	out := uint64(1)
	for range Window {
		out *= base
	}
	return roller{base: base, out: out}
}

func (r *roller) add(c byte) { r.sum = r.sum*r.base + uint64(c) + 1 }

// Hit is a value found in text.
type Hit[T any] struct {
	What T
	Off  int // bytes from the start of the text
	Len  int // bytes, at most Cover
}

// Set finds many values at once. It does not change once it is built.
type Set[T any] struct {
	key    Key
	prints map[uint64][]entry[T]
	filter []uint64 // a bit for each hash, by its upper bits
	shift  int
}

type entry[T any] struct {
	print Print
	what  T
}

// NewSet builds a set with room for n prints.
func NewSet[T any](key Key, n int) *Set[T] {
	size := max(bits.Len(uint(n))+5, 10) // 32 bits or more for each, so that few bytes of text look like a match
	return &Set[T]{key: key, prints: make(map[uint64][]entry[T], n), filter: make([]uint64, 1<<(size-6)), shift: 64 - size}
}

// Add adds one value's print.
func (s *Set[T]) Add(p Print, what T) {
	s.prints[p.Tail] = append(s.prints[p.Tail], entry[T]{p, what})
	i := s.index(p.Tail)
	s.filter[i>>6] |= 1 << (i & 63)
}

// index mixes the hash: its lower bits alone depend on few of the bytes.
func (s *Set[T]) index(h uint64) uint64 { return (h * 0x9e3779b97f4a7c15) >> s.shift }

// Len is how many values are in the set.
func (s *Set[T]) Len() int {
	n := 0
	for _, list := range s.prints {
		n += len(list)
	}
	return n
}

// Find calls found for each value in text, in the order of their ends, until that
// returns false. A value that is cut by the end of the text is not found: pieces of one
// text must overlap by Cover-1 bytes.
func (s *Set[T]) Find(text []byte, found func(Hit[T]) bool) {
	if len(s.prints) == 0 || len(text) < Window {
		return
	}
	r := s.key.roller()
	for _, c := range text[:Window] {
		r.add(c)
	}
	filter, shift := s.filter, s.shift
	sum, base, out := r.sum, r.base, r.out
	for end := Window; ; end++ {
		if i := (sum * 0x9e3779b97f4a7c15) >> shift; filter[i>>6]&(1<<(i&63)) != 0 && !s.match(text, end, sum, found) {
			return
		}
		if end == len(text) {
			return
		}
		sum = sum*base + uint64(text[end]) + 1 - out*(uint64(text[end-Window])+1)
	}
}

// match tells real matches from those of the filter.
func (s *Set[T]) match(text []byte, end int, sum uint64, found func(Hit[T]) bool) bool {
	for _, e := range s.prints[sum] {
		n := int(e.print.Len)
		if n > end {
			continue
		}
		mac := s.key.mac(text[end-n : end])
		if hmac.Equal(mac[:], e.print.Sum[:]) && !found(Hit[T]{e.what, end - n, n}) {
			return false
		}
	}
	return true
}
