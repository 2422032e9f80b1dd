package main

import (
	"debug/macho"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const (
	compiler = "clang-19"
	linker   = "ld64.lld-19"
	out      = "build/darwin" // below the module's root; git does not see it
	fixture  = "noxkey/tools/checkdarwin/testdata/link"
)

// triples: the oldest macOS the app says it runs on is 12.
var triples = map[string]string{"arm64": "arm64-apple-macos12", "amd64": "x86_64-apple-macos12"}

// errors of these kinds are warnings to clang, and messages to nowhere at run time.
var fatal = []string{
	"objc-method-access", "incompatible-pointer-types", "int-conversion", "implicit-function-declaration", "return-type",
	"unguarded-availability", "unguarded-availability-new", "protocol", "incomplete-implementation", "objc-property-implementation",
	"format", "mismatched-return-types", "mismatched-parameter-types",
}

// heap makes darwinkit's libffi slices live on the heap, where libffi may keep them: the
// compiler puts them on the stack since Go 1.25 (darwinkit issue 286).
const heap = "-gcflags=all=-d=variablemakehash=qn"

// clang is the compiler's command line for the architecture.
func clang(sdkDir, arch string) string {
	return compiler + " -target " + triples[arch] + " -isysroot " + sdkDir + " -fuse-ld=lld -Wno-unused-command-line-argument"
}

// checkLink is level 2: the app and every package of ours that holds C, for each
// architecture.
func checkLink(c config) error {
	if err := toolsThere(); err != nil {
		return err
	}
	root, err := moduleRoot()
	if err != nil {
		return err
	}
	var failed []error
	for _, arch := range c.Archs {
		t, err := newTarget(c, root, arch)
		if err != nil {
			return err
		}
		failed = append(failed, t.all())
	}
	fmt.Printf("what is in %s was linked against stubs: it is never shipped\n", out)
	return errors.Join(failed...)
}

// toolsThere names what is missing and how to get it. Nothing is left out silently.
func toolsThere() error {
	var missing []string
	for _, tool := range []string{compiler, linker, "golangci-lint"} {
		if _, err := exec.LookPath(tool); err != nil {
			missing = append(missing, tool)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return fmt.Errorf("missing: %s\napt install clang-19 lld-19\ngo install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@ the version in the Makefile (staticcheck is in it)",
		strings.Join(missing, " "))
}

func moduleRoot() (string, error) {
	mod, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return "", err
	}
	root := filepath.Dir(strings.TrimSpace(string(mod)))
	if root == "." || root == "/dev" {
		return "", errors.New("not inside the module")
	}
	return root, nil
}

// target compiles for one architecture.
type target struct {
	config
	root, arch, sdk string
	cgo             []string  // packages of ours that hold C
	log             io.Writer // what the tools say
}

func newTarget(c config, root, arch string) (*target, error) {
	t := &target{config: c, root: root, arch: arch, log: os.Stderr}
	c.Patterns = []string{"noxkey/...", fixture} // always all, so that the SDK stays the same
	pkgs, err := list(c, arch)
	if err != nil {
		return nil, err
	}
	for _, p := range pkgs {
		if p.ours() && p.ForTest == "" && len(p.CgoFiles) > 0 && p.ImportPath != fixture {
			t.cgo = append(t.cgo, p.ImportPath)
		}
	}
	t.sdk, err = makeSDK(filepath.Join(root, out), arch, pkgs)
	return t, err
}

func (t *target) all() error {
	steps := []struct {
		what string
		run  func() error
	}{
		{"vet", func() error { return t.tool("go", append([]string{"vet", heap, "-tags", t.Tags}, t.Patterns...)...) }},
		{"link the fixture", func() error { return t.program("fixture", fixture) }},
		{"link the app", func() error { return t.program("noxkey-app", "noxkey") }},
		{"compile the packages with C, link their tests", t.tests},
		{"lint", t.lint},
	}
	var failed []error
	for _, s := range steps { // all of them: one run tells everything
		start, say := time.Now(), "ok"
		if err := s.run(); err != nil {
			failed, say = append(failed, fmt.Errorf("darwin/%s: %s: %w", t.arch, s.what, err)), "FAILED"
		}
		fmt.Printf("darwin/%s: %s: %s, %.1f s\n", t.arch, s.what, say, time.Since(start).Seconds())
	}
	return errors.Join(failed...)
}

// program builds a program and says which libraries it wants.
func (t *target) program(name, pkg string) error {
	file := filepath.Join(t.root, out, name+"-"+t.arch)
	if err := t.tool("go", "build", heap, "-tags", t.Tags, "-ldflags", "-s -w", "-o", file, pkg); err != nil {
		return err
	}
	f, err := macho.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	libs, err := f.ImportedLibraries()
	if err != nil {
		return err
	}
	for i, l := range libs {
		libs[i] = filepath.Base(l)
	}
	fmt.Printf("  %s wants %s\n", name, strings.Join(libs, " "))
	return nil
}

// tests compiles the packages with C and links their tests: also what the app does not use.
func (t *target) tests() error {
	if len(t.cgo) == 0 {
		fmt.Println("  no package of ours holds C")
		return nil
	}
	dir := filepath.Join(t.root, out, "tests-"+t.arch)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	fmt.Printf("  %s\n", strings.Join(t.cgo, " "))
	if err := t.tool("go", append([]string{"build", heap, "-tags", t.Tags, "-o", os.DevNull}, t.cgo...)...); err != nil {
		return err
	}
	args := append([]string{"test", "-c", heap, "-tags", t.Tags, "-ldflags", "-s -w", "-o", dir + string(filepath.Separator)}, t.cgo...)
	return t.tool("go", args...)
}

// lint runs the house's linters, staticcheck among them, where they see the files that
// Linux leaves out.
func (t *target) lint() error {
	args := []string{"run"}
	if t.Tags != "" {
		args = append(args, "--build-tags", t.Tags)
	}
	return t.tool("golangci-lint", append(args, t.Patterns...)...)
}

func (t *target) tool(name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), "GOOS=darwin", "GOARCH="+t.arch, "CGO_ENABLED=1", "CC="+clang(t.sdk, t.arch),
		"CGO_CFLAGS=-g -O2 -Werror="+strings.Join(fatal, " -Werror="))
	cmd.Stdout, cmd.Stderr = t.log, t.log
	return cmd.Run()
}
