package socket

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"noxkey/caller"
	"noxkey/secret"
)

// Handler answers one request of a caller whom the kernel named. It is the
// broker's Do.
type Handler func(ctx context.Context, who caller.Caller, req *secret.Request, out func(secret.Answer) error) error

// Conn is a connection of the socket.
type Conn = net.UnixConn

// Server answers connections. All fields must be set before Serve.
type Server struct {
	Handle Handler
	// Identify tells who is at the other end, once, at accept.
	Identify func(*net.UnixConn) (caller.Caller, error)
	// Sign signs with the vault's identity; an error of code Locked makes the
	// server say that it is locked.
	Sign func(msg []byte) ([]byte, error)

	room room
	wg   sync.WaitGroup
}

// Serve accepts until ctx ends or ln fails, then waits for what is under way. It
// closes ln.
func (s *Server) Serve(ctx context.Context, ln *net.UnixListener) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { ln.Close() })
	defer stop()
	defer s.wg.Wait()
	s.room.peers, s.room.guests = map[int]held{}, map[*guest]struct{}{}
	for {
		c, err := ln.AcceptUnix()
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			if retriable(err) {
				time.Sleep(10 * time.Millisecond)
				continue
			}
			return err
		}
		s.wg.Go(func() {
			defer c.Close()
			stop := context.AfterFunc(ctx, func() { time.AfterFunc(quitIn, func() { c.Close() }) })
			defer stop()
			s.serve(ctx, c)
		})
	}
}

// retriable reports errors of accept(2) that pass: too many open files, or a peer
// that hung up meanwhile.
func retriable(err error) bool {
	var ne net.Error
	return errors.As(err, &ne) && !errors.Is(err, net.ErrClosed)
}

// serve handles one connection: greeting, one request, its answers.
func (s *Server) serve(ctx context.Context, c *net.UnixConn) {
	_ = c.SetReadDeadline(time.Now().Add(readIn))
	pid, err := peerPID(c)
	if err != nil {
		return
	}
	g := s.room.enter(c, pid)
	if g == nil {
		_ = s.write(c, greeting{NoxKey: Version, Busy: true})
		return
	}
	defer s.room.leave(g)
	keys := make(chan oneTime, 1) // made while the ancestors are walked
	go func() {
		key, _ := newOneTime()
		keys <- key
	}()
	from, ferr := fromPeer(c, pid)
	who, err := s.Identify(c)
	key := <-keys
	if err != nil || ferr != nil || len(who.Chain) == 0 || key.private == nil {
		return // nobody to talk to: another user, or already gone
	}
	if early(c) {
		return
	}
	hello, err := greet(key, who.Chain[0].ID, s.Sign)
	if err != nil || s.write(c, hello) != nil || hello.Locked {
		return
	}
	s.answer(ctx, g, from, who, key)
}

func (s *Server) answer(ctx context.Context, g *guest, from io.Reader, who caller.Caller, key oneTime) {
	c, r := g.c, bufio.NewReader(from)
	var in call
	if err := readFrameIf(r, &in, func() error { return s.room.widen(g) }); err != nil {
		if secret.CodeOf(err) != secret.Internal { // ours: the peer is there and can be told
			s.finish(c, err)
		}
		return
	}
	if err := in.unseal(key); err != nil {
		s.finish(c, err)
		return
	}
	defer in.wipe()
	if !s.room.stay(g) {
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	watchHangup(c, r, cancel)
	w := &replier{c: c, client: in.Key, info: binding(toClient, key.public, in.Key), s: s}
	err := s.Handle(ctx, who, in.Request, w.send)
	s.finish(c, err)
}

// watchHangup cancels as soon as the peer closes its end, or says anything more:
// a connection carries one request.
func watchHangup(c *net.UnixConn, r *bufio.Reader, cancel context.CancelFunc) {
	_ = c.SetReadDeadline(time.Time{})
	go func() {
		_, _ = r.ReadByte()
		cancel()
	}()
}

func (s *Server) write(c *net.UnixConn, v any) error {
	_ = c.SetWriteDeadline(time.Now().Add(writeIn))
	return writeFrame(c, v)
}

// finish ends the connection in words. An error without a code is ours: its text
// may name paths, never values, and goes out as it is.
func (s *Server) finish(c *net.UnixConn, err error) {
	if err == nil {
		_ = s.write(c, reply{Done: true})
		return
	}
	e, ok := errors.AsType[*secret.Error](err)
	if !ok {
		e = &secret.Error{Code: secret.CodeOf(err), Msg: err.Error()}
	}
	if errors.Is(err, context.Canceled) {
		e = &secret.Error{Code: secret.Cancelled, Msg: "the request was withdrawn"}
	}
	_ = s.write(c, reply{Error: e})
}

// replier writes the answers of one request.
type replier struct {
	c      *net.UnixConn
	s      *Server
	client []byte // the client's one-time key
	info   []byte
	seal   *sealer
	size   int
}

// send writes one answer; it takes ownership of a value in it.
func (w *replier) send(a secret.Answer) error {
	f := reply{Answer: &a}
	if a.Value != nil {
		defer a.Value.Value.Wipe()
		if err := w.sealInto(&f, a.Value); err != nil {
			return err
		}
	}
	return w.s.write(w.c, f)
}

func (w *replier) sealInto(f *reply, v *secret.Named) (err error) {
	if w.seal == nil {
		if w.seal, err = newSealer(w.client, w.info); err != nil {
			return err
		}
		f.Enc = w.seal.enc
	}
	if f.Sealed, err = w.seal.seal(v.Name, v.Value); err != nil {
		return err
	}
	if w.size += len(f.Sealed); w.size > MaxBatch {
		return secret.Errorf(secret.Invalid, "together the values are more than 512 KiB: ask for fewer at once")
	}
	return nil
}

// unseal opens the values that came with the request into its changes.
func (in *call) unseal(key oneTime) error {
	if in.NoxKey != Version || in.Request == nil || len(in.Key) != 32 {
		return secret.Errorf(secret.Protocol, "a frame does not fit: no request of protocol %d", Version)
	}
	for _, c := range in.Request.Changes {
		if c.Name == "" {
			return secret.Errorf(secret.Protocol, "a frame does not fit: a change without a name")
		}
	}
	if in.Sealed == nil {
		return in.unsealTexts(key)
	}
	if len(in.Sealed) != len(in.Request.Changes) {
		return secret.Errorf(secret.Protocol, "a frame does not fit: %d sealed values for %d changes", len(in.Sealed), len(in.Request.Changes))
	}
	o, err := newOpener(key, in.Enc, binding(toServer, key.public, in.Key))
	if err != nil {
		return err
	}
	for i, sealed := range in.Sealed {
		if len(sealed) == 0 {
			continue
		}
		v, err := o.open(in.Request.Changes[i].Name, sealed)
		if err != nil {
			in.wipe()
			return err
		}
		in.Request.Changes[i].Value = v
	}
	return in.unsealTexts(key)
}

func (in *call) wipe() {
	for _, c := range in.Request.Changes {
		c.Value.Wipe()
	}
	for _, t := range in.Request.Texts {
		t.Wipe()
	}
}
