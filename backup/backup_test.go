package backup

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"filippo.io/age"
	"filippo.io/age/armor"

	"noxkey/secret"
)

var made = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

// pair is a key pair of X25519 that was made for these tests: sealing to it costs
// nothing, and a fuzz run's workers must share it.
var pair = func() *age.X25519Identity {
	id, err := age.ParseX25519Identity("AGE-SECRET-KEY-1J7VD6JYUKCNRXDMCLZHRRWPK43Z9NZ6WAWS4XFSHJEND79Q5WLYSK9D558")
	if err != nil {
		panic(err)
	}
	return id
}()

func value(t testing.TB, s string) secret.Value {
	t.Helper()
	v, err := secret.NewValue([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func text(v secret.Value) (s string) {
	_ = v.Use(func(b []byte) error { s = string(b); return nil })
	return s
}

// plain is a Record whose value a test can look at.
type plain struct {
	Name  secret.Name
	Meta  secret.Metadata
	Value string
}

// sample has every field, every byte a value can hold, and the largest of everything.
func sample() []plain {
	var all []byte
	for i := 1; i < 256; i++ {
		all = append(all, byte(i))
	}
	seg := strings.Repeat("n", secret.MaxSegment)
	return []plain{
		{"acme/api/DATABASE_URL", secret.Metadata{FieldType: secret.URL, Kind: secret.KindCustom, Level: secret.OffLimits,
			Bundle: "canary-bundle", Desc: "canary-desc \"quoted\" <b>&\u2028 \x01 ü", RotateURL: "https://canary.example/rotate?a=b&c",
			Expires: made.AddDate(1, 0, 0), Created: made.Add(-time.Hour), Changed: made.Add(123456789)}, "postgres://canary-value"},
		{"login/github.com/RECOVERY_CODES", secret.DefaultMetadata("login/github.com/RECOVERY_CODES"), "# used 2026-11-22 a\nb\n"},
		{"acme/bytes/ALL", secret.DefaultMetadata("acme/bytes/ALL"), string(all)},
		{secret.Name(strings.Join([]string{seg, seg, seg, seg, seg, seg}, "/")), secret.Metadata{
			FieldType: secret.Text, Kind: secret.KindAPIKey, Level: secret.Easy, Bundle: strings.Repeat("\x01", 64),
			Desc: strings.Repeat("\x02", 1024), RotateURL: strings.Repeat("\x03", 2048)}, strings.Repeat("\xff", secret.MaxValue)},
	}
}

func records(t testing.TB, list []plain) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for _, p := range list {
			if !yield(Record{p.Name, p.Meta, value(t, p.Value)}, nil) {
				return
			}
		}
	}
}

func write(t testing.TB, list []plain, to ...Recipient) []byte {
	t.Helper()
	var b bytes.Buffer
	n, err := Write(&b, made, records(t, list), to...)
	if err != nil || n != len(list) {
		t.Fatalf("wrote %d of %d: %v", n, len(list), err)
	}
	return b.Bytes()
}

func read(file []byte, ids ...Identity) ([]plain, Summary, error) {
	var got []plain
	s, err := Read(bytes.NewReader(file), func(r Record) error {
		got = append(got, plain{r.Name, r.Meta, text(r.Value)})
		r.Value.Wipe()
		return nil
	}, ids...)
	return got, s, err
}

// cheap is a passphrase's recipient that costs a test nothing.
func cheap(t testing.TB, p string) Recipient {
	t.Helper()
	r, err := passphrase(value(t, p), 4)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func opens(t testing.TB, p string) Identity {
	t.Helper()
	id, err := OpenPassphrase(value(t, p))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestRoundTrip(t *testing.T) {
	hybrid, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	other, _ := age.GenerateX25519Identity()
	for _, row := range []struct {
		name string
		to   []Recipient
		id   Identity
	}{
		{"passphrase", []Recipient{cheap(t, "correct horse")}, opens(t, "correct horse")},
		{"x25519", []Recipient{pair.Recipient()}, pair},
		{"the second of two", []Recipient{other.Recipient(), pair.Recipient()}, pair},
		{"hybrid", []Recipient{hybrid.Recipient()}, hybrid},
	} {
		for n := range len(sample()) + 1 {
			want := sample()[:n]
			got, s, err := read(write(t, want, row.to...), row.id)
			if err != nil || s.Records != n || !s.Created.Equal(made) {
				t.Fatalf("%s, %d secrets: %+v, %v", row.name, n, s, err)
			}
			if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
				t.Errorf("%s, %d secrets:\ngot  %.400q\nwant %.400q", row.name, n, got, want)
			}
		}
	}
}

// TestPassphraseCosts: what Passphrase makes has the work factor that is written down,
// since the other tests use a cheaper one.
func TestPassphraseCosts(t *testing.T) {
	r, err := Passphrase(value(t, "correct horse"))
	if err != nil {
		t.Fatal(err)
	}
	head := string(write(t, nil, r)[:200])
	if line := strings.Split(head, "\n")[1]; !strings.HasPrefix(line, "-> scrypt ") || !strings.HasSuffix(line, " 18") {
		t.Errorf("header %q", head)
	}
}

func TestArmored(t *testing.T) {
	var b bytes.Buffer
	a := armor.NewWriter(&b)
	if _, err := a.Write(write(t, sample(), pair.Recipient())); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{b.String(), "\r\n \n" + strings.ReplaceAll(b.String(), "\n", "\r\n")} {
		if got, _, err := read([]byte(file), pair); err != nil || len(got) != len(sample()) {
			t.Errorf("%d secrets, %v", len(got), err)
		}
	}
	if _, _, err := read(b.Bytes()[:b.Len()/2], pair); secret.CodeOf(err) != secret.Damaged {
		t.Errorf("half an armored file: %v", err)
	}
}

// TestThreatD1BackupShowsNothing: no name, value or metadata, in plain or as base64,
// stands in the file.
func TestThreatD1BackupShowsNothing(t *testing.T) {
	list := sample()
	for name, file := range map[string][]byte{
		"passphrase": write(t, list, cheap(t, "correct horse")),
		"recipient":  write(t, list, pair.Recipient()),
	} {
		for _, word := range []string{"acme", "DATABASE", "canary", "github", "off_limits", "field_type", "noxkey", "backup", "Y2FuYXJ5", "correct", string(list[2].Value[:32])} {
			if bytes.Contains(file, []byte(word)) {
				t.Errorf("%s: %q stands in the file", name, word)
			}
		}
	}
}

func TestWrongKeys(t *testing.T) {
	other, _ := age.GenerateX25519Identity()
	bySecret, byKey := write(t, sample(), cheap(t, "correct horse")), write(t, sample(), pair.Recipient())
	for _, row := range []struct {
		file []byte
		ids  []Identity
		says string
	}{
		{bySecret, []Identity{opens(t, "wrong horse")}, "wrong passphrase"},
		{bySecret, []Identity{pair}, "sealed with a passphrase"},
		{byKey, []Identity{opens(t, "correct horse")}, "sealed to a key"},
		{byKey, []Identity{other}, "sealed to another key"},
		{byKey, []Identity{other, opens(t, "x")}, "sealed to another key"},
		{byKey, nil, "no passphrase and no key"},
	} {
		got, _, err := read(row.file, row.ids...)
		if secret.CodeOf(err) != secret.WrongKey || !strings.Contains(err.Error(), row.says) || len(got) > 0 {
			t.Errorf("%d secrets, %v; want %q", len(got), err, row.says)
		}
	}
}

func TestRecipientsThatDoNotGoTogether(t *testing.T) {
	hybrid, _ := age.GenerateHybridIdentity()
	for name, to := range map[string][]Recipient{
		"none":                     nil,
		"passphrase and recipient": {cheap(t, "x"), pair.Recipient()},
		"two passphrases":          {cheap(t, "x"), cheap(t, "y")},
		"hybrid and classic":       {hybrid.Recipient(), pair.Recipient()},
	} {
		var b bytes.Buffer
		if _, err := Write(&b, made, records(t, sample()), to...); secret.CodeOf(err) != secret.Invalid || b.Len() > 0 {
			t.Errorf("%s: %d bytes, %v", name, b.Len(), err)
		}
	}
}

func TestExpensivePassphraseIsRefused(t *testing.T) {
	file := write(t, nil, cheap(t, "x"))
	// The header's MAC no longer fits, but the cost is looked at before it can be.
	dear := bytes.Replace(file, []byte(" 4\n"), []byte(" 21\n"), 1)
	if _, _, err := read(dear, opens(t, "x")); secret.CodeOf(err) != secret.Invalid || !strings.Contains(err.Error(), "1 GiB") {
		t.Errorf("%v", err)
	}
}

// TestTruncated: at every length there is an error, and never a Summary. A small
// file is cut at every byte, a large one around each chunk of age's.
func TestTruncated(t *testing.T) {
	small, large := write(t, sample()[:2], pair.Recipient()), write(t, sample(), pair.Recipient())
	cut := func(file []byte, n int) {
		_, s, err := read(file[:n], pair)
		if err == nil || s != (Summary{}) {
			t.Fatalf("cut to %d of %d bytes: %+v, %v", n, len(file), s, err)
		}
		if c := secret.CodeOf(err); c != secret.Damaged {
			t.Errorf("cut to %d of %d bytes: %v (%s)", n, len(file), err, c)
		}
	}
	for n := range small {
		cut(small, n)
	}
	for n := 0; n < len(large); n += 64<<10 + 16 {
		for d := range 60 {
			if n+d < len(large) {
				cut(large, n+d)
			}
		}
	}
}

func TestFlippedAndLonger(t *testing.T) {
	file := write(t, sample()[:2], pair.Recipient())
	for i := range file {
		bad := bytes.Clone(file)
		bad[i] ^= 1 << (i % 8)
		if _, s, err := read(bad, pair); err == nil || s != (Summary{}) {
			t.Errorf("byte %d changed: %+v, %v", i, s, err)
		} else if c := secret.CodeOf(err); c != secret.Damaged && c != secret.WrongKey && (c != secret.Invalid || i >= len(intro)) {
			t.Errorf("byte %d changed: %v (%s)", i, err, c)
		}
	}
	for _, tail := range []string{"\n", "x", string(file)} {
		if _, s, err := read(append(bytes.Clone(file), tail...), pair); secret.CodeOf(err) != secret.Damaged || s != (Summary{}) {
			t.Errorf("%d bytes longer: %v", len(tail), err)
		}
	}
}

func TestNotABackup(t *testing.T) {
	for _, file := range []string{"PK\x03\x04", "{}", "age-encryption.org/v2\n", strings.Repeat("x", 9999), "-----BEGIN PGP MESSAGE-----"} {
		if _, _, err := read([]byte(file), pair); secret.CodeOf(err) != secret.Invalid {
			t.Errorf("%.30q: %v", file, err)
		}
	}
}

func TestReadReportsItsReader(t *testing.T) {
	file := write(t, sample(), pair.Recipient())
	for _, n := range []int{0, 10, 300, len(file) - 10} {
		r := io.MultiReader(bytes.NewReader(file[:n]), iotest.ErrReader(errors.New("disk on fire")))
		_, err := Read(r, func(r Record) error { r.Value.Wipe(); return nil }, pair)
		if secret.CodeOf(err) != secret.Storage || !strings.Contains(err.Error(), "disk on fire") {
			t.Errorf("after %d bytes: %v", n, err)
		}
	}
	if _, err := Read(iotest.OneByteReader(bytes.NewReader(file)), func(Record) error { return nil }, pair); err != nil {
		t.Errorf("byte by byte: %v", err)
	}
}

func TestReadStopsWithItsCaller(t *testing.T) {
	stop, calls := errors.New("enough"), 0
	_, err := Read(bytes.NewReader(write(t, sample(), pair.Recipient())), func(Record) error { calls++; return stop }, pair)
	if !errors.Is(err, stop) || calls != 1 {
		t.Errorf("%d calls, %v", calls, err)
	}
}
