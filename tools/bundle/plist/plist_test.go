package plist

import (
	"reflect"
	"strings"
	"testing"
)

const head = `<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE plist PUBLIC "x" "y"><!-- c -->`

func TestRead(t *testing.T) {
	got, err := Read([]byte(head + `<plist version="1.0"><dict>
	<key>a</key><string>x &amp; y</string><!-- c -->
	<key>b</key><true/> <key>c</key><false/> <key>n</key><integer>-7</integer>
	<key>l</key><array><string>1</string><dict/></array>
	</dict></plist>`))
	if err != nil {
		t.Fatal(err)
	}
	want := Dict{"a": "x & y", "b": true, "c": false, "n": int64(-7), "l": []any{"1", Dict{}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %#v", got)
	}
	b, err := Write(want)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := Read(b); err != nil || !reflect.DeepEqual(again, want) {
		t.Errorf("written and read again: %#v, %v\n%s", again, err, b)
	}
	if strings.Contains(string(b), "<!--") {
		t.Error("a comment was written")
	}
}

func TestReadRefuses(t *testing.T) {
	for name, body := range map[string]string{
		"no plist":         `<dict/>`,
		"version":          `<plist version="2.0"><dict/></plist>`,
		"array outside":    `<plist version="1.0"><array/></plist>`,
		"key twice":        `<plist version="1.0"><dict><key>a</key><true/><key>a</key><false/></dict></plist>`,
		"no value":         `<plist version="1.0"><dict><key>a</key></dict></plist>`,
		"no key":           `<plist version="1.0"><dict><true/></dict></plist>`,
		"empty key":        `<plist version="1.0"><dict><key></key><true/></dict></plist>`,
		"stray text":       `<plist version="1.0"><dict>x<key>a</key><true/></dict></plist>`,
		"unknown element":  `<plist version="1.0"><dict><key>a</key><yes/></dict></plist>`,
		"real":             `<plist version="1.0"><dict><key>a</key><real>1.5</real></dict></plist>`,
		"text in true":     `<plist version="1.0"><dict><key>a</key><true>no</true></dict></plist>`,
		"attribute":        `<plist version="1.0"><dict><key x="1">a</key><true/></dict></plist>`,
		"element in text":  `<plist version="1.0"><dict><key>a</key><string><b/></string></dict></plist>`,
		"not a number":     `<plist version="1.0"><dict><key>a</key><integer>1x</integer></dict></plist>`,
		"two dictionaries": `<plist version="1.0"><dict/><dict/></plist>`,
		"more after":       `<plist version="1.0"><dict/></plist><dict/>`,
		"cut":              `<plist version="1.0"><dict><key>a</key>`,
	} {
		if d, err := Read([]byte(head + body)); err == nil {
			t.Errorf("%s: read as %v", name, d)
		}
	}
}

func TestWriteRefuses(t *testing.T) {
	if _, err := Write(Dict{"a": 1.5}); err == nil {
		t.Error("a float was written")
	}
}
