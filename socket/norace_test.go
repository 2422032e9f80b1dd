//go:build !race

package socket

// slower is by how much loads are divided; see race_test.go.
const slower = 1
