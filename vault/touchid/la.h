#include <stdint.h>

// One LAContext, retained; NULL where there is no such class.
void *nxla_new(void);
long nxla_can(void *context, long policy);
int nxla_touch_id(void *context);
void nxla_start(void *context, long policy, const char *reason, int bytes, uint64_t number);
void nxla_invalidate(void *context);
void nxla_release(void *context);
