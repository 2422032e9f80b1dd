package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"noxkey/handoff"
	"noxkey/secret"
)

// getFlags are the flags of get.
type getFlags struct {
	raw, copy                bool
	clear                    string
	session, reason, command string
}

func getCommand(p *program) *cobra.Command {
	var f getFlags
	c := &cobra.Command{
		Use:   "get NAME|PREFIX...",
		Short: "Give secrets to this shell",
		Long: `Give secrets to the shell that evaluates what this prints.

For a person it prints export lines; on a terminal, where they would be shown, it
prints nothing and says so. For an agent, or when NoxKey cannot tell, it prints a
line that sources a one-time script: the value goes to the shell through a pipe
and never stands in anything that is printed (noxkey help agents).`,
		Example: `  eval "$(noxkey get acme/api/STRIPE_SECRET_KEY)"
  eval "$(noxkey get login/github.com --session 1h --reason 'push a release')"
  noxkey get acme/api/STRIPE_SECRET_KEY --copy
  noxkey get acme/api/TLS_KEY --raw > key.pem`,
		Args:              atLeast(1, "NAME"),
		ValidArgsFunction: p.completeNames,
		RunE: func(c *cobra.Command, args []string) error {
			req, err := f.request(args)
			if err != nil {
				return err
			}
			switch {
			case f.raw:
				return p.raw(c.Context(), req)
			case f.copy:
				return p.copyOut(c.Context(), req, f.clear)
			}
			return p.get(c.Context(), req)
		},
	}
	c.Flags().BoolVar(&f.raw, "raw", false, "print the bare value of one secret, no newline added (people only)")
	c.Flags().BoolVar(&f.copy, "copy", false, "put the value of one secret on the clipboard (people only)")
	c.Flags().StringVar(&f.clear, "clear", "", "with --copy: clear the clipboard after this `TIME` (default: noxkey settings clipboard)")
	c.Flags().StringVar(&f.session, "session", "", "ask that the grant last, for `TIME` up to 24h, or default")
	c.Flags().StringVar(&f.reason, "reason", "", "why, in your own words, `TEXT` for the card")
	c.Flags().StringVar(&f.command, "command", "", "what will be run with it, `TEXT` for the card")
	return c
}

// request checks the flags against each other and fills a request.
func (f *getFlags) request(args []string) (*secret.Request, error) {
	if f.raw && f.copy {
		return nil, usagef("give --raw or --copy, not both")
	}
	targets, err := prefixes(args)
	if err != nil {
		return nil, err
	}
	if f.raw || f.copy {
		if len(args) > 1 {
			return nil, usagef("--raw and --copy take one NAME")
		}
		if _, err := name(args[0]); err != nil {
			return nil, err
		}
	}
	seconds, err := sessionSeconds(f.session)
	if err != nil {
		return nil, err
	}
	return &secret.Request{
		Op: secret.OpGet, Targets: targets, Session: seconds, Reason: f.reason, Command: f.command,
	}, nil
}

// get takes the road that fits whoever the app says is asking: a person gets the
// values, anybody else none, and takes the handoff.
func (p *program) get(ctx context.Context, req *secret.Request) error {
	if terminal(p.out) != nil {
		return p.getOnTerminal(ctx, req)
	}
	req.Delivery = secret.DeliverPrint
	values, err := p.values(ctx, req)
	switch {
	case err != nil:
		return err
	case len(values) == 0:
		return p.handOff(ctx, req)
	}
	return p.exportLines(values)
}

// getOnTerminal asks for no value, since it would be shown.
func (p *program) getOnTerminal(ctx context.Context, req *secret.Request) error {
	st, err := p.status(ctx)
	switch {
	case err != nil:
		return err
	case st.Locked:
		return secret.Errorf(secret.Locked, "NoxKey is locked")
	case st.You != "human":
		return p.handOff(ctx, req)
	}
	return usageHint(`use eval "$(noxkey get NAME)", or noxkey get NAME --copy, or --raw to see it`,
		"on a terminal the value is not printed")
}

// raw prints the bare value of the one secret that req names.
func (p *program) raw(ctx context.Context, req *secret.Request) error {
	req.Delivery = secret.DeliverRaw
	return p.one(ctx, req, func(v secret.Value, _ secret.Ticket) error {
		return v.Use(func(b []byte) error {
			_, err := p.out.Write(b)
			return err
		})
	})
}

// one asks for a single value, hands it to use with the ticket that came before it, zero
// if none did, and wipes it.
func (p *program) one(ctx context.Context, req *secret.Request, use func(secret.Value, secret.Ticket) error) error {
	values, t, err := p.valuesOf(ctx, req)
	defer wipe(values)
	if err != nil {
		return err
	}
	if len(values) != 1 || string(values[0].Name) != string(req.Targets[0]) {
		return secret.Errorf(secret.NotFound, "%s is not one secret", req.Targets[0])
	}
	return use(values[0].Value, t)
}

// values asks req and returns the values it answers, the caller's to wipe. On an
// error there are none.
func (p *program) values(ctx context.Context, req *secret.Request) ([]secret.Named, error) {
	list, _, err := p.valuesOf(ctx, req)
	return list, err
}

// valuesOf returns also the ticket that came with them.
func (p *program) valuesOf(ctx context.Context, req *secret.Request) (list []secret.Named, t secret.Ticket, err error) {
	err = p.do(ctx, req, func(a secret.Answer) error {
		switch {
		case a.Ticket != nil:
			t = *a.Ticket
		case a.Value != nil:
			list = append(list, *a.Value)
		}
		return nil
	})
	if err != nil {
		wipe(list)
		return nil, t, err
	}
	p.warn(t.Warnings)
	return list, t, nil
}

// warn says on standard error what the app wants its asker to know.
func (p *program) warn(list []string) {
	for _, w := range list {
		fmt.Fprintf(p.err, "noxkey: %s\n", show(w))
	}
}

func wipe(list []secret.Named) {
	for _, n := range list {
		n.Value.Wipe()
	}
}

// exportLines prints one export line a value, all or none, and wipes them.
func (p *program) exportLines(values []secret.Named) error {
	var lines [][]byte
	for _, n := range values {
		lines = append(lines, handoff.ExportLine(n.Env, n.Value))
	}
	wipe(values)
	return p.printWiped(lines)
}

// printWiped writes the lines, each with a newline after it, and wipes them.
func (p *program) printWiped(lines [][]byte) error {
	var err error
	for _, l := range lines {
		if err == nil {
			if _, err = p.out.Write(l); err == nil && (len(l) == 0 || l[len(l)-1] != '\n') {
				_, err = io.WriteString(p.out, "\n")
			}
		}
		secret.Wipe(l)
	}
	return err
}
