package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"noxkey/handoff"
	"noxkey/handoff/child"
	"noxkey/handoff/redact"
	"noxkey/harden"
	"noxkey/secret"
)

// runFlags are the flags of run.
type runFlags struct {
	files            []string
	envFile, profile string
	plain            bool
	session, reason  string
}

func runCommand(p *program) *cobra.Command {
	var f runFlags
	c := &cobra.Command{
		Use:   "run [NAME|PREFIX|ENV=NAME]... -- COMMAND [ARG]...",
		Short: "Run one command with secrets, its output redacted",
		Long: `Run COMMAND with secrets in its environment, and nowhere else. One card shows all
names, the command, its executable and the folder; what was allowed is this command
and no other. What it prints passes through a filter that puts [noxkey:NAME] in place
of the values and of their usual encodings.

Exit code, signals, job control, standard input and window size pass through, and a
terminal stays a terminal. Without names, those of the nearest .noxkey.toml are given
(noxkey init makes one).`,
		Example: `  noxkey run acme/api/STRIPE_SECRET_KEY -- make test
  noxkey run DB=acme/api/DATABASE_URL acme/api/REDIS_URL -- ./server --port 8080
  noxkey run --file GOOGLE_APPLICATION_CREDENTIALS=acme/gcp/KEY_JSON -- terraform plan
  noxkey run -- npm run dev`,
		Args:              func(*cobra.Command, []string) error { return nil },
		ValidArgsFunction: p.completeNames,
		RunE: func(c *cobra.Command, args []string) error {
			dash := c.ArgsLenAtDash()
			if dash < 0 || dash == len(args) {
				return usageHint("noxkey run acme/api/KEY -- make test", "there is no -- with a command after it")
			}
			return p.runChild(c.Context(), &f, args[:dash], args[dash:])
		},
	}
	c.Flags().StringArrayVar(&f.files, "file", nil, "put the value into a private file and its path into ENV: `ENV=NAME`, may be repeated")
	c.Flags().StringVar(&f.envFile, "env-file", "", "also read `FILE` (.env format): references noxkey://NAME are secrets, all else is set as it stands")
	c.Flags().StringVar(&f.profile, "profile", "", "the profile of .noxkey.toml to use, `NAME`")
	c.Flags().BoolVar(&f.plain, "no-redact", false, "leave the output as it is (people only)")
	c.Flags().StringVar(&f.session, "session", "", "ask that the grant last, for `TIME` up to 24h, or default")
	c.Flags().StringVar(&f.reason, "reason", "", "why, in your own words, `TEXT` for the card")
	return c
}

// runChild asks for what the command needs and runs it.
func (p *program) runChild(ctx context.Context, f *runFlags, targets, argv []string) error {
	seconds, err := sessionSeconds(f.session)
	if err != nil {
		return err
	}
	prog, err := newProgramme(argv)
	if err != nil {
		return err
	}
	plan, err := f.plan(targets, prog.run.Dir)
	if err != nil {
		return err
	}
	prog.run.As, prog.run.Manifest, prog.run.Plain = plan.as, plan.manifest, f.plain
	req := &secret.Request{Op: secret.OpGet, Delivery: secret.DeliverRun, Targets: plan.targets, Session: seconds, Reason: f.reason, Run: &prog.run}
	if err := prog.run.Check(); err != nil {
		return runError(err)
	}
	given, values, err := p.given(ctx, req)
	if err != nil {
		return runError(err)
	}
	defer wipe(values)
	if err := prog.unchanged(); err != nil {
		return err
	}
	return p.start(prog, given, values, plan.plain)
}

// given asks req and returns what was said of the grant with its values, the caller's to
// wipe.
func (p *program) given(ctx context.Context, req *secret.Request) (secret.Ticket, []secret.Named, error) {
	var t secret.Ticket
	var values []secret.Named
	err := p.do(ctx, req, func(a secret.Answer) error {
		switch {
		case a.Ticket != nil:
			t = *a.Ticket
		case a.Value != nil:
			values = append(values, *a.Value)
		}
		return nil
	})
	if err == nil && len(values) != len(t.Names) {
		err = secret.Errorf(secret.Protocol, "the app gave %d values for %d names", len(values), len(t.Names))
	}
	if err != nil {
		wipe(values)
		return t, nil, err
	}
	if len(t.LeftOut) > 0 {
		fmt.Fprintf(p.err, "noxkey: left out, being off limits: %s\n", secret.List(t.LeftOut))
	}
	p.warn(t.Warnings)
	return t, values, nil
}

