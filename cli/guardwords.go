package cli

import (
	"slices"
	"strings"
)

// shellWords splits a simple command at blanks outside quotes and takes quotes off. A quote
// that is not closed goes to the end.
func shellWords(s string) []string {
	var words []string
	var word strings.Builder
	var quote rune // the one that is open, or 0
	in := false
	flush := func() {
		if in {
			words = append(words, strings.Trim(word.String(), `\$`))
		}
		word.Reset()
		in = false
	}
	for _, c := range s {
		switch {
		case c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote, in = c, true
		case quote == 0 && (c == ' ' || c == '\t' || c == '\r'):
			flush()
		default:
			word.WriteRune(c)
			in = true
		}
	}
	flush()
	return words
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
