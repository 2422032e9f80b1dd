package cocoa

// importID is the import window.
const importID = "import"

// openImport shows the import window with the files at paths, or none.
func (f *Front) openImport(paths []string) {}

// isEnvFile reports whether a dropped file looks like one of ours.
func isEnvFile(path string) bool { return false }
