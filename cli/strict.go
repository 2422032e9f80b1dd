package cli

import (
	"github.com/spf13/cobra"

	"noxkey/secret"
)

func strictCommand(p *program) *cobra.Command {
	var off bool
	c := &cobra.Command{
		Use:   "strict NAME...",
		Short: "Ask for authentication at every read of a secret",
		Long:  "Set the level of secrets to strict: every read is authenticated, and no session covers them. --off sets them back to normal, which only people may.",
		Example: `  noxkey strict acme/prod/DATABASE_URL
  noxkey strict acme/prod/DATABASE_URL --off`,
		Args:              atLeast(1, "NAME"),
		ValidArgsFunction: p.completeNames,
		RunE: func(c *cobra.Command, args []string) error {
			level := secret.Strict
			if off {
				level = secret.Normal
			}
			var changes []secret.Change
			for _, a := range args {
				n, err := name(a)
				if err != nil {
					return err
				}
				changes = append(changes, secret.Change{Action: secret.ActionEdit, Name: n, Meta: secret.Patch{Level: &level}})
			}
			return p.write(c.Context(), changes)
		},
	}
	c.Flags().BoolVar(&off, "off", false, "back to level normal")
	return c
}
