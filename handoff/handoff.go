// Package handoff gives opened values to one shell without showing them.
//
// A handoff is a private directory with a script and a FIFO in it. The script
// holds no value and no key; sourced, it reads one line from the FIFO with shell
// builtins and evaluates it. Serve waits for that reader, looks who it is,
// fetches the values only for a shell below the asker, takes both names away,
// looks again, writes the line in pieces and wipes. Nothing of a value reaches a disk.
//
// Out of reach, and said so in SECURITY.md: a shell that prints what it loaded, a
// reader of the same user that hides itself from /proc or takes a copy of the shell's
// own descriptor as a debugger may (pidfd_getfd(2)), a hostile PS4, DEBUG trap
// or start-up file in the shell that sources, and what a kernel pipe still holds.
package handoff

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"noxkey/caller"
	"noxkey/secret"
)

// MaxTTL is the longest that a handoff waits for its reader.
const MaxTTL = 120 * time.Second

// Var is one variable to set. Serve takes ownership of Value and wipes it.
type Var struct {
	Env   string
	Value secret.Value
}

// Reader is the process that was seen to hold the pipe.
type Reader struct {
	ID   caller.ProcID
	Name string // as caller.Process.Name: "bash"
}

// String gives name and pid, as the audit keeps it: "bash 4711".
func (r Reader) String() string { return fmt.Sprintf("%s %d", r.Name, r.ID.PID) }

// Options says for whom a handoff is.
type Options struct {
	// Under is the process that the reader must be or descend from.
	Under caller.ProcID
	// TTL counts from New, by the clock that runs on through sleep. 0 or more than
	// MaxTTL is MaxTTL.
	TTL time.Duration
	// Dir is the directory that holds handoffs, absolute; "" is DefaultDir. It is
	// made if missing, and must be ours with mode 0700 exactly.
	Dir string
	// Env names the variables that the script will set, for its comment. One that no
	// shell can take is an error of New with code Reserved or Invalid.
	Env []string
}

// Handoff is one directory with script and pipe, served once.
type Handoff struct {
	under caller.ProcID
	place *place
	pipe  *os.File // the write end, held from the start: see script.go
	dev   uint64
	ino   uint64
	watch *waiter
	eyes  eyes
	now   func() clock
	born  clock
	ttl   time.Duration
	slow  time.Duration // how long the reader may take over the line

	ctx     context.Context // ends with Close
	cancel  context.CancelCauseFunc
	serving sync.Mutex
	once    sync.Once
	used    bool // guarded by serving: served or closed
	begun   int  // guarded by serving: bytes of a line that are in the pipe
}

// New sweeps what dead processes left, and makes a directory, script and FIFO. If
// the default directory's name is taken by something that is not ours and private,
// it is left alone and a directory with a random name takes its place; if that
// happens to Options.Dir, it is an error with code Storage. Serve or Close must
// follow.
func New(o Options) (*Handoff, error) {
	for _, v := range o.Env {
		if err := settable(v); err != nil {
			return nil, err
		}
	}
	if o.Under.PID <= 0 {
		return nil, secret.Errorf(secret.Invalid, "a handoff needs the process it is for")
	}
	if o.TTL <= 0 || o.TTL > MaxTTL {
		o.TTL = MaxTTL
	}
	_ = Sweep(o.Dir) // a leftover that stays is worth nothing and holds nothing
	base, err := openBase(o.Dir)
	if err != nil {
		return nil, err
	}
	p, err := newPlace(base)
	if err != nil {
		base.discard()
		return nil, err
	}
	h := &Handoff{under: o.Under, place: p, eyes: realEyes, now: now, born: now(),
		ttl: o.TTL, slow: 30 * time.Second}
	h.ctx, h.cancel = context.WithCancelCause(context.Background())
	if err := h.fill(o.Env); err != nil {
		p.remove()
		return nil, err
	}
	return h, nil
}

// fill makes the pipe, opens it, and writes the script.
func (h *Handoff) fill(env []string) error {
	fd, st, err := h.place.makePipe()
	if err != nil {
		return err
	}
	h.pipe = os.NewFile(uintptr(fd), "handoff pipe")
	h.dev, h.ino = uint64(st.Dev), uint64(st.Ino) //nolint:unconvert // the types differ between systems
	narrow(fd)
	if h.watch, err = newWaiter(h.place.path); err == nil {
		err = h.place.write(scriptName, script(h.place.path, env))
	}
	if err != nil {
		h.watch.Close()
		h.pipe.Close()
	}
	return err
}

// Script returns the absolute path of the script.
func (h *Handoff) Script() string { return filepath.Join(h.place.path, scriptName) }

// errClosed is what a Serve that Close ended returns.
var errClosed = secret.Errorf(secret.Cancelled, "the handoff was closed before it was used")

// Close ends a Serve that is running, waits for it, and removes everything. It may
// be called twice.
func (h *Handoff) Close() {
	h.cancel(errClosed)
	h.serving.Lock()
	defer h.serving.Unlock()
	h.used = true // what cleanup closed must not be touched again
	h.cleanup()
}

// cleanup removes both names and the directory, and lets go of the pipe, at which
// a reader that still waits gets end of file.
func (h *Handoff) cleanup() {
	h.once.Do(func() {
		h.place.remove()
		h.watch.Close()
		h.pipe.Close()
	})
}

// storage turns what the file system said into an error with code Storage.
func storage(what, path string, err error) error {
	if errors.Is(err, unix.ELOOP) || errors.Is(err, unix.ENOTDIR) {
		return secret.Errorf(secret.Storage, "%s %s: not a directory of its own (a symbolic link?)", what, path)
	}
	return secret.Errorf(secret.Storage, "%s %s: %v", what, path, err)
}
