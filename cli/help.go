package cli

import "github.com/spf13/cobra"

const rootLong = `noxkey keeps secrets for developers who work with AI coding agents. An agent can
use a secret in one shell command, after a person allowed it, and never sees it.

noxkey talks to the NoxKey app, which decides, asks the person and opens the vault.`

const rootExample = `  noxkey set acme/api/STRIPE_SECRET_KEY
  noxkey run acme/api/STRIPE_SECRET_KEY -- make test
  eval "$(noxkey get acme/api/STRIPE_SECRET_KEY)"
  noxkey import .env --under acme/api --delete
  noxkey run acme/api -- make test
  noxkey ls --tree`

// topics are the pages of noxkey help that belong to no command.
func topics() []*cobra.Command {
	return []*cobra.Command{
		{Use: "agents", Short: "How an agent uses a secret", Long: helpAgents},
		{Use: "names", Short: "What a name may be", Long: helpNames},
		{Use: "exit-codes", Short: "What the exit codes mean", Long: helpExitCodes},
	}
}

func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND|TOPIC]",
		Short:   "Explain a command or a topic",
		Long:    "Explain a command, or a topic: agents, names, exit-codes.",
		Example: "  noxkey help get\n  noxkey help agents",
		ValidArgsFunction: func(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			var names []string
			for _, sub := range c.Root().Commands() {
				if !sub.Hidden && len(args) == 0 {
					names = append(names, sub.Name())
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(c *cobra.Command, args []string) error {
			about, _, err := c.Root().Find(args)
			if err != nil || len(args) > 0 && about == c.Root() {
				return unknownCommand(args[0])
			}
			return about.Help()
		},
	}
}

const helpAgents = `How an agent uses a secret

The best way, where the shell can reach NoxKey:

    noxkey run acme/api/STRIPE_SECRET_KEY -- your-command

One card shows the command. The value goes into that program's environment, and
what it prints is redacted: [noxkey:NAME] stands for a value.

Through MCP: call noxkey_get with the account, your reason and the command. It
answers with a script's path. Source it in the shell call that needs the value:

    source '/path/of/the/script' && your-command

Through the command line, in one shell call:

    eval "$(noxkey get acme/api/STRIPE_SECRET_KEY --reason 'test the webhook')" && your-command

In all three the person sees a card and decides. With the last two the value goes through a
pipe into that one shell; it is in no file and in nothing that is printed. Each script works
once, for a shell below the agent that asked, for 120 seconds: if it says "no such
file", ask again.

A login's TOTP gives the code of the moment, login/HOST/RECOVERY_CODES the next code,
which is struck off; nobody but a person reads the seed or the list (get --raw).

Do not echo, cat, printenv or otherwise print the variable: the value would be in
the conversation from then on. Do not write it into a file.

Refused to agents: get --raw, get --copy, load, bundle, export, backup, audit, settings,
secrets of level off_limits, and lowering a level. A denial is an answer: do not ask again.

In a sandbox that forbids Unix sockets only the MCP server reaches the app.`

const helpNames = `What a name may be

A name has 2 to 6 parts between slashes, organisation/project/KEY:

    acme/api/STRIPE_SECRET_KEY        becomes the variable STRIPE_SECRET_KEY
    login/github.com/PASSWORD         becomes GITHUB_COM_PASSWORD

A part is ASCII letters, digits, dot, dash and underscore, starts with a letter or
digit and is at most 64 bytes. The last part must be a name that a shell can
assign. Names that shells own or that change how programs run (PATH, LD_PRELOAD,
BASH_ENV, NODE_OPTIONS and the like) are refused.

A login is login/HOST/ and USERNAME, PASSWORD, TOTP or RECOVERY_CODES. A prefix is
made of whole parts: acme/api covers acme/api/KEY and not acme/api2/KEY.

A value is 1 byte to 64 KiB, anything but a zero byte.`

const helpExitCodes = `What the exit codes mean

    0   done
    1   failed
    2   the command line is wrong
    3   the app is not running
    4   denied, by the person or by the rules
    5   timed out, or the app is locked
    6   not found

Errors are one line on standard error, "noxkey: ...", and a line "hint: ..." that
names the next command.`
