#ifndef STUB_AVAILABILITY_H
#define STUB_AVAILABILITY_H
// macos(13.0) becomes what clang holds the deployment target against.
#define API_AVAILABLE(...) __attribute__((availability(__VA_ARGS__)))
#define macos(v) macos,introduced=v
#endif
