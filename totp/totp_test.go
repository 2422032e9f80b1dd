package totp

import (
	"encoding/base32"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"noxkey/secret"
)

func text(t testing.TB, v secret.Value) string {
	t.Helper()
	var s string
	_ = v.Use(func(b []byte) error { s = string(b); return nil })
	return s
}

func b32(s string) string { return base32.StdEncoding.EncodeToString([]byte(s)) }

func codeAt(t testing.TB, seed string, unix int64) string {
	t.Helper()
	k, err := Parse([]byte(seed))
	if err != nil {
		t.Fatal(err)
	}
	defer k.Wipe()
	code, _, err := k.Code(time.Unix(unix, 0))
	if err != nil {
		t.Fatal(err)
	}
	defer code.Wipe()
	return text(t, code)
}

// TestRFC6238 holds the table of RFC 6238, appendix B. The seeds for SHA256 and
// SHA512 are as long as those hashes (erratum 2866).
func TestRFC6238(t *testing.T) {
	seed := map[string]string{
		"SHA1":   b32("12345678901234567890"),
		"SHA256": b32("12345678901234567890123456789012"),
		"SHA512": b32("1234567890123456789012345678901234567890123456789012345678901234"),
	}
	for _, row := range []struct {
		unix      int64
		alg, code string
	}{
		{59, "SHA1", "94287082"}, {59, "SHA256", "46119246"}, {59, "SHA512", "90693936"},
		{1111111109, "SHA1", "07081804"}, {1111111109, "SHA256", "68084774"}, {1111111109, "SHA512", "25091201"},
		{1111111111, "SHA1", "14050471"}, {1111111111, "SHA256", "67062674"}, {1111111111, "SHA512", "99943326"},
		{1234567890, "SHA1", "89005924"}, {1234567890, "SHA256", "91819424"}, {1234567890, "SHA512", "93441116"},
		{2000000000, "SHA1", "69279037"}, {2000000000, "SHA256", "90698825"}, {2000000000, "SHA512", "38618901"},
		{20000000000, "SHA1", "65353130"}, {20000000000, "SHA256", "77737706"}, {20000000000, "SHA512", "47863826"},
	} {
		url := "otpauth://totp/ACME:ann@example.com?secret=" + seed[row.alg] + "&algorithm=" + row.alg + "&digits=8"
		if got := codeAt(t, url, row.unix); got != row.code {
			t.Errorf("%s at %d: %s, want %s", row.alg, row.unix, got, row.code)
		}
	}
}

// TestRFC4226 holds the table of RFC 4226, appendix D: a period of one second makes
// the time the counter.
func TestRFC4226(t *testing.T) {
	for counter, want := range strings.Fields("755224 287082 359152 969429 338314 254676 287922 162583 399871 520489") {
		url := "otpauth://totp/x?period=1&secret=" + b32("12345678901234567890")
		if got := codeAt(t, url, int64(counter)); got != want {
			t.Errorf("counter %d: %s, want %s", counter, got, want)
		}
	}
}

// TestSeedsAsSitesPrintThem: all of these are one seed.
func TestSeedsAsSitesPrintThem(t *testing.T) {
	plain := b32("12345678901") // 11 bytes: 18 characters and 6 of padding
	bare := strings.TrimRight(plain, "=")
	spaced := strings.ToLower(bare[:4] + " " + bare[4:8] + "-" + bare[8:])
	for _, s := range []string{
		plain, bare, strings.ToLower(bare), spaced, "\t" + spaced + "\r\n", bare[:9] + "\n" + bare[9:],
		"otpauth://totp/x?secret=" + bare,
		"OTPAUTH://TOTP/x?secret=" + strings.ToLower(bare),
		"otpauth://totp/A%20B:c?issuer=A+B&secret=" + strings.ReplaceAll(plain, "=", "%3d"),
		"otpauth://totp/x?secret=" + bare[:5] + "+" + bare[5:] + "&algorithm=sha-1&digits=6&period=30&image=https%3A%2F%2Fx",
		"otpauth://totp/?&&secret=" + bare + "#fragment",
		"otpauth://totp?secret=" + bare,
	} {
		if got, want := codeAt(t, s, 59), codeAt(t, plain, 59); got != want || len(got) != 6 {
			t.Errorf("%q: %s, want %s", s, got, want)
		}
	}
}

