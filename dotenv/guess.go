package dotenv

import (
	"bytes"
	"cmp"
	"net/url"
	"strings"
	"unicode"
)

// showsLeast orders the field types by how much of a value a peek shows: the
// first two nothing, the rest its beginning. Where hints disagree, the earlier
// type wins.
var showsLeast = []string{"totp_seed", "password", "token", "api_key", "email", "username", "url", "text"}

// keyHints: which words in a key speak for which type. A word is a whole part of
// the key (split at _ . - and at camelCase); one with * in front may stand
// anywhere in it (PGPASSWORD).
var keyHints = []struct{ fieldType, words string }{
	{"totp_seed", "*TOTP OTP MFA 2FA OTPAUTH"},
	{"password", "*PASSWORD *PASSWD *PASSPHRASE *SECRET *PRIVATE *CREDENTIAL *RECOVERY PASS PWD PW PIN SALT PEPPER SEED MNEMONIC BACKUP SIGNING ENCRYPTION MASTER HMAC CERT PEM DSN CONNECTION HASH CODES"},
	{"token", "*TOKEN *COOKIE *WEBHOOK JWT PAT BEARER SESSION OAUTH AUTH AUTHORIZATION"},
	{"api_key", "*APIKEY KEY KEYS"},
	{"email", "*EMAIL MAIL"},
	{"username", "*USERNAME USER LOGIN"},
	{"url", "URL URI ENDPOINT ORIGIN"},
	{"text", "ENV PORT HOST HOSTNAME DEBUG LEVEL TZ REGION ZONE LANG LOCALE NAME MODE TIMEOUT ENABLED VERSION BUCKET DIR PATH FORMAT"},
}

// valueHints: the beginnings of values that issuers publish for their own keys.
var valueHints = []struct{ fieldType, prefixes string }{
	{"totp_seed", "otpauth:// otpauth-migration://"},
	{"password", "-----BEGIN AGE-SECRET-KEY- whsec_"},
	{"token", "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ glpat- xoxb- xoxp- xoxa- xoxr- xoxs- xapp- npm_ pypi- hf_ eyJ dckr_pat_ https://hooks.slack.com/ https://discord.com/api/webhooks/"},
	{"api_key", "sk_live_ sk_test_ rk_live_ rk_test_ pk_live_ pk_test_ sk- AKIA ASIA AIza SG. key- re_ gsk_ xai-"},
}

// Guess proposes a field type for an imported pair, one of api_key, token,
// password, totp_seed, username, email, url and text, from the words of its key
// and the shape of its value. Both may speak; the type that shows less wins, and
// if neither does it is password, of which nothing is ever shown. So a guess may
// hide what could be shown. The reverse takes a secret that looks harmless, under
// a name that says nothing of it: LOG_LEVEL=hunter, X=pass@w.rd.
//
// One thing overrules a key that says SECRET: an issuer's published beginning that
// is as long as a peek. Of sk_live_... a peek shows sk_live_, which is in the
// issuer's documentation, and tells the person which key it is.
func Guess(key string, value []byte) string {
	byKey, byValue := keyType(key), valueType(value)
	if byKey == "password" && published(value) && keyType(withoutSecret(key)) != "password" {
		return byValue
	}
	switch byKey {
	case "email", "url": // the key promises a shape
		if byValue == "" {
			return "password"
		}
		if byValue == "text" {
			return "text"
		}
	case "username", "text": // the key promises nothing about the shape
		if byValue == "" {
			byValue = plainOr(value, "password")
		}
	}
	return cmp.Or(lesser(byKey, byValue), "password")
}

// peekLen is the most that a peek shows, in characters (package secret).
const peekLen = 8

// published reports whether all that a peek would show of v is published.
func published(v []byte) bool {
	for _, h := range valueHints {
		for _, prefix := range strings.Fields(h.prefixes) {
			if h.fieldType == "api_key" && len(prefix) >= peekLen && bytes.HasPrefix(v, []byte(prefix)) {
				return true
			}
		}
	}
	return false
}

