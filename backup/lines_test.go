package backup

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand"
	"strings"
	"testing"

	"filippo.io/age"

	"noxkey/secret"
)

// seal encrypts plain text that Write would not make.
func seal(t testing.TB, plain string) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := age.Encrypt(&b, pair.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(plain)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const (
	head = `{"format":"noxkey backup","version":1,"created":"2026-11-22T10:00:00Z"}` + "\n"
	body = `"field_type":"api_key","kind":"api_key","security_level":"normal"`
	good = `{"name":"a/b/K",` + body + `,"value":"Y2FuYXJ5LXZhbHVl"}` + "\n" // canary-value
)

func TestLines(t *testing.T) {
	line := func(s string) string { return head + "{" + s + "}\n" + `{"end":1}` + "\n" }
	for _, row := range []struct {
		plain string
		code  secret.Code
		says  string
	}{
		{head + `{"end":0}` + "\n", "", ""},
		{head + good + `{"end":1}` + "\n", "", ""},
		{"", secret.Damaged, "after 0 readable"},
		{head, secret.Damaged, "after 0 readable"},
		{head + good, secret.Damaged, "after 1 readable"},
		{head + good + `{"end":1}`, secret.Damaged, "after 1 readable"},
		{head + good + `{"end":2}` + "\n", secret.Damaged, "says it holds 2 secrets, and holds 1"},
		{head + good + `{"end":0}` + "\n", secret.Damaged, "says it holds 0 secrets, and holds 1"},
		{head + good + `{"end":1}` + "\n\n", secret.Invalid, "goes on"},
		{head + good + `{"end":1}` + "\n" + good, secret.Invalid, "goes on"},
		{head + good + `{"end":1}` + "\nx", secret.Damaged, "after 1 readable"},
		{head + good + `{"end":1,"desc":"x"}` + "\n", secret.Invalid, "at once"},
		{head + good + `{"end":1,"value":"Y2FuYXJ5"}` + "\n", secret.Invalid, "at once"},
		{head + good + good + `{"end":2}` + "\n", secret.Invalid, "a/b/K twice"},
		{good, secret.Invalid, "something else"},
		{"PK\x03\x04\n", secret.Invalid, "something else"},
		{strings.Replace(head, "noxkey backup", "noxkey vault", 1), secret.Invalid, "something else"},
		{strings.Replace(head, `"version":1`, `"version":2,"compressed":true`, 1), secret.Invalid, "of version 2; this program reads version 1"},
		{strings.Replace(head, `"version":1`, `"version":0`, 1), secret.Invalid, "of version 0"},
		{strings.Replace(head, `"version":1`, `"version":1,"compressed":true`, 1), secret.Invalid, `the header of the backup has an unknown field "compressed"`},
		{line(body + `,"value":"Y2E="`), secret.Invalid, "line 2 of the backup has no name"},
		{line(`"name":"a/b/K",` + body), secret.Invalid, "a/b/K: the value is empty"},
		{line(`"name":"a/b/K",` + body + `,"value":null`), secret.Invalid, "a/b/K: the value is empty"},
		{line(`"name":"a/b/K",` + body + `,"value":"Y2FuAGFy"`), secret.Invalid, "a/b/K: the value holds a zero byte"},
		{line(`"name":"a/b/K",` + body + `,"value":"canary-!"`), secret.Invalid, `a wrong field "value"`},
		{line(`"name":"a/b/K",` + body + `,"value":12345678`), secret.Invalid, `a wrong field "value"`},
		{line(`"name":"a/b/K",` + body + `,"value":"Y2E=","expires":"canary"`), secret.Invalid, `a wrong field "expires"`},
		{head + `{"end":"canary"}` + "\n", secret.Invalid, `a wrong field "end"`},
		{head + `{"name":["canary"]}` + "\n", secret.Invalid, `a wrong field "name"`},
		{line(`"name":"a/b/K","value":"Y2E="`), secret.Invalid, "a/b/K: field_type"},
		{line(`"name":"a/b/K",` + strings.Replace(body, "normal", "open", 1) + `,"value":"Y2E="`), secret.Invalid, `a/b/K: security level "open" is unknown`},
		{line(`"name":"a/b/K",` + body + `,"value":"Y2E=","color":"red"`), secret.Invalid, `line 2 of the backup has an unknown field "color"`},
		{line(`"name":"a/b/K",` + body + `,"Value":"Y2E="`), secret.Invalid, `an unknown field "Value"`},
		{line(`"name":"a/b/K",` + body + `,"value":"Y2E=","value":"Y2E="`), secret.Invalid, `the field "value" twice`},
		{line(`"name":"a/../K",` + body + `,"value":"Y2E="`), secret.Invalid, `"a/../K" is not a name`},
		{line(`"name":"a/b/K",` + body + `,"value":"` + base64.StdEncoding.EncodeToString(make([]byte, secret.MaxValue+1)) + `"`), secret.Invalid, "a/b/K: 65 KiB is too long"},
		{head + strings.Repeat("x", maxLine) + "\n", secret.Invalid, "line 2 of the backup is longer than any secret"},
		{head + "{}\n", secret.Invalid, "line 2 of the backup has no name"},
		{head + "\n", secret.Invalid, "line 2 of the backup is not JSON"},
		{head + "null\n", secret.Invalid, "line 2"},
		{head + `{"name":"a/b/K"} {"end":0}` + "\n", secret.Invalid, "line 2"},
	} {
		_, s, err := read(seal(t, row.plain), pair)
		if row.code == "" {
			if err != nil {
				t.Errorf("%.300q: %v", row.plain, err)
			}
			continue
		}
		if secret.CodeOf(err) != row.code || !strings.Contains(err.Error(), row.says) || s != (Summary{}) {
			t.Errorf("%.300q: %v (%s), want %s %q", row.plain, err, secret.CodeOf(err), row.code, row.says)
			continue
		}
		for _, leak := range []string{"canary", "Y2E", "Y2Fu", "12345678"} {
			if strings.Contains(err.Error(), leak) {
				t.Errorf("the error shows the value: %v", err)
			}
		}
	}
}

// TestLinesAreWiped: once a secret was given out, its line is no more in the buffer.
func TestLinesAreWiped(t *testing.T) {
	buf := make([]byte, 1024)
	r := newReader(strings.NewReader(good+good), buf, func(Record) error { return nil })
	for _, says := range []string{"", "twice"} {
		line, err := r.next()
		if err != nil {
			t.Fatal(err)
		}
		if _, err = r.row(line); says != "" && (err == nil || !strings.Contains(err.Error(), says)) {
			t.Errorf("%v, want %q", err, says)
		}
	}
	if bytes.Contains(buf, []byte("Y2Fu")) {
		t.Errorf("%q", buf)
	}
}

// TestWriteRefusesWhatReadWould: a backup that cannot be read back is not made.
func TestWriteRefusesWhatReadWould(t *testing.T) {
	ok := plain{"a/b/K", secret.DefaultMetadata("a/b/K"), "canary-value"}
	with := func(f func(*plain)) []plain { p := ok; f(&p); return []plain{p} }
	for says, list := range map[string][]plain{
		"is not a name": with(func(p *plain) { p.Name = "K" }),
		"field_type":    with(func(p *plain) { p.Meta.FieldType = "pin" }),
		"UTF-8":         with(func(p *plain) { p.Meta.Desc = "\xff" }),
		"expires":       with(func(p *plain) { p.Meta.Expires = made.AddDate(9000, 0, 0) }),
		"a/b/K twice":   {ok, ok},
	} {
		var b bytes.Buffer
		n, err := Write(&b, made, records(t, list), pair.Recipient())
		if secret.CodeOf(err) != secret.Invalid || !strings.Contains(err.Error(), says) || n != 0 || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %d, %v", says, n, err)
		}
		if _, _, err := read(b.Bytes(), pair); err == nil {
			t.Errorf("%s: what was written reads as a whole backup", says)
		}
	}
}

