package draw

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

const assets = "../../../assets"

func load(t *testing.T, name string) *Picture {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(assets, name))
	if err != nil {
		t.Fatal(err)
	}
	p, err := Read(b)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// apart is the largest difference of a channel, and how many pixels differ by more than
// slack, with colours weighed by their alpha.
func apart(a, b *image.NRGBA, slack int) (worst, many int) {
	for i := 0; i < len(a.Pix); i += 4 {
		d := 0
		for c := range 4 {
			x, y := int(a.Pix[i+c]), int(b.Pix[i+c])
			if c < 3 {
				x, y = x*int(a.Pix[i+3])/255, y*int(b.Pix[i+3])/255
			}
			d = max(d, x-y, y-x)
		}
		if worst = max(worst, d); d > slack {
			many++
		}
	}
	return worst, many
}

// TestTheIconIsMadeFromItsSource: the .icns that is committed is what icons makes of
// NoxKey.svg. Pixels are compared and not bytes, since another processor may round
// and another Go may pack otherwise; 2 of 255 is such a rounding.
func TestTheIconIsMadeFromItsSource(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(assets, "NoxKey.icns"))
	if err != nil {
		t.Fatal(err)
	}
	is, err := ReadICNS(b)
	if err != nil {
		t.Fatal(err)
	}
	p := load(t, "NoxKey.svg")
	for _, s := range sizes {
		if worst, _ := apart(is[s.kind], p.Raster(s.px), 2); worst > 2 {
			t.Errorf("%s (%d pixels) strays from NoxKey.svg by %d of 255: go run ./tools/bundle icon", s.kind, s.px, worst)
		}
	}
	svg, err := os.ReadFile(filepath.Join(assets, "NoxKey.svg"))
	if err != nil {
		t.Fatal(err)
	}
	other, err := Read(bytes.Replace(svg, []byte("#F3EEDD"), []byte("#F3EED0"), 1))
	if err != nil {
		t.Fatal(err)
	}
	if worst, _ := apart(is["ic12"], other.Raster(64), 2); worst <= 2 {
		t.Error("another colour in the source is not seen")
	}
}

// TestAgainstRsvg: librsvg draws the same. Edges are smoothed otherwise, so a few
// pixels may differ, and the colour of none of the rest.
func TestAgainstRsvg(t *testing.T) {
	tool, err := exec.LookPath("rsvg-convert")
	if err != nil {
		t.Skip("rsvg-convert is not here: apt install librsvg2-bin")
	}
	for _, px := range []int{64, 256} {
		b, err := exec.Command(tool, "-w", strconv.Itoa(px), filepath.Join(assets, "NoxKey.svg")).Output()
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		want := image.NewNRGBA(image.Rect(0, 0, px, px))
		for i := range px * px {
			want.SetNRGBA(i%px, i/px, color.NRGBAModel.Convert(img.At(i%px, i/px)).(color.NRGBA))
		}
		got := load(t, "NoxKey.svg").Raster(px)
		if worst, many := apart(got, want, 8); many > px*px/100 || worst > 64 {
			t.Errorf("%d pixels wide: %d of %d differ, the worst by %d of 255", px, many, px*px, worst)
		}
		// The same picture, moved by a pixel, must not pass.
		moved := image.NewNRGBA(want.Rect)
		copy(moved.Pix, want.Pix[4:])
		if worst, many := apart(got, moved, 8); many <= px*px/100 && worst <= 64 {
			t.Errorf("%d pixels wide: the picture moved by one passes", px)
		}
	}
}