// start runs the program with the values, and reports its end as its own.
func (p *program) start(prog *programme, t secret.Ticket, values []secret.Named, plain []string) error {
	bindings, err := prog.run.Without(t.LeftOut).Vars(t.Names)
	if err != nil {
		return runError(err)
	}
	env, files, err := environment(bindings, values)
	if err != nil {
		return err
	}
	if files != nil {
		defer files.Close()
	}
	exe, err := ourself()
	if err != nil {
		return err
	}
	human := t.For == "human"
	base := child.Environ(withoutLeftOut(os.Environ(), &prog.run, t.LeftOut), plain)
	if !human {
		base = p.plainEnviron(base)
	}
	o := child.Options{Path: prog.path, Argv: prog.run.Argv, Dir: prog.run.Dir, Env: child.Environ(base, env),
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Sealed: !human, Check: prog.unchanged, Self: []string{exe, backgroundLeader}}
	if !prog.run.Plain || !human {
		r, err := p.redactor(values)
		if err != nil {
			return err
		}
		defer r.Wipe()
		o.Filter = func(w io.Writer) child.Filter { return stream{r.Writer(w)} }
	}
	wipe(values)
	status, err := child.Run(o)
	if err != nil {
		return startError(prog, err)
	}
	return exitAs(status)
}

// redactor is built from the values; what is too short to be found is named.
func (p *program) redactor(values []secret.Named) (*redact.Redactor, error) {
	needles := make([]redact.Needle, len(values))
	for i, v := range values {
		needles[i] = redact.Needle{Name: v.Name, Value: v.Value}
	}
	r, err := redact.New(needles)
	if err == nil && len(r.TooShort()) > 0 {
		fmt.Fprintf(p.err, "noxkey: too short to be redacted: %s\n", secret.List(r.TooShort()))
	}
	return r, err
}

// stream is a redactor's writer as package child wants a filter.
type stream struct{ *redact.Writer }

func (s stream) Flush() error { return s.FlushIdle() }

// environment is what the program gets of the values: variables, and files with paths
// to them. The strings cannot be wiped: they live as long as this process, which is not
// dumpable.
func environment(bindings []secret.Binding, values []secret.Named) (env []string, files *handoff.Files, err error) {
	byName := map[secret.Name]secret.Value{}
	for _, v := range values {
		byName[v.Name] = v.Value
	}
	for _, b := range bindings {
		v := byName[b.Name]
		if b.AsFile {
			if files == nil {
				if files, err = handoff.NewFiles(""); err != nil {
					return nil, nil, err
				}
			}
			path, err := files.Add(b.Env, v)
			if err != nil {
				files.Close()
				return nil, nil, err
			}
			env = append(env, b.Env+"="+path)
			continue
		}
		_ = v.Use(func(bytes []byte) error { env = append(env, b.Env+"="+string(bytes)); return nil })
	}
	return env, files, nil
}

// exitStatus ends noxkey as the program ended.
type exitStatus int

