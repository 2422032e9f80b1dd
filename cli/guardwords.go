package cli

import (
	"slices"
	"strings"
)

// simpleCommands splits a command line into simple commands, and these into words, at what
// stands outside quotes, and takes the quotes off. A quote that is not closed is none: it
// is an apostrophe.
func simpleCommands(line string) (list [][]string) {
	var words []string
	var word strings.Builder
	in := false
	endWord := func() {
		if in {
			words = append(words, word.String())
		}
		word.Reset()
		in = false
	}
	endCommand := func() {
		if endWord(); len(words) > 0 {
			list = append(list, words)
		}
		words = nil
	}
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '\\' && i+1 < len(line):
			if i++; line[i] != '\n' {
				word.WriteByte(line[i])
				in = true
			}
		case c == '$' && i+1 < len(line) && (line[i+1] == '\'' || line[i+1] == '"'): // $'...'
		case c == '"' || c == '\'':
			n := closing(line[i+1:], c)
			if n >= 0 {
				word.WriteString(line[i+1 : i+1+n])
				i += n + 1
			}
			in = true
		case strings.IndexByte(" \t\r", c) >= 0:
			endWord()
		case strings.IndexByte(";|&\n(){}`", c) >= 0: // which end a simple command, or begin another within it
			endCommand()
		default:
			word.WriteByte(c)
			in = true
		}
	}
	endCommand()
	return list
}

// closing is where a quote ends, -1 if it does not.
func closing(s string, quote byte) int {
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && quote == '"':
			i++
		case s[i] == quote:
			return i
		}
	}
	return -1
}

// inner is the command that a quoted word holds, and what follows it; "" if there is none.
func inner(word string) string {
	for _, mark := range []string{"$(", "`"} {
		if _, command, ok := strings.Cut(word, mark); ok {
			return command
		}
	}
	return ""
}

// Programs whose first operand is a pattern or a program of their own language, and those
// whose last is where they write.
var (
	patterned = strings.Fields("grep egrep fgrep rg ag ack sed awk gawk mawk jq yq")
	copiers   = strings.Fields("cp mv install rsync scp")
	shells    = strings.Fields("sh bash dash zsh ksh")
)

// files returns the arguments that may be files which the program reads.
func files(name string, args []string) []string {
	switch {
	case slices.Contains(patterned, name):
		return withoutPattern(args)
	case slices.Contains(copiers, name):
		if slices.ContainsFunc(args, func(a string) bool { return strings.HasPrefix(a, "-t") || strings.HasPrefix(a, "--target") }) {
			return args
		}
		return args[:max(0, len(args)-1)]
	}
	return args
}

// withoutPattern takes the pattern out: what follows -e, or else the first operand.
func withoutPattern(args []string) []string {
	given := slices.ContainsFunc(args, func(a string) bool { return strings.HasPrefix(a, "--regexp=") || strings.HasPrefix(a, "--expression=") })
	var rest []string
	for i, a := range args {
		switch {
		case i > 0 && (args[i-1] == "-e" || args[i-1] == "--regexp" || args[i-1] == "--expression"):
			given = true
		case strings.HasPrefix(a, "-"), strings.HasPrefix(a, "<"):
			rest = append(rest, a)
		case !given && !slices.Contains(args[i:], "-e"):
			given = true
		default:
			rest = append(rest, a)
		}
	}
	return rest
}

// script is the command of a shell's -c, "" if there is none.
func script(name string, args []string) string {
	if !slices.Contains(shells, name) {
		return ""
	}
	for i, a := range args {
		switch {
		case !strings.HasPrefix(a, "-"):
			return "" // a file, whose arguments the rest are
		case !strings.HasPrefix(a, "--") && strings.Contains(a, "c") && i+1 < len(args):
			return args[i+1]
		}
	}
	return ""
}
