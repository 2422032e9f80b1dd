package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"noxkey/secret"
)

func statusCommand(p *program) *cobra.Command {
	c := &cobra.Command{
		Use:     "status",
		Short:   "Say whether the app runs, and who it takes you to be",
		Long:    "Say whether the app runs, is locked or paused, how many cards wait, and who it takes you to be. Exit code 3 if it does not run.",
		Example: "  noxkey status\n  noxkey status --json",
		Args:    exactly(),
		RunE: func(c *cobra.Command, _ []string) error {
			st, err := p.status(c.Context())
			if err != nil {
				return err
			}
			if p.json {
				return printJSON(p.out, st)
			}
			return p.printStatus(st)
		},
	}
	return p.listing(c)
}

func (p *program) printStatus(st secret.Status) error {
	t := newTable(p.out)
	line := func(label, text, code string) {
		if text != "" {
			_ = t.row(cell{label, dim}, cell{text, code})
		}
	}
	state, code := "open", ""
	switch {
	case st.Locked:
		state, code = "locked", yellow
	case st.Paused:
		state, code = "open, agent requests paused", yellow
	}
	line("app", state, code)
	if st.PID != 0 {
		line("version", fmt.Sprintf("%s, process %d", st.Version, st.PID), "")
	}
	if !st.Locked {
		line("secrets", fmt.Sprint(st.Secrets), "")
		line("sessions", fmt.Sprint(st.Sessions), "")
		line("waiting", count(st.Waiting, "card", "cards"), "")
	}
	line("store", st.Store, "")
	line("you", st.You, "")
	line("why", st.Why, dim)
	return t.flush()
}
