package manifest

import (
	"bytes"
	"errors"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"

	"noxkey/secret"
)

// Parse reads the text of a manifest. Errors have code Invalid, or Reserved for a
// variable that changes how programs run; they begin with the line.
//
// The library is asked twice: whether it is TOML at all, no key given twice, and then
// for its syntax tree, since decoding into a struct would take [Env] for [env] and
// has no line for a name. That part of its API is not promised to stay; the tests hold it.
func Parse(text []byte) (*Manifest, error) {
	if len(text) > MaxFile {
		return nil, secret.Errorf(secret.Invalid, "over 1 MiB, which no manifest is")
	}
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")) // a byte order mark, which the library takes for a key
	var whole map[string]any
	if err := toml.Unmarshal(text, &whole); err != nil {
		return nil, notTOML(err)
	}
	m := &Manifest{profiles: map[string]map[string]secret.Name{}}
	p := &unstable.Parser{}
	p.Reset(text)
	var table []string
	for p.NextExpression() {
		e := p.Expression()
		path := keys(e)
		var err error
		switch e.Kind {
		case unstable.Table:
			table = path
			err = m.table(path)
		case unstable.KeyValue:
			err = m.line(append(table[:len(table):len(table)], path...), e.Value())
		case unstable.ArrayTable:
			err = unknown(path)
		}
		if err != nil {
			it := e.Key()
			it.Next()
			return nil, atLine(p.Shape(it.Node().Raw).Start.Line, err)
		}
	}
	if err := p.Error(); err != nil {
		return nil, notTOML(err)
	}
	return m, nil
}

func keys(e *unstable.Node) (path []string) {
	for it := e.Key(); it.Next(); {
		path = append(path, string(it.Node().Data))
	}
	return path
}

func atLine(line int, err error) error {
	return secret.Errorf(secret.CodeOf(err), "line %d: %v", line, err)
}

// notTOML keeps the place of an error of the library, and of its words only whether
// something is there twice: the others repeat pieces of the text.
func notTOML(err error) error {
	e, ok := errors.AsType[*toml.DecodeError](err)
	if !ok {
		return secret.Errorf(secret.Invalid, "not valid TOML")
	}
	line, column := e.Position()
	if strings.Contains(e.Error(), "already") {
		return atLine(line, secret.Errorf(secret.Invalid, "this key or table is there twice"))
	}
	return atLine(line, secret.Errorf(secret.Invalid, "not valid TOML at column %d", column))
}

// table checks a header and makes its profile, even one without variables.
func (m *Manifest) table(path []string) error {
	profile, rest, err := m.profile(path)
	if err == nil && len(rest) > 0 {
		err = unknown(path)
	}
	if err == nil && profile != nil && m.profiles[*profile] == nil {
		m.profiles[*profile] = map[string]secret.Name{}
	}
	return err
}

// line takes one key and its value. path is whole, so that dotted keys
// (env.KEY = ...) mean what they mean in TOML.
func (m *Manifest) line(path []string, value *unstable.Node) error {
	profile, rest, err := m.profile(path)
	if err != nil {
		return err
	}
	if len(rest) == 0 && value.Kind == unstable.InlineTable {
		return secret.Errorf(secret.Invalid, "%.80q must be a table with a header, and a line for each variable", strings.Join(path, "."))
	}
	if profile == nil || len(rest) != 1 {
		return unknown(path)
	}
	env := rest[0]
	if err := checkEnv(env); err != nil {
		return err
	}
	name, meant, err := ParseReference(value.Data)
	switch {
	case value.Kind != unstable.String || !meant:
		return secret.Errorf(secret.Invalid, "%.80s is not a reference: a committed file holds references, not values (noxkey://acme/api/KEY)", env)
	case err != nil:
		return secret.Errorf(secret.Invalid, "%.80s: %v", env, err)
	}
	if m.profiles[*profile] == nil {
		m.profiles[*profile] = map[string]secret.Name{}
	}
	m.profiles[*profile][env] = name
	return nil
}

// profile takes env or profile.NAME.env off the front of path. The profile is nil where
// path ends before its env.
func (m *Manifest) profile(path []string) (profile *string, rest []string, err error) {
	if path[0] == "env" {
		return new(string), path[1:], nil
	}
	if path[0] != "profile" || len(path) > 2 && path[2] != "env" {
		return nil, nil, unknown(path)
	}
	if len(path) < 2 {
		return nil, nil, nil
	}
	// The grammar of a profile's name is that of a name's segment.
	if _, err := secret.ParsePrefix(path[1]); err != nil || strings.Contains(path[1], "/") {
		return nil, nil, secret.Errorf(secret.Invalid, "%.80q cannot be a profile: letters, digits, dot, dash and underscore", path[1])
	}
	if len(path) == 2 {
		return nil, nil, nil
	}
	return &path[1], path[3:], nil
}

func unknown(path []string) error {
	return secret.Errorf(secret.Invalid, "%.80q is unknown: there are [env] and [profile.NAME.env], and variables in them", strings.Join(path, "."))
}
