#ifndef STUB_LIBPROC_H
#define STUB_LIBPROC_H
#include <_base.h>
#define PROC_PIDPATHINFO_MAXSIZE 4096
int proc_pidpath(int pid, void *buffer, uint32_t size);
int proc_pidinfo(int pid, int flavor, uint64_t arg, void *buffer, int size);
#endif
