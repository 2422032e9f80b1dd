package draw

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image/color"
	"io"
	"slices"
	"strconv"
	"strings"
)

// Read parses an SVG file of the kind assets/ holds: a square view box, and in it g,
// path, rect, circle and linearGradient (from top to bottom). Unknown elements and
// attributes are faults: a picture that is drawn without them is another picture.
func Read(b []byte) (*Picture, error) {
	r := &svg{d: xml.NewDecoder(bytes.NewReader(b)), pic: &Picture{}, gradients: map[string]Paint{}}
	if err := r.run(); err != nil {
		return nil, fmt.Errorf("svg, byte %d: %w", r.d.InputOffset(), err)
	}
	return r.pic, nil
}

type state struct {
	m    matrix
	fill string
}

type svg struct {
	d         *xml.Decoder
	pic       *Picture
	stack     []state
	gradients map[string]Paint
	gradient  string        // the one being read
	stops     []color.NRGBA // its colours
}

func (r *svg) run() error {
	for {
		tok, err := r.d.Token()
		if errors.Is(err, io.EOF) {
			if r.pic.Size == 0 || len(r.pic.Shapes) == 0 {
				return errors.New("it holds no picture")
			}
			return nil
		}
		if err != nil {
			return err
		}
		switch t := tok.(type) {
		case xml.StartElement:
			err = r.start(t)
		case xml.EndElement:
			err = r.end(t.Name.Local)
		}
		if err != nil {
			return err
		}
	}
}

// known are the elements and their attributes.
var known = map[string][]string{
	"svg": {"xmlns", "width", "height", "viewBox"}, "defs": {}, "g": {"fill", "transform"},
	"path": {"d", "fill", "fill-rule"}, "circle": {"cx", "cy", "r", "fill"},
	"rect":           {"x", "y", "width", "height", "rx", "fill"},
	"linearGradient": {"id", "x1", "y1", "x2", "y2"}, "stop": {"offset", "stop-color"},
}

func (r *svg) start(t xml.StartElement) error {
	may, ok := known[t.Name.Local]
	if !ok {
		return fmt.Errorf("<%s> is not known here", t.Name.Local)
	}
	a := map[string]string{}
	for _, x := range t.Attr {
		if !slices.Contains(may, x.Name.Local) {
			return fmt.Errorf("<%s %s> is not known here", t.Name.Local, x.Name.Local)
		}
		a[x.Name.Local] = x.Value
	}
	s := state{identity, "#000000"}
	if n := len(r.stack); n > 0 {
		s = r.stack[n-1]
	}
	if f, ok := a["fill"]; ok {
		s.fill = f
	}
	if f, ok := a["transform"]; ok {
		m, err := transform(f)
		if err != nil {
			return err
		}
		s.m = s.m.times(m)
	}
	r.stack = append(r.stack, s)
	return r.element(t.Name.Local, a, s)
}

func (r *svg) element(name string, a map[string]string, s state) error {
	switch name {
	case "svg":
		return r.box(a["viewBox"])
	case "linearGradient":
		if a["x1"] != "0" || a["y1"] != "0" || a["x2"] != "0" || a["y2"] != "1" {
			return errors.New("a gradient that does not run from top to bottom")
		}
		r.gradient, r.stops = a["id"], nil
	case "stop":
		c, err := colour(a["stop-color"])
		if err != nil {
			return err
		}
		if a["offset"] != strconv.Itoa(len(r.stops)) {
			return fmt.Errorf("a stop at %q that is not the first at 0 or the second at 1", a["offset"])
		}
		r.stops = append(r.stops, c)
	case "path":
		o, err := path(a["d"])
		if err != nil {
			return err
		}
		return r.shape(o, a["fill-rule"] == "evenodd", s)
	case "rect", "circle":
		d, err := figure(name, a)
		if err != nil {
			return err
		}
		o, err := path(d)
		if err != nil {
			return err
		}
		return r.shape(o, false, s)
	}
	return nil
}

