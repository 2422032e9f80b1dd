#ifndef STUB_SYS_PTRACE_H
#define STUB_SYS_PTRACE_H
#include <_base.h>
#define PT_DENY_ATTACH 31
int ptrace(int request, pid_t, char *addr, int data);
#endif
