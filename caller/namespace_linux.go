package caller

import (
	"bytes"
	"errors"
	"os"
	"strconv"
	"sync"
)

// ownNamespaces are this process's, in the order of namespaceFiles. A Go program does not change
// them under way. The pid namespace is told by NSpid in status: a single number is that of the
// namespace /proc was mounted in, which has to be ours.
var (
	namespaceFiles = [...]string{"ns/user", "ns/mnt"}
	ownNamespaces  = sync.OnceValues(func() (ns [len(namespaceFiles)]string, err error) {
		for i, name := range namespaceFiles {
			if ns[i], err = os.Readlink("/proc/self/" + name); err != nil {
				return ns, err
			}
		}
		status, err := os.ReadFile("/proc/self/status")
		if string(bytes.TrimSpace(line(status, "\nNSpid:"))) != strconv.Itoa(os.Getpid()) {
			return ns, errors.New("caller: /proc belongs to another pid namespace")
		}
		return ns, err
	})
)

// inside compares namespaces and looks for marks.
func (p *procPin) inside(r *record) {
	own, err := ownNamespaces()
	if err != nil {
		r.foreign = true
		return
	}
	for i, name := range namespaceFiles {
		ns, err := p.link(name)
		if err != nil {
			r.hidden = true
			r.foreign = r.foreign || !p.sameUserMap()
			return
		}
		r.foreign = r.foreign || ns != own[i]
	}
	whole := false
	err = p.read("environ", maxEnviron, func(b []byte, all bool) { whole, r.mark = all, markIn(b) })
	r.hidden = err != nil || !whole
}

func insideOurs(id ProcID) bool {
	pin, err := procfs{}.pin(id.PID)
	if err != nil {
		return false
	}
	defer pin.release()
	g, err := pin.glance()
	if err != nil || g.id != id {
		return false
	}
	r, err := pin.look(g, false)
	return err == nil && r.UIDs[1] == ownUID() && !r.foreign
}

// sameUserMap stands in where ns/user may not be read: a user namespace of one's own has a map of
// its own, which everybody may read.
func (p *procPin) sameUserMap() bool {
	own, err := os.ReadFile("/proc/self/uid_map")
	same := false
	if err == nil {
		err = p.read("uid_map", 4<<10, func(b []byte, _ bool) { same = bytes.Equal(b, own) })
	}
	return err == nil && same
}
