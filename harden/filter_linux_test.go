package harden

import (
	"encoding/binary"
	"fmt"
	"testing"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// data is a struct seccomp_data for the machine of package bpf. That one reads words as they
// lie on the wire, big endian, and the kernel reads seccomp_data in the machine's order: so
// each word is written here in the order in which it is read there. That the offsets and the
// order are right on this machine is for the tests in a real process to say.
func data(arch, nr uint32, arg0 uint64) []byte {
	b := make([]byte, 64)
	binary.BigEndian.PutUint32(b[offsetNumber:], nr)
	binary.BigEndian.PutUint32(b[offsetArch:], arch)
	binary.BigEndian.PutUint32(b[offsetArg0:], uint32(arg0))
	binary.BigEndian.PutUint32(b[offsetArg0+4:], uint32(arg0>>32))
	return b
}

var platforms = map[string]platform{
	"amd64": {
		arch: unix.AUDIT_ARCH_X86_64, x32: true, socket: 41, socketpair: 53, ioURing: [3]uint32{425, 426, 427},
		ptrace: 101, readv: 310, writev: 311, pidfdGetfd: 438, perf: 298, kcmp: 312,
	},
	"arm64": {
		arch: unix.AUDIT_ARCH_AARCH64, socket: 198, socketpair: 199, ioURing: [3]uint32{425, 426, 427},
		ptrace: 117, readv: 270, writev: 271, pidfdGetfd: 438, perf: 241, kcmp: 272,
	},
}

// TestNumbers: the numbers of the kernel's tables (syscall_64.tbl, asm-generic/unistd.h),
// written down a second time, for both architectures.
func TestNumbers(t *testing.T) {
	t.Parallel()
	for name, p := range platforms {
		if p.arch == native.arch && p != native {
			t.Errorf("%s: %+v, want %+v", name, native, p)
		}
	}
}

// TestThreatD4NoNetworkFilter is the whole filter as a table, for both architectures.
func TestThreatD4NoNetworkFilter(t *testing.T) {
	t.Parallel()
	for name, p := range platforms {
		vm, err := bpf.NewVM(p.program())
		if err != nil {
			t.Fatal(err)
		}
		is := func(what string, arch, nr uint32, arg0 uint64, want uint32) {
			t.Helper()
			got, err := vm.Run(data(arch, nr, arg0))
			if err != nil || uint32(got) != want {
				t.Errorf("%s: %s is answered %#x (%v), want %#x", name, what, got, err, want)
			}
		}
		for family := range uint64(70) {
			want := uint32(noSocket)
			if family == unix.AF_UNIX {
				want = allow
			}
			is(fmt.Sprint("socket of family ", family), p.arch, p.socket, family, want)
			is(fmt.Sprint("socketpair of family ", family), p.arch, p.socketpair, family, want)
		}
		// The kernel takes the family from the lower half.
		is("a family with a dirty upper half", p.arch, p.socket, 0xdeadbeef<<32|unix.AF_INET, noSocket)
		is("a Unix socket with one", p.arch, p.socket, 0xdeadbeef<<32|unix.AF_UNIX, allow)
		is("a family of -1", p.arch, p.socket, 0xffffffff, noSocket)
		refused := map[uint32]bool{}
		for _, nr := range p.refused() {
			refused[nr] = true
			is(fmt.Sprint("call ", nr), p.arch, nr, unix.AF_UNIX, forbidden)
		}
		for nr := range uint32(600) {
			if !refused[nr] && nr != p.socket && nr != p.socketpair {
				is(fmt.Sprint("call ", nr), p.arch, nr, unix.AF_INET, allow)
			}
			for _, arch := range []uint32{unix.AUDIT_ARCH_I386, unix.AUDIT_ARCH_ARM, 0, ^p.arch} {
				is(fmt.Sprintf("call %d of architecture %#x", nr, arch), arch, nr, unix.AF_UNIX, forbidden)
			}
			if p.x32 {
				is(fmt.Sprint("x32's call ", nr), p.arch, nr|x32Bit, unix.AF_UNIX, forbidden)
			}
		}
		if p.x32 {
			is("call -1", p.arch, 0xffffffff, 0, forbidden)
		}
	}
}
