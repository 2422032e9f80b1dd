package handoff

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"noxkey/secret"
)

const canary = "canary-7Qz'9f+/=\n$x~Lw"

// noCanary looks for the canary and common encodings of it in every file below dir.
func noCanary(t testing.TB, dir string) {
	t.Helper()
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Error(err)
		}
		clean(t, path, string(b))
		return nil
	})
}

func clean(t testing.TB, where, text string) {
	t.Helper()
	list := []string{"canary-7Q", "7Qz", "9f+/=", "$x~Lw", hex.EncodeToString([]byte(canary[:6])), url.QueryEscape(canary)}
	for i := range 3 { // base64 at every offset
		list = append(list, base64.RawStdEncoding.EncodeToString([]byte(canary[i : i+12]))[1:15])
	}
	for _, form := range list {
		if strings.Contains(text, form) {
			t.Errorf("%s holds %q: %q", where, form, text)
		}
	}
}

func TestThreatA1NoValueInAnyFile(t *testing.T) {
	eachShell(t, func(t *testing.T, sh shell) {
		h := newHandoff(t, func(o *Options) { o.Env = []string{"CANARY"} })
		root := filepath.Dir(h.place.base.path)
		noCanary(t, root)
		text, err := os.ReadFile(h.Script())
		if err != nil || !strings.Contains(string(text), "Sets: CANARY") {
			t.Fatalf("%v, %q", err, text)
		}
		s := &serving{done: make(chan struct{})}
		go func() {
			defer close(s.done)
			s.err = h.Serve(t.Context(), func(context.Context, Reader) ([]Var, error) {
				noCanary(t, root)
				return vars(t, "CANARY", canary), nil
			})
		}()
		for _, reader := range []string{`cat "$1"`, `grep -r . "${1%/*}"`} { // reading the script burns nothing
			clean(t, reader, run(t, sh.command(t, reader, h.Script())).out)
		}
		o := run(t, sh.command(t, `. "$1" && `+dump, h.Script()))
		s.wait(t)
		if got, _ := o.variable("CANARY"); got != canary || s.err != nil {
			t.Errorf("%q, %v, %q", got, s.err, o.err)
		}
		noCanary(t, root)
		gone(t, h)
	})
}

func TestThreatA1AReaderThatIsNoShellBurnsTheTicket(t *testing.T) {
	t.Parallel()
	for what, argv := range map[string][]string{
		"cat":       {"cat", "PIPE"},
		"head":      {"head", "-c", "100", "PIPE"},
		"dd":        {"dd", "if=PIPE"},
		"python3":   {"python3", "-c", "import sys; print(open(sys.argv[1]).read())", "PIPE"},
		"sed":       {"sed", "-n", "p", "PIPE"},
		"a program": {os.Args[0], "PIPE"},
		"busybox":   {"busybox", "cat", "PIPE"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			need(t, argv[0])
			h := newHandoff(t)
			args := append([]string{}, argv...)
			args[len(args)-1] = strings.Replace(args[len(args)-1], "PIPE", h.pipePath(), 1)
			cmd := child(t, args...)
			if what == "a program" {
				cmd.Env = append(cmd.Env, helperEnv+"=read")
			}
			s := serve(t.Context(), h, vars(t, "CANARY", canary))
			o := run(t, cmd)
			s.wait(t)
			bad, ok := errors.AsType[*Refused](s.err)
			if !ok || len(bad.Readers) != 1 || bad.Redeemed || len(s.redeemed) != 0 || bad.Why != "it is not a shell" {
				t.Errorf("%v, redeemed %v", s.err, s.redeemed)
			}
			if !strings.Contains(o.out, "source PATH && command") && what != "head" {
				t.Errorf("it was told %q", o.out)
			}
			clean(t, what, o.out+o.err)
			gone(t, h)
		})
	}
}

// The line that says so fails in a shell that evaluates it.
func TestRefusalFailsInAShell(t *testing.T) {
	eachShell(t, func(t *testing.T, sh shell) {
		text := string(refusal("it's \x1b[31m $(touch pwned) \\ “x”\n"))
		o := run(t, sh.command(t, `cd "$1"; if eval "$(cat)"; then echo BAD; fi; ls; exit 3`, t.TempDir()))
		if o.code != 3 {
			t.Fatal(o)
		}
		cmd := sh.command(t, `cd "$1"; if eval "$(cat)"; then echo BAD; fi; ls; exit 3`, t.TempDir())
		cmd.Stdin = strings.NewReader(text)
		if o = run(t, cmd); o.out != "" || o.err != "noxkey: it's ?[31m $(touch pwned) / ?x??\n" {
			t.Errorf("%q, %q", o.out, o.err)
		}
	})
}

