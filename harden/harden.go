// Package harden keeps what is in a process from the other programs of the same user, and
// has the kernel refuse it the network. Each program takes as much as it can bear:
//
//   - The app: Harden, NoNetwork, Quiet and FatalSignals.
//   - `noxkey mcp`: the same. It starts clipboard readers and never the user's command.
//   - `noxkey` when it holds a value: Conceal and Quiet. Not the rest: limits and filters
//     are inherited by what it starts, and that may be the user's command. Being not
//     dumpable ends with the next execve(2).
//
// What is here is Linux's; package mac has the Mac's counterpart. Out of reach are root,
// the kernel, whoever is attached already when a process hardens itself, and whoever started
// it, who could have started something else under its name.
package harden

import (
	"errors"
	"syscall"
)

// ErrNoFilter is wrapped by the error of NoNetwork where the kernel, or the container that
// this process runs in, has no filter for system calls to give.
var ErrNoFilter = errors.New("the kernel offers no filter for system calls here")

// ErrNotImplemented is returned by everything in this package that a system has no
// counterpart of.
var ErrNotImplemented = errors.New("harden: not implemented on this system")

// FatalSignals are those for which the runtime would print stacks and registers, and which
// any process of the user can send. A program that is notified of them (os/signal) can end
// in good order instead. A real fault of its own, which the kernel signals with the same
// numbers, stays the runtime's; see Quiet.
func FatalSignals() []syscall.Signal { return fatalSignals }
