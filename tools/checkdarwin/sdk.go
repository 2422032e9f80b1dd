package main

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

//go:embed all:sdk
var stubs embed.FS

const frameworks = "System/Library/Frameworks/"

// versionC are the frameworks whose install name is not Versions/A.
var versionC = map[string]bool{"Foundation": true, "AppKit": true}

// parts are headers inside a framework that somebody includes by name. Each brings the
// whole framework.
var parts = []string{
	"CoreFoundation/CFBundle.h", "CoreFoundation/CFString.h",
	"Foundation/NSArray.h", "Foundation/NSData.h", "Foundation/NSDictionary.h", "Foundation/NSObject.h", "Foundation/NSString.h",
	"IOKit/IOKitLib.h", "IOKit/IOMessage.h", "IOKit/pwr_mgt/IOPMLib.h",
	"Security/SecCode.h", "Security/SecItem.h", "Security/SecKey.h", "Security/SecTask.h", "Security/SecRequirement.h", "Security/SecStaticCode.h",
	"LocalAuthentication/LAContext.h",
}

// libraries other than frameworks, by the first element of a header's path below
// usr/include. What is not named is in libSystem.
var libraries = map[string]string{"objc": "libobjc", "ffi": "libffi", "bsm": "libbsm"}

// installs are their install names; the .tbd files have other names than these.
var installs = map[string]string{
	"libSystem": "/usr/lib/libSystem.B.dylib", "libobjc": "/usr/lib/libobjc.A.dylib", "libffi": "/usr/lib/libffi.dylib",
	"libbsm": "/usr/lib/libbsm.0.dylib", "libresolv": "/usr/lib/libresolv.9.dylib",
}

// sdk is the stub SDK before it is on disk.
type sdk struct {
	arch    string
	headers map[string]string          // path → text
	symbols map[string]map[string]bool // library or framework → symbols
	source  map[string]string          // path of a header of ours → library or framework
}

// makeSDK writes the SDK that pkgs, listed for arch, need below root and returns its directory. The name
// holds a hash of what is in it: Go's build cache does not look at headers, so another
// content must be another path.
func makeSDK(root, arch string, pkgs []*pkg) (string, error) {
	s, err := newSDK(arch, pkgs)
	if err != nil {
		return "", err
	}
	dir := filepath.Join(root, "sdk-"+arch+"-"+s.hash())
	if _, err := os.Stat(filepath.Join(dir, "complete")); err == nil {
		return dir, nil
	}
	if err := s.write(dir); err != nil {
		return "", err
	}
	return dir, os.WriteFile(filepath.Join(dir, "complete"), nil, 0o644)
}

func newSDK(arch string, pkgs []*pkg) (*sdk, error) {
	s := &sdk{arch: arch, headers: map[string]string{}, symbols: map[string]map[string]bool{}, source: map[string]string{}}
	for _, step := range []func([]*pkg) error{s.ours, s.darwinkit, s.imports} {
		if err := step(pkgs); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// ours reads the headers and symbols of the folder sdk.
func (s *sdk) ours([]*pkg) error {
	return fs.WalkDir(stubs, "sdk", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := stubs.ReadFile(name)
		if err != nil {
			return err
		}
		rel := strings.TrimPrefix(name, "sdk/")
		if fw, ok := strings.CutPrefix(rel, "Frameworks/"); ok {
			s.framework(strings.TrimSuffix(fw, ".h"), string(b))
		} else if inc, ok := strings.CutPrefix(rel, "usr/include/"); ok {
			first, _, _ := strings.Cut(inc, "/")
			lib := libraries[first]
			if lib == "" {
				lib = "libSystem"
			}
			s.headers[rel], s.source[rel] = string(b), lib
		} else {
			s.list(string(b))
		}
		return nil
	})
}

// framework adds an umbrella header. It is included once, whoever asks.
func (s *sdk) framework(name, text string) {
	h := frameworks + name + ".framework/Headers/" + name + ".h"
	s.headers[h] = "#pragma once\n" + text
	s.source[h] = name
	for _, p := range parts {
		if file, ok := strings.CutPrefix(p, name+"/"); ok {
			s.headers[path.Join(path.Dir(h), file)] = "#include <" + name + "/" + name + ".h>\n"
		}
	}
}

// list reads symbols.txt.
func (s *sdk) list(text string) {
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) == 0 || words[0] == "#" {
			continue
		}
		for _, w := range words[1:] {
			s.add(words[0], w)
		}
	}
}

func (s *sdk) add(lib, symbol string) {
	if s.symbols[lib] == nil {
		s.symbols[lib] = map[string]bool{}
	}
	s.symbols[lib][symbol] = true
}

var (
	framework    = regexp.MustCompile(`-framework (\w+)`)
	umbrella     = regexp.MustCompile(`#import "(\w+)/`)
	protocolName = regexp.MustCompile(`@protocol\((\w+)\)`)
)

// darwinkit adds what its packages name and nobody uses: frameworks, and protocols in
// them that our headers do not declare.
func (s *sdk) darwinkit(pkgs []*pkg) error {
	for _, p := range pkgs {
		if !within(p.path()) {
			continue
		}
		for _, f := range p.CgoFiles {
			b, err := os.ReadFile(filepath.Join(p.Dir, f))
			if err != nil {
				return err
			}
			for _, m := range framework.FindAllSubmatch(b, -1) {
				s.add(string(m[1]), "")
			}
		}
		b, err := os.ReadFile(filepath.Join(p.Dir, "protocols.gen.m"))
		if m := umbrella.FindSubmatch(b); m != nil {
			s.protocols(string(m[1]), string(b))
		} else if !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s: its protocols name no framework: %w", p.ImportPath, err)
		}
	}
	return nil
}

