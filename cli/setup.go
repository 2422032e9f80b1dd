package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"noxkey/setup"
)

// setupFlags are the flags of setup.
type setupFlags struct {
	all, yes, replace, undo, snippet, skill bool
}

// agentsMD is the word for a project's instructions in place of an agent's name.
const agentsMD = "agents-md"

func setupCommand(p *program) *cobra.Command {
	var f setupFlags
	c := &cobra.Command{
		Use:   "setup [AGENT...|agents-md [DIR]]",
		Short: "Add noxkey to the configuration of AI coding agents",
		Long: `Without an argument, list the agents that are here and how they stand. With names
(` + strings.Join(agentNames(), ", ") + `), show the
exact change to each one's configuration, ask, and write it: the file is replaced
whole, everything else in it stays as it is, and a backup is kept beside it.
--undo takes the change out again. What cannot be read is refused, not overwritten.

For agents without MCP, agents-md adds instructions to the AGENTS.md of a project,
and --snippet or --skill print them. No secret is involved, and the app need not run.`,
		Example: `  noxkey setup
  noxkey setup claude
  noxkey setup --all --yes
  noxkey setup codex --undo
  noxkey setup agents-md ~/src/project
  noxkey setup --skill > ~/.claude/skills/noxkey/SKILL.md`,
		ValidArgs: append(agentNames(), agentsMD),
		RunE: func(c *cobra.Command, args []string) error {
			return p.setup(c.Context(), args, f)
		},
	}
	fl := c.Flags()
	fl.BoolVar(&f.all, "all", false, "all agents that are here")
	fl.BoolVar(&f.yes, "yes", false, "write without asking, for scripts")
	fl.BoolVar(&f.replace, "replace", false, "with --yes: also replace or remove an entry that was changed by hand")
	fl.BoolVar(&f.undo, "undo", false, "take the entries out again")
	fl.BoolVar(&f.snippet, "snippet", false, "print instructions for an AGENTS.md")
	fl.BoolVar(&f.skill, "skill", false, "print them as a SKILL.md")
	return p.listing(c)
}

func agentNames() []string {
	var names []string
	for _, a := range setup.Agents() {
		names = append(names, a.Name)
	}
	return names
}

func (p *program) setup(ctx context.Context, args []string, f setupFlags) error {
	if err := f.check(args, p.json); err != nil {
		return err
	}
	switch {
	case p.home != "":
		return usagef("setup writes for the app of this user, and takes no --home")
	case f.snippet:
		_, err := fmt.Fprint(p.out, setup.Snippet())
		return err
	case f.skill:
		_, err := fmt.Fprint(p.out, setup.Skill())
		return err
	}
	h, err := openHome()
	if err != nil {
		return err
	}
	if len(args) > 0 && args[0] == agentsMD {
		return p.setupGuide(ctx, h, args[1:], f)
	}
	if len(args) == 0 && !f.all {
		return p.listAgents(h)
	}
	return p.setupAgents(ctx, h, args, f)
}

// check refuses what makes no sense together.
func (f setupFlags) check(args []string, json bool) error {
	which := len(args) > 0 || f.all
	switch {
	case (f.snippet || f.skill) && (which || f.undo || f.yes || f.replace || json || f.snippet && f.skill):
		return usagef("--snippet and --skill print a text and go with nothing else")
	case f.all && len(args) > 0:
		return usagef("give names or --all, not both")
	case json && which:
		return usagef("--json goes with the listing alone: noxkey setup --json")
	case !which && (f.undo || f.yes || f.replace):
		return usagef("say which agent, or --all")
	case f.replace && !f.yes:
		return usagef("--replace goes with --yes; without it you are asked")
	}
	for i, a := range args {
		if _, ok := setup.Lookup(a); !ok && args[0] != agentsMD || ok && slices.Contains(args[:i], a) {
			return usageHint("noxkey setup lists them: "+strings.Join(agentNames(), ", "), "%s is not an agent that can be set up, or is named twice", show(a))
		}
	}
	if len(args) > 2 && args[0] == agentsMD {
		return usagef("there is more than one folder")
	}
	return nil
}

func openHome() (setup.Home, error) {
	exe, err := os.Executable()
	if err == nil {
		exe, err = setup.StablePath(exe, os.Getenv("PATH"))
	}
	if err != nil {
		return setup.Home{}, failf("install noxkey where it is going to stay, and run it from there", "where noxkey is cannot be told: %v", err)
	}
	h, err := setup.OpenHome(os.Getenv, exe)
	if err != nil {
		return h, failf("run it as the person whose agents they are, without sudo", "%v", err)
	}
	return h, nil
}

