//go:build linux && gnustep

package behaviour

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"noxkey/tools/gnustep/kit"
	"noxkey/tools/gnustep/rig"
)

var (
	binary, stageBinary, pictures string
	allow                         rig.Allow
)

func TestMain(m *testing.M) {
	flag.DurationVar(&rig.Patience, "patience", rig.Patience, "how long anything may take")
	flag.Parse()
	if err := setUp(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func setUp() error {
	root, err := filepath.Abs("../../..")
	if err != nil {
		return err
	}
	pictures = filepath.Join(root, "build", "cocoa")
	text, err := os.ReadFile("../allow.txt")
	if err != nil {
		return err
	}
	if allow, err = rig.ParseAllow(string(text)); err != nil {
		return err
	}
	k, err := kit.Make(root, filepath.Join(root, "build", "gnustep"))
	if err != nil {
		return err
	}
	if binary, err = k.Build("./tools/gnustep/app"); err != nil {
		return err
	}
	stageBinary, err = k.Build("./tools/gnustep/stage")
	return err
}

// app is the running program and the screen it is on.
type app struct {
	t rig.T
	d *rig.Display
	*rig.Program
}

func start(t rig.T, args ...string) *app {
	t.Helper()
	a := &app{t: t, d: rig.Open(t)}
	a.Program = a.d.Start(allow, binary, args...)
	a.Wait(`^ready$`)
	return a
}

// scene is a window as the front last laid it out.
type scene struct {
	ID, Title string
	W, H      float64
	Elements  []element
}

type element struct {
	ID, Kind, Text, Hint string
	X, Y, W, H           float64
	Off, Default         bool
	On, At, Count        int
	Items                []string
	Selected             []int
	Rows                 [][]string
	RowY                 []float64
}

// el is the element of that id; an empty one if there is none.
func (s scene) el(id string) element {
	i := slices.IndexFunc(s.Elements, func(e element) bool { return e.ID == id })
	if i < 0 {
		return element{}
	}
	return s.Elements[i]
}

// by is the element of that kind and text.
func (s scene) by(kind, text string) element {
	i := slices.IndexFunc(s.Elements, func(e element) bool { return e.Kind == kind && e.Text == text })
	if i < 0 {
		return element{}
	}
	return s.Elements[i]
}

// list is the first list.
func (s scene) list() element {
	i := slices.IndexFunc(s.Elements, func(e element) bool { return e.Kind == "rows" })
	if i < 0 {
		return element{}
	}
	return s.Elements[i]
}

// texts is everything that can be read in the window, a line an element.
func (s scene) texts() string {
	var all []string
	for _, e := range s.Elements {
		if e.Text != "" && e.Kind != "glyph" {
			all = append(all, e.Text)
		}
		for _, r := range e.Rows {
			all = append(all, strings.Join(r, " "))
		}
	}
	return strings.Join(all, "\n")
}

// shows waits until the window shows what ok wants, and returns it.
func (a *app) shows(id, what string, ok func(scene) bool) scene {
	a.t.Helper()
	var s scene
	a.Until(fmt.Sprintf("%s in %s", what, id), func(log []string) bool {
		s = latest(log, id)
		return s.ID != "" && ok(s)
	})
	return s
}

// latest is the newest scene of a window, an empty one if it is gone.
func latest(log []string, id string) (s scene) {
	for i := len(log) - 1; i >= 0; i-- {
		if log[i] == "hide "+id {
			return scene{}
		}
		if text, ok := strings.CutPrefix(log[i], "scene "+id+" "); ok {
			if err := json.Unmarshal([]byte(text), &s); err != nil {
				return scene{}
			}
			return s
		}
	}
	return scene{}
}

// gone waits until the window is away, on the screen too.
func (a *app) gone(id, name string) {
	a.t.Helper()
	a.Until(id+" to be gone", func(log []string) bool { return latest(log, id).ID == "" })
	a.d.NoWindow(name)
}

// window is the X window of a scene, when it has the scene's size.
func (a *app) window(s scene) rig.Window {
	a.t.Helper()
	name := s.Title
	if name == "" {
		name = s.ID
	}
	return a.d.WindowOf(name, int(s.W), int(s.H))
}

// click presses an element of the scene where it is on the screen.
func (a *app) click(s scene, e element) {
	a.t.Helper()
	if e.ID == "" {
		a.t.Fatalf("there is no such element in %s:\n%s", s.ID, s.texts())
	}
	a.window(s).Click(int(e.X+e.W/2), int(e.Y+e.H/2))
}

// clickRow presses row i of the scene's list.
func (a *app) clickRow(s scene, i int) {
	a.t.Helper()
	l := s.list()
	if i >= len(l.RowY) {
		a.t.Fatalf("there is no row %d in %s:\n%s", i, s.ID, s.texts())
	}
	a.window(s).Click(int(l.X)+60, int(l.Y+l.RowY[i])+10)
}

// sync waits until the main thread has done what was said and typed before. X delivers keys in
// order and the program reads them in its loop, so it is asked twice.
func (a *app) sync() {
	a.t.Helper()
	for range 2 {
		a.Say("sync x")
		a.Wait(`^synced x$`)
	}
}

// picture keeps what the window shows.
func (a *app) picture(s scene, file string) {
	a.t.Helper()
	a.sync()
	a.window(s).Shot(filepath.Join(pictures, file))
}

// view is a control as AppKit has it.
type view struct {
	Window, Class, Text string
	X, Y, W, H          float64
	Enabled             bool
	State               int
}

// controls are the controls of a window that are really there.
func (a *app) controls(title string) []view {
	a.t.Helper()
	before := len(a.Log())
	a.Say("views")
	var told []string
	a.Until("the views", func(log []string) bool {
		told = log[before:]
		end := slices.Index(told, "views end")
		told = told[:max(end, 0)]
		return end >= 0
	})
	var all []view
	for _, l := range told {
		var v view
		text, is := strings.CutPrefix(l, "view ")
		if is && json.Unmarshal([]byte(text), &v) == nil && v.Window == title {
			all = append(all, v)
		}
	}
	return all
}
