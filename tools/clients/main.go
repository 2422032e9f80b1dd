// Command clients holds NoxKey against the real agents:
//
//	go run ./tools/clients [-prefix DIR] [-keep] [-leak] [NAME...|all]
//
// It installs Claude Code, Codex and Gemini CLI from npm into a folder, builds both
// release binaries, and for each client runs the real app in a terminal (tmux) as an
// ordinary user. The model that the client talks to is a script on 127.0.0.1: it
// looks for NoxKey's five tools in the request, calls noxkey_get, runs the command
// that the answer names in the client's own shell tool, and ends. The person before
// the card is scripted as well. What is checked: the tools are offered, the card
// names the agent, the command saw the right value (by its SHA-256), and the value
// is in nothing that the model was sent nor in any file that the run left.
//
// It is never shipped, and it is no part of CI: it downloads some hundred megabytes
// of other people's programs, whose newest versions may change at any time. It needs
// Linux, npm, node and tmux. Whatever a client sends to another host is pointed, by the
// proxy variables, at the same scripted server, which refuses it and prints the
// host; a client that ignores those variables is not held.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// programs is what all runs share.
type programs struct {
	bin    string // folder with noxkey and noxkey-app
	prefix string // of npm
	keep   bool   // leave each run's folder behind
	leak   bool   // the command prints the value as well
}

func main() {
	prefix := flag.String("prefix", "", "install the clients into `DIR` and leave them there; what is in it already is used as it is")
	keep := flag.Bool("keep", false, "leave each run's folder, with the model's requests, and print where it is")
	leak := flag.Bool("leak", false, "let the command print the value as well: the search must find it with every client, or it is blind")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, programs{prefix: *prefix, keep: *keep, leak: *leak}, flag.Args())
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "clients:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, p programs, args []string) error {
	chosen, err := choose(args)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("/tmp", "nkclients")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o755); err != nil { // the ordinary user runs what is in it
		return err
	}
	p.bin = dir
	if p.prefix == "" {
		p.prefix = filepath.Join(dir, "npm")
	}
	if err := p.build(ctx); err != nil {
		return err
	}
	failed := 0
	for _, c := range chosen {
		if err := check(ctx, p, c); err != nil {
			failed++
			fmt.Printf("%s: FAILED: %v\n\n", c.name, err)
			continue
		}
		fmt.Printf("%s: PASSED\n\n", c.name)
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d failed", failed, len(chosen))
	}
	return nil
}

func choose(args []string) ([]client, error) {
	if len(args) == 0 || len(args) == 1 && args[0] == "all" {
		return clients, nil
	}
	var chosen []client
	for _, a := range args {
		i := slices.IndexFunc(clients, func(c client) bool { return c.name == a })
		if i < 0 {
			var names []string
			for _, c := range clients {
				names = append(names, c.name)
			}
			return nil, fmt.Errorf("no client is named %q; there are %s, and all", a, list(names))
		}
		chosen = append(chosen, clients[i])
	}
	return chosen, nil
}

// check runs one client from its installation to the search, and prints what it saw.
func check(ctx context.Context, p programs, c client) (err error) {
	version, err := p.install(ctx, c)
	if err != nil {
		return err
	}
	fmt.Printf("%s: %s %s\n", c.name, c.pkg, version)
	w, err := newWorld(ctx, p)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	m, err := newModel(c)
	if err != nil {
		return err
	}
	if p.leak {
		m.after = ` && printf %s "$` + variable + `"`
	}
	defer m.close()
	err = errors.Join(w.play(c, m), w.end())
	tools, sent, away := m.seen()
	fmt.Printf("  offered to the model: %s\n  requests: %d; hosts asked for and refused: %s\n",
		list(tools), len(sent), list(away))
	return errors.Join(err, m.verdict(sum(w.secret), c.sandboxed), w.search(sent))
}

// play is the story: first run, a secret, the client, the card.
func (w *world) play(c client, m *model) error {
	app, err := w.open("app", w.bin("noxkey-app"), "--home", w.path("h"))
	if err != nil {
		return err
	}
	you := person{app}
	if err := you.firstRun(); err != nil {
		return err
	}
	if err := w.store(you); err != nil {
		return err
	}
	argv, env, err := c.setUp(w, m.base())
	if err != nil {
		return err
	}
	job, err := w.start("client", w.path("u/project"), c.tui, argv, env)
	if err != nil {
		return err
	}
	card, err := you.grant(job)
	if card != "" {
		fmt.Printf("  the card:\n%s\n", indent(card))
	}
	if err != nil {
		return errors.Join(err, job.report())
	}
	if want := c.agent + " wants a secret"; !shows(card, want) {
		err = fmt.Errorf("the card does not say %q", want)
	}
	if end := m.ended(job); end != nil {
		return errors.Join(err, end, job.report())
	}
	out, e := job.output()
	fmt.Printf("  the client printed:\n%s\n", indent(out))
	return errors.Join(err, e)
}

func list(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// indent sets text in by four and leaves out its empty lines.
func indent(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if line = strings.TrimRight(line, " \n"); line != "" {
			b.WriteString("    " + line + "\n")
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}
