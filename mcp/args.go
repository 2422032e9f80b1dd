package mcp

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"noxkey/secret"
)

// args are the arguments of a call. The getters return the zero value for what is
// absent and note the first argument of a wrong type, for err to report. Errors name
// arguments and never quote what was in them.
type args struct {
	tool string
	raw  map[string]json.RawMessage
	bad  error
}

// parseArgs refuses arguments that the tool's schema does not have.
func parseArgs(t *tool, raw json.RawMessage) (*args, error) {
	a := &args{tool: t.name}
	if len(raw) > 0 && json.Unmarshal(raw, &a.raw) != nil {
		return nil, secret.Errorf(secret.Invalid, "the arguments must be an object")
	}
	known := slices.Sorted(maps.Keys(t.in))
	for _, name := range slices.Sorted(maps.Keys(a.raw)) {
		if !slices.Contains(known, name) {
			return nil, secret.Errorf(secret.Invalid, "%s has no argument %s; it takes %s",
				t.name, quoted(name, 40), strings.Join(known, ", "))
		}
		if string(a.raw[name]) == "null" {
			delete(a.raw, name)
		}
	}
	return a, nil
}

func (a *args) has(name string) bool { return a.raw[name] != nil }

func (a *args) wrong(name, want string) {
	if a.bad == nil {
		a.bad = secret.Errorf(secret.Invalid, "%s must be %s", name, want)
	}
}

// err is the first error of the getters so far.
func (a *args) err() error { return a.bad }

func (a *args) decode(name string, into any, want string) {
	if a.has(name) && json.Unmarshal(a.raw[name], into) != nil {
		a.wrong(name, want)
	}
}

func (a *args) str(name string) (s string) {
	a.decode(name, &s, "a string")
	return s
}

func (a *args) flag(name string) (b bool) {
	a.decode(name, &b, "true or false")
	return b
}

func (a *args) number(name string) (n float64) {
	a.decode(name, &n, "a number")
	return n
}

// list takes a string for a list of one.
func (a *args) list(name string) (l []string) {
	if !a.has(name) {
		return nil
	}
	if a.raw[name][0] == '"' {
		return []string{a.str(name)}
	}
	a.decode(name, &l, "a string or a list of strings")
	return l
}

// text is a string of at most limit bytes.
func (a *args) text(name string, limit int) string {
	s := a.str(name)
	if len(s) > limit {
		a.wrong(name, fmt.Sprintf("at most %d bytes long", limit))
	}
	return s
}

// prefixes reads account as names or prefixes.
func (a *args) prefixes(name string) (list []secret.Prefix) {
	for _, s := range a.list(name) {
		p, err := secret.ParsePrefix(s)
		if err != nil && a.bad == nil {
			a.bad = err
		}
		list = append(list, p)
	}
	if len(list) > secret.MaxTargets {
		a.wrong(name, fmt.Sprintf("at most %d names", secret.MaxTargets))
	}
	return list
}

func (a *args) names(name string) (list []secret.Name) {
	for _, s := range a.list(name) {
		n, err := secret.ParseName(s)
		if err != nil && a.bad == nil {
			a.bad = err
		}
		list = append(list, n)
	}
	return list
}

// wanted is what the call is about, for suggestions.
func (a *args) wanted() []string { return (&args{raw: a.raw}).list("account") }

// session is Request.Session for the arguments session and hours.
func (a *args) session() int64 {
	on, hours := a.flag("session"), a.number("hours")
	switch {
	case !a.has("hours") && on:
		return secret.SessionDefault
	case !a.has("hours"):
		return 0
	case !on:
		a.wrong("session", "true when hours is given")
	case !(hours > 0 && hours <= secret.MaxSession.Hours()):
		a.wrong("hours", fmt.Sprintf("more than 0 and at most %v", secret.MaxSession.Hours()))
	}
	return int64(math.Ceil(hours * 3600))
}

// patch reads the metadata that was given.
func (a *args) patch() (p secret.Patch) {
	p.FieldType = given[secret.FieldType](a, "field_type")
	p.Kind = given[secret.Kind](a, "kind")
	p.Level = given[secret.Level](a, "security_level")
	p.Bundle = given[string](a, "bundle")
	p.Desc = given[string](a, "desc")
	p.RotateURL = given[string](a, "rotate_url")
	if a.has("expires") {
		p.Expires = a.date("expires")
	}
	if a.bad == nil {
		// An unknown field_type and the like are told here, before a card is shown.
		a.bad = p.Apply(secret.Metadata{FieldType: secret.APIKey, Kind: secret.KindAPIKey, Level: secret.Normal}).Check()
	}
	if u := p.RotateURL; u != nil && *u != "" && !strings.HasPrefix(*u, "https://") && !strings.HasPrefix(*u, "http://") {
		a.wrong("rotate_url", "an address that starts with https:// or http://")
	}
	return p
}

func given[T ~string](a *args, name string) *T {
	if !a.has(name) {
		return nil
	}
	v := T(a.str(name))
	return &v
}

// date reads a day or a time of RFC 3339; "" is no date.
func (a *args) date(name string) *time.Time {
	s := a.str(name)
	if s == "" {
		return &time.Time{}
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil {
			t = t.UTC()
			return &t
		}
	}
	a.wrong(name, "a date such as 2027-01-31")
	return nil
}
