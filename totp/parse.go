package totp

import (
	"bytes"
	"strconv"

	"noxkey/secret"
)

// Parse reads what a site gave a person: a seed in base32 (RFC 4648, section 6;
// lower case, spaces, dashes and missing padding as sites print it), or an
// otpauth://totp/ URL in the Key Uri Format of Google Authenticator. Of a URL it
// reads secret, algorithm (SHA1, SHA256, SHA512), digits (6 to 8) and period (1 to
// 86400 seconds); label, issuer and what else describes the account is passed over.
// Refused are counter keys (hotp), codes in Steam's alphabet, a parameter given
// twice, and URLs of any other scheme.
//
// Parse neither keeps nor changes seed. Its errors have code Invalid and hold no
// byte of it.
func Parse(seed []byte) (*Key, error) {
	text := bytes.TrimSpace(seed)
	scheme, rest, isURL := bytes.Cut(text, []byte("://"))
	switch {
	case !isURL:
		return parseBare(text)
	case bytes.EqualFold(scheme, []byte("otpauth")):
		return parseURL(rest)
	case bytes.EqualFold(scheme, []byte("otpauth-migration")):
		return nil, invalid("this is an export of several accounts; add each account's own otpauth:// URL or seed")
	}
	return nil, invalid("this is a URL, but not an otpauth:// one")
}

func invalid(format string, args ...any) error { return secret.Errorf(secret.Invalid, format, args...) }

func parseBare(text []byte) (*Key, error) {
	seed, err := decode(text)
	if err != nil {
		return nil, err
	}
	k := defaultKey()
	k.seed = seed
	return k, nil
}

// parseURL reads what follows otpauth://, that is type, label and parameters. It
// does not go through net/url, which would make strings of the seed.
func parseURL(rest []byte) (*Key, error) {
	path, query, _ := bytes.Cut(rest, []byte("?"))
	kind, _, _ := bytes.Cut(path, []byte("/"))
	switch {
	case bytes.EqualFold(kind, []byte("hotp")):
		return nil, invalid("this is a counter key (hotp), whose codes depend on how many were used; only time-based ones (totp) can be kept here")
	case !bytes.EqualFold(kind, []byte("totp")):
		return nil, invalid("the otpauth:// URL is not of type totp")
	}
	query, _, _ = bytes.Cut(query, []byte("#"))

	k := defaultKey()
	seen := map[string]bool{}
	for param := range bytes.SplitSeq(query, []byte("&")) {
		name, raw, _ := bytes.Cut(param, []byte("="))
		if err := k.set(string(name), raw, seen); err != nil {
			k.Wipe()
			return nil, err
		}
	}
	if len(k.seed) == 0 {
		return nil, invalid("the otpauth:// URL has no secret in it")
	}
	return k, nil
}

// set takes one parameter. Its name, which a caller chose, is shown in an error only
// once it is known to be one of ours.
func (k *Key) set(name string, raw []byte, seen map[string]bool) error {
	switch name {
	case "secret", "algorithm", "digits", "period":
	case "encoder":
		return invalid("the otpauth:// URL asks for codes in another alphabet (encoder), as Steam's are; that is not supported")
	default:
		return nil
	}
	if seen[name] {
		return invalid("the otpauth:// URL says %s twice", name)
	}
	seen[name] = true
	value, err := unescape(raw)
	if err != nil {
		return err
	}
	defer secret.Wipe(value)

	switch name {
	case "secret":
		k.seed, err = decode(value)
	case "algorithm":
		k.hash = algorithms[string(bytes.ToUpper(bytes.ReplaceAll(value, []byte("-"), nil)))]
		if k.hash == nil {
			err = invalid("the algorithm of the otpauth:// URL is none of SHA1, SHA256 and SHA512")
		}
	case "digits":
		k.digits, err = number(name, value, minDigits, maxDigits)
	case "period":
		var n int
		n, err = number(name, value, 1, maxPeriod)
		k.period = int64(n)
	}
	return err
}

func number(name string, value []byte, least, most int) (int, error) {
	n, err := strconv.Atoi(string(value))
	if err != nil || n < least || n > most {
		return 0, invalid("%s of the otpauth:// URL must be a number from %d to %d", name, least, most)
	}
	return n, nil
}

// unescape undoes percent escapes and + for space, into bytes of its own.
func unescape(raw []byte) ([]byte, error) {
	out := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; c {
		case '+':
			out = append(out, ' ')
		case '%':
			if i+2 >= len(raw) || unhex(raw[i+1]) < 0 || unhex(raw[i+2]) < 0 {
				secret.Wipe(out)
				return nil, invalid("the otpauth:// URL holds a %% without two hexadecimal digits after it")
			}
			out = append(out, byte(unhex(raw[i+1])<<4|unhex(raw[i+2])))
			i += 2
		default:
			out = append(out, c)
		}
	}
	return out, nil
}

func unhex(c byte) int { return bytes.IndexByte([]byte("0123456789abcdef"), c|0x20) }

// decode reads base32. It passes over white space and dashes, takes lower case, and
// padding at the end or none. Bits that do not fill a byte are dropped, as other
// readers do: sites make seeds of any length. It is written out because
// encoding/base32 leaves a copy of what it reads behind, and shows where it stopped.
func decode(text []byte) ([]byte, error) {
	seed := make([]byte, 0, len(text)*5/8+1)
	var buffer uint32 // the lowest `bits` bits are not yet written
	var bits, chars int
	var padded bool
	for _, c := range text {
		if c == ' ' || c == '-' || '\t' <= c && c <= '\r' {
			continue
		}
		if c == '=' {
			padded = true
			continue
		}
		v := digit(c)
		if v < 0 || padded {
			secret.Wipe(seed)
			return nil, invalid("the seed is not base32: only letters and the digits 2 to 7 belong in it, and = at the end")
		}
		buffer, bits, chars = buffer<<5|uint32(v), bits+5, chars+1
		if bits >= 8 {
			bits -= 8
			seed = append(seed, byte(buffer>>bits))
		}
	}
	// 1, 3 or 6 characters over a multiple of 8 cannot come from whole bytes.
	if r := chars % 8; len(seed) == 0 || r == 1 || r == 3 || r == 6 {
		secret.Wipe(seed)
		return nil, invalid("the seed is cut short: %d characters of base32 make no whole number of bytes", chars)
	}
	return seed, nil
}

// digit is the value of one base32 character, or -1.
func digit(c byte) int {
	switch {
	case 'a' <= c && c <= 'z':
		return int(c - 'a')
	case 'A' <= c && c <= 'Z':
		return int(c - 'A')
	case '2' <= c && c <= '7':
		return int(c-'2') + 26
	}
	return -1
}