func TestWriteTakesTheValues(t *testing.T) {
	v, w := value(t, "canary-one"), value(t, "canary-two")
	fault := fmt.Errorf("the vault is locked")
	var b bytes.Buffer
	_, err := Write(&b, made, func(yield func(Record, error) bool) {
		_ = yield(Record{"a/b/K", secret.DefaultMetadata("a/b/K"), v}, nil) &&
			yield(Record{Value: w}, fault)
	}, pair.Recipient())
	if !errors.Is(err, fault) || !v.Empty() || !w.Empty() {
		t.Errorf("%v; wiped: %v, %v", err, v.Empty(), w.Empty())
	}
	if _, _, err := read(b.Bytes(), pair); secret.CodeOf(err) != secret.Damaged {
		t.Errorf("half a backup: %v", err)
	}
	_, err = Write(&b, made, records(t, []plain{}), pair.Recipient())
	if err != nil {
		t.Error(err)
	}
	empty := func(yield func(Record, error) bool) {
		yield(Record{Name: "a/b/K", Meta: secret.DefaultMetadata("a/b/K")}, nil)
	}
	if _, err := Write(&b, made, empty, pair.Recipient()); secret.CodeOf(err) != secret.Invalid {
		t.Errorf("an empty value: %v", err)
	}
}

