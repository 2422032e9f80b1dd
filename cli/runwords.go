package cli

import (
	"errors"
	"fmt"
	"io/fs"

	"golang.org/x/sys/unix"

	"noxkey/secret"
)

// runError gives what was refused before the program started a hint that fits run, where that
// of the code would speak of names.
func runError(err error) error {
	e, ok := errors.AsType[*secret.Error](err)
	if !ok {
		return err
	}
	var hint string
	switch {
	case e.Code == secret.Conflict && len(e.Names) == 2:
		hint = fmt.Sprintf("give one another variable: noxkey run OTHER=%s -- COMMAND", e.Names[1])
	case e.Code == secret.Invalid:
		hint = "noxkey run --help shows how; a long command goes into a script: noxkey run NAME -- sh FILE"
	case e.Code == secret.HumanOnly:
		hint = "leave --no-redact out"
	default:
		return err
	}
	return &failure{e.Msg, hint, words[e.Code].exit}
}

// manifestError is what is wrong with .noxkey.toml, or that it has no such profile.
func manifestError(err error) error {
	if secret.CodeOf(err) == secret.NotFound {
		return &failure{err.Error(), "choose one of those, or leave --profile out", exitNotFound}
	}
	return failf("noxkey help init shows what is in one; noxkey init makes it", "%s", err)
}

// startError words why a program did not start, or was not heard to its end.
func startError(prog *programme, err error) error {
	name := show(prog.run.Argv[0])
	switch {
	case errors.Is(err, unix.ENOEXEC):
		return failf("give its interpreter, such as: noxkey run NAME -- sh FILE", "%s is no program that this system runs", name)
	case errors.Is(err, unix.EACCES):
		return failf("chmod +x makes a file executable", "%s may not be run", name)
	case errors.Is(err, unix.ENOENT): // it was there a moment ago
		return failf("look at its first line; give the interpreter yourself: noxkey run NAME -- sh FILE",
			"the interpreter that %s names is not there, or its line ends as on Windows", name)
	}
	if e, ok := errors.AsType[*fs.PathError](err); ok && e.Op == "write" {
		return failf("make room, or send the output elsewhere", "what the program prints cannot be passed on: %s", e.Err)
	}
	return err
}
