package socket

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	stdjson "encoding/json"
	"errors"
	"io"
	"runtime/metrics"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"noxkey/caller"
	"noxkey/secret"
)

// maxDecoding bounds what reading one frame may allocate, in bytes. A line grows by
// append to 1 MiB, which allocates about 5 MiB on the way; 16 Ki objects of up to
// 160 bytes, again by append, another 8 MiB; the rest is room for a noisy reading.
const maxDecoding = 32 << 20

// allocated is how many bytes of heap this process has asked for so far.
func allocated() uint64 {
	s := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}

// decode reads one frame, and holds it to the laws of every frame: bounded memory;
// a refusal is of code Protocol or the connection's end; what is refused is not
// repeated; an independent parser finds the same meaning in what is taken; the same
// line with one field more, one field twice or in capitals is refused.
func decode[T any](t *testing.T, b []byte) (v T, taken bool) {
	t.Helper()
	before := allocated()
	err := readFrame(bufio.NewReader(bytes.NewReader(b)), &v)
	if n := allocated() - before; n > maxDecoding {
		t.Errorf("%d bytes for a frame of %d", n, len(b))
	}
	if err != nil {
		if secret.CodeOf(err) != secret.Protocol && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%q is refused with %v", b, err)
		}
		return v, false
	}
	line, _, _ := bytes.Cut(b, []byte("\n"))
	if len(line) >= maxFrame || bytes.Count(line, []byte("{")) > maxObjects || !utf8.Valid(line) {
		t.Fatalf("a line of %d bytes is taken: %.80q", len(line), line)
	}
	sameElsewhere(t, line, v)
	refusesMore[T](t, line)
	return v, true
}

// sameElsewhere reads line with encoding/json, which shares no code with the parser
// that took it, and compares what the two make of it.
func sameElsewhere[T any](t *testing.T, line []byte, v T) {
	t.Helper()
	var other T
	d := stdjson.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(&other); err != nil {
		t.Fatalf("%q is taken, and encoding/json says %v", line, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		t.Fatalf("%q is taken, with something after the object", line)
	}
	var a, b bytes.Buffer
	if errors.Join(writeFrame(&a, v), writeFrame(&b, other)) != nil {
		return // too long when written out: told by whoever writes it
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Fatalf("%q is read as %q, and by encoding/json as %q", line, a.Bytes(), b.Bytes())
	}
}

// refusesMore puts a field that does not exist, and an existing one twice, into a
// line that was taken.
func refusesMore[T any](t *testing.T, line []byte) {
	t.Helper()
	line = bytes.TrimLeft(line, " \t\r")
	if !bytes.HasPrefix(line, []byte("{")) {
		if !bytes.HasPrefix(line, []byte("null")) {
			t.Fatalf("%q is taken for a frame", line)
		}
		return
	}
	rest := bytes.TrimLeft(line[1:], " \t\r")
	if bytes.HasPrefix(rest, []byte("}")) {
		refused[T](t, `{"zz":null`+string(rest))
		return
	}
	refused[T](t, `{"zz":null,`+string(rest))
	if name, value, found := bytes.Cut(rest, []byte(":")); found { // of our field names none holds a colon
		refused[T](t, "{"+string(name)+":null,"+string(rest))
		refused[T](t, "{"+strings.ToUpper(string(name))+":"+string(value))
	}
}

func refused[T any](t *testing.T, line string) {
	t.Helper()
	var v T
	if err := readFrame(bufio.NewReader(strings.NewReader(line+"\n")), &v); secret.CodeOf(err) != secret.Protocol {
		t.Fatalf("%.200q is taken (%v)", line, err)
	}
}

// rewritten holds v to the law that what is written reads back as the same.
func rewritten[T any](t *testing.T, v T) {
	t.Helper()
	var once, twice bytes.Buffer
	if err := writeFrame(&once, v); err != nil {
		if !errors.Is(err, errLong) {
			t.Fatalf("taken, and cannot be written: %v", err)
		}
		return
	}
	var again T
	if err := readFrame(bufio.NewReader(bytes.NewReader(once.Bytes())), &again); err != nil {
		t.Fatalf("written, and cannot be read: %v in %q", err, once.Bytes())
	}
	if err := writeFrame(&twice, again); err != nil || !bytes.Equal(once.Bytes(), twice.Bytes()) {
		t.Fatalf("%q is not %q (%v)", twice.Bytes(), once.Bytes(), err)
	}
}

// TestThreatC3Overlong holds frames that are too big to lie in testdata, and too slow
// to mutate, to the laws of the fuzz targets.
func TestThreatC3Overlong(t *testing.T) {
	for _, s := range []string{
		`{"noxkey":1,"x":"` + strings.Repeat("y", maxFrame) + "\"}\n",                               // a line over the bound
		`{"key":"` + strings.Repeat("AAAA", maxFrame/4) + "\"}\n",                                   // the same with a field that exists
		strings.Repeat("x", maxFrame+1),                                                             // the same without an end
		strings.Repeat("[", 400_000) + "\n",                                                         // nesting
		`{"request":` + strings.Repeat(`{"a":`, 10_001) + "1" + strings.Repeat("}", 10_001) + "}\n", // nesting that ends
		`{"request":{"targets":[` + strings.Repeat(`"a",`, 200_000) + `"a"]}}` + "\n",               // many strings
		`{"sealed":[` + strings.Repeat("null,", 200_000) + "null]}\n",                               // many nulls
		`{"request":{"changes":[` + strings.Repeat("{},", maxObjects-8) + "{}]}}\n",                 // as many objects as are taken
		`{"request":{"changes":[` + strings.Repeat("{},", 2*maxObjects) + "{}]}}\n",                 // more
		`{"error":{"code":"x","msg":"","names":[` + strings.Repeat(`"a/b",`, 150_000) + "]}}",       // and broken
	} {
		decode[call](t, []byte(s))
		decode[reply](t, []byte(s))
		decode[greeting](t, []byte(s))
	}
}

// FuzzCall: no frame of a client makes the server panic or swell; what is taken
// means one thing; and no sealed box opens that was not sealed to this connection.
func FuzzCall(f *testing.F) {
	f.Add([]byte(`{"noxkey":1,"key":"AAAA","request":{"op":"get","targets":["a/b/C"],"delivery":"shell"}}` + "\n"))
	key, err := newOneTime()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		in, taken := decode[call](t, b)
		if !taken {
			return
		}
		err := in.unseal(key)
		if err != nil && secret.CodeOf(err) != secret.Protocol {
			t.Errorf("unseal says %v", err)
		}
		if err == nil && (in.NoxKey != Version || len(in.Key) != 32 || in.Request == nil) {
			t.Errorf("%q is handed on", b)
		}
		if in.Request == nil {
			return
		}
		for _, c := range in.Request.Changes {
			if !c.Value.Empty() {
				t.Errorf("a value came out of nothing: %q", b)
			}
			if c.Name == "" {
				return // refused; a name that is none cannot be written
			}
		}
		rewritten(t, in)
	})
}