// protocols declares, without methods, the protocols that text names.
func (s *sdk) protocols(name, text string) {
	h := frameworks + name + ".framework/Headers/" + name + ".h"
	if s.headers[h] == "" {
		s.framework(name, "")
	}
	var more strings.Builder
	for _, m := range protocolName.FindAllStringSubmatch(text, -1) {
		if !regexp.MustCompile(`@protocol ` + m[1] + `\b`).MatchString(s.headers[h]) {
			fmt.Fprintf(&more, "@protocol %s @end\n", m[1])
		}
	}
	if more.Len() > 0 { // plain C reads some of these headers too
		s.headers[h] += "#ifdef __OBJC__\n#include <objc/NSObject.h>\n" + more.String() + "#endif\n"
	}
}

var imported = regexp.MustCompile(`(?m)^//go:cgo_import_dynamic[ \t]+\S+[ \t]+(\S+)[ \t]+"([^"]+)"`)

// imports adds what Go's own packages import from macOS by name: Go states the symbol
// and the library.
func (s *sdk) imports(pkgs []*pkg) error {
	libs := map[string]string{}
	for lib, install := range installs {
		libs[install] = lib
	}
	for _, p := range pkgs {
		for _, f := range p.GoFiles {
			b, err := os.ReadFile(filepath.Join(p.Dir, f))
			if err != nil {
				if filepath.IsAbs(f) {
					continue // a test's generated main
				}
				return err
			}
			for _, m := range imported.FindAllSubmatch(b, -1) {
				lib := libs[string(m[2])]
				if lib == "" {
					lib = path.Base(string(m[2])) // a framework
				}
				s.add(lib, "_"+string(m[1]))
			}
		}
	}
	return nil
}

func (s *sdk) hash() string {
	h := sha256.New()
	for _, p := range slices.Sorted(maps.Keys(s.headers)) {
		fmt.Fprintf(h, "%q %q\n", p, s.headers[p])
	}
	for _, lib := range slices.Sorted(maps.Keys(s.symbols)) {
		fmt.Fprintf(h, "%q %q\n", lib, slices.Sorted(maps.Keys(s.symbols[lib])))
	}
	return hex.EncodeToString(h.Sum(nil))[:12]
}

func (s *sdk) write(dir string) error {
	for p, text := range s.headers {
		if err := writeFile(filepath.Join(dir, p), text); err != nil {
			return err
		}
	}
	for p, lib := range s.source {
		names, err := declared(dir, s.arch, p)
		if err != nil {
			return err
		}
		s.add(lib, "") // a library is there even if it exports nothing
		for _, n := range names {
			s.add(lib, n)
		}
	}
	for lib, symbols := range s.symbols {
		install, file := installs[lib], "usr/lib/"+lib+".tbd"
		if install == "" {
			version := "A"
			if versionC[lib] {
				version = "C"
			}
			install = fmt.Sprintf("/%s%s.framework/Versions/%s/%s", frameworks, lib, version, lib)
			file = frameworks + lib + ".framework/" + lib + ".tbd"
		}
		delete(symbols, "")
		if err := writeFile(filepath.Join(dir, file), tbd(install, s.arch, symbols)); err != nil {
			return err
		}
	}
	for _, alias := range []string{"libc", "libm", "libpthread"} {
		if err := os.Symlink("libSystem.tbd", filepath.Join(dir, "usr/lib", alias+".tbd")); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return nil
}

func writeFile(name, text string) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, []byte(text), 0o644)
}

// tbd is a text-based stub library, version 4.
func tbd(install, arch string, symbols map[string]bool) string {
	var quoted []string
	for _, s := range slices.Sorted(maps.Keys(symbols)) {
		quoted = append(quoted, "'"+s+"'")
	}
	machine, _, _ := strings.Cut(triples[arch], "-")
	return fmt.Sprintf("--- !tapi-tbd\ntbd-version: 4\ntargets: [ %s-macos ]\ninstall-name: '%s'\nexports:\n  - targets: [ %[1]s-macos ]\n    symbols: [ %[3]s ]\n...\n",
		machine, install, strings.Join(quoted, ", "))
}

// declared asks clang what one header itself declares: functions, variables, classes.
func declared(dir, arch, header string) ([]string, error) {
	args := append(strings.Fields(clang(dir, arch))[1:], "-x", "objective-c", "-fsyntax-only", "-Xclang", "-ast-dump=json", filepath.Join(dir, header))
	cmd := exec.Command(compiler, args...)
	var out, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("stub header %s: %w\n%s", header, err, &stderr)
	}
	var unit struct {
		Inner []struct {
			Kind, Name, StorageClass string
			IsImplicit               bool
			Loc                      struct{ IncludedFrom json.RawMessage }
			Super                    json.RawMessage
			Inner                    []json.RawMessage
		}
	}
	if err := json.Unmarshal(out.Bytes(), &unit); err != nil {
		return nil, fmt.Errorf("stub header %s: %w", header, err)
	}
	var names []string
	for _, d := range unit.Inner {
		if d.IsImplicit || d.Loc.IncludedFrom != nil {
			continue
		}
		switch {
		case d.Kind == "FunctionDecl" && d.StorageClass != "static",
			d.Kind == "VarDecl" && d.StorageClass == "extern":
			names = append(names, "_"+d.Name)
		case d.Kind == "ObjCInterfaceDecl" && (d.Super != nil || len(d.Inner) > 0):
			names = append(names, "_OBJC_CLASS_$_"+d.Name, "_OBJC_METACLASS_$_"+d.Name)
		}
	}
	return names, nil
}
