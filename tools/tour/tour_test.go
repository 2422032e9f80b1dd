package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"unicode/utf8"

	"noxkey/broker"
	"noxkey/caller"
	"noxkey/secret"
)

// TestMain lets copies of the test's binary be what copies of the tour are.
func TestMain(m *testing.M) {
	name := filepath.Base(os.Args[0])
	if role := roles[name]; role != nil {
		os.Exit(role())
	}
	if name == "tour" {
		os.Exit(tourMain(os.Args[1:], os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// shortDir is a folder whose path leaves room for a socket's, whatever the test is called.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "nktour")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// played is a tour that was played in this process.
type played struct {
	out     string
	samples []sample
	err     error
}

func playHere(t *testing.T, change func(*options)) played {
	t.Helper()
	var out, errs bytes.Buffer
	var p played
	dir := shortDir(t)
	o := options{out: &out, errs: &errs, tmp: dir, told: func(s []sample) { p.samples = s }}
	if change != nil {
		change(&o)
	}
	p.err = play(t.Context(), o)
	p.out = out.String()
	if errs.Len() > 0 {
		t.Errorf("standard error: %s", &errs)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if len(p.samples) != 4 {
		t.Errorf("%d values were generated", len(p.samples))
	}
	return p
}

// heldAll fails the test unless out is that of a tour whose steps all held.
func heldAll(t *testing.T, out string) {
	t.Helper()
	if !strings.HasSuffix(out, "\ntour: 11 steps held\n") {
		t.Errorf("the last line is another:\n%s", out)
	}
	if !regexp.MustCompile(`holds: 0 matches in \d{5,} bytes\.\n`).MatchString(out) {
		t.Error("the search did not say what it found")
	}
	for _, want := range []string{"(scripted)  person: presses a (allow once)", "charge: accepted", "chain intact", "five tools", "without a card"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in it", want)
		}
	}
	for line := range strings.SplitSeq(out, "\n") {
		if n := utf8.RuneCountInString(line); n > width {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	if strings.Contains(out, "\x1b") {
		t.Error("escape sequences without a terminal")
	}
}

// TestTour plays the tour as the command does. Under root that is a process of uid
// 65534, or of root where it cannot be.
func TestTour(t *testing.T) {
	t.Parallel()
	var out, errs bytes.Buffer
	if code := tourMain(nil, &out, &errs); code != 0 || errs.Len() > 0 {
		t.Errorf("exit code %d: %s", code, &errs)
	}
	heldAll(t, out.String())
	if os.Getuid() == 0 && !strings.Contains(out.String(), "uid 65534") && !strings.Contains(out.String(), "This runs as root") {
		t.Error("it does not say as whom it runs")
	}
}

// TestTourTellsNoValue plays it here, where the values are known: none stands in
// the output, in any form. Under root the agent is unknown, and the card says so.
func TestTourTellsNoValue(t *testing.T) {
	t.Parallel()
	for _, shell := range []string{"bash", "sh"} {
		t.Run(shell, func(t *testing.T) {
			t.Parallel()
			path, err := exec.LookPath(shell)
			if err != nil {
				t.Skip("there is no " + shell)
			}
			p := playHere(t, func(o *options) { o.shell = path })
			if p.err != nil {
				t.Error(p.err)
			}
			heldAll(t, p.out)
			if found, _ := search([]text{{"the output", []byte(p.out)}}, p.samples); len(found) > 0 {
				t.Error(found)
			}
			want := "Claude Code wants a secret"
			if os.Getuid() == 0 {
				want = "An unknown program wants a secret"
			}
			if !strings.Contains(p.out, want) {
				t.Errorf("%q is not on a card", want)
			}
		})
	}
}

// TestTourCanFail: an agent that prints the value is found out by the search.
func TestTourCanFail(t *testing.T) {
	t.Parallel()
	p := playHere(t, func(o *options) { o.leak = true })
	if p.err == nil || !strings.Contains(p.err.Error(), "step 10 ") {
		t.Errorf("the tour ended with %v", p.err)
	}
	if !strings.Contains(p.out, "does not hold:") || !strings.Contains(p.out, "STRIPE_KEY (plain) is in the agent's transcript") {
		t.Errorf("the search did not find it:\n%s", p.out)
	}
	if strings.Contains(p.out, "steps held") || strings.Contains(p.out, "0 matches") {
		t.Error("it says that all held")
	}
}

// TestOtherClient: with -client the agent gets that noxkey, and what it is not
// makes a step fail.
func TestOtherClient(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := playHere(t, func(o *options) { o.client = self })
	if p.err != nil || !strings.Contains(p.out, "the one given by -client") {
		t.Errorf("%v\n%s", p.err, p.out)
	}
	var out, errs bytes.Buffer
	if code := tourMain([]string{"-client", "/nowhere/noxkey"}, &out, &errs); code != 1 || !strings.Contains(errs.String(), "/nowhere/noxkey") {
		t.Errorf("exit code %d: %s", code, &errs)
	}
}

// TestNoHome: there is no way to name a home, by flag, argument or variable.
func TestNoHome(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"--home", "/tmp"}, {"-home=/tmp"}, {"/tmp"}} {
		var out, errs bytes.Buffer
		if code := tourMain(args, &out, &errs); code != 2 || out.Len() > 0 {
			t.Errorf("%v: exit code %d, %s", args, code, &out)
		}
	}
}

// TestInterrupted: after an interrupt, or when nobody reads its output any more,
// nothing is left, neither files nor processes.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	for name, stop := range map[string]func(*os.Process, *os.File) error{
		"signal":        func(p *os.Process, _ *os.File) error { return p.Signal(os.Interrupt) },
		"closed output": func(_ *os.Process, r *os.File) error { return r.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			interrupted(t, stop)
		})
	}
}

// interrupted starts the tour as a program and stops it when the card is there.
func interrupted(t *testing.T, stop func(*os.Process, *os.File) error) {
	dir := shortDir(t)
	self, err := os.Executable()
	if err == nil {
		err = copyProgram(filepath.Join(dir, "tour"), self)
	}
	if err != nil {
		t.Fatal(err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var errs bytes.Buffer
	cmd := exec.Command(filepath.Join(dir, "tour"))
	cmd.Env = append(os.Environ(), "TMPDIR="+dir)
	cmd.Stdout, cmd.Stderr = w, &errs
	err = cmd.Start()
	w.Close()
	if err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	for lines := bufio.NewScanner(r); lines.Scan(); {
		said.WriteString(lines.Text() + " ")
		if strings.HasPrefix(lines.Text(), "│ NoxKey    ") { // the card; the review has NoxKey · import
			break
		}
	}
	if err := stop(cmd.Process, r); err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, r) // until it has ended
	err = cmd.Wait()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 130 || !strings.Contains(errs.String(), "interrupted") {
		t.Errorf("%v: %s", err, &errs)
	}
	place := regexp.MustCompile(`in (/tmp/\S+),`).FindStringSubmatch(strings.Join(strings.Fields(said.String()), " "))
	if place == nil {
		t.Fatalf("it does not say where it plays: %s", said.String())
	}
	if _, err := os.Lstat(place[1]); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s: %v", place[1], err)
	}
	if left := below(t, place[1]); len(left) > 0 {
		t.Errorf("still running: %v", left)
	}
}

// below lists the processes whose program was in dir.
func below(t *testing.T, dir string) (list []string) {
	t.Helper()
	links, err := filepath.Glob("/proc/[0-9]*/exe")
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range links {
		if exe, err := os.Readlink(l); err == nil && strings.HasPrefix(exe, dir+"/") {
			list = append(list, l+" "+exe)
		}
	}
	return list
}

// TestSeenAsAnother: if NoxKey took the agent for somebody else, the tour fails.
func TestSeenAsAnother(t *testing.T) {
	t.Parallel()
	p := playHere(t, func(o *options) { o.who = "agent Codex" })
	if p.err == nil || !strings.Contains(p.err.Error(), "step 3 ") {
		t.Errorf("%v", p.err)
	}
}

// TestPersonDeniesOthers: the scripted person allows what the tour asks for, and
// nothing else.
func TestPersonDeniesOthers(t *testing.T) {
	t.Parallel()
	good := broker.Ask{Delivery: secret.DeliverShell, Who: caller.Caller{Class: caller.Agent, Agent: "Claude Code"}, Items: []broker.Item{{Name: stripeKey}}}
	expect := only(stripeKey, "agent Claude Code")
	if err := expect(&good); err != nil {
		t.Error(err)
	}
	for what, change := range map[string]func(*broker.Ask){
		"another agent":  func(a *broker.Ask) { a.Who.Agent = "Codex" },
		"unknown":        func(a *broker.Ask) { a.Who = caller.Caller{} },
		"another secret": func(a *broker.Ask) { a.Items = []broker.Item{{Name: "acme/api/ADMIN_PASSWORD"}} },
		"one more":       func(a *broker.Ask) { a.Items = append(a.Items, broker.Item{Name: "acme/api/ADMIN_PASSWORD"}) },
		"another road":   func(a *broker.Ask) { a.Delivery = secret.DeliverRaw },
	} {
		bad := good
		bad.Items = slices.Clone(good.Items)
		if change(&bad); expect(&bad) == nil {
			t.Errorf("%s is allowed", what)
		}
	}
}

// TestControl: the search finds each value in each encoding, and in no other text.
func TestControl(t *testing.T) {
	t.Parallel()
	var tr tour
	tr.samples = []sample{{"the passphrase", "correct-horse-battery", "correct-horse-battery"}}
	tr.generate()
	if len(tr.samples) != 4 {
		t.Fatal(len(tr.samples))
	}
	if found, planted := control(tr.samples); found != planted || planted < 80 {
		t.Errorf("%d of %d", found, planted)
	}
	if hits, size := search([]text{{"another text", []byte(strings.Repeat("sk_live_ postgres://shop: ", 9))}}, tr.samples); len(hits) > 0 || size != 234 {
		t.Errorf("%v in %d bytes", hits, size)
	}
	half := tr.samples[1].core
	if hits, _ := search([]text{{"nine characters", []byte(half[:window-1])}}, tr.samples); len(hits) > 0 {
		t.Error(hits)
	}
}

// TestWrap: no line is longer than asked, nothing is lost, long words are broken.
func TestWrap(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "a", "one two three", "  indented words here and there", strings.Repeat("x", 50), "a " + strings.Repeat("ü", 30) + " b"} {
		lines := wrap(s, 12)
		for _, l := range lines {
			if utf8.RuneCountInString(l) > 12 {
				t.Errorf("%q in %q", l, lines)
			}
		}
		squash := func(s string) string { return strings.Join(strings.Fields(s), "") }
		if squash(strings.Join(lines, "")) != squash(s) {
			t.Errorf("%q became %q", s, lines)
		}
	}
	if got := wrap("  ab cd", 5); !slices.Equal(got, []string{"  ab", "  cd"}) {
		t.Errorf("%q", got)
	}
}

// TestFailedWrite: an output that cannot be written is an error.
func TestFailedWrite(t *testing.T) {
	t.Parallel()
	n := &narrator{out: failing{}}
	n.tell("something")
	if n.failed() == nil {
		t.Error("no error")
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, fmt.Errorf("no: %w", syscall.ENOSPC) }
