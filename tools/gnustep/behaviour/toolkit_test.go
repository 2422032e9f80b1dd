//go:build linux && gnustep

package behaviour

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"noxkey/tools/gnustep/rig"
)

// stage starts the program that shows every kind of element.
func stage(t *testing.T) (*rig.Display, *rig.Program, rig.Window) {
	d := rig.Open(t)
	p := d.Start(allow, stageBinary, strings.Fields(os.Getenv("STAGE"))...)
	p.Wait(`^ready$`)
	w := d.WindowOf("stage", 500, 420).Focus()
	p.Say("focus")
	p.Wait(`^done focus$`)
	return d, p, w
}

func TestToolkitText(t *testing.T) {
	d, p, w := stage(t)
	d.Type("abc")
	p.Wait(`^field "abc"$`)
	d.Key("Left")
	d.Type("x")
	p.Wait(`^field "abxc"$`) // the caret stayed where it was, though every letter drew the window anew
	p.Say("text other")
	p.Wait(`^done text$`)
	d.Type("y")
	p.Wait(`^field "`)
	d.Key("Tab")
	p.Wait(`^key Tab`)
	d.Type("pw")
	p.Wait(`^secret 2$`)
	w.Shot(filepath.Join(pictures, "toolkit.png"))
	w.Click(60, 102)
	d.Key("ctrl+a")
	p.Wait(`^key ctrl\+a`)
}

func TestToolkitKeys(t *testing.T) {
	d, p, _ := stage(t)
	p.Say("eat ! Up Down Left Right PageUp PageDown Home End Return Enter Esc Tab Space Delete F2 a c , . 1")
	p.Wait(`^done eat$`)
	for x, name := range map[string]string{
		"Up": "Up", "Down": "Down", "Left": "Left", "Right": "Right", "Prior": "PageUp", "Next": "PageDown", "Home": "Home", "End": "End",
		"Return": "Return", "KP_Enter": "(Return|Enter)", "Escape": "Esc", "Tab": "Tab", "space": "Space", "BackSpace": "Delete", "F2": "F2",
		"alt+a": `cmd\+a`, "alt+c": `cmd\+c`, "alt+comma": `cmd\+,`, "alt+period": `cmd\+\.`, "alt+shift+1": `shift\+cmd\+[1!]`, "alt+Down": `cmd\+Down`, "ctrl+a": `ctrl\+a`,
	} {
		d.Key(x)
		p.Wait(`^key ` + name + ` repeat=false$`)
	}
	if n := p.Count(`^field`); n != 0 {
		t.Errorf("the field was edited %d times by keys that the scene took:\n%s", n, strings.Join(p.Log(), "\n"))
	}
	p.Say("eat")
	p.Wait(`^done eat$`)
	d.Key("Return")
	p.Wait(`^default$`)
	p.Say("dead")
	p.Wait(`^done dead$`)
	d.Key("Return")
	p.Wait(`^key Return`)
	d.Type("z")
	p.Wait(`^field`)
	if n := p.Count(`^default$`); n != 1 {
		t.Errorf("Return pressed the default button %d times; it was dead the second time", n)
	}
}

func TestToolkitMouse(t *testing.T) {
	d, p, w := stage(t)
	w.Click(70, 384)
	p.Wait(`^button$`)
	w.Click(450, 24)
	p.Wait(`^glyph$`)
	w.Click(175, 136)
	p.Wait(`^check 1$`)
	w.Click(175, 136)
	p.Wait(`^check 0$`)
	w.Click(285, 136)
	p.Wait(`^stubborn$`)
	w.Click(395, 136)
	p.Wait(`^radio$`)
	menu := d.Opened(func() { w.Press(60, 136) })
	menu.Hover(20, 50)
	d.Release()
	p.Wait(`^pick 2$`)
	p.Say("dead")
	p.Wait(`^done dead$`)
	w.Click(70, 384)
	w.Click(450, 24)
	p.Wait(`^glyph$`)
	if n := p.Count(`^button$`); n != 1 {
		t.Errorf("a button that is off was pressed")
	}
	w.Shot(filepath.Join(pictures, "toolkit-mouse.png"))
	w.Click(180, 384)
	p.Wait(`^closer$`)
	d.NoWindow("stage")
	p.Say("again")
	p.Wait(`^done again$`)
	d.WindowOf("stage", 500, 420)
}

func TestToolkitList(t *testing.T) {
	d, p, w := stage(t)
	w.Click(100, 160+24*2+12)
	p.Wait(`^select \[2\]$`)
	p.Wait(`^clicked 2 `)
	d.Double(w, 100, 160+24*3+12)
	p.Wait(`^opened 3$`)
	p.Say("select 900")
	p.Wait(`^done select$`)
	w.Click(100, 160+192-40)
	p.Wait(`^select \[899\]$`) // scrolled so that the selected row is the last one seen
	w.Shot(filepath.Join(pictures, "toolkit-list.png"))
	p.Say("select 0")
	p.Wait(`^done select$`)
	p.Say("edit")
	p.Wait(`^done edit$`)
	d.Key("End")
	d.Type("ab")
	p.Wait(`^cell ".*ab"$`)
	w.Shot(filepath.Join(pictures, "toolkit-edit.png"))
	p.Say("unedit")
	p.Wait(`^done unedit$`)
	d.Type("q")
	p.Wait(`^key q`)
}

func TestToolkitMenu(t *testing.T) {
	d, p, _ := stage(t)
	bar := d.Window("NoxKey status").MoveTo(300, 2) // at its place the menus would leave the screen
	menu := d.Opened(func() { bar.Press(11, 11) })
	menu.Hover(20, 70)
	d.Shot(filepath.Join(pictures, "toolkit-menu.png"))
	d.Release()
	p.Wait(`^menu search$`)
	menu = d.Opened(func() { bar.Press(11, 11) })
	sub := d.Opened(func() { menu.Move(20, 30) })
	sub.Hover(20, 50)
	d.Release()
	p.Wait(`^menu end$`)
	if n := p.Count(`^menu off$`); n != 0 {
		t.Error("an item that is off was chosen")
	}
}

func TestToolkitWindow(t *testing.T) {
	d, p, w := stage(t)
	d.Type("k")
	p.Wait(`^field "k"$`)
	p.Say("tall")
	p.Wait(`^done tall$`)
	grown := d.WindowOf("stage", 500, 460)
	if grown.X != w.X || grown.Y != w.Y {
		t.Errorf("the top edge moved from %d,%d to %d,%d", w.X, w.Y, grown.X, grown.Y)
	}
	d.Type("l")
	p.Wait(`^field "kl"$`) // and the keyboard stayed in the field
	p.Say("cycle 50")
	p.Wait(`^done cycle$`)
	d.WindowOf("stage", 500, 460)
	d.Left(2) // and the status item's
	p.Say("measure Claude Code gets STRIPE_SECRET_KEY once")
	p.Wait(`^width [1-9].* lines [3-9] height 8`)
}
