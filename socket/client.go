package socket

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"time"

	"github.com/go-json-experiment/json"

	"noxkey/caller"
	"noxkey/secret"
)

// Client is the other end: a secret.Service over the socket of one home. Each Do
// is one connection. It is safe for concurrent use.
type Client struct{ home Home }

// NewClient returns a client for the app of that home. Nothing is opened yet.
func NewClient(h Home) *Client { return &Client{home: h} }

// Do sends req and hands each answer to out. Its errors are of code NotRunning,
// Locked or Untrusted if nothing was sent, Cancelled if ctx ended, else the
// app's own.
func (cl *Client) Do(ctx context.Context, req *secret.Request, out func(secret.Answer) error) error {
	conn, g, err := cl.connect(ctx, req)
	if err != nil {
		if req.Op == secret.OpStatus && secret.CodeOf(err) == secret.Locked {
			return out(secret.Answer{Status: &secret.Status{Locked: true}})
		}
		return err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	if err := send(conn.w, req, conn.key, g.Key); err != nil {
		return cl.refused(ctx, conn, err)
	}
	return cl.receive(ctx, conn.r, conn.key, g.Key, out)
}

// connection is an open one whose server has proved itself.
type connection struct {
	io.Closer
	w   io.Writer
	r   *bufio.Reader
	key oneTime // ours
}

// connect dials, and checks the folder, the socket, the peer's uid, on macOS its code
// signature, and the greeting, in that order. Nothing has been sent when it returns.
func (cl *Client) connect(ctx context.Context, req *secret.Request) (*connection, greeting, error) {
	var g greeting
	pin, err := cl.pin()
	if err != nil {
		return nil, g, err
	}
	me, err := caller.IDOf(os.Getpid())
	if err != nil {
		return nil, g, err
	}
	since, err := bootTime()
	if err != nil {
		return nil, g, err
	}
	c, err := cl.dial(ctx)
	if err != nil {
		return nil, g, err
	}
	conn := &connection{Closer: c, w: c, r: bufio.NewReader(c)}
	// While the server looks who we are: what needs no greeting.
	if conn.key, err = newOneTime(); err != nil {
		c.Close()
		return nil, g, err
	}
	rehearse(req)
	_ = c.SetReadDeadline(time.Now().Add(greetIn))
	err = readFrame(conn.r, &g)
	_ = c.SetReadDeadline(time.Time{})
	if err == nil {
		err = g.check(pin, me, since)
	} else {
		err = silent(err)
	}
	if err != nil {
		c.Close()
		return nil, g, err
	}
	return conn, g, nil
}

// rehearse lets package json learn the types of a call and a reply, which in a
// process that lives for one request costs more than the request. What it writes
// goes nowhere and holds no value.
func rehearse(req *secret.Request) {
	_ = writeFrame(io.Discard, call{NoxKey: Version, Request: req})
	var f reply
	_ = json.Unmarshal([]byte(`{"answer":{"value":{"name":"a/b","env":"B"}},"enc":"","sealed":"","done":true}`), &f)
}

// silent words a greeting that did not come or was none.
func silent(err error) error {
	if secret.CodeOf(err) == secret.Protocol {
		return secret.Errorf(secret.Untrusted, "whatever listens at the socket is not NoxKey; nothing was sent to it")
	}
	return secret.Errorf(secret.NotRunning, "NoxKey did not answer at its socket")
}

func (cl *Client) dial(ctx context.Context) (*net.UnixConn, error) {
	fi, err := os.Lstat(cl.home.Socket())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, notRunning()
	}
	if err != nil {
		return nil, secret.Errorf(secret.Storage, "cannot look at %s: %v", cl.home.Socket(), cause(err))
	}
	if fi.Mode().Type() != fs.ModeSocket || !ours(fi) {
		return nil, secret.Errorf(secret.Untrusted, "%s is not a socket of yours", cl.home.Socket())
	}
	var d net.Dialer
	c, err := d.DialContext(ctx, "unix", cl.home.Socket())
	if err != nil {
		return nil, dialError(ctx, err)
	}
	uc := c.(*net.UnixConn)
	if uid, err := peerUID(uc); err != nil || uid != os.Getuid() {
		c.Close()
		return nil, secret.Errorf(secret.Untrusted, "the process at %s belongs to somebody else", cl.home.Socket())
	}
	if checkApp != nil {
		if err := checkApp(uc); err != nil {
			c.Close()
			return nil, err
		}
	}
	return uc, nil
}

