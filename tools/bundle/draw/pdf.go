package draw

import (
	"bytes"
	"errors"
	"fmt"
	"image/color"
)

// PDF returns a template image: one page of Size points, every shape black. Colours are
// refused, since macOS takes only the alpha of a template image. Written without
// compression and without dates, so the file is the same each time.
func (p *Picture) PDF() ([]byte, error) {
	var body bytes.Buffer
	fmt.Fprintf(&body, "1 0 0 -1 0 %g cm\n0 g\n", p.Size) // PDF's y runs upwards
	for _, s := range p.Shapes {
		if black := (color.NRGBA{A: 255}); s.Paint.Top != black || s.Paint.Bottom != black {
			return nil, errors.New("a template image is black and alpha only")
		}
		for _, o := range s.Outlines {
			fmt.Fprintf(&body, "%s m\n", o.Start)
			for _, c := range o.Curves {
				if c.Line {
					fmt.Fprintf(&body, "%s l\n", c.End)
				} else {
					fmt.Fprintf(&body, "%s %s %s c\n", c.A, c.B, c.End)
				}
			}
			body.WriteString("h\n")
		}
		if s.EvenOdd {
			body.WriteString("f*\n")
		} else {
			body.WriteString("f\n")
		}
	}
	return pdf(p.Size, body.Bytes()), nil
}

// String is the point as PDF writes it.
func (p Point) String() string { return fmt.Sprintf("%.4f %.4f", p.X, p.Y) }

// pdf wraps a page's content (ISO 32000-1, 7.5: header, objects, table, trailer).
func pdf(size float64, content []byte) []byte {
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		fmt.Sprintf("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %g %g] /Resources << >> /Contents 4 0 R >>", size, size),
		fmt.Sprintf("<< /Length %d >>\nstream\n%sendstream", len(content), content),
	}
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n")
	table := fmt.Sprintf("xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for i, o := range objects {
		table += fmt.Sprintf("%010d 00000 n \n", b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	at := b.Len()
	fmt.Fprintf(&b, "%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", table, len(objects)+1, at)
	return b.Bytes()
}