func TestThreatA2SecondUseYieldsNothing(t *testing.T) {
	ways := map[string]string{
		"twice":      `. "$1" && ! . "$1"`,
		"hard link":  `d=${1%/*}; ln "$1" "${d%/*}/link"; . "$1"; unset CANARY; . "${d%/*}/link"`,
		"copy":       `d=${1%/*}; cp "$1" "${d%/*}/copy"; . "${d%/*}/copy"; unset CANARY; . "${d%/*}/copy"`,
		"descriptor": `d=${1%/*}; exec 7<"$1"; cp "$1" "${d%/*}/copy"; . "${d%/*}/copy"; unset CANARY; . /dev/fd/7`,
		"pipe link":  `d=${1%/*}; ln "$d/pipe" "${d%/*}/p"; sed "s:^\(.*_noxkey_p=\)[^ ]*:\1${d%/*}/p:" "$1" >"${d%/*}/copy"; . "$1"; unset CANARY; . "${d%/*}/copy"`,
	}
	eachShell(t, func(t *testing.T, sh shell) {
		for what, text := range ways {
			h := newHandoff(t)
			s := serve(t.Context(), h, vars(t, "CANARY", canary))
			o := run(t, sh.command(t, text+` && echo BAD; r=$?; echo "${CANARY-none}"; exit $r`, h.Script()))
			s.wait(t)
			if s.err != nil || len(s.redeemed) != 1 {
				t.Errorf("%s: the first use: %v, %v, %q", what, s.err, s.redeemed, o.err)
			}
			if what == "twice" { // the file is gone: the shell itself says so, and may end
				if strings.Contains(o.out, "BAD\n") == (o.code != 0) {
					t.Errorf("%s: %+v", what, o)
				}
				continue
			}
			failed(t, o)
			if !strings.Contains(o.err, "call noxkey_get again") || o.out != "none\n" {
				t.Errorf("%s: %q, %q", what, o.out, o.err)
			}
			gone(t, h)
		}
	})
}

// A script in the place of ours can do what any shell command of the agent's can: it
// sees what was approved, once, and nothing that was not.
func TestThreatA7SwappedScript(t *testing.T) {
	eachShell(t, func(t *testing.T, sh shell) {
		h := newHandoff(t)
		evil := "d=${1%/*}\n{ IFS= read -r l; IFS= read -r m; } <\"$d/pipe\"\necho \"$l\"; echo \"$m\"\n[ ! -e \"$d/pipe\" ]\n"
		if err := errors.Join(os.Remove(h.Script()), os.WriteFile(h.Script(), []byte(evil), 0o600)); err != nil {
			t.Fatal(err)
		}
		s := serve(t.Context(), h, vars(t, "APPROVED", "one"))
		o := run(t, sh.command(t, `. "$1"`, h.Script()))
		s.wait(t)
		if s.err != nil || len(s.redeemed) != 1 || o.out != ": 40       && _noxkey_set APPROVED 'one'\n\n" {
			t.Errorf("%v, %v, %+v", s.err, s.redeemed, o)
		}
		gone(t, h)
	})
}

// One that opened the pipe and left before it was seen has got nothing, and the
// shell that follows is served.
func TestAReaderThatCameAndWent(t *testing.T) {
	t.Parallel()
	need(t, "bash")
	h := newHandoff(t)
	s := serve(t.Context(), h, vars(t, "V", "x"))
	for range 20 {
		fd, err := os.OpenFile(h.pipePath(), os.O_RDWR, 0) // our own process: not counted
		if err != nil {
			t.Fatal(err)
		}
		fd.Close()
	}
	o := run(t, shells[0].command(t, `. "$1" && echo "$V"`, h.Script()))
	s.wait(t)
	if o.out != "x\n" || s.err != nil {
		t.Errorf("%v, %+v", s.err, o)
	}
}

func TestRedeemFails(t *testing.T) {
	eachShell(t, func(t *testing.T, sh shell) {
		h := newHandoff(t)
		done := make(chan error, 1)
		go func() {
			done <- h.Serve(t.Context(), func(_ context.Context, r Reader) ([]Var, error) {
				if r.ID.PID <= 0 || !strings.HasPrefix(r.String(), r.Name+" ") {
					t.Errorf("%+v", r)
				}
				return vars(t, "CANARY", canary), secret.Errorf(secret.Locked, "it's locked")
			})
		}()
		o := run(t, sh.command(t, `. "$1" && echo BAD; [ -z "${CANARY-}" ] && exit 4`, h.Script()))
		if err := <-done; secret.CodeOf(err) != secret.Locked || o.code != 4 || !strings.Contains(o.err, "it's locked") {
			t.Errorf("%v, %+v", err, o)
		}
		failed(t, o)
		gone(t, h)
	})
}
