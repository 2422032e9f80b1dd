package main

import (
	"go/ast"
	"go/types"
	"strings"
)

// isFunc: a Go function, which darwinkit turns into a block or a block into it.
func isFunc(t types.Type) bool {
	_, ok := t.Underlying().(*types.Signature)
	return ok
}

// isOpen: a type parameter, alone or within a struct or array, so no size is known.
func isOpen(t types.Type) bool {
	switch t := types.Unalias(t).(type) {
	case *types.TypeParam:
		return true
	case *types.Array:
		return isOpen(t.Elem())
	case *types.Struct:
		for f := range t.Fields() {
			if isOpen(f.Type()) {
				return true
			}
		}
	case *types.Named:
		return isOpen(t.Underlying())
	}
	return false
}

// protocol: darwinkit's interfaces for Go delegates (PWindowDelegate) have methods and
// no Ptr; those for objects (IWindow) have it.
func protocol(t types.Type) bool {
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || n.Obj().Pkg() == nil || !within(n.Obj().Pkg().Path()) {
		return false
	}
	i, ok := n.Underlying().(*types.Interface)
	if !ok || i.NumMethods() == 0 {
		return false
	}
	obj, _, _ := types.LookupFieldOrMethod(n, false, nil, "Ptr")
	return obj == nil
}

// delegate: a protocol, or darwinkit's struct of functions that satisfies one.
func delegate(t types.Type) bool {
	if protocol(t) {
		return true
	}
	s, ok := t.Underlying().(*types.Struct)
	if !ok {
		return false
	}
	for f := range s.Fields() {
		if isFunc(f.Type()) && strings.HasPrefix(f.Name(), "_") {
			return true
		}
	}
	return false
}

// callee is the identifier that names what is called, and nil where a value is called.
func callee(call *ast.CallExpr) *ast.Ident {
	fun := ast.Unparen(call.Fun)
	switch x := fun.(type) {
	case *ast.IndexExpr:
		fun = ast.Unparen(x.X)
	case *ast.IndexListExpr:
		fun = ast.Unparen(x.X)
	}
	switch x := fun.(type) {
	case *ast.Ident:
		return x
	case *ast.SelectorExpr:
		return x.Sel
	}
	return nil
}
