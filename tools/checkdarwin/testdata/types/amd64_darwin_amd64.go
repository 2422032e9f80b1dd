package types

var wide int32 = 1 << 40 // want "cannot use 1 << 40 .*amd64 only"
