#ifndef STUB_LIBBSM_H
#define STUB_LIBBSM_H
#include <_base.h>
#include <mach/mach.h>
// In libbsm.0.dylib on a Mac: link with -lbsm.
pid_t audit_token_to_pid(audit_token_t);
int audit_token_to_pidversion(audit_token_t);
uid_t audit_token_to_euid(audit_token_t);
#endif
