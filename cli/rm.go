package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"noxkey/secret"
)

func rmCommand(p *program) *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use:   "rm NAME|PREFIX...",
		Short: "Remove secrets",
		Long:  "Remove secrets, all that are named or none. On a terminal it asks first; NoxKey itself asks in any case.",
		Example: `  noxkey rm acme/api/OLD_KEY
  noxkey rm acme/old --yes`,
		Args:              atLeast(1, "NAME"),
		ValidArgsFunction: p.completeNames,
		RunE: func(c *cobra.Command, args []string) error {
			targets, err := prefixes(args)
			if err != nil {
				return err
			}
			return p.remove(c.Context(), targets, yes)
		},
	}
	c.Flags().BoolVar(&yes, "yes", false, "do not ask on the terminal")
	return c
}

func (p *program) remove(ctx context.Context, targets []secret.Prefix, yes bool) error {
	var changes []secret.Change
	seen := map[secret.Name]bool{}
	for _, t := range targets {
		names, err := p.resolve(ctx, t)
		if err != nil {
			return err
		}
		for _, n := range names {
			if !seen[n] {
				changes = append(changes, secret.Change{Action: secret.ActionRemove, Name: n})
			}
			seen[n] = true
		}
	}
	if !yes {
		if err := p.confirm(ctx, removal(changes)); err != nil {
			return err
		}
	}
	return p.write(ctx, changes)
}

// removal is the question: the names if they are few, else how many.
func removal(changes []secret.Change) string {
	if len(changes) > 5 {
		return fmt.Sprintf("remove %s, %s to %s?", secrets(len(changes)), changes[0].Name, changes[len(changes)-1].Name)
	}
	var names []secret.Name
	for _, c := range changes {
		names = append(names, c.Name)
	}
	return "remove " + secret.List(names) + "?"
}
