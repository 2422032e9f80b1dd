package cli

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"noxkey/secret"
)

func completionCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "completion bash|zsh|fish",
		Short: "Print the completion script of a shell",
		Long:  "Print the completion script of a shell. Names are completed from the app while it is open; completing asks nobody and reads no value.",
		Example: `  source <(noxkey completion bash)
  noxkey completion zsh > "${fpath[1]}/_noxkey"
  noxkey completion fish > ~/.config/fish/completions/noxkey.fish`,
		Args:      exactly("SHELL"),
		ValidArgs: []string{"bash", "zsh", "fish"},
		RunE: func(c *cobra.Command, args []string) error {
			root := c.Root()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(p.out, true)
			case "zsh":
				return root.GenZshCompletion(p.out)
			case "fish":
				return root.GenFishCompletion(p.out, true)
			}
			return usagef("there is a completion for bash, zsh and fish")
		},
	}
}

// completeNames offers names, a part at a time. It lists and nothing else, which
// never asks anybody, and is silent about every error. The command of a run is the shell's
// to complete.
func (p *program) completeNames(c *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	if p.dashed { // cobra's ArgsLenAtDash says the same with and without one here
		return nil, cobra.ShellCompDirectiveDefault
	}
	none := cobra.ShellCompDirectiveNoFileComp
	ctx, stop := context.WithTimeout(completionContext(c), time.Second)
	defer stop()
	req := &secret.Request{Op: secret.OpList}
	s, err := p.service(p.home)
	if err != nil {
		return nil, none
	}
	var offers []string
	partial := false
	err = s.Do(ctx, req, func(a secret.Answer) error {
		if a.Entry == nil || !strings.HasPrefix(string(a.Entry.Name), typed) {
			return nil
		}
		offer := string(a.Entry.Name)
		if i := strings.IndexByte(offer[len(typed):], '/'); i >= 0 {
			offer, partial = offer[:len(typed)+i+1], true
		}
		if len(offers) == 0 || offers[len(offers)-1] != offer {
			offers = append(offers, offer)
		}
		return nil
	})
	if err != nil {
		return nil, none
	}
	if partial {
		none |= cobra.ShellCompDirectiveNoSpace
	}
	return offers, none
}

func completionContext(c *cobra.Command) context.Context {
	if ctx := c.Context(); ctx != nil {
		return ctx
	}
	return context.Background()
}
