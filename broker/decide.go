package broker

import (
	"noxkey/caller"
	"noxkey/secret"
)

// act is what a request would do, as far as the rules tell requests apart.
type act int

const (
	actNone    act = iota // unknown: refused
	actLook               // names, types, levels: everybody
	actPeek               // the start of a value: everybody, but agents not of off limits
	actUse                // a value goes into one command, not to whoever asked
	actTake               // a value goes to whoever asked
	actUnlock             // a session
	actWrite              // new, replaced, moved, removed, edited
	actEdit               // a description, a date: nothing bound to a value
	actLoosen             // a level lowered, a type changed: more may be seen than before
	actLock               // less than before: everybody
	actGovern             // audit, verify, sessions, pause, places, the passphrase
	actCharter            // an empty organisation or project
	actBackup             // every value at once goes to whoever asked
	actAdjust             // a setting
)

// road is how a request goes on.
type road int

const (
	refused road = iota // the zero value
	silent              // no prompt
	prompt              // the person authenticates; there is nothing to choose
	card                // the person chooses on a card
)

// question is all that a decision depends on.
type question struct {
	class   caller.Class
	act     act
	level   secret.Level // the strictest of the secrets; "" where none is involved
	session bool         // an open session of this caller covers all of them
	// keysGrant: a card alone is proof enough for easy secrets (macOS).
	keysGrant bool
}

// decision is the answer. auth says that the person must prove who they are; err
// is set when the road is refused.
type decision struct {
	road road
	auth bool
	err  error
}

// decide is the whole policy: who may do what, and what it takes. It looks at
// nothing but its argument. Class Agent and Unknown follow the same rules; what a
// card says of them differs.
func decide(q question) decision {
	if q.class == caller.Human {
		return decideHuman(q)
	}
	switch q.act {
	case actLook, actLock:
		return decision{road: silent}
	case actPeek:
		if q.level.Rank() >= secret.OffLimits.Rank() {
			return refusal(secret.OffLimit, "it is off limits to agents")
		}
		return decision{road: silent}
	case actUse, actUnlock:
		return decideAgentRead(q)
	case actWrite, actEdit, actCharter:
		return decision{road: card, auth: true}
	case actTake, actBackup:
		return refusal(secret.HumanOnly, "a value is handed out like this only to a person at a known terminal")
	}
	return refusal(secret.HumanOnly, "only a person at a known terminal may do this")
}

func decideAgentRead(q question) decision {
	switch {
	case q.act == actUnlock && q.class == caller.Unknown:
		return refusal(secret.HumanOnly, "a session needs a known agent or a person to hang on")
	case q.level.Rank() >= secret.OffLimits.Rank():
		return refusal(secret.OffLimit, "it is off limits to agents")
	case q.act == actUse && q.session && q.level.Rank() <= secret.Normal.Rank():
		return decision{road: silent}
	case q.act == actUse && q.level == secret.Easy:
		return decision{road: card, auth: !q.keysGrant}
	}
	return decision{road: card, auth: true}
}

func decideHuman(q question) decision {
	switch q.act {
	case actLook, actPeek, actLock, actGovern, actEdit, actCharter:
		return decision{road: silent}
	case actUse, actTake:
		if q.level == secret.Easy || q.session && q.level == secret.Normal {
			return decision{road: silent}
		}
		return decision{road: prompt, auth: true}
	case actUnlock, actWrite, actLoosen, actBackup, actAdjust: // a backup is proven, however easy its secrets are
		return decision{road: prompt, auth: true}
	}
	return refusal(secret.Protocol, "unknown operation")
}

func refusal(c secret.Code, msg string) decision {
	return decision{err: &secret.Error{Code: c, Msg: msg}}
}

// actOf maps a request onto an act; writes are mapped by their lines.
func actOf(req *secret.Request) act {
	switch req.Op {
	case secret.OpList, secret.OpStatus, secret.OpGuard:
		return actLook
	case secret.OpPeek:
		return actPeek
	case secret.OpGet:
		return actOfDelivery(req.Delivery)
	case secret.OpUnlock:
		return actUnlock
	case secret.OpLock:
		return actLock
	case secret.OpSettings:
		if req.Setting != "" {
			return actAdjust
		}
		return actGovern
	case secret.OpSessions, secret.OpEnd, secret.OpAudit, secret.OpVerify, secret.OpPause, secret.OpRest, secret.OpPasswd, secret.OpRekey:
		return actGovern
	}
	return actNone
}

func actOfDelivery(d secret.Delivery) act {
	switch d {
	case secret.DeliverShell, secret.DeliverRun:
		return actUse
	case secret.DeliverEval, secret.DeliverRaw, secret.DeliverCopy, secret.DeliverLoad, secret.DeliverExport:
		return actTake
	case secret.DeliverBackup:
		return actBackup
	}
	return actNone
}

// actOfWrite maps the lines of a write onto one act, the one that takes the most.
func actOfWrite(lines []Write) act {
	a := actEdit
	for _, w := range lines {
		switch {
		case w.Action == secret.ActionEdit && loosens(w):
			return actLoosen
		case w.Action != secret.ActionEdit || w.Old.Level != w.New.Level || w.Old.Kind != w.New.Kind:
			a = actWrite
		}
		if w.Exists && loosens(w) {
			return actLoosen
		}
	}
	return a
}

// loosens reports a lowered level or a changed type of a secret that exists, or that a
// list of recovery codes, of which one goes out at a time, becomes something else.
func loosens(w Write) bool {
	return w.New.Level.Rank() < w.Old.Level.Rank() || w.New.FieldType != w.Old.FieldType ||
		w.Old.Kind == secret.KindRecoveryCodes && w.New.Kind != w.Old.Kind
}
