package cocoa

import (
	"noxkey/broker"
	"noxkey/caller"
	"noxkey/secret"
)

// agentAsk is a plain request of an agent for one secret.
func agentAsk(id uint64) *broker.Ask {
	return &broker.Ask{
		ID: id, Kind: broker.AskCard, Op: secret.OpGet, Touch: true, Delivery: secret.DeliverShell, Reason: "run the payment tests against the sandbox",
		Who:      caller.Caller{Class: caller.Agent, Agent: "Claude Code", Dir: "/Users/me/src/acme/api", Whole: true},
		Items:    []broker.Item{{Name: "acme/api/STRIPE_SECRET_KEY", Level: secret.Normal, Type: secret.APIKey, Version: 1}},
		Known:    broker.Known{Path: "/opt/homebrew/bin/claude", First: noon().AddDate(0, 0, -19)},
		Position: 1, Waiting: 1, Deadline: noon().AddDate(0, 0, 1),
	}
}