// setupAgents goes through the agents one by one. What fails with one does not keep the
// next from being set up; the first error is the exit code.
func (p *program) setupAgents(ctx context.Context, h setup.Home, names []string, f setupFlags) error {
	var first error
	some := false
	for _, a := range setup.Agents() {
		if f.all && !h.Found(a) || !f.all && !slices.Contains(names, a.Name) {
			continue
		}
		some = true
		err := p.setupAgent(ctx, h, a, f)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil && first != nil {
			p.report(err)
		}
		if first == nil {
			first = err
		}
	}
	if !some {
		return &failure{"no agent that can be set up was found here", "noxkey setup lists where it looked", exitNotFound}
	}
	return first
}

func (p *program) setupAgent(ctx context.Context, h setup.Home, a setup.Agent, f setupFlags) error {
	if !f.undo && !h.Found(a) {
		return &failure{a.Title + " was not found here, neither its folder nor its program", "start it once, then: noxkey setup " + a.Name, exitNotFound}
	}
	plan, question := h.Prepare, "set up "+a.Title+"?"
	if f.undo {
		plan, question = h.Revert, "take noxkey out of "+a.Title+"?"
	}
	list, err := plan(a)
	if err != nil {
		return refused(err, h.Program, f.undo)
	}
	return p.carryOut(ctx, proposal{list, a.Title, question, "noxkey setup " + a.Name}, f)
}

func (p *program) setupGuide(ctx context.Context, h setup.Home, args []string, f setupFlags) error {
	dir, err := filepath.Abs(strings.Join(append(args, ".")[:1], ""))
	if err != nil {
		return err
	}
	if fi, err := os.Stat(dir); err != nil || !fi.IsDir() {
		return &failure{show(dir) + " is not a folder", "name the folder of a project: noxkey setup agents-md DIR", exitNotFound}
	}
	plan, question := h.PrepareGuide, "write this?"
	if f.undo {
		plan, question = h.RevertGuide, "take it out?"
	}
	list, err := plan(filepath.Join(dir, "AGENTS.md"))
	if err != nil {
		return refused(err, h.Program, f.undo)
	}
	return p.carryOut(ctx, proposal{list, "", question, "noxkey setup agents-md " + strings.Join(args, "")}, f)
}

// refused words the error of a file that is left as it is.
func refused(err error, program string, undo bool) error {
	hint := "nothing was written; mend the file, or add an MCP server by hand: command " + program + ", argument mcp"
	if undo {
		hint = "nothing was written; mend the file, or take the entry called noxkey out by hand"
	}
	if fe, ok := errors.AsType[*setup.FileError](err); ok {
		return failf(hint, "%s: %v", fe.Path, fe.Err)
	}
	return failf(hint, "%v", err)
}

// proposal is what is shown before it is written.
type proposal struct {
	list     []*setup.Change
	title    string // of the agent; empty for a project
	question string
	command  string
}

func (pr proposal) foreign() bool { return slices.ContainsFunc(pr.list, (*setup.Change).Foreign) }

func (p *program) carryOut(ctx context.Context, pr proposal, f setupFlags) error {
	idle := true
	for _, c := range pr.list {
		p.showChange(c, f.undo)
		idle = idle && c.Nothing()
	}
	if idle {
		return nil
	}
	if f.undo {
		pr.command += " --undo"
	}
	switch {
	case f.yes && pr.foreign() && !f.replace:
		return failf("look at it above, then add --replace, or run this on a terminal and be asked",
			"there is an entry called noxkey that was changed by hand; nothing was written")
	case f.yes:
	case terminal(p.in) == nil || terminal(p.out) == nil || terminal(p.err) == nil:
		if pr.command += " --yes"; pr.foreign() {
			pr.command += " --replace"
		}
		return usageHint("to write this: "+pr.command, "nothing was written: there is no terminal to show it and ask at")
	default:
		if pr.foreign() {
			pr.question = "what was changed by hand would be lost; " + pr.question
		}
		if err := p.confirm(ctx, pr.question); err != nil {
			return err
		}
	}
	return p.writeChanges(pr, f.undo)
}

func (p *program) writeChanges(pr proposal, undo bool) error {
	p.heed() // a signal waits until the file at hand is whole
	for _, c := range pr.list {
		if c.Nothing() {
			continue
		}
		backup, err := c.Write()
		if err != nil {
			return failf("what was written before stays, "+pr.command+" shows the rest", "%v", err)
		}
		word := "wrote "
		if c.Removes {
			word = "removed "
		}
		fmt.Fprintf(p.out, "%s%s\n", word, show(c.Path))
		if backup != "" {
			fmt.Fprintf(p.out, "backup %s\n", show(backup))
		}
	}
	if pr.title != "" && !undo {
		fmt.Fprintf(p.out, "restart %s to load it\n", pr.title)
	}
	return nil
}
