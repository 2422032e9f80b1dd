package handoff

import (
	"bytes"
	"fmt"
	"strings"

	"noxkey/secret"
)

// MaxBatch is the most that one handoff carries, in bytes of values (512 KiB).
const MaxBatch = 512 << 10

// The line that goes through the pipe is, for each variable,
//
//	_noxkey_set NAME 'first line' 'second line'
//
// joined by &&, behind a header that says how long the whole line is: of two
// processes that read one pipe each gets some bytes, and what is left of a line
// must not be evaluated. Within single quotes a POSIX shell takes every byte as it is but
// the quote itself, which is written '\''. A newline in a value parts two words
// (the script joins them again), because one line must stay one: a shell takes
// seconds to read thousands. No byte is more than four in the line. (A newline as
// "$nl" between quotes would do as well, but zsh takes over 30 s for 64 KiB of it.)

// payload is that line for vars. The caller wipes it.
func payload(vars []Var) ([]byte, error) {
	total, room := 0, headerLen-len(" && ")
	for _, v := range vars {
		if err := settable(v.Env); err != nil {
			return nil, err
		}
		_ = v.Value.Use(func(b []byte) error {
			total += len(b)
			room += len(" && "+setter) + len(v.Env) + 1 + words(b)
			return nil
		})
	}
	if len(vars) == 0 || total > MaxBatch {
		return nil, secret.Errorf(secret.Invalid, "%d values of %d bytes do not fit one handoff of at most %d", len(vars), total, MaxBatch)
	}
	line := append(make([]byte, 0, room+1), header(room)...) // exact: growing would leave copies behind
	for i, v := range vars {
		if i > 0 {
			line = append(line, " && "...)
		}
		line = append(append(append(line, setter...), v.Env...), ' ')
		_ = v.Value.Use(func(b []byte) error { line = appendWords(line, b); return nil })
	}
	return append(line, '\n'), nil
}

const headerLen = len(": 12345678 && ")

// header begins a line of n bytes, itself included and the newline not.
func header(n int) string { return fmt.Sprintf(": %-8d && ", n) }

// settable refuses variables that a shell could not take as they are.
func settable(env string) error {
	switch {
	case !secret.ValidEnv(env):
		return secret.Errorf(secret.Invalid, "%q is not the name of a variable", env)
	case secret.ReservedEnv(env), strings.HasPrefix(env, "_noxkey_"):
		return secret.Errorf(secret.Reserved, "%s belongs to the shell and cannot carry a value", env)
	}
	return nil
}

const setter = "_noxkey_set "

// words is the length of what appendWords adds.
func words(b []byte) int {
	return len(b) + 2 + 3*bytes.Count(b, []byte{'\''}) + 2*bytes.Count(b, []byte{'\n'})
}

func appendWords(dst, b []byte) []byte {
	dst = append(dst, '\'')
	for _, c := range b {
		switch c {
		case '\'':
			dst = append(dst, `'\''`...)
		case '\n':
			dst = append(dst, `' '`...)
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '\'')
}

// quoted is s as one word of a shell.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// ExportLine returns "export NAME='...'" and a newline, which eval takes in every
// POSIX shell; newlines in the value stay newlines, within the quotes. env must be
// a valid name. The caller wipes the result. (In bash with a multibyte locale the
// line must come through $(...) and eval, not through read.)
func ExportLine(env string, v secret.Value) []byte {
	var line []byte
	_ = v.Use(func(b []byte) error {
		line = make([]byte, 0, len("export =''\n")+len(env)+len(b)+3*bytes.Count(b, []byte{'\''}))
		line = append(append(append(line, "export "...), env...), "='"...)
		for _, c := range b {
			if c == '\'' {
				line = append(line, `'\''`...)
			} else {
				line = append(line, c)
			}
		}
		line = append(line, "'\n"...)
		return nil
	})
	return line
}

// sourceIt is what a reader gets that is not a shell of the asker's.
const sourceIt = "this pipe answers only a shell that sources the file beside it (source PATH && command), never a program that reads it. It is used up now: call noxkey_get again"

// refusal is a line that shows its words to whoever prints it and fails in a shell
// that evaluates it. Only printable ASCII passes.
func refusal(text string) []byte {
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, text)
	body := `\echo ` + quoted("noxkey: "+strings.ReplaceAll(text, `\`, "/")) + ` >&2; \false`
	return []byte(header(headerLen+len(body)) + body + "\n")
}
