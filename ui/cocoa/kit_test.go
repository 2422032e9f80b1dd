package cocoa

import (
	"context"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"noxkey/secret"
	"noxkey/ui"
)

// fakeKit is a toolkit without a screen: it keeps the newest scene of every window,
// runs what is posted when the test says so, and presses what the test presses. A
// letter is 0.54 of the font's size wide unless a test says otherwise.
type fakeKit struct {
	t *testing.T

	mu     sync.Mutex
	posted []func()

	up      map[string]*Scene
	key     string // the window that has the keyboard
	focus   map[string]string
	status  Status
	said    []string // announcements
	asked   []Question
	answer  bool // to Ask
	files   []string
	popped  []Item
	shown   []string // revealed files
	quit    bool
	copies  []string // plain texts that were copied
	screenH float64
	letter  float64 // width of a letter at size 1
}

func newFakeKit(t *testing.T) *fakeKit {
	return &fakeKit{t: t, up: map[string]*Scene{}, focus: map[string]string{}, screenH: 900, letter: 0.54}
}

func (k *fakeKit) Post(f func()) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.posted = append(k.posted, f)
}

// run runs what was posted and reports whether there was anything.
func (k *fakeKit) run() bool {
	k.mu.Lock()
	list := k.posted
	k.posted = nil
	k.mu.Unlock()
	for _, f := range list {
		f()
	}
	return len(list) > 0
}

func (k *fakeKit) Show(s *Scene) {
	seen := map[string]bool{}
	for _, e := range s.Elements {
		if seen[e.ID] {
			k.t.Errorf("%s: two elements are called %q", s.ID, e.ID)
		}
		seen[e.ID] = true
	}
	for _, id := range append([]string{s.First}, s.Loop...) {
		if id != "" && !seen[id] {
			k.t.Errorf("%s: the key loop names %q, which is not there", s.ID, id)
		}
	}
	_, was := k.up[s.ID]
	k.up[s.ID] = s
	if !was && s.TakesKeys {
		k.Focus(s.ID)
	}
}

func (k *fakeKit) Hide(id string) {
	delete(k.up, id)
	if k.key == id {
		k.key = ""
	}
}

// Focus makes a window key, as a click in it or the front does.
func (k *fakeKit) Focus(id string) {
	s := k.up[id]
	if s == nil {
		k.t.Fatalf("no window %q is up", id)
	}
	if k.key == id {
		return
	}
	old := k.up[k.key]
	k.key, k.focus[id] = id, s.First
	if old != nil && old.Lost != nil {
		old.Lost()
	}
	if s.Gained != nil {
		s.Gained()
	}
}

func (k *fakeKit) FocusOn(id, element string) { k.focus[id] = element }
func (k *fakeKit) Status(s Status)            { k.status = s }

func (k *fakeKit) PopUp(_ string, _ Rect, items []Item) { k.popped = items }

func (k *fakeKit) PopUpRow(_, _ string, _ int, _ Rect, items []Item) { k.popped = items }

func (k *fakeKit) Ask(_ string, q Question, done func(bool)) {
	k.asked = append(k.asked, q)
	done(k.answer)
}

func (k *fakeKit) OpenFiles(_ string, done func([]string)) { done(k.files) }
func (k *fakeKit) Reveal(paths []string)                   { k.shown = append(k.shown, paths...) }
func (k *fakeKit) Announce(_, text string, _ bool)         { k.said = append(k.said, text) }
func (k *fakeKit) CopyText(text string)                    { k.copies = append(k.copies, text) }
func (k *fakeKit) About(string)                            {}
func (k *fakeKit) Quit()                                   { k.quit = true }
func (k *fakeKit) ScreenHeight() float64                   { return k.screenH }
func (k *fakeKit) Width(text string, f Font) float64 {
	return float64(len([]rune(text))) * f.Size * k.letter
}

func (k *fakeKit) Measure(text string, f Font, width float64, c Cut) int {
	lines, _ := Break(text, c, -1, width, func(s string) float64 { return k.Width(s, f) })
	return len(lines)
}

// scene is the newest scene of a window that must be up.
func (k *fakeKit) scene(id string) *Scene {
	k.t.Helper()
	s := k.up[id]
	if s == nil {
		k.t.Fatalf("no window %q is up", id)
	}
	return s
}

