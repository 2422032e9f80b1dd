package socket

import (
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"noxkey/secret"
)

// pair returns a connection and its other end.
func pair(t *testing.T) (*net.UnixConn, net.Conn) {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	var ends [2]net.Conn
	for i, fd := range fds {
		f := os.NewFile(uintptr(fd), "pair")
		if ends[i], err = net.FileConn(f); err != nil {
			t.Fatal(err)
		}
		f.Close()
		t.Cleanup(func() { ends[i].Close() })
	}
	return ends[0].(*net.UnixConn), ends[1]
}

func newRoom() *room { return &room{peers: map[int]held{}, guests: map[*guest]struct{}{}} }

// TestThreatC3RoomForNewcomers: in a full room the guest that has owed its request
// longest goes; one that has asked never does.
func TestThreatC3RoomForNewcomers(t *testing.T) {
	r := newRoom()
	closed, far := pair(t)
	var guests []*guest
	for i := range maxConns {
		c := &net.UnixConn{} // closing it fails, and nothing else is done with it
		if i == 1 {
			c = closed
		}
		g := r.enter(c, i/maxPerPeer)
		if g == nil {
			t.Fatalf("connection %d is not let in", i)
		}
		guests = append(guests, g)
	}
	if !r.stay(guests[0]) {
		t.Error("the first has been shown out")
	}
	honest := r.enter(&net.UnixConn{}, 4711)
	if honest == nil {
		t.Fatal("an honest one is not let in")
	}
	_ = far.SetReadDeadline(time.Now().Add(60 * time.Second))
	if _, err := far.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Error("the second, which owed its request longest, is still connected")
	}
	if r.stay(guests[1]) {
		t.Error("who was shown out may stay")
	}
	if r.all.open != maxConns || r.peers[0].open != maxPerPeer-1 || r.peers[4711].open != 1 {
		t.Errorf("all %+v, peers %+v", r.all, r.peers)
	}
	for _, g := range guests[2:] {
		r.stay(g)
	}
	r.stay(honest)
	if r.enter(&net.UnixConn{}, 4712) != nil {
		t.Error("one that has asked was shown out")
	}
	for _, g := range append(guests, honest) {
		r.leave(g)
		r.leave(g) // shown out and ended: counted once
	}
	if r.all != (held{}) || len(r.peers) != 0 || len(r.guests) != 0 {
		t.Errorf("left behind: %+v %+v %d", r.all, r.peers, len(r.guests))
	}
}

// TestThreatC3RoomOfAProcess: a process beyond its share is refused and shows nobody
// out, not in a full room either.
func TestThreatC3RoomOfAProcess(t *testing.T) {
	r := newRoom()
	for i := range maxPerPeer {
		if r.enter(&net.UnixConn{}, 1) == nil {
			t.Fatal(i)
		}
	}
	if r.enter(&net.UnixConn{}, 1) != nil || r.all.open != maxPerPeer {
		t.Error("a process gets more than its share")
	}
	for i := maxPerPeer; i < maxConns; i++ {
		r.enter(&net.UnixConn{}, 2+i)
	}
	if r.enter(&net.UnixConn{}, 1) != nil || r.peers[1].open != maxPerPeer {
		t.Error("a process beyond its share has shown somebody out")
	}
}

// TestThreatC3RoomForLongLines: eight to a process, 32 in all, given back at the end.
func TestThreatC3RoomForLongLines(t *testing.T) {
	r := newRoom()
	var list []*guest
	for i := range maxLong {
		for range 2 { // the second of each process's last pair is too many
			list = append(list, r.enter(&net.UnixConn{}, i/maxLongPer))
		}
		if err := r.widen(list[len(list)-1]); err != nil {
			t.Fatalf("long line %d: %v", i, err)
		}
	}
	if err := r.widen(list[0]); secret.CodeOf(err) != secret.Busy {
		t.Errorf("a ninth of one process: %v", err)
	}
	other := r.enter(&net.UnixConn{}, 99)
	if err := r.widen(other); secret.CodeOf(err) != secret.Busy {
		t.Errorf("a 33rd: %v", err)
	}
	r.leave(list[1])
	if err := r.widen(other); err != nil {
		t.Errorf("after one has left: %v", err)
	}
}
