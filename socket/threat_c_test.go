package socket

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"noxkey/caller"
	"noxkey/secret"
)

func nothing(context.Context, caller.Caller, *secret.Request, func(secret.Answer) error) error {
	return nil
}

// withValue is a request whose loss would hurt.
func withValue(t *testing.T) *secret.Request {
	return &secret.Request{Op: secret.OpWrite, Reason: "canary", Changes: []secret.Change{{Action: secret.ActionSet, Name: "a/b/C", Value: value(t, "canary")}}}
}

// TestThreatC1BoundWhileDown: another process unlinks the socket of an app that is down
// and binds the path. Clients send it not one byte.
func TestThreatC1BoundWhileDown(t *testing.T) {
	a := newApp(t)
	c := a.serve(t, nothing)
	if _, _, err := answers(t, c, withValue(t)); err != nil {
		t.Fatal(err)
	}
	a.quit()
	<-a.ended
	const n = 20
	p := start(t, "squat", a.home, n)
	if line, err := p.out.ReadString('\n'); err != nil || line != "\n" {
		t.Fatalf("it does not listen: %q %v", line, err)
	}
	for range n {
		if _, _, err := answers(t, c, withValue(t)); secret.CodeOf(err) != secret.Untrusted {
			t.Errorf("the client says %v", err)
		}
	}
	if r := p.end(t, false); r.Made != n || r.Sent != 0 {
		t.Errorf("%d connections, %d bytes were sent, %q", r.Made, r.Sent, r.Errors)
	}
}

// TestThreatC1Replay: the app's own greeting to this very process, recorded a moment
// before, is worth nothing on another connection.
func TestThreatC1Replay(t *testing.T) {
	a := newApp(t)
	c := a.serve(t, nothing)
	conn, err := net.Dial("unix", a.home.Socket())
	if err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(conn).ReadBytes('\n')
	conn.Close()
	if err != nil || !strings.Contains(string(line), `"sig"`) {
		t.Fatalf("%q %v", line, err)
	}
	a.quit()
	<-a.ended
	sent := squat(t, a.home, json.RawMessage(line[:len(line)-1]))
	_, _, err = answers(t, c, withValue(t))
	if secret.CodeOf(err) != secret.Untrusted || !strings.Contains(err.Error(), "old") {
		t.Errorf("the client says %v", err)
	}
	if b := <-sent; len(b) != 0 {
		t.Errorf("%d bytes were sent", len(b))
	}
}

// TestThreatC1ForgedRefusals: a squatter that says locked or busy keeps the client from
// sending anything, and learns nothing.
func TestThreatC1ForgedRefusals(t *testing.T) {
	for _, g := range []greeting{{NoxKey: Version, Locked: true}, {NoxKey: Version, Busy: true}} {
		a := newApp(t)
		sent := squat(t, a.home, g)
		if _, _, err := answers(t, NewClient(a.home), withValue(t)); err == nil {
			t.Errorf("%+v: done", g)
		}
		if b := <-sent; len(b) != 0 {
			t.Errorf("%+v: %d bytes were sent", g, len(b))
		}
	}
}

// TestThreatC1Pin: a pin that is a link, loose, not a key, or another file's is refused
// before anything is connected.
func TestThreatC1Pin(t *testing.T) {
	for what, spoil := range map[string]func(pin string) error{
		"a link":       func(pin string) error { os.Rename(pin, pin+"2"); return os.Symlink(pin+"2", pin) },
		"loose":        func(pin string) error { return os.Chmod(pin, 0o640) },
		"not a key":    func(pin string) error { return os.WriteFile(pin, []byte("AAAA\n"), 0o600) },
		"a folder":     func(pin string) error { os.Remove(pin); return os.Mkdir(pin, 0o700) },
		"empty":        func(pin string) error { return os.Truncate(pin, 0) },
		"another line": func(pin string) error { return os.WriteFile(pin, []byte(strings.Repeat("A", 300)), 0o600) },
	} {
		a := newApp(t)
		a.serve(t, func(context.Context, caller.Caller, *secret.Request, func(secret.Answer) error) error {
			t.Errorf("%s: the app was asked", what)
			return nil
		})
		if err := spoil(a.home.Pin()); err != nil {
			t.Fatal(err)
		}
		if _, _, err := answers(t, NewClient(a.home), withValue(t)); err == nil {
			t.Errorf("%s: trusted", what)
		}
		if err := WritePin(a.home, a.key.Public().(ed25519.PublicKey)); err == nil {
			t.Errorf("%s: the app starts with it", what)
		}
	}
}

