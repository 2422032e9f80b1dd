//go:build cgo && (darwin || gnustep)

package appkit

import (
	"github.com/progrium/darwinkit/macos/foundation"
	"github.com/progrium/darwinkit/objc"

	"noxkey/ui/cocoa"
)

// attributes are those of a text: the names of AppKit's constants, which are the
// same under GNUstep.
func attributes(f cocoa.Font, c cocoa.Color) objc.Object {
	return dict("NSFont", font(f), "NSColor", color(c))
}

// wide returns a function that measures pieces of text in a font.
func wide(f cocoa.Font) func(string) float64 {
	attr := dict("NSFont", font(f))
	return func(s string) float64 {
		if s == "" {
			return 0
		}
		return sizeOf(str(s), "sizeWithAttributes:", attr).Width
	}
}

// lineHeight is how far the lines of a text are apart.
func lineHeight(f cocoa.Font) float64 {
	switch {
	case f.Size <= 11:
		return 14
	case f.Size <= 13:
		return 16
	case f.Size <= 15:
		return 18
	case f.Size <= 17:
		return 22
	}
	return 28
}

// drawText draws a label in a frame.
func drawText(e *cocoa.Element, r cocoa.Rect) {
	lines, _ := cocoa.Break(e.Text, e.Cut, e.Lines, r.W, wide(e.Font))
	h := lineHeight(e.Font)
	y := r.Y
	if len(lines) == 1 && e.Lines <= 1 {
		y += (r.H - h) / 2
	}
	at := 0 // runes of e.Text that were drawn
	for _, l := range lines {
		x := r.X
		if e.Align != cocoa.Left {
			x += r.W - wide(e.Font)(l)
			if e.Align == cocoa.Center {
				x = r.X + (x-r.X)/2
			}
		}
		drawMarked(e, l, at, x, y+(h-naturalHeight(e.Font))/2)
		at += len([]rune(l))
		y += h
	}
}

// naturalHeight is the height of a line as the font has it.
func naturalHeight(f cocoa.Font) float64 {
	return sizeOf(str("Ag"), "sizeWithAttributes:", dict("NSFont", font(f))).Height
}

// drawMarked draws a line, its marked runes semibold and in label colour. first is
// the line's first rune in the whole text.
func drawMarked(e *cocoa.Element, line string, first int, x, y float64) {
	plain := attributes(e.Font, e.Color)
	if len(e.Marks) == 0 {
		do(str(line), "drawAtPoint:withAttributes:", point(x, y), plain)
		return
	}
	heavy := e.Font
	heavy.Weight = cocoa.Semibold
	c := e.Color
	if c == cocoa.Secondary {
		c = cocoa.Primary
	}
	mark := attributes(heavy, c)
	marked := map[int]bool{}
	for _, m := range e.Marks {
		marked[m] = true
	}
	runes := []rune(line)
	for i := 0; i < len(runes); {
		j := i
		for j < len(runes) && marked[first+j] == marked[first+i] {
			j++
		}
		piece, a, f := string(runes[i:j]), plain, e.Font
		if marked[first+i] {
			a, f = mark, heavy
		}
		do(str(piece), "drawAtPoint:withAttributes:", point(x, y), a)
		x += wide(f)(piece)
		i = j
	}
}

// drawElement draws what needs no view of its own.
func drawElement(e *cocoa.Element, r cocoa.Rect) {
	switch e.Kind {
	case cocoa.Label:
		drawText(e, r)
	case cocoa.Box, cocoa.Line:
		do(color(e.Color), "set")
		do(rounded(r, e.Radius), "fill")
	case cocoa.Dashes:
		drawDashes(e, r)
	case cocoa.Glyph:
		drawGlyph(e.Text, r, e.Color)
	case cocoa.Check:
		drawCheck(e, r)
	}
}

// rounded is an autoreleased path around r.
func rounded(r cocoa.Rect, radius float64) objc.Object {
	if radius == 0 {
		return get(class("NSBezierPath"), "bezierPathWithRect:", rect(r))
	}
	return roundedPath(r, radius)
}

func drawDashes(e *cocoa.Element, r cocoa.Rect) {
	c := e.Color
	p := rounded(cocoa.Rect{X: r.X + 1, Y: r.Y + 1, W: r.W - 2, H: r.H - 2}, e.Radius)
	do(p, "setLineWidth:", 1.5)
	if e.On == cocoa.No {
		dash := [2]float64{6, 6}
		do(p, "setLineDash:count:phase:", &dash[0], 2, 0.0)
	} else {
		c = cocoa.Accent
	}
	do(color(c), "set")
	do(p, "stroke")
}

// drawIcon draws the program's own icon, in its colours.
func drawIcon(r cocoa.Rect) {
	icon := get(get(class("NSApplication"), "sharedApplication"), "applicationIconImage")
	const over = uint(2) // NSCompositingOperationSourceOver
	try(icon, "drawInRect:fromRect:operation:fraction:respectFlipped:hints:", rect(r), foundation.Rect{}, over, 1.0, true, objc.Object{})
}

// drawGlyph draws a sign into r, flipped coordinates.
func drawGlyph(name string, r cocoa.Rect, c cocoa.Color) { paintGlyph(name, r, color(c)) }

func paintGlyph(name string, r cocoa.Rect, c objc.Object) {
	s, ok := cocoa.SignOf(name)
	if !ok {
		if name == "app-icon" {
			drawIcon(r)
		}
		return
	}
	k := r.W / s.Box
	p := get(class("NSBezierPath"), "bezierPath")
	at := func(x, y float64) foundation.Point { return point(r.X+x*k, r.Y+y*k) }
	for _, g := range s.Path {
		switch g.Op {
		case 'M':
			do(p, "moveToPoint:", at(g.P[0], g.P[1]))
		case 'L':
			do(p, "lineToPoint:", at(g.P[0], g.P[1]))
		case 'C':
			do(p, "curveToPoint:controlPoint1:controlPoint2:", at(g.P[4], g.P[5]), at(g.P[0], g.P[1]), at(g.P[2], g.P[3]))
		case 'Z':
			do(p, "closePath")
		}
	}
	do(c, "set")
	if s.Stroke == 0 {
		do(p, "setWindingRule:", uint(1)) // even-odd
		do(p, "fill")
		return
	}
	do(p, "setLineWidth:", s.Stroke*k)
	do(p, "setLineCapStyle:", uint(1))
	do(p, "setLineJoinStyle:", uint(1))
	do(p, "stroke")
}

// drawCheck draws the tick box of a row.
func drawCheck(e *cocoa.Element, r cocoa.Rect) {
	box := cocoa.Rect{X: r.X + 0.5, Y: r.Y + 0.5, W: 13, H: 13}
	if e.On == cocoa.No {
		do(color(cocoa.Tertiary), "set")
		p := rounded(box, 3)
		do(p, "setLineWidth:", 1.0)
		do(p, "stroke")
		return
	}
	c := cocoa.Accent
	if e.Off {
		c = cocoa.Tertiary
	}
	do(color(c), "set")
	do(rounded(box, 3), "fill")
	if e.On == cocoa.Some {
		do(color(cocoa.White), "set")
		do(rounded(cocoa.Rect{X: box.X + 3, Y: box.Y + 5.5, W: 7, H: 2}, 0), "fill")
		return
	}
	drawGlyph("check", cocoa.Rect{X: box.X, Y: box.Y, W: 13, H: 13}, cocoa.White)
}
