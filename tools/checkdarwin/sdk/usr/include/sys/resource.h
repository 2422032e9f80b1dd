#ifndef STUB_SYS_RESOURCE_H
#define STUB_SYS_RESOURCE_H
#include <_base.h>
struct rlimit { unsigned long long rlim_cur, rlim_max; };
#define RLIMIT_CORE 4
int getrlimit(int, struct rlimit *);
int setrlimit(int, const struct rlimit *);
#endif
