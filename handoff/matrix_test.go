package handoff

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"noxkey/secret"
)

// The matrix goes over every shell and everything that is done with a handoff, and
// says of each cell what the shell held afterwards, step by step, and how Serve ended.
// What single tests of the rows look at more closely (threat_*_test.go) stands here
// once more in short, so that no shell and no move is left out; go test -v -run
// TestThreatA1A2A3A5A6A8A9Matrix prints it.

// deed is one line of the matrix. In its text "has" says how many characters of the
// value the shell holds, P is the pipe, S the script and T a folder of the deed's own.
type deed struct {
	what string
	text string
	tool string // a program that it needs
	want string
	or   string                         // the same, where a shell ends at a file that is not there
	do   func(*testing.T, shell) string // instead of text
}

// whole is what "has" says of a value that arrived.
var whole = fmt.Sprint(len(value))

// value is a canary whose characters are bytes, in every shell and locale.
const value = "canary-7Qz'9f+/= $x~Lw"

func deeds() []deed {
	list := []deed{
		{what: "source", text: `. "$S"; has`, want: whole + ", served"},
		{what: "as bash 3.2 sources", text: `eval "$(cat "$S")"; has`, want: whole + ", served"},
		{what: "twice", text: `. "$S"; has; unset V; (. "$S"; has)|has2`, want: whole + " 0, served", or: whole + ", served"},
		{what: "copy", text: `cp "$S" "$T/c"; . "$S"; has; unset V; . "$T/c"; has`, want: whole + " 0, served"},
		{what: "the copy first", text: `cp "$S" "$T/c"; . "$T/c"; has; unset V; . "$T/c"; has`, want: whole + " 0, served"},
		{what: "hard link", text: `ln "$S" "$T/l"; . "$S"; has; unset V; . "$T/l"; has`, want: whole + " 0, served"},
		{what: "hard link of the pipe", text: `ln "$P" "$T/p"; . "$S"; has; unset V; sed "s:^\(.*_noxkey_p=\)[^ ]*:\1$T/p:" "$T/c" >"$T/d"; . "$T/d"; has`, want: whole + " 0, served"},
		{what: "open descriptor", text: `exec 7<"$S"; . "$S"; has; unset V; . /dev/fd/7; has`, want: whole + " 0, served"},
		{what: "set -x", text: `set -x; . "$S"; set +x; has`, want: whole + ", served"},
		{what: "set -v", text: `set -v; . "$S"; set +v; has`, want: whole + ", served"},
		{what: "TMPDIR of another's", text: `TMPDIR=$T; HOME=$T; export TMPDIR HOME; . "$S"; has; ls "$T"`, want: whole + ", served"},
		{what: "moved away", text: `mv "$S" "$T/m"; . "$T/m"; has`, want: whole + ", served"},
		{what: "pipe moved away", text: `mv "$P" "$T/p"; . "$S"; has; rm "$T/p"`, want: "0, closed"},
		{what: "pipe replaced", text: `mv "$P" "$T/p"; mkfifo "$P"; (. "$S") & sleep 0.1; echo x >"$P"; wait; has`, want: "0, closed"},
		{what: "stranger's shell", do: strangersShell, want: "0, refused"},
		{what: "two shells", do: twoShells, want: "0 0, refused"},
		{what: "a crowd", do: crowd, want: "at most one"},
		{what: "server killed before", do: killedBefore, want: "0"},
		{what: "server killed meanwhile", do: killedMeanwhile, want: "0"},
		{what: "late", do: late, want: "0, over"},
		{what: "foreign folder", do: foreign, want: "refused"},
		{what: "never closed", do: stops, want: "over"},
	}
	for tool, line := range map[string]string{
		"cat": `cat "$P"`, "head": `head -c 9 "$P"`, "dd": `dd if="$P"`, "python3": `python3 -c 'import sys; print(open(sys.argv[1]).read())' "$P"`,
		"perl": `perl -pe 1 "$P"`, "od": `od -c "$P"`, "awk": `awk 1 "$P"`, "sed": `sed -n p "$P"`, "grep": `grep -a . "$P"`, "busybox": `busybox cat "$P"`,
		"cp": `cp --copy-contents -r "$P" "$T/x"; cat "$T/x"`, "an editor's read": `reader "$P"`,
	} {
		d := deed{what: tool, text: line + `; (. "$S"; has)|has2`, tool: tool, want: "0, refused"}
		if strings.Contains(tool, " ") {
			d.tool = ""
		}
		list = append(list, d)
	}
	return list
}