// el is an element that must be there.
func (k *fakeKit) el(id, element string) *Element {
	k.t.Helper()
	e := k.scene(id).Find(element)
	if e == nil {
		k.t.Fatalf("%s has no %q:\n%s", id, element, k.scene(id).Frames())
	}
	return e
}

// click presses an element; one that is off does nothing.
func (k *fakeKit) click(id, element string) {
	k.t.Helper()
	if e := k.el(id, element); !e.Off && e.Do != nil {
		e.Do()
	}
}

// press sends a key to the window that has the keyboard: first to the scene, then, if
// that lets it pass, to what has the focus, as far as a default button goes.
func (k *fakeKit) press(key string) (taken bool) {
	k.t.Helper()
	s := k.up[k.key]
	if s == nil {
		return false
	}
	pressed := keyOf(key)
	pressed.In = k.focus[k.key]
	if s.Key != nil && s.Key(pressed) {
		return true
	}
	if key == "Return" {
		for i := range s.Elements {
			if e := &s.Elements[i]; e.Kind == Button && e.Default && !e.Off {
				e.Do()
				return true
			}
		}
	}
	return false
}

// typed puts text into a field as if it was typed.
func (k *fakeKit) typed(id, element, text string) {
	k.t.Helper()
	if e := k.el(id, element); e.Edited != nil {
		e.Edited([]byte(text))
	}
}

func keyOf(s string) Key {
	var k Key
	for {
		mod, rest, ok := strings.Cut(s, "+")
		if !ok || rest == "" {
			k.Name = s
			return k
		}
		switch mod {
		case "cmd":
			k.Cmd = true
		case "shift":
			k.Shift = true
		case "option":
			k.Option = true
		case "ctrl":
			k.Ctl = true
		case "repeat":
			k.Repeat = true
		}
		s = rest
	}
}

// desktop is a front on a fake kit with a clock that the test moves.
type desktop struct {
	*Front
	kit   *fakeKit
	svc   *fakeService
	clips *fakeClip

	at     time.Time
	timers []*timer
}

type timer struct {
	at  time.Time
	f   func()
	off bool
}

func noon() time.Time { return time.Date(2026, 11, 22, 14, 32, 0, 0, time.UTC) }

// newDesktop starts a front; change may alter its options first.
func newDesktop(t *testing.T, change func(*Options)) *desktop {
	d := &desktop{kit: newFakeKit(t), svc: &fakeService{}, clips: &fakeClip{after: 30 * time.Second}, at: noon()}
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	opt := Options{
		Desk: ui.NewDesk(func() time.Time { return d.at }), Service: d.svc, Kit: d.kit, Version: "1.0.0", Home: "/Users/me",
		Clip: d.clips, Now: func() time.Time { return d.at }, Later: d.later,
	}
	if change != nil {
		change(&opt)
	}
	d.Front = New(ctx, opt)
	d.Start()
	d.settle()
	return d
}

func (d *desktop) later(after time.Duration, f func()) func() {
	t := &timer{at: d.at.Add(after), f: f}
	d.timers = append(d.timers, t)
	return func() { t.off = true }
}

// settle runs what is posted until nothing has come for a moment.
func (d *desktop) settle() {
	for quiet := 0; quiet < 5; {
		if d.kit.run() {
			quiet = 0
			continue
		}
		quiet++
		time.Sleep(2 * time.Millisecond)
	}
}

// wait runs what is posted until ok holds.
func (d *desktop) wait(what string, ok func() bool) {
	d.kit.t.Helper()
	for end := time.Now().Add(60 * time.Second); !ok(); {
		if time.Now().After(end) {
			d.kit.t.Fatalf("it never came to this: %s", what)
		}
		if !d.kit.run() {
			time.Sleep(time.Millisecond)
		}
	}
}

// pass moves the clock on, firing what comes due on the way.
func (d *desktop) pass(by time.Duration) {
	end := d.at.Add(by)
	for {
		var next *timer
		for _, t := range d.timers {
			if !t.off && !t.at.After(end) && (next == nil || t.at.Before(next.at)) {
				next = t
			}
		}
		if next == nil {
			break
		}
		next.off = true
		d.at = next.at
		next.f()
		d.settle()
	}
	d.at = end
	d.settle()
}

