package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"sync"

	"noxkey/caller"
)

// ownClient tells NoxKey's own client from any other program that speaks its protocol. The
// client is the file that was installed with the app, or a copy with the same content.
// Whoever can write that file is out of scope, as whoever can write the app.
type ownClient struct {
	client string // the path of the installed one

	mu   sync.Mutex
	sums map[caller.FileID][sha256.Size]byte // guarded by mu; a handful of files
	seen map[caller.ProcID]struct{}          // processes that were it, guarded by mu
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
	return &ownClient{client: clientOf(exe), sums: map[caller.FileID][sha256.Size]byte{}, seen: map[caller.ProcID]struct{}{}}, nil
}

// maxSums bounds what is remembered: a program that is put in place again and again is
// read again and again.
const maxSums = 64

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
// to run another program, and the client never becomes one after it has connected.
func (o *ownClient) check(p caller.Process) error {
	if p.NoExe || p.ExeID == (caller.FileID{}) {
		o.mu.Lock()
		defer o.mu.Unlock()
		if _, ours := o.seen[p.ID]; ours {
			return nil
		}
		return errors.New("its executable cannot be looked at")
	}
	want, id, err := o.sum(o.client, caller.FileID{})
	if err != nil {
		return fmt.Errorf("there is no client beside the app: %w", err)
	}
	if p.ExeID == id {
		return nil
	}
	if p.ExeID.Size != id.Size { // also bounds what a stranger can have us read
		return fmt.Errorf("%s is another program, or another version of it", filepath.Base(p.Exe))
	}
	got, _, err := o.sum(p.Exe, p.ExeID)
	if err != nil {
		return fmt.Errorf("%s is not it", filepath.Base(p.Exe))
	}
	if !bytes.Equal(got[:], want[:]) {
		return fmt.Errorf("%s is another program, or another version of it", filepath.Base(p.Exe))
	}
	return nil
}

// sum returns the SHA-256 of the file at path, which must be the file id if that is
// given.
func (o *ownClient) sum(path string, id caller.FileID) ([sha256.Size]byte, caller.FileID, error) {
	f, err := os.Open(path)
	if err != nil {
		return [sha256.Size]byte{}, id, err
	}
	defer f.Close()
	is, err := caller.FileIDOf(f)
	if err != nil || id != (caller.FileID{}) && is != id {
		return [sha256.Size]byte{}, is, errors.New("another file is there by now")
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if s, known := o.sums[is]; known {
		return s, is, nil
	}
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return [sha256.Size]byte{}, is, err
	}
	if len(o.sums) >= maxSums {
		clear(o.sums)
	}
	s := [sha256.Size]byte(h.Sum(nil))
	o.sums[is] = s
	return s, is, nil
}
