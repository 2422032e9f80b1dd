/* Included before every file: names that Apple's headers bring along. */
#ifdef __OBJC__
#include <objc/runtime.h>
typedef unsigned char Byte;
#endif
