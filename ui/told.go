package ui

import (
	"regexp"
	"strings"

	"noxkey/broker"
	"noxkey/caller"
	"noxkey/secret"
)

// handedOut is the outcome of a recovery code that went out.
const handedOut = "handed out"

// tell words what a record says beyond its names: the command of a run, a backup, where a
// stored value was found, which recovery code went out. It reports false for a record that is
// not worth a line of its own.
func (r *Recent) tell(rec secret.Record) bool {
	code := handed.FindStringSubmatch(rec.Detail)
	switch {
	case rec.Op == secret.OpGet && strings.HasPrefix(rec.Detail, secret.RanPrefix):
		r.ran(command(rec.Detail))
	case rec.Op == secret.OpGet && strings.HasPrefix(rec.Detail, secret.BackupPrefix):
		r.What = rec.Detail
		if rec.Prefix != "" {
			r.What = string(rec.Prefix) + ", " + r.What
		}
	case rec.Op == secret.OpWrite && len(rec.Names) > 1:
		r.What = what(rec.Names, secret.Prefix(shared(rec.Names)))
	case rec.Op == secret.OpWrite && len(rec.Names) == 1 && r.Allowed():
		action, _, _ := strings.Cut(rec.Detail, " ")
		r.What = deeds[secret.Action(action)] + r.What
	case rec.Op == secret.OpSettings && rec.Detail != "":
		change, _, _ := strings.Cut(rec.Detail, ";")
		r.What = Visible(change, reasonMax)
	case rec.Class == caller.Human.String() && rec.Who == "NoxKey" && rec.Outcome == secret.OutDone:
		return false // a key in our own front, or its look at a file that is brought in
	case rec.Op == secret.OpGuard && rec.Outcome == secret.OutDone:
		r.Outcome, r.Told = "found in text", r.What+", found in a text of "+r.Who
		if rec.Class == caller.Agent.String() {
			r.Outcome, r.Told = "found in output", r.What+", found in what "+r.Who+" printed"
		}
	case code != nil && r.Allowed():
		r.What += ", code " + code[1] + " of " + code[2]
		r.Outcome, r.Told = handedOut, r.What+" "+handedOut
	default:
		return rec.Outcome != secret.Released // follows from a decision that is listed already
	}
	return true
}

// deeds are what was done to a secret by a write that did not store it, by the first word
// of the record's Detail.
var deeds = map[secret.Action]string{secret.ActionRemove: "deleted ", secret.ActionMove: "moved ", secret.ActionEdit: "changed "}

// handed finds what the broker notes of a recovery code.
var handed = regexp.MustCompile(`: recovery code (\d+) of (\d+) handed out`)

// ran puts a command before what it was for: "ran make test with acme/api/KEY".
func (r *Recent) ran(command string) {
	what := r.What
	r.What = Visible(command, reasonMax)
	if r.Allowed() {
		r.What = "ran " + r.What
	}
	if what != "" {
		r.What += " with " + what
	}
}

// command is that of the Detail of a run's record: what stands before the first semicolon
// outside quotes.
func command(detail string) string {
	s := strings.TrimPrefix(detail, secret.RanPrefix)
	quoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\'':
			quoted = !quoted
		case s[i] == '\\' && !quoted:
			i++
		case s[i] == ';' && !quoted:
			return s[:i]
		}
	}
	return s
}

// commandOf is the command of a's run, as a record has it; "" without one.
func commandOf(a *broker.Ask) string {
	if a.Run == nil {
		return ""
	}
	return secret.ShellWords(a.Run.Argv, secret.RanMost)
}
