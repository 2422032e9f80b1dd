package socket

import (
	"context"
	"io"
	"net"
	"strings"
	"testing"

	"noxkey/caller"
	"noxkey/secret"
)

// TestThreatB7WrittenBeforeTheGreeting: what came before the server has looked who its peer
// is may be another program's in the same process: one that connects, writes, and becomes
// our client by exec(2), so that the client is seen and the stranger's request answered.
func TestThreatB7WrittenBeforeTheGreeting(t *testing.T) {
	a := newApp(t)
	ln, err := Listen(a.home)
	if err != nil {
		t.Fatal(err)
	}
	look, looked, asked := make(chan struct{}), make(chan struct{}), 0
	s := &Server{Sign: a.sign,
		Identify: func(c *net.UnixConn) (caller.Caller, error) {
			<-look
			defer func() { looked <- struct{}{} }()
			return me(c)
		},
		Handle: func(context.Context, caller.Caller, *secret.Request, func(secret.Answer) error) error {
			asked++
			return nil
		}}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); s.Serve(ctx, ln.UnixListener) }()
	defer func() { cancel(); <-done; ln.Close() }()

	const frame = `{"noxkey":1,"key":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=","request":{"op":"list"}}` + "\n"
	for what, early := range map[string]bool{"before it was looked at": true, "after the greeting": false} {
		asked = 0
		c, err := net.Dial("unix", a.home.Socket())
		if err != nil {
			t.Fatal(err)
		}
		if early {
			_, err = io.WriteString(c, frame)
		}
		look <- struct{}{}
		<-looked
		greeted := make([]byte, 4096)
		if !early {
			if _, err = c.Read(greeted); err == nil {
				_, err = io.WriteString(c, frame)
			}
		}
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		answer, _ := io.ReadAll(c)
		c.Close()
		if done := strings.Contains(string(answer), `"done":true`); done == early || (asked > 0) == early {
			t.Errorf("%s: asked %d times; answered %q", what, asked, answer)
		}
	}
}
