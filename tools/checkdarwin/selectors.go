package main

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/types"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// A selector is a string, and one that no class knows ends the program. darwinkit's
// wrappers, generated from Apple's documentation, name some ten thousand: one of ours
// must be among them, or be a method of the package's own Objective-C. Whether the
// class it is sent to has it, nobody sees.

// undocumented are selectors of Apple's that darwinkit has no wrapper for.
var undocumented = map[string]bool{
	"cell":      true,                                                 // NSControl
	"isEqual:":  true,                                                 // NSObject
	"lockFocus": true, "lockFocusFlipped:": true, "unlockFocus": true, // NSImage, NSView
}

var (
	wrapped  = regexp.MustCompile(`objc\.Sel\("([\w:]+)"\)`)
	declares = regexp.MustCompile(`(?m)^[-+] ?\([^;{]*`)
	brackets = regexp.MustCompile(`\([^()]*\)`)
	part     = regexp.MustCompile(`\w+:`)
	word     = regexp.MustCompile(`\w+`)
)

// selectors reads those of darwinkit's wrappers, whether or not they are used.
func selectors(pkgs []*pkg) (map[string]bool, error) {
	known := maps.Clone(undocumented)
	i := slices.IndexFunc(pkgs, func(p *pkg) bool { return within(p.path()) && p.Module != nil })
	if i < 0 {
		return known, nil
	}
	for _, framework := range []string{"appkit", "foundation"} {
		files, err := filepath.Glob(filepath.Join(pkgs[i].Module.Dir, "macos", framework, "*.go"))
		if err != nil || len(files) == 0 {
			return nil, fmt.Errorf("darwinkit's %s has no files: %w", framework, err)
		}
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				return nil, err
			}
			for _, m := range wrapped.FindAllSubmatch(b, -1) {
				known[string(m[1])] = true
			}
		}
	}
	return known, nil
}

// methods reads the selectors of the methods in the Objective-C of a folder.
func methods(dir string) map[string]bool {
	own := map[string]bool{}
	files, _ := filepath.Glob(filepath.Join(dir, "*.[mh]")) // the pattern is sound
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			continue // then its selectors are unknown, and refused
		}
		for _, decl := range declares.FindAllString(string(b), -1) {
			own[spelt(decl)] = true
		}
	}
	return own
}

// spelt is the selector of a method's declaration.
func spelt(decl string) string {
	for brackets.MatchString(decl) { // types, blocks with types of their own among them
		decl = brackets.ReplaceAllString(decl, " ")
	}
	if parts := part.FindAllString(decl, -1); parts != nil {
		return strings.Join(parts, "")
	}
	return word.FindString(decl)
}

// selector looks at what is named by objc.Sel on the spot, or sent by a function of
// ours, where it stands before the arguments.
func (p *pass) selector(call *ast.CallExpr, obj types.Object, sends bool) {
	name := qualified(obj)
	if name == objcPath+".Sel" || name == objcPath+".RegisterSelectorName" {
		p.exists(call.Args[0])
		return
	}
	if !sends {
		return
	}
	sig, ok := obj.Type().(*types.Signature)
	at := 0
	if ok {
		at = sig.Params().Len() - 2
	}
	if !ok || !sig.Variadic() || at < 0 || at >= len(call.Args) || call.Ellipsis.IsValid() {
		return
	}
	arg := call.Args[at]
	if inner, ok := ast.Unparen(arg).(*ast.CallExpr); ok && len(inner.Args) == 1 {
		arg = inner.Args[0] // objc.Sel("..."), which is looked at by itself
	} else {
		p.exists(arg)
	}
	if sel, ok := p.constant(arg); ok && strings.Count(sel, ":") != len(call.Args)-at-1 {
		p.report(arg.Pos(), "%s takes %d arguments and is sent %d", sel, strings.Count(sel, ":"), len(call.Args)-at-1)
	}
}

func (p *pass) exists(arg ast.Expr) {
	if sel, ok := p.constant(arg); ok && !p.selectors[sel] && !p.methods[sel] {
		p.report(arg.Pos(), "selector %q: neither darwinkit nor this package's Objective-C knows it", sel)
	}
}

func (p *pass) constant(e ast.Expr) (string, bool) {
	v := p.info.Types[e].Value
	if v == nil || v.Kind() != constant.String {
		return "", false
	}
	return constant.StringVal(v), true
}
