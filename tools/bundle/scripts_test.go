package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The scripts run on a Mac. Here they run against tools of the same names that note how
// they were called and do the little the scripts count on. This shows the scripts' own
// reasoning (order, flags, what they refuse); whether Apple's tools answer as assumed
// is for a Mac to show.

// macTools are the stand-ins, by name; this test binary is each of them through a link.
var macTools = map[string]func([]string) int{
	"uname": func([]string) int { fmt.Println("Darwin"); return 0 },
	"clang": noted("clang"), "go": fakeGo, "lipo": fakeLipo, "codesign": fakeCodesign,
	"ditto": fakeDitto, "hdiutil": fakeHdiutil, "plutil": fakePlutil, "xcrun": fakeXcrun, "spctl": fakeSpctl,
}

// env is a setting of the stage for the stand-ins.
func env(key string) string { return os.Getenv("NOXKEY_STAGE_" + key) }

func note(words ...string) {
	f, err := os.OpenFile(env("LOG"), os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		panic(err)
	}
	defer f.Close() //nolint:errcheck // a test's log
	fmt.Fprintln(f, strings.Join(words, " "))
}

func noted(name string) func([]string) int {
	return func(args []string) int { note(append([]string{name}, args...)...); return 0 }
}

func fail(err error) int {
	if err != nil {
		fmt.Fprintln(os.Stderr, "stand-in:", err)
		return 1
	}
	return 0
}

// after returns the argument that follows name.
func after(args []string, name string) string {
	if i := slices.Index(args, name); i >= 0 && i+1 < len(args) {
		return args[i+1]
	}
	return ""
}

// fakeGo runs the bundle tool in this process, and builds by copying.
func fakeGo(args []string) int {
	if len(args) > 1 && args[0] == "run" {
		if err := run(args[2:], os.Stdin, os.Stdout, os.Stderr); err != nil {
			fmt.Fprintln(os.Stderr, "bundle:", err)
			return 1
		}
		return 0
	}
	note("go", "CGO_ENABLED="+os.Getenv("CGO_ENABLED"), os.Getenv("GOOS")+"/"+os.Getenv("GOARCH"), "min="+os.Getenv("MACOSX_DEPLOYMENT_TARGET"), strings.Join(args, " "))
	return fail(take(filepath.Join(env("DIR"), "thin-"+os.Getenv("GOARCH")), after(args, "-o"), 0o755))
}

func fakeLipo(args []string) int {
	note(append([]string{"lipo"}, args...)...)
	if args[0] != "-create" {
		return 0
	}
	return fail(take(filepath.Join(env("DIR"), "universal"), after(args, "-output"), 0o755))
}

// fakeCodesign keeps what it signed beside the stage's log and tells it again.
func fakeCodesign(args []string) int {
	note(append([]string{"codesign"}, args...)...)
	code := args[len(args)-1]
	slot := filepath.Join(env("DIR"), "signed-"+filepath.Base(code))
	switch {
	case slices.Contains(args, "--verify"):
		return 0
	case slices.Contains(args, "--sign"):
		b := []byte{}
		if e := after(args, "--entitlements"); e != "" && env("FAULT") != "entitlements" {
			var err error
			if b, err = os.ReadFile(e); err != nil {
				return fail(err)
			}
		}
		if env("FAULT") == "debugger" {
			b = []byte(strings.Replace(string(b), "<dict>", "<dict><key>com.apple.security.get-task-allow</key><true/>", 1))
		}
		return fail(os.WriteFile(slot, b, 0o600))
	case slices.Contains(args, "--entitlements"):
		b, err := os.ReadFile(slot)
		fmt.Printf("%s\x00", b)
		return fail(err)
	}
	flags := "0x10000(runtime)"
	if env("FAULT") == "runtime" {
		flags = "0x2(adhoc)"
	}
	fmt.Fprintf(os.Stderr, "Executable=%s\nCodeDirectory v=20500 size=1 flags=%s\nTeamIdentifier=%s\n", code, flags, env("TEAM"))
	return 0
}

// fakeDitto copies one folder, or writes an archive.
func fakeDitto(args []string) int {
	note(append([]string{"ditto"}, args...)...)
	if args[0] == "-c" {
		return fail(os.WriteFile(args[len(args)-1], []byte("zip"), 0o600))
	}
	return fail(copyTree(args[0], args[1]))
}

// copyTree copies a folder with its modes, whatever the umask.
func copyTree(from, to string) error { return exec.Command("cp", "-R", "-p", from, to).Run() }

