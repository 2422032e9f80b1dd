package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"noxkey/broker"
	"noxkey/caller"
	"noxkey/secret"
	"noxkey/tools/rig"
)

// seed is a secret that the app begins with.
type seed struct {
	Name   secret.Name
	Size   int // of the value, which follows bare
	Level  secret.Level
	Type   secret.FieldType
	Bundle string
}

// word is what the harness says to the person at the app.
type word struct {
	Seeds  []seed // the first word only
	Expect bool   // the honest request comes: allow it, once
	Away   bool   // answer nothing
	Late   bool   // allow whatever comes, when it is too late
}

// news is what the app says to each word.
type news struct {
	Home    string
	PID     int
	Cards   int // shown so far
	Allowed int
	Err     string
}

// honest is the one secret that the agent has honest work for.
const honest = secret.Name("acme/api/KEY")

// person is the scripted person at the app. They allow the honest request when they
// expect one, and deny everything else.
type person struct {
	mu                 sync.Mutex
	expect, late       bool // guarded by mu
	cards, allowedOnce int  // guarded by mu
}

func (p *person) choose(a *broker.Ask) broker.Choice {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cards++
	if p.late {
		time.Sleep(1500 * time.Millisecond) // whoever asked has gone
		p.allowedOnce++
		return broker.AllowOnce
	}
	if p.expect && decent(a) {
		p.expect = false
		p.allowedOnce++
		return broker.AllowOnce
	}
	return broker.Deny
}

// decent says that the card asks for the honest secret and nothing more, for one
// command of the agent's.
func decent(a *broker.Ask) bool {
	return a.Kind == broker.AskCard && a.Op == secret.OpGet && len(a.Items) == 1 && a.Items[0].Name == honest && a.Session == 0 &&
		(a.Delivery == secret.DeliverShell || a.Delivery == secret.DeliverRun) && a.Who.Class != caller.Human
}

// appMain is the app: a rig in a process of its own, so that nothing of the harness is
// in the way. It is told on standard input what the person shall do.
func appMain(in io.Reader, out io.Writer) int {
	p := &person{}
	dec, enc := json.NewDecoder(in), json.NewEncoder(out)
	var first word
	if err := dec.Decode(&first); err != nil {
		return 2
	}
	app, err := startApp(first.Seeds, enc, in, p)
	if err != nil {
		_ = enc.Encode(news{Err: err.Error()})
		return 1
	}
	n := news{Home: string(app.Home), PID: os.Getpid()}
	for {
		if enc.Encode(n) != nil {
			break
		}
		var w word
		if err := dec.Decode(&w); err != nil {
			break
		}
		n.Cards, n.Allowed = p.told(w)
		n.Err = errorText(calm(app))
	}
	if err := app.Close(); err != nil {
		fmt.Fprintln(os.Stderr, "redteam: app:", err)
		return 1
	}
	return 0
}

// calm is what the person does between two moves, so that each gets its chance: they
// end the rest of whoever was denied, and unlock what an agent locked.
func calm(app *rig.App) error {
	err := app.Front().Do(context.Background(), &secret.Request{Op: secret.OpRest}, func(secret.Answer) error { return nil })
	if secret.CodeOf(err) == secret.Locked {
		err = app.Put()
	}
	return err
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func (p *person) told(w word) (cards, allowed int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expect, p.late = w.Expect, w.Late
	return p.cards, p.allowedOnce
}

// startApp starts the rig and stores the seeds, whose values it reads bare, so that
// no more copies of them lie in this process than NoxKey itself makes.
func startApp(seeds []seed, enc *json.Encoder, in io.Reader, p *person) (*rig.App, error) {
	dir, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	app, err := rig.Start(dir, rig.Options{Person: p.choose, Version: "redteam"})
	if err == nil {
		err = enc.Encode(news{}) // now the values
	}
	var changes []secret.Change
	for _, s := range seeds {
		b := make([]byte, s.Size)
		if err == nil {
			_, err = io.ReadFull(in, b)
		}
		var v secret.Value
		if err == nil {
			v, err = secret.NewValue(b)
		}
		changes = append(changes, secret.Change{Action: secret.ActionSet, Name: s.Name, Value: v,
			Meta: secret.Patch{Level: &s.Level, FieldType: &s.Type, Bundle: &s.Bundle}})
	}
	if err == nil {
		err = app.Put(changes...)
	}
	for _, c := range changes {
		c.Value.Wipe()
	}
	if err != nil && app != nil {
		err = errors.Join(err, app.Close())
	}
	return app, err
}
