package secret

import (
	"strings"
	"time"
)

// The settings that a person may change for themselves.
const (
	// SettingSession is how long a session lasts whose asker names no length.
	SettingSession = "session"
	// SettingClipboard is how long a copied value stays on the clipboard.
	SettingClipboard = "clipboard"
)

// Setting is a length of time that a person may change. All are in seconds.
type Setting struct {
	Name    string `json:"name"`
	Value   int64  `json:"value"`
	Default int64  `json:"default"`
	Least   int64  `json:"least"`
	Most    int64  `json:"most"`
}

// Settings are all there are, each at its default.
func Settings() []Setting {
	list := []Setting{
		{Name: SettingSession, Default: seconds(DefaultSession), Least: seconds(time.Minute), Most: seconds(MaxSession)},
		{Name: SettingClipboard, Default: seconds(30 * time.Second), Least: seconds(5 * time.Second), Most: seconds(10 * time.Minute)},
	}
	for i := range list {
		list[i].Value = list[i].Default
	}
	return list
}

func seconds(d time.Duration) int64 { return int64(d / time.Second) }

// SettingOf returns the setting of that name, at its default. The error has code Invalid.
func SettingOf(name string) (Setting, error) {
	for _, s := range Settings() {
		if s.Name == name {
			return s, nil
		}
	}
	return Setting{}, Errorf(Invalid, "there is no such setting")
}

// To returns s with another value; 0 is the default. The error of a value out of bounds
// has code Invalid.
func (s Setting) To(value int64) (Setting, error) {
	if value == 0 {
		value = s.Default
	}
	if value < s.Least || value > s.Most {
		return s, Errorf(Invalid, "%s takes %s to %s", s.Name, Span(s.Least), Span(s.Most))
	}
	s.Value = value
	return s, nil
}

// Length is the value as a length of time.
func (s Setting) Length() time.Duration { return time.Duration(s.Value) * time.Second }

// Span writes seconds as they are typed: 4h, 1h30m, 45s.
func Span(seconds int64) string {
	s := (time.Duration(seconds) * time.Second).String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
