package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// test is one test function of the tree.
type test struct {
	Name string `json:"name"`
	Pkg  string `json:"package"` // the folder: "./handoff"
	// Elsewhere is why it cannot be built here: "darwin", "" if it can.
	Elsewhere string `json:"elsewhere,omitempty"`
}

// find returns every test and fuzz target below top.
func find(top string) ([]test, error) {
	var all []test
	err := filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != top && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || path == filepath.Join(top, "build")) {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		tests, err := inFile(top, path)
		all = append(all, tests...)
		return err
	})
	return all, err
}

func inFile(top, path string) ([]test, error) {
	src, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	f, err := parser.ParseFile(token.NewFileSet(), path, src, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	dir, err := filepath.Rel(top, filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	elsewhere := needs(filepath.Base(path), src)
	var tests []test
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Recv != nil || fn.Name.Name == "TestMain" {
			continue
		}
		if strings.HasPrefix(fn.Name.Name, "Test") || strings.HasPrefix(fn.Name.Name, "Fuzz") {
			tests = append(tests, test{fn.Name.Name, "./" + filepath.ToSlash(dir), elsewhere})
		}
	}
	return tests, nil
}

// needs is what a file wants that a plain go test on Linux has not, "" for nothing:
// a system by its name or a build constraint.
func needs(base string, src []byte) string {
	if strings.HasSuffix(base, "_darwin_test.go") {
		return "darwin"
	}
	for line := range bytes.Lines(src) {
		if bytes.HasPrefix(line, []byte("package ")) {
			break
		}
		expr, err := constraint.Parse(strings.TrimSpace(string(line)))
		if err != nil {
			continue // not a constraint
		}
		if !expr.Eval(func(tag string) bool { return tag == "linux" || tag == "unix" || tag == "amd64" }) {
			return expr.String()
		}
	}
	return ""
}

var threatName = regexp.MustCompile(`^TestThreat((?:[A-F][0-9]+)+)`)
var oneID = regexp.MustCompile(`[A-F][0-9]+`)

// rowsOf returns the ids that a test's name says, none if it says none.
func rowsOf(name string) []string {
	m := threatName.FindStringSubmatch(name)
	if m == nil {
		return nil
	}
	return oneID.FindAllString(m[1], -1)
}

// join gives each row its tests. A name that the document has and the tree has not is
// an error, and so is a TestThreat test that belongs to no row.
func join(rows []*row, tests []test) error {
	byName := map[string][]test{}
	for _, t := range tests {
		byName[t.Name] = append(byName[t.Name], t)
	}
	linux, mac := map[string]*row{}, map[string]*row{}
	for _, r := range rows {
		if r.Mac {
			mac[r.ID] = r
		} else {
			linux[r.ID] = r
		}
		for _, n := range r.Named {
			if len(byName[n]) == 0 {
				return fmt.Errorf("row %s names %s, which is no test", r.key(), n)
			}
			r.add(byName[n]...)
		}
	}
	for _, t := range tests {
		ids := rowsOf(t.Name)
		if len(ids) == 0 && strings.HasPrefix(t.Name, "TestThreat") {
			return fmt.Errorf("%s in %s says no row of the threat table", t.Name, t.Pkg)
		}
		for _, id := range ids {
			r := linux[id]
			if r == nil || ofMac(t) && mac[id] != nil {
				r = mac[id]
			}
			if r == nil {
				return fmt.Errorf("%s in %s is of row %s, which SECURITY.md has not", t.Name, t.Pkg, id)
			}
			r.add(t)
		}
	}
	return nil
}

// ofMac reports whether a test is about code that only a Mac runs.
func ofMac(t test) bool {
	return t.Elsewhere != "" || slices.ContainsFunc([]string{"./vault/keychain", "./vault/enclave", "./vault/touchid", "./ui/cocoa", "./mac", "./tools/bundle", "./tools/gnustep"},
		func(dir string) bool { return t.Pkg == dir || strings.HasPrefix(t.Pkg, dir+"/") })
}

func (r *row) add(tests ...test) {
	for _, t := range tests {
		if !slices.Contains(r.Tests, t) {
			r.Tests = append(r.Tests, t)
		}
	}
}