// fakeService answers by operation.
type fakeService struct {
	mu   sync.Mutex
	reqs []*secret.Request
	do   map[secret.Op]func(*secret.Request) ([]secret.Answer, error)
}

func (s *fakeService) on(op secret.Op, f func(*secret.Request) ([]secret.Answer, error)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.do == nil {
		s.do = map[secret.Op]func(*secret.Request) ([]secret.Answer, error){}
	}
	s.do[op] = f
}

func (s *fakeService) Do(_ context.Context, req *secret.Request, out func(secret.Answer) error) error {
	s.mu.Lock()
	s.reqs = append(s.reqs, req)
	f := s.do[req.Op]
	s.mu.Unlock()
	if f == nil {
		return nil
	}
	list, err := f(req)
	for _, a := range list {
		if e := out(a); e != nil {
			return e
		}
	}
	return err
}

// got are the requests of an operation.
func (s *fakeService) got(op secret.Op) (list []*secret.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.reqs {
		if r.Op == op {
			list = append(list, r)
		}
	}
	return list
}

type fakeClip struct {
	after, left time.Duration
	put         []string
	err         error
}

func (c *fakeClip) Put(_ context.Context, v secret.Value) error {
	_ = v.Use(func(b []byte) error { c.put = append(c.put, string(b)); return nil })
	return c.err
}
func (c *fakeClip) ClearAfter() time.Duration { return c.after }
func (c *fakeClip) Left() time.Duration       { return c.left }
func (c *fakeClip) Clear()                    { c.left = 0 }

// likeLook compares a scene with the design's frames of that name, line by line: id,
// place, size and style. The lines that are otherwise on purpose are named in except,
// by id, with the reason in the test.
func likeLook(t *testing.T, name string, s *Scene, except ...string) {
	t.Helper()
	want := lookFrames(t, name)
	got := map[string]string{}
	for i, l := range strings.Split(strings.TrimSpace(s.Frames()), "\n") {
		if i == 0 {
			if size := strings.Fields(l)[1]; size != want[""] {
				t.Errorf("%s is %s and not %s", name, size, want[""])
			}
			continue
		}
		id, rest := cutFrame(l)
		got[id] = rest
	}
	skip := map[string]bool{}
	for _, id := range except {
		skip[id] = true
	}
	for id, w := range want {
		if id != "" && !skip[id] && got[id] != w {
			t.Errorf("%s, %s:\n got %s\nwant %s", name, id, got[id], w)
		}
	}
	for id, g := range got {
		if _, ok := want[id]; !ok && !skip[id] {
			t.Errorf("%s has %s (%s), which the design has not", name, id, g)
		}
	}
}

// lookFrames reads one picture's frames; "" is its size.
func lookFrames(t *testing.T, name string) map[string]string {
	t.Helper()
	b, err := os.ReadFile("testdata/frames.txt")
	if err != nil {
		t.Fatal(err)
	}
	frames := map[string]string{}
	in := false
	for _, l := range strings.Split(string(b), "\n") {
		if !strings.HasPrefix(l, "  ") {
			f := strings.Fields(l)
			in = len(f) == 2 && f[0] == name
			if in {
				frames[""] = f[1]
			}
			continue
		}
		if in {
			id, rest := cutFrame(l)
			frames[id] = rest
		}
	}
	if len(frames) == 0 {
		t.Fatalf("the design has no picture %q", name)
	}
	return frames
}

// cutFrame takes a line of frames apart: the four numbers are the last four in a row,
// since an id may end in one ("level 0") and a style begins with none.
func cutFrame(l string) (id, rest string) {
	f := strings.Fields(l)
	for i := len(f) - 4; i > 0; i-- {
		var at []string
		for _, s := range f[i : i+4] {
			if n, err := strconv.Atoi(s); err == nil {
				at = append(at, strconv.Itoa(n))
			}
		}
		if len(at) == 4 {
			return strings.Join(f[:i], " "), strings.Join(append(at, f[i+4:]...), " ")
		}
	}
	return strings.Join(f, " "), ""
}
