#ifndef STUB_SYS_MMAN_H
#define STUB_SYS_MMAN_H
#include <_base.h>
int mlock(const void *, size_t);
int munlock(const void *, size_t);
#endif
