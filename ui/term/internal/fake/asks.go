package fake

import (
	"strings"
	"time"

	"noxkey/broker"
	"noxkey/caller"
	"noxkey/secret"
)

func proc(pid int, comm, exe string) caller.Process {
	return caller.Process{ID: caller.ProcID{PID: pid, Start: 7}, Comm: comm, Exe: exe}
}

// Agent is the request of the picture 2-card.
func Agent(id uint64, now time.Time) *broker.Ask {
	item := func(n secret.Name, l secret.Level) broker.Item {
		return broker.Item{Name: n, Level: l, Type: secret.APIKey, Version: 1}
	}
	a := &broker.Ask{
		ID: id, Kind: broker.AskCard, Op: secret.OpGet, Delivery: secret.DeliverShell, Prefix: "acme/api",
		Items: []broker.Item{
			item("acme/api/STRIPE_SECRET_KEY", secret.Strict), item("acme/api/DATABASE_URL", secret.Normal), item("acme/api/REDIS_URL", secret.Normal),
			item("acme/api/S3_ACCESS_KEY", secret.Normal), item("acme/api/SENTRY_DSN", secret.Easy),
		},
		Session: 4 * time.Hour, Reason: "Start the dev stack and rerun the failing webhook tests until they pass.",
		Known: broker.Known{Path: "/usr/local/bin/claude", First: now.AddDate(0, 0, -19)},
		Touch: true, Position: 1, Waiting: 3, Deadline: now.Add(38 * time.Second),
		Who: caller.Caller{Class: caller.Agent, Agent: "Claude Code", Whole: true, Dir: "/home/me/src/acme/api", Chain: []caller.Process{
			proc(90, "node", "/usr/bin/node"), proc(80, "claude", "/usr/local/bin/claude"), proc(70, "zsh", "/usr/bin/zsh"), proc(60, "sshd", "/usr/sbin/sshd")}},
	}
	for _, it := range a.Items {
		a.Covered = append(a.Covered, it.Name)
	}
	return a
}

// Unknown is the request of the picture 2b-card-unknown.
func Unknown(id uint64, now time.Time) *broker.Ask {
	mux := proc(4121, "tmux: server", "/usr/bin/tmux")
	return &broker.Ask{
		ID: id, Kind: broker.AskCard, Op: secret.OpGet, Delivery: secret.DeliverEval,
		Items: []broker.Item{{Name: "acme/api/DATABASE_URL", Level: secret.Normal, Type: secret.URL, Version: 1}},
		Known: broker.Known{Path: "/bin/zsh"}, Vouch: &mux, Touch: true, Position: 1, Waiting: 1, Deadline: now.Add(52 * time.Second),
		Who: caller.Caller{Class: caller.Unknown, Reason: caller.ReasonMultiplexer, Whole: true, Dir: "/home/me/src/acme/api", Vouchable: &mux, Chain: []caller.Process{
			proc(4300, "noxkey", "/usr/bin/noxkey"), proc(4200, "zsh", "/usr/bin/zsh"), mux}},
	}
}

// Once is the request of the picture 6-locked.
func Once(id uint64, now time.Time) *broker.Ask {
	a := Agent(id, now)
	a.Who.Agent, a.Session, a.Covered, a.Prefix = "Codex", 0, nil, ""
	a.Known.Path = "/usr/local/bin/codex"
	a.Items = []broker.Item{{Name: "acme/web/VERCEL_TOKEN", Level: secret.Normal, Type: secret.Token, Version: 1}}
	a.Position, a.Waiting = 1, 1
	return a
}

// Run is an agent that wants to run a program with what a manifest lists, which changed.
func Run(id uint64, now time.Time) *broker.Ask {
	a := Agent(id, now)
	a.Delivery, a.Session, a.Covered, a.Prefix, a.Items = secret.DeliverRun, 0, nil, "", a.Items[:2]
	a.Reason, a.Position, a.Waiting = "Migrate the test database.", 1, 1
	a.Run = &secret.Run{
		Path: "/usr/bin/make", File: "1:2:3", Argv: []string{"make", "migrate", "DB=staging", "NOTE=one of two"}, Dir: "/home/me/src/acme/api",
		As:       []secret.Binding{{Env: "STRIPE_KEY", Name: "acme/api/STRIPE_SECRET_KEY"}, {Env: "DB_FILE", Name: "acme/api/DATABASE_URL", AsFile: true}},
		Manifest: &secret.Manifest{Path: "/home/me/src/acme/api/.noxkey.toml", Digest: strings.Repeat("5e6f7a8b", 8), Profile: "staging"},
	}
	a.Manifest = &broker.Manifest{Last: strings.Repeat("1a2b3c4d", 8), Seen: now.AddDate(0, 0, -19)}
	return a
}

// Entry asks the person for a value.
func Entry(id uint64, now time.Time) *broker.Ask {
	a := Once(id, now)
	a.Kind, a.Op, a.Items, a.Deadline = broker.AskEntry, secret.OpWrite, nil, now.Add(5*time.Minute)
	a.Reason = "The deploy needs a Sentry token."
	a.Writes = []broker.Write{{Action: secret.ActionSet, Name: "acme/web/SENTRY_AUTH_TOKEN", Enter: true, New: secret.Metadata{FieldType: secret.Token, Kind: secret.KindAPIKey, Level: secret.Normal}}}
	return a
}