func (r *svg) end(name string) error {
	r.stack = r.stack[:len(r.stack)-1]
	if name == "linearGradient" {
		if len(r.stops) != 2 {
			return errors.New("a gradient wants two stops")
		}
		r.gradients[r.gradient] = Paint{r.stops[0], r.stops[1]}
	}
	return nil
}

func (r *svg) box(v string) error {
	n, err := numbers(v, 4)
	if err != nil {
		return err
	}
	if n[0] != 0 || n[1] != 0 || n[2] != n[3] || n[2] <= 0 {
		return fmt.Errorf("the view box %q is not a square at 0 0", v)
	}
	r.pic.Size = n[2]
	return nil
}

func (r *svg) shape(o []Outline, evenOdd bool, s state) error {
	var p Paint
	if id, ok := strings.CutPrefix(s.fill, "url(#"); ok {
		g, there := r.gradients[strings.TrimSuffix(id, ")")]
		if !there {
			return fmt.Errorf("no gradient for %s", s.fill)
		}
		p = g
	} else {
		c, err := colour(s.fill)
		if err != nil {
			return err
		}
		p = Paint{c, c}
	}
	r.pic.Shapes = append(r.pic.Shapes, Shape{s.m.outlines(o), evenOdd, p})
	return nil
}

// figure returns a rect or a circle as path data.
func figure(name string, a map[string]string) (string, error) {
	get := func(keys ...string) ([]float64, error) {
		s := make([]string, len(keys))
		for i, k := range keys {
			s[i] = a[k]
		}
		return numbers(strings.Join(s, " "), len(keys))
	}
	if name == "circle" {
		n, err := get("cx", "cy", "r")
		if err != nil {
			return "", err
		}
		x, y, r := n[0], n[1], n[2]
		return fmt.Sprintf("M%g %gA%g %g 0 0 1 %g %gA%g %g 0 0 1 %g %gz", x-r, y, r, r, x+r, y, r, r, x-r, y), nil
	}
	n, err := get("x", "y", "width", "height", "rx")
	if err != nil {
		return "", err
	}
	x, y, w, h, r := n[0], n[1], n[2], n[3], n[4]
	arc := func(dx, dy float64) string { return fmt.Sprintf("a%g %g 0 0 1 %g %g", r, r, dx, dy) }
	return fmt.Sprintf("M%g %gh%g%sv%g%sh%g%sv%g%sz", x+r, y, w-2*r, arc(r, r), h-2*r, arc(-r, r), 2*r-w, arc(-r, -r), 2*r-h, arc(r, -r)), nil
}

// transform reads translate(x y) and scale(s), one after another.
func transform(s string) (matrix, error) {
	m := identity
	for rest := strings.TrimSpace(s); rest != ""; rest = strings.TrimSpace(rest) {
		name, after, ok := strings.Cut(rest, "(")
		args, next, closed := strings.Cut(after, ")")
		n, err := numbers(args, len(strings.Fields(args)))
		if !ok || !closed || err != nil {
			return m, fmt.Errorf("transform %q cannot be read", s)
		}
		switch {
		case name == "translate" && len(n) == 2:
			m = m.times(matrix{1, 0, 0, 1, n[0], n[1]})
		case name == "scale" && len(n) == 1:
			m = m.times(matrix{n[0], 0, 0, n[0], 0, 0})
		default:
			return m, fmt.Errorf("transform %q is not known here", s)
		}
		rest = next
	}
	return m, nil
}

func numbers(s string, n int) ([]float64, error) {
	f := strings.Fields(s)
	if len(f) != n {
		return nil, fmt.Errorf("%q is not %d numbers", s, n)
	}
	out := make([]float64, n)
	for i, x := range f {
		v, err := strconv.ParseFloat(x, 64)
		if err != nil {
			return nil, err
		}
		out[i] = v
	}
	return out, nil
}

func colour(s string) (color.NRGBA, error) {
	h, ok := strings.CutPrefix(s, "#")
	v, err := strconv.ParseUint(h, 16, 32)
	if !ok || len(h) != 6 || err != nil {
		return color.NRGBA{}, fmt.Errorf("%q is not a colour like #2B3557", s)
	}
	return color.NRGBA{uint8(v >> 16), uint8(v >> 8), uint8(v), 255}, nil
}
