package cli

import (
	"fmt"
	"slices"
	"strings"
)

// loading are variables that put other code into a program than its file holds, beside
// those of the dynamic linker and the functions that bash imports.
var loading = strings.Fields(`BASH_ENV ENV GLIBC_TUNABLES GCONV_PATH NODE_OPTIONS PYTHONPATH PYTHONHOME PYTHONSTARTUP
	PERL5OPT PERL5LIB PERL5DB RUBYOPT RUBYLIB JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS DOTNET_STARTUP_HOOKS`)

// plainEnviron is env without what the card would have to show: an agent's environment is
// its own. With env(1) in front of the command it is on the card. PATH, HOME and what they
// lead to stay: programs that the command itself looks for are its own doing.
func (p *program) plainEnviron(env []string) []string {
	var left []string
	linker := []string{"LD_", "DYLD_", "BASH_FUNC_"}
	env = slices.DeleteFunc(slices.Clone(env), func(v string) bool {
		name, value, _ := strings.Cut(v, "=")
		drop := slices.Contains(loading, name) || slices.ContainsFunc(linker, func(p string) bool { return strings.HasPrefix(name, p) })
		if drop && value != "" { // empty it does nothing, and nobody misses it
			left = append(left, name)
		}
		return drop
	})
	if len(left) > 0 {
		slices.Sort(left)
		fmt.Fprintf(p.err, "noxkey: left out, since they change the program and are not on the card: %s (to use one: -- env NAME=VALUE COMMAND)\n", show(strings.Join(left, ", ")))
	}
	return env
}
