package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"noxkey/tools/bundle/plist"
)

// bundleID names the app to macOS; the container's path, and with it the socket's, is
// made from it (socket.DefaultHome).
const bundleID = "app.noxkey.NoxKey"

var (
	threeNumbers = regexp.MustCompile(`^\d+\.\d+\.\d+$`)
	oneNumber    = regexp.MustCompile(`^[1-9]\d*$`)
)

// infoMust are the values an Info.plist of ours has, and why.
var infoMust = []struct {
	key  string
	want any
	why  string
}{
	{"CFBundleIdentifier", bundleID, "the socket's path is made from it"},
	{"CFBundleExecutable", "NoxKey", "it is the file in Contents/MacOS"},
	{"CFBundleIconFile", "NoxKey", "it is the file in Contents/Resources"},
	{"CFBundlePackageType", "APPL", "it is an app"},
	{"CFBundleInfoDictionaryVersion", "6.0", "the only version there is"},
	{"LSUIElement", true, "DESIGN: a menu-bar app"},
	{"LSMinimumSystemVersion", minMacOS, "SMAppService begins with macOS 13"},
	{"LSMultipleInstancesProhibited", true, "one vault, one app"},
	{"NSSupportsAutomaticTermination", false, "ending it ends the sessions"},
	{"NSSupportsSuddenTermination", false, "the audit's head is put away on the way out"},
	{"NSHighResolutionCapable", true, "cards are text"},
	{"NSPrincipalClass", "NSApplication", "AppKit wants one"},
}

// infoNever are keys that loosen a promise or that we decided against; the template
// says why.
var infoNever = []string{"NSAppTransportSecurity", "CFBundleDocumentTypes", "LSEnvironment", "SMPrivilegedExecutables", "NSAppleScriptEnabled", "CFBundleURLTypes"}

// infoFaults returns what is wrong with the Info.plist of a bundle, in words.
func infoFaults(d plist.Dict) []string {
	var faults []string
	for _, m := range infoMust {
		if d[m.key] != m.want {
			faults = append(faults, fmt.Sprintf("Info.plist: %s is %v, not %v: %s", m.key, d[m.key], m.want, m.why))
		}
	}
	for _, k := range infoNever {
		if _, there := d[k]; there {
			faults = append(faults, "Info.plist: "+k+" must not be there")
		}
	}
	if s, _ := d["CFBundleShortVersionString"].(string); !threeNumbers.MatchString(s) {
		faults = append(faults, fmt.Sprintf("Info.plist: CFBundleShortVersionString %q is not three numbers", s))
	}
	if s, _ := d["CFBundleVersion"].(string); !oneNumber.MatchString(s) {
		faults = append(faults, fmt.Sprintf("Info.plist: CFBundleVersion %q is not a number", s))
	}
	return append(faults, usageFaults(d)...)
}

// usageFaults: macOS ends a program that asks for a guarded thing without a text, and a
// text for what is never asked for makes people wonder.
func usageFaults(d plist.Dict) []string {
	var faults []string
	if s, _ := d["NSFaceIDUsageDescription"].(string); !strings.HasSuffix(s, ".") || len(s) < 20 {
		faults = append(faults, fmt.Sprintf("Info.plist: NSFaceIDUsageDescription %q is not a sentence", s))
	}
	for k := range d {
		if strings.HasSuffix(k, "UsageDescription") && k != "NSFaceIDUsageDescription" {
			faults = append(faults, "Info.plist: "+k+": nothing of ours asks for that")
		}
	}
	slices.Sort(faults)
	return faults
}
