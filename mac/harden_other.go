//go:build !darwin

package mac

var steps = []step{noCore}
