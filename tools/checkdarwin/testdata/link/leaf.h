#include <stdint.h>
#include <Security/Security.h>

int leaf_all(uintptr_t number);
void *leaf_token(void);
