package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"noxkey/secret"
)

func auditCommand(p *program) *cobra.Command {
	var limit int
	c := &cobra.Command{
		Use:     "audit",
		Short:   "List who asked for what, and how it ended (people only)",
		Long:    "List the decisions, the oldest first: time, outcome, who, what. Names and callers, never values. People only.",
		Example: "  noxkey audit --limit 5\n  noxkey audit --json | jq '.[] | select(.outcome==\"denied\")'",
		Args:    exactly(),
		RunE: func(c *cobra.Command, _ []string) error {
			if limit < 1 {
				return usagef("--limit is 1 or more")
			}
			return p.audit(c.Context(), limit)
		},
	}
	c.Flags().IntVar(&limit, "limit", 20, "the newest `N`")
	return p.listing(c)
}

func (p *program) audit(ctx context.Context, limit int) error {
	a, t := &array{w: p.out}, newTable(p.out)
	err := p.do(ctx, &secret.Request{Op: secret.OpAudit, Limit: limit}, func(ans secret.Answer) error {
		switch r := ans.Record; {
		case r == nil:
			return nil
		case p.json:
			return a.add(r)
		default:
			return t.row(recordCells(r)...)
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

func recordCells(r *secret.Record) []cell {
	code := ""
	switch r.Outcome {
	case secret.OutDenied, secret.OutRefused:
		code = red
	case secret.OutTimedOut, secret.OutWithdrawn:
		code = yellow
	}
	return []cell{{r.Time.Local().Format(time.DateTime), dim}, {string(r.Outcome), code}, {string(r.Op), ""}, {r.Who, ""}, {about(r), ""}, {r.Detail, dim}}
}

// about words what a record is about.
func about(r *secret.Record) string {
	switch {
	case len(r.Names) == 1:
		return string(r.Names[0])
	case r.Prefix != "" && len(r.Names) == 0: // those of a backup are in records of their own
		return string(r.Prefix)
	case r.Prefix != "":
		return fmt.Sprintf("%s (%s)", r.Prefix, secrets(len(r.Names)))
	case len(r.Names) > 1:
		return fmt.Sprintf("%s and %d more", r.Names[0], len(r.Names)-1)
	}
	return ""
}
