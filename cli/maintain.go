package cli

import (
	"github.com/spf13/cobra"

	"noxkey/secret"
)

func rekeyCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use:     "rekey",
		Short:   "Seal every value under a new root key (people only)",
		Long:    "Seal every value again under a new root key; sessions end. NoxKey asks for the passphrase in its own window.",
		Example: "  noxkey rekey",
		Args:    exactly(),
		RunE: func(c *cobra.Command, _ []string) error {
			return p.do(c.Context(), &secret.Request{Op: secret.OpRekey}, nil)
		},
	}
}

func passwdCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use:     "passwd",
		Short:   "Change the vault's passphrase (people only)",
		Long:    "Change the passphrase. The old and the new one are typed in NoxKey's own window, never here.",
		Example: "  noxkey passwd",
		Args:    exactly(),
		RunE: func(c *cobra.Command, _ []string) error {
			return p.do(c.Context(), &secret.Request{Op: secret.OpPasswd}, nil)
		},
	}
}
