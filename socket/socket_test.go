package socket

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"noxkey/caller"
	"noxkey/secret"
)

// app is a server in a home of its own, with a handler of the test's.
type app struct {
	home   Home
	key    ed25519.PrivateKey
	locked bool
	quit   func()          // set by serve
	ended  <-chan struct{} // the same; closed when Serve has returned
}

// short makes a home whose socket path fits, which t.TempDir's may not.
func short(t *testing.T) Home {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "nk")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return Home(dir)
}

func me(c *net.UnixConn) (caller.Caller, error) {
	pid, err := peerPID(c)
	if err != nil {
		return caller.Caller{}, err
	}
	p, err := caller.ReadProcess(pid)
	return caller.Caller{Class: caller.Unknown, Chain: []caller.Process{p}}, err
}

func newApp(t *testing.T) *app {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	a := &app{home: short(t), key: key}
	if err := WritePin(a.home, key.Public().(ed25519.PublicKey)); err != nil {
		t.Fatal(err)
	}
	return a
}

func (a *app) sign(m []byte) ([]byte, error) {
	if a.locked {
		return nil, secret.Err(secret.Locked)
	}
	return ed25519.Sign(a.key, m), nil
}

func (a *app) serve(t *testing.T, h Handler) *Client {
	t.Helper()
	ln, err := Listen(a.home)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	s := &Server{Handle: h, Identify: me, Sign: a.sign}
	done := make(chan struct{})
	a.quit, a.ended = cancel, done
	go func() { defer close(done); s.Serve(ctx, ln.UnixListener) }()
	t.Cleanup(func() { cancel(); <-done; ln.Close() })
	return NewClient(a.home)
}

