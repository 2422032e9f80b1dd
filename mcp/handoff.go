package mcp

import (
	"context"
	"time"

	"noxkey/caller"
	"noxkey/handoff"
	"noxkey/secret"
)

// redeemer trades the ticket for its values, once somebody who may read the pipe
// has opened it. reader names the shell: "bash 4711". The values belong to whoever
// calls it.
type redeemer func(ctx context.Context, reader string) ([]secret.Named, error)

// pipe is one handoff as this package needs it: package handoff's, or a test's.
type pipe interface {
	// Script is the absolute path to source.
	Script() string
	// Serve waits for the reader, redeems, writes, wipes and removes everything; it
	// returns nil only if a reader got the values. Its error holds no value.
	Serve(ctx context.Context, redeem redeemer) error
	// Close removes a pipe that is not going to be served.
	Close()
}

// pipeMaker makes a pipe whose reader is below under, for ttl.
type pipeMaker func(under caller.ProcID, ttl time.Duration, dir string, env []string) (pipe, error)

// realPipe is package handoff's.
type realPipe struct{ *handoff.Handoff }

func newHandoff(under caller.ProcID, ttl time.Duration, dir string, env []string) (pipe, error) {
	h, err := handoff.New(handoff.Options{Under: under, TTL: ttl, Dir: dir, Env: env})
	if err != nil {
		return nil, err
	}
	return realPipe{h}, nil
}

func (p realPipe) Serve(ctx context.Context, redeem redeemer) error {
	return p.Handoff.Serve(ctx, func(ctx context.Context, r handoff.Reader) ([]handoff.Var, error) {
		values, err := redeem(ctx, r.String())
		if err != nil {
			return nil, err
		}
		vars := make([]handoff.Var, len(values))
		for i, v := range values {
			vars[i] = handoff.Var{Env: v.Env, Value: v.Value}
		}
		return vars, nil
	})
}

// sweep removes what a server left that was killed. What it cannot remove is worth
// nothing and holds nothing, so its error is of no use to an agent.
func sweep(dir string) { _ = handoff.Sweep(dir) }
