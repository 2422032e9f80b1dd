//go:build linux

package main

import (
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"testing"
)

func TestNeedSaysWhatIsMissingAndHowToGetIt(t *testing.T) {
	none := func(string) (string, error) { return "", exec.ErrNotFound }
	err := need(none, func(string) (fs.FileInfo, error) { return nil, os.ErrNotExist })
	if err == nil {
		t.Fatal("nothing is there, and nothing was said")
	}
	for _, word := range []string{"Xvfb", "AppKit.h", "apt install", "gobjc", "libgnustep-gui-dev", "xdotool"} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q does not name %s", err, word)
		}
	}
	all := func(string) (string, error) { return "/bin/true", nil }
	if err := need(all, func(string) (fs.FileInfo, error) { return nil, nil }); err != nil {
		t.Errorf("all is there: %v", err)
	}
}
