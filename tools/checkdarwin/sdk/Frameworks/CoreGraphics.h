#include <CoreFoundation/CoreFoundation.h>
CFDictionaryRef CGSessionCopyCurrentDictionary(void);
