package main

import "path/filepath"

// clientOf is the client in the bundle of the app at exe.
func clientOf(exe string) string {
	return filepath.Join(filepath.Dir(filepath.Dir(exe)), "Helpers", "noxkey")
}
