package draw

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/png"
)

// sizes are the pictures of an .icns, as iconutil makes them from an .iconset: the kind
// and its pixels. ic04 and ic05 are packed ARGB (Finder has drawn PNGs of these sizes
// wrongly), the rest PNG. ic11 to ic14 and ic10 are the @2x of 16, 32, 128, 256, 512.
var sizes = []struct {
	kind string
	px   int
}{
	{"ic04", 16}, {"ic05", 32}, {"ic11", 32}, {"ic12", 64}, {"ic07", 128},
	{"ic13", 256}, {"ic08", 256}, {"ic14", 512}, {"ic09", 512}, {"ic10", 1024},
}

// ICNS returns the picture as an .icns file with all sizes of an app's icon.
func (p *Picture) ICNS() ([]byte, error) {
	body := []byte{}
	done := map[int]*image.NRGBA{}
	for _, s := range sizes {
		if done[s.px] == nil {
			done[s.px] = p.Raster(s.px)
		}
		var b bytes.Buffer
		if s.kind == "ic04" || s.kind == "ic05" {
			packARGB(&b, done[s.px])
		} else if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, done[s.px]); err != nil {
			return nil, err
		}
		body = append(body, chunk(s.kind, b.Bytes())...)
	}
	return chunk("icns", body), nil
}

// chunk is a kind, the length of it all (big endian, header included) and the data.
func chunk(kind string, data []byte) []byte {
	b := binary.BigEndian.AppendUint32([]byte(kind), uint32(len(data)+8))
	return append(b, data...)
}

// packARGB writes the four channels one after another, each packed: a byte n below 128
// means n+1 bytes as they are, from 128 on the next byte n-125 times.
func packARGB(b *bytes.Buffer, img *image.NRGBA) {
	b.WriteString("ARGB")
	for _, channel := range []int{3, 0, 1, 2} {
		var plain []byte
		for i := channel; i < len(img.Pix); i += 4 {
			plain = append(plain, img.Pix[i])
		}
		pack(b, plain)
	}
}

func pack(b *bytes.Buffer, in []byte) {
	for i := 0; i < len(in); {
		if n := run(in[i:]); n >= 3 {
			b.Write([]byte{byte(n + 125), in[i]})
			i += n
			continue
		}
		n := 0
		for i+n < len(in) && n < 128 && run(in[i+n:]) < 3 {
			n++
		}
		b.WriteByte(byte(n - 1))
		b.Write(in[i : i+n])
		i += n
	}
}

// run is how often the first byte of s is repeated, at most 130 times.
func run(s []byte) int {
	n := 1
	for n < len(s) && n < 130 && s[n] == s[0] {
		n++
	}
	return n
}

// ReadICNS returns the pictures of an .icns by kind. It must hold every kind that ICNS
// writes, in its size, and no other.
func ReadICNS(b []byte) (map[string]*image.NRGBA, error) {
	kind, body, rest, err := cut(b)
	if err != nil {
		return nil, err
	}
	if kind != "icns" || len(rest) > 0 {
		return nil, errors.New("icns: not an icon file, or one with something after it")
	}
	out := map[string]*image.NRGBA{}
	for _, s := range sizes {
		if kind, b, body, err = cut(body); err != nil {
			return nil, err
		}
		if kind != s.kind {
			return nil, fmt.Errorf("icns: %q where %q belongs", kind, s.kind)
		}
		img, err := decode(b, s.px)
		if err != nil {
			return nil, fmt.Errorf("icns: %s: %w", kind, err)
		}
		if img.Rect != image.Rect(0, 0, s.px, s.px) {
			return nil, fmt.Errorf("icns: %s is %v, not %d", kind, img.Rect, s.px)
		}
		out[kind] = img
	}
	if len(body) > 0 {
		return nil, errors.New("icns: something follows the last picture")
	}
	return out, nil
}

func cut(b []byte) (kind string, data, rest []byte, err error) {
	if len(b) < 8 {
		return "", nil, nil, errors.New("icns: cut off")
	}
	n := uint64(binary.BigEndian.Uint32(b[4:]))
	if n < 8 || n > uint64(len(b)) {
		return "", nil, nil, fmt.Errorf("icns: a part of %d bytes in %d", n, len(b))
	}
	return string(b[:4]), b[8:n], b[n:], nil
}

func decode(b []byte, px int) (*image.NRGBA, error) {
	if packed, ok := bytes.CutPrefix(b, []byte("ARGB")); ok {
		return unpackARGB(packed, px)
	}
	img, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	out, ok := img.(*image.NRGBA)
	if !ok {
		return nil, fmt.Errorf("a picture of the kind %T, and not with alpha as ours", img)
	}
	return out, nil
}

func unpackARGB(b []byte, px int) (*image.NRGBA, error) {
	var plain []byte
	for len(b) > 1 {
		n := int(b[0])
		if n < 128 {
			if len(b) < n+2 {
				return nil, errors.New("cut off")
			}
			plain, b = append(plain, b[1:n+2]...), b[n+2:]
			continue
		}
		plain, b = append(plain, bytes.Repeat(b[1:2], n-125)...), b[2:]
	}
	img := image.NewNRGBA(image.Rect(0, 0, px, px))
	if len(plain) != len(img.Pix) || len(b) != 0 {
		return nil, fmt.Errorf("%d bytes for %d", len(plain), len(img.Pix))
	}
	for i := range px * px {
		for c, channel := range []int{3, 0, 1, 2} {
			img.Pix[4*i+channel] = plain[c*px*px+i]
		}
	}
	return img, nil
}
