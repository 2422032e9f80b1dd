package cli

import (
	"github.com/spf13/cobra"

	"noxkey/secret"
)

func peekCommand(p *program) *cobra.Command {
	c := &cobra.Command{
		Use:   "peek NAME...",
		Short: "Show the start of a value, to check which one it is",
		Long:  "Show the first characters of a value: at most 8, at most a quarter of it, and none of passwords, TOTP seeds and recovery codes.",
		Example: `  noxkey peek acme/api/STRIPE_SECRET_KEY
  noxkey peek acme/api --json`,
		Args:              atLeast(1, "NAME"),
		ValidArgsFunction: p.completeNames,
		RunE: func(c *cobra.Command, args []string) error {
			targets, err := prefixes(args)
			if err != nil {
				return err
			}
			var l lister = peekList{newTable(p.out)}
			if p.json {
				l = p.view(false)
			}
			return p.list(c.Context(), &secret.Request{Op: secret.OpPeek, Targets: targets}, l)
		},
	}
	return p.listing(c)
}

type peekList struct{ t *table }

func (l peekList) entry(e secret.Entry) error {
	peek := cell{e.Peek, ""}
	if e.Peek == "" {
		peek = cell{"(nothing of it may be shown)", dim}
	}
	return l.t.row(cell{string(e.Name), ""}, peek, cell{string(e.FieldType), dim})
}

func (l peekList) place(secret.Place) error { return nil }
func (l peekList) end() error               { return l.t.flush() }