func value(t *testing.T, s string) secret.Value {
	t.Helper()
	v, err := secret.NewValue([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// answers is what a client got, values read out.
func answers(t *testing.T, s secret.Service, req *secret.Request) (got []secret.Answer, values []string, err error) {
	t.Helper()
	err = s.Do(t.Context(), req, func(a secret.Answer) error {
		got = append(got, a)
		if a.Value != nil {
			_ = a.Value.Value.Use(func(b []byte) error { values = append(values, string(b)); return nil })
			a.Value.Value.Wipe()
		}
		return nil
	})
	return got, values, err
}

func TestValuesBothWays(t *testing.T) {
	a := newApp(t)
	var stored []string
	c := a.serve(t, func(_ context.Context, _ caller.Caller, req *secret.Request, out func(secret.Answer) error) error {
		for _, ch := range req.Changes {
			stored = append(stored, fmt.Sprint(ch.Value.Empty()))
			_ = ch.Value.Use(func(b []byte) error { stored = append(stored, string(b)); return nil })
		}
		for _, n := range []secret.Name{"a/b/ONE", "a/b/TWO"} {
			if err := out(secret.Answer{Value: &secret.Named{Name: n, Env: n.Key(), Value: value(t, "value of "+string(n))}}); err != nil {
				return err
			}
		}
		return nil
	})
	req := &secret.Request{Op: secret.OpWrite, Changes: []secret.Change{
		{Action: secret.ActionSet, Name: "a/b/ONE", Value: value(t, "up 1")},
		{Action: secret.ActionRemove, Name: "a/b/GONE"},
		{Action: secret.ActionSet, Name: "a/b/TWO", Value: value(t, "up 2")},
	}}
	got, values, err := answers(t, c, req)
	if err != nil || len(got) != 2 || got[1].Value.Env != "TWO" {
		t.Fatalf("answers %v, error %v", got, err)
	}
	if w := "value of a/b/ONE|value of a/b/TWO"; strings.Join(values, "|") != w {
		t.Errorf("values %q, want %q", values, w)
	}
	if w := "false|up 1|true||false|up 2"; strings.Join(stored, "|") != w {
		t.Errorf("the server got %q, want %q", stored, w)
	}
}

func TestErrorsKeepTheirCode(t *testing.T) {
	a := newApp(t)
	c := a.serve(t, func(context.Context, caller.Caller, *secret.Request, func(secret.Answer) error) error {
		return &secret.Error{Code: secret.OffLimit, Msg: "it is off limits", Names: []secret.Name{"a/b/C"}}
	})
	_, _, err := answers(t, c, &secret.Request{Op: secret.OpGet})
	var e *secret.Error
	if !errors.As(err, &e) || e.Code != secret.OffLimit || e.Msg != "it is off limits" || len(e.Names) != 1 {
		t.Fatalf("got %#v", err)
	}
}

// TestThreatC1Squatter: whoever binds the path without the vault's key is sent
// nothing at all.
func TestThreatC1Squatter(t *testing.T) {
	a := newApp(t)
	other := newApp(t)
	for name, g := range map[string]func(caller.ProcID) any{
		"another key":  func(id caller.ProcID) any { k, _ := newOneTime(); g, _ := greet(k, id, other.sign); return g },
		"for another":  func(id caller.ProcID) any { id.Start++; k, _ := newOneTime(); g, _ := greet(k, id, a.sign); return g },
		"no signature": func(caller.ProcID) any { k, _ := newOneTime(); return greeting{NoxKey: Version, Key: k.public} },
		"an old one": func(id caller.ProcID) any {
			k, _ := newOneTime()
			g, _ := greet(k, id, a.sign)
			time.Sleep(5 * time.Millisecond)
			return g
		},
		"another age":   func(caller.ProcID) any { return greeting{NoxKey: Version + 1} },
		"unknown field": func(caller.ProcID) any { return map[string]any{"noxkey": 1, "trust": true} },
	} {
		t.Run(name, func(t *testing.T) {
			self, err := caller.ReadProcess(os.Getpid())
			if err != nil {
				t.Fatal(err)
			}
			greeting := g(self.ID) // before the client connects: the old one is old
			sent := squat(t, a.home, greeting)
			_, _, err = answers(t, NewClient(a.home), &secret.Request{Op: secret.OpList, Reason: "canary"})
			if c := secret.CodeOf(err); c != secret.Untrusted && c != secret.Protocol {
				t.Errorf("error %v, want untrusted", err)
			}
			if b := <-sent; len(b) != 0 {
				t.Errorf("the squatter was sent %q", b)
			}
		})
	}
}

// squat binds the home's socket, greets once and returns what it was sent.
func squat(t *testing.T, h Home, greeting any) <-chan []byte {
	t.Helper()
	os.Remove(h.Socket())
	ln, err := net.Listen("unix", h.Socket())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	sent := make(chan []byte, 1)
	go func() {
		c, err := ln.Accept()
		if err != nil {
			sent <- nil
			return
		}
		defer c.Close()
		_ = writeFrame(c, greeting)
		b, _ := io.ReadAll(c)
		sent <- b
	}()
	return sent
}

func TestLockedServerSaysOnlyThat(t *testing.T) {
	a := newApp(t)
	a.locked = true
	c := a.serve(t, func(context.Context, caller.Caller, *secret.Request, func(secret.Answer) error) error {
		t.Error("a locked server was asked something")
		return nil
	})
	if _, _, err := answers(t, c, &secret.Request{Op: secret.OpGet}); secret.CodeOf(err) != secret.Locked {
		t.Errorf("error %v, want locked", err)
	}
	got, _, err := answers(t, c, &secret.Request{Op: secret.OpStatus})
	if err != nil || len(got) != 1 || !got[0].Status.Locked {
		t.Errorf("status %v, error %v", got, err)
	}
}

// TestThreatC2Places: loose, foreign and squatted places are refused, and a live
// socket is never unlinked.
func TestThreatC2Places(t *testing.T) {
	t.Run("loose folder", func(t *testing.T) {
		a := newApp(t)
		os.Chmod(string(a.home), 0o755)
		if _, err := Listen(a.home); secret.CodeOf(err) != secret.Untrusted {
			t.Errorf("listen: %v", err)
		}
		if _, _, err := answers(t, NewClient(a.home), &secret.Request{Op: secret.OpStatus}); secret.CodeOf(err) != secret.Untrusted {
			t.Errorf("client: %v", err)
		}
	})
	t.Run("symlinked folder", func(t *testing.T) {
		a := newApp(t)
		link := Home(string(a.home) + "-link")
		if err := os.Symlink(string(a.home), string(link)); err != nil {
			t.Fatal(err)
		}
		defer os.Remove(string(link))
		if _, err := Listen(link); secret.CodeOf(err) != secret.Untrusted {
			t.Errorf("listen: %v", err)
		}
	})
	t.Run("second app", func(t *testing.T) {
		a := newApp(t)
		c := a.serve(t, func(context.Context, caller.Caller, *secret.Request, func(secret.Answer) error) error { return nil })
		if _, err := Listen(a.home); secret.CodeOf(err) != secret.Busy {
			t.Errorf("second: %v", err)
		}
		if _, _, err := answers(t, c, &secret.Request{Op: secret.OpLock}); err != nil {
			t.Errorf("the first app does not answer any more: %v", err)
		}
	})
	t.Run("stale socket", func(t *testing.T) {
		a := newApp(t)
		ln, err := Listen(a.home)
		if err != nil {
			t.Fatal(err)
		}
		ln.SetUnlinkOnClose(false)
		ln.Close()
		if ln, err = Listen(a.home); err != nil {
			t.Fatalf("a stale socket was not replaced: %v", err)
		}
		ln.Close()
	})
	t.Run("live socket without the lock", func(t *testing.T) {
		a := newApp(t)
		squat(t, a.home, greeting{})
		if _, err := Listen(a.home); secret.CodeOf(err) != secret.Busy {
			t.Errorf("listen: %v", err)
		}
	})
	t.Run("a file in the socket's place", func(t *testing.T) {
		a := newApp(t)
		os.WriteFile(a.home.Socket(), []byte("precious"), 0o600)
		if _, err := Listen(a.home); secret.CodeOf(err) != secret.Untrusted {
			t.Errorf("listen: %v", err)
		}
		if b, _ := os.ReadFile(a.home.Socket()); string(b) != "precious" {
			t.Error("the file was replaced")
		}
	})
}

// TestThreatC5LongHome: a path that does not fit a socket address is said so.
func TestThreatC5LongHome(t *testing.T) {
	dir := filepath.Join(string(short(t)), strings.Repeat("x", 120))
	err := Home(dir).Make()
	if secret.CodeOf(err) != secret.Storage || !strings.Contains(err.Error(), "--home") {
		t.Errorf("got %v", err)
	}
}

// TestThreatC3HostileFrames: what is not a request is refused in words, or
// dropped, and the server goes on.
func TestThreatC3HostileFrames(t *testing.T) {
	a := newApp(t)
	c := a.serve(t, func(context.Context, caller.Caller, *secret.Request, func(secret.Answer) error) error { return nil })
	for name, frame := range map[string]string{
		"garbage":          "\x00\xff\xfe\n",
		"not an object":    "[1,2,3]\n",
		"unknown field":    `{"noxkey":1,"key":"","request":{"op":"list","sudo":true}}` + "\n",
		"duplicate field":  `{"noxkey":1,"noxkey":1}` + "\n",
		"other case":       `{"NoxKey":1}` + "\n",
		"invalid UTF-8":    "{\"noxkey\":1,\"request\":{\"reason\":\"\xff\"}}\n",
		"bad name":         `{"noxkey":1,"request":{"op":"get","targets":["../x"]}}` + "\n",
		"other version":    `{"noxkey":9,"request":{"op":"list"}}` + "\n",
		"too long":         `{"x":"` + strings.Repeat("y", maxFrame) + "\"}\n",
		"sealed for none":  `{"noxkey":1,"key":"` + strings.Repeat("A", 43) + `=","request":{"op":"list"},"sealed":["AA=="]}` + "\n",
		"null request":     `{"noxkey":1,"request":null}` + "\n",
		"null in a change": `{"noxkey":1,"key":"` + strings.Repeat("A", 43) + `=","request":{"op":"write","changes":[null]},"sealed":["AA=="]}` + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			got := raw(t, a.home, frame)
			if !strings.Contains(got, `"error"`) || !strings.Contains(got, "protocol") {
				t.Errorf("answered %.200q", got)
			}
		})
	}
	for name, frame := range map[string]string{"half": `{"noxkey":1,`, "nothing": ""} {
		t.Run(name, func(t *testing.T) {
			if got := raw(t, a.home, frame); got != "" {
				t.Errorf("answered %.200q", got)
			}
		})
	}
	if _, _, err := answers(t, c, &secret.Request{Op: secret.OpList}); err != nil {
		t.Errorf("the server does not answer any more: %v", err)
	}
}

// raw sends frame after the greeting, closes its half, and returns the answer.
func raw(t *testing.T, h Home, frame string) string {
	t.Helper()
	c, err := net.Dial("unix", h.Socket())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	r := bufio.NewReader(c)
	if _, err := r.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(c, frame)
	_ = c.(*net.UnixConn).CloseWrite()
	b, _ := io.ReadAll(r)
	return string(b)
}

// TestThreatB7OneRequest: a connection that is passed on after its request is
// worth nothing: anything more on it ends it.
func TestThreatB7OneRequest(t *testing.T) {
	a := newApp(t)
	var mu sync.Mutex
	count := 0
	a.serve(t, func(ctx context.Context, _ caller.Caller, _ *secret.Request, _ func(secret.Answer) error) error {
		mu.Lock()
		count++
		mu.Unlock()
		<-ctx.Done()
		return ctx.Err()
	})
	k, _ := newOneTime()
	one, _ := jsonFrame(call{NoxKey: Version, Key: k.public, Request: &secret.Request{Op: secret.OpList}})
	got := raw(t, a.home, one+one)
	if mu.Lock(); count != 1 || !strings.Contains(got, "withdrawn") {
		t.Errorf("%d requests were handled, answer %q", count, got)
	}
	mu.Unlock()
}

func jsonFrame(v any) (string, error) {
	var b strings.Builder
	err := writeFrame(&b, v)
	return b.String(), err
}

// TestHangupCancels: the asker's going away reaches the handler.
func TestHangupCancels(t *testing.T) {
	a := newApp(t)
	started, ended := make(chan struct{}), make(chan struct{})
	c := a.serve(t, func(ctx context.Context, _ caller.Caller, _ *secret.Request, _ func(secret.Answer) error) error {
		close(started)
		<-ctx.Done()
		close(ended)
		return ctx.Err()
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-started; cancel() }()
	err := c.Do(ctx, &secret.Request{Op: secret.OpGet}, func(secret.Answer) error { return nil })
	if secret.CodeOf(err) != secret.Cancelled {
		t.Errorf("error %v, want cancelled", err)
	}
	<-ended
}

// TestThreatC6Traffic: what crosses the socket holds no value in any encoding.
func TestThreatC6Traffic(t *testing.T) {
	const canary = "canary-7f3a9c51-value"
	a := newApp(t)
	a.serve(t, func(_ context.Context, _ caller.Caller, req *secret.Request, out func(secret.Answer) error) error {
		return out(secret.Answer{Value: &secret.Named{Name: "a/b/C", Value: value(t, canary)}})
	})
	// A relay would not be the peer that the greeting names, so the frames are made
	// and read here as the client does, and kept.
	conn, g, err := NewClient(a.home).connect(t.Context(), &secret.Request{Op: secret.OpList})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	key, _ := newOneTime()
	var up strings.Builder
	req := &secret.Request{Op: secret.OpWrite, Changes: []secret.Change{{Action: secret.ActionSet, Name: "a/b/C", Value: value(t, canary)}}}
	if err := send(io.MultiWriter(conn.w, &up), req, key, g.Key); err != nil {
		t.Fatal(err)
	}
	down, err := io.ReadAll(conn.r)
	if err != nil || len(down) == 0 {
		t.Fatalf("down %q, %v", down, err)
	}
	for _, form := range encodings(canary) {
		if strings.Contains(up.String(), form) || strings.Contains(string(down), form) {
			t.Errorf("the traffic holds %q", form)
		}
	}
	got := strings.Count(string(down), `"sealed"`)
	if got != 1 {
		t.Errorf("%d sealed values in %q", got, down)
	}
}

func TestSilentServerIsNotRunning(t *testing.T) {
	a := newApp(t)
	ln, err := net.Listen("unix", a.home.Socket())
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	_, _, err = answers(t, NewClient(a.home), &secret.Request{Op: secret.OpStatus})
	if secret.CodeOf(err) != secret.NotRunning {
		t.Errorf("got %v", err)
	}
}

func TestMissingApp(t *testing.T) {
	a := newApp(t)
	_, _, err := answers(t, NewClient(a.home), &secret.Request{Op: secret.OpStatus})
	if secret.CodeOf(err) != secret.NotRunning {
		t.Errorf("no socket: %v", err)
	}
	_, _, err = answers(t, NewClient(Home(string(a.home)+"/none")), &secret.Request{Op: secret.OpStatus})
	if secret.CodeOf(err) != secret.NotRunning {
		t.Errorf("no home: %v", err)
	}
}

// TestFirstRunIsSaid: an app without a vault is not "not running", and is sent nothing.
func TestFirstRunIsSaid(t *testing.T) {
	home := Home(t.TempDir())
	if err := os.Chmod(string(home), 0o700); err != nil {
		t.Fatal(err)
	}
	ln, err := Listen(home)
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	heard := make(chan int, 1)
	go func() {
		c, err := ln.AcceptUnix()
		if err != nil {
			return
		}
		b, _ := io.ReadAll(c)
		heard <- len(b)
	}()
	_, _, err = answers(t, NewClient(home), &secret.Request{Op: secret.OpList, Reason: "canary"})
	if secret.CodeOf(err) != secret.Locked || !strings.Contains(err.Error(), "first run") {
		t.Error(err)
	}
	if n := <-heard; n != 0 {
		t.Errorf("%d bytes were sent", n)
	}
}

func TestPin(t *testing.T) {
	a := newApp(t)
	if err := WritePin(a.home, a.key.Public().(ed25519.PublicKey)); err != nil {
		t.Errorf("the same pin again: %v", err)
	}
	other, _, _ := ed25519.GenerateKey(rand.Reader)
	if err := WritePin(a.home, other); secret.CodeOf(err) != secret.Untrusted {
		t.Errorf("another pin: %v", err)
	}
	os.Chmod(a.home.Pin(), 0o644)
	if _, err := readPin(a.home.Pin()); secret.CodeOf(err) != secret.Untrusted {
		t.Errorf("a loose pin: %v", err)
	}
}

// TestManyAtOnce: 64 clients at once are served without error.
func TestManyAtOnce(t *testing.T) {
	a := newApp(t)
	c := a.serve(t, func(_ context.Context, _ caller.Caller, _ *secret.Request, out func(secret.Answer) error) error {
		return out(secret.Answer{Value: &secret.Named{Name: "a/b/C", Value: value(t, "v")}})
	})
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			for range 5 {
				if _, v, err := answers(t, c, &secret.Request{Op: secret.OpGet}); err != nil || len(v) != 1 {
					t.Errorf("%v %v", v, err)
				}
			}
		})
	}
	wg.Wait()
}

