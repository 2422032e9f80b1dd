package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"noxkey/secret"
)

// The exit codes.
const (
	exitDone       = 0
	exitFailed     = 1
	exitUsage      = 2
	exitNotRunning = 3
	exitDenied     = 4
	exitTimedOut   = 5 // or locked
	exitNotFound   = 6
)

// word is what an error code becomes: an exit code, and the next command.
type word struct {
	exit int
	hint string
}

// words has a row for each secret.Code; a test holds it complete.
var words = map[secret.Code]word{
	secret.NotRunning:  {exitNotRunning, "start it with: noxkey app"},
	secret.Locked:      {exitTimedOut, "open NoxKey with your passphrase or Touch ID in its own window; noxkey status shows its state"},
	secret.Denied:      {exitDenied, "noxkey audit shows the decision; do not ask again unless the person says so"},
	secret.OffLimit:    {exitDenied, `agents never get this one; a person can, in a terminal of theirs: eval "$(noxkey get NAME)"`},
	secret.Resting:     {exitDenied, "two requests were denied within a minute; wait five minutes, or let the person end the rest in NoxKey"},
	secret.Paused:      {exitDenied, "the person paused agent requests; noxkey status shows when that has ended"},
	secret.TimedOut:    {exitTimedOut, "run the command again when somebody is there to answer the card"},
	secret.NotFound:    {exitNotFound, "noxkey ls shows the names there are"},
	secret.Exists:      {exitFailed, "add --replace to overwrite, or see what is there: noxkey peek NAME"},
	secret.Conflict:    {exitFailed, "ask for them one at a time, or give one another name: noxkey mv FROM TO"},
	secret.Invalid:     {exitFailed, "noxkey help names has the rules"},
	secret.Reserved:    {exitFailed, "choose another last part, such as APP_PATH for PATH: noxkey help names"},
	secret.HumanOnly:   {exitDenied, `only for people, at a terminal NoxKey knows; any other shell may: eval "$(noxkey get NAME)" (noxkey help agents, noxkey status)`},
	secret.Disagree:    {exitDenied, "noxkey status says who the app takes you to be, and why"},
	secret.Untrusted:   {exitFailed, "type no passphrase anywhere; end what listens there, then: noxkey app"},
	secret.Busy:        {exitFailed, "wait for the open cards to be answered; noxkey status counts them"},
	secret.TooShort:    {exitDenied, "a person can run it; one that is no secret they can mark so: noxkey edit NAME --type text"},
	secret.Damaged:     {exitFailed, "noxkey verify names what is damaged"},
	secret.Cancelled:   {exitDenied, "run the command again to be asked again"},
	secret.WrongKey:    {exitDenied, "run the command again to be asked again"},
	secret.NotRecorded: {exitFailed, "nothing is released unrecorded; make room on the disk, then: noxkey verify"},
	secret.Storage:     {exitFailed, "noxkey verify looks at the vault; df shows the room on the disk"},
	secret.Protocol:    {exitFailed, "client and app may be of different versions; compare: noxkey version, noxkey status"},
	secret.Internal:    {exitFailed, "noxkey status shows whether the app is well"},
}

// failure is an error of this program's own, with its exit code and hint.
type failure struct {
	msg, hint string
	exit      int
}

func (f *failure) Error() string { return f.msg }

var errInterrupted = &failure{"interrupted; whatever still waited for an answer is withdrawn", "run the command again to be asked again", exitFailed}

func usagef(format string, args ...any) error {
	return &failure{fmt.Sprintf(format, args...), "noxkey help lists the commands, noxkey COMMAND --help shows examples", exitUsage}
}

// usageHint is a usage error with a hint of its own.
func usageHint(hint, format string, args ...any) error {
	return &failure{fmt.Sprintf(format, args...), hint, exitUsage}
}

func failf(hint, format string, args ...any) error {
	return &failure{fmt.Sprintf(format, args...), hint, exitFailed}
}

// asUsage makes a name that breaks the rules, in the arguments, an error of usage.
func asUsage(err error) error {
	if err == nil {
		return nil
	}
	return usageHint(words[secret.Invalid].hint, "%s", err)
}

// flagError words a bad flag. pflag's own words repeat the value, which might be
// a secret in the wrong place.
func flagError(c *cobra.Command, err error) error {
	hint := c.CommandPath() + " --help shows the flags"
	if e, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		return usageHint(hint, "that is not a value for --%s", e.GetFlag().Name)
	}
	if _, ok := errors.AsType[*pflag.InvalidSyntaxError](err); ok {
		return usageHint(hint, "that is not a flag")
	}
	return usageHint(hint, "%s", err)
}

// explain turns err into its message, its hint and the exit code.
func explain(err error) (msg, hint string, exit int) {
	if f, ok := errors.AsType[*failure](err); ok {
		return f.msg, f.hint, f.exit
	}
	if _, ok := errors.AsType[*secret.Error](err); !ok {
		return err.Error(), words[secret.Internal].hint, exitFailed
	}
	w, ok := words[secret.CodeOf(err)]
	if !ok { // a code of a newer app
		w = word{exitFailed, words[secret.Protocol].hint}
	}
	if secret.CodeOf(err) == secret.NotRunning && strings.Contains(err.Error(), "sandbox") {
		w.hint = "ask with the MCP tool noxkey_get, whose server runs outside the sandbox: noxkey help agents"
	}
	return err.Error(), w.hint, w.exit
}

// report prints err, if there is one, and returns the exit code.
func (p *program) report(err error) int {
	if err == nil {
		return exitDone
	}
	if s, ok := errors.AsType[exitStatus](err); ok {
		return int(s)
	}
	if r, ok := errors.AsType[raise](err); ok {
		return p.raise(r)
	}
	msg, hint, exit := explain(err)
	fmt.Fprintf(p.err, "noxkey: %s\n", show(msg))
	if hint != "" {
		fmt.Fprintf(p.err, "hint: %s\n", show(hint))
	}
	return exit
}
