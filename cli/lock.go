package cli

import (
	"github.com/spf13/cobra"

	"noxkey/secret"
)

func lockCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use:     "lock",
		Short:   "Lock NoxKey and end all sessions",
		Long:    "Lock NoxKey: sessions end, names are hidden and requests refused until the person opens it again. Anybody may.",
		Example: "  noxkey lock",
		Args:    exactly(),
		RunE: func(c *cobra.Command, _ []string) error {
			return p.do(c.Context(), &secret.Request{Op: secret.OpLock}, nil)
		},
	}
}
