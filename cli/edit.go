package cli

import (
	"github.com/spf13/cobra"

	"noxkey/secret"
)

func editCommand(p *program) *cobra.Command {
	var m metaFlags
	c := &cobra.Command{
		Use:   "edit NAME",
		Short: "Change a secret's description, level, type and the like",
		Long:  "Change what is known of a secret; its value stays. An empty text removes a description, label or URL, --expires none an end.",
		Example: `  noxkey edit acme/api/STRIPE_SECRET_KEY --desc "live mode" --expires 90d
  noxkey edit acme/api/STRIPE_SECRET_KEY --level strict --bundle deploy`,
		Args:              exactly("NAME"),
		ValidArgsFunction: p.completeNames,
		RunE: func(c *cobra.Command, args []string) error {
			n, err := name(args[0])
			if err != nil {
				return err
			}
			patch, some, err := m.patch(c)
			if err != nil {
				return err
			}
			if !some {
				return usagef("there is nothing to change: give --desc, --level or another flag")
			}
			return p.write(c.Context(), []secret.Change{{Action: secret.ActionEdit, Name: n, Meta: patch}})
		},
	}
	m.add(c)
	return c
}
