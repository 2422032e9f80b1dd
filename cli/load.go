package cli

import (
	"context"
	"os"

	"github.com/spf13/cobra"

	"noxkey/handoff"
	"noxkey/manifest"
	"noxkey/secret"
)

func loadCommand(p *program) *cobra.Command {
	var profile string
	c := &cobra.Command{
		Use:   "load [PREFIX...]",
		Short: "Export secrets to this shell: below a prefix, or those of .noxkey.toml (people only)",
		Long: `Print export lines for everything below PREFIX, for a shell to evaluate. Without
PREFIX, for the variables of the nearest .noxkey.toml (noxkey init makes one). People
only; agents use noxkey get PREFIX or noxkey run.`,
		Example: `  eval "$(noxkey load acme/api)"
  eval "$(noxkey load)"
  eval "$(noxkey load --profile test)"
  noxkey init --direnv > .envrc`,
		Args:              func(*cobra.Command, []string) error { return nil },
		ValidArgsFunction: p.completeNames,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return p.loadManifest(c.Context(), profile)
			}
			if profile != "" {
				return usagef("--profile chooses one of .noxkey.toml, which is read only without PREFIX")
			}
			targets, err := prefixes(args)
			if err != nil {
				return err
			}
			return p.load(c.Context(), &secret.Request{Targets: targets})
		},
	}
	c.Flags().StringVar(&profile, "profile", "", "the profile of .noxkey.toml to use, `NAME`")
	return c
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

// notShown refuses to print values where they would be seen.
func (p *program) notShown() error {
	if terminal(p.out) != nil {
		return usageHint(`use eval "$(noxkey load PREFIX)" or eval "$(noxkey bundle LABEL)"`, "on a terminal values are not printed")
	}
	return nil
}

// loadManifest prints export lines for the variables of this folder's manifest. Secrets
// that would be one variable by their own names are asked for one after the other: the
// app knows them by these, and the manifest's are for this program to give.
func (p *program) loadManifest(ctx context.Context, profile string) error {
	if err := p.notShown(); err != nil {
		return err
	}
	bindings, err := manifestHere(profile)
	if err != nil {
		return err
	}
	values := map[secret.Name]secret.Value{}
	defer func() {
		for _, v := range values {
			v.Wipe()
		}
	}()
	for _, targets := range apart(bindings) {
		got, err := p.values(ctx, &secret.Request{Op: secret.OpGet, Delivery: secret.DeliverLoad, Targets: targets})
		if err != nil {
			return err
		}
		for _, n := range got {
			values[n.Name] = n.Value
		}
	}
	var lines [][]byte
	for _, b := range bindings {
		if v := values[b.Name]; !v.Empty() {
			lines = append(lines, handoff.ExportLine(b.Env, v))
		}
	}
	return p.printWiped(lines)
}

func manifestHere(profile string) ([]manifest.Binding, error) {
	dir, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	m, _, err := manifest.Load(dir)
	if secret.CodeOf(err) == secret.NotFound {
		return nil, usageHint(`eval "$(noxkey load acme/api)", or make a .noxkey.toml: noxkey init`, "no PREFIX was given, and %s", err)
	}
	if err != nil {
		return nil, err
	}
	return m.Resolve(profile)
}

// apart splits the names of bindings so that no two of a part are one variable.
func apart(bindings []manifest.Binding) [][]secret.Prefix {
	var parts [][]secret.Prefix
	given := map[secret.Name]bool{}
	count := map[string]int{} // how many of a variable there were
	for _, b := range bindings {
		if given[b.Name] {
			continue
		}
		given[b.Name] = true
		env, _ := b.Name.Env()
		at := count[env]
		count[env]++
		if at == len(parts) {
			parts = append(parts, nil)
		}
		parts[at] = append(parts[at], secret.Prefix(b.Name))
	}
	return parts
}

func (p *program) load(ctx context.Context, req *secret.Request) error {
	if err := p.notShown(); err != nil {
		return err
	}
	req.Op, req.Delivery = secret.OpGet, secret.DeliverLoad
	values, err := p.values(ctx, req)
	if err != nil {
		return err
	}
	return p.exportLines(values)
}
