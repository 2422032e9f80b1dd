#ifndef STUB_OBJC_MESSAGE_H
#define STUB_OBJC_MESSAGE_H
#include <objc/objc.h>
// Without a prototype on purpose: it is called through a cast.
void objc_msgSend(void);
#endif
