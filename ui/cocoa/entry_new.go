package cocoa

import (
	"context"
	"slices"

	"noxkey/secret"
	"noxkey/ui"
)

// newEntry is the form for a secret of the person's own.
type newEntry struct {
	f      *Front
	name   string
	kind   secret.FieldType
	chosen bool // the type was chosen by hand
	level  secret.Level
	about  string
	value  valueField
	note   string
	first  string // has the keyboard first
	cancel context.CancelFunc
	saving bool
}

// newSecret opens the form for a secret; name is what the person looked for, or "".
// A card that waits comes first, as it does for the hot key.
func (f *Front) newSecret(name string) {
	for _, id := range []string{cardID, entryID, newSecretID} {
		if _, ok := f.windows[id]; ok {
			f.kit.Focus(id)
			return
		}
	}
	e := &newEntry{f: f, name: name, level: secret.Normal, first: "name"}
	if name != "" {
		e.first = "value"
	}
	e.guess()
	f.show(e)
	if w, ok := f.windows[panelID]; ok {
		f.close(w)
	}
}

// guess takes the type that fits the name until the person chose one.
func (e *newEntry) guess() {
	if e.chosen {
		return
	}
	e.kind = secret.APIKey
	if n, err := secret.ParseName(e.name); err == nil {
		e.kind = secret.DefaultMetadata(n).FieldType
	}
}

func (e *newEntry) closed() {
	e.value.wipe()
	if e.cancel != nil {
		e.cancel()
	}
}

func (e *newEntry) scene() *Scene {
	p := &pile{kit: e.f.kit}
	title, next := ui.NewSecretWords()
	p.header("lock", Element{ID: "who wants", Text: title}, Element{ID: "what next", Text: next, Font: Font{Size: 13}, Color: Secondary}, "")
	e.fields(p, p.y+20)
	p.y += 136
	e.value.put(p, e.below(), e.edited, e.toggle, e.saving, Element{Text: "Cancel", Do: e.hide}, Element{Off: e.fault() != "" || e.saving, Do: e.save})
	return &Scene{ID: newSecretID, Title: title, W: cardWidth, H: p.y, TakesKeys: true, Elements: p.els, First: e.first,
		Loop: []string{"name", "type", "level", "about", "value", "show", "Cancel", "Save"}, Lost: e.lost, Key: e.key}
}

// fields adds the lines above the value, the first at y.
func (e *newEntry) fields(p *pile, y float64) {
	label := func(text string, x, y, w float64) {
		p.add(Element{ID: "label " + text, Frame: Rect{x, y + 4, w, 14}, Text: text, Font: smallFont, Color: Secondary, Silent: true})
	}
	body := Font{Size: 13}
	label("Name", glyphEdge, y, 48)
	p.add(Element{ID: "name", Kind: Field, Frame: Rect{readEdge, y, readWidth, 24}, Font: body, Text: e.name, Spoken: "Name", Edited: e.named, Off: e.saving})
	label("Type", glyphEdge, y+36, 48)
	p.add(Element{ID: "type", Kind: Popup, Frame: Rect{readEdge, y + 36, 120, 24}, Items: words(secret.FieldTypes, ui.TypeWord), At: slices.Index(secret.FieldTypes, e.kind), Spoken: "Type", Off: e.saving,
		Pick: func(i int) { e.kind, e.chosen = secret.FieldTypes[i], true; e.f.redraw(e) }})
	label("Level", 220, y+36, 40)
	p.add(Element{ID: "level", Kind: Popup, Frame: Rect{264, y + 36, 152, 24}, Items: words(secret.Levels, ui.LevelWord), At: slices.Index(secret.Levels, e.level), Spoken: "Level", Off: e.saving,
		Pick: func(i int) { e.level = secret.Levels[i]; e.f.redraw(e) }})
	label("About", glyphEdge, y+72, 48)
	p.add(Element{ID: "about", Kind: Field, Frame: Rect{readEdge, y + 72, readWidth, 24}, Font: body, Text: e.about, Hint: "Optional description", Spoken: "About", Off: e.saving,
		Edited: func(b []byte) { e.about = string(b) }})
}

func words[T any](list []T, word func(T) string) (out []string) {
	for _, x := range list {
		out = append(out, word(x))
	}
	return out
}

// fault says why it cannot be saved, "" if it can.
func (e *newEntry) fault() string {
	if why := ui.ValueFault(e.value.b); why != "" {
		return why
	}
	return ui.NameFault(e.name)
}

// below is the line below the value: what happens, why it cannot be saved once there
// is something to save, or how long the value is.
func (e *newEntry) below() string {
	switch {
	case e.saving:
		return "One moment…"
	case e.note != "":
		return e.note
	case e.value.once && e.fault() != "":
		return e.fault()
	}
	return ui.ValueCount(e.value.b)
}

func (e *newEntry) named(b []byte) {
	e.name, e.note = string(b), ""
	e.guess()
	e.f.redraw(e)
}

func (e *newEntry) edited(b []byte) {
	e.value.take(b)
	e.note = ""
	e.f.redraw(e)
}

func (e *newEntry) toggle() {
	e.value.toggle()
	e.f.redraw(e)
	e.f.kit.FocusOn(newSecretID, "value")
}

func (e *newEntry) lost() {
	if e.value.shown {
		e.toggle()
	}
}

func (e *newEntry) hide() { e.f.close(e) }

func (e *newEntry) key(k Key) bool {
	switch {
	case k.Name == "Esc" || k.Cmd && (k.Name == "." || k.Name == "w"):
		e.hide()
	case k.Name == "Return" || k.Name == "Enter":
		if !k.Repeat {
			e.save()
		}
	default:
		return false
	}
	return true
}

func (e *newEntry) save() { e.store(false) }

// store writes the secret; replace says that the person agreed to replace one.
func (e *newEntry) store(replace bool) {
	if e.saving || e.fault() != "" {
		return
	}
	v, err := e.value.copy()
	if err != nil {
		e.note = ui.Words(err)
		e.f.redraw(e)
		return
	}
	name, kind, level, about := e.name, e.kind, e.level, e.about
	change := secret.Change{Action: secret.ActionSet, Name: secret.Name(name), Value: v, Replace: replace,
		Meta: secret.Patch{FieldType: &kind, Level: &level, Desc: &about}}
	ctx, cancel := context.WithCancel(e.f.ctx)
	e.saving, e.cancel = true, cancel
	e.f.redraw(e)
	e.f.callCtx(ctx, &secret.Request{Op: secret.OpWrite, Changes: []secret.Change{change}}, func(_ []secret.Answer, err error) {
		cancel()
		v.Wipe()
		e.saved(name, err)
	})
}

func (e *newEntry) saved(name string, err error) {
	e.saving = false
	switch {
	case !e.f.up(e):
	case err == nil:
		e.f.kit.Announce(newSecretID, ui.Stored(name, e.f.terms), false)
		e.f.close(e)
	case secret.CodeOf(err) == secret.Exists:
		e.f.redraw(e)
		e.ask(name)
	default:
		e.note = ui.Words(err)
		e.f.redraw(e)
		e.f.kit.FocusOn(newSecretID, "value")
	}
}

// ask asks before a secret is replaced.
func (e *newEntry) ask(name string) {
	title, text, yes, no := ui.ReplaceWords(name)
	e.f.kit.Ask(newSecretID, Question{Title: title, Text: text, Yes: yes, No: no, Safe: true}, func(ok bool) {
		if ok && e.f.up(e) && e.name == name {
			e.store(true)
		}
	})
}
