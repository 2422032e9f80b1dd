// NoxKey, the app: it plugs this platform's vault and front into the broker and
// answers the socket. What it takes from the command line and the environment
// chooses a place and loosens no rule.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"noxkey/harden"
	"noxkey/secret"
	"noxkey/socket"
)

// version is set by the Makefile from git.
var version = "dev"

func main() {
	home := flag.String("home", "", "keep vault, socket and audit log in `DIR` instead of the default")
	show := flag.Bool("version", false, "print the version and leave")
	restore := flag.Bool("restore-previous", false, "put the previous generation of a damaged vault in its place, after asking")
	flag.Usage = usage
	flag.Parse()
	if *show {
		fmt.Println("noxkey-app", version)
		return
	}
	if flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), endings()...)
	defer stop()
	if err := start(ctx, *home, *restore); err != nil {
		stop()
		fmt.Fprintln(os.Stderr, "noxkey:", err)
		if h := hint(err); h != "" {
			fmt.Fprintln(os.Stderr, "hint:", h)
		}
		os.Exit(exitCode(err))
	}
}

// endings are the signals that end the app in good order: also those, sent by whom it may
// be, for which the runtime would print its stacks and registers.
func endings() []os.Signal {
	list := []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}
	for _, s := range harden.FatalSignals() {
		list = append(list, s)
	}
	return list
}

func usage() {
	fmt.Fprint(flag.CommandLine.Output(), `usage: noxkey-app [--home DIR]

Starts NoxKey: the vault, its cards and the socket that noxkey talks to.

`)
	flag.PrintDefaults()
}

// start finds the home and runs the platform's app in it.
func start(ctx context.Context, dir string, restore bool) error {
	home, err := socket.DefaultHome()
	if dir != "" {
		home, err = socket.OpenHome(dir)
	}
	if err != nil {
		return err
	}
	if err := home.Make(); err != nil {
		return err
	}
	if restore {
		return restorePrevious(home)
	}
	return run(ctx, home)
}

func hint(err error) string {
	switch secret.CodeOf(err) {
	case secret.Busy:
		return "it runs in another terminal; noxkey status talks to it"
	case secret.Damaged:
		return damagedHint
	case secret.Untrusted:
		return "nothing was opened; set the owner and mode right, then start again"
	}
	return ""
}

func exitCode(err error) int {
	if errors.Is(err, context.Canceled) {
		return 0
	}
	return 1
}
