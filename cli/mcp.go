package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"noxkey/mcp"
	"noxkey/secret"
)

func mcpCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "mcp",
		Short: "Serve MCP on standard input and output, for an agent to start",
		Long: `Serve the Model Context Protocol on standard input and output until the client
hangs up. An editor or agent starts this; its five tools give names, states and
one-time scripts, never values (noxkey help agents).`,
		Example: "  claude mcp add noxkey -- noxkey mcp\n  codex mcp add noxkey -- noxkey mcp",
		Args:    exactly(),
		RunE:    func(c *cobra.Command, _ []string) error { return p.mcp(c.Context()) },
	}
}

func (p *program) mcp(ctx context.Context) error {
	p.heed()
	if err := p.hardenServer(); err != nil {
		return err
	}
	s, err := p.service(p.home)
	if err != nil {
		return err
	}
	if sh, ok := s.(*shielded); ok {
		sh.server = true
	}
	opt := mcp.Options{Version: Version, Self: p.self, Clipboard: func() (secret.Value, error) {
		b, err := p.clip.read(ctx)
		if err != nil {
			return secret.Value{}, err
		}
		return secret.NewValue(b)
	}}
	err = mcp.Serve(ctx, s, opt, p.in, p.out)
	if errors.Is(err, context.Canceled) {
		return nil // whoever ended us with a signal knows
	}
	return err
}
