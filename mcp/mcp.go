// Package mcp is the server that an editor or agent starts as `noxkey mcp`: five
// tools over standard input and output. Its results are names, states and
// handoffs, never values: no type that is marshalled here has a place for one,
// and no tool takes one as an argument.
//
// It decides nothing. Each tool turns its arguments into a secret.Request, and
// the answers, or the error, into words that an agent can act on.
//
// The message loop is our own and not mcp-go's: that one keeps its session in
// a global, reads lines of any length, prints the text of a panic, and can lose a
// cancellation that follows its call at once; and its server package compiles
// JSON schemas in init, 4 ms in every run of `noxkey` whatever the command. Of
// mcp-go this package uses the protocol's types and version negotiation.
package mcp

import (
	"context"
	"io"
	"os"
	"sync"
	"time"

	"noxkey/caller"
	"noxkey/secret"
)

// Options of Serve. The zero value works, without a clipboard.
type Options struct {
	// Version is what the server calls itself in the handshake.
	Version string
	// Self says who started this process; nil means caller.Self. It is asked at
	// each call, since processes above this one come and go.
	Self func() (caller.Caller, error)
	// Clipboard reads the clipboard for noxkey_set. The value is ours to wipe. nil
	// means that there is none.
	Clipboard func() (secret.Value, error)
	// Dir is where relative paths of noxkey_scan and of an import start; "" is the
	// working directory.
	Dir string
	// HandoffDir is where handoffs are made; "" is the handoff package's own choice.
	HandoffDir string

	// Tests replace those below.
	tick    time.Duration
	newPipe pipeMaker
	parent  func() (caller.ProcID, error)
}

func (o *Options) fill() {
	if o.Self == nil {
		o.Self = caller.Self
	}
	if o.tick == 0 {
		o.tick = tick
	}
	if o.newPipe == nil {
		o.newPipe = newHandoff
	}
	if o.parent == nil {
		o.parent = parentProcess
	}
	if o.Version == "" {
		o.Version = "unknown"
	}
}

// server is one run of Serve.
type server struct {
	svc    secret.Service
	opt    Options
	conn   *conn
	ctx    context.Context // ends when the client hangs up
	parent caller.ProcID   // of this process at its start; zero if it could not be read

	pipes sync.WaitGroup // handoffs being served

	mu    sync.Mutex // guards the fields below
	open  int        // handoffs being served
	notes []string   // what went wrong with handoffs, not told yet
}

// Serve speaks MCP on in and out until in ends or ctx does, and writes nothing
// else to out. It returns nil at the end of in, ctx's error, or that of a read. By
// then every call has ended and every handoff is removed. It does not close in
// or out; a read of in that blocks is left to whoever closes it.
func Serve(ctx context.Context, svc secret.Service, opt Options, in io.Reader, out io.Writer) error {
	opt.fill()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	s := &server{svc: svc, opt: opt, ctx: ctx}
	s.parent, _ = opt.parent() // a zero parent serves no unknown caller; see origin
	s.conn = newConn(out, stop, s.handle)
	s.pipes.Go(func() { sweep(opt.HandoffDir) })

	err := s.conn.serve(ctx, in)
	stop()
	s.conn.calls.Wait()
	s.pipes.Wait()
	return err
}

// path makes p absolute, from Options.Dir.
func (s *server) path(p string) (string, error) { return absolute(s.opt.Dir, p) }

func workDir(dir string) (string, error) {
	if dir != "" {
		return dir, nil
	}
	return os.Getwd()
}
