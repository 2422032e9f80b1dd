package kit

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPatchOfAnotherVersionFails(t *testing.T) {
	for _, text := range []string{"package objc\n", strings.Repeat("id vp = result_[kp];", 2)} {
		if _, err := apply("objc/type_convertion.m", []byte(text)); err == nil {
			t.Errorf("patched %q, which is not what the patch was written for", text)
		}
	}
	got, err := apply("objc/type_convertion.m", []byte("a id vp = result_[kp]; b"))
	if err != nil || string(got) != "a id vp = [result_ objectForKey: kp]; b" {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := apply("objc/other.go", []byte("x")); err != nil || string(got) != "x" {
		t.Errorf("a file without a patch became %q, %v", got, err)
	}
}

func TestUmbrellaDeclaresOnlyWhatIsUnknown(t *testing.T) {
	got := string(umbrella("CloudKit/CloudKit.h", []string{"NSCoding", "CKRecordValue"}, map[string]bool{"NSCoding": true}))
	if !strings.Contains(got, "@protocol CKRecordValue\n@end") || strings.Contains(got, "@protocol NSCoding") {
		t.Error(got)
	}
	if got := string(umbrella(appKit, nil, nil)); !strings.HasPrefix(got, "#include_next <AppKit/AppKit.h>") {
		t.Error(got)
	}
}

func TestABlankInThePathIsRefused(t *testing.T) {
	if _, err := Make(".", "/tmp/a folder"); err == nil {
		t.Error("cgo would have cut the compiler's path in two")
	}
}

// Go's cache goes by the text of what it compiles: a file that is written again with the same
// text and a new time would cost two minutes.
func TestWriteLeavesTheSameTextAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a", "cc")
	if err := write(path, []byte("#!/bin/sh\n")); err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(path)
	if err != nil || before.Mode()&0o100 == 0 {
		t.Fatalf("%v %v", before, err)
	}
	if err := os.Chmod(path, 0o500); err != nil {
		t.Fatal(err)
	}
	if err := write(path, []byte("#!/bin/sh\n")); err != nil {
		t.Fatal(err)
	}
	if after, _ := os.Stat(path); after.ModTime() != before.ModTime() {
		t.Error("it was written again")
	}
}
