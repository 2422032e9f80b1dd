package main

import (
	"debug/macho"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// clientLinks are all the libraries the client may be linked to: Go's own standard
// library names these for DNS and certificates, and nothing else of the system is in it.
var clientLinks = []string{
	"/usr/lib/libSystem.B.dylib",
	"/usr/lib/libresolv.9.dylib",
	"/System/Library/Frameworks/CoreFoundation.framework/Versions/A/CoreFoundation",
	"/System/Library/Frameworks/Security.framework/Versions/A/Security",
}

// binaryFaults: universal for both Macs, made for a macOS not newer than the one the
// Info.plist asks for, and linked to nothing but the system. links, if not nil, are all
// the libraries it may be linked to.
func binaryFaults(path string, links []string) []string {
	fat, err := macho.OpenFat(path)
	if err != nil {
		return []string{fmt.Sprintf("%s is not a universal binary: %v", path, err)}
	}
	defer fat.Close() //nolint:errcheck // it was only read
	var faults []string
	var cpus []macho.Cpu
	for _, a := range fat.Arches {
		cpus = append(cpus, a.Cpu)
		if a.Type != macho.TypeExec {
			faults = append(faults, fmt.Sprintf("%s, %v: %v is not a program", path, a.Cpu, a.Type))
		}
		for _, f := range append(linkFaults(a.File, links), minFaults(a.File)...) {
			faults = append(faults, fmt.Sprintf("%s, %v: %s", path, a.Cpu, f))
		}
	}
	slices.Sort(cpus)
	if !slices.Equal(cpus, []macho.Cpu{macho.CpuAmd64, macho.CpuArm64}) {
		faults = append(faults, fmt.Sprintf("%s holds %v, not amd64 and arm64", path, cpus))
	}
	return faults
}

func linkFaults(f *macho.File, links []string) []string {
	libs, err := f.ImportedLibraries()
	if err != nil {
		return []string{err.Error()}
	}
	var faults []string
	for _, l := range libs {
		switch {
		case links != nil && !slices.Contains(links, l):
			faults = append(faults, "it is linked to "+l)
		case !strings.HasPrefix(l, "/usr/lib/") && !strings.HasPrefix(l, "/System/Library/"):
			faults = append(faults, "it is linked to "+l+", which is not part of macOS")
		}
	}
	return faults
}

// Load commands that name the oldest macOS a program is for (mach-o/loader.h).
const (
	lcVersionMin   = 0x24 // LC_VERSION_MIN_MACOSX: the version in the third word
	lcBuildVersion = 0x32 // LC_BUILD_VERSION: platform, then the version in the fourth
	platformMacOS  = 1
)

func minFaults(f *macho.File) []string {
	for _, l := range f.Loads {
		raw := l.Raw()
		if len(raw) < 16 {
			continue
		}
		word := func(i int) uint32 { return binary.LittleEndian.Uint32(raw[4*i:]) }
		switch word(0) {
		case lcVersionMin:
			return newer(word(2))
		case lcBuildVersion:
			if word(2) != platformMacOS {
				return []string{fmt.Sprintf("it is for platform %d, not macOS", word(2))}
			}
			return newer(word(3))
		}
	}
	return []string{"it does not say which macOS it is for"}
}

// newer takes a version packed as xxxx.yy.zz in 32 bits.
func newer(packed uint32) []string {
	major, minor := packed>>16, packed>>8&0xff
	a, b, _ := strings.Cut(minMacOS, ".")
	wantMajor, _ := strconv.Atoi(a)
	wantMinor, _ := strconv.Atoi(b)
	if major > uint32(wantMajor) || major == uint32(wantMajor) && minor > uint32(wantMinor) {
		return []string{fmt.Sprintf("it wants macOS %d.%d, and the Info.plist says %s", major, minor, minMacOS)}
	}
	return nil
}
