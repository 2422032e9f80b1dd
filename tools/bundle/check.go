package main

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"noxkey/tools/bundle/draw"
	"noxkey/tools/bundle/plist"
)

// layout is every file a bundle has, and its mode.
var layout = map[string]fs.FileMode{
	"Contents/Info.plist":            0o644,
	"Contents/PkgInfo":               0o644,
	"Contents/MacOS/NoxKey":          0o755,
	"Contents/Helpers/noxkey":        0o755,
	"Contents/Resources/NoxKey.icns": 0o644,
}

// later is what signing with a team, signing and stapling add.
var later = []string{"Contents/embedded.provisionprofile", "Contents/_CodeSignature/CodeResources", "Contents/CodeResources"}

// bundleFaults returns what is wrong with the bundle at dir, in words; an empty list
// means that it is as DESIGN wants it. It says nothing about its signature.
func bundleFaults(dir string) []string {
	faults := layoutFaults(dir)
	if b, err := os.ReadFile(filepath.Join(dir, "Contents", "Info.plist")); err == nil {
		d, err := plist.Read(b)
		if err != nil {
			faults = append(faults, err.Error())
		} else {
			faults = append(faults, infoFaults(d)...)
		}
	}
	if b, err := os.ReadFile(filepath.Join(dir, "Contents", "PkgInfo")); err == nil && string(b) != pkgInfo {
		faults = append(faults, fmt.Sprintf("PkgInfo is %q", b))
	}
	if b, err := os.ReadFile(filepath.Join(dir, "Contents", "Resources", "NoxKey.icns")); err == nil {
		if _, err := draw.ReadICNS(b); err != nil {
			faults = append(faults, err.Error())
		}
	}
	faults = append(faults, binaryFaults(filepath.Join(dir, "Contents", "MacOS", "NoxKey"), nil)...)
	return append(faults, binaryFaults(filepath.Join(dir, "Contents", "Helpers", "noxkey"), clientLinks)...)
}

// layoutFaults compares what is there with the layout: files, modes, nothing else.
func layoutFaults(dir string) []string {
	var faults []string
	there := map[string]bool{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		fi, err := e.Info()
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		there[rel] = true
		faults = append(faults, entryFaults(rel, fi)...)
		return nil
	})
	if err != nil {
		faults = append(faults, err.Error())
	}
	for _, f := range slices.Sorted(maps.Keys(layout)) {
		if !there[f] {
			faults = append(faults, f+" is missing")
		}
	}
	return faults
}

func entryFaults(rel string, fi fs.FileInfo) []string {
	if fi.IsDir() {
		if fi.Mode().Perm() != 0o755 {
			return []string{fmt.Sprintf("%s has mode %o, not 755", rel, fi.Mode().Perm())}
		}
		return nil
	}
	if !fi.Mode().IsRegular() {
		return []string{rel + " is not a plain file"}
	}
	want, known := layout[rel]
	if !known && !slices.Contains(later, rel) {
		return []string{rel + " does not belong there"}
	}
	if known && fi.Mode() != want {
		return []string{fmt.Sprintf("%s has mode %o, not %o", rel, fi.Mode(), want)}
	}
	return nil
}