func dialError(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return secret.Errorf(secret.Cancelled, "the request was withdrawn")
	case errors.Is(err, fs.ErrPermission):
		// Agents' sandboxes answer connect(2) on a Unix socket with EPERM.
		return secret.Errorf(secret.NotRunning, "this process may not reach NoxKey's socket (a sandbox forbids it)")
	}
	return notRunning()
}

func notRunning() error { return secret.Errorf(secret.NotRunning, "NoxKey is not running") }

// pin returns the key that greetings must be signed with.
func (cl *Client) pin() (ed25519.PublicKey, error) {
	if err := cl.home.Check(); err != nil {
		return nil, err
	}
	b, err := readPin(cl.home.Pin())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, cl.noPin()
	}
	return b, err
}

// noPin says why there is no pin: the app runs and its first run is not over, or there
// is no app. Nothing is sent to find out.
func (cl *Client) noPin() error {
	c, err := net.DialTimeout("unix", cl.home.Socket(), time.Second)
	if err != nil {
		return secret.Errorf(secret.NotRunning, "there is no vault at %s yet", cl.home)
	}
	c.Close()
	return secret.Errorf(secret.Locked, "NoxKey runs and has no vault yet: finish its first run")
}

// send seals the values of req and writes it.
func send(w io.Writer, req *secret.Request, key oneTime, server []byte) error {
	out := call{NoxKey: Version, Key: key.public, Request: req}
	if err := out.seal(server); err != nil {
		return err
	}
	return writeFrame(w, out)
}

func (in *call) seal(server []byte) error {
	var s *sealer
	size := 0
	for i, ch := range in.Request.Changes {
		if ch.Value.Empty() {
			continue
		}
		if s == nil {
			var err error
			if s, err = newSealer(server, binding(toServer, server, in.Key)); err != nil {
				return err
			}
			in.Enc, in.Sealed = s.enc, make([][]byte, len(in.Request.Changes))
		}
		sealed, err := s.seal(ch.Name, ch.Value)
		if err != nil {
			return err
		}
		if size += len(sealed); size > MaxBatch {
			return secret.Errorf(secret.Invalid, "together the values are more than 512 KiB: send fewer at once")
		}
		in.Sealed[i] = sealed
	}
	return in.sealTexts(server)
}

// receive hands the answers on until the server says that it is done.
func (cl *Client) receive(ctx context.Context, r *bufio.Reader, key oneTime, server []byte, out func(secret.Answer) error) error {
	var o *opener
	for {
		var f reply
		if err := readFrame(r, &f); err != nil {
			return cl.broken(ctx, err)
		}
		switch {
		case f.Error != nil:
			return f.Error
		case f.Done:
			return nil
		case f.Answer == nil:
			return secret.Errorf(secret.Protocol, "the app sent an empty frame")
		}
		if f.Answer.Value != nil {
			var err error
			if o == nil {
				if o, err = newOpener(key, f.Enc, binding(toClient, server, key.public)); err != nil {
					return err
				}
			}
			if f.Answer.Value.Value, err = o.open(f.Answer.Value.Name, f.Sealed); err != nil {
				return err
			}
		}
		if err := out(*f.Answer); err != nil {
			return err
		}
	}
}

// refused words a request that could not be sent whole. An app that has no room for a
// long one says so and hangs up while it is still being written.
func (cl *Client) refused(ctx context.Context, conn *connection, err error) error {
	var f reply
	if secret.CodeOf(err) == secret.Internal && readFrame(conn.r, &f) == nil && f.Error != nil {
		return f.Error
	}
	return cl.broken(ctx, err)
}

// broken words a connection that ended early.
func (cl *Client) broken(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return secret.Errorf(secret.Cancelled, "the request was withdrawn")
	case secret.CodeOf(err) != secret.Internal:
		return err
	}
	return secret.Errorf(secret.NotRunning, "NoxKey ended before it answered")
}