func TestRefusals(t *testing.T) {
	const seed = "JBSWY3DPEHPK3PXP"
	for _, row := range []struct{ in, says string }{
		{"", "cut short"},
		{"  \n", "cut short"},
		{"====", "cut short"},
		{seed + "J", "cut short"},
		{seed + "JBS", "cut short"},
		{seed + "JBSWY3", "cut short"},
		{seed + "0", "not base32"},
		{seed + "1", "not base32"},
		{seed + "é", "not base32"},
		{seed[:4] + "=" + seed[4:], "not base32"},
		{"https://example.com/?secret=" + seed, "not an otpauth"},
		{"steam://" + seed, "not an otpauth"},
		{"otpauth-migration://offline?data=" + seed, "several accounts"},
		{"otpauth://hotp/x?secret=" + seed + "&counter=1", "counter key (hotp)"},
		{"otpauth://yaotp/x?secret=" + seed, "not of type totp"},
		{"otpauth://" + seed, "not of type totp"},
		{"otpauth://totp/x", "no secret"},
		{"otpauth://totp/x?secret=", "cut short"},
		{"otpauth://totp/x?SECRET=" + seed, "no secret"},
		{"otpauth://totp/x?secret=" + seed + "&secret=" + seed, "secret twice"},
		{"otpauth://totp/x?digits=6&digits=6&secret=" + seed, "digits twice"},
		{"otpauth://totp/x?secret=" + seed + "&algorithm=MD5", "none of SHA1"},
		{"otpauth://totp/x?secret=" + seed + "&algorithm=", "none of SHA1"},
		{"otpauth://totp/x?secret=" + seed + "&algorithm=" + seed, "none of SHA1"},
		{"otpauth://totp/x?secret=" + seed + "&digits=5", "from 6 to 8"},
		{"otpauth://totp/x?secret=" + seed + "&digits=9", "from 6 to 8"},
		{"otpauth://totp/x?secret=" + seed + "&digits=" + seed, "from 6 to 8"},
		{"otpauth://totp/x?secret=" + seed + "&digits", "from 6 to 8"},
		{"otpauth://totp/x?secret=" + seed + "&period=0", "from 1 to 86400"},
		{"otpauth://totp/x?secret=" + seed + "&period=-30", "from 1 to 86400"},
		{"otpauth://totp/x?secret=" + seed + "&period=86401", "from 1 to 86400"},
		{"otpauth://totp/x?secret=" + seed + "&period=99999999999999999999", "from 1 to 86400"},
		{"otpauth://totp/x?secret=" + seed + "&encoder=steam", "another alphabet"},
		{"otpauth://totp/x?secret=" + seed + "%2", "hexadecimal"},
		{"otpauth://totp/x?secret=%zz" + seed, "hexadecimal"},
	} {
		k, err := Parse([]byte(row.in))
		if err == nil || !strings.Contains(err.Error(), row.says) || secret.CodeOf(err) != secret.Invalid {
			t.Errorf("%q: %v, want %q", row.in, err, row.says)
			continue
		}
		if strings.Contains(err.Error(), seed) || k != nil {
			t.Errorf("%q: the seed is in the error (%v), or there is a key", row.in, err)
		}
	}
}

