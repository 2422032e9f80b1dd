package ui

import (
	"fmt"
	"strings"

	"noxkey/broker"
	"noxkey/caller"
	"noxkey/secret"
)

// Reason is what a prompt for Touch ID or the passphrase says will happen when a
// is allowed as c: one clause, verb first, lower case, no full stop, names in full.
// Names are never cut, so a long name makes it longer than the 120 characters that
// fit a system sheet well.
func Reason(a *broker.Ask, c broker.Choice) string {
	if c == broker.Vouch && a.Vouch != nil { // vouching also gives what was asked for
		return "treat shells of " + process(a.Vouch) + " as you and " + Reason(a, broker.AllowOnce)
	}
	switch a.Op {
	case secret.OpGet, secret.OpRedeem:
		return getReason(a, c)
	case secret.OpPeek, secret.OpList:
		return "show the start of " + things(a) + " to " + whoName(a.Who)
	case secret.OpUnlock:
		return unlockReason(a)
	case secret.OpWrite:
		return writeReason(a)
	case secret.OpPlaces:
		return "change the list of projects: " + string(a.Prefix)
	case secret.OpPasswd:
		return "change the passphrase"
	case secret.OpRekey:
		return "seal all secrets with a new key"
	case secret.OpSettings:
		return settingReason(a)
	case secret.OpVerify, secret.OpAudit:
		return "check the vault and the audit"
	}
	return "do " + Visible(string(a.Op), 24) + " for " + whoName(a.Who)
}

func getReason(a *broker.Ask, c broker.Choice) string {
	to := whoName(a.Who)
	switch {
	case c == broker.AllowSession:
		return fmt.Sprintf("let %s read %s for %s", to, reach(a), Long(a.Session))
	case a.Delivery == secret.DeliverBackup:
		return "give " + things(a) + " to " + to + ", for a backup or to compare with one"
	case a.Delivery == secret.DeliverCopy:
		return "copy " + codeOf(a) + things(a) + " for " + to
	case a.Who.Class == caller.Human:
		return "give " + things(a) + " to " + to
	}
	if p := peer(a.Who); a.Who.Class == caller.Unknown && p != "" {
		to += ", " + p + ","
	}
	return "give " + things(a) + " to " + to + " once"
}

// codeOf says before the one secret of a that a code of it goes out.
func codeOf(a *broker.Ask) string {
	if len(a.Items) != 1 {
		return ""
	}
	it := a.Items[0]
	switch CopyWord(&secret.Entry{Metadata: secret.Metadata{FieldType: it.Type, Kind: it.Kind}}) {
	case copyCode:
		return "the current code of "
	case copyNext:
		return "the next code of "
	}
	return ""
}

func unlockReason(a *broker.Ask) string {
	if len(a.Items) == 0 && len(a.Covered) == 0 && a.Prefix == "" {
		return "unlock your secrets"
	}
	if a.Who.Class == caller.Human {
		return fmt.Sprintf("open %s to %s for %s", reach(a), whoName(a.Who), Long(a.Session))
	}
	return fmt.Sprintf("let %s read %s for %s", whoName(a.Who), reach(a), Long(a.Session))
}

func writeReason(a *broker.Ask) string {
	if len(a.Writes) != 1 {
		return batchReason(a)
	}
	w := a.Writes[0]
	switch w.Action {
	case secret.ActionRemove:
		return "delete " + string(w.Name)
	case secret.ActionMove:
		return fmt.Sprintf("move %s to %s", w.Name, w.To)
	case secret.ActionEdit:
		return editReason(w)
	}
	if w.Exists {
		return "replace " + string(w.Name)
	}
	return "store " + string(w.Name)
}

func editReason(w broker.Write) string {
	if w.Old.Level == w.New.Level {
		return "change " + string(w.Name)
	}
	verb := "raise"
	if w.New.Level.Rank() < w.Old.Level.Rank() {
		verb = "lower"
	}
	return fmt.Sprintf("%s %s from %s to %s", verb, w.Name, LevelWord(w.Old.Level), LevelWord(w.New.Level))
}

// batchReason counts what a batch does, so that nothing done hides behind the first verb.
func batchReason(a *broker.Ask) string {
	var store, replace, move, remove, edit int
	var list []secret.Name
	for _, w := range a.Writes {
		list = append(list, w.Name)
		switch {
		case w.Action == secret.ActionSet:
			store++
			if w.Exists {
				replace++
			}
		case w.Action == secret.ActionMove:
			move++
		case w.Action == secret.ActionRemove:
			remove++
		default:
			edit++
		}
	}
	var parts []string
	part := func(n int, verb string) {
		if n > 0 {
			parts = append(parts, verb+" "+Count(n, "secret"))
		}
	}
	part(store, "store")
	part(move, "move")
	part(remove, "delete")
	part(edit, "change")
	s := strings.Join(parts, ", ")
	if p := shared(list); p != "" {
		s += " under " + p
	}
	if replace > 0 {
		s += fmt.Sprintf(", replacing %d", replace)
	}
	return s
}

// things names the secrets of a: the one, or how many and below what.
func things(a *broker.Ask) string {
	list := names(a)
	if len(list) == 1 {
		return string(list[0])
	}
	p := shared(list)
	if p == "" {
		p = string(a.Prefix)
	}
	if p == "" {
		return Count(len(list), "secret")
	}
	return Count(len(list), "secret") + " of " + p
}

// reach names what a session over a would cover.
func reach(a *broker.Ask) string {
	if a.Prefix != "" {
		return string(a.Prefix)
	}
	if len(a.Covered) == 1 {
		return string(a.Covered[0])
	}
	return Count(len(a.Covered), "secret")
}

// shared returns the longest path of whole segments above all of list, "" if none.
func shared(list []secret.Name) string {
	if len(list) == 0 {
		return ""
	}
	path := list[0].Segments()
	path = path[:len(path)-1]
	for _, n := range list[1:] {
		seg := n.Segments()
		i := 0
		for i < len(path) && i < len(seg)-1 && path[i] == seg[i] {
			i++
		}
		path = path[:i]
	}
	return strings.Join(path, "/")
}

// process names a process: "tmux 4121". A multiplexer's "tmux: server" is tmux.
func process(p *caller.Process) string {
	name, _, _ := strings.Cut(p.Name(), ":")
	return Visible(name, 40) + " " + p.ID.String()
}

// peer names the program that connected, or the one that ran it when that is
// our own client.
func peer(c caller.Caller) string {
	for _, p := range c.Chain {
		if n := p.Name(); n != "noxkey" {
			return Visible(n, 40)
		}
	}
	return ""
}
