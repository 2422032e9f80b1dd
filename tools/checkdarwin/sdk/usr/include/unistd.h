#ifndef STUB_UNISTD_H
#define STUB_UNISTD_H
#include <_base.h>
int chdir(const char *);
int close(int);
pid_t getpid(void);
uid_t getuid(void);
uid_t geteuid(void);
#endif
