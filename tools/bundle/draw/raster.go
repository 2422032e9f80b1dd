package draw

import (
	"image"
	"image/color"
	"math"
	"slices"
)

// lines is how many lines a pixel's height is cut into; across, coverage is exact.
const lines = 16

// Raster draws the picture px pixels wide and high, on nothing.
func (p *Picture) Raster(px int) *image.NRGBA {
	scale := float64(px) / p.Size
	img := image.NewNRGBA(image.Rect(0, 0, px, px))
	for _, s := range p.Shapes {
		s.raster(img, scale)
	}
	return img
}

type edge struct {
	from, to Point // from above to
	wind     int
}

func (s Shape) raster(img *image.NRGBA, scale float64) {
	edges, top, bottom := s.edges(scale)
	px := img.Rect.Dx()
	cover := make([]float64, px)
	for y := max(0, int(top)); y < min(px, int(math.Ceil(bottom))); y++ {
		clear(cover)
		for l := range lines {
			at := float64(y) + (float64(l)+0.5)/lines
			s.line(edges, at, cover)
		}
		t := 0.0
		if bottom > top {
			t = min(1, max(0, (float64(y)+0.5-top)/(bottom-top)))
		}
		c := s.Paint.mix(t)
		for x, a := range cover {
			if a > 0 {
				img.SetNRGBA(x, y, over(c, a/lines, img.NRGBAAt(x, y)))
			}
		}
	}
}

func (s Shape) edges(scale float64) (e []edge, top, bottom float64) {
	top, bottom = math.Inf(1), math.Inf(-1)
	for _, o := range s.Outlines {
		poly := o.flat(scale)
		for i, a := range poly {
			a, b := Point{a.X * scale, a.Y * scale}, poly[(i+1)%len(poly)]
			b = Point{b.X * scale, b.Y * scale}
			top, bottom = min(top, a.Y), max(bottom, a.Y)
			switch {
			case a.Y < b.Y:
				e = append(e, edge{a, b, 1})
			case a.Y > b.Y:
				e = append(e, edge{b, a, -1})
			}
		}
	}
	return e, top, bottom
}

type crossing struct {
	x    float64
	wind int
}

// line adds to cover how much of each pixel lies inside the shape at height y.
func (s Shape) line(edges []edge, y float64, cover []float64) {
	var at []crossing
	for _, e := range edges {
		if e.from.Y <= y && y < e.to.Y {
			at = append(at, crossing{e.from.X + (e.to.X-e.from.X)*(y-e.from.Y)/(e.to.Y-e.from.Y), e.wind})
		}
	}
	slices.SortFunc(at, func(a, b crossing) int {
		switch {
		case a.x < b.x:
			return -1
		case a.x > b.x:
			return 1
		}
		return 0
	})
	wind := 0
	for i := 0; i+1 < len(at); i++ {
		if s.EvenOdd {
			wind ^= 1
		} else {
			wind += at[i].wind
		}
		if wind != 0 {
			span(cover, at[i].x, at[i+1].x)
		}
	}
}

func span(cover []float64, from, to float64) {
	from, to = max(0, from), min(float64(len(cover)), to)
	for x := int(from); x < len(cover) && float64(x) < to; x++ {
		cover[x] += min(to, float64(x+1)) - max(from, float64(x))
	}
}

func (p Paint) mix(t float64) color.NRGBA {
	m := func(a, b uint8) uint8 { return uint8(math.Round(float64(a) + (float64(b)-float64(a))*t)) }
	return color.NRGBA{m(p.Top.R, p.Bottom.R), m(p.Top.G, p.Bottom.G), m(p.Top.B, p.Bottom.B), 255}
}

// over lays colour c, covering a of the pixel, over what is there.
func over(c color.NRGBA, a float64, under color.NRGBA) color.NRGBA {
	a = min(1, a)
	u := float64(under.A) / 255 * (1 - a)
	out := a + u
	m := func(x, y uint8) uint8 { return uint8(math.Round((float64(x)*a + float64(y)*u) / out)) }
	return color.NRGBA{m(c.R, under.R), m(c.G, under.G), m(c.B, under.B), uint8(math.Round(255 * out))}
}