// fullAfter takes so many bytes and no more.
type fullAfter int

func (f *fullAfter) Write(p []byte) (int, error) {
	if *f -= fullAfter(len(p)); *f < 0 {
		return 0, errFull
	}
	return len(p), nil
}

var errFull = fmt.Errorf("no space left on device")

func TestThreatD3BackupToAFullDisk(t *testing.T) {
	size := len(write(t, sample(), pair.Recipient()))
	for n := 0; n < size; n += 97 {
		f := fullAfter(n)
		if _, err := Write(&f, made, records(t, sample()), pair.Recipient()); !errors.Is(err, errFull) {
			t.Fatalf("a disk of %d bytes: %v", n, err)
		}
	}
}

func TestMaxRecords(t *testing.T) {
	seen := names{}
	for i := range MaxRecords {
		if err := seen.add(secret.Name(fmt.Sprintf("a/b/K%d", i))); err != nil {
			t.Fatal(err)
		}
	}
	if err := seen.add("a/b/ONE_MORE"); secret.CodeOf(err) != secret.Invalid {
		t.Error(err)
	}
}

func TestMaxTotal(t *testing.T) {
	w := writer{out: &bytes.Buffer{}, total: maxTotal - 1, line: []byte("xx")}
	if err := w.flush(); secret.CodeOf(err) != secret.Invalid {
		t.Errorf("writing: %v", err)
	}
	// What the reader makes of it needs no 2 GiB either: it is told that it read them.
	r := newReader(strings.NewReader("{\n{\n"), make([]byte, 16), nil)
	r.total = maxTotal - 2
	if _, err := r.next(); err != nil {
		t.Error(err)
	}
	if _, err := r.next(); secret.CodeOf(err) != secret.Invalid {
		t.Errorf("reading: %v", err)
	}
}