// fakeHdiutil: an image is a copy of its folder, kept beside the stage's log.
func fakeHdiutil(args []string) int {
	note(append([]string{"hdiutil"}, args...)...)
	kept := filepath.Join(env("DIR"), "image")
	switch args[0] {
	case "create":
		src := after(args, "-srcfolder")
		if to, _ := os.Readlink(filepath.Join(src, "Applications")); to != "/Applications" {
			return fail(fmt.Errorf("no link to /Applications but %q", to))
		}
		if err := copyTree(filepath.Join(src, "NoxKey.app"), kept); err != nil {
			return fail(err)
		}
		return fail(os.WriteFile(args[len(args)-1], []byte("dmg"), 0o600))
	case "attach":
		return fail(copyTree(kept, filepath.Join(after(args, "-mountpoint"), "NoxKey.app")))
	}
	return 0
}

func fakePlutil(args []string) int {
	switch after(args, "-extract") {
	case "CFBundleShortVersionString":
		fmt.Println("1.2.3")
	case "status":
		if env("FAULT") == "invalid" {
			fmt.Println("Invalid")
		} else {
			fmt.Println("Accepted")
		}
	case "id":
		fmt.Println("submission-1")
	}
	return 0
}

func fakeXcrun(args []string) int {
	note(append([]string{"xcrun"}, args...)...)
	if args[0] == "stapler" && args[1] == "validate" && env("FAULT") == "staple" {
		return 1
	}
	return 0
}

func fakeSpctl(args []string) int {
	note(append([]string{"spctl"}, args...)...)
	source := "Notarized Developer ID"
	if env("FAULT") == "gatekeeper" {
		source = "Developer ID"
	}
	fmt.Fprintln(os.Stderr, "accepted\nsource="+source)
	return 0
}

