package main

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// What makes darwinkit v0.5.0 crash or corrupt memory, and what else of the Mac's
// libraries is known to bite, is refused here.
const (
	darwinkit = "github.com/progrium/darwinkit"
	objcPath  = darwinkit + "/objc"
)

// cocoaFolder is the only package that may import darwinkit: AppKit wants the main
// thread, and one package can keep that promise.
const cocoaFolder = "noxkey/ui/cocoa/appkit"

// closures may be handed to these: their callback is plain cgo, read in their sources,
// and not a libffi closure.
var closures = map[string]bool{
	darwinkit + "/helper/action.Set":            true,
	darwinkit + "/helper/action.Wrap":           true,
	darwinkit + "/dispatch.Queue.DispatchAsync": true,
	objcPath + ".WithAutoreleasePool":           true,
}

// never is what no code of ours may name, and why.
var never = map[string]string{
	objcPath + ".NewClass":                     "its methods are libffi closures whose types dangle; write the class in Objective-C",
	objcPath + ".UserClass":                    "its methods are libffi closures whose types dangle; write the class in Objective-C",
	objcPath + ".AddMethod":                    "a Go method is a libffi closure whose types dangle; write the class in Objective-C",
	objcPath + ".ReplaceMethod":                "a Go method is a libffi closure whose types dangle; write the class in Objective-C",
	objcPath + ".AddClassMethod":               "a Go method is a libffi closure whose types dangle; write the class in Objective-C",
	objcPath + ".ReplaceClassMethod":           "a Go method is a libffi closure whose types dangle; write the class in Objective-C",
	objcPath + ".WrapAsProtocol":               "a Go delegate is a set of libffi closures, and one Go type a protocol is cached; write the class in Objective-C",
	objcPath + ".CreateMallocBlock":            "a Go block is a libffi closure whose types dangle, and its descriptor is read after it is freed",
	objcPath + ".CreateGlobalBlock":            "a Go block is a libffi closure whose types dangle",
	objcPath + ".CallBlock":                    "blocks are called from Objective-C",
	objcPath + ".IMPWithBlock":                 "a Go block is a libffi closure whose types dangle",
	objcPath + ".Retain":                       "a finalizer releases the object on another thread, early where a copy was kept; call x.Retain() and release it",
	darwinkit + "/dispatch.Queue.DispatchSync": "from the main thread it waits for itself; use DispatchAsync",
	darwinkit + "/macos/appkit.Event.KeyCode":  "the Mac answers 16 bits and darwinkit reads 64; call keyCode with a uintptr result and keep the low 16 bits",
	"github.com/keybase/go-keychain.AccessibleWhenPasscodeSetThisDeviceOnly": "go-keychain v0.0.1 has no value for it and hands on a NULL",
}

// pass is one package under the rules.
type pass struct {
	folder string
	files  []*ast.File
	info   *types.Info
	sizes  types.Sizes
	report func(pos token.Pos, format string, args ...any)

	selectors, methods map[string]bool // known to darwinkit, and to the folder's Objective-C
}

// cocoa applies the rules to NoxKey.
func cocoa(p *pass) { p.apply(cocoaFolder) }

// apply reports what breaks the rules. Only the package allowed may import darwinkit.
func (p *pass) apply(allowed string) {
	called := p.calls()
	for _, f := range p.files {
		if p.folder != allowed {
			p.imports(f, allowed)
		}
	}
	for id, obj := range p.info.Uses {
		p.use(id, obj, called[id])
	}
	p.interfaces()
}

func (p *pass) imports(f *ast.File, allowed string) {
	for _, i := range f.Imports {
		path, err := strconv.Unquote(i.Path.Value)
		if err == nil && within(path) {
			p.report(i.Pos(), "%s is imported outside %s, which alone keeps to the main thread", path, allowed)
		}
	}
}

// use looks at one mention of something of darwinkit's, called or not: a method value
// is as bad as a call.
func (p *pass) use(id *ast.Ident, obj types.Object, called bool) {
	name := qualified(obj)
	if why := never[name]; why != "" {
		p.report(id.Pos(), "%s: %s", short(name), why)
		return
	}
	if obj.Pkg() == nil || !within(obj.Pkg().Path()) {
		return
	}
	switch obj := obj.(type) {
	case *types.TypeName:
		if delegate(obj.Type()) {
			p.report(id.Pos(), "%s is a Go delegate or protocol: its methods are libffi closures whose types dangle; write the class in Objective-C", short(name))
		}
	case *types.Func:
		p.function(id, obj, name, called)
	}
}

