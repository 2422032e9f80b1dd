package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// pkg is what go list says about a package or a test variant of one, and its types
// once they are checked.
type pkg struct {
	ImportPath, Dir, ForTest string
	GoFiles, CgoFiles        []string
	Imports                  []string
	ImportMap                map[string]string
	Module                   *struct {
		GoVersion, Dir string
		Main           bool
	}
	Error *struct{ Pos, Err string }

	types *types.Package
	done  chan struct{} // closed when types is set
}

// ours: it is read with its function bodies and held against the rules. Others are
// read for what they declare.
func (p *pkg) ours() bool {
	return p.Module != nil && p.Module.Main && !strings.HasSuffix(p.ImportPath, ".test")
}

// folder is the import path without what makes it a test variant.
func (p *pkg) folder() string {
	if p.ForTest != "" && strings.TrimSuffix(p.path(), "_test") == p.ForTest {
		return p.ForTest
	}
	return p.path()
}

func (p *pkg) path() string {
	path, _, _ := strings.Cut(p.ImportPath, " ")
	return path
}

// loader holds what the architectures share. A file is parsed once.
type loader struct {
	fset      *token.FileSet
	rules     func(*pass)
	selectors map[string]bool // known to darwinkit

	mu    sync.Mutex // guards the fields below
	files map[string]*parsed
	found map[string]map[string]bool // problem → architectures
}

type parsed struct {
	once sync.Once
	file *ast.File
	err  error
}

// check type-checks the packages for each architecture and calls rules for each that is
// ours. It returns the problems, sorted, and the number of packages of ours.
func check(c config, rules func(*pass)) (problems []string, ours int, err error) {
	l := &loader{fset: token.NewFileSet(), rules: rules, files: map[string]*parsed{}, found: map[string]map[string]bool{}}
	for _, arch := range c.Archs {
		if types.SizesFor("gc", arch) == nil {
			return nil, 0, fmt.Errorf("unknown architecture %q", arch)
		}
		pkgs, err := list(c, arch)
		if err != nil {
			return nil, 0, err
		}
		if l.selectors, err = selectors(pkgs); err != nil {
			return nil, 0, err
		}
		ours += l.arch(arch, pkgs)
	}
	if ours == 0 {
		return nil, 0, errors.New("no package of ours among " + strings.Join(c.Patterns, " "))
	}
	return l.problems(c.Archs), ours, nil
}

// list asks for the packages, their tests and all they import.
func list(c config, arch string) ([]*pkg, error) {
	args := append([]string{"list", "-e", "-deps", "-test", "-tags", c.Tags,
		"-json=ImportPath,Dir,ForTest,GoFiles,CgoFiles,Imports,ImportMap,Module,Error"}, c.Patterns...)
	cmd := exec.Command("go", args...)
	cmd.Env = append(os.Environ(), "GOOS=darwin", "GOARCH="+arch, "CGO_ENABLED=1")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	var pkgs []*pkg
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		p := &pkg{done: make(chan struct{})}
		if err := dec.Decode(p); err == io.EOF {
			return pkgs, nil
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		pkgs = append(pkgs, p)
	}
}

// arch checks the packages, each after those it imports, and counts ours.
func (l *loader) arch(arch string, pkgs []*pkg) (ours int) {
	all := map[string]*pkg{}
	for _, p := range pkgs {
		all[p.ImportPath] = p
		if p.ours() {
			ours++
		}
	}
	slots := make(chan struct{}, runtime.NumCPU())
	for _, p := range pkgs {
		go func() {
			defer close(p.done)
			for _, path := range p.Imports {
				if d := all[path]; d != nil {
					<-d.done
				}
			}
			slots <- struct{}{}
			defer func() { <-slots }()
			l.check(p, all, arch)
		}()
	}
	for _, p := range pkgs {
		<-p.done
	}
	return ours
}

func (l *loader) check(p *pkg, all map[string]*pkg, arch string) {
	if p.ImportPath == "unsafe" {
		p.types = types.Unsafe
		return
	}
	report := func(format string, args ...any) { l.report(arch, fmt.Sprintf(format, args...)) }
	if p.Error != nil {
		report("%s: %s", here(p.Error.Pos), strings.TrimSpace(p.Error.Err))
	}
	var files []*ast.File
	for _, name := range slices.Concat(p.GoFiles, p.CgoFiles) {
		f, err := l.parse(filepath.Join(p.Dir, name))
		if err != nil && p.ours() {
			report("%s", here(err.Error()))
		}
		if f != nil {
			files = append(files, f)
		}
	}
	conf := types.Config{
		FakeImportC: true, IgnoreFuncBodies: !p.ours(), Sizes: types.SizesFor("gc", arch),
		Importer: importer{p, all},
		Error: func(err error) {
			if p.ours() {
				report("%s", here(err.Error()))
			}
		},
	}
	if p.Module != nil && p.Module.GoVersion != "" {
		conf.GoVersion = "go" + p.Module.GoVersion
	}
	info := &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{},
		Defs: map[*ast.Ident]types.Object{}, Instances: map[*ast.Ident]types.Instance{},
	}
	if !p.ours() {
		info = nil
	}
	p.types, _ = conf.Check(p.path(), l.fset, files, info) // Error has had them all
	if p.ours() {
		l.rules(&pass{folder: p.folder(), files: files, info: info, sizes: conf.Sizes, selectors: l.selectors, methods: methods(p.Dir),
			report: func(pos token.Pos, format string, args ...any) {
				report("%s: %s", here(l.fset.Position(pos).String()), fmt.Sprintf(format, args...))
			}})
	}
}

func (l *loader) parse(path string) (*ast.File, error) {
	l.mu.Lock()
	f := l.files[path]
	if f == nil {
		f = &parsed{}
		l.files[path] = f
	}
	l.mu.Unlock()
	f.once.Do(func() { f.file, f.err = parser.ParseFile(l.fset, path, nil, parser.SkipObjectResolution) })
	return f.file, f.err
}

func (l *loader) report(arch, problem string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.found[problem] == nil {
		l.found[problem] = map[string]bool{}
	}
	l.found[problem][arch] = true
}

// problems names the architecture only where it matters. Test variants of a package
// find its problems again; the map holds them once.
func (l *loader) problems(archs []string) []string {
	var lines []string
	for p, on := range l.found {
		if len(on) < len(archs) {
			p += " [" + strings.Join(slices.Sorted(maps.Keys(on)), " ") + " only]"
		}
		lines = append(lines, p)
	}
	slices.Sort(lines)
	return lines
}

// here shortens a position to a path from the working directory.
func here(position string) string {
	wd, err := os.Getwd()
	if err != nil {
		return position
	}
	return strings.TrimPrefix(position, wd+string(filepath.Separator))
}

// importer finds what p imports among the packages that are checked already.
type importer struct {
	p   *pkg
	all map[string]*pkg
}

func (i importer) Import(path string) (*types.Package, error) {
	if m := i.p.ImportMap[path]; m != "" {
		path = m
	}
	if d := i.all[path]; d != nil && d.types != nil {
		return d.types, nil
	}
	return nil, fmt.Errorf("no package %q", path)
}
