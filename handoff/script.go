package handoff

import (
	"bytes"
	"path/filepath"
	"strings"
	"text/template"
)

// How the script opens the pipe. A FIFO that is opened for reading blocks until
// somebody has it open for writing, and for ever if that somebody died. So the
// shell opens it for both first, which never blocks, then for reading, which finds
// a writer (itself) and does not block either, and lets go of the first. From
// there on read ends at a line, or at end of file as soon as the process that
// serves is gone: it holds the write end from the start. That needs no pid, so it
// holds in pid namespaces too, and no mount option forbids it (a FIFO on a
// read-only mount may be opened for writing). Where a sandbox refuses the open for
// writing (Landlock, Seatbelt), the plain open is tried: it works, but if the
// server was killed before it, it waits until the next Sweep, which any New does.
//
// The server may see the first open, and take the name away, before the second. On
// Linux that one therefore goes by /proc/self/fd, which leads to the pipe itself;
// elsewhere (or without /proc) a shell that is held up for 20 ms between the two
// finds no name and says so: it fails, and does not hang.
//
// The words with a backslash are not looked up as aliases. Descriptors 8 and 9 are
// put back by the redirections of the groups. A variable is unset before it is set,
// so that an integer attribute of the same name does not make arithmetic of the
// value, and zsh's special ones, which keep theirs, are refused. LC_ALL=C is for bash, whose read
// takes the newline for the second byte of an incomplete character otherwise.
// "$*" joins words with the first character of IFS, a newline: see line.go. The
// temporary names begin with _noxkey_, which no variable of a payload may.
var scriptText = template.Must(template.New("").Parse(`# NoxKey handoff: source this file, do not read it. It holds no value and no key.
# It reads one line from the pipe beside it, once.{{if .Env}} Sets: {{.Env}}{{end}}
{ _noxkey_o=$-; \set +xv; } 2>/dev/null
_noxkey_set() {
  _noxkey_n=$1; \shift
  _noxkey_t=; if [ -n "${ZSH_VERSION-}" ]; then \eval '_noxkey_t=${(Pt)_noxkey_n}'; fi 2>/dev/null
  case $_noxkey_t in
  *special*) ;;
  *) if \command unset -v "$_noxkey_n" && \command export "$_noxkey_n=$*"; then \return 0; fi ;;
  esac
  \echo "noxkey: $_noxkey_n could not be set; is it read-only in this shell?" >&2
  \return 1
}
_noxkey_load() {
  if [ -n "${ZSH_VERSION-}" ]; then \emulate -L zsh; \setopt posix_builtins; fi 2>/dev/null
  _noxkey_c=${LC_ALL-} _noxkey_d=${LC_ALL+x} _noxkey_i=${IFS-} _noxkey_j=${IFS+x}
  _noxkey_p={{.Pipe}} _noxkey_f={{.Script}} _noxkey_l= _noxkey_s=1 _noxkey_q=1
  LC_ALL=C IFS='
'
  if [ -p "$_noxkey_p" ]; then
    if {
      { { {{.Reopen}}\command exec 8<"$_noxkey_p"; } 9<>"$_noxkey_p" || \command exec 8<"$_noxkey_p"; } 2>/dev/null &&
        IFS= \read -r _noxkey_l <&8
    } 8</dev/null; then _noxkey_q=0; fi
  fi
  if [ -e "$_noxkey_f" ] || [ -p "$_noxkey_p" ]; then
    \command rm -f "$_noxkey_f" "$_noxkey_p"
    \command rmdir {{.Dir}}
  fi 2>/dev/null
  if [ 0 = "$_noxkey_q" ]; then
    case $_noxkey_l in
    ": ${#_noxkey_l} "*) if \eval "$_noxkey_l"; then _noxkey_s=0; fi ;;
    *) \echo "noxkey: another process read from the pipe, too: call noxkey_get again, never source the same path twice" >&2 ;;
    esac
  else
    \echo "noxkey: this handoff is used up or its server is gone: call noxkey_get again, never source the same path twice" >&2
  fi
  if [ -n "$_noxkey_d" ]; then LC_ALL=$_noxkey_c; else \unset -v LC_ALL; fi 2>/dev/null
  if [ -n "$_noxkey_j" ]; then IFS=$_noxkey_i; else \unset -v IFS; fi
  [ 0 = "$_noxkey_s" ]
}
if _noxkey_load; then _noxkey_s=0; else _noxkey_s=1; fi
\unset -f _noxkey_load _noxkey_set
\unset -v _noxkey_l
_noxkey_r=:
case $_noxkey_o in *v*) _noxkey_r='\set -v' ;; esac
case $_noxkey_o in *x*) _noxkey_r="$_noxkey_r; \\set -x" ;; esac
\eval "\\unset -v _noxkey_n _noxkey_t _noxkey_c _noxkey_d _noxkey_i _noxkey_j _noxkey_p _noxkey_f _noxkey_q _noxkey_o _noxkey_r _noxkey_s
$_noxkey_r; [ 0 = $_noxkey_s ]"
`))

// script is the text of the script in dir.
func script(dir string, env []string) []byte {
	var b bytes.Buffer
	_ = scriptText.Execute(&b, map[string]string{ // strings into a buffer: cannot fail
		"Pipe":   quoted(filepath.Join(dir, pipeName)),
		"Script": quoted(filepath.Join(dir, scriptName)),
		"Dir":    quoted(dir),
		"Env":    strings.Join(env, " "),
		"Reopen": reopen,
	})
	return b.Bytes()
}
