package main

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// workflowMust are the commands of each job, and why they are there.
var workflowMust = map[string][]string{
	"linux": {".ci/run"},
	"mac": {
		"make test", "go test -count=1 -v ./vault/keychain", "make app", "codesign --verify --deep --strict",
		"scripts/signature.sh", "make dmg", "scripts/smoke.sh",
	},
}

var (
	pinned = regexp.MustCompile(`^actions/(checkout|setup-go)@[0-9a-f]{40}$`)
	// What somebody else may have written must not become part of a script.
	foreign = regexp.MustCompile(`\$\{\{`)
)

// workflowFaults returns what is wrong with ci.yml, in words.
func workflowFaults(text string) []string {
	v, err := yaml(text)
	if err != nil {
		return []string{err.Error()}
	}
	w, _ := v.(map[string]any)
	var faults []string
	if !reflect.DeepEqual(w["permissions"], map[string]any{"contents": "read"}) {
		faults = append(faults, fmt.Sprintf("permissions are %v, not contents: read", w["permissions"]))
	}
	if strings.Contains(text, "pull_request_target") || strings.Contains(text, "secrets.") {
		faults = append(faults, "a stranger's pull request would run with our rights")
	}
	jobs, _ := w["jobs"].(map[string]any)
	for name, must := range workflowMust {
		job, ok := jobs[name].(map[string]any)
		if !ok {
			faults = append(faults, "there is no job "+name)
			continue
		}
		for _, f := range jobFaults(job, must) {
			faults = append(faults, name+": "+f)
		}
	}
	if !strings.HasPrefix(fmt.Sprint(at(jobs, "linux", "runs-on")), "ubuntu-") {
		faults = append(faults, "linux runs elsewhere")
	}
	if os := fmt.Sprint(at(jobs, "mac", "strategy", "matrix", "os")); os != "[macos-15 macos-15-intel]" || at(jobs, "mac", "runs-on") != "${{ matrix.os }}" {
		faults = append(faults, "mac does not run on both kinds of Mac: "+os)
	}
	return faults
}

func at(v any, path ...string) any {
	for _, p := range path {
		m, _ := v.(map[string]any)
		v = m[p]
	}
	return v
}

func jobFaults(job map[string]any, must []string) []string {
	var faults []string
	if job["timeout-minutes"] == nil {
		faults = append(faults, "no timeout-minutes")
	}
	if job["permissions"] != nil {
		faults = append(faults, "permissions of its own")
	}
	steps, _ := job["steps"].([]any)
	script := ""
	for _, s := range steps {
		step, _ := s.(map[string]any)
		run, _ := step["run"].(string)
		if uses, ok := step["uses"].(string); ok && !pinned.MatchString(uses) {
			faults = append(faults, uses+" is not actions/checkout or actions/setup-go by commit")
		} else if strings.HasPrefix(uses, "actions/checkout@") {
			// git describe wants the tags; later steps do not want the token.
			if at(step, "with", "fetch-depth") != "0" || at(step, "with", "persist-credentials") != "false" {
				faults = append(faults, "checkout without fetch-depth: 0 or persist-credentials: false")
			}
		}
		if foreign.MatchString(run) {
			faults = append(faults, "an expression in a script: "+run)
		}
		if step["continue-on-error"] != nil {
			faults = append(faults, "a step that may fail: "+run)
		}
		if step["if"] == nil {
			script += run + "\n"
		}
	}
	for _, m := range must {
		if !strings.Contains(script, m) {
			faults = append(faults, m+" is not run")
		}
	}
	if regexp.MustCompile(`\|\| true\b`).MatchString(script) {
		faults = append(faults, "a command whose failure is swallowed")
	}
	return faults
}

func TestWorkflow(t *testing.T) {
	files, err := filepath.Glob(".github/workflows/*")
	if err != nil || len(files) != 1 {
		t.Fatalf("a workflow that no test holds: %v, %v", files, err)
	}
	b, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	good := string(b)
	if f := workflowFaults(good); len(f) > 0 {
		t.Fatal(strings.Join(f, "\n"))
	}
	for _, script := range regexp.MustCompile(`scripts/[a-z]+\.sh`).FindAllString(good, -1) {
		if fi, err := os.Stat(script); err != nil || fi.Mode().Perm()&0o111 == 0 {
			t.Errorf("%s cannot be run: %v", script, err)
		}
	}
	for old, c := range map[string][2]string{
		"contents: read":                  {"contents: write", "permissions"},
		"  pull_request:":                 {"  pull_request_target:", "stranger"},
		"run: .ci/run":                    {"run: make test", ".ci/run is not run"},
		"run: make app":                   {"run: make build", "make app is not run"},
		"scripts/smoke.sh build":          {"echo build", "scripts/smoke.sh is not run"},
		"codesign --verify":               {"codesign -d", "codesign --verify"},
		"-v ./vault/keychain":             {"-v ./vault/file", "./vault/keychain is not run"},
		"@08c6903cd8c0fde910a37f88322edc": {"@v5", "by commit"},
		"actions/setup-go@4469":           {"someone/setup-go@4469", "by commit"},
		"persist-credentials: false":      {"persist-credentials: true", "persist-credentials"},
		"fetch-depth: 0":                  {"fetch-depth: 1", "fetch-depth"},
		"timeout-minutes: 90":             {"x: 90", "timeout-minutes"},
		"macos-15, macos-15-intel":        {"macos-15", "both kinds"},
		"run: make test":                  {"run: make test || true", "swallowed"},
		"run: make dmg":                   {"run: make dmg ${{ github.head_ref }}", "an expression"},
		"        run: make app":           {"        continue-on-error: true\n        run: make app", "may fail"},
		"name: ci":                        {"name: ci\nname: ci", "twice"},
	} {
		if !strings.Contains(good, old) {
			t.Errorf("the workflow has no %q to spoil", old)
		}
		if f := strings.Join(workflowFaults(strings.Replace(good, old, c[0], 1)), "\n"); !strings.Contains(f, c[1]) {
			t.Errorf("%q: want %q, found %q", c[0], c[1], f)
		}
	}
}
