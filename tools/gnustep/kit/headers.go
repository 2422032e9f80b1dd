package kit

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

var (
	protocolDeclared = regexp.MustCompile(`(?m)@protocol\s+(\w+)\s*([^;\w]|$)`)
	protocolUsed     = regexp.MustCompile(`@protocol\((\w+)\)`)
	headerImported   = regexp.MustCompile(`#import "([^"]+)"`)
)

// gnustepHeaders is where Debian's libgnustep-*-dev put them.
const gnustepHeaders = "/usr/include/GNUstep"

// headers writes one header for each framework that darwinkit imports. Under a name GNUstep has
// (AppKit, Foundation) it passes on to the real one; under others to Foundation. Each then declares,
// empty, the protocols darwinkit names and GNUstep does not know.
func (k *Kit) headers() error {
	declared, err := declaredProtocols()
	if err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(k.Dir, "darwinkit", "macos", "*", "protocols.gen.m"))
	if err != nil {
		return err
	}
	var registered []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		imported := headerImported.FindSubmatch(text)
		if imported == nil {
			continue
		}
		header := string(imported[1])
		var used []string
		for _, m := range protocolUsed.FindAllSubmatch(text, -1) {
			used = append(used, string(m[1]))
		}
		if err := write(filepath.Join(k.Dir, "include", header), umbrella(header, used, declared)); err != nil {
			return err
		}
		if header == appKit || header == foundation {
			registered = append(registered, used...)
		}
	}
	if len(registered) == 0 {
		return fmt.Errorf("%s names no protocol of AppKit: another version than the one this was written for?", Module)
	}
	if err := write(filepath.Join(k.Dir, "include", "Cocoa", "Cocoa.h"), []byte("#import <AppKit/AppKit.h>\n")); err != nil {
		return err
	}
	return write(filepath.Join(k.Dir, "shim", "generated.m"), registry(registered))
}

const (
	appKit     = "AppKit/AppKit.h"
	foundation = "Foundation/Foundation.h"
)

func umbrella(header string, used []string, declared map[string]bool) []byte {
	var b strings.Builder
	switch header {
	case appKit, foundation:
		fmt.Fprintf(&b, "#include_next <%s>\n", header)
	default:
		fmt.Fprintf(&b, "#import <%s>\n", foundation)
	}
	guard := "NX_" + strings.ToUpper(regexp.MustCompile(`\W`).ReplaceAllString(header, "_"))
	fmt.Fprintf(&b, "#ifndef %s\n#define %s\n", guard, guard)
	for _, p := range used {
		if !declared[p] {
			fmt.Fprintf(&b, "@protocol %s\n@end\n", p)
		}
	}
	b.WriteString("#endif\n")
	return []byte(b.String())
}

func registry(names []string) []byte {
	slices.Sort(names)
	var b strings.Builder
	b.WriteString("/* Made by tools/gnustep. */\n#import <AppKit/AppKit.h>\nvoid nx_register_protocol(Protocol *);\nvoid nx_register_all(void)\n{\n")
	for _, n := range slices.Compact(names) {
		fmt.Fprintf(&b, "  nx_register_protocol(@protocol(%s));\n", n)
	}
	b.WriteString("}\n")
	return []byte(b.String())
}

// hidden are protocols whose declaration stands in a header that AppKit.h and Foundation.h do not
// bring along, or behind a condition that is off here.
var hidden = []string{"NSURLSessionDataDelegate", "NSURLSessionDelegate", "NSURLSessionTaskDelegate", "NSWindowRestoration"}

func declaredProtocols() (map[string]bool, error) {
	declared := map[string]bool{}
	for _, folder := range []string{"AppKit", "Foundation", "GNUstepGUI", "GNUstepBase"} {
		files, err := filepath.Glob(filepath.Join(gnustepHeaders, folder, "*.h"))
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			text, err := os.ReadFile(f)
			if err != nil {
				return nil, err
			}
			for _, m := range protocolDeclared.FindAllSubmatch(text, -1) {
				declared[string(m[1])] = true
			}
		}
	}
	if len(declared) == 0 {
		return nil, fmt.Errorf("no GNUstep headers in %s: apt install libgnustep-gui-dev", gnustepHeaders)
	}
	for _, h := range hidden {
		delete(declared, h)
	}
	return declared, nil
}
