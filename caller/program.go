package caller

import (
	"path/filepath"
	"slices"
	"strings"
)

// exeBase is the basename of the executable; the kernel's " (deleted)" after an upgrade is cut.
func exeBase(p Process) string {
	if p.Exe == "" {
		return ""
	}
	return strings.TrimSuffix(filepath.Base(p.Exe), " (deleted)")
}

var (
	posixShells  = []string{"bash", "rbash", "zsh", "rzsh", "dash", "ash", "sh", "ksh", "ksh93", "mksh", "lksh", "oksh", "pdksh"}
	otherShells  = []string{"fish", "csh", "tcsh", "bsd-csh", "nu", "elvish"}
	multiplexers = []string{"tmux", "tmate", "screen", "SCREEN", "zellij", "dtach", "abduco", "shpool", "mosh-server", "wezterm-mux-server", "etterminal", "byobu"}
	// Not all there are: an editor, a debugger or make can be made to run anything, too. Who stands
	// below one of those in the person's own terminal is the person, and the prompt names it.
	interpreters = []string{"node", "nodejs", "bun", "deno", "perl", "ruby", "php", "lua", "luajit", "tclsh", "wish", "expect", "java", "electron",
		"awk", "gawk", "mawk", "original-awk", "guile", "racket", "sbcl", "gjs", "gjs-console", "julia", "R", "Rscript", "mono", "mono-sgen", "dotnet", "pwsh", "beam.smp", "erl", "wasmtime"}
)

// Shell reports whether the process is a shell that can source a POSIX script: bash, zsh, dash,
// ksh, sh, or busybox run as one. It goes by the executable, which must be root's and nobody
// else's to write: a copy of anything under a shell's name is not one. (busybox chooses what it is
// by argv[0], so there argv[0] is looked at.) A shell that its user installed is not one either.
func Shell(p Process) bool { return p.ExeID.fixed() && posixShell(p) }

// posixShell is Shell by name only.
func posixShell(p Process) bool {
	base := exeBase(p)
	if base != "busybox" {
		return slices.Contains(posixShells, base) || versioned(base, "ksh") || versioned(base, "zsh-")
	}
	applets := p.Argv
	if len(applets) > 1 && filepath.Base(applets[0]) == "busybox" {
		applets = applets[1:]
	}
	if len(applets) == 0 {
		return false
	}
	applet := strings.TrimPrefix(filepath.Base(applets[0]), "-")
	return applet == "sh" || applet == "ash" || applet == "hush"
}

// anyShell also knows shells that cannot source a POSIX script, but are a person's all the same.
func anyShell(p Process) bool {
	return Shell(p) || p.ExeID.fixed() && slices.Contains(otherShells, exeBase(p))
}

// multiplexer goes by names that can be forged: being taken for one takes rights away, and
// whether a person has vouched is asked for the process, not for the name.
func multiplexer(p Process) bool {
	comm, _, _ := strings.Cut(p.Comm, ":") // "tmux: server"
	base := exeBase(p)
	// iTerm2 restores sessions below iTermServer-3.5.1 and the like (public sources; not
	// seen on a Mac here).
	return slices.Contains(multiplexers, comm) || slices.Contains(multiplexers, base) || strings.HasPrefix(base, "iTermServer-")
}

// interpreter reports whether the program is one that runs whatever its script says, or,
// for the dynamic loader, qemu-user and valgrind's tools, whatever program it is given.
//
// Such a process is never proven, not even by a script of root's: its arguments, its
// environment and its user's start-up files (a .pth file of Python's) decide as well what it
// runs, and some scripts of root's run what they are given in the same process.
func interpreter(p Process) bool {
	base := exeBase(p)
	for _, stem := range []string{"ld-linux", "ld-musl", "ld64.so", "ld.so", "ld-2.", "qemu-"} {
		if strings.HasPrefix(base, stem) {
			return true
		}
	}
	return strings.Contains(p.Exe, "/valgrind/") || slices.Contains(interpreters, base) || versioned(base, "python") || versioned(base, "pypy") ||
		versioned(base, "ruby") || versioned(base, "perl") || versioned(base, "lua") ||
		versioned(base, "php") || versioned(base, "tclsh")
}

// versioned: "python3.11" is a "python".
func versioned(base, stem string) bool {
	rest, ok := strings.CutPrefix(base, stem)
	return ok && strings.Trim(rest, "0123456789.-") == ""
}

// scriptArg finds the script among an interpreter's or a shell's arguments, "" if there is none
// (code in an argument, standard input). Options come before it; one that takes a value of its own
// ("-r module") hides it only where it is listed here.
func scriptArg(p Process) string {
	valued := []string{"-r", "--require", "--import", "--loader", "--experimental-loader", "-C", "--conditions", "-W", "-X", "-O", "-o", "+O", "--rcfile", "--init-file", "-I"}
	code := []string{"-c", "-e", "-m", "-p", "-pe", "--eval", "--print", "-E", "-s", "-"}
	for i := 1; i < len(p.Argv); i++ {
		arg := p.Argv[i]
		switch {
		case slices.Contains(valued, arg):
			i++
		case slices.Contains(code, arg), posixShell(p) && strings.HasPrefix(arg, "-") && !strings.HasPrefix(arg, "--") && strings.Contains(arg, "c"):
			return ""
		case arg == "--":
			if i+1 < len(p.Argv) {
				return p.Argv[i+1]
			}
			return ""
		case strings.HasPrefix(arg, "-"), arg == "":
		default:
			return arg
		}
	}
	return ""
}
