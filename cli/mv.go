package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"noxkey/secret"
)

func mvCommand(p *program) *cobra.Command {
	var replace bool
	c := &cobra.Command{
		Use:   "mv FROM TO",
		Short: "Rename a secret or everything below a prefix",
		Long:  "Rename a secret, or move everything below a prefix to another, all or nothing. A TO that ends in a slash keeps the last part of the name.",
		Example: `  noxkey mv acme/api/STRIPE_KEY acme/api/STRIPE_SECRET_KEY
  noxkey mv acme/api/STRIPE_SECRET_KEY acme/web/
  noxkey mv acme/api acme/backend`,
		Args:              exactly("FROM", "TO"),
		ValidArgsFunction: p.completeNames,
		RunE: func(c *cobra.Command, args []string) error {
			to, err := prefixes(args)
			if err != nil {
				return err
			}
			into := strings.HasSuffix(args[1], "/")
			return p.move(c.Context(), to[0], to[1], into, replace)
		},
	}
	c.Flags().BoolVar(&replace, "replace", false, "overwrite what has the new name")
	return c
}

func (p *program) move(ctx context.Context, from, to secret.Prefix, into, replace bool) error {
	names, err := p.resolve(ctx, from)
	if err != nil {
		return err
	}
	changes := make([]secret.Change, len(names))
	for i, n := range names {
		dst, err := target(n, from, to, into)
		if err != nil {
			return err
		}
		changes[i] = secret.Change{Action: secret.ActionMove, Name: n, To: dst, Replace: replace}
	}
	return p.write(ctx, changes)
}

// target is the new name of n, which is from or lies below it.
func target(n secret.Name, from, to secret.Prefix, into bool) (secret.Name, error) {
	rest := strings.TrimPrefix(strings.TrimPrefix(string(n), string(from)), "/")
	if rest == "" && into {
		rest = n.Key()
	}
	dst := strings.TrimSuffix(string(to)+"/"+rest, "/")
	m, err := name(dst)
	if err != nil {
		return "", err
	}
	return m, m.Writable()
}
