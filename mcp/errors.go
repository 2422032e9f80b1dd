package mcp

import (
	"context"
	"errors"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"

	"noxkey/secret"
)

// advice is what an agent is told about a kind of error. message stands in where
// the error itself has no words; next is what to do.
type advice struct{ message, next string }

// table has a row for every code. No row tells an agent to work around a refusal.
var table = map[secret.Code]advice{
	secret.NotRunning:  {"the NoxKey app is not running", "ask the person to start it with: noxkey app. Then call again."},
	secret.Locked:      {"the NoxKey app is locked", "ask the person to unlock NoxKey, then call again. Names are hidden while it is locked."},
	secret.Denied:      {"the person denied the request", "do not ask again on your own; tell the person what you needed it for and let them decide."},
	secret.OffLimit:    {"this secret is off limits to agents", "do not look for another way to read it; ask the person to do this step themselves."},
	secret.Resting:     {"requests rest after two denials", "do not call again before that is over; tell the person, who can end it in the app."},
	secret.Paused:      {"the person paused agents' requests", "go on without the secret, or ask the person to resume requests in the app."},
	secret.TimedOut:    {"nobody answered the card in time", "tell the person that a card will appear, then call once more."},
	secret.NotFound:    {"there is no such name", "call noxkey_show to see the names; do not guess. If it is missing, offer noxkey_set."},
	secret.Exists:      {"the name is taken", "if the person wants it overwritten, call again with replace: true; else choose another name."},
	secret.Conflict:    {"two names would be one variable, or the secret changed meanwhile", "ask for fewer names at once, or call again."},
	secret.Invalid:     {"an argument breaks the rules", "correct the argument and call again."},
	secret.Reserved:    {"a variable of this name changes how programs run", "choose another last part for the name."},
	secret.HumanOnly:   {"only the person may do this", "ask the person to do it with the noxkey command or in the app."},
	secret.Disagree:    {"the app and this server disagree about which program asks", "ask the person to restart the editor or agent, then call again."},
	secret.Untrusted:   {"what answers in the app's place cannot prove that it is the app", "stop, and tell the person: noxkey status says more."},
	secret.Busy:        {"too many requests are waiting", "wait for those to be answered, then call again; do not repeat a call that is waiting."},
	secret.TooShort:    {"the value is too short to be taken out of what a command prints", "ask the person to run the command themselves."},
	secret.Damaged:     {"the vault or one value in it is damaged", "tell the person to run: noxkey verify."},
	secret.Cancelled:   {"the request was cancelled", "ask the person before you call again."},
	secret.WrongKey:    {"the passphrase was wrong", "tell the person, then call again when they are ready."},
	secret.NotRecorded: {"the audit could not be written, so nothing was released", "tell the person to check the disk and run: noxkey audit."},
	secret.Storage:     {"the disk refused", "tell the person; a full or read-only disk is the usual cause."},
	secret.Protocol:    {"the app and this server do not speak the same protocol", "ask the person to update NoxKey and to restart the editor or agent."},
	secret.Internal:    {"noxkey failed inside", "call once more; if it fails again, tell the person."},
}

// fault is the data of an error result.
type fault struct {
	Code    secret.Code `json:"code"`
	Message string      `json:"message"`
	Next    string      `json:"next"`
	Names   []string    `json:"names,omitempty"` // what it is about
	Near    []string    `json:"near,omitempty"`  // names that look like it
}

// describe turns err into what the agent is told. Only the words of a
// *secret.Error are passed on, since those are known to hold no value; of any other
// error the kind alone is told.
func describe(err error, near []string) fault {
	f := fault{Code: codeOf(err), Near: near}
	a, ok := table[f.Code]
	if !ok { // a newer app
		f.Message, f.Next = "the app refused", "tell the person; updating NoxKey may help."
	} else {
		f.Message, f.Next = a.message, a.next
	}
	if e, ok := errors.AsType[*secret.Error](err); ok {
		if e.Msg != "" {
			f.Message = clip(visible(e.Msg), 500)
		}
		for _, n := range e.Names {
			f.Names = append(f.Names, string(n))
		}
	}
	return f
}

func codeOf(err error) secret.Code {
	if _, ok := errors.AsType[*secret.Error](err); ok {
		return secret.CodeOf(err)
	}
	switch {
	case errors.Is(err, context.Canceled):
		return secret.Cancelled
	case errors.Is(err, context.DeadlineExceeded):
		return secret.TimedOut
	}
	return secret.Internal
}

// failed is the result for err: what happened, and the next step.
func failed(err error, near []string) mcp.CallToolResult {
	f := describe(err, near)
	text := string(f.Code) + ": " + f.Message
	if len(f.Names) > 0 {
		text += " (" + strings.Join(f.Names, ", ") + ")"
	}
	if len(near) > 0 {
		text += "\nNames like it: " + strings.Join(near, ", ")
	}
	return toolResult(text+"\nNext: "+f.Next, map[string]any{"error": f}, true)
}