// withoutSecret is key without the word that says no more than that it is one.
func withoutSecret(key string) string {
	return strings.ReplaceAll(strings.ToUpper(key), "SECRET", "")
}

// lesser returns the type that shows less; "" says nothing.
func lesser(a, b string) string {
	for _, t := range showsLeast {
		if t == a || t == b {
			return t
		}
	}
	return ""
}

// keyType returns the least showing type that a word of key speaks for, or "".
func keyType(key string) string {
	words, whole := splitKey(key), strings.ToUpper(key)
	for _, h := range keyHints {
		for _, hint := range strings.Fields(h.words) {
			if part, anywhere := strings.CutPrefix(hint, "*"); anywhere && strings.Contains(whole, part) {
				return h.fieldType
			}
			for _, w := range words {
				if w == hint {
					return h.fieldType
				}
			}
		}
	}
	return ""
}

// splitKey returns the words of a key in upper case: stripeApi.KEY is STRIPE, API
// and KEY.
func splitKey(key string) []string {
	var spaced strings.Builder
	lower := false
	for _, r := range key {
		if lower && unicode.IsUpper(r) {
			spaced.WriteByte(' ')
		}
		lower = unicode.IsLower(r)
		spaced.WriteRune(r)
	}
	split := func(r rune) bool { return strings.ContainsRune("_.- ", r) }
	return strings.FieldsFunc(strings.ToUpper(spaced.String()), split)
}

// valueType returns what the value's shape speaks for, or "".
func valueType(v []byte) string {
	for _, h := range valueHints {
		for _, prefix := range strings.Fields(h.prefixes) {
			if len(v) >= len(prefix) && bytes.EqualFold(v[:len(prefix)], []byte(prefix)) {
				return h.fieldType
			}
		}
	}
	switch {
	case bytes.Contains(v, []byte("://")):
		return urlType(string(v))
	case isEmail(v):
		return "email"
	case isSetting(v):
		return "text"
	}
	return ""
}

// urlType is url for one that holds no secret that we can see: no user part (@), no
// query or fragment, no long random path segment.
func urlType(v string) string {
	u, err := url.Parse(v)
	if err != nil || u.RawQuery != "" || u.Fragment != "" || u.Host == "" || strings.ContainsAny(v, "@; ") {
		return "password"
	}
	for _, part := range strings.Split(u.Path, "/") {
		if len(part) >= 16 && plainOr([]byte(part), "") == "" {
			return "password"
		}
	}
	return "url"
}

func isEmail(v []byte) bool {
	name, host, ok := bytes.Cut(v, []byte{'@'})
	return ok && len(name) > 0 && bytes.Contains(host, []byte{'.'}) && !bytes.ContainsAny(v, " :/\t\n\"'#$!%^&*()") && bytes.Count(v, []byte{'@'}) == 1
}

// isSetting says whether v is empty, a switch, or a number too short for a code.
func isSetting(v []byte) bool {
	switch strings.ToLower(string(v)) {
	case "", "true", "false", "yes", "no", "on", "off", "null", "none", "localhost", "production", "development", "staging", "test":
		return true
	}
	return len(v) <= 3 && len(bytes.Trim(v, "0123456789")) == 0
}

// plainOr returns "" for a short value of plain words (letters, digits at the end
// of a word, and . - _ / : between words) and otherwise def.
func plainOr(v []byte, def string) string {
	if len(v) > 40 {
		return def
	}
	cut := func(r rune) bool { return strings.ContainsRune(".-_/:", r) }
	for _, w := range bytes.FieldsFunc(v, cut) {
		letters := bytes.TrimRight(w, "0123456789")
		if len(letters) > 15 || len(w)-len(letters) > 5 {
			return def
		}
		for i, c := range letters {
			mixed := i > 0 && c >= 'A' && c <= 'Z' && letters[i-1] >= 'a' && letters[i-1] <= 'z'
			if !isLetter(c) || mixed {
				return def
			}
		}
	}
	return ""
}
