package cli

import (
	"context"

	"github.com/spf13/cobra"

	"noxkey/secret"
)

func loadCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use:               "load PREFIX...",
		Short:             "Export everything below a prefix to this shell (people only)",
		Long:              "Print export lines for everything below PREFIX, for a shell to evaluate. People only; agents use noxkey get PREFIX.",
		Example:           `  eval "$(noxkey load acme/api)"`,
		Args:              atLeast(1, "PREFIX"),
		ValidArgsFunction: p.completeNames,
		RunE: func(c *cobra.Command, args []string) error {
			targets, err := prefixes(args)
			if err != nil {
				return err
			}
			return p.load(c.Context(), &secret.Request{Targets: targets})
		},
	}
}

func bundleCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use:     "bundle LABEL",
		Short:   "Export the secrets with a label to this shell (people only)",
		Long:    "Print export lines for every secret with this label (noxkey edit NAME --bundle LABEL), for a shell to evaluate. People only.",
		Example: "  eval \"$(noxkey bundle deploy)\"\n  noxkey ls --bundle deploy",
		Args:    exactly("LABEL"),
		RunE: func(c *cobra.Command, args []string) error {
			return p.load(c.Context(), &secret.Request{Bundle: args[0]})
		},
	}
}

func (p *program) load(ctx context.Context, req *secret.Request) error {
	if terminal(p.out) != nil {
		return usageHint(`use eval "$(noxkey load PREFIX)" or eval "$(noxkey bundle LABEL)"`, "on a terminal values are not printed")
	}
	req.Op, req.Delivery = secret.OpGet, secret.DeliverLoad
	values, err := p.values(ctx, req)
	if err != nil {
		return err
	}
	return p.exportLines(values)
}
