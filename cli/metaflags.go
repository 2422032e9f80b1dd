package cli

import (
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"noxkey/secret"
)

// metaFlags are the flags of set and edit that fill a secret.Patch.
type metaFlags struct {
	fieldType, level, kind, desc, bundle, expires, rotateURL string
}

func (m *metaFlags) add(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&m.fieldType, "type", "", "`TYPE` of the value: "+secret.List(secret.FieldTypes))
	f.StringVar(&m.level, "level", "", "what it takes to read it, `LEVEL`: "+secret.List(secret.Levels))
	f.StringVar(&m.kind, "kind", "", "what it belongs to, `KIND`: "+secret.List(secret.Kinds))
	f.StringVar(&m.desc, "desc", "", "a description, `TEXT`")
	f.StringVar(&m.bundle, "bundle", "", "a `LABEL` that groups names across prefixes")
	f.StringVar(&m.expires, "expires", "", "when it ends, `DATE`: 2027-01-31, 90d, or none")
	f.StringVar(&m.rotateURL, "rotate-url", "", "`URL` where it can be replaced")
	for flag, words := range map[string][]string{
		"type": strs(secret.FieldTypes), "level": strs(secret.Levels), "kind": strs(secret.Kinds),
	} {
		_ = c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
	}
}

// patch returns what was given on the command line, and whether anything was.
func (m *metaFlags) patch(c *cobra.Command) (p secret.Patch, any bool, err error) {
	given := c.Flags().Changed
	if given("type") {
		if p.FieldType, err = oneOf("type", m.fieldType, secret.FieldTypes); err != nil {
			return p, false, err
		}
	}
	if given("level") {
		if p.Level, err = oneOf("level", m.level, secret.Levels); err != nil {
			return p, false, err
		}
	}
	if given("kind") {
		if p.Kind, err = oneOf("kind", m.kind, secret.Kinds); err != nil {
			return p, false, err
		}
	}
	for flag, text := range map[string]struct {
		dst **string
		src *string
	}{"desc": {&p.Desc, &m.desc}, "bundle": {&p.Bundle, &m.bundle}, "rotate-url": {&p.RotateURL, &m.rotateURL}} {
		if given(flag) {
			*text.dst = text.src
		}
	}
	if given("expires") {
		t, err := moment(m.expires, time.Now())
		if err != nil {
			return p, false, err
		}
		p.Expires = &t
	}
	return p, p != (secret.Patch{}), nil
}

// oneOf accepts a word of the list, with dashes for underscores too.
func oneOf[S ~string](flag, word string, words []S) (*S, error) {
	s := S(strings.ReplaceAll(word, "-", "_"))
	if !slices.Contains(words, s) {
		return nil, usagef("%s is not a %s: use one of %s", show(word), flag, secret.List(words))
	}
	return &s, nil
}

func strs[S ~string](words []S) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = string(w)
	}
	return out
}