func (e exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// exitAs returns the end of the program as ours. A signal that a shell acts on is raised
// again, so that whoever waits for us sees it.
func exitAs(s child.Status) error {
	switch s.Signal {
	case syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGKILL:
		return raise{s}
	}
	if s.ExitCode() == 0 {
		return nil
	}
	return exitStatus(s.ExitCode())
}

// raise is an end by a signal.
type raise struct{ child.Status }

func (r raise) Error() string { return r.Signal.String() }

// programme is the program of one run: what the request says of it, and how it is
// started.
type programme struct {
	run  secret.Run
	path string // as it was found, links not resolved: some programs act by their name
}

// newProgramme finds the executable as a shell would, and notes which file it is.
func newProgramme(argv []string) (*programme, error) {
	path, err := exec.LookPath(argv[0])
	switch {
	case errors.Is(err, unix.EACCES):
		return nil, startError(&programme{run: secret.Run{Argv: argv}}, unix.EACCES)
	case errors.Is(err, unix.EISDIR):
		return nil, failf("name a program: noxkey run NAME -- COMMAND", "%s is a folder", show(argv[0]))
	case errors.Is(err, exec.ErrDot):
		return nil, failf("if you mean it: noxkey run NAME -- ./"+show(argv[0]), "%s was found in this folder only, by a PATH that names it", show(argv[0]))
	case err != nil:
		return nil, failf("noxkey runs programs, not words of the shell; for those: noxkey run NAME -- sh -c '...'", "there is no program %s", show(argv[0]))
	}
	if path, err = filepath.Abs(path); err != nil {
		return nil, err
	}
	// The kernel's word, as the app sees it, and not $PWD.
	dir, err := unix.Getwd()
	if err == nil {
		_, err = os.Stat(dir)
	}
	if err != nil {
		return nil, failf("cd to a folder that is there", "the folder that you are in has gone")
	}
	g := &programme{path: path, run: secret.Run{Argv: argv, Dir: dir}}
	if g.run.Path, err = filepath.EvalSymlinks(path); err != nil {
		return nil, err
	}
	if g.run.File, err = fileMark(g.run.Path); err != nil { // of what the card shows, wherever a link leads by now
		return nil, err
	}
	g.run.Scripts = scripts(argv[1:], dir)
	return g, nil
}

// scripts are the arguments that are regular files, up to secret.MaxScripts.
func scripts(args []string, dir string) []secret.Script {
	var list []secret.Script
	for _, a := range args {
		if a == "" || strings.HasPrefix(a, "-") || len(list) == secret.MaxScripts {
			continue
		}
		path := a
		if !filepath.IsAbs(path) {
			path = filepath.Join(dir, a)
		}
		if fi, err := os.Stat(path); err != nil || !fi.Mode().IsRegular() {
			continue
		}
		if mark, err := fileMark(path); err == nil {
			list = append(list, secret.Script{Path: path, File: mark})
		}
	}
	return list
}

// unchanged refuses if the executable, or a file among the arguments, is not what it was
// when the card was drawn. What is left is the moment between this and exec(2).
func (g *programme) unchanged() error {
	path, err := filepath.EvalSymlinks(g.path)
	mark, merr := fileMark(g.run.Path)
	if err != nil || merr != nil || path != g.run.Path || mark != g.run.File {
		return secret.Errorf(secret.Conflict, "%s changed after it was allowed; nothing was run", show(g.path))
	}
	for _, s := range g.run.Scripts {
		if mark, err := fileMark(s.Path); err != nil || mark != s.File {
			return secret.Errorf(secret.Conflict, "%s changed after it was allowed; nothing was run", show(s.Path))
		}
	}
	return nil
}

// fileMark says which file is at path and that its content was not written since: device,
// inode, size, and the times of content and inode. The last cannot be set (utimensat(2)).
func fileMark(path string) (string, error) {
	var st unix.Stat_t
	if err := unix.Stat(path, &st); err != nil {
		return "", fmt.Errorf("look at %s: %w", path, err)
	}
	return fmt.Sprintf("%d:%d %d %d %d", st.Dev, st.Ino, st.Size, st.Mtim.Nano(), st.Ctim.Nano()), nil
}

// raise ends us by the signal that ended the program. The exit code is for signals that
// do not end us after all.
func (p *program) raise(r raise) int {
	signal.Reset(r.Signal)
	_ = unix.Kill(os.Getpid(), r.Signal)
	time.Sleep(100 * time.Millisecond) // it is delivered in its own time
	return r.ExitCode()
}

// leaderCommand leads the session of a program on a terminal, see package child.
func leaderCommand(*program) *cobra.Command {
	return &cobra.Command{
		Use: backgroundLeader, Hidden: true, Args: exactly(),
		RunE: func(*cobra.Command, []string) error {
			// Before it is told the values. The program that it starts is itself again.
			if harden.Conceal() != nil || child.Lead() != nil {
				return errBackground
			}
			return nil
		},
	}
}

// withoutLeftOut takes out of env the variables of secrets that are not given: the program
// shall not take for one what the asker has put there.
func withoutLeftOut(env []string, r *secret.Run, left []secret.Name) []string {
	gone := map[string]bool{}
	for _, n := range left {
		if v, err := n.Env(); err == nil {
			gone[v] = true
		}
	}
	for _, b := range r.As {
		if slices.Contains(left, b.Name) {
			gone[b.Env] = true
		}
	}
	return slices.DeleteFunc(env, func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return gone[name]
	})
}

// ourself is this very program, also when another version was put in its place meanwhile.
func ourself() (string, error) {
	if runtime.GOOS == "linux" {
		return "/proc/self/exe", nil
	}
	return os.Executable()
}
