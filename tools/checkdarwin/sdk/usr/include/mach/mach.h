#ifndef STUB_MACH_H
#define STUB_MACH_H
#include <stdint.h>
typedef unsigned int mach_port_t, natural_t;
typedef int kern_return_t;
typedef struct { unsigned int val[8]; } audit_token_t;
#define KERN_SUCCESS 0
#define MACH_PORT_NULL 0
#endif