func TestCompare(t *testing.T) {
	base := func() *Record {
		return &Record{"acme/api/KEY", secret.DefaultMetadata("acme/api/KEY"), value(t, "canary")}
	}
	with := func(f func(*Record)) Record { r := base(); f(r); return *r }
	for _, row := range []struct {
		have *Record
		in   Record
		want Preview
	}{
		{nil, *base(), Preview{State: New}},
		{base(), *base(), Preview{State: Same}},
		{base(), with(func(r *Record) { r.Meta.Created, r.Meta.Changed, r.Meta.Peek = made, made, "can" }), Preview{State: Same}},
		{base(), with(func(r *Record) { r.Value = value(t, "canary2") }), Preview{State: Differs, Fields: []string{"value"}}},
		{base(), with(func(r *Record) { r.Meta.Level = secret.Strict }), Preview{State: Differs, Fields: []string{"security_level"}}},
		{base(), with(func(r *Record) { r.Meta.Level = secret.Easy }), Preview{State: Differs, Fields: []string{"security_level"}, Lowers: true}},
		{base(), with(func(r *Record) { r.Meta.FieldType = secret.Text }), Preview{State: Differs, Fields: []string{"field_type"}, Lowers: true}},
		{base(), with(func(r *Record) { r.Meta.Kind = secret.KindCustom }), Preview{State: Differs, Fields: []string{"kind"}, Lowers: true}},
		{base(), with(func(r *Record) { r.Meta.Bundle, r.Meta.Desc, r.Meta.RotateURL, r.Meta.Expires = "b", "d", "u", made }),
			Preview{State: Differs, Fields: []string{"bundle", "desc", "expires", "rotate_url"}}},
	} {
		row.want.Name = "acme/api/KEY"
		if got := Compare(row.have, row.in); fmt.Sprint(got) != fmt.Sprint(row.want) {
			t.Errorf("got %+v, want %+v", got, row.want)
		}
	}
	if p := Compare(nil, Record{Name: "acme/api/LD_PRELOAD"}); p.Refused == "" || p.State != New {
		t.Errorf("a name that cannot be written: %+v", p)
	}
}

// FuzzReadFile: any bytes as a file. Never a panic, and an error unless it is the very
// backup that was made.
func FuzzReadFile(f *testing.F) {
	f.Add(write(f, sample()[:2], pair.Recipient()))
	f.Add(write(f, nil, cheap(f, "x")))
	f.Add([]byte("-----BEGIN AGE ENCRYPTED FILE-----\n"))
	wrong := opens(f, "y")
	f.Fuzz(func(t *testing.T, in []byte) {
		if bytes.Contains(in, []byte("-> scrypt")) && !bytes.Contains(in, []byte(" 4\n")) {
			return // it would cost what it says
		}
		got, s, err := read(in, pair, wrong)
		if err != nil && s != (Summary{}) || err == nil && fmt.Sprint(got) != fmt.Sprint(sample()[:2]) {
			t.Fatalf("%q: %+v, %v", in, s, err)
		}
	})
}

// FuzzReadLines: any plain text. What reads without an error can be written, and reads
// the same again.
func FuzzReadLines(f *testing.F) {
	f.Add(head + good + `{"end":1}` + "\n")
	f.Add(head + `{"name":"a/b/K","expires":"2026-11-22T10:00:00+01:00",` + body + `,"value":"Y2E="}` + "\n{\"end\":1}\n")
	f.Fuzz(func(t *testing.T, in string) {
		var got []plain
		r := strings.NewReader(in)
		_, err := readAll(r, func(r Record) error {
			got = append(got, plain{r.Name, r.Meta, text(r.Value)})
			return nil
		})
		if err != nil {
			return
		}
		again, _, err := read(write(t, got, pair.Recipient()), pair)
		if err != nil || fmt.Sprintf("%q", again) != fmt.Sprintf("%q", got) {
			t.Fatalf("%q: read %q, again %q, %v", in, got, again, err)
		}
	})
}

// BenchmarkBackup writes and reads 10,000 secrets of 40 bytes.
func BenchmarkBackup(b *testing.B) {
	var list []plain
	for i := range 10000 {
		n := secret.Name(fmt.Sprintf("acme/p%d/KEY_%d", i%50, i))
		list = append(list, plain{n, secret.DefaultMetadata(n), fmt.Sprintf("%040d", rand.Int63())})
	}
	for b.Loop() {
		file := write(b, list, pair.Recipient())
		b.SetBytes(int64(len(file)))
		if _, s, err := read(file, pair); err != nil || s.Records != len(list) {
			b.Fatal(err)
		}
	}
}
