//go:build gnustep && cgo

package main

import (
	"context"
	"sync"
	"time"

	"noxkey/secret"
	"noxkey/ui"
	"noxkey/ui/cocoa"
)

// settings keeps what the settings window sets, for as long as the program runs.
type settings struct {
	mu        sync.Mutex // guards the fields below
	chord     string
	session   time.Duration
	clipboard time.Duration
	login     bool
}

func newSettings() *settings {
	return &settings{chord: "⇧⌘1", session: 4 * time.Hour, clipboard: 30 * time.Second}
}

func get[T any](s *settings, p *T) T {
	s.mu.Lock()
	defer s.mu.Unlock()
	return *p
}

func set[T any](s *settings, what string, p *T, v T) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	*p = v
	say("set %s %v", what, v)
	return nil
}

func (s *settings) Chord() string                      { return get(s, &s.chord) }
func (s *settings) Session() time.Duration             { return get(s, &s.session) }
func (s *settings) SetSession(d time.Duration) error   { return set(s, "session", &s.session, d) }
func (s *settings) Clipboard() time.Duration           { return get(s, &s.clipboard) }
func (s *settings) SetClipboard(d time.Duration) error { return set(s, "clipboard", &s.clipboard, d) }
func (s *settings) Login() bool                        { return get(s, &s.login) }
func (s *settings) SetLogin(on bool) error             { return set(s, "login", &s.login, on) }
func (s *settings) Sealed() bool                       { return false }

// SetChord refuses Cmd+Q: on a Mac another program has a chord or has not.
func (s *settings) SetChord(k cocoa.Key) error {
	if k.Name == "q" {
		return secret.Errorf(secret.Conflict, "another program has it")
	}
	return set(s, "chord", &s.chord, k.String())
}

// firstRun is a Mac without a Secure Enclave, with one agent.
func firstRun() *cocoa.FirstRun {
	return &cocoa.FirstRun{
		Enclave: func() (bool, string) { return false, "this Mac has no Secure Enclave" },
		Create: func(_ context.Context, sealed bool) error {
			say("created sealed=%v", sealed)
			return nil
		},
		Agents: &agents{},
	}
}

type agents struct{ added bool }

func (a *agents) List() []cocoa.Agent {
	state := ui.AgentFound
	if a.added {
		state = ui.AgentAdded
	}
	return []cocoa.Agent{{Name: "Claude Code", Path: "/home/p/.claude.json", State: state}, {Name: "Codex", State: ui.AgentMissing}}
}

func (a *agents) Add(_ context.Context, names []string) []cocoa.Agent {
	say("added %v", names)
	a.added = true
	return a.List()
}
