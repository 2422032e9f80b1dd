package handoff

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"noxkey/caller"
)

// eyes is what a handoff asks about processes; tests put their own in.
type eyes struct {
	holders func(dev, ino uint64) ([]caller.ProcID, error)
	process func(pid int) (caller.Process, error)
	shell   func(caller.Process) bool
	below   func(pid int, ancestor caller.ProcID) bool
}

var realEyes = eyes{caller.HoldersOf, caller.ReadProcess, caller.Shell, caller.Below}

// Refused is the error of a Serve that saw somebody it gives nothing to.
type Refused struct {
	// Readers are those who held the pipe; none if there was one that could not be seen.
	Readers []Reader
	// Why is a clause without a full stop: "it is not a shell".
	Why string
	// Redeemed says that the values had been fetched by then (and were wiped): the
	// second look failed, not the first.
	Redeemed bool
}

// Error names the readers and the reason.
func (r *Refused) Error() string {
	names := make([]string, len(r.Readers))
	for i, one := range r.Readers {
		names[i] = one.String()
	}
	if len(names) == 0 {
		names = []string{"an unseen reader"}
	}
	return fmt.Sprintf("the handoff was refused to %s: %s", strings.Join(names, ", "), r.Why)
}

// sighting is what one look saw.
type sighting struct {
	Reader
	exe caller.FileID
}

// look is one look at who holds the pipe: exactly one process, a shell, which is
// the asker or below it.
func (h *Handoff) look() (sighting, *Refused) {
	ids, err := h.holders()
	if err != nil {
		return sighting{}, &Refused{Why: "who holds the pipe could not be found out: " + err.Error()}
	}
	refuse := func(why string) (sighting, *Refused) {
		return sighting{}, &Refused{Readers: h.named(ids), Why: why}
	}
	switch len(ids) {
	case 0:
		return refuse("whoever opened the pipe cannot be seen")
	case 1:
	default:
		return refuse("more than one process holds the pipe")
	}
	p, err := h.eyes.process(ids[0].PID)
	switch {
	case err != nil || p.ID != ids[0]:
		return refuse("it ended while it was looked at")
	case !h.eyes.shell(p):
		return refuse("it is not a shell")
	case p.ID != h.under && !h.eyes.below(p.ID.PID, h.under):
		return refuse("it does not belong to whoever asked")
	}
	return sighting{Reader{p.ID, p.Name()}, p.ExeID}, nil
}

// holders leaves out this process, which holds the write end only.
func (h *Handoff) holders() ([]caller.ProcID, error) {
	ids, err := h.eyes.holders(h.dev, h.ino)
	return slices.DeleteFunc(ids, func(id caller.ProcID) bool { return id.PID == os.Getpid() }), err
}

func (h *Handoff) named(ids []caller.ProcID) []Reader {
	readers := make([]Reader, 0, len(ids))
	for _, id := range ids {
		r := Reader{ID: id, Name: "process"}
		if p, err := h.eyes.process(id.PID); err == nil && p.ID == id {
			r.Name = plain(p.Name())
		}
		readers = append(readers, r)
	}
	return readers
}

// plain is a name that says nothing but which program it was: an agent reads it, and
// whoever opened the pipe chose it.
func plain(name string) string {
	name = strings.Map(func(r rune) rune {
		if r < 0x80 && (r >= '0' && r <= '9' || r|0x20 >= 'a' && r|0x20 <= 'z' || strings.ContainsRune("._+-", r)) {
			return r
		}
		return '_'
	}, name)
	if name == "" {
		return "process"
	}
	return name[:min(len(name), 24)]
}

// firstLook looks until there is somebody to see or nobody there any more (nil,
// nil): the kernel announces an open a little before /proc shows it.
func (h *Handoff) firstLook(ctx context.Context) (*sighting, error) {
	var bad *Refused
	for range 20 {
		var s sighting
		if s, bad = h.look(); bad == nil {
			return &s, nil
		}
		if len(bad.Readers) > 0 {
			return nil, bad
		}
		if !hasReader(h.pipe) {
			return nil, nil
		}
		if !sleep(ctx, 10*time.Millisecond) {
			return nil, context.Cause(ctx)
		}
	}
	return nil, bad
}

// secondLook must see the very same shell, alone, running the same program, and must
// not be disturbed by an open: whoever comes and goes while it looks may be missed by
// it. The shell itself has begun to read by now and opens nothing more; what went on
// before is forgotten, once.
func (h *Handoff) secondLook(first *sighting) error {
	h.watch.opened()
	again, bad := h.look()
	if bad == nil && again != *first {
		bad = &Refused{Readers: []Reader{first.Reader, again.Reader}, Why: "the pipe changed hands"}
	}
	if bad == nil {
		return h.quiet(first)
	}
	bad.Redeemed = true
	if len(bad.Readers) == 0 {
		bad.Readers = []Reader{first.Reader}
	}
	return bad
}

// quiet fails if anybody has opened the pipe since the second look began.
func (h *Handoff) quiet(first *sighting) error {
	if h.watch.opened() {
		return &Refused{Readers: []Reader{first.Reader}, Why: "another process opened the pipe beside it", Redeemed: true}
	}
	return nil
}
