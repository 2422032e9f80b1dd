// Package draw turns the SVG file of the app's icon into an .icns. It knows just the SVG
// that file uses and refuses all else, so the picture
// comes out the same wherever Go runs, with nothing to install. The status item's
// glyphs are not files: ui/cocoa draws them.
package draw

import (
	"image/color"
	"math"
)

// Point is a place in the picture, y downwards, in the units of the view box.
type Point struct{ X, Y float64 }

// Curve is a cubic Bézier from where the one before ended; a line is one whose control
// points lie on it.
type Curve struct {
	A, B, End Point
	Line      bool
}

// Outline is one closed figure.
type Outline struct {
	Start  Point
	Curves []Curve
}

// Paint is one colour, or a gradient from Top to Bottom of the shape's own box.
type Paint struct{ Top, Bottom color.NRGBA }

// Shape is filled outlines.
type Shape struct {
	Outlines []Outline
	EvenOdd  bool // else the nonzero rule
	Paint    Paint
}

// Picture is a square of Size units.
type Picture struct {
	Size   float64
	Shapes []Shape
}

// matrix is an affine map: x' = a·x + c·y + e, y' = b·x + d·y + f.
type matrix [6]float64

var identity = matrix{1, 0, 0, 1, 0, 0}

func (m matrix) times(n matrix) matrix {
	return matrix{
		m[0]*n[0] + m[2]*n[1], m[1]*n[0] + m[3]*n[1],
		m[0]*n[2] + m[2]*n[3], m[1]*n[2] + m[3]*n[3],
		m[0]*n[4] + m[2]*n[5] + m[4], m[1]*n[4] + m[3]*n[5] + m[5],
	}
}

func (m matrix) at(p Point) Point {
	return Point{m[0]*p.X + m[2]*p.Y + m[4], m[1]*p.X + m[3]*p.Y + m[5]}
}

func (m matrix) outlines(in []Outline) []Outline {
	out := make([]Outline, len(in))
	for i, o := range in {
		out[i].Start = m.at(o.Start)
		for _, c := range o.Curves {
			out[i].Curves = append(out[i].Curves, Curve{m.at(c.A), m.at(c.B), m.at(c.End), c.Line})
		}
	}
	return out
}

// flat returns the outline as a polygon, each curve in enough steps that at scale
// pixels a unit it strays less than a twentieth of a pixel.
func (o Outline) flat(scale float64) []Point {
	poly, at := []Point{o.Start}, o.Start
	for _, c := range o.Curves {
		n := 1
		if !c.Line {
			length := math.Hypot(c.A.X-at.X, c.A.Y-at.Y) + math.Hypot(c.B.X-c.A.X, c.B.Y-c.A.Y) + math.Hypot(c.End.X-c.B.X, c.End.Y-c.B.Y)
			n = 4 + int(2*math.Sqrt(length*scale))
		}
		for i := 1; i <= n; i++ {
			t := float64(i) / float64(n)
			u := 1 - t
			poly = append(poly, Point{
				u*u*u*at.X + 3*u*u*t*c.A.X + 3*u*t*t*c.B.X + t*t*t*c.End.X,
				u*u*u*at.Y + 3*u*u*t*c.A.Y + 3*u*t*t*c.B.Y + t*t*t*c.End.Y,
			})
		}
		at = c.End
	}
	return poly
}
