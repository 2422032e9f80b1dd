package socket

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"noxkey/caller"
	"noxkey/secret"
)

// TestBusyServerSaysSo: too many connections are no sign of a squatter.
func TestBusyServerSaysSo(t *testing.T) {
	a := newApp(t)
	c := a.serve(t, func(context.Context, caller.Caller, *secret.Request, func(secret.Answer) error) error { return nil })
	var open []net.Conn
	defer func() {
		for _, c := range open {
			c.Close()
		}
	}()
	for range maxPerPeer {
		conn, err := net.Dial("unix", a.home.Socket())
		if err != nil {
			t.Fatal(err)
		}
		open = append(open, conn)
		if _, err := conn.Read(make([]byte, 1)); err != nil { // greeted, so counted
			t.Fatal(err)
		}
	}
	if _, _, err := answers(t, c, &secret.Request{Op: secret.OpStatus}); secret.CodeOf(err) != secret.Busy {
		t.Errorf("%v (%s)", err, secret.CodeOf(err))
	}
}

// TestThreatC3ManyObjects: a frame within its bytes does not grow into a hundred
// times as much memory.
func TestThreatC3ManyObjects(t *testing.T) {
	a := newApp(t)
	a.serve(t, func(context.Context, caller.Caller, *secret.Request, func(secret.Answer) error) error { return nil })
	frame := `{"noxkey":1,"key":"","request":{"op":"write","changes":[` + strings.Repeat("{},", 300_000) + `{}]}}` + "\n"
	if got := raw(t, a.home, frame); !strings.Contains(got, "objects") {
		t.Errorf("the app says %.200s", got)
	}
}

// TestQuitWaitsForNoPeer: a peer that goes on reading an endless answer does not
// keep the app from quitting.
func TestQuitWaitsForNoPeer(t *testing.T) {
	a := newApp(t)
	started := make(chan struct{}, 1)
	c := a.serve(t, func(_ context.Context, _ caller.Caller, _ *secret.Request, out func(secret.Answer) error) error {
		for {
			if err := out(secret.Answer{Place: &secret.Place{Prefix: "acme"}}); err != nil {
				return err
			}
			select {
			case started <- struct{}{}:
			default:
			}
		}
	})
	go func() {
		_ = c.Do(context.Background(), &secret.Request{Op: secret.OpList}, func(secret.Answer) error { return nil })
	}()
	<-started
	a.quit()
	select {
	case <-a.ended:
	case <-time.After(60 * time.Second):
		t.Error("the server serves on")
	}
}
