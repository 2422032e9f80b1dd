package cocoa

import (
	"strings"
	"time"

	"noxkey/ui"
)

func (w *settings) scene() *Scene {
	s := &Scene{ID: settingsID, Style: Titled, Title: ui.SettingsTitle, W: 560, Place: Middle, TakesKeys: true, Key: w.key,
		Closed: func() { w.f.close(w) }, Lost: func() {
			if w.recording {
				w.record(false)
			}
		}}
	w.keysAndStart(s)
	w.times(s)
	y := w.protection(s)
	y = w.auditRows(s, y)
	if w.fault != "" {
		lines := max(w.f.kit.Measure(w.fault, Font{Size: 12}, 488, Words), 1)
		add(s, Element{ID: "glyph", Kind: Glyph, Frame: Rect{24, y, 16, 16}, Text: "warn", Color: Orange},
			Element{ID: "fault", Frame: Rect{48, y, 488, 16 * float64(lines)}, Text: w.fault, Font: Font{Size: 12, Weight: Medium}, Cut: Words, Lines: lines})
		y += 16*float64(lines) + 24
	}
	s.H = y
	for _, e := range s.Elements {
		if e.Kind == Button || e.Kind == Popup || e.Kind == Check {
			s.Loop = append(s.Loop, e.ID)
		}
	}
	return s
}

func add(s *Scene, e ...Element) { s.Elements = append(s.Elements, e...) }

// label stands left of a control of that y; hint below one.
func (w *settings) label(s *Scene, y float64, text string) {
	add(s, Element{ID: "label " + text, Frame: Rect{24, y + 4, 168, 16}, Text: text, Font: Font{Size: 13}, Align: Right})
}

func (w *settings) hint(s *Scene, id string, y float64, text string) {
	add(s, Element{ID: "hint " + id, Frame: Rect{204, y, 332, 14}, Text: text, Font: Font{Size: 11}, Color: Secondary})
}

func (w *settings) line(s *Scene, id string, y float64) {
	add(s, Element{ID: "line " + id, Kind: Line, Frame: Rect{24, y, 512, 1}, Color: Separator})
}

// spoken is a label without its colon.
func spoken(label string) string { return strings.TrimSuffix(label, ":") }

func (w *settings) keysAndStart(s *Scene) {
	chord, button := w.keeps.Chord(), ui.SetChange
	if w.recording {
		chord, button = ui.SetPress, ui.Cancel
	}
	font := Font{Size: 13}
	w.label(s, 24, ui.SetSearch)
	// Not a Field: nothing can be typed there, and one that is off would be hard to read.
	add(s, Element{ID: "hot key", Kind: Box, Frame: Rect{204, 24, 120, 24}, Color: Fill2, Radius: 6},
		Element{ID: "hot key text", Frame: Rect{212, 28, 104, 16}, Text: chord, Font: font, Spoken: spoken(ui.SetSearch) + " " + chord},
		Element{ID: "Record", Kind: Button, Frame: Rect{332, 24, 80, 24}, Text: button, Off: w.busy, Do: func() { w.record(!w.recording) }})
	w.label(s, 60, ui.SetStart)
	tick := No
	if w.keeps.Login() {
		tick = Yes
	}
	add(s, Element{ID: "login", Kind: Check, Frame: Rect{204, 65, 14, 14}, On: tick, Off: w.busy, Spoken: ui.OpenAtLogin, Do: w.toggleLogin},
		Element{ID: "login text", Frame: Rect{226, 64, 300, 16}, Text: ui.OpenAtLogin, Font: font, Silent: true})
	w.line(s, "start", 96)
}

func (w *settings) times(s *Scene) {
	w.label(s, 112, ui.SetSession)
	add(s, popup("session", Rect{204, 112, 120, 24}, spoken(ui.SetSession), ui.SessionChoices, w.keeps.Session(), ui.SessionChoice,
		func(d time.Duration) { w.apply(func() error { return w.keeps.SetSession(d) }) }))
	w.hint(s, "session", 140, ui.SetSessionHint)
	w.label(s, 168, ui.SetClipboard)
	add(s, popup("clipboard", Rect{204, 168, 120, 24}, spoken(ui.SetClipboard), ui.ClipboardChoices, w.keeps.Clipboard(), ui.ClipboardChoice,
		func(d time.Duration) { w.apply(func() error { return w.keeps.SetClipboard(d) }) }))
	w.hint(s, "clipboard", 196, ui.SetClipHint)
	w.label(s, 224, ui.SetCard)
	add(s, Element{ID: "timeout", Frame: Rect{204, 228, 332, 16}, Text: ui.SetCardText, Font: Font{Size: 13}, Color: Secondary})
	w.line(s, "times", 260)
}

// protection is the group of what takes more than a choice. It returns where the next
// group's line is.
func (w *settings) protection(s *Scene) float64 {
	w.label(s, 276, ui.SetProtection)
	add(s, Element{ID: "mode", Frame: Rect{204, 280, 220, 16}, Text: ui.ProtectionWords(w.keeps.Sealed()), Font: Font{Size: 13}})
	if p, ok := w.keeps.(Protector); ok {
		add(s, Element{ID: "Change", Kind: Button, Frame: Rect{440, 276, 96, 24}, Text: ui.SetChangeMode, Off: w.busy, Do: func() { w.askProtect(p) }})
	}
	return 312
}

// auditRows is the last group; it returns the window's height.
func (w *settings) auditRows(s *Scene, y float64) float64 {
	w.line(s, "audit", y)
	text := w.audit
	if text == "" {
		text = ui.OneMoment
	}
	w.label(s, y+16, ui.SetAudit)
	e := Element{ID: "audit", Frame: Rect{204, y + 20, 332, 16}, Text: text, Font: Font{Size: 13}}
	if w.f.kit.Width(text, e.Font) > e.Frame.W {
		e.Tip = text
	}
	add(s, e)
	w.hint(s, "audit", y+40, ui.SetAuditHint)
	return y + 78
}
