package cli

import (
	"context"

	"github.com/spf13/cobra"

	"noxkey/secret"
)

func verifyCommand(p *program) *cobra.Command {
	c := &cobra.Command{
		Use:     "verify",
		Short:   "Check the audit, the vault and its protection",
		Long:    "Check the audit's chain, the vault's records and which protection is live. Exit code 1 if anything is not as it should be.",
		Example: "  noxkey verify\n  noxkey verify --json",
		Args:    exactly(),
		RunE:    func(c *cobra.Command, _ []string) error { return p.verify(c.Context()) },
	}
	return p.listing(c)
}

func (p *program) verify(ctx context.Context) error {
	a, t := &array{w: p.out}, newTable(p.out)
	n, bad := 0, 0
	err := p.do(ctx, &secret.Request{Op: secret.OpVerify}, func(ans secret.Answer) error {
		f := ans.Finding
		if f == nil {
			return nil
		}
		word := cell{"ok", ""}
		if n++; !f.OK {
			bad++
			word = cell{"wrong", red}
		}
		if p.json {
			return a.add(f)
		}
		return t.row(word, cell{f.Subject, ""}, cell{f.Text, ""})
	})
	if err != nil {
		return err
	}
	if p.json {
		err = a.end()
	} else {
		err = t.flush()
	}
	switch {
	case err != nil:
		return err
	case n == 0:
		return failf("noxkey status shows whether the app is well", "the app checked nothing")
	case bad > 0:
		return failf("SECURITY.md says what each finding means and what to do", "%s not as it should be", count(bad, "thing is", "things are"))
	}
	return nil
}
