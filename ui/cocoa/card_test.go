package cocoa

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"noxkey/broker"
	"noxkey/caller"
	"noxkey/secret"
	"noxkey/ui"
)

// design is the width of a letter at which the fake toolkit wraps the design's sample
// texts as the pictures do.
const design = 0.43

// asked puts a on the desk, as the broker does, and waits for its card to be armed.
func asked(t *testing.T, d *desktop, a *broker.Ask) (answer <-chan broker.Answer, withdraw func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	c := make(chan broker.Answer, 1)
	go func() {
		ans, err := d.desk.Ask(ctx, a)
		if err == nil {
			c <- ans
		}
		close(c)
	}()
	d.wait("the card is up", func() bool { return d.kit.up[cardID] != nil && d.desk.State().ID == a.ID })
	d.settle()
	return c, cancel
}

// answered is what came of a card; it must have come.
func answered(t *testing.T, d *desktop, c <-chan broker.Answer) broker.Answer {
	t.Helper()
	var ans broker.Answer
	d.wait("an answer", func() bool {
		select {
		case ans = <-c:
			return true
		default:
			return false
		}
	})
	d.settle()
	return ans
}

// silent reports whether a card is unanswered.
func silent(d *desktop, c <-chan broker.Answer) bool {
	d.settle()
	select {
	case <-c:
		return false
	default:
		return d.desk.State().Stage == ui.Choosing
	}
}

func chain(names ...string) (list []caller.Process) {
	for i, n := range names { // the asker first
		list = append(list, caller.Process{ID: caller.ProcID{PID: 4118 + i, Start: 1}, Comm: n, Exe: "/bin/" + n})
	}
	return list
}

func item(n secret.Name, l secret.Level) broker.Item {
	return broker.Item{Name: n, Level: l, Type: secret.APIKey, Version: 1}
}

// oneAsk is picture c1.
func oneAsk() *broker.Ask {
	a := agentAsk(1)
	a.Who.Chain = chain("node", "claude", "zsh", "Terminal")
	a.Reason, a.Deadline = "Run the payment migration and check one live charge.", noon().Add(38*time.Second)
	return a
}

// batchAsk is picture c2.
func batchAsk() *broker.Ask {
	a := oneAsk()
	a.Reason, a.Session, a.Prefix = "Start the dev stack and rerun the failing webhook tests until they pass.", 4*time.Hour, "acme/api"
	a.Items = []broker.Item{item("acme/api/STRIPE_SECRET_KEY", secret.Strict), item("acme/api/DATABASE_URL", secret.Normal),
		item("acme/api/REDIS_URL", secret.Normal), item("acme/api/S3_ACCESS_KEY", secret.Normal), item("acme/api/SENTRY_DSN", secret.Easy)}
	for _, it := range a.Items {
		a.Covered = append(a.Covered, it.Name)
	}
	return a
}

// unknownAsk is picture c3.
func unknownAsk() *broker.Ask {
	a := oneAsk()
	a.Who.Class, a.Who.Agent, a.Who.Reason = caller.Unknown, "", caller.ReasonMultiplexer
	a.Who.Chain = chain("noxkey", "zsh", "bash", "tmux: server")
	a.Vouch = &a.Who.Chain[3]
	a.Items[0] = item("acme/api/DATABASE_URL", secret.Normal)
	a.Reason, a.Delivery, a.Known = "", secret.DeliverEval, broker.Known{Path: "/bin/zsh"}
	return a
}

// changedAsk is picture c4.
func changedAsk() *broker.Ask {
	a := oneAsk()
	a.Who.Agent, a.Items[0] = "Codex", item("acme/web/VERCEL_TOKEN", secret.Normal)
	a.Known = broker.Known{Path: "/bin/codex", Changed: true, First: noon().AddDate(0, 0, -30), Seen: noon().AddDate(0, 0, -19)}
	return a
}