// FuzzReply: no frame of a server makes the client panic or swell, or believe that
// it was given a value.
func FuzzReply(f *testing.F) {
	f.Add([]byte(`{"answer":{"entry":{"name":"a/b/C","version":3,"field_type":"token","kind":"custom","security_level":"normal"}}}` + "\n"))
	key, err := newOneTime()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		decode[reply](t, b)
		var c Client
		before := allocated()
		err := c.receive(t.Context(), bufio.NewReader(bytes.NewReader(b)), key, make([]byte, 32), func(a secret.Answer) error {
			if a.Value != nil && !a.Value.Value.Empty() {
				t.Error("a value came out of nothing")
			}
			return nil
		})
		if n := allocated() - before; n > maxDecoding {
			t.Errorf("%d bytes for frames of %d", n, len(b))
		}
		// The client is done only when the server said so in a frame of its own.
		if err == nil && !bytes.Contains(b, []byte("done")) && !bytes.Contains(b, []byte(`\u`)) {
			t.Errorf("%q is a whole answer", b)
		}
	})
}

// fuzzPin is the identity in FuzzGreeting: fixed, so that its seeds stay what they are.
var fuzzPin = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))

// FuzzGreeting: no greeting is believed but one that the vault signed for this very
// process a moment ago. b is one of the peer's own making. flip, pid, start and age
// spoil a good one: a bit of its key, time or signature; the process that it was
// made for; its age in nanoseconds.
func FuzzGreeting(f *testing.F) {
	f.Add([]byte(`{"noxkey":1,"key":"AAAA","time":5,"sig":"AAAA"}`+"\n"), uint16(0), 0, uint64(0), int64(0))
	public := fuzzPin.Public().(ed25519.PublicKey)
	me := caller.ProcID{PID: 4711, Start: 815}
	f.Fuzz(func(t *testing.T, b []byte, flip uint16, pid int, start uint64, age int64) {
		if g, taken := decode[greeting](t, b); taken {
			rewritten(t, g)
			if err := g.check(public, me, 0); err == nil {
				t.Fatalf("believed %q", b)
			}
		}
		now, err := bootTime()
		if err != nil {
			t.Fatal(err)
		}
		const since = 60 * int64(time.Second) // ago: when this client began to connect
		g := greeting{NoxKey: Version, Key: bytes.Repeat([]byte{9}, 32), Time: now - age}
		to := caller.ProcID{PID: me.PID + pid, Start: me.Start + start}
		g.Sig = ed25519.Sign(fuzzPin, greetingText(g.Key, g.Time, to))
		spoil(&g, flip)
		limit := int64(maxAge)
		switch err := g.check(public, me, now-since); {
		case flip%1024 == 0 && to == me && age >= 0 && age < limit/2:
			if err != nil {
				t.Errorf("a good greeting is refused: %v", err)
			}
		case flip%1024 == 0 && to == me && age > -limit && age <= limit:
			// so near the bounds the time that this test takes decides
		case secret.CodeOf(err) != secret.Untrusted:
			t.Errorf("flip %d, pid %d, start %d, age %d: %v", flip, pid, start, age, err)
		}
	})
}

// spoil flips one of the 832 bits of key, time and signature; 0 modulo 1024 none.
func spoil(g *greeting, flip uint16) {
	n := int(flip % 1024)
	if n == 0 {
		return
	}
	n = (n - 1) % (8 * (32 + 8 + 64))
	switch at, bit := n/8, n%8; {
	case at < 32:
		g.Key[at] ^= 1 << bit
	case at < 40:
		g.Time ^= 1 << (8*(at-32) + bit)
	default:
		g.Sig[at-40] ^= 1 << bit
	}
}
