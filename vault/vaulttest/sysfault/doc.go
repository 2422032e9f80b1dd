// Package sysfault lets the kernel's answers to chosen system calls be other ones, for
// tests: every step by which a program writes can fail with a real errno, from outside,
// with no seam in the program.
//
// It rests on seccomp's user notification (seccomp_unotify(2), Linux 5.5), which needs
// no privilege: a filter on one thread hands its writing system calls to a supervisor
// in the same process, which lets them go on, answers them, or does a part of them. Only
// Linux has it; on other systems the package is empty.
package sysfault
