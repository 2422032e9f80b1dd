package cocoa

import (
	"fmt"
	"math"
	"strconv"
)

// Sign is a drawn glyph: a path in a square of Box points, filled by the even-odd
// rule, or stroked with round ends where Stroke is above 0.
type Sign struct {
	Box, Stroke float64
	Path        []Segment
}

// Segment is a step of a path: 'M' and 'L' go to P[0] P[1]; 'C' curves to P[4] P[5] with
// the control points before it; 'Z' closes.
type Segment struct {
	Op byte
	P  [6]float64
}

// signs are the glyphs, as SVG path data (SVG 1.1, section 8.3).
var signs = map[string]struct {
	box, stroke float64
	d           string
}{
	"search":           {20, 1.7, "M8.5 14.5a6 6 0 1 0 0-12 6 6 0 0 0 0 12zM13 13l4.5 4.5"},
	"warn":             {16, 0, "M7.1 2.1a1.05 1.05 0 0 1 1.8 0l5.6 9.9a1.05 1.05 0 0 1-.9 1.6H2.4A1.05 1.05 0 0 1 1.5 12zM7.25 5.6v3.9h1.5V5.6zM7.25 10.6v1.5h1.5v-1.5z"},
	"info":             {16, 0, "M8 1.75a6.25 6.25 0 1 1 0 12.5 6.25 6.25 0 0 1 0-12.5zM7.25 7.2v4h1.5v-4zM7.25 4.6v1.5h1.5V4.6z"},
	"term":             {24, 1.8, "M7.5 8.5l4 3.5-4 3.5M13 16h4.5"},
	"q":                {24, 1.8, "M9 9.2a3 3 0 1 1 4.6 2.6c-1 .6-1.6 1.1-1.6 2.2M12 17.3v.1"},
	"chev":             {12, 1.5, "M4.5 2.5L8 6l-3.5 3.5"},
	"updown":           {12, 1.4, "M3.5 4.5L6 2l2.5 2.5M3.5 7.5L6 10l2.5-2.5"},
	"back":             {16, 1.7, "M9.5 3.5L5 8l4.5 4.5"},
	"check":            {16, 1.7, "M3.5 8.5l3 3 6-7"},
	"cross":            {16, 1.5, "M4 4l8 8M12 4l-8 8"},
	"doc":              {32, 1.5, "M8 3.5h11l6 6v19H8zM19 3.5v6h6M12 16h9M12 20.5h9M12 25h5"},
	"moonrest":         {24, 1.7, "M18.5 14.2A7.2 7.2 0 0 1 9.8 5.5a7.2 7.2 0 1 0 8.7 8.7z"},
	"eye":              {16, 1.3, "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8zM8 10a2 2 0 1 0 0-4 2 2 0 0 0 0 4z"},
	"lock":             {24, 1.7, "M7 11h10v8.5H7zM9 11V8a3 3 0 0 1 6 0v3"},
	"level-easy":       {16, 0, "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2zM8 3.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9z"},
	"level-normal":     {16, 0, "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2zM8 3.5a4.5 4.5 0 1 0 0 9z"},
	"level-strict":     {16, 0, "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2z"},
	"level-off_limits": {16, 0, "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2zM5 7.25v1.5h6v-1.5z"},
	"status-idle":      {18, 0, "M8.935 1.271A4.5 4.5 0 1 0 12.984 6.13A3.4 3.4 0 1 1 8.935 1.271z" + shaft},
	"status-waiting":   {18, 0, "M8.935 1.271A4.5 4.5 0 1 0 12.865 6.845A3.5 3.5 0 0 1 12.601 6.69A3.4 3.4 0 1 1 8.935 1.271z" + shaft + "M14.5 1.25a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5z"},
	"status-paused":    {18, 0, "M8.935 1.271A4.5 4.5 0 1 0 12.646 7.5L11.6 7.5A3.4 3.4 0 1 1 8.935 1.271z" + shaft + "M12.75 1.25h1.5v5.25h-1.5zM15.5 1.25h1.5v5.25h-1.5z"},
	"status-session":   {18, 0, "M8.5 1.25a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9zm0 2.25a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3z" + shaft},
}

// shaft is the key's, below the moon of the status icons.
const shaft = "M7.75 9.75h1.5v1.25h2.25a.5.5 0 0 1 .5.5v.5a.5.5 0 0 1-.5.5H9.25v1.25h1.5a.5.5 0 0 1 .5.5v.5a.5.5 0 0 1-.5.5H9.25v1.25a.5.5 0 0 1-.5.5h-.5a.5.5 0 0 1-.5-.5z"

// SignOf returns the glyph of that name; false if there is none.
func SignOf(name string) (Sign, bool) {
	s, ok := signs[name]
	if !ok {
		return Sign{}, false
	}
	path, err := parsePath(s.d)
	if err != nil {
		return Sign{}, false // every one is parsed by a test
	}
	return Sign{s.box, s.stroke, path}, true
}

// pen reads path data.
type pen struct {
	d          string
	i          int
	x, y       float64 // where it is
	x0, y0     float64 // where the subpath began
	cx, cy     float64 // second control point of the curve before, for S
	wasC       bool
	out        []Segment
	failed     error
	moveIsLine bool
}

