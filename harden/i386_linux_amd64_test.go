package harden

import (
	"syscall"
	"unsafe"

	"github.com/ebitengine/purego"
	"golang.org/x/sys/unix"
)

// i386 makes system calls by the numbers of i386, as any x86-64 process can with int 0x80:
// socket(2) is 359 there, and 102 is socketcall. The code lies in a page of its own.
func i386() []try {
	page, err := unix.Mmap(-1, 0, 4096, unix.PROT_READ|unix.PROT_WRITE|unix.PROT_EXEC, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		return []try{{"i386 page", func() syscall.Errno { return errno(err) }}}
	}
	// push rbx; mov eax, edi; mov ebx, esi; mov ecx, edx; xor edx, edx; int 0x80; movsxd rax, eax; pop rbx; ret
	copy(page, []byte{0x53, 0x89, 0xf8, 0x89, 0xf3, 0x89, 0xd1, 0x31, 0xd2, 0xcd, 0x80, 0x48, 0x63, 0xc0, 0x5b, 0xc3})
	call := func(nr, a, b uintptr) syscall.Errno {
		r, _, _ := purego.SyscallN(uintptr(unsafe.Pointer(&page[0])), nr, a, b)
		if n := int64(r); n < 0 {
			return syscall.Errno(-n)
		} else if nr == 359 {
			unix.Close(int(n))
		}
		return 0
	}
	return []try{
		{"i386 socket", func() syscall.Errno { return call(359, unix.AF_INET, unix.SOCK_DGRAM) }},
		{"i386 socketcall", func() syscall.Errno { return call(102, 1, 0) }},
	}
}
