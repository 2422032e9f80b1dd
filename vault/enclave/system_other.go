//go:build !(darwin && cgo)

package enclave

// system is nil where no Secure Enclave can be reached.
var system native
