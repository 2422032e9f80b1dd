//go:build linux && !amd64 && !arm64

package harden

// native is zero: on other architectures NoNetwork says that there is no filter.
var native platform
