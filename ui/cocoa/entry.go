package cocoa

import (
	"bytes"
	"time"

	"noxkey/secret"
	"noxkey/ui"
)

// entryID is the field that an agent's noxkey_set asks for; newSecretID the one that
// the person opened.
const (
	entryID     = "entry"
	newSecretID = "new"
)

// valueField is a field for a value, with the sign that shows it.
type valueField struct {
	b     []byte // ours, wiped
	shown bool
	// seen is what the field began with when it last changed between dots and plain
	// text. It is a string that nobody can wipe, and only made when the person looks.
	seen string
	once bool // something was typed
}

// take keeps what was typed and wipes what was there before.
func (v *valueField) take(b []byte) {
	secret.Wipe(v.b)
	v.b, v.once = b, true
}

func (v *valueField) wipe() {
	secret.Wipe(v.b)
	v.b, v.seen, v.shown = nil, "", false
}

func (v *valueField) toggle() {
	v.shown = !v.shown
	v.seen = string(v.b)
}

// copy is the value in bytes of its own.
func (v *valueField) copy() (secret.Value, error) { return secret.NewValue(bytes.Clone(v.b)) }

// put adds the label, the field, the eye, the line below and the two buttons; p.y is
// the field's top, then the end of the window.
func (v *valueField) put(p *pile, below string, edited func([]byte), eye func(), off bool, no, save Element) {
	y := p.y
	field := Element{ID: "value", Kind: Secret, Frame: Rect{readEdge, y, 304, 24}, Font: Font{Size: 13}, Text: v.seen, Spoken: "Value", Edited: edited, Off: off}
	if v.shown {
		field.Kind = Field
	}
	p.add(Element{ID: "label Value", Frame: Rect{glyphEdge, y + 5, 48, 14}, Text: "Value", Font: smallFont, Color: Secondary, Silent: true})
	p.add(field)
	show := ui.ShowValue(v.shown)
	p.add(Element{ID: "show", Kind: Glyph, Frame: Rect{392, y + 4, 16, 16}, Text: "eye", Color: Secondary, Tip: show, Spoken: show, Help: show, Do: eye})
	more := p.text(Element{ID: "count", Frame: Rect{X: readEdge, Y: y + 30, W: readWidth}, Text: below, Font: Font{Size: 11, Digits: true}, Color: Secondary, Cut: Words}, 1) - 14
	no.ID, no.Kind, no.Frame = "Cancel", Button, Rect{glyphEdge, y + 64 + more, 104, 28}
	save.ID, save.Kind, save.Text, save.Default, save.Frame = "Save", Button, "Save", true, Rect{288, y + 64 + more, 128, 28}
	p.add(no)
	p.add(save)
	p.y = y + 112 + more
}

// entryCard is an agent's noxkey_set, for which the person types the value.
type entryCard struct {
	f     *Front
	state ui.State
	value valueField
	note  string
	keys  time.Time // Return and Esc are dead before
	stop  func()
	urged bool
}

func newEntryCard(f *Front, s ui.State) *entryCard {
	e := &entryCard{f: f, state: s}
	f.kit.Post(func() {
		if f.up(e) {
			f.kit.Announce(entryID, ui.Announce(e.state.Ask, ui.SpokenChord(f.chord())), true)
		}
	})
	e.schedule()
	return e
}

func (e *entryCard) take(s ui.State) {
	e.state = s
	e.schedule()
	e.f.redraw(e)
}

func (e *entryCard) closed() {
	e.value.wipe()
	if e.stop != nil {
		e.stop()
	}
}

// counts reports whether the time left is in sight.
func (e *entryCard) counts() bool { return e.note == "" && len(e.value.b) == 0 }

// schedule sets the timer for the arming, a second of the countdown, or the moment
// when little time is left.
func (e *entryCard) schedule() {
	if e.stop != nil {
		e.stop()
		e.stop = nil
	}
	now := e.f.now()
	d := wake(e.state, now, e.counts())
	if end := e.state.Deadline(); !end.IsZero() && !e.urged {
		if last := end.Sub(now) - urgentFor; last > 0 && (d == 0 || last < d) {
			d = last
		}
	}
	if d > 0 {
		e.stop = e.f.later(d, e.tick)
	}
}

