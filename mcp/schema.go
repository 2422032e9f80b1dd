package mcp

import (
	"encoding/json"
	"maps"

	"noxkey/secret"
)

// schema is a JSON Schema (2020-12), or the properties of one.
type schema map[string]any

func typed(kind, desc string) schema {
	s := schema{"type": kind}
	if desc != "" {
		s["description"] = desc
	}
	return s
}

func text(desc string) schema    { return typed("string", desc) }
func boolean(desc string) schema { return typed("boolean", desc) }
func integer(desc string) schema { return typed("integer", desc) }

func oneOf[T ~string](desc string, values []T) schema {
	s := text(desc)
	s["enum"] = values
	return s
}

func listOf(item schema, desc string) schema {
	s := typed("array", desc)
	s["items"] = item
	return s
}

// oneOrMore is a string or a list of strings.
func oneOrMore(desc string) schema {
	many := listOf(text(""), "")
	many["minItems"] = 1
	return schema{"anyOf": []schema{text(""), many}, "description": desc}
}

// object allows no properties but props.
func object(props schema, required ...string) schema {
	s := schema{"type": "object", "properties": props, "additionalProperties": false}
	if len(required) > 0 {
		s["required"] = required
	}
	return s
}

// output is the schema of a tool's structured content: its own properties, or an
// error in their place.
func output(props schema, required ...string) schema {
	all := maps.Clone(props)
	all["error"] = object(schema{
		"code":    text("stable kind of the error"),
		"message": text("what happened"),
		"next":    text("what to do"),
		"names":   listOf(text(""), "what it is about"),
		"near":    listOf(text(""), "names that look like the one that is not there"),
	}, "code", "message", "next")
	s := object(all)
	s["anyOf"] = []schema{{"required": required}, {"required": []string{"error"}}}
	return s
}

// metaArgs are the arguments for metadata, which set and admin share.
func metaArgs() schema {
	return schema{
		"field_type":     oneOf("What the value is.", secret.FieldTypes),
		"kind":           oneOf("What it belongs to.", secret.Kinds),
		"security_level": oneOf("easy: a card, normal: card and authentication (default), strict: authentication at every read, off_limits: never to agents.", secret.Levels),
		"bundle":         text("A label that groups names across projects."),
		"desc":           text("What it is for. No part of the value."),
		"expires":        text("Date such as 2027-01-31, or an RFC 3339 time."),
		"rotate_url":     text("Web page where the secret is renewed."),
	}
}

func merge(a schema, more ...schema) schema {
	all := maps.Clone(a)
	for _, m := range more {
		maps.Copy(all, m)
	}
	return all
}

// raw marshals a schema, which is plain data.
func (s schema) raw() json.RawMessage {
	b, err := json.Marshal(s)
	if err != nil {
		panic("mcp: schema: " + err.Error())
	}
	return b
}