// stage is a copy of the tree's packaging parts with the stand-ins on the PATH.
type stage struct {
	t    *testing.T
	dir  string // stand-ins, their notes and what they keep
	tree string
	env  []string
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{t: t, dir: t.TempDir(), tree: t.TempDir()}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for name := range macTools {
		if err := os.Symlink(self, filepath.Join(s.dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, d := range []string{"scripts", "entitlements", "assets", "NoxKey.app-template", "packaging"} {
		if err := os.CopyFS(filepath.Join(s.tree, d), os.DirFS(d)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(s.tree, "build"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{"thin-arm64": []byte("arm64"), "thin-amd64": []byte("amd64"), "universal": program(t)} {
		if err := os.WriteFile(filepath.Join(s.dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	git := "#!/bin/sh\ncase $1 in describe) echo v1.2.3;; rev-list) echo 345;; log) echo 2026;; esac\n"
	if err := os.WriteFile(filepath.Join(s.dir, "git"), []byte(git), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.tree, "team.provisionprofile"), []byte("profile"), 0o600); err != nil {
		t.Fatal(err)
	}
	return s
}

// run starts a script of the staged tree and returns what it said and the notes made
// since, one call of a tool a line.
func (s *stage) run(script string, more ...string) (said string, notes []string, err error) {
	s.t.Helper()
	log := filepath.Join(s.dir, "log")
	if err := os.WriteFile(log, nil, 0o600); err != nil {
		s.t.Fatal(err)
	}
	words := strings.Fields(script)
	cmd := exec.Command(filepath.Join(s.tree, "scripts", words[0]), words[1:]...)
	cmd.Dir = s.tree
	cmd.Env = append([]string{
		"PATH=" + s.dir + ":/usr/bin:/bin", "HOME=" + s.dir, "TMPDIR=" + s.t.TempDir(),
		"GORACE=atexit_sleep_ms=0", // else under -race each stand-in sleeps a second at its end
		"NOXKEY_STAGE_LOG=" + log, "NOXKEY_STAGE_DIR=" + s.dir,
	}, append(s.env, more...)...)
	b, err := cmd.CombinedOutput()
	l, readErr := os.ReadFile(log)
	if readErr != nil {
		s.t.Fatal(readErr)
	}
	return string(b), strings.Split(strings.TrimSpace(string(l)), "\n"), err
}

const identity = "Developer ID Application: Nox Key (ABCDE12345)"

// find returns the first note that holds all of the words, and its place.
func find(notes []string, words ...string) (string, int) {
	for i, n := range notes {
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(n, w) }) {
			return n, i
		}
	}
	return "", -1
}

func TestAppScript(t *testing.T) {
	s := newStage(t)
	said, notes, err := s.run("app.sh")
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	for _, want := range [][]string{
		{"go CGO_ENABLED=1 darwin/arm64 min=13.0", "-gcflags=all=-d=variablemakehash=qn", "-trimpath", "main.version=v1.2.3"},
		{"go CGO_ENABLED=1 darwin/amd64 min=13.0", "variablemakehash=qn"},
		{"go CGO_ENABLED=0 darwin/arm64", "./cmd/noxkey", "noxkey/cli.Version=v1.2.3"},
		{"go CGO_ENABLED=0 darwin/amd64", "./cmd/noxkey"},
		{"lipo", "-verify_arch arm64 x86_64"},
		{"codesign --verify --deep --strict"},
	} {
		if n, _ := find(notes, want...); n == "" {
			t.Errorf("%v was not run:\n%s", want, strings.Join(notes, "\n"))
		}
	}
	helper, first := find(notes, "--sign", "Helpers/noxkey")
	app, second := find(notes, "--sign", "--entitlements")
	if first < 0 || second < first {
		t.Error("the client must be signed before the app that holds it")
	}
	if strings.Contains(helper, "--entitlements") || !strings.HasSuffix(app, "build/NoxKey.app") {
		t.Errorf("entitlements in the wrong place:\n%s\n%s", helper, app)
	}
	for _, n := range []string{helper, app} {
		if !strings.Contains(n, "--options runtime") || !strings.Contains(n, "--sign -") || !strings.Contains(n, "--timestamp=none") || strings.Contains(n, "--deep") {
			t.Errorf("signed with %s", n)
		}
	}
	if !strings.Contains(said, "ad hoc, so without com.apple.application-identifier") {
		t.Errorf("what was left out was not said:\n%s", said)
	}
}

func TestAppScriptWithATeam(t *testing.T) {
	s := newStage(t)
	s.env = []string{"NOXKEY_STAGE_TEAM=ABCDE12345"}
	said, notes, err := s.run("app.sh", "SIGN_ID="+identity, "PROFILE=team.provisionprofile")
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	if n, _ := find(notes, "--sign "+identity, "--timestamp ", "--options runtime", "build/NoxKey.app"); n == "" {
		t.Errorf("not signed with the identity and a time stamp:\n%s", strings.Join(notes, "\n"))
	}
	if !strings.Contains(said, "ABCDE12345.app.noxkey.NoxKey") {
		t.Error("the app was not given its Keychain group")
	}
	if _, err := os.Stat(filepath.Join(s.tree, "build/NoxKey.app/Contents/embedded.provisionprofile")); err != nil {
		t.Error(err)
	}
	if said, _, err := s.run("app.sh", "SIGN_ID="+identity); err != nil || !strings.Contains(said, "ad hoc, so without") || strings.Contains(said, "ABCDE12345.app.noxkey") {
		t.Errorf("without a profile macOS would kill it if it claimed what needs one: %v\n%s", err, said)
	}
}

func TestScriptsRefuse(t *testing.T) {
	for name, c := range map[string]struct {
		script string
		env    []string
		want   string
	}{
		"a profile, ad hoc":         {"app.sh", []string{"PROFILE=team.provisionprofile"}, "only with SIGN_ID"},
		"an identity without team":  {"app.sh", []string{"SIGN_ID=Somebody", "PROFILE=team.provisionprofile"}, "team's identifier"},
		"no app for an image":       {"dmg.sh", nil, "make app"},
		"no app to check":           {"signature.sh build/NoxKey.app", nil, "make app"},
		"no argument":               {"signature.sh", nil, "usage"},
		"notarize ad hoc":           {"notarize.sh", nil, "Developer ID Application"},
		"notarize for the store":    {"notarize.sh", []string{"SIGN_ID=Apple Distribution: Nox (ABCDE12345)"}, "Developer ID Application"},
		"notarize without keys":     {"notarize.sh", []string{"SIGN_ID=" + identity}, "NOTARY_PROFILE"},
		"notarize without app":      {"notarize.sh", []string{"SIGN_ID=" + identity, "NOTARY_PROFILE=p"}, "provisioning profile"},
		"signed without runtime":    {"app.sh", []string{"NOXKEY_STAGE_FAULT=runtime"}, "hardened runtime"},
		"signed without sandbox":    {"app.sh", []string{"NOXKEY_STAGE_FAULT=entitlements"}, "app-sandbox = <nil>"},
		"signed for debuggers":      {"app.sh", []string{"NOXKEY_STAGE_FAULT=debugger"}, "get-task-allow"},
		"signed by somebody else's": {"app.sh", []string{"SIGN_ID=" + identity, "PROFILE=team.provisionprofile", "NOXKEY_STAGE_TEAM=ZZZZZ12345"}, "not signed by team"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			said, _, err := newStage(t).run(c.script, c.env...)
			if err == nil || !strings.Contains(said, c.want) {
				t.Errorf("want %q: %v\n%s", c.want, err, said)
			}
		})
	}
}

func TestScriptsNeedAMac(t *testing.T) {
	for _, script := range []string{"app.sh", "dmg.sh", "notarize.sh", "smoke.sh", "signature.sh x"} {
		s := newStage(t)
		if err := os.Remove(filepath.Join(s.dir, "uname")); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(s.dir, "uname"), []byte("#!/bin/sh\necho Linux\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		if said, notes, err := s.run(script); err == nil || !strings.Contains(said, " Mac") || notes[0] != "" {
			t.Errorf("%s: %v, %v\n%s", script, err, notes, said)
		}
	}
}

func TestNotarizeScript(t *testing.T) {
	for name, c := range map[string]struct {
		fault string
		want  string // "" succeeds
	}{
		"accepted":                    {"", ""},
		"Apple says Invalid, exit 0":  {"invalid", "Apple's answer"},
		"the ticket is not there":     {"staple", ""},
		"Gatekeeper: not notarized":   {"gatekeeper", "does not call it notarized"},
		"what came out is debuggable": {"debugger", "get-task-allow"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.env = []string{"SIGN_ID=" + identity, "PROFILE=team.provisionprofile", "NOTARY_PROFILE=keys", "NOXKEY_STAGE_TEAM=ABCDE12345"}
			if said, _, err := s.run("app.sh"); err != nil {
				t.Fatalf("%v\n%s", err, said)
			}
			if c.fault == "debugger" { // as if somebody had signed it again
				spoil := filepath.Join(s.dir, "signed-NoxKey.app")
				b, err := os.ReadFile(spoil)
				if err != nil {
					t.Fatal(err)
				}
				b = []byte(strings.Replace(string(b), "<dict>", "<dict><key>com.apple.security.get-task-allow</key><true/>", 1))
				if err := os.WriteFile(spoil, b, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			said, notes, err := s.run("notarize.sh", "NOXKEY_STAGE_FAULT="+c.fault)
			if c.fault != "" {
				if err == nil || !strings.Contains(said, c.want) || strings.Contains(said, "notarized, stapled and checked") {
					t.Fatalf("want %q: %v\n%s", c.want, err, said)
				}
				return
			}
			if err != nil {
				t.Fatalf("%v\n%s", err, said)
			}
			last := -1
			for _, want := range [][]string{
				{"notarytool submit", "NoxKey.zip", "--wait"}, {"stapler staple build/NoxKey.app"},
				{"hdiutil create"}, {"codesign", "--sign", ".dmg"}, {"notarytool submit", "NoxKey-1.2.3.dmg"}, {"stapler staple", ".dmg"},
				{"stapler validate", "NoxKey.app"}, {"spctl", "--type open"}, {"hdiutil attach"}, {"spctl", "--type execute"}, {"hdiutil detach"},
			} {
				n, at := find(notes, want...)
				if n == "" || at <= last {
					t.Errorf("%v is missing or too early (%d after %d):\n%s", want, at, last, strings.Join(notes, "\n"))
				}
				last = at
			}
		})
	}
}

// TestShellcheck: the scripts are clean of what shellcheck finds.
func TestShellcheck(t *testing.T) {
	tool, err := exec.LookPath("shellcheck")
	if err != nil {
		t.Skip("shellcheck is not here: apt install shellcheck")
	}
	scripts, err := filepath.Glob("scripts/*.sh")
	if err != nil || len(scripts) < 5 {
		t.Fatal(scripts, err)
	}
	if b, err := exec.Command(tool, scripts...).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, b)
	}
	bad := filepath.Join(t.TempDir(), "bad.sh")
	if err := os.WriteFile(bad, []byte("#!/bin/bash\nrm -rf $1/*\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := exec.Command(tool, bad).Run(); err == nil {
		t.Error("shellcheck finds nothing")
	}
}
