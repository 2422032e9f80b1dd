package harden

import "golang.org/x/sys/unix"

func replace(fd, as int) error { return unix.Dup3(fd, as, 0) }
