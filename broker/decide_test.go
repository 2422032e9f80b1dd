package broker

import (
	"testing"

	"noxkey/caller"
	"noxkey/secret"
)

// TestPolicy is the whole of who may do what: class x act x level x session.
func TestPolicy(t *testing.T) {
	const (
		no   = "refused"
		free = "silent"
		auth = "prompt+auth"
		c    = "card"
		ca   = "card+auth"
	)
	levels := append([]secret.Level{""}, secret.Levels...)
	levels = append(levels, "made-up")
	// columns: no level, easy, normal, strict, off limits, a level nobody knows
	type row struct {
		class   caller.Class
		act     act
		session bool
		keys    bool
		want    [6]string
	}
	same := func(s string) [6]string { return [6]string{s, s, s, s, s, s} }
	rows := []row{
		{caller.Human, actLook, false, false, same(free)},
		{caller.Human, actPeek, false, false, same(free)},
		{caller.Human, actUse, false, false, [6]string{auth, free, auth, auth, auth, auth}},
		{caller.Human, actUse, true, false, [6]string{auth, free, free, auth, auth, auth}},
		{caller.Human, actTake, false, false, [6]string{auth, free, auth, auth, auth, auth}},
		{caller.Human, actTake, true, false, [6]string{auth, free, free, auth, auth, auth}},
		{caller.Human, actBackup, false, true, same(auth)},
		{caller.Human, actBackup, true, true, same(auth)},
		{caller.Human, actUnlock, false, false, same(auth)},
		{caller.Human, actWrite, true, true, same(auth)},
		{caller.Human, actLoosen, true, true, same(auth)},
		{caller.Human, actEdit, false, false, same(free)},
		{caller.Human, actLock, false, false, same(free)},
		{caller.Human, actGovern, false, false, same(free)},
		{caller.Human, actAdjust, true, true, same(auth)},
		{caller.Human, actNone, true, true, same(no)},
	}
	for _, class := range []caller.Class{caller.Agent, caller.Unknown} {
		unlock := [6]string{no, ca, ca, ca, no, no}
		if class == caller.Unknown {
			unlock = same(no)
		}
		rows = append(rows,
			row{class, actLook, false, false, same(free)},
			row{class, actPeek, false, false, [6]string{no, free, free, free, no, no}},
			row{class, actUse, false, false, [6]string{no, ca, ca, ca, no, no}},
			row{class, actUse, false, true, [6]string{no, c, ca, ca, no, no}},
			row{class, actUse, true, false, [6]string{no, free, free, ca, no, no}},
			row{class, actTake, true, true, same(no)},
			row{class, actBackup, true, true, same(no)},
			row{class, actUnlock, false, true, unlock},
			row{class, actWrite, true, true, same(ca)},
			row{class, actEdit, true, true, same(ca)},
			row{class, actLoosen, true, true, same(no)},
			row{class, actGovern, true, true, same(no)},
			row{class, actAdjust, true, true, same(no)},
			row{class, actLock, false, false, same(free)},
			row{class, actNone, true, true, same(no)},
		)
	}
	for _, r := range rows {
		for i, l := range levels {
			d := decide(question{class: r.class, act: r.act, level: l, session: r.session, keysGrant: r.keys})
			if got := show(d); got != r.want[i] {
				t.Errorf("class %v act %d level %q session %v keys %v: %s, want %s", r.class, r.act, l, r.session, r.keys, got, r.want[i])
			}
		}
	}
}

func show(d decision) string {
	s := map[road]string{refused: "refused", silent: "silent", prompt: "prompt", card: "card"}[d.road]
	if d.auth {
		s += "+auth"
	}
	if (d.road == refused) != (d.err != nil) {
		s += " with the wrong error"
	}
	return s
}

// TestEveryDeliveryIsKnown: a delivery nobody wrote a rule for is refused.
func TestEveryDeliveryIsKnown(t *testing.T) {
	s := newScene(t)
	for _, d := range []secret.Delivery{"", "file", "SHELL"} {
		s.wantCode(s.do(human(9), take(d, "acme/api/DB")), secret.Protocol)
		s.wantCode(s.do(agent("Codex", 70, 71), take(d, "acme/api/DB")), secret.HumanOnly)
	}
	s.wantCode(s.do(human(9), &secret.Request{Op: "sudo"}), secret.Protocol)
	s.wantCode(s.do(agent("Codex", 70, 71), &secret.Request{Op: "sudo"}), secret.HumanOnly)
}