func TestThreatA1A2A3A5A6A8A9Matrix(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	cells := map[string]string{}
	list := deeds()
	t.Cleanup(func() { t.Log(matrix(list, cells)) })
	for _, d := range list {
		for _, sh := range shells {
			t.Run(d.what+"/"+sh.name, func(t *testing.T) {
				t.Parallel()
				need(t, sh.argv[0])
				if d.tool != "" {
					need(t, d.tool)
				}
				got := ""
				if d.do != nil {
					got = d.do(t, sh)
				} else {
					got = d.act(t, sh)
				}
				if got != d.want && (d.or == "" || got != d.or) {
					t.Errorf("%q instead of %q", got, d.want)
				}
				mu.Lock()
				defer mu.Unlock()
				cells[d.what+"/"+sh.name] = got
			})
		}
	}
}

func matrix(list []deed, cells map[string]string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n%-24s", "")
	for _, sh := range shells {
		fmt.Fprintf(&b, "%-14s", sh.name)
	}
	for _, d := range list {
		fmt.Fprintf(&b, "\n%-24s", d.what)
		for _, sh := range shells {
			cell := cells[d.what+"/"+sh.name]
			if cell == "" {
				cell = "-"
			}
			fmt.Fprintf(&b, "%-14s", cell)
		}
	}
	return b.String()
}

// act does it, and says what came of it. The value stands in no output.
func (d deed) act(t *testing.T, sh shell) string {
	h := newHandoff(t)
	s := serve(t.Context(), h, vars(t, "V", value))
	tmp := filepath.Join(filepath.Dir(h.place.base.path), "t") // the same file system
	if err := os.Mkdir(tmp, 0o700); err != nil {
		t.Fatal(err)
	}
	text := `has() { echo "has ${#V}"; }; has2() { cat; }; S=$1 P=${1%/*}/pipe T=` + quoted(tmp) + `; V=; unset V
reader() { ` + helperEnv + `=read ` + quoted(os.Args[0]) + ` "$@"; }
cp "$S" "$T/c"
` + d.text
	o := run(t, sh.command(t, text, h.Script()))
	time.AfterFunc(20*time.Millisecond, h.Close) // for what Serve is not part of; one that serves is waited for
	s.wait(t)
	clean(t, d.what, o.out+o.err)
	noCanary(t, tmp)
	gone(t, h)
	return held(o) + ", " + s.ended()
}

// held lists what "has" said.
func held(o outcome) string {
	var all []string
	for l := range strings.Lines(o.out) {
		if n, ok := strings.CutPrefix(strings.TrimSpace(l), "has "); ok {
			all = append(all, n)
		}
	}
	if len(all) == 0 {
		return "0"
	}
	return strings.Join(all, " ")
}

// ended is how Serve ended, in a word.
func (s *serving) ended() string {
	bad, refused := errors.AsType[*Refused](s.err)
	switch {
	case s.err == nil && len(s.redeemed) == 1:
		return "served"
	case refused && bad.Redeemed:
		return "void" // fetched, and wiped
	case refused && len(s.redeemed) == 0:
		return "refused"
	case secret.CodeOf(s.err) == secret.Cancelled && len(s.redeemed) == 0:
		return "closed"
	case secret.CodeOf(s.err) == secret.TimedOut:
		return "over"
	}
	return fmt.Sprintf("%v after %d", s.err, len(s.redeemed))
}

const useIt = `. "$1"; echo "has ${#V}"`

func strangersShell(t *testing.T, sh shell) string {
	need(t, "sleep")
	other := child(t, "sleep", "60")
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Process.Kill(); _ = other.Wait() }()
	h := newHandoff(t, func(o *Options) { o.Under = processID(t, other.Process.Pid) })
	s := serve(t.Context(), h, vars(t, "V", value))
	o := run(t, sh.command(t, useIt, h.Script()))
	s.wait(t)
	clean(t, "a stranger's shell", o.out+o.err)
	return held(o) + ", " + s.ended()
}

func twoShells(t *testing.T, sh shell) string {
	h := newHandoff(t)
	a, b := start(t, sh.command(t, useIt, h.Script())), start(t, sh.command(t, useIt, h.Script()))
	h.holding(t, 2)
	s := serve(t.Context(), h, vars(t, "V", value))
	s.wait(t)
	one, two := a(), b()
	clean(t, "two shells", one.out+one.err+two.out+two.err)
	return held(one) + " " + held(two) + ", " + s.ended()
}