// manyAsk is picture c8.
func manyAsk() *broker.Ask {
	a := oneAsk()
	a.Items = []broker.Item{item("login/dashboard.stripe.com/PASSWORD", secret.Strict), item("acme/api/DATABASE_URL", secret.Normal),
		item("acme/api/REDIS_URL", secret.Normal), item("acme/web/VERCEL_TOKEN", secret.Normal), item("acme/web/SENTRY_DSN", secret.Easy), item("acme/ops/STATUS_URL", secret.Easy)}
	for i := range 6 {
		a.Items = append(a.Items, item(secret.Name(fmt.Sprintf("acme/ops/URL_%d", i)), secret.Easy))
	}
	return a
}

func humanAsk() *broker.Ask {
	a := oneAsk()
	a.Kind, a.Reason, a.Known = broker.AskHuman, "", broker.Known{}
	a.Who = caller.Caller{Class: caller.Human, Terminal: "Terminal", Dir: "/Users/me/src/acme/api", Whole: true, Chain: chain("noxkey", "make", "zsh", "Terminal")}
	a.Who.Anchor = a.Who.Chain[2].ID
	a.Items[0] = item("acme/api/DATABASE_URL", secret.Normal)
	return a
}

func cardOf(t *testing.T, a *broker.Ask) *desktop {
	d := newDesktop(t, nil)
	d.kit.letter = design
	asked(t, d, a)
	return d
}

func TestCardLikeC1(t *testing.T) {
	d := cardOf(t, oneAsk())
	d.pass(ui.ArmDelay)
	likeLook(t, "c1-card-one", d.kit.scene(cardID))
}

func TestCardLikeC2(t *testing.T) {
	d := cardOf(t, batchAsk())
	d.pass(ui.ArmDelay)
	likeLook(t, "c2-card-batch", d.kit.scene(cardID))
}

// TestCardLikeC3: the Vouch button is as wide as its words, which the fake toolkit
// measures otherwise.
func TestCardLikeC3(t *testing.T) {
	d := cardOf(t, unknownAsk())
	d.pass(ui.ArmDelay)
	likeLook(t, "c3-card-unknown", d.kit.scene(cardID), "vouch")
	if f := d.kit.el(cardID, "vouch").Frame; f.X != 76 || f.Y != 148 || f.H != 24 {
		t.Error(f)
	}
}

func TestCardLikeC4(t *testing.T) {
	d := cardOf(t, changedAsk())
	d.pass(ui.ArmDelay)
	likeLook(t, "c4-card-changed", d.kit.scene(cardID))
}

// TestCardLikeC5 is the card before it is armed, one of three.
func TestCardLikeC5(t *testing.T) {
	a := oneAsk()
	a.Items[0].Level, a.Touch, a.Waiting = secret.Easy, false, 3
	likeLook(t, "c5-card-queue", cardOf(t, a).kit.scene(cardID))
}

// TestCardLikeC8: more than six secrets are rows of a list.
func TestCardLikeC8(t *testing.T) {
	d := cardOf(t, manyAsk())
	d.pass(ui.ArmDelay)
	var names []string
	for id := range lookFrames(t, "c8-card-many") {
		if f := strings.Fields(id); len(f) > 1 && len(f[len(f)-1]) == 1 {
			names = append(names, id)
		}
	}
	s := d.kit.scene(cardID)
	for i := range 6 {
		for _, n := range []string{"level", "key", "level word"} {
			names = append(names, fmt.Sprintf("row %d %s", i, n))
		}
	}
	likeLook(t, "c8-card-many", s, names...)
	want, got := lookFrames(t, "c8-card-many"), s.Frames()
	for i := range 6 {
		for _, n := range []string{"level", "key", "level word"} {
			w := want[fmt.Sprintf("%s %d", n, i)]
			found := false
			for l := range strings.Lines(got) {
				id, rest := cutFrame(l)
				found = found || id == fmt.Sprintf("row %d %s", i, n) && rest == w
			}
			if !found {
				t.Errorf("no row %d %s at %s", i, n, w)
			}
		}
	}
	l := d.kit.el(cardID, "list").List
	if l.Count != 12 || !l.Bar {
		t.Errorf("%d rows, scroller kept %v", l.Count, l.Bar)
	}
	if said := l.Spoken(0); said != "login/dashboard.stripe.com/PASSWORD, strict" {
		t.Errorf("VoiceOver says %q", said)
	}
	if got := d.kit.el(cardID, "who wants").Text; got != "Claude Code wants 12 secrets" {
		t.Error(got)
	}
}