// TestBatchBound: values together beyond 512 KiB are refused on both roads.
func TestBatchBound(t *testing.T) {
	a := newApp(t)
	big := strings.Repeat("x", secret.MaxValue)
	c := a.serve(t, func(_ context.Context, _ caller.Caller, _ *secret.Request, out func(secret.Answer) error) error {
		for range 9 {
			if err := out(secret.Answer{Value: &secret.Named{Name: "a/b/C", Value: value(t, big)}}); err != nil {
				return err
			}
		}
		return nil
	})
	if _, _, err := answers(t, c, &secret.Request{Op: secret.OpGet}); secret.CodeOf(err) != secret.Invalid {
		t.Errorf("down: %v", err)
	}
	req := &secret.Request{Op: secret.OpWrite}
	for range 9 {
		req.Changes = append(req.Changes, secret.Change{Action: secret.ActionSet, Name: "a/b/C", Value: value(t, big)})
	}
	if _, _, err := answers(t, c, req); secret.CodeOf(err) != secret.Invalid {
		t.Errorf("up: %v", err)
	}
}

// TestSocketIsPrivate: the socket is its owner's, and making it changes nothing for
// files that are made meanwhile.
func TestSocketIsPrivate(t *testing.T) {
	a := newApp(t)
	stop := make(chan struct{})
	done := make(chan error, 1)
	go func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				done <- nil
				return
			default:
			}
			path := filepath.Join(string(a.home), fmt.Sprint("f", i))
			os.WriteFile(path, nil, 0o700)
			fi, err := os.Stat(path)
			if err == nil && fi.Mode().Perm() != 0o700 {
				err = fmt.Errorf("a file made meanwhile has mode %v", fi.Mode())
			}
			if err != nil {
				done <- err
				return
			}
		}
	}()
	for range 100 {
		ln, err := Listen(a.home)
		if err != nil {
			t.Fatal(err)
		}
		if fi, err := os.Stat(a.home.Socket()); err != nil || fi.Mode().Perm() != 0o600 {
			t.Errorf("the socket: %v %v", fi.Mode(), err)
		}
		ln.Close()
	}
	close(stop)
	if err := <-done; err != nil {
		t.Error(err)
	}
}
