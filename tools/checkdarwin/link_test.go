package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestLinkFindsSeededFaults: each fault of testdata/faults stops the build with the words
// it wants. make check-darwin sets the variable.
func TestLinkFindsSeededFaults(t *testing.T) {
	if os.Getenv("NOXKEY_CHECK_DARWIN") == "" {
		t.Skip("cannot be done here: compiling for darwin wants clang-19 and lld-19, and time; make check-darwin does it")
	}
	if err := toolsThere(); err != nil {
		t.Fatal(err)
	}
	root, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	build, err := newTarget(config{}, root, "arm64")
	if err != nil {
		t.Fatal(err)
	}
	faults, err := filepath.Glob("testdata/faults/*/fault.go")
	if err != nil || len(faults) == 0 {
		t.Fatal("no faults: ", err)
	}
	for _, file := range faults {
		t.Run(filepath.Base(filepath.Dir(file)), func(t *testing.T) {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			want := regexp.MustCompile(`// want "(.*)"`).FindSubmatch(b)
			if want == nil {
				t.Fatal("no want comment")
			}
			var log bytes.Buffer
			build.log = &log
			err = build.tool("go", "build", "-o", t.TempDir(), "./"+filepath.Dir(file))
			if err == nil || !regexp.MustCompile(string(want[1])).Match(log.Bytes()) {
				t.Errorf("%v; want an error matching %q in\n%s", err, want[1], &log)
			}
		})
	}
}

// TestMissingToolsFail: without the compilers the run fails and says how to get them.
func TestMissingToolsFail(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	err := checkLink(config{Archs: []string{"arm64"}, Patterns: []string{"./..."}})
	for _, want := range []string{"clang-19", "ld64.lld-19", "golangci-lint", "apt install clang-19 lld-19"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want it to name %q", err, want)
		}
	}
}

// TestStubsComeFromWhatIsNamed: protocols that darwinkit names and we do not declare,
// frameworks it links, and symbols that Go imports are in the SDK, and a changed
// header is another SDK.
func TestStubsComeFromWhatIsNamed(t *testing.T) {
	pkgs, err := list(config{Patterns: []string{fixture}}, "arm64")
	if err != nil {
		t.Fatal(err)
	}
	s, err := newSDK("arm64", pkgs)
	if err != nil {
		t.Fatal(err)
	}
	appkit := s.headers[frameworks+"AppKit.framework/Headers/AppKit.h"]
	if n := strings.Count(appkit, "@protocol NSWindowDelegate "); n != 1 {
		t.Errorf("NSWindowDelegate is declared %d times", n)
	}
	if !strings.Contains(appkit, "@protocol NSAccessibilityRow @end") {
		t.Error("a protocol that only darwinkit names is missing")
	}
	for lib, symbol := range map[string]string{"CoreImage": "", "libSystem": "_kevent", "libresolv": "_res_9_ninit", "libobjc": "_objc_msgSendSuper2"} {
		if !s.symbols[lib][symbol] {
			t.Errorf("%s has no %q", lib, symbol)
		}
	}
	before := s.hash()
	s.headers["usr/include/time.h"] += "\n"
	if s.hash() == before {
		t.Error("a changed header is the same SDK: Go's build cache would not notice it")
	}
}
