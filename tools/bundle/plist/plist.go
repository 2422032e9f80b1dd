// Package plist reads and writes the small part of Apple's XML property lists that
// an Info.plist or an entitlements file uses: dict, array, string, integer, true and
// false. What it does not know it refuses, so that a typing error in a key's value
// does not become an empty string on somebody's Mac.
package plist

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Dict is a dictionary; its values are Dict, []any, string, int64 or bool.
type Dict map[string]any

// Read parses one property list whose outermost value is a dictionary. Errors name
// the byte at which the fault was seen. Duplicate keys, attributes, stray text and
// anything after the list are faults.
func Read(b []byte) (Dict, error) {
	p := &reader{d: xml.NewDecoder(bytes.NewReader(b))}
	d, err := p.document()
	if err != nil {
		return nil, fmt.Errorf("property list, byte %d: %w", p.d.InputOffset(), err)
	}
	return d, nil
}

type reader struct{ d *xml.Decoder }

func (p *reader) document() (Dict, error) {
	start, err := p.next()
	if err != nil {
		return nil, err
	}
	if start == nil || start.Name.Local != "plist" {
		return nil, errors.New("want <plist>")
	}
	if len(start.Attr) != 1 || start.Attr[0].Name.Local != "version" || start.Attr[0].Value != "1.0" {
		return nil, errors.New(`want <plist version="1.0">`)
	}
	inner, err := p.next()
	if err != nil {
		return nil, err
	}
	if inner == nil || inner.Name.Local != "dict" {
		return nil, errors.New("want <dict> in <plist>")
	}
	d, err := p.dict()
	if err != nil {
		return nil, err
	}
	if end, err := p.next(); err != nil || end != nil {
		return nil, errors.New("want </plist> after </dict>")
	}
	if _, err := p.next(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows </plist>")
	}
	return d, nil
}

// next returns the next start element, or nil at an end element, passing over
// comments, the document type and white space.
func (p *reader) next() (*xml.StartElement, error) {
	for {
		tok, err := p.d.Token()
		if err != nil {
			return nil, err
		}
		switch t := tok.(type) {
		case xml.StartElement:
			if t.Name.Local != "plist" && len(t.Attr) > 0 {
				return nil, fmt.Errorf("<%s> has an attribute", t.Name.Local)
			}
			return &t, nil
		case xml.EndElement:
			return nil, nil
		case xml.CharData:
			if s := strings.TrimSpace(string(t)); s != "" {
				return nil, fmt.Errorf("stray text %q", s)
			}
		}
	}
}

func (p *reader) dict() (Dict, error) {
	d := Dict{}
	for {
		start, err := p.next()
		if err != nil || start == nil {
			return d, err
		}
		if start.Name.Local != "key" {
			return nil, fmt.Errorf("want <key>, found <%s>", start.Name.Local)
		}
		key, err := p.text()
		if err != nil {
			return nil, err
		}
		if _, twice := d[key]; twice || key == "" {
			return nil, fmt.Errorf("key %q is empty or there twice", key)
		}
		start, err = p.next()
		if err != nil {
			return nil, err
		}
		if start == nil {
			return nil, fmt.Errorf("key %q has no value", key)
		}
		if d[key], err = p.value(start.Name.Local); err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
	}
}

func (p *reader) value(element string) (any, error) {
	switch element {
	case "dict":
		return p.dict()
	case "array":
		return p.array()
	case "string":
		return p.text()
	case "integer":
		s, err := p.text()
		if err != nil {
			return nil, err
		}
		return strconv.ParseInt(s, 10, 64)
	case "true", "false":
		if s, err := p.text(); err != nil || s != "" {
			return nil, fmt.Errorf("<%s> holds something", element)
		}
		return element == "true", nil
	}
	return nil, fmt.Errorf("<%s> is not known here", element)
}

func (p *reader) array() ([]any, error) {
	a := []any{}
	for {
		start, err := p.next()
		if err != nil || start == nil {
			return a, err
		}
		v, err := p.value(start.Name.Local)
		if err != nil {
			return nil, err
		}
		a = append(a, v)
	}
}

// text returns what stands before the end of the element just begun.
func (p *reader) text() (string, error) {
	var s strings.Builder
	for {
		tok, err := p.d.Token()
		if err != nil {
			return "", err
		}
		switch t := tok.(type) {
		case xml.CharData:
			s.Write(t)
		case xml.EndElement:
			return s.String(), nil
		default:
			return "", errors.New("only text may stand here")
		}
	}
}

// Write returns d as a property list: keys in order, no comments. (codesign's
// reader of entitlements, AMFIUnserializeXML, is known to fail on comments that plutil
// takes.)
func Write(d Dict) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
`)
	if err := write(&b, d, ""); err != nil {
		return nil, err
	}
	b.WriteString("</plist>\n")
	return b.Bytes(), nil
}

func write(b *bytes.Buffer, v any, in string) error {
	switch v := v.(type) {
	case Dict:
		if len(v) == 0 {
			fmt.Fprintf(b, "%s<dict/>\n", in)
			return nil
		}
		fmt.Fprintf(b, "%s<dict>\n", in)
		for _, k := range slices.Sorted(maps.Keys(v)) {
			fmt.Fprintf(b, "%s\t<key>%s</key>\n", in, escape(k))
			if err := write(b, v[k], in+"\t"); err != nil {
				return fmt.Errorf("%s: %w", k, err)
			}
		}
		fmt.Fprintf(b, "%s</dict>\n", in)
	case []any:
		fmt.Fprintf(b, "%s<array>\n", in)
		for _, e := range v {
			if err := write(b, e, in+"\t"); err != nil {
				return err
			}
		}
		fmt.Fprintf(b, "%s</array>\n", in)
	case string:
		fmt.Fprintf(b, "%s<string>%s</string>\n", in, escape(v))
	case int64:
		fmt.Fprintf(b, "%s<integer>%d</integer>\n", in, v)
	case bool:
		fmt.Fprintf(b, "%s<%t/>\n", in, v)
	default:
		return fmt.Errorf("a %T has no place in a property list", v)
	}
	return nil
}

func escape(s string) string {
	var b strings.Builder
	xml.EscapeText(&b, []byte(s)) //nolint:errcheck // a strings.Builder does not fail
	return b.String()
}
