//go:build !linux

package harden

import (
	"syscall"

	"golang.org/x/sys/unix"

	"noxkey/secret"
)

// On a Mac abort(3), which frameworks call, is a signal like another's.
var fatalSignals = []syscall.Signal{syscall.SIGQUIT}

// Harden is Linux's; the Mac's is package mac's.
func Harden() error { return ErrNotImplemented }

// NoNetwork is Linux's; on a Mac the sandbox's entitlements say it.
func NoNetwork() error { return ErrNotImplemented }

// NoCore sets the limit for core dumps to nothing, for good.
func NoCore() error { return unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}) }

// Conceal does nothing here: on a Mac, task_for_pid is refused to whoever has not the
// entitlement for it, and a client signed with the hardened runtime is no exception.
func Conceal() error { return nil }

// Reveal does nothing here.
func Reveal() error { return nil }

// Findings has nothing to say here.
func Findings() []secret.Finding { return nil }

func replace(fd, as int) error { return unix.Dup2(fd, as) }