// crowd lets six shells source it, as they come.
func crowd(t *testing.T, sh shell) string {
	h := newHandoff(t)
	s := serve(t.Context(), h, vars(t, "V", value))
	var all []func() outcome
	for range 6 {
		all = append(all, start(t, sh.command(t, useIt, h.Script())))
	}
	loaded := 0
	for _, one := range all {
		o := one()
		clean(t, "a crowd", o.out+o.err)
		if held(o) != "0" {
			loaded++
		}
	}
	s.wait(t)
	if loaded > 1 || len(s.redeemed) > 1 || (loaded == 1) != (s.err == nil) {
		return fmt.Sprintf("%d have it, %d redeemed, %v", loaded, len(s.redeemed), s.err)
	}
	return "at most one"
}

func killedBefore(t *testing.T, sh shell) string {
	s := newServer(t)
	s.kill()
	return held(run(t, sh.command(t, useIt, s.script)))
}

func killedMeanwhile(t *testing.T, sh shell) string {
	s := newServer(t)
	waiting := start(t, sh.command(t, useIt, s.script))
	if l := s.line(t); l != "seen" {
		t.Fatal(l)
	}
	s.kill()
	return held(waiting())
}

// late sources it after its time, by the clock that runs on in sleep.
func late(t *testing.T, sh shell) string {
	h := newHandoff(t, func(o *Options) { o.TTL = MaxTTL })
	h.now = func() clock { return clock{h.born.awake, h.born.boot + MaxTTL} }
	s := serve(t.Context(), h, vars(t, "V", value))
	s.wait(t)
	return held(run(t, sh.command(t, useIt, h.Script()))) + ", " + s.ended()
}

// foreign has nothing for the shell to source.
func foreign(t *testing.T, _ shell) string {
	dir := filepath.Join(t.TempDir(), "h")
	if err := mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if h, err := New(Options{Under: self(t), Dir: dir}); err == nil {
		h.Close()
		return "used"
	}
	return "refused"
}

// stops opens the pipe and never reads.
func stops(t *testing.T, sh shell) string {
	h := newHandoff(t)
	h.slow = 50 * time.Millisecond
	flag := gate(t)
	stuck := start(t, sh.command(t, `exec 3<"${1%/*}/pipe"; read -r l <'`+flag+`'`, h.Script()))
	s := serve(t.Context(), h, vars(t, "V", value))
	s.wait(t)
	open(t, flag)
	stuck()
	return s.ended()
}

// A shell that opens the pipe, reads nothing, and becomes cat when everybody has
// looked: the server waits with its second look until somebody has begun to read.
func TestThreatA8AShellThatBecomesCatLater(t *testing.T) {
	eachShell(t, func(t *testing.T, sh shell) {
		h := newHandoff(t)
		flag := gate(t)
		cat := start(t, sh.command(t, `exec 3<"${1%/*}/pipe"; read -r l <'`+flag+`'; exec cat <&3`, h.Script()))
		s := serve(t.Context(), h, vars(t, "CANARY", canary))
		eventually(t, "taking the names away", func() bool { _, err := os.Lstat(h.pipePath()); return err != nil })
		time.Sleep(100 * time.Millisecond) // well behind where the second look used to be
		open(t, flag)
		o := cat()
		s.wait(t)
		clean(t, "cat", o.out+o.err)
		if bad, ok := errors.AsType[*Refused](s.err); !ok || !bad.Redeemed {
			t.Errorf("%v", s.err)
		}
	})
}

// Neither clock that the time to live is asked of is the one that is set by hand: a
// jump of that one moves nothing.
func TestThreatA6ClockJumped(t *testing.T) {
	t.Parallel()
	if !strings.Contains(epoch.String(), " m=") {
		t.Error("the time awake is counted on the wall clock")
	}
	a, before := now(), bootTime()
	time.Sleep(20 * time.Millisecond)
	b, after := now(), bootTime()
	if b.boot < before || a.boot > after || b.since(a) < 20*time.Millisecond || b.since(a) > time.Minute {
		t.Errorf("%+v, then %+v", a, b)
	}
}

// The app was killed between the ticket and its use: what redeems it fails, and the
// shell is told.
func TestThreatA6AppKilled(t *testing.T) {
	eachShell(t, func(t *testing.T, sh shell) {
		h := newHandoff(t)
		done := make(chan error, 1)
		go func() {
			done <- h.Serve(t.Context(), func(context.Context, Reader) ([]Var, error) {
				return nil, secret.Errorf(secret.NotRunning, "NoxKey is not running")
			})
		}()
		o := run(t, sh.command(t, useIt, h.Script()))
		if err := <-done; secret.CodeOf(err) != secret.NotRunning || held(o) != "0" || !strings.Contains(o.err, "NoxKey is not running") {
			t.Errorf("%v, %+v", err, o)
		}
		gone(t, h)
	})
}
