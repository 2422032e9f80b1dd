#ifndef STUB_MACTYPES_H
#define STUB_MACTYPES_H
#include <stdbool.h>
#include <stdint.h>
typedef unsigned char UInt8, Byte, Boolean;
typedef signed char SInt8;
typedef unsigned short UInt16, UniChar;
typedef short SInt16;
typedef unsigned int UInt32, OptionBits, FourCharCode;
typedef int SInt32;
typedef unsigned long long UInt64;
typedef long long SInt64;
typedef float Float32;
typedef double Float64;
typedef SInt32 OSStatus;
typedef FourCharCode OSType;
typedef unsigned long ByteCount, ItemCount;
enum { noErr = 0 };
#endif
