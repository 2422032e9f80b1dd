package cli

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"noxkey/secret"
)

func unlockCommand(p *program) *cobra.Command {
	var length string
	c := &cobra.Command{
		Use:   "unlock PREFIX...",
		Short: "Open a session: no prompt for these names for a while",
		Long: `Open a session for the names below PREFIX that exist now, for this shell. Strict and off_limits secrets are never part of it. It ends with the
shell, with noxkey lock, or when its time is over.`,
		Example:           "  noxkey unlock acme/api\n  noxkey unlock acme/api --for 30m",
		Args:              p.unlockArgs,
		ValidArgsFunction: p.completeNames,
		RunE: func(c *cobra.Command, args []string) error {
			targets, err := prefixes(args)
			if err != nil {
				return err
			}
			seconds, err := sessionSeconds(length)
			if err != nil {
				return err
			}
			return p.unlock(c.Context(), &secret.Request{Op: secret.OpUnlock, Targets: targets, Session: seconds})
		},
	}
	c.Flags().StringVar(&length, "for", sessionDefault, "how long, `TIME` up to 24h")
	return c
}

// unlockArgs: there is no master unlock, so a prefix is needed; but whoever types
// unlock while NoxKey is locked wants to know how to open it.
func (p *program) unlockArgs(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return nil
	}
	if st, err := p.status(c.Context()); err != nil || st.Locked {
		return cmp.Or(err, secret.Errorf(secret.Locked, "NoxKey is locked"))
	}
	return usageHint("noxkey unlock acme/api --for 1h", "PREFIX is missing: a session covers what you name, there is no master unlock")
}

func (p *program) unlock(ctx context.Context, req *secret.Request) error {
	return p.do(ctx, req, func(a secret.Answer) error {
		if a.Session == nil {
			return nil
		}
		s := a.Session
		_, err := fmt.Fprintf(p.out, "%s open until %s\n", covered(s), s.Until.Local().Format(time.TimeOnly))
		return err
	})
}

// covered words what a session is for.
func covered(s *secret.Session) string {
	what := secrets(len(s.Names))
	switch {
	case s.Vouched:
		return "vouched for"
	case s.Prefix != "":
		return fmt.Sprintf("%s (%s)", s.Prefix, what)
	case len(s.Names) == 1:
		return string(s.Names[0])
	}
	return what
}
