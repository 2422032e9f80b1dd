#ifndef STUB_SYS_SOCKET_H
#define STUB_SYS_SOCKET_H
#include <_base.h>
typedef unsigned int socklen_t;
int getsockopt(int, int, int, void *, socklen_t *);
#endif
