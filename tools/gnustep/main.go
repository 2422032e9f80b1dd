//go:build linux

// Command gnustep is `make test-cocoa`: it runs the Cocoa front in real windows on Linux, against
// GNUstep and under Xvfb. It makes the kit, vets what is behind the build tag gnustep, and runs the
// tests there. Pictures go to build/cocoa. What passes here has still not run on a Mac: GNUstep
// shows behaviour and not looks.
//
// Arguments are handed to go test: go run ./tools/gnustep -run TestCard -v
package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"noxkey/tools/gnustep/kit"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "test-cocoa:", err)
		os.Exit(1)
	}
}

// behind are the packages that have files behind the tag gnustep.
var behind = []string{"./ui/cocoa/...", "./vault/touchid/...", "./tools/gnustep/..."}

func run(args []string) error {
	if err := need(exec.LookPath, os.Stat); err != nil {
		return err
	}
	root, err := filepath.Abs(".")
	if err != nil {
		return err
	}
	k, err := kit.Make(root, filepath.Join(root, "build", "gnustep"))
	if err != nil {
		return err
	}
	fmt.Println("the kit is in build/gnustep; the first build of darwinkit takes about two minutes")
	if err := loud(k.Go("vet", behind...)); err != nil {
		return fmt.Errorf("go vet: %w", err)
	}
	// One package at a time: each test has a screen and programs of its own, and the machine may
	// be small.
	test := append([]string{"-count=1", "-p=1", "-timeout=15m"}, args...)
	if err := loud(k.Go("test", append(test, behind...)...)); err != nil {
		return fmt.Errorf("go test: %w", err)
	}
	fmt.Println("the pictures are in build/cocoa")
	return nil
}

func loud(cmd *exec.Cmd) error {
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd.Run()
}

// A wanted is a program, or a file when it begins with a slash, and the Debian package it comes in.
type wanted struct{ name, apt string }

var tools = []wanted{
	{"gcc", "gcc"}, {"clang", "clang"}, {"Xvfb", "xvfb"}, {"xdotool", "xdotool"}, {"import", "imagemagick"},
	{"gpbs", "gnustep-gui-runtime"}, {"gdnc", "gnustep-base-runtime"},
	{"/usr/include/GNUstep/AppKit/AppKit.h", "libgnustep-gui-dev"},
	{"/usr/include/GNUstep/Foundation/Foundation.h", "libgnustep-base-dev"},
	{"/usr/include/Block.h", "libblocksruntime-dev"},
	{"/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", "fonts-dejavu-core"},
}

// alsoApt have nothing of a fixed path to look for: gobjc is asked of gcc by the kit, libffi's header
// lies under the machine's triple, and the drawing back end is loaded by name.
var alsoApt = []string{"gobjc", "libffi-dev", "gnustep-back0.29-cairo"}

// need says all that is missing at once, with the command that brings it.
func need(look func(string) (string, error), stat func(string) (fs.FileInfo, error)) error {
	var missing, packages []string
	for _, t := range tools {
		var err error
		if strings.HasPrefix(t.name, "/") {
			_, err = stat(t.name)
		} else {
			_, err = look(t.name)
		}
		if err != nil {
			missing = append(missing, t.name)
		}
		packages = append(packages, t.apt)
	}
	if len(missing) == 0 {
		return nil
	}
	packages = append(packages, alsoApt...)
	slices.Sort(packages)
	return errors.New("missing: " + strings.Join(missing, " ") + "\napt install --no-install-recommends " + strings.Join(packages, " "))
}
