package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"sync"

	"noxkey/caller"
)

// ownClient tells NoxKey's own client from any other program that speaks its protocol. The
// client is the file that was installed with the app, and no copy of it: a copy can be
// written over under the times of before, and looks for the app (noxkey app) beside itself,
// where somebody may have put another program, which it becomes. Whoever can write the
// installed file is out of scope, as whoever can write the app.
type ownClient struct {
	client string // its path

	mu   sync.Mutex
	seen map[caller.ProcID]struct{} // processes that were it, guarded by mu
}

// newOwnClient looks for the client where this platform installs it.
func newOwnClient() (*ownClient, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	if exe, err = filepath.EvalSymlinks(exe); err != nil {
		return nil, err
	}
	return &ownClient{client: clientOf(exe), seen: map[caller.ProcID]struct{}{}}, nil
}

// maxSeen bounds the processes that are remembered; those that have quit make room.
const maxSeen = 1024

// note remembers p if it runs the client. It is asked of every peer, before the peer is
// answered: the client makes itself unreadable when it holds a ticket or a value
// (package harden), and comes back with the ticket.
func (o *ownClient) note(p caller.Process) {
	if p.NoExe || o.check(p) != nil {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.seen) >= maxSeen {
		maps.DeleteFunc(o.seen, func(id caller.ProcID, _ struct{}) bool { return !id.Alive() })
	}
	if len(o.seen) < maxSeen {
		o.seen[p.ID] = struct{}{}
	}
}

// check returns nil if p runs the client. One that may not be looked at does if the very
// process was seen to: nobody but itself can have hidden it, a hidden one cannot be made
// to run another program, and the client becomes none but the app.
func (o *ownClient) check(p caller.Process) error {
	if p.NoExe || p.ExeID == (caller.FileID{}) {
		o.mu.Lock()
		defer o.mu.Unlock()
		if _, ours := o.seen[p.ID]; ours {
			return nil
		}
		return errors.New("its executable cannot be looked at")
	}
	want, err := o.installed()
	switch {
	case err != nil:
		return fmt.Errorf("there is no client beside the app: %w", err)
	case p.ExeID != want:
		return fmt.Errorf("%s is another program, or a copy or another version of it", filepath.Base(p.Exe))
	case !caller.Inside(p.ID): // with rights over its namespace it can choose what its executable reads as
		return fmt.Errorf("%s runs in a namespace of its own", filepath.Base(p.Exe))
	}
	return nil
}

// installed is the client's file as it is now.
func (o *ownClient) installed() (caller.FileID, error) {
	f, err := os.Open(o.client)
	if err != nil {
		return caller.FileID{}, err
	}
	defer f.Close()
	return caller.FileIDOf(f)
}
