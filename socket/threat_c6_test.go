package socket

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"noxkey/caller"
	"noxkey/secret"
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

// recorded is all that crosses the socket in one exchange of a client that sets and gets
// v: what the client writes, the greeting, and the answers.
func recorded(t *testing.T, v string) (up, down string) {
	t.Helper()
	a := newApp(t)
	a.serve(t, func(_ context.Context, _ caller.Caller, req *secret.Request, out func(secret.Answer) error) error {
		got := ""
		_ = req.Changes[0].Value.Use(func(b []byte) error { got = string(b); return nil })
		if got != v {
			t.Errorf("the server got %d bytes of %d", len(got), len(v))
		}
		return out(secret.Answer{Value: &secret.Named{Name: "a/b/C", Env: "C", Value: value(t, v)}})
	})
	c, err := net.Dial("unix", a.home.Socket())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var heard, said bytes.Buffer
	r := bufio.NewReader(io.TeeReader(c, &heard))
	var g greeting
	key, err := newOneTime()
	if err := errors.Join(err, readFrame(r, &g)); err != nil {
		t.Fatal(err)
	}
	req := &secret.Request{Op: secret.OpWrite, Changes: []secret.Change{{Action: secret.ActionSet, Name: "a/b/C", Value: value(t, v)}}}
	if err := send(io.MultiWriter(c, &said), req, key, g.Key); err != nil {
		t.Fatal(err)
	}
	got := ""
	err = new(Client).receive(t.Context(), r, key, g.Key, func(ans secret.Answer) error {
		return ans.Value.Value.Use(func(b []byte) error { got = string(b); return nil })
	})
	if err != nil || got != v {
		t.Fatalf("the client got %d bytes of %d: %v", len(got), len(v), err)
	}
	return said.String(), heard.String()
}

// TestThreatC6BothWays: of values of several kinds no piece of 12 bytes crosses the socket
// in either direction, in any encoding.
func TestThreatC6BothWays(t *testing.T) {
	long := make([]byte, secret.MaxValue)
	r := rand.New(rand.NewPCG(6, 6))
	for i := range long {
		long[i] = byte(1 + r.IntN(255))
	}
	for what, v := range map[string]string{
		"a key":             "sk_live_51H8canary7f3a9c51value",
		"with signs":        `p@ss"w\ord/&?=+%: canary<>` + "'`$(x)",
		"several lines":     "-----BEGIN KEY-----\ncanaryMIIEvQIBADANBgkq\r\n-----END KEY-----\n",
		"not ASCII":         "пароль-канарейка-密码-🔑-geheim",
		"as long as can be": string(long),
	} {
		up, down := recorded(t, v)
		for at := 0; at+12 <= len(v); at += 12 {
			for _, form := range encodings(v[at : at+12]) {
				if strings.Contains(up, form) || strings.Contains(down, form) {
					t.Fatalf("%s: the traffic holds %q of %q", what, form, v[at:at+12])
				}
			}
			if at > 600 {
				at += 1200 // of a long one every so often
			}
		}
	}
}

// TestThreatC6SearchFinds: the search above would find a value in each form.
func TestThreatC6SearchFinds(t *testing.T) {
	const piece = "canary7f3a9c"
	for i, form := range encodings(piece) {
		if len(form) < 8 {
			t.Errorf("form %d is too short to tell anything: %q", i, form)
		}
	}
	for _, text := range []string{
		base64.StdEncoding.EncodeToString([]byte("x" + piece + "yz")), base64.URLEncoding.EncodeToString([]byte("xy" + piece + "z")),
		base64.StdEncoding.EncodeToString([]byte(piece + "z")), hex.EncodeToString([]byte(piece)), url.QueryEscape("=" + piece),
	} {
		if !slices.ContainsFunc(encodings(piece), func(form string) bool { return strings.Contains(text, form) }) {
			t.Errorf("not found in %q", text)
		}
	}
}

// TestThreatC6SealedBoxes: a sealed value opens in its connection, in its direction, for
// its name, at its place and whole, and nowhere else.
func TestThreatC6SealedBoxes(t *testing.T) {
	server, _ := newOneTime()
	client, _ := newOneTime()
	other, _ := newOneTime()
	info := binding(toClient, server.public, client.public)
	s, err := newSealer(client.public, info)
	if err != nil {
		t.Fatal(err)
	}
	first, err1 := s.seal("a/b/C", value(t, "canary one"))
	second, err2 := s.seal("a/b/D", value(t, "canary two"))
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	opens := func(k oneTime, enc, info []byte, n int, name secret.Name, box []byte) bool {
		o, err := newOpener(k, enc, info)
		if err != nil {
			return false
		}
		if n == 1 {
			if _, err := o.open("a/b/C", first); err != nil {
				return false
			}
		}
		_, err = o.open(name, box)
		return err == nil
	}
	if !opens(client, s.enc, info, 0, "a/b/C", first) || !opens(client, s.enc, info, 1, "a/b/D", second) {
		t.Fatal("good boxes do not open")
	}
	for what, open := range map[string]bool{
		"another's key":        opens(other, s.enc, info, 0, "a/b/C", first),
		"another direction":    opens(client, s.enc, binding(toServer, server.public, client.public), 0, "a/b/C", first),
		"another connection":   opens(client, s.enc, binding(toClient, other.public, client.public), 0, "a/b/C", first),
		"another name":         opens(client, s.enc, info, 0, "a/b/D", first),
		"a longer name":        opens(client, s.enc, info, 0, "a/b/CC", first),
		"out of turn":          opens(client, s.enc, info, 0, "a/b/D", second),
		"twice":                opens(client, s.enc, info, 1, "a/b/C", first),
		"another encapsulated": opens(client, other.public, info, 0, "a/b/C", first),
		"half of that":         opens(client, s.enc[:16], info, 0, "a/b/C", first),
		"nothing":              opens(client, s.enc, info, 0, "a/b/C", nil),
	} {
		if open {
			t.Errorf("%s: it opens", what)
		}
	}
	for i := range first {
		cut, flipped := first[:i], bytes.Clone(first)
		flipped[i] ^= 1
		if opens(client, s.enc, info, 0, "a/b/C", cut) || opens(client, s.enc, info, 0, "a/b/C", flipped) {
			t.Errorf("byte %d: cut or flipped, it opens", i)
		}
	}
}
