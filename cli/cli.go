// Package cli is the noxkey command: one file for each subcommand, a socket
// client underneath, and one file (words.go) that turns errors into words, hints
// and exit codes. It holds no policy and cannot open the vault: what may be read
// by whom is the app's to say. No environment variable changes what a command
// asks for; those read here are NO_COLOR and TERM, and by setup, which asks for
// nothing, HOME, PATH and those by which agents find their own configuration.
package cli

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"

	"github.com/spf13/cobra"

	"noxkey/caller"
	"noxkey/handoff/child"
	"noxkey/harden"
	"noxkey/secret"
	"noxkey/socket"
)

// program is one run of noxkey: its streams, its two persistent flags, and the
// doors to the outside that tests close.
type program struct {
	in       io.Reader
	out, err io.Writer
	home     string // --home; empty for the user's own
	json     bool
	dashed   bool // there is a -- before the last argument: what is completed is another program's

	// service is the way to the app. Tests put a scripted one here; nothing a
	// user can set does.
	service func(home string) (secret.Service, error)
	self    func() (caller.Caller, error)
	clip    clipboard
	spawn   func(name string) (*background, error)

	heed   func()  // lets signals end the context of the run, see heedSignals
	shield *shield // nil in tests of one function, which stay as they are
}

// Main runs noxkey with args (without the program's name) and returns its exit
// code, see words.go. in, out and err are used as terminals if they are *os.File
// and terminals.
func Main(args []string, in io.Reader, out, err io.Writer) int {
	for _, w := range []io.Writer{out, err} {
		if f, ok := w.(*os.File); ok && socket.Wired(f) {
			return exitFailed // we speak to the app for ourselves only; there is nobody to tell
		}
	}
	p := &program{in: in, out: out, err: err, self: caller.Self, clip: systemClipboard{}, spawn: spawn}
	p.shield = &shield{p: p}
	p.service = func(home string) (secret.Service, error) {
		s, err := dialHome(home)
		return &shielded{Service: s, shield: p.shield}, err
	}
	return p.run(args)
}

func (p *program) run(args []string) int {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	p.heed = sync.OnceFunc(func() { heedSignals(ctx, stop) })
	root := p.root(args)
	root.SetArgs(args)
	p.dashed = slices.Contains(args[:max(0, len(args)-1)], "--")
	err := p.shieldTyped(args)
	if err == nil {
		_, err = root.ExecuteContextC(ctx)
	}
	if err != nil && ctx.Err() != nil && !ranToItsEnd(err) {
		err = errInterrupted
	}
	return p.report(err)
}

// ranToItsEnd reports whether err is how the program of a run ended: a signal to us was
// passed on to it.
func ranToItsEnd(err error) bool {
	_, exited := errors.AsType[exitStatus](err)
	_, killed := errors.AsType[raise](err)
	return exited || killed
}

// heedSignals makes signals cancel ctx; a second one ends us whatever we are in.
// It is called (as p.heed) where we wait for a person, hold a terminal or leave
// something behind. Elsewhere a signal simply ends the process, which withdraws
// its request as well; the goroutine and thread that signals need would cost every
// quick command a tenth of its time.
func heedSignals(ctx context.Context, cancel func()) {
	// SIGHUP: the terminal has gone, and with it whoever would read the answer.
	sig := make(chan os.Signal, 1)
	signal.Notify(sig, child.Heard(syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)...)
	for _, s := range harden.FatalSignals() { // or the runtime would print its stacks
		signal.Notify(sig, s)
	}
	go func() {
		select {
		case <-sig:
			signal.Stop(sig)
			cancel()
		case <-ctx.Done():
		}
	}()
}

// dialHome is the client of the app whose home is dir, or the user's own.
func dialHome(dir string) (secret.Service, error) {
	h, err := homeOf(dir)
	if err != nil {
		return nil, err
	}
	return socket.NewClient(h), nil
}

func homeOf(dir string) (socket.Home, error) {
	if dir == "" {
		return socket.DefaultHome()
	}
	return socket.OpenHome(dir)
}

// command is one subcommand; make is called only when the line names it, since
// building all of them costs every start about as much as a dial.
type command struct {
	name string
	make func(*program) *cobra.Command
}

var commands = []command{
	{"get", getCommand}, {"set", setCommand}, {"ls", lsCommand}, {"peek", peekCommand},
	{"rm", rmCommand}, {"mv", mvCommand}, {"edit", editCommand}, {"strict", strictCommand},
	{"unlock", unlockCommand}, {"lock", lockCommand}, {"sessions", sessionsCommand},
	{"import", importCommand}, {"scan", scanCommand}, {"load", loadCommand},
	{"bundle", bundleCommand}, {"export", exportCommand}, {"audit", auditCommand},
	{"backup", backupCommand}, {"restore", restoreCommand}, {"init", initCommand},
	{"run", runCommand}, {"guard", guardCommand},
	{"status", statusCommand}, {"verify", verifyCommand}, {"rekey", rekeyCommand},
	{"passwd", passwdCommand}, {"mcp", mcpCommand}, {"app", appCommand},
	{"setup", setupCommand}, {"settings", settingsCommand},
	{"completion", completionCommand}, {"version", versionCommand},
	{backgroundHandoff, handoffCommand}, {backgroundLeader, leaderCommand}, {backgroundClear, clearCommand},
}

// root builds the command tree: the one command that args name, or all of them.
func (p *program) root(args []string) *cobra.Command {
	root := &cobra.Command{
		Use:           "noxkey",
		Short:         "Secrets for developers who work with AI coding agents",
		Long:          rootLong,
		Example:       rootExample,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownCommand(args[0])
			}
			return c.Help()
		},
	}
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetIn(p.in)
	root.SetOut(p.out)
	root.SetErr(p.err)
	root.SetFlagErrorFunc(flagError)
	root.PersistentFlags().StringVar(&p.home, "home", "", "use the vault, socket and audit log in `DIR` (for tests)")
	named := firstWord(args)
	one := slices.IndexFunc(commands, func(c command) bool { return c.name == named })
	if one >= 0 {
		root.AddCommand(commands[one].make(p))
		return root
	}
	for _, c := range commands {
		root.AddCommand(c.make(p))
	}
	root.AddCommand(topics()...)
	root.SetHelpCommand(helpCommand())
	return root
}

// firstWord returns the first argument that is neither a persistent flag nor the
// value of one.
func firstWord(args []string) string {
	for i := 0; i < len(args); i++ {
		switch a := args[i]; {
		case a == "--home":
			i++
		case strings.HasPrefix(a, "-"):
		default:
			return a
		}
	}
	return ""
}

func unknownCommand(name string) error {
	return usagef("%s is not a command", show(name))
}

// listing adds --json to a command that lists.
func (p *program) listing(c *cobra.Command) *cobra.Command {
	c.Flags().BoolVar(&p.json, "json", false, "print JSON")
	return c
}

// do asks req and hands the answers but progress, which it shows, to out.
func (p *program) do(ctx context.Context, req *secret.Request, out func(secret.Answer) error) error {
	s, err := p.service(p.home)
	if err != nil {
		return err
	}
	wait := p.waiting()
	defer wait.stop()
	return s.Do(ctx, req, func(a secret.Answer) error {
		if a.Progress != nil {
			p.heed()
			wait.show(*a.Progress)
			return nil
		}
		wait.stop()
		if out == nil {
			return nil
		}
		return out(a)
	})
}

// status asks the app how it is and who it takes us to be.
func (p *program) status(ctx context.Context) (secret.Status, error) {
	var st *secret.Status
	err := p.do(ctx, &secret.Request{Op: secret.OpStatus}, func(a secret.Answer) error {
		st = a.Status
		return nil
	})
	if err == nil && st == nil {
		err = errors.New("the app did not say how it is")
	}
	if err != nil {
		return secret.Status{}, err
	}
	return *st, nil
}

// entries lists what targets cover, all if there are none.
func (p *program) entries(ctx context.Context, targets []secret.Prefix) ([]secret.Entry, error) {
	var list []secret.Entry
	err := p.do(ctx, &secret.Request{Op: secret.OpList, Targets: targets}, func(a secret.Answer) error {
		if a.Entry != nil {
			list = append(list, *a.Entry)
		}
		return nil
	})
	return list, err
}

func prefixes(args []string) ([]secret.Prefix, error) {
	list := make([]secret.Prefix, len(args))
	for i, a := range args {
		p, err := secret.ParsePrefix(a)
		if err != nil {
			return nil, asUsage(err)
		}
		list[i] = p
	}
	return list, nil
}

func name(arg string) (secret.Name, error) {
	n, err := secret.ParseName(arg)
	return n, asUsage(err)
}
