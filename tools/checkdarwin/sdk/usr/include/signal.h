#ifndef STUB_SIGNAL_H
#define STUB_SIGNAL_H
#include <_base.h>
typedef unsigned int sigset_t;
#define SIG_SETMASK 3
int sigfillset(sigset_t *);
int sigemptyset(sigset_t *);
int sigaddset(sigset_t *, int);
#endif