func parsePath(d string) ([]Segment, error) {
	p := &pen{d: d}
	var op byte
	for p.skip(); p.i < len(p.d) && p.failed == nil; p.skip() {
		if c := p.d[p.i]; c >= 'A' && c != 'e' {
			op = c
			p.i++
			p.moveIsLine = false
		}
		p.step(op)
	}
	return p.out, p.failed
}

func (p *pen) skip() {
	for p.i < len(p.d) && (p.d[p.i] == ' ' || p.d[p.i] == ',') {
		p.i++
	}
}

// number reads one number; a sign or a second point begins the next one.
func (p *pen) number() float64 {
	p.skip()
	from, point := p.i, false
	for p.i < len(p.d) {
		c := p.d[p.i]
		if c == '-' && p.i > from || c == '.' && point || c != '-' && c != '.' && (c < '0' || c > '9') {
			break
		}
		point = point || c == '.'
		p.i++
	}
	v, err := strconv.ParseFloat(p.d[from:p.i], 64)
	if err != nil {
		p.failed = fmt.Errorf("number at %d of %q", from, p.d)
		p.i = len(p.d)
	}
	return v
}

// flag is one digit, which may stand without a separator.
func (p *pen) flag() bool {
	p.skip()
	if p.i >= len(p.d) || p.d[p.i] != '0' && p.d[p.i] != '1' {
		p.failed = fmt.Errorf("flag at %d of %q", p.i, p.d)
		return false
	}
	p.i++
	return p.d[p.i-1] == '1'
}

func (p *pen) step(op byte) {
	dx, dy := 0.0, 0.0
	if op >= 'a' {
		dx, dy = p.x, p.y
	}
	point := func() (float64, float64) { x := p.number() + dx; return x, p.number() + dy }
	curved := false
	switch op {
	case 'M', 'm':
		x, y := point()
		if p.moveIsLine {
			p.line(x, y)
			break
		}
		p.x, p.y, p.x0, p.y0, p.moveIsLine = x, y, x, y, true
		p.out = append(p.out, Segment{'M', [6]float64{x, y}})
	case 'L', 'l':
		p.line(point())
	case 'H', 'h':
		p.line(p.number()+dx, p.y)
	case 'V', 'v':
		p.line(p.x, p.number()+dy)
	case 'C', 'c':
		x1, y1 := point()
		x2, y2 := point()
		x, y := point()
		p.curve(x1, y1, x2, y2, x, y)
		curved = true
	case 'S', 's':
		x1, y1 := p.x, p.y
		if p.wasC {
			x1, y1 = 2*p.x-p.cx, 2*p.y-p.cy
		}
		x2, y2 := point()
		x, y := point()
		p.curve(x1, y1, x2, y2, x, y)
		curved = true
	case 'A', 'a':
		r := p.number()
		if ry := p.number(); ry != r {
			p.failed = fmt.Errorf("only circles in %q", p.d)
		}
		p.number() // a circle looks the same however it is turned
		large, sweep := p.flag(), p.flag()
		x, y := point()
		p.arc(r, large, sweep, x, y)
	case 'Z', 'z':
		p.out = append(p.out, Segment{Op: 'Z'})
		p.x, p.y = p.x0, p.y0
	default:
		p.failed = fmt.Errorf("%q in %q", op, p.d)
	}
	p.wasC = curved
}

func (p *pen) line(x, y float64) {
	p.x, p.y = x, y
	p.out = append(p.out, Segment{'L', [6]float64{x, y}})
}

func (p *pen) curve(x1, y1, x2, y2, x, y float64) {
	p.cx, p.cy, p.x, p.y = x2, y2, x, y
	p.out = append(p.out, Segment{'C', [6]float64{x1, y1, x2, y2, x, y}})
}

// arc draws a circle's arc as curves of at most a quarter turn. The centre is found as
// in SVG 1.1, appendix F.6.5.
func (p *pen) arc(r float64, large, sweep bool, x, y float64) {
	mx, my := (p.x-x)/2, (p.y-y)/2
	half := math.Hypot(mx, my)
	if half == 0 {
		return
	}
	r = math.Max(r, half)
	k := math.Sqrt(r*r-half*half) / half
	if large == sweep {
		k = -k
	}
	cx, cy := (p.x+x)/2+k*my, (p.y+y)/2-k*mx
	a := math.Atan2(p.y-cy, p.x-cx)
	turn := math.Atan2(y-cy, x-cx) - a
	if sweep && turn < 0 {
		turn += 2 * math.Pi
	} else if !sweep && turn > 0 {
		turn -= 2 * math.Pi
	}
	n := int(math.Ceil(math.Abs(turn)/(math.Pi/2) - 1e-9))
	d := turn / float64(n)
	h := 4.0 / 3 * math.Tan(d/4) * r
	for i := 0; i < n; i++ {
		b := a + d
		sa, ca := math.Sincos(a)
		sb, cb := math.Sincos(b)
		p.curve(cx+r*ca-h*sa, cy+r*sa+h*ca, cx+r*cb+h*sb, cy+r*sb-h*cb, cx+r*cb, cy+r*sb)
		a = b
	}
}
