package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// result is what became of one test: "pass", "fail" or "skip".
type result struct {
	action string
	output []string // what a test that did not pass printed
}

// cannot is the part of a skip's reason by which a test says that the system, and
// not a missing tool, keeps it from running (see .ci/noskip).
const cannot = "cannot be done here:"

// event is a line of go test -json (go doc test2json).
type event struct {
	Action, Package, Test, Output string
}

// run runs the tests of rows, one go test for all packages, and returns what became of
// each, by folder and name.
func run(rows []*row, progress io.Writer) (map[test]*result, error) {
	var names, pkgs []string
	for _, r := range rows {
		for _, t := range r.Tests {
			if t.Elsewhere != "" {
				continue
			}
			names, pkgs = append(names, t.Name), append(pkgs, t.Pkg)
		}
	}
	names, pkgs = unique(names), unique(pkgs)
	fmt.Fprintf(progress, "%d attacks in %d packages\n", len(names), len(pkgs))
	// One package at a time: the load on the socket is measured, and wants the machine.
	args := []string{"test", "-count=1", "-p=1", "-timeout=30m", "-json", "-run", "^(" + strings.Join(names, "|") + ")$"}
	cmd := exec.Command("go", append(args, pkgs...)...)
	// Long rounds: the plain tests do with fewer.
	cmd.Env = append(os.Environ(), "NOXKEY_ATTACK=1")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	results, err := collect(out, progress)
	if e := cmd.Wait(); e != nil && err == nil && len(results) == 0 {
		err = e // nothing ran at all
	}
	return results, err
}

// collect reads the events of go test. A package that fails without a failing test
// (it does not build, or its TestMain died) is an error.
func collect(in io.Reader, progress io.Writer) (map[test]*result, error) {
	results := map[test]*result{}
	failed, prints := map[string]bool{}, map[string][]string{}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			continue // what the go command itself prints
		}
		pkg := "." + strings.TrimPrefix(e.Package, "noxkey")
		if pkg == "." {
			pkg = "./."
		}
		top, _, sub := strings.Cut(e.Test, "/")
		at := test{Name: top, Pkg: pkg}
		switch e.Action {
		case "output":
			prints[pkg+" "+top] = append(prints[pkg+" "+top], strings.TrimRight(e.Output, "\n"))
		case "pass", "fail", "skip":
			switch {
			case e.Test == "":
				if e.Action == "fail" {
					failed[pkg] = true
				}
				fmt.Fprintf(progress, "  %-4s %s\n", e.Action, pkg)
			case sub && e.Action == "skip":
				results[at] = &result{action: "skip"}
			case !sub && (results[at] == nil || e.Action == "fail"):
				results[at] = &result{action: e.Action}
			}
		}
	}
	for at, r := range results {
		if r.action != "pass" {
			r.output = prints[at.Pkg+" "+at.Name]
		}
		if r.action == "fail" {
			delete(failed, at.Pkg)
		}
	}
	for pkg := range failed {
		return results, fmt.Errorf("the tests of %s did not run:\n%s", pkg, strings.Join(prints[pkg+" "], "\n"))
	}
	return results, lines.Err()
}

func unique(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}

// judge gives every row its verdict and reports whether all are held. A test that was
// left out for want of a tool counts as not held; one that this system cannot do, and
// says so, makes the row held in part.
func judge(rows []*row, results map[test]*result) bool {
	ok := true
	for _, r := range rows {
		passed, left := 0, 0
		r.Verdict = held
		for _, t := range r.Tests {
			if t.Elsewhere != "" {
				r.Why = append(r.Why, fmt.Sprintf("%s: needs %s", t.Name, t.Elsewhere))
				left++
				continue
			}
			res := results[t]
			switch {
			case res == nil:
				r.Verdict, r.Why = broken, append(r.Why, t.Name+" did not run")
			case res.action == "pass":
				passed++
			case res.action == "skip":
				left++
				why := reason(res.output)
				r.Why = append(r.Why, t.Name+": "+why)
				if !strings.Contains(why, cannot) {
					r.Verdict = broken
				}
			default:
				r.Verdict, r.Why = broken, append(r.Why, t.Name+" failed:\n"+strings.Join(res.output, "\n"))
			}
		}
		switch {
		case r.Verdict == broken:
			ok = false
		case passed == 0:
			r.Verdict = notRun
			ok = ok && r.Mac
		case left > 0:
			r.Verdict = partly
		}
	}
	return ok
}

// reason is what a test said when it was skipped.
func reason(output []string) string {
	for i, l := range output {
		if strings.Contains(l, cannot) {
			return strings.TrimSpace(l[strings.Index(l, cannot):])
		}
		if strings.Contains(l, "--- SKIP") && i > 0 && !strings.Contains(output[i-1], "=== ") {
			return strings.TrimSpace(output[i-1])
		}
	}
	return "skipped without a reason"
}
