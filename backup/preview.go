package backup

import "noxkey/secret"

// State is what restoring one secret would do.
type State string

// The states.
const (
	New     State = "new"      // there is no secret of that name
	Same    State = "same"     // value and metadata are equal, but for created and changed
	Differs State = "conflict" // restoring would overwrite
)

// Preview says of one secret what restoring it would do. It holds no value.
type Preview struct {
	Name  secret.Name `json:"name"`
	State State       `json:"state"`
	// Fields are those that differ, in Metadata's order and by its names, "value" first.
	Fields []string `json:"fields,omitempty"`
	// Lowers says that the backup's level is less strict than the one in the vault, or
	// that its field type or kind is another: both may show more of the value than now.
	Lowers bool `json:"lowers,omitempty"`
	// Refused says why a secret of that name cannot be written today; empty if it can.
	Refused string `json:"refused,omitempty"`
}

// Compare compares a secret of a backup with the one of the same name in the vault,
// or with nil if there is none. It keeps neither value.
func Compare(have *Record, in Record) Preview {
	p := Preview{Name: in.Name, State: New}
	if err := in.Name.Writable(); err != nil {
		p.Refused = err.Error()
	}
	if have == nil {
		return p
	}
	a, b := have.Meta, in.Meta
	for _, f := range []struct {
		name   string
		equals bool
	}{
		{"value", have.Value.Equal(in.Value)},
		{"field_type", a.FieldType == b.FieldType},
		{"kind", a.Kind == b.Kind},
		{"security_level", a.Level == b.Level},
		{"bundle", a.Bundle == b.Bundle},
		{"desc", a.Desc == b.Desc},
		{"expires", a.Expires.Equal(b.Expires)},
		{"rotate_url", a.RotateURL == b.RotateURL},
	} {
		if !f.equals {
			p.Fields = append(p.Fields, f.name)
		}
	}
	if p.State = Same; len(p.Fields) > 0 {
		p.State = Differs
	}
	p.Lowers = b.Level.Rank() < a.Level.Rank() || a.FieldType != b.FieldType || a.Kind != b.Kind
	return p
}
