package kit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A patch replaces one text of a file of darwinkit. The old text must be there exactly once:
// another version of the library then fails loudly instead of being built half patched.
type patch struct{ file, old, new, why string }

var patches = []patch{
	{"objc/ffi/ffi.go",
		"	var cif CIF\n",
		"	var cif CIF\n	argtypes = append([]*Type(nil), argtypes...)\n",
		"libffi keeps the slice; since Go 1.25 the caller's is on its stack"},
	{"objc/ffi/ffi.go",
		"	runtime.KeepAlive(argtypes)\n",
		"	cif.arg_types = &argtypes[0]\n	runtime.KeepAlive(argtypes)\n",
		"libffi wrote the pointer unseen by the collector"},
	{"objc/call.go",
		"	var retPtr unsafe.Pointer\n	rt := reflect.TypeOf(ret)\n	if directPointer(rt) {\n		retPtr = unsafe.Pointer(&ret)\n",
		"	var retPtr unsafe.Pointer\n	rt := reflect.TypeOf(ret)\n	var word [2]uintptr\n	if rt.Size() < 8 {\n		retPtr = unsafe.Pointer(&word)\n	} else if directPointer(rt) {\n		retPtr = unsafe.Pointer(&ret)\n",
		"libffi writes a whole word for a small result"},
	{"objc/runtime_utils.m", "@interface DeallocListener : NSObject\n", "@interface DeallocListener : NSObject { uintptr_t goID; }\n", "no automatic synthesis"},
	{"objc/runtime_utils.m", "@implementation DeallocListener\n", "@implementation DeallocListener\n@synthesize goID;\n", "no automatic synthesis"},
	{"objc/protocol.m", "@interface ProtocolImplBase : NSObject\n", "@interface ProtocolImplBase : NSObject { uintptr_t goID; }\n", "no automatic synthesis"},
	{"objc/protocol.m", "@implementation ProtocolImplBase\n", "@implementation ProtocolImplBase\n@synthesize goID;\n", "no automatic synthesis"},
	{"helper/action/action_handler.m", "@interface ActionHandler : NSObject\n", "@interface ActionHandler : NSObject { uintptr_t goID; }\n", "no automatic synthesis"},
	{"helper/action/action_handler.m", "@implementation ActionHandler\n", "@implementation ActionHandler\n@synthesize goID;\n", "no automatic synthesis"},
	{"objc/type_convertion.m", "id vp = result_[kp];", "id vp = [result_ objectForKey: kp];", "no object subscripts"},
}

// darwinkit copies the packages that are used from the module cache and patches them.
func (k *Kit) darwinkit() error {
	src, err := k.moduleDir()
	if err != nil {
		return err
	}
	for _, top := range []string{"objc", "dispatch", "helper/action", "kernel", "internal", "macos"} {
		if err := k.copyTree(src, top); err != nil {
			return err
		}
	}
	return write(filepath.Join(k.Dir, "darwinkit", "go.mod"), []byte("module "+Module+"\n\ngo 1.18\n"))
}

func (k *Kit) copyTree(src, top string) error {
	if _, err := os.Stat(filepath.Join(src, top)); os.IsNotExist(err) {
		return nil
	}
	return filepath.WalkDir(filepath.Join(src, top), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go") {
			return err
		}
		name, err := filepath.Rel(src, path)
		if err != nil {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if text, err = apply(filepath.ToSlash(name), text); err != nil {
			return err
		}
		return write(filepath.Join(k.Dir, "darwinkit", name), text)
	})
}

func apply(name string, text []byte) ([]byte, error) {
	for _, p := range patches {
		if p.file != name {
			continue
		}
		if n := bytes.Count(text, []byte(p.old)); n != 1 {
			return nil, fmt.Errorf("%s of %s: the text to patch (%s) is there %d times", name, Module, p.why, n)
		}
		text = bytes.Replace(text, []byte(p.old), []byte(p.new), 1)
	}
	return text, nil
}

// moduleDir downloads the version go.mod names, if need be, and says where it is.
func (k *Kit) moduleDir() (string, error) {
	cmd := exec.Command("go", "mod", "download", "-json", Module)
	cmd.Dir = k.Root
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go mod download %s: %w\n%s", Module, err, out)
	}
	var m struct{ Dir, Error string }
	if err := json.Unmarshal(out, &m); err != nil {
		return "", err
	}
	if m.Error != "" || m.Dir == "" {
		return "", fmt.Errorf("go mod download %s: %s", Module, m.Error)
	}
	return m.Dir, nil
}

// modfile is the project's go.mod with darwinkit replaced, for -modfile.
func (k *Kit) modfile() error {
	text, err := os.ReadFile(filepath.Join(k.Root, "go.mod"))
	if err != nil {
		return err
	}
	text = fmt.Appendf(text, "\nreplace %s => %s\n", Module, filepath.Join(k.Dir, "darwinkit"))
	if err := write(filepath.Join(k.Dir, "go.mod"), text); err != nil {
		return err
	}
	sum, err := os.ReadFile(filepath.Join(k.Root, "go.sum"))
	if err != nil {
		return err
	}
	return write(filepath.Join(k.Dir, "go.sum"), sum)
}
