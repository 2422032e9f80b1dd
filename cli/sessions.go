package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"noxkey/secret"
)

func sessionsCommand(p *program) *cobra.Command {
	var end uint64
	var endAll bool
	c := &cobra.Command{
		Use:     "sessions",
		Short:   "List open sessions, or end them",
		Long:    "List the sessions that are open and the terminals that were vouched for, or end one (--end ID) or all.",
		Example: "  noxkey sessions\n  noxkey sessions --end 3\n  noxkey sessions --end-all",
		Args:    exactly(),
		RunE: func(c *cobra.Command, _ []string) error {
			switch {
			case endAll && c.Flags().Changed("end"):
				return usagef("give --end or --end-all, not both")
			case endAll:
				return p.do(c.Context(), &secret.Request{Op: secret.OpEnd}, nil)
			case c.Flags().Changed("end"):
				if end == 0 { // which the app reads as all
					return usagef("0 is not a session; noxkey sessions lists them")
				}
				return p.do(c.Context(), &secret.Request{Op: secret.OpEnd, ID: end}, nil)
			}
			return p.sessions(c.Context())
		},
	}
	c.Flags().Uint64Var(&end, "end", 0, "end the session `ID`")
	c.Flags().BoolVar(&endAll, "end-all", false, "end all of them")
	return p.listing(c)
}

func (p *program) sessions(ctx context.Context) error {
	t, a := newTable(p.out), &array{w: p.out}
	err := p.do(ctx, &secret.Request{Op: secret.OpSessions}, func(ans secret.Answer) error {
		switch s := ans.Session; {
		case s == nil:
			return nil
		case p.json:
			return a.add(s)
		default:
			return t.row(sessionCells(s, time.Now())...)
		}
	})
	if err != nil {
		return err
	}
	if p.json {
		return a.end()
	}
	return t.flush()
}

func sessionCells(s *secret.Session, now time.Time) []cell {
	left := "while it runs"
	if !s.Until.IsZero() {
		left = s.Until.Sub(now).Round(time.Minute).String()
		left = left[:len(left)-2] + " left" // 3h59m0s
	}
	return []cell{{fmt.Sprint(s.ID), ""}, {s.Who, ""}, {covered(s), ""}, {left, ""}, {"used " + count(s.Used, "time", "times"), dim}}
}
