// Command tour plays NoxKey's whole story without anybody at the keyboard:
//
//	go run ./tools/tour [-client bin/noxkey]
//
// A .env file is imported, an MCP client asks for a secret, a card is answered,
// a shell command uses the value, and everything that the agent saw is searched
// for it. The vault, broker, socket, MCP server, shell and pipe are the real ones;
// the person's answers and the agent's decisions are scripted, and every line that
// shows one says so. It is a check as well: it fails if any step does not hold.
//
// It plays in a folder of its own that it removes, and cannot open a vault that it
// did not make there (package rig). It is never shipped.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"golang.org/x/term"

	"noxkey/cli"
)

// roles are what this binary is under another name: the tour copies it, so that
// it needs nothing but itself.
var roles = map[string]func() int{
	"claude": agentMain,
	"charge": chargeMain,
	"noxkey": func() int { return cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr) },
}

func main() {
	if role := roles[filepath.Base(os.Args[0])]; role != nil {
		os.Exit(role())
	}
	os.Exit(tourMain(os.Args[1:], os.Stdout, os.Stderr))
}

// tourMain returns 0 if every step held, 1 if one did not, 2 for a wrong command
// line, 130 if it was interrupted.
func tourMain(args []string, out, errs io.Writer) int {
	flags := flag.NewFlagSet("tour", flag.ContinueOnError)
	flags.SetOutput(errs)
	client := flags.String("client", "", "let the agent use this `noxkey` (default: the same code, from this binary)")
	if err := flags.Parse(args); err != nil || flags.NArg() > 0 {
		fmt.Fprintln(errs, "usage: tour [-client bin/noxkey]")
		return 2
	}
	// SIGPIPE: whoever read the output has gone, which is no reason to leave things behind.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	defer stop()
	o := options{client: *client, out: out, errs: errs, colour: colours(out)}
	var err error
	if os.Getuid() == 0 {
		err = playAsNobody(ctx, o)
	} else {
		err = play(ctx, o)
	}
	var ended *endedError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &ended):
		return ended.code // the one that played has said why
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(errs, "tour: interrupted; everything it made is removed")
		return 130
	}
	fmt.Fprintln(errs, "tour:", err)
	return 1
}

// colours says whether out is a terminal that wants them.
func colours(out io.Writer) bool {
	f, ok := out.(*os.File)
	return ok && term.IsTerminal(int(f.Fd())) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}
