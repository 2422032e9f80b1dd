package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"noxkey/socket"
	"noxkey/tools/bundle/plist"
)

// TestMain: the commands run in the repository's top folder. Under another name this
// binary is one of the Mac's tools (scripts_test.go).
func TestMain(m *testing.M) {
	if tool, ok := macTools[filepath.Base(os.Args[0])]; ok {
		os.Exit(tool(os.Args[1:]))
	}
	if err := os.Chdir("../.."); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// made assembles a bundle of programs that are nothing but headers.
func made(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	p := parts{
		template: "NoxKey.app-template", icon: "assets/NoxKey.icns",
		app: filepath.Join(dir, "app"), client: filepath.Join(dir, "client"), out: filepath.Join(dir, "NoxKey.app"),
		describe: "v1.2.3-4-gabcdef0-dirty", build: "345", year: "2026",
	}
	for path, b := range map[string][]byte{
		p.app:    program(t, "/System/Library/Frameworks/AppKit.framework/Versions/C/AppKit"),
		p.client: program(t),
	} {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := assemble(p); err != nil {
		t.Fatal(err)
	}
	return p.out
}

func TestAssemble(t *testing.T) {
	app := made(t)
	if f := bundleFaults(app); len(f) > 0 {
		t.Fatal(strings.Join(f, "\n"))
	}
	b, err := os.ReadFile(filepath.Join(app, "Contents/Info.plist"))
	if err != nil {
		t.Fatal(err)
	}
	d, err := plist.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	for k, want := range map[string]any{
		"CFBundleShortVersionString": "1.2.3", "CFBundleVersion": "345", "LSMinimumSystemVersion": "13.0",
		"NXSourceVersion": "v1.2.3-4-gabcdef0-dirty", "NSHumanReadableCopyright": "Copyright © 2026 the NoxKey authors",
	} {
		if d[k] != want {
			t.Errorf("%s is %v, not %v", k, d[k], want)
		}
	}
}

// TestTheSocketIsInTheAppsContainer: the bundle identifier makes the container's name, and
// socket.DefaultHome has it too.
func TestTheSocketIsInTheAppsContainer(t *testing.T) {
	b, err := os.ReadFile("socket/home.go")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(b, []byte(`"Containers", "`+bundleID+`", "Data"`)) {
		t.Errorf("socket.DefaultHome is not in the container of %s", bundleID)
	}
	// 31 bytes is the longest short name that macOS makes (sysadminctl), far below the limit.
	long := socket.Home("/Users/" + strings.Repeat("n", 31) + "/Library/Containers/" + bundleID + "/Data/noxkey")
	if n := len(long.Socket()); n > 103 {
		t.Errorf("%s has %d bytes, and a socket's path on a Mac at most 103", long.Socket(), n)
	}
}

func TestBundleFaultsAreFound(t *testing.T) {
	write := func(rel, s string) func(*testing.T, string) {
		return func(t *testing.T, app string) {
			path := filepath.Join(app, rel)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(s), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	mode := func(rel string, m fs.FileMode) func(*testing.T, string) {
		return func(t *testing.T, app string) {
			if err := os.Chmod(filepath.Join(app, rel), m); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, c := range map[string]struct {
		spoil func(*testing.T, string)
		want  string
	}{
		"stray file":         {write("Contents/Resources/.DS_Store", "x"), ".DS_Store does not belong"},
		"stray in the top":   {write("Icon", "x"), "Icon does not belong"},
		"source map":         {write("Contents/MacOS/NoxKey.dSYM", "x"), "does not belong"},
		"not to execute":     {mode("Contents/Helpers/noxkey", 0o644), "has mode 644"},
		"for all to write":   {mode("Contents/MacOS/NoxKey", 0o777), "has mode"},
		"set-user-id":        {mode("Contents/Helpers/noxkey", 0o755|fs.ModeSetuid), "has mode 40000755"},
		"folder for all":     {mode("Contents/Helpers", 0o777), "mode 777, not 755"},
		"icon is a PNG":      {write("Contents/Resources/NoxKey.icns", "\x89PNG\r\n\x1a\n12345678"), "icns"},
		"no property list":   {write("Contents/Info.plist", "{}"), "property list"},
		"PkgInfo":            {write("Contents/PkgInfo", "FMWK????"), "PkgInfo is"},
		"the client is text": {write("Contents/Helpers/noxkey", "#!/bin/sh\n"), "not a universal binary"},
		"missing": {func(t *testing.T, app string) {
			if err := os.Remove(filepath.Join(app, "Contents/Resources/NoxKey.icns")); err != nil {
				t.Fatal(err)
			}
		}, "NoxKey.icns is missing"},
		"a link out of it": {func(t *testing.T, app string) {
			path := filepath.Join(app, "Contents/Helpers/noxkey")
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink("/bin/sh", path); err != nil {
				t.Fatal(err)
			}
		}, "not a plain file"},
	} {
		t.Run(name, func(t *testing.T) {
			app := made(t)
			c.spoil(t, app)
			if f := strings.Join(bundleFaults(app), "\n"); !strings.Contains(f, c.want) {
				t.Errorf("want %q, found %q", c.want, f)
			}
		})
	}
}

func TestAssembleRefuses(t *testing.T) {
	good := parts{template: "NoxKey.app-template", out: "x.app", describe: "v1.2.3", build: "1", year: "2026"}
	for name, c := range map[string]struct {
		spoil func(*parts)
		want  string
	}{
		"a folder that is no bundle": {func(p *parts) { p.out = "build" }, "does not end in .app"},
		"no build number":            {func(p *parts) { p.build = "" }, "build number"},
		"a build number of words":    {func(p *parts) { p.build = "1a" }, "build number"},
		"no version":                 {func(p *parts) { p.describe = "" }, "a version and a year"},
		"no template":                {func(p *parts) { p.template = "nowhere" }, "no such file"},
	} {
		p := good
		c.spoil(&p)
		if err := assemble(p); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: want %q, got %v", name, c.want, err)
		}
	}
}

func TestTheTemplateIsFilledInWholly(t *testing.T) {
	good, err := os.ReadFile("NoxKey.app-template/Contents/Info.plist")
	if err != nil {
		t.Fatal(err)
	}
	try := func(info string, more ...string) error {
		dir := t.TempDir()
		if err := put(filepath.Join(dir, "Contents", "Info.plist"), []byte(info), 0o644); err != nil {
			t.Fatal(err)
		}
		for _, m := range more {
			if err := put(filepath.Join(dir, m), nil, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if err := onlyInfo(dir); err != nil {
			return err
		}
		_, err := fillInfo(parts{template: dir, describe: "v1.2.3", build: "1", year: "2026"})
		return err
	}
	if err := try(string(good)); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"no place":  {try(strings.ReplaceAll(string(good), "@BUILD@", "1")), "no place for @BUILD@"},
		"a new one": {try(strings.Replace(string(good), "NSApplication", "@WHAT@", 2)), "@WHAT@"},
		"a stray":   {try(string(good), "Contents/.DS_Store"), "does not belong"},
		"key twice": {try(strings.Replace(string(good), "<dict>", "<dict><key>CFBundleName</key><string>x</string>", 1)), "twice"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("%s: want %q, got %v", name, c.want, c.err)
		}
	}
}

func TestShortVersion(t *testing.T) {
	for in, want := range map[string]string{
		"v1.2.3": "1.2.3", "v0.10.0-7-gabc1234-dirty": "0.10.0", "v2.0.0-rc.1": "2.0.0",
		"abc1234": "0.0.0", "abc1234-dirty": "0.0.0", "dev": "0.0.0", "": "0.0.0", "v1.2": "0.0.0", "v01.2.3": "0.0.0", "v1.2.3.4": "0.0.0",
	} {
		if got := shortVersion(in); got != want {
			t.Errorf("%q became %s, not %s", in, got, want)
		}
	}
}

func TestInfoFaultsAreFound(t *testing.T) {
	b, err := fillInfo(parts{template: "NoxKey.app-template", describe: "v1.2.3", build: "1", year: "2026"})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		spoil func(plist.Dict)
		want  string
	}{
		"a Dock icon":          {func(d plist.Dict) { delete(d, "LSUIElement") }, "LSUIElement"},
		"a Dock icon, said":    {func(d plist.Dict) { d["LSUIElement"] = false }, "LSUIElement is false"},
		"LSUIElement as text":  {func(d plist.Dict) { d["LSUIElement"] = "1" }, "LSUIElement is 1"},
		"too old a macOS":      {func(d plist.Dict) { d["LSMinimumSystemVersion"] = "12.0" }, "LSMinimumSystemVersion is 12.0"},
		"ended by itself":      {func(d plist.Dict) { d["NSSupportsAutomaticTermination"] = true }, "NSSupportsAutomaticTermination"},
		"two of it":            {func(d plist.Dict) { delete(d, "LSMultipleInstancesProhibited") }, "LSMultipleInstancesProhibited"},
		"network exceptions":   {func(d plist.Dict) { d["NSAppTransportSecurity"] = plist.Dict{} }, "NSAppTransportSecurity must not"},
		"Open With":            {func(d plist.Dict) { d["CFBundleDocumentTypes"] = []any{} }, "CFBundleDocumentTypes must not"},
		"a variable":           {func(d plist.Dict) { d["LSEnvironment"] = plist.Dict{} }, "LSEnvironment must not"},
		"another identifier":   {func(d plist.Dict) { d["CFBundleIdentifier"] = "app.noxkey" }, "the socket's path"},
		"no usage text":        {func(d plist.Dict) { delete(d, "NSFaceIDUsageDescription") }, "NSFaceIDUsageDescription"},
		"an empty usage text":  {func(d plist.Dict) { d["NSFaceIDUsageDescription"] = "" }, "is not a sentence"},
		"the camera":           {func(d plist.Dict) { d["NSCameraUsageDescription"] = "For fun." }, "nothing of ours asks"},
		"a version with words": {func(d plist.Dict) { d["CFBundleShortVersionString"] = "1.2.3-rc1" }, "not three numbers"},
		"a build of nothing":   {func(d plist.Dict) { d["CFBundleVersion"] = "0" }, "CFBundleVersion"},
	} {
		d, err := plist.Read(b)
		if err != nil {
			t.Fatal(err)
		}
		if f := infoFaults(d); len(f) > 0 {
			t.Fatalf("the template itself: %v", f)
		}
		c.spoil(d)
		if f := strings.Join(infoFaults(d), "\n"); !strings.Contains(f, c.want) {
			t.Errorf("%s: want %q, found %q", name, c.want, f)
		}
	}
}

// TestLayoutIsWhole: what assemble writes and what check wants are said twice; this holds
// them together.
func TestLayoutIsWhole(t *testing.T) {
	app, n := made(t), 0
	err := filepath.WalkDir(app, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			n++
		}
		return err
	})
	if err != nil || n != len(layout) {
		t.Errorf("%d files, %d in the layout: %v", n, len(layout), err)
	}
	if slices.ContainsFunc(later, func(f string) bool { _, both := layout[f]; return both }) {
		t.Error("a file is both wanted and only allowed")
	}
}
