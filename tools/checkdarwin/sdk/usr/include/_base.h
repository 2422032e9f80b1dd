// The base types of the 64-bit macOS ABI. All of this SDK is written from the
// documented interfaces, with only what NoxKey and its libraries name.
#ifndef STUB_BASE_H
#define STUB_BASE_H
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
typedef long ssize_t;
typedef int pid_t;
typedef unsigned int uid_t, gid_t, id_t;
typedef long long off_t;
typedef long time_t;
typedef unsigned short mode_t;
struct timespec { time_t tv_sec; long tv_nsec; };
#endif
