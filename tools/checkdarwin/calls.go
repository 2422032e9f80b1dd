package main

import (
	"go/ast"
	"go/types"
)

// calls looks at what is passed to objc.Call, whose parameters are of any type, and to
// the functions of ours that hand theirs on to it. It returns the names that are
// called on the spot.
func (p *pass) calls() map[*ast.Ident]bool {
	send, called := p.senders(), map[*ast.Ident]bool{}
	p.walk(func(call *ast.CallExpr, _ *ast.FuncDecl) {
		id := callee(call)
		if id == nil {
			return
		}
		called[id] = true
		obj := origin(p.info.Uses[id])
		sends := send[obj] || qualified(obj) == objcPath+".Call"
		if sends {
			p.arguments(call)
		}
		p.selector(call, obj, sends)
	})
	return called
}

func (p *pass) arguments(call *ast.CallExpr) {
	for _, arg := range call.Args {
		t := p.info.TypeOf(arg)
		if t == nil {
			continue
		}
		i, isFace := t.Underlying().(*types.Interface)
		switch {
		case isFunc(t):
			p.report(arg.Pos(), "a Go function is passed to Objective-C: darwinkit makes it a block, a libffi closure whose types dangle")
		case isFace && i.NumMethods() == 0 && !call.Ellipsis.IsValid():
			p.report(arg.Pos(), "a value of type %s is passed to Objective-C, so nobody sees whether it is a function", t)
		}
	}
}

// senders are the functions of this package that spread their own parameters into
// objc.Call, or into each other. One in another package would not be found; none but
// ours imports darwinkit.
func (p *pass) senders() map[types.Object]bool {
	send := map[types.Object]bool{}
	for more := true; more; {
		more = false
		p.walk(func(call *ast.CallExpr, in *ast.FuncDecl) {
			id := callee(call)
			if id == nil || in == nil || !call.Ellipsis.IsValid() {
				return
			}
			obj := origin(p.info.Uses[id])
			if self := p.info.Defs[in.Name]; !send[self] && (send[obj] || qualified(obj) == objcPath+".Call") {
				send[self], more = true, true
			}
		})
	}
	return send
}

// walk calls f for each call, with the declared function that holds it or nil.
func (p *pass) walk(f func(*ast.CallExpr, *ast.FuncDecl)) {
	for _, file := range p.files {
		for _, d := range file.Decls {
			in, _ := d.(*ast.FuncDecl)
			ast.Inspect(d, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok {
					f(call, in)
				}
				return true
			})
		}
	}
}

// origin is the declared function behind an instance of it.
func origin(obj types.Object) types.Object {
	if f, ok := obj.(*types.Func); ok {
		return f.Origin()
	}
	return obj
}
