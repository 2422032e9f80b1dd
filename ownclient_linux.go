package main

import "path/filepath"

// clientOf is the client beside the app at exe.
func clientOf(exe string) string { return filepath.Join(filepath.Dir(exe), "noxkey") }
