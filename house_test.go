package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// ban says what a folder never imports, directly or through another, and why.
type ban struct {
	folder string
	never  []string // folders of ours, or import paths of others
	why    string
}

const darwinkit = "github.com/progrium/darwinkit"

// house is the table of ARCHITECTURE.md, held against go list -deps.
var house = []ban{
	{"secret", ours(), "the words everybody shares can depend on nobody"},
	{"dotenv", except("secret"), "it reads text; what becomes of it is not its business"},
	{"caller", ours(), "who is asking must not depend on what is asked"},
	{"broker", []string{"socket", "vault", "ui", "mcp", "cli", "handoff", "os/exec"}, "policy sees small interfaces: no transport, no screen, no vault, and it starts nothing"},
	{"fingerprint", ours(), "it knows bytes, and not whose they are"},
	{"totp", except("secret"), "codes from a seed; who may have one is not its business"},
	{"manifest", except("secret"), "a committed file grants nothing: it only says what to ask for"},
	{"backup", except("secret"), "one file in, one file out; who may is the broker's to say"},
	{"setup", ours(), "it edits agents' files; no secret passes through it"},
	{"harden", except("secret", "harden"), "it asks the kernel, and knows nothing of what it protects"},
	{"harden/locked", ours(), "memory knows no keys"},
	{"socket", []string{"broker", "vault", "ui", "handoff", "cli", "mcp"}, "the protocol carries requests and has no opinion on them"},
	{"vault", []string{"broker", "socket", "ui", "caller", "handoff", "cli", "mcp", "net"}, "where values rest does not know who asks, nor how"},
	{"handoff", []string{"broker", "vault", "ui", "socket", "cli", "mcp"}, "it runs in the client, which cannot open the vault"},
	{"ui", []string{darwinkit, "socket", "vault", "mcp", "cli", "handoff"}, "what screens say is decided without a toolkit and without a road around the broker"},
	{"ui/term", []string{"socket", "vault", "mcp", "cli", "handoff"}, "it draws what ui decided"},
	{"ui/cocoa", []string{darwinkit, "socket", "vault", "mcp", "cli", "handoff"}, "windows are laid out without a toolkit, so that they are tested without a Mac"},
	{"ui/cocoa/appkit", []string{"socket", "vault", "mcp", "cli", "handoff"}, "it shows what ui/cocoa laid out"},
	{"mac", []string{"broker", "socket", "vault", "ui", "mcp", "cli", "handoff"}, "leaves of the system know nothing of what they are for"},
	{"handoff/child", except("handoff"), "it runs a program; what for is not its business"},
	{"handoff/redact", except("secret", "handoff"), "it reads output; who runs what is not its business"},
	{"mcp", []string{"broker", "vault", "ui", "cli"}, "a client has no policy and cannot open the vault"},
	{"cli", []string{"broker", "vault", "ui"}, "a client has no policy and cannot open the vault"},
	{"cmd/noxkey", []string{"broker", "vault", "ui", "runtime/cgo"}, "the client is static and has none of the app in it"},
}

// direct holds what a folder may import of ours in its own files; what those bring
// along is theirs to answer for.
var direct = map[string][]string{
	"ui/term":         {"ui", "secret", "caller"},
	"ui/cocoa":        {"ui", "secret"},
	"ui/cocoa/appkit": {"ui/cocoa"},
	"mac":             {"secret"},
	"ui":              {"broker", "secret", "caller", "dotenv"},
	"broker":          {"secret", "caller", "fingerprint", "totp"},
	"handoff/child":   {},
	"handoff/redact":  {"secret", "handoff/redact/internal/forms"},
	"setup":           {},
	"harden":          {"harden/locked", "secret"},
	"harden/locked":   {},
	"socket":          {"secret", "caller"},
	"mcp":             {"secret", "caller", "handoff", "dotenv"},
	"handoff":         {"secret", "caller"},
}

// nobody: what no binary of ours may hold at all.
var nobody = []string{"net/http", "net/smtp", "net/rpc", "plugin", "noxkey/vault/memory", "noxkey/vault/vaulttest", "testing"}

var folders = []string{"secret", "dotenv", "caller", "broker", "socket", "vault", "handoff", "ui", "mcp", "cli",
	"fingerprint", "totp", "manifest", "backup", "setup", "harden"}

func ours() []string { return folders }

func except(names ...string) []string {
	return slices.DeleteFunc(slices.Clone(folders), func(f string) bool { return slices.Contains(names, f) })
}

func TestHouse(t *testing.T) {
	for _, goos := range []string{"linux", "darwin"} {
		for _, b := range house {
			t.Run(goos+"/"+b.folder, func(t *testing.T) {
				deps := list(t, goos, "-deps", "./"+b.folder)
				if sub, _ := filepath.Glob(b.folder + "/*/*.go"); len(sub) > 0 && b.folder == "vault" {
					deps = list(t, goos, "-deps", "./vault/...")
				}
				for _, d := range deps {
					for _, n := range b.never {
						if banned(b.folder, d, n) {
							t.Errorf("%s imports %s: %s", b.folder, d, b.why)
						}
					}
				}
			})
		}
		for folder, allowed := range direct {
			t.Run(goos+"/direct/"+folder, func(t *testing.T) {
				for _, d := range imports(t, goos, folder) {
					if folder == "broker" && (d == "net" || strings.HasPrefix(d, "net/")) {
						t.Errorf("broker imports %s: policy knows no transport", d)
					}
					if f, ok := strings.CutPrefix(d, "noxkey/"); ok && !slices.Contains(allowed, f) {
						t.Errorf("%s imports %s; it may import %v", folder, d, allowed)
					}
				}
			})
		}
	}
}

