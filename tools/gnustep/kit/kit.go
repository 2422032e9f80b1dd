// Package kit makes what a darwinkit program needs to be built against GNUstep on Linux: a compiler
// wrapper, a library with what GCC's Objective-C runtime lacks, headers with Apple's names, and a
// patched copy of darwinkit. All of it goes into one folder under build/; nothing is committed and
// the project's go.mod is only read.
package kit

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

//go:embed all:objc
var sources embed.FS

// Module is the library that is copied and patched.
const Module = "github.com/progrium/darwinkit"

// Kit is a folder that holds what Make put there.
type Kit struct {
	Root string // the project: where its go.mod is
	Dir  string // absolute; no blank in it, since cgo splits CC at blanks
}

// Make fills dir. A file whose text is already there is left alone, so Go's cache stays warm:
// cold, darwinkit's appkit takes over two minutes to compile.
func Make(root, dir string) (*Kit, error) {
	k := &Kit{Root: root, Dir: dir}
	if strings.ContainsAny(dir, " \t") {
		return nil, fmt.Errorf("%q: cgo cannot use a compiler whose path has a blank", dir)
	}
	for _, step := range []func() error{k.unpack, k.paths, k.darwinkit, k.headers, k.shim, k.modfile} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return k, nil
}

// Env is the environment for a go command that builds and runs with the kit. Go's own linker, which
// it uses for programs whose only C is the standard library's, keeps the libraries of the wrapper
// and drops their path: hence LD_LIBRARY_PATH.
func (k *Kit) Env() []string {
	return append(os.Environ(), "CC="+filepath.Join(k.Dir, "cc"), "CGO_ENABLED=1", "GOFLAGS=-buildvcs=false",
		"CGO_CFLAGS=-O1", "CGO_LDFLAGS=", "CGO_LDFLAGS_ALLOW=.*", "LD_LIBRARY_PATH="+k.Dir)
}

// Go is a go command in the project's folder, for example Go("build", "./x"): with the tag gnustep
// and the patched darwinkit.
func (k *Kit) Go(verb string, args ...string) *exec.Cmd {
	args = append([]string{verb, "-tags=gnustep", "-modfile=" + filepath.Join(k.Dir, "go.mod")}, args...)
	cmd := exec.Command("go", args...)
	cmd.Dir, cmd.Env = k.Root, k.Env()
	return cmd
}

// Build compiles the program pkg into the kit's bin folder and returns its path. The error holds
// what the compiler said.
func (k *Kit) Build(pkg string) (string, error) {
	out := filepath.Join(k.Dir, "bin", filepath.Base(pkg))
	if said, err := k.Go("build", "-o", out, pkg).CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w\n%s", pkg, err, said)
	}
	return out, nil
}

func (k *Kit) unpack() error {
	return fs.WalkDir(sources, "objc", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := sources.ReadFile(path)
		if err != nil {
			return err
		}
		return write(filepath.Join(k.Dir, strings.TrimPrefix(path, "objc/")), text)
	})
}

// paths asks gcc where its headers and libobjc are, for the wrapper.
func (k *Kit) paths() error {
	include, err := output("gcc", "-print-file-name=include")
	if err != nil {
		return err
	}
	libgcc, err := output("gcc", "-print-libgcc-file-name")
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(include, "objc", "objc.h")); err != nil {
		return fmt.Errorf("gcc has no Objective-C headers: apt install gobjc: %w", err)
	}
	return write(filepath.Join(k.Dir, "paths.sh"), fmt.Appendf(nil, "GCC_INCLUDE=%s\nGCC_LIB=%s\n", include, filepath.Dir(libgcc)))
}

// shim compiles the library. clang takes about two seconds for it, so it is compiled each time.
func (k *Kit) shim() error {
	files, err := filepath.Glob(filepath.Join(k.Dir, "shim", "*.m"))
	if err != nil {
		return err
	}
	flags := []string{"-shared", "-o", filepath.Join(k.Dir, "libnxshim.so"), "-x", "objective-c",
		"-fobjc-runtime=gcc", "-fconstant-string-class=NSConstantString", "-fblocks", "-fexceptions",
		"-fobjc-exceptions", "-pthread", "-fPIC", "-O1", "-Wno-everything",
		"-DNX_SHIM", "-DGNUSTEP", "-DGNUSTEP_BASE_LIBRARY=1", "-DGNU_GUI_LIBRARY=1", "-DGNU_RUNTIME=1", "-D_NATIVE_OBJC_EXCEPTIONS",
		"-include", filepath.Join(k.Dir, "include", "prefix.h"),
		"-I" + filepath.Join(k.Dir, "include"), "-I" + k.gccInclude(), "-I/usr/include/GNUstep"}
	said, err := exec.Command("clang", append(flags, files...)...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("the shim does not compile: %w\n%s", err, said)
	}
	return nil
}

func (k *Kit) gccInclude() string {
	include, _ := output("gcc", "-print-file-name=include") // paths has failed already if this does
	return include
}

func output(name string, args ...string) (string, error) {
	out, err := exec.Command(name, args...).Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	return strings.TrimSpace(string(out)), nil
}

// write puts text into path unless it is there already. Scripts (cc) are executable.
func write(path string, text []byte) error {
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, text) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	mode := os.FileMode(0o644)
	if bytes.HasPrefix(text, []byte("#!")) {
		mode = 0o755
	}
	return os.WriteFile(path, text, mode)
}