func (p *pass) function(id *ast.Ident, f *types.Func, name string, called bool) {
	sig := f.Signature()
	if inst, ok := p.info.Instances[id]; ok {
		sig = inst.Type.(*types.Signature)
	}
	if name == objcPath+".Call" && !called {
		p.report(id.Pos(), "objc.Call is not called here, so nobody sees what is passed to it")
	}
	for r := range sig.Results().Variables() {
		switch {
		case isFunc(r.Type()):
			p.report(id.Pos(), "%s returns a block", short(name))
		case isOpen(r.Type()):
			p.report(id.Pos(), "%s returns a type parameter, whose size nobody sees", short(name))
		case p.small(f, r.Type()):
			p.report(id.Pos(), "%s returns %s, under 8 bytes: libffi writes 8 and corrupts the heap; call it with a uintptr result and compare",
				short(name), types.TypeString(r.Type(), types.RelativeTo(f.Pkg())))
		}
	}
	if closures[name] {
		return
	}
	for v := range sig.Params().Variables() {
		if isFunc(v.Type()) {
			p.report(id.Pos(), "%s takes a function, nil included: darwinkit makes it a block, a libffi closure whose types dangle", short(name))
		} else if protocol(v.Type()) {
			p.report(id.Pos(), "%s takes a Go delegate, whose methods are libffi closures; use the variant for an object", short(name))
		}
	}
}

// small: libffi writes more than such a result has room for. Package objc, dispatch and
// helper/action return their own small values through plain cgo; only Call goes
// through libffi there.
func (p *pass) small(f *types.Func, t types.Type) bool {
	switch path := f.Pkg().Path(); {
	case path == objcPath && f.Name() != "Call", path == darwinkit+"/dispatch", path == darwinkit+"/helper/action":
		return false
	}
	size := p.sizes.Sizeof(t)
	return 0 < size && size < 8
}

// interfaces finds a darwinkit method with a small result behind an interface that is not
// darwinkit's: the call names our method, so use cannot see it. Every type and every
// interface that an expression of the package has is held against each other, which
// is more than what is assigned.
func (p *pass) interfaces() {
	faces, impls := map[*types.Interface]token.Pos{}, map[string]types.Type{}
	for e, tv := range p.info.Types {
		t := types.Unalias(tv.Type)
		if ptr, ok := t.(*types.Pointer); ok {
			t = types.Unalias(ptr.Elem())
		}
		n, named := t.(*types.Named)
		switch u := t.Underlying().(type) {
		case *types.Interface:
			if named && within(qualified(n.Obj())) || u.NumMethods() == 0 {
				continue
			}
			if pos := faces[u]; pos == 0 || e.Pos() < pos {
				faces[u] = e.Pos()
			}
		default:
			if named {
				impls[n.String()] = n
			}
		}
	}
	for face, pos := range faces {
		for _, name := range slices.Sorted(maps.Keys(impls)) {
			if t := impls[name]; types.Implements(types.NewPointer(t), face) && p.face(face, pos, t) {
				break
			}
		}
	}
}

// face reports whether t brings a small result of darwinkit's behind the interface.
func (p *pass) face(face *types.Interface, pos token.Pos, t types.Type) (bad bool) {
	for m := range face.Methods() {
		obj, _, _ := types.LookupFieldOrMethod(t, true, m.Pkg(), m.Name())
		f, ok := obj.(*types.Func)
		if !ok || f.Pkg() == nil || !within(f.Pkg().Path()) {
			continue
		}
		for r := range f.Signature().Results().Variables() {
			if !isOpen(r.Type()) && p.small(f, r.Type()) {
				p.report(pos, "%s may stand behind this interface, and its %s has a result under 8 bytes", t, m.Name())
				bad = true
			}
		}
	}
	return bad
}

// within: a path of darwinkit's.
func within(path string) bool { return path == darwinkit || strings.HasPrefix(path, darwinkit+"/") }

// qualified is path.Name, or path.Type.Name for a method.
func qualified(obj types.Object) string {
	if obj == nil || obj.Pkg() == nil {
		return ""
	}
	if f, ok := obj.(*types.Func); ok && f.Signature().Recv() != nil {
		t := f.Signature().Recv().Type()
		if ptr, ok := t.(*types.Pointer); ok {
			t = ptr.Elem()
		}
		if n, ok := t.(*types.Named); ok {
			return obj.Pkg().Path() + "." + n.Obj().Name() + "." + obj.Name()
		}
	}
	if v, ok := obj.(*types.Var); ok && (v.IsField() || obj.Parent() != obj.Pkg().Scope()) {
		return "" // a local variable or a field has no name others could use
	}
	return obj.Pkg().Path() + "." + obj.Name()
}

// short drops the host and module from a qualified name.
func short(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }
