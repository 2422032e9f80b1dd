// Command redteam is a hostile agent, scripted:
//
//	go run ./tools/redteam [-client bin/noxkey] [-only REGEXP] [-show]
//
// It stands where an agent stands: a process named claude that started `noxkey mcp`
// and has a shell. It knows the tools, the files, the protocol and /proc, and makes
// every move that we could think of to get a canary into its own transcript, which is
// every byte that it reads from MCP and from its shell. The app is a real one on a
// vault that is thrown away (package rig); the person at it is scripted and allows one
// honest request, once, when a move begins with one, and denies all else.
//
// It prints what each move tried and whether it won. Moves that may win are marked
// with the limit that says so: after a good load `echo $KEY` prints the value, and
// that rate is published. The exit status is 1 if a move won that must not.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"syscall"

	"noxkey/cli"
)

// roles are what this binary is under another name: the stage copies it, so that it
// needs nothing but itself.
var roles = map[string]func() int{
	"claude":     func() int { return agentMain(os.Args[1:], os.Stdin, os.Stdout) },
	"speak":      func() int { return speakMain(os.Args[1:], os.Stdin, os.Stdout) },
	"redteamapp": func() int { return appMain(os.Stdin, os.Stdout) },
	"noxkey":     func() int { return cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr) },
}

func main() {
	if role := roles[filepath.Base(os.Args[0])]; role != nil {
		os.Exit(role())
	}
	os.Exit(redteamMain(os.Args[1:], os.Stdout, os.Stderr))
}

// redteamMain returns 0 if every move that must hold held and every move could be
// made, 1 if not, 2 for a wrong command line.
func redteamMain(args []string, out, errs io.Writer) int {
	flags := flag.NewFlagSet("redteam", flag.ContinueOnError)
	flags.SetOutput(errs)
	client := flags.String("client", "", "let the agent use this `noxkey` (default: the same code, from this binary)")
	only := flags.String("only", "", "make only the moves whose names match this `regexp`")
	show := flags.Bool("show", false, "print what each move read")
	if err := flags.Parse(args); err != nil || flags.NArg() > 0 {
		fmt.Fprintln(errs, "usage: redteam [-client bin/noxkey] [-only REGEXP] [-show]")
		return 2
	}
	match, err := regexp.Compile(*only)
	if err != nil {
		fmt.Fprintln(errs, "redteam:", err)
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	report, err := playAll(ctx, chosen(moves(), match), options{client: *client, errs: errs})
	report.print(out, *show)
	if err != nil {
		fmt.Fprintln(errs, "redteam:", err)
	}
	if err != nil || len(report.faults()) > 0 {
		return 1
	}
	return 0
}

func chosen(all []move, match *regexp.Regexp) []move {
	var some []move
	for _, m := range all {
		if match.MatchString(m.name) {
			some = append(some, m)
		}
	}
	return some
}