func (e *entryCard) tick() {
	e.stop = nil
	if !e.f.up(e) {
		return
	}
	if left, ok := urgent(e.state, e.f.now()); ok && !e.urged {
		e.urged = true
		e.f.kit.Announce(entryID, ui.Urgent(left), true)
	}
	e.f.redraw(e)
	e.schedule()
}

func (e *entryCard) dead() bool { return !e.state.Armed(e.f.now()) }

func (e *entryCard) scene() *Scene {
	p, v := &pile{kit: e.f.kit}, ui.EntryCard(e.state.Ask, e.f.terms, e.f.now())
	queue := ui.QueueWords(e.state)
	p.header(tileGlyph(e.state), Element{ID: "who wants", Text: v.Title, Tip: ui.Request(ui.CardView{Mark: v.Mark}), Help: ui.Request(ui.CardView{Mark: v.Mark})},
		Element{ID: "what next", Text: v.Next, Font: howFont}, queue)
	if p.y += 16; v.Strip != nil {
		p.strip(v.Strip, stripLines(false), nil)
	}
	if len(v.Group.Rows) > 0 {
		newBox(e.f.kit, []ui.Group{v.Group}).putOne(p, howBig{key: Font{Size: 14, Weight: Semibold}, least: 100, id: "secret"})
		p.y += 16
	}
	if v.Says.Label != "" {
		p.fact(v.Says, false)
	}
	p.y += 14
	drawn := e.state
	no := Element{Text: v.No, Help: ui.DenyHelp, Off: e.dead(), Do: func() { e.deny(drawn) }}
	save := Element{Off: e.dead() || ui.ValueFault(e.value.b) != "", Do: func() { e.save(drawn) }}
	if e.dead() {
		no.Help, save.Help = ui.ArmHelp, ui.ArmHelp
	}
	e.value.put(p, e.below(), e.edited, e.toggle, false, no, save)
	return &Scene{ID: entryID, Title: v.Title + ". " + v.Next, W: cardWidth, H: p.y, Elements: p.els, First: "value",
		Loop: []string{"value", "show", "Cancel", "Save"}, Gained: e.gained, Lost: e.lost, Key: func(k Key) bool { return e.key(drawn, k) }}
}

// below is the line below the field: why it was not saved, how long the value is, or
// how much time is left while nothing was typed.
func (e *entryCard) below() string {
	if e.counts() {
		return ui.EntryTime(e.state.Ask, e.f.now())
	}
	if e.note != "" {
		return e.note
	}
	return ui.ValueCount(e.value.b)
}

func (e *entryCard) edited(b []byte) {
	e.value.take(b)
	e.note = ""
	e.schedule()
	e.f.redraw(e)
}

func (e *entryCard) toggle() {
	e.value.toggle()
	e.f.redraw(e)
	e.f.kit.FocusOn(entryID, "value")
}

// gained: keys that answer wait a moment; what is typed is kept.
func (e *entryCard) gained() { e.keys = e.f.now().Add(ui.ArmDelay) }

// lost hides the value.
func (e *entryCard) lost() {
	if e.value.shown {
		e.toggle()
	}
}

func (e *entryCard) key(drawn ui.State, k Key) bool {
	answers := k.Name == "Return" || k.Name == "Enter" || k.Name == "Esc" || k.Cmd && k.Name == "."
	switch {
	case !answers:
		return false
	case k.Repeat || e.dead() || e.f.now().Before(e.keys):
	case k.Name == "Return" || k.Name == "Enter":
		e.save(drawn)
	default:
		e.deny(drawn)
	}
	return true
}

func (e *entryCard) deny(drawn ui.State) {
	if !e.dead() {
		_ = e.f.desk.Cancel(drawn) // an error says that it is over already
	}
}

// save hands the value over. The window stays until the desk has moved on.
func (e *entryCard) save(drawn ui.State) {
	if e.dead() || ui.ValueFault(e.value.b) != "" {
		return
	}
	v, err := e.value.copy()
	if err == nil {
		err = e.f.desk.Submit(drawn, v, e.f.now())
	}
	if err != nil && secret.CodeOf(err) != secret.Busy {
		e.note = ui.Words(err)
		e.f.redraw(e)
	}
}