// TestThreatC2Links: no link in the place of the home, the socket or the lock is followed,
// by the app or by a client.
func TestThreatC2Links(t *testing.T) {
	refused := func(what string, h Home) {
		t.Helper()
		if ln, err := Listen(h); err == nil {
			ln.Close()
			t.Errorf("%s: the app listens", what)
		}
		if _, _, err := answers(t, NewClient(h), withValue(t)); secret.CodeOf(err) != secret.Untrusted && secret.CodeOf(err) != secret.NotRunning {
			t.Errorf("%s: the client says %v", what, err)
		}
	}
	live := newApp(t) // what the links lead to works
	live.serve(t, func(context.Context, caller.Caller, *secret.Request, func(secret.Answer) error) error {
		t.Error("a link led to the app")
		return nil
	})
	link := Home(string(live.home) + "-link")
	if err := os.Symlink(string(live.home), string(link)); err != nil {
		t.Fatal(err)
	}
	defer os.Remove(string(link))
	refused("home", link)

	a := &app{home: short(t), key: live.key} // so that the greeting behind the link would be believed
	if err := WritePin(a.home, live.key.Public().(ed25519.PublicKey)); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(live.home.Socket(), a.home.Socket()); err != nil {
		t.Fatal(err)
	}
	refused("socket", a.home)
	if fi, err := os.Lstat(a.home.Socket()); err != nil || fi.Mode().Type() != os.ModeSymlink {
		t.Error("the link was replaced")
	}

	b, precious := newApp(t), filepath.Join(string(short(t)), "precious")
	if err := os.WriteFile(precious, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(precious, b.home.Lock()); err != nil {
		t.Fatal(err)
	}
	refused("lock", b.home)
}

// TestThreatC2Foreign: a home of another user is refused.
func TestThreatC2Foreign(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("cannot be done here: only root can give a folder to another user")
	}
	a := newApp(t)
	if err := os.Chown(string(a.home), 65534, 65534); err != nil {
		t.Fatal(err)
	}
	if _, err := Listen(a.home); secret.CodeOf(err) != secret.Untrusted {
		t.Errorf("listen: %v", err)
	}
	if _, _, err := answers(t, NewClient(a.home), withValue(t)); secret.CodeOf(err) != secret.Untrusted {
		t.Errorf("client: %v", err)
	}
}

// TestThreatC2TwoInstances: of twenty apps that start at once on a stale socket one gets
// the home; the rest are told that it runs, and unlink nothing of it.
func TestThreatC2TwoInstances(t *testing.T) {
	a := newApp(t)
	for range 20 {
		ln, err := Listen(a.home)
		if err != nil {
			t.Fatal(err)
		}
		ln.SetUnlinkOnClose(false)
		ln.Close() // stale
		var mu sync.Mutex
		var wg sync.WaitGroup
		var got []*Listener
		for range 20 {
			wg.Go(func() {
				ln, err := Listen(a.home)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					got = append(got, ln)
				} else if secret.CodeOf(err) != secret.Busy {
					t.Errorf("told %v", err)
				}
			})
		}
		wg.Wait()
		if len(got) != 1 {
			t.Fatalf("%d apps listen", len(got))
		}
		c, err := net.Dial("unix", a.home.Socket())
		if err != nil {
			t.Fatalf("the one that listens cannot be reached: %v", err)
		}
		c.Close()
		got[0].Close()
	}
}

// TestThreatC5LongestHome: the longest home whose socket fits works; with one byte more
// app and client say what is wrong, and neither uses another place.
func TestThreatC5LongestHome(t *testing.T) {
	base := string(short(t))
	room := maxSunPath() - len(Home(base).Socket()) - 1
	fits, long := Home(filepath.Join(base, strings.Repeat("h", room))), Home(filepath.Join(base, strings.Repeat("h", room+1)))
	if n := len(fits.Socket()); n != maxSunPath() {
		t.Fatalf("%d bytes", n)
	}
	a := newApp(t)
	a.home = fits
	if err := fits.Make(); err != nil {
		t.Fatal(err)
	}
	if err := WritePin(fits, a.key.Public().(ed25519.PublicKey)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := answers(t, a.serve(t, nothing), withValue(t)); err != nil {
		t.Errorf("the longest home: %v", err)
	}
	for _, h := range []Home{long, Home("/home/" + strings.Repeat("u", 114)), Home(filepath.Join(base, strings.Repeat("x", 120)))} {
		_ = os.MkdirAll(filepath.Join(base, filepath.Base(string(h))), 0o700)
		_, err1 := Listen(h)
		_, _, err2 := answers(t, NewClient(h), withValue(t))
		for _, err := range []error{err1, err2} {
			if secret.CodeOf(err) != secret.Storage || !strings.Contains(err.Error(), "--home") || !strings.Contains(err.Error(), "bytes") {
				t.Errorf("a home of %d bytes: %v", len(h), err)
			}
		}
	}
}

// TestThreatB7NothingAfterTheAnswer: a connection that is passed on after its answer is
// closed: whoever gets it asks nothing.
func TestThreatB7NothingAfterTheAnswer(t *testing.T) {
	a := newApp(t)
	asked := 0
	a.serve(t, func(context.Context, caller.Caller, *secret.Request, func(secret.Answer) error) error {
		asked++
		return nil
	})
	c, err := net.Dial("unix", a.home.Socket())
	if err != nil {
		t.Fatal(err)
	}
	f, err := c.(*net.UnixConn).File() // the descriptor as it would be passed on
	if err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(c)
	if _, err := r.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	k, _ := newOneTime()
	frame, _ := jsonFrame(call{NoxKey: Version, Key: k.public, Request: &secret.Request{Op: secret.OpList}})
	_, _ = io.WriteString(c, frame)
	if b, err := io.ReadAll(r); err != nil || !strings.Contains(string(b), `"done":true`) {
		t.Fatalf("%q %v", b, err)
	}
	c.Close()
	passed, err := net.FileConn(f)
	f.Close()
	if err != nil {
		t.Fatal(err)
	}
	defer passed.Close()
	_, _ = io.WriteString(passed, frame)
	if b, _ := io.ReadAll(passed); len(b) != 0 || asked != 1 {
		t.Errorf("the second request was answered with %q; asked %d times", b, asked)
	}
}
