package handoff

import (
	"strings"
	"testing"
)

func TestThreatA3TracingShowsNoValue(t *testing.T) {
	eachShell(t, func(t *testing.T, sh shell) {
		for _, flags := range []string{"-x", "-v", "-xv", "-xe", "-xu"} {
			o := mustLoad(t, sh, "set "+flags+"\n"+`. "$1"
: after "$#"
case $- in *x*) t=x ;; *) t= ;; esac
case $- in *v*) t=${t}v ;; esac
set +xv
echo "on: $t"
[ "${#CANARY}" -gt 5 ] || echo BAD`, vars(t, "CANARY", canary))
			clean(t, flags, o.err+o.out)
			want := strings.Trim(flags, "-eu")
			if o.out != "on: "+want+"\n" {
				t.Errorf("set %s: afterwards %q (%q)", flags, o.out, o.err)
			}
			if strings.Contains(flags, "x") && !strings.Contains(o.err, "after 1") {
				t.Errorf("set %s: tracing did not go on: %q", flags, o.err)
			}
		}
	})
}

// The tracing goes where BASH_XTRACEFD says.
func TestThreatA3BashXtraceFD(t *testing.T) {
	t.Parallel()
	need(t, "bash")
	o := mustLoad(t, shells[0], `exec 5>&1; BASH_XTRACEFD=5; set -x; . "$1"; set +x; echo "${#CANARY}"`, vars(t, "CANARY", canary))
	clean(t, "trace", o.out+o.err)
}

// odd is what a shell may be set to before it sources the script.
var odd = map[string]string{
	"errexit":     `set -e`,
	"nounset":     `set -u`,
	"all":         `set -euf; set -C; set -a`,
	"ifs":         `IFS=anox_/`,
	"no ifs":      `unset IFS`,
	"descriptors": `exec 8>&1 9>&1`,
	"integer":     `typeset -i V 2>/dev/null || :`,
	"upper":       `typeset -u V 2>/dev/null || :`,
	"exported":    `V=old; export V`,
	"stdin":       `exec <&-`,
	"aliases": `if [ -n "${BASH_VERSION-}" ]; then shopt -s expand_aliases; fi
for a in read eval export unset set rm rmdir command exec shift echo return emulate setopt printf; do alias $a='echo BAD'; done`,
	"pipefail": `(set -o pipefail) 2>/dev/null && set -o pipefail`,
	"posix":    `(set -o posix) 2>/dev/null && set -o posix || :`,
	"zsh": `if [ -n "${ZSH_VERSION-}" ]; then setopt KSH_ARRAYS SH_WORD_SPLIT NO_UNSET GLOB_SUBST RC_QUOTES ERR_RETURN WARN_CREATE_GLOBAL \
  NULL_GLOB EXTENDED_GLOB POSIX_BUILTINS BASH_REMATCH CSH_NULL_GLOB MAGIC_EQUAL_SUBST IGNORE_BRACES NO_GLOBAL_EXPORT; fi`,
	"zsh as sh":  `if [ -n "${ZSH_VERSION-}" ]; then emulate sh; fi`,
	"zsh as ksh": `if [ -n "${ZSH_VERSION-}" ]; then emulate ksh; fi`,
}

func TestOddShells(t *testing.T) {
	eachShell(t, func(t *testing.T, sh shell) {
		want := awkward()[0]
		for what, prelude := range odd {
			text := prelude + "\nopts=$-\n" + `. "$1"` + "\nr=$?\n" +
				`[ "$opts" = "$-" ] || \echo "BAD $opts became $-" >&2` + "\n" +
				`if ( : >&9 ) 2>/dev/null; then \echo nine >&9; \echo eight >&8; fi` + "\n" +
				dump + "\n\\exit $r"
			o := mustLoad(t, sh, text, vars(t, "V", want))
			if got, _ := o.variable("V"); got != want && !strings.HasPrefix(o.out, "nine\neight\nV="+want) && !strings.Contains(o.out, "\x00V="+want+"\x00") {
				t.Errorf("%s: %q became %q", what, want, got)
			}
			if strings.Contains(o.out+o.err, "BAD") || strings.Contains(o.out, "nine") != (what == "descriptors") {
				t.Errorf("%s: %q, %q", what, o.err, o.out)
			}
		}
	})
}

// No function, variable or descriptor of the script's stays behind.
func TestNothingStaysBehind(t *testing.T) {
	eachShell(t, func(t *testing.T, sh shell) {
		o := mustLoad(t, sh, `. "$1"; set | grep -a -c ^_nox; command -v _noxkey_load _noxkey_set; ls -l /proc/$$/fd | grep -c pipe$; :`, vars(t, "V", "x"))
		if o.out != "0\n0\n" {
			t.Errorf("%q", o.out)
		}
	})
}

// A shell that cannot take a variable stops, and says which one.
func TestReadOnlyVariable(t *testing.T) {
	eachShell(t, func(t *testing.T, sh shell) {
		h := newHandoff(t)
		s := serve(t.Context(), h, vars(t, "CANARY", canary))
		o := run(t, sh.command(t, `CANARY=mine; readonly CANARY; . "$1" && echo BAD; [ "$CANARY" = mine ] && exit 5`, h.Script()))
		s.wait(t)
		failed(t, o)
		clean(t, "stderr", o.err)
		if s.err != nil || o.code != 5 || !strings.Contains(o.err, "CANARY could not be set") {
			t.Errorf("%v, %+v", s.err, o)
		}
	})
}

// An assignment to one of zsh's integers would be arithmetic, which runs commands.
func TestThreatA4ZshSpecialParameter(t *testing.T) {
	t.Parallel()
	need(t, "zsh")
	sh := shells[2]
	o := run(t, sh.command(t, string(script("/nonexistent", nil))+"\n:", ""))
	if o.code != 0 || !strings.Contains(o.err, "call noxkey_get again") {
		t.Fatalf("%+v", o)
	}
	text := strings.Split(string(script("/nonexistent", nil)), "_noxkey_load() {")[0]
	o = run(t, sh.command(t, text+`setopt posix_builtins
_noxkey_set COLUMNS '3*7' && echo BAD; _noxkey_set FRESH '3*7' && echo "$FRESH"`, ""))
	if o.out != "3*7\n" || !strings.Contains(o.err, "COLUMNS could not be set") {
		t.Errorf("%+v", o)
	}
}
