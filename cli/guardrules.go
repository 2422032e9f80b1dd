package cli

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"noxkey/dotenv"
)

// These rules are for an agent that means well. They read a command as a shell would read
// an easy one; whoever wants to get past them can.

// Reasons, which say what to do instead.
const (
	whyEnvironment = "This would print the environment, where values stand after a load. Use the variable by its name in the command that needs it, or: noxkey run NAME -- COMMAND."
	whyHandoff     = "A handoff is for sourcing: source '<path>' && <command>, once. Reading it shows nothing and voids it."
	whyDotenv      = "This would show a .env file's values. noxkey_scan lists its keys; noxkey import stores them; noxkey run --env-file FILE -- COMMAND uses them."
)

// handoffPath matches a handoff's files wherever the folder is, see handoff.DefaultDir.
var handoffPath = regexp.MustCompile(`/noxkey-[0-9]+(-[A-Z2-7]+)?/[A-Z2-7]{16}/`)

// environPath matches another process's environment.
var environPath = regexp.MustCompile(`/proc/[^/\s]+/environ`)

// readers are programs that print what is in a file.
var readers = strings.Fields(`cat tac nl head tail less more most bat batcat view vi vim nvim nano ed grep egrep fgrep rg ag ack awk gawk mawk sed cut sort uniq
	paste column strings xxd od hexdump base64 base32 jq yq diff cmp comm dd cp mv rsync scp install python python3 node ruby perl php source . eval xargs`)

// refusedTool returns why a tool must not be used like this, "" if it may.
func refusedTool(tool string, input map[string]any) string {
	text := func(key string) string { s, _ := input[key].(string); return s }
	if command := text("command"); command != "" {
		return refusedCommand(command)
	}
	for _, key := range []string{"file_path", "path", "notebook_path", "glob"} {
		if why := refusedPath(text(key)); why != "" && reads(tool) {
			return why
		}
	}
	return ""
}

// reads reports whether a tool shows what is in files; those of an unknown name do.
func reads(tool string) bool {
	return !slices.Contains([]string{"Write", "Glob", "LS"}, tool)
}

func refusedPath(path string) string {
	base := filepath.Base(path)
	switch {
	case path == "":
		return ""
	case handoffPath.MatchString(path):
		return whyHandoff
	case environPath.MatchString(path):
		return whyEnvironment
	case dotenv.IsEnvName(base) && !dotenv.IsTemplate(base), strings.HasPrefix(base, ".") && matches(base, ".env"):
		return whyDotenv
	}
	return ""
}

// matches reports whether a pattern of file names is for name, too.
func matches(pattern, name string) bool {
	ok, err := filepath.Match(pattern, name)
	return err == nil && ok
}

func refusedCommand(command string) string {
	if environPath.MatchString(command) {
		return whyEnvironment
	}
	for _, words := range simpleCommands(command) {
		if why := refusedWords(words); why != "" {
			return why
		}
		for _, w := range words {
			if why := refusedCommand(inner(w)); why != "" {
				return why
			}
		}
	}
	return ""
}

// prefixes are words before a command that is run all the same.
var prefixWords = []string{"sudo", "command", "exec", "builtin", "time", "nohup", "then", "do", "else", "if", "while", "!"}

func refusedWords(words []string) string {
	for len(words) > 0 && (slices.Contains(prefixWords, words[0]) || assignment(words[0])) {
		words = words[1:]
	}
	if len(words) == 0 {
		return ""
	}
	name, args := filepath.Base(words[0]), words[1:]
	if lists(name, args) {
		return whyEnvironment
	}
	if name == "env" { // with a command behind it
		return refusedWords(commandOfEnv(args))
	}
	if s := script(name, args); s != "" {
		if why := refusedCommand(s); why != "" {
			return why
		}
		args = slices.DeleteFunc(slices.Clone(args), func(a string) bool { return a == s })
	}
	for i, a := range args {
		if handoffPath.MatchString(a) && !((name == "source" || name == ".") && i == 0) {
			return whyHandoff
		}
		if path := strings.TrimLeft(a, "<"); (path != a || i > 0 && args[i-1] == "<") && refusedPath(path) == whyDotenv {
			return whyDotenv
		}
	}
	if slices.Contains(readers, name) && slices.ContainsFunc(files(name, args), func(a string) bool { return refusedPath(a) == whyDotenv }) {
		return whyDotenv
	}
	if handoffPath.MatchString(words[0]) {
		return whyHandoff
	}
	return ""
}

func assignment(w string) bool {
	name, _, ok := strings.Cut(w, "=")
	return ok && name != "" && strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") == ""
}

// commandOfEnv is what env(1) would run, nil for nothing.
func commandOfEnv(args []string) []string {
	for i := 0; i < len(args); i++ {
		switch a := args[i]; {
		case a == "-u" || a == "-C" || a == "--unset" || a == "--chdir":
			i++
		case strings.HasPrefix(a, "-") || assignment(a):
		case strings.HasPrefix(a, ">") || strings.HasPrefix(a, "2>"):
			return nil
		default:
			return args[i:]
		}
	}
	return nil
}

// lists reports whether a command prints variables with their values.
func lists(name string, args []string) bool {
	flags := func(letters string) bool {
		return slices.ContainsFunc(args, func(a string) bool { return strings.HasPrefix(a, "-") && strings.ContainsAny(a, letters) })
	}
	plain := slices.DeleteFunc(slices.Clone(args), func(a string) bool { return strings.HasPrefix(a, "-") || strings.ContainsAny(a, "<>") })
	switch name {
	case "printenv":
		return true
	case "env":
		return commandOfEnv(args) == nil
	case "set":
		return len(args) == 0 || len(plain) == 0 && !flags("abcefhkmnptuvxBCEHPTo")
	case "export", "declare", "typeset", "local", "readonly":
		return flags("p") || len(plain) == 0
	case "compgen":
		return flags("veA")
	}
	return false
}
