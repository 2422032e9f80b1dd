//go:build linux && gnustep

package rig_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"noxkey/tools/gnustep/kit"
	"noxkey/tools/gnustep/rig"
)

var fixture, pictures string

func TestMain(m *testing.M) {
	root, err := filepath.Abs("../../..")
	if err == nil {
		pictures = filepath.Join(root, "build", "cocoa")
		var k *kit.Kit
		if k, err = kit.Make(root, filepath.Join(root, "build", "gnustep")); err == nil {
			fixture, err = k.Build("./tools/gnustep/fixture")
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func TestFixture(t *testing.T) { walk(t) }

// walk does everything the harness can do, once.
func walk(t rig.T, args ...string) {
	d := rig.Open(t)
	p := d.Start(nil, fixture, args...)
	p.Wait(`^ready$`)
	w := d.Window("fixture").Focus()
	d.Type("ap")
	p.Wait(`^query "a" rows 5$`)
	p.Wait(`^query "ap" rows 4$`)
	d.Key("Down", "Escape", "Return")
	p.Wait(`^command moveDown:$`)
	p.Wait(`^command complete:$`)
	p.Wait(`^command insertNewline:$`)
	w.Click(365, 26)
	p.Wait(`^label "pressed 1"$`)
	w.Click(365, 26)
	p.Wait(`^label "pressed 2"$`)
	w.Click(80, 90)
	p.Wait(`^selected 1$`)
	w.Shot(filepath.Join(pictures, "fixture.png"))
	menu := d.Opened(func() { w.Press(365, 150) })
	d.Shot(filepath.Join(pictures, "fixture-menu.png"))
	menu.Hover(20, 30)
	d.Release()
	p.Wait(`^chose Two$`)
	p.Wait(`^menu closed$`)
}

// A harness that cannot fail proves nothing: each fault must be an error, and the right one.
func TestFaults(t *testing.T) {
	for fault, words := range map[string]string{
		"closed":  `no window "fixture" appeared`,
		"missing": `noxkeyKnowsNoSuchThing:]`,
		"label":   `no line "^label \"pressed 1\"$"`,
		"panic":   `the program ended`,
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			r := &recorder{T: t}
			r.run(func() { walk(r, "-fault="+fault) })
			if said := strings.Join(r.said, "\n"); !strings.Contains(said, words) {
				t.Errorf("the fault %q was not told with %q but with %q", fault, words, said)
			}
		})
	}
}

func TestNothingIsLeft(t *testing.T) {
	r, home := &recorder{T: t}, ""
	r.run(func() {
		d := rig.Open(r)
		home = d.Home()
		d.Start(nil, fixture).Wait(`^ready$`)
	})
	if len(r.said) > 0 {
		t.Fatal(r.said)
	}
	for _, e := range glob(t, "/proc/[0-9]*/environ") {
		if env, err := os.ReadFile(e); err == nil && strings.Contains(string(env), home) {
			cmd, _ := os.ReadFile(filepath.Join(filepath.Dir(e), "cmdline"))
			if len(cmd) > 0 { // a zombie has none
				t.Errorf("%s is still there: %q", filepath.Dir(e), cmd)
			}
		}
	}
}

func glob(t *testing.T, pattern string) []string {
	all, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// recorder is a test within a test: it keeps what was said instead of failing.
type recorder struct {
	*testing.T
	said     []string
	cleanups []func()
}

func (r *recorder) Errorf(format string, a ...any) {
	r.said = append(r.said, fmt.Sprintf(format, a...))
}
func (r *recorder) Fatalf(format string, a ...any) { r.Errorf(format, a...); runtime.Goexit() }
func (r *recorder) Cleanup(f func())               { r.cleanups = append(r.cleanups, f) }

func (r *recorder) run(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	<-done
	for len(r.cleanups) > 0 {
		last := r.cleanups[len(r.cleanups)-1]
		r.cleanups = r.cleanups[:len(r.cleanups)-1]
		last()
	}
}
