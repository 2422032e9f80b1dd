package main

import (
	"bytes"
	"debug/macho"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// thin describes a program that is nothing but its headers; it cannot run.
type thin struct {
	cpu  macho.Cpu
	kind macho.Type
	min  uint32 // packed as xxxx.yy.zz; 0 writes no LC_BUILD_VERSION
	libs []string
}

func (p thin) bytes() []byte {
	le := binary.LittleEndian
	var loads []byte
	n := uint32(0)
	if p.min != 0 {
		for _, w := range []uint32{lcBuildVersion, 24, platformMacOS, p.min, p.min, 0} {
			loads = le.AppendUint32(loads, w)
		}
		n++
	}
	for _, l := range p.libs {
		name := append([]byte(l), make([]byte, 8-len(l)%8)...)
		for _, w := range []uint32{uint32(macho.LoadCmdDylib), uint32(24 + len(name)), 24, 0, 0, 0} {
			loads = le.AppendUint32(loads, w)
		}
		loads = append(loads, name...)
		n++
	}
	var b bytes.Buffer
	for _, w := range []uint32{macho.Magic64, uint32(p.cpu), 0, uint32(p.kind), n, uint32(len(loads)), 0, 0} {
		b.Write(le.AppendUint32(nil, w))
	}
	b.Write(loads)
	return b.Bytes()
}

// universal joins programs as lipo -create does: a big-endian table, each program at a
// multiple of 16 KiB.
func universal(t *testing.T, programs ...[]byte) []byte {
	t.Helper()
	const page = 1 << 14
	be := binary.BigEndian
	head := be.AppendUint32(be.AppendUint32(nil, macho.MagicFat), uint32(len(programs)))
	body, at := []byte{}, page
	for _, p := range programs {
		f, err := macho.NewFile(bytes.NewReader(p))
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range []uint32{uint32(f.Cpu), f.SubCpu, uint32(at), uint32(len(p)), 14} {
			head = be.AppendUint32(head, w)
		}
		padded := append(bytes.Clone(p), make([]byte, (page-len(p)%page)%page)...)
		body, at = append(body, padded...), at+len(padded)
	}
	return append(append(head, make([]byte, page-len(head))...), body...)
}

const macOS13 = 13 << 16

// program is a universal one that has nothing wrong with it.
func program(t *testing.T, libs ...string) []byte {
	libs = append([]string{"/usr/lib/libSystem.B.dylib"}, libs...)
	return universal(t, thin{macho.CpuAmd64, macho.TypeExec, macOS13, libs}.bytes(), thin{macho.CpuArm64, macho.TypeExec, macOS13, libs}.bytes())
}

func TestBinaryFaultsAreFound(t *testing.T) {
	ok := []string{"/usr/lib/libSystem.B.dylib"}
	x := func(p thin) []byte { return p.bytes() }
	amd, arm := thin{macho.CpuAmd64, macho.TypeExec, macOS13, ok}, thin{macho.CpuArm64, macho.TypeExec, macOS13, ok}
	for name, c := range map[string]struct {
		b    []byte
		want string
	}{
		"one processor":     {x(arm), "not a universal binary"},
		"arm64 missing":     {universal(t, x(amd)), "not amd64 and arm64"},
		"a third":           {universal(t, x(amd), x(arm), x(thin{macho.CpuPpc64, macho.TypeExec, macOS13, ok})), "not amd64 and arm64"},
		"a library":         {universal(t, x(thin{macho.CpuAmd64, macho.TypeDylib, macOS13, ok}), x(thin{macho.CpuArm64, macho.TypeDylib, macOS13, ok})), "not a program"},
		"too new":           {universal(t, x(amd), x(thin{macho.CpuArm64, macho.TypeExec, macOS13 + 1<<8, ok})), "wants macOS 13.1"},
		"no least macOS":    {universal(t, x(amd), x(thin{macho.CpuArm64, macho.TypeExec, 0, ok})), "does not say"},
		"Homebrew's":        {universal(t, x(amd), x(thin{macho.CpuArm64, macho.TypeExec, macOS13, []string{"/opt/homebrew/lib/libffi.8.dylib"}})), "not part of macOS"},
		"beside the binary": {universal(t, x(amd), x(thin{macho.CpuArm64, macho.TypeExec, macOS13, []string{"@rpath/x.dylib"}})), "not part of macOS"},
		"empty":             {nil, "not a universal binary"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "b")
			if err := os.WriteFile(path, c.b, 0o755); err != nil {
				t.Fatal(err)
			}
			if f := strings.Join(binaryFaults(path, nil), "\n"); !strings.Contains(f, c.want) {
				t.Errorf("want %q, found %q", c.want, f)
			}
		})
	}
}

func TestTheClientIsLinkedToItsFewLibraries(t *testing.T) {
	path := filepath.Join(t.TempDir(), "b")
	if err := os.WriteFile(path, program(t, "/System/Library/Frameworks/AppKit.framework/Versions/C/AppKit"), 0o755); err != nil {
		t.Fatal(err)
	}
	if f := binaryFaults(path, nil); len(f) > 0 {
		t.Errorf("the app may link AppKit: %v", f)
	}
	if f := strings.Join(binaryFaults(path, clientLinks), "\n"); !strings.Contains(f, "linked to /System/Library/Frameworks/AppKit") {
		t.Errorf("AppKit in the client was not found: %q", f)
	}
}

// TestTheRealClient holds what Go's linker really writes for macOS against the rules.
func TestTheRealClient(t *testing.T) {
	dir := t.TempDir()
	var programs [][]byte
	for _, arch := range []string{"amd64", "arm64"} {
		out := filepath.Join(dir, arch)
		cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", out, "noxkey/cmd/noxkey")
		cmd.Env = append(os.Environ(), "GOOS=darwin", "GOARCH="+arch, "CGO_ENABLED=0")
		if b, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, b)
		}
		b, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		programs = append(programs, b)
	}
	path := filepath.Join(dir, "noxkey")
	if err := os.WriteFile(path, universal(t, programs...), 0o755); err != nil {
		t.Fatal(err)
	}
	if f := binaryFaults(path, clientLinks); len(f) > 0 {
		t.Error(strings.Join(f, "\n"))
	}
}