// TestNoNetworkInTheBinaries: the app holds nothing that exists to talk to other
// machines. The client holds net/http, because mcp-go's server package does; no
// package of ours imports it. (The kernel's word is TestThreatD4NoNetworkInARealProcess.)
func TestNoNetworkInTheBinaries(t *testing.T) {
	for _, goos := range []string{"linux", "darwin"} {
		for _, d := range list(t, goos, "-deps", ".") {
			if slices.Contains(nobody, d) || strings.HasPrefix(d, "noxkey/tools") {
				t.Errorf("the app for %s holds %s", goos, d)
			}
		}
		for _, line := range list(t, goos, "-deps", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./cmd/noxkey") {
			words := strings.Fields(line)
			if len(words) == 0 || !strings.HasPrefix(words[0], "noxkey/") {
				continue
			}
			for _, d := range words[1:] {
				if slices.Contains(nobody, d) {
					t.Errorf("%s imports %s", words[0], d)
				}
			}
		}
	}
}

// TestOneDoorToDarwinkit: darwinkit's faults are designed around in one package, and
// only there.
func TestOneDoorToDarwinkit(t *testing.T) {
	found := false
	for _, line := range list(t, "darwin", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...") {
		words := strings.Fields(line)
		for _, d := range words[1:] {
			if !strings.HasPrefix(d, darwinkit) {
				continue
			}
			found = true
			if words[0] != "noxkey/ui/cocoa/appkit" {
				t.Errorf("%s imports %s", words[0], d)
			}
		}
	}
	if !found {
		t.Error("nobody imports darwinkit: the check looks in the wrong place")
	}
}

// TestHouseCanFail: the same check finds an import that is there.
func TestHouseCanFail(t *testing.T) {
	deps := list(t, "linux", "-deps", "./cli")
	if !slices.ContainsFunc(deps, func(d string) bool { return banned("cli", d, "socket") }) {
		t.Error("the check does not see that cli imports socket")
	}
}

// TestDocumentsNameRealTests: a claim in SECURITY.md or README.md that names a test
// names one that is there.
func TestDocumentsNameRealTests(t *testing.T) {
	there := map[string]bool{}
	err := filepath.WalkDir(".", func(path string, d os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		b, err := os.ReadFile(path)
		for _, m := range regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)`).FindAllSubmatch(b, -1) {
			there[string(m[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, doc := range []string{"SECURITY.md", "README.md"} {
		b, err := os.ReadFile(doc)
		if err != nil {
			t.Fatal(err)
		}
		named := regexp.MustCompile("`((?:Test|Fuzz)\\w+)`").FindAllSubmatch(b, -1)
		for _, m := range named {
			if !there[string(m[1])] {
				t.Errorf("%s names %s, which is no test", doc, m[1])
			}
		}
		if doc == "SECURITY.md" && len(named) < 60 {
			t.Errorf("only %d tests are named in %s", len(named), doc)
		}
	}
}

// TestPackageComments: every folder says in one package comment what it is.
func TestPackageComments(t *testing.T) {
	for _, line := range list(t, "linux", "-f", "{{.ImportPath}}|{{.Doc}}", "./...") {
		path, doc, _ := strings.Cut(line, "|")
		if doc == "" && !strings.Contains(path, "/internal/") && !strings.Contains(path, "/testdata/") {
			t.Errorf("%s has no package comment", path)
		}
	}
}

// banned reports whether dep is, or is below, never: a folder of ours or a path.
func banned(folder, dep, never string) bool {
	if slices.Contains(folders, never) {
		never = "noxkey/" + never
	}
	if dep == "noxkey/"+folder || strings.HasPrefix(dep, "noxkey/"+folder+"/") {
		return false
	}
	return dep == never || strings.HasPrefix(dep, never+"/") && strings.Contains(never, "/")
}

func imports(t *testing.T, goos, folder string) []string {
	t.Helper()
	return list(t, goos, "-f", `{{join .Imports "\n"}}`, "./"+folder)
}

func list(t *testing.T, goos string, args ...string) []string {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list"}, args...)...)
	cmd.Env = append(os.Environ(), "GOOS="+goos, "GOARCH=arm64", "CGO_ENABLED=1")
	if goos == "linux" {
		cmd.Env = append(cmd.Env, "GOARCH=amd64")
	}
	// The app for macOS is built with cgo, all else without.
	if goos == "linux" || args[len(args)-1] == "./cmd/noxkey" {
		cmd.Env = append(cmd.Env, "CGO_ENABLED=0")
	}
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list %v: %v\n%s", args, err, stderr(err))
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) == 0 || lines[0] == "" && !slices.Contains(args, "-f") {
		t.Fatal(fmt.Errorf("go list %v said nothing", args))
	}
	return lines
}

func stderr(err error) string {
	if e, ok := errors.AsType[*exec.ExitError](err); ok {
		return string(e.Stderr)
	}
	return ""
}