// TestArea: shapes whose area is known.
func TestArea(t *testing.T) {
	const circle = `<circle cx="5" cy="5" r="4"/>`
	const hole = `M1 5A4 4 0 0 1 9 5A4 4 0 0 1 1 5zM3 5A2 2 0 0 1 7 5A2 2 0 0 1 3 5z`
	for name, c := range map[string]struct {
		body string
		want float64
	}{
		"square":              {`<path d="M2 2h4v4h-4z"/>`, 16},
		"lines":               {`<path d="M2 2L6 2 6 6 2 6z"/>`, 16},
		"circle":              {circle, 16 * math.Pi},
		"two circles, one":    {circle + circle, 16 * math.Pi},
		"large arc":           {`<path d="M5 1a4 4 0 1 0 4 4L5 5z"/>`, 12 * math.Pi},
		"small arc":           {`<path d="M5 1a4 4 0 0 1 4 4L5 5z"/>`, 4 * math.Pi},
		"flags without space": {`<path d="M5 1a4 4 0 014 4L5 5z"/>`, 4 * math.Pi},
		"rounded":             {`<rect x="1" y="1" width="8" height="8" rx="2"/>`, 64 - 16 + 4*math.Pi},
		"even-odd hole":       {`<path fill-rule="evenodd" d="` + hole + `"/>`, 12 * math.Pi},
		"nonzero has no hole": {`<path d="` + hole + `"/>`, 16 * math.Pi},
		"scaled and moved":    {`<g transform="translate(1 1) scale(0.5) translate(-2 0)"><path d="M2 2h4v4h-4z"/></g>`, 4},
		"beyond the edge":     {`<path d="M-5 -5h10v10h-10z"/>`, 25},
		"curve":               {`<path d="M0 0c0 5 10 5 10 0z"/>`, 30},
	} {
		p, err := Read([]byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10">` + c.body + `</svg>`))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		sum := 0.0
		img := p.Raster(200)
		for i := 3; i < len(img.Pix); i += 4 {
			sum += float64(img.Pix[i]) / 255
		}
		if got := sum / 400; math.Abs(got-c.want) > 0.02*c.want {
			t.Errorf("%s covers %.3f, not %.3f", name, got, c.want)
		}
	}
}

func TestReadRefusesWhatItWouldDrawOtherwise(t *testing.T) {
	for name, body := range map[string]string{
		"text":              `<text>x</text>`,
		"a stroke":          `<path stroke="#000000" d="M0 0h1v1z"/>`,
		"opacity":           `<g opacity=".5"><path d="M0 0h1v1z"/></g>`,
		"open outline":      `<path d="M0 0h1v1"/>`,
		"ellipse":           `<path d="M0 0A2 1 0 0 1 1 1z"/>`,
		"unknown command":   `<path d="M0 0q1 1 2 2z"/>`,
		"numbers missing":   `<path d="M0 0l1z"/>`,
		"no move":           `<path d="L1 1z"/>`,
		"colour by name":    `<path fill="red" d="M0 0h1v1z"/>`,
		"no such gradient":  `<path fill="url(#x)" d="M0 0h1v1z"/>`,
		"turned":            `<g transform="rotate(45)"><path d="M0 0h1v1z"/></g>`,
		"sideways gradient": `<linearGradient id="g" x1="0" y1="0" x2="1" y2="0"/>`,
		"nothing":           ``,
	} {
		if _, err := Read([]byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10">` + body + `</svg>`)); err == nil {
			t.Errorf("%s was read", name)
		}
	}
	if _, err := Read([]byte(`<svg viewBox="0 0 10 20"><path d="M0 0h1v1z"/></svg>`)); err == nil {
		t.Error("a picture that is not square was read")
	}
}

func TestICNSFaultsAreFound(t *testing.T) {
	good, err := load(t, "NoxKey.svg").ICNS()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ReadICNS(good); err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{
		"cut":            good[:len(good)-1],
		"more":           append(bytes.Clone(good), 0),
		"another kind":   bytes.Replace(good, []byte("ic12"), []byte("ic99"), 1),
		"a PNG":          []byte("\x89PNG\r\n\x1a\n"),
		"empty":          nil,
		"size of nought": bytes.Replace(good, []byte("ic04\x00\x00"), []byte("ic04\xff\xff"), 1),
	} {
		if _, err := ReadICNS(b); err == nil {
			t.Errorf("%s was read", name)
		}
	}
}

// TestPack: what is packed comes back, runs or none.
func TestPack(t *testing.T) {
	for _, in := range [][]byte{
		bytes.Repeat([]byte{7}, 256), bytes.Repeat([]byte{1, 2}, 128), bytes.Repeat([]byte{1, 1, 1, 2}, 64), append(bytes.Repeat([]byte{9}, 253), 1, 2, 2),
	} {
		img := image.NewNRGBA(image.Rect(0, 0, 16, 16))
		for i, v := range in {
			for c := range 4 {
				img.Pix[4*i+c] = v + byte(c)
			}
		}
		var b bytes.Buffer
		packARGB(&b, img)
		got, err := unpackARGB(b.Bytes()[4:], 16)
		if err != nil || !bytes.Equal(got.Pix, img.Pix) {
			t.Errorf("%v came back otherwise: %v", in[:4], err)
		}
	}
}

func BenchmarkICNS(b *testing.B) {
	s, err := os.ReadFile(filepath.Join(assets, "NoxKey.svg"))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		p, err := Read(s)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := p.ICNS(); err != nil {
			b.Fatal(err)
		}
	}
}