// TestCodeLastsToTheEndOfItsPeriod: the code is the same until then and another after.
func TestCodeLastsToTheEndOfItsPeriod(t *testing.T) {
	k, err := Parse([]byte("otpauth://totp/x?period=45&secret=" + b32("12345678901234567890")))
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []time.Time{time.Unix(0, 0), time.Unix(44, 999999999), time.Unix(1111111111, 5e8)} {
		code, valid, err := k.Code(at)
		if err != nil || valid <= 0 || valid > 45*time.Second || k.Period() != 45*time.Second {
			t.Fatalf("at %v: valid for %v, %v", at, valid, err)
		}
		last, _, _ := k.Code(at.Add(valid - 1))
		next, lasts, _ := k.Code(at.Add(valid))
		if !last.Equal(code) || next.Equal(code) || lasts != 45*time.Second {
			t.Errorf("at %v: %s, just before the end %s, at the end %s for %v", at, text(t, code), text(t, last), text(t, next), lasts)
		}
	}
}

func TestNoCode(t *testing.T) {
	k, _ := Parse([]byte("JBSWY3DPEHPK3PXP"))
	if _, _, err := k.Code(time.Unix(-1, 0)); secret.CodeOf(err) != secret.Invalid {
		t.Errorf("before 1970: %v", err)
	}
	seed := k.seed
	k.Wipe()
	k.Wipe()
	if string(seed) != string(make([]byte, len(seed))) {
		t.Error("the seed is still there after Wipe")
	}
	if _, _, err := k.Code(time.Now()); err == nil {
		t.Error("a wiped key made a code")
	}
	if _, _, err := new(Key).Code(time.Now()); err == nil {
		t.Error("a zero key made a code")
	}
}

// TestKeyDoesNotPrint: by value, by pointer, inside a struct, as JSON.
func TestKeyDoesNotPrint(t *testing.T) {
	k, _ := Parse([]byte(b32("canary-seed")))
	for _, s := range []string{
		fmt.Sprintf("%v %+v %#v %s %x %d", k, k, k, k, k, k),
		fmt.Sprintf("%v %+v %#v", *k, struct{ K Key }{*k}, []any{k}),
	} {
		if strings.Contains(s, "canary") || strings.Contains(s, fmt.Sprintf("%x", "canary")) || strings.Contains(s, "99 97 110") {
			t.Errorf("printed: %s", s)
		}
	}
	if b, err := json.Marshal(k); err == nil {
		t.Errorf("marshalled: %s", b)
	}
}

// TestParseLeavesItsInput: the stored value is lent, not given.
func TestParseLeavesItsInput(t *testing.T) {
	for _, s := range []string{" jbsw y3dp ", "otpauth://totp/x?secret=%4aBSWY3DP&algorithm=sha-256"} {
		in := []byte(s)
		k, err := Parse(in)
		if err != nil || string(in) != s {
			t.Errorf("%q became %q, %v", s, in, err)
		}
		k.Wipe()
		if string(in) != s {
			t.Errorf("%q was wiped with the key", s)
		}
	}
}

// FuzzParse: no panic, a code of the asked length or an error without any
// run of eight characters of the input's in it.
func FuzzParse(f *testing.F) {
	f.Add([]byte("JBSW Y3DP-ehpk3pxp===="))
	f.Add([]byte("otpauth://totp/ACME:a@b?secret=JBSWY3DPEHPK3PXP&issuer=ACME&algorithm=SHA512&digits=8&period=60"))
	f.Add([]byte("otpauth://hotp/x?secret=JBSWY3DP&counter=0"))
	f.Add([]byte("otpauth://totp/x?secret=%"))
	f.Fuzz(func(t *testing.T, in []byte) {
		k, err := Parse(in)
		if err != nil {
			for _, word := range strings.FieldsFunc(string(in), func(r rune) bool { return digit(byte(r)) < 0 || r > 127 }) {
				if len(word) >= 8 && word != "hexadecimal" && word == strings.ToUpper(word) && strings.Contains(err.Error(), word) {
					t.Fatalf("%q: %v", in, err)
				}
			}
			return
		}
		code, valid, err := k.Code(time.Unix(1e9, 1))
		if err != nil || valid <= 0 || valid > k.Period() {
			t.Fatalf("%q: valid for %v, %v", in, valid, err)
		}
		if s := text(t, code); len(s) != k.digits || strings.Trim(s, "0123456789") != "" {
			t.Fatalf("%q: code %q", in, s)
		}
	})
}
