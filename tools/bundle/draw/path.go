package draw

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// path reads the d attribute of a path (SVG 1.1, section 8.3): M L H V A C Z, large
// letters for places and small ones for steps. Every outline must be closed.
func path(d string) ([]Outline, error) {
	s := &scanner{rest: d}
	p := &pen{}
	for {
		cmd, ok := s.command()
		if !ok {
			break
		}
		n, known := arguments[cmd|0x20]
		if !known {
			return nil, fmt.Errorf("path: the command %q is not known here", cmd)
		}
		for first := true; first || n > 0 && s.number(); first = false {
			a, err := s.take(cmd, n)
			if err != nil {
				return nil, err
			}
			if err := p.draw(cmd, a); err != nil {
				return nil, err
			}
			if cmd == 'M' || cmd == 'm' {
				cmd-- // to L or l: what follows a move without a letter is a line
			}
		}
	}
	if strings.TrimSpace(s.rest) != "" || p.open || len(p.done) == 0 {
		return nil, fmt.Errorf("path: %q is left over, or nothing was drawn, or an outline is not closed", s.rest)
	}
	return p.done, nil
}

var arguments = map[byte]int{'m': 2, 'l': 2, 'h': 1, 'v': 1, 'c': 6, 'a': 7, 'z': 0}

type scanner struct{ rest string }

func (s *scanner) skip() { s.rest = strings.TrimLeft(s.rest, " ,\t\n") }

func (s *scanner) command() (byte, bool) {
	s.skip()
	if s.rest == "" || s.number() {
		return 0, false
	}
	c := s.rest[0]
	s.rest = s.rest[1:]
	return c, true
}

// number reports whether a number comes next.
func (s *scanner) number() bool {
	s.skip()
	return s.rest != "" && strings.ContainsRune("+-.0123456789", rune(s.rest[0]))
}

func (s *scanner) take(cmd byte, n int) ([]float64, error) {
	a := make([]float64, n)
	for i := range a {
		s.skip()
		end := numberLen(s.rest)
		if cmd|0x20 == 'a' && (i == 3 || i == 4) && end > 1 {
			end = 1 // a flag of an arc is one digit, with or without a space after it
		}
		v, err := strconv.ParseFloat(s.rest[:end], 64)
		if err != nil {
			return nil, fmt.Errorf("path: %q wants %d numbers: %w", cmd, n, err)
		}
		a[i], s.rest = v, s.rest[end:]
	}
	return a, nil
}

// numberLen is the length of the number at the start of s: "1.5.5" is 1.5 and then .5.
func numberLen(s string) int {
	dot := false
	for i, c := range s {
		switch {
		case c >= '0' && c <= '9', i == 0 && (c == '-' || c == '+'):
		case c == '.' && !dot:
			dot = true
		default:
			return i
		}
	}
	return len(s)
}

// pen draws outlines.
type pen struct {
	done []Outline
	now  Outline
	at   Point
	open bool
}

func (p *pen) draw(cmd byte, a []float64) error {
	var o Point // where steps start
	if cmd >= 'a' {
		o = p.at
	}
	if !p.open && cmd|0x20 != 'm' {
		return fmt.Errorf("path: %q before a move", cmd)
	}
	switch cmd | 0x20 {
	case 'm':
		if p.open {
			return fmt.Errorf("path: a move before the outline is closed")
		}
		p.at, p.open = Point{o.X + a[0], o.Y + a[1]}, true
		p.now = Outline{Start: p.at}
	case 'l':
		p.line(Point{o.X + a[0], o.Y + a[1]})
	case 'h':
		p.line(Point{o.X + a[0], p.at.Y})
	case 'v':
		p.line(Point{p.at.X, o.Y + a[0]})
	case 'c':
		p.curve(Point{o.X + a[0], o.Y + a[1]}, Point{o.X + a[2], o.Y + a[3]}, Point{o.X + a[4], o.Y + a[5]})
	case 'a':
		return p.arc(a[0], a[1], a[2], a[3] != 0, a[4] != 0, Point{o.X + a[5], o.Y + a[6]})
	case 'z':
		p.done = append(p.done, p.now)
		p.at, p.open = p.now.Start, false
	}
	return nil
}

func (p *pen) line(to Point) {
	p.now.Curves = append(p.now.Curves, Curve{p.at, to, to, true})
	p.at = to
}

func (p *pen) curve(a, b, to Point) {
	p.now.Curves = append(p.now.Curves, Curve{a, b, to, false})
	p.at = to
}

// arc draws part of a circle (rx = ry, so no rotation) as cubics of at most a quarter
// turn each, which stray from it by less than 0.03 % of the radius. The centre is
// found as in SVG 1.1, appendix F.6.5.
func (p *pen) arc(rx, ry, turn float64, large, sweep bool, to Point) error {
	if rx != ry || rx <= 0 || turn != 0 {
		return fmt.Errorf("path: an arc with radii %g and %g, turned by %g, is not known here", rx, ry, turn)
	}
	dx, dy := (p.at.X-to.X)/2, (p.at.Y-to.Y)/2
	half := math.Hypot(dx, dy)
	if half == 0 {
		return fmt.Errorf("path: an arc that ends where it begins")
	}
	r := max(rx, half) // too small a radius grows until it fits (F.6.6)
	k := math.Sqrt(max(0, r*r-half*half)) / half
	if large == sweep {
		k = -k
	}
	c := Point{(p.at.X+to.X)/2 + k*dy, (p.at.Y+to.Y)/2 - k*dx}
	from, end := math.Atan2(p.at.Y-c.Y, p.at.X-c.X), math.Atan2(to.Y-c.Y, to.X-c.X)
	angle := end - from
	if sweep && angle < 0 {
		angle += 2 * math.Pi
	}
	if !sweep && angle > 0 {
		angle -= 2 * math.Pi
	}
	n := int(math.Ceil(math.Abs(angle)/(math.Pi/2) - 1e-9))
	step := angle / float64(n)
	h := 4.0 / 3 * math.Tan(step/4) * r
	for i := range n {
		a0, a1 := from+step*float64(i), from+step*float64(i+1)
		q := Point{c.X + r*math.Cos(a1), c.Y + r*math.Sin(a1)}
		if i == n-1 {
			q = to
		}
		p.curve(Point{p.at.X - h*math.Sin(a0), p.at.Y + h*math.Cos(a0)}, Point{q.X + h*math.Sin(a1), q.Y - h*math.Cos(a1)}, q)
	}
	return nil
}
