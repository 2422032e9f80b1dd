//go:build gnustep && cgo

package main

import (
	"bufio"
	"context"
	"runtime"
	"strings"
	"sync"
	"time"

	"noxkey/secret"
	"noxkey/ui/cocoa"
	"noxkey/vault/touchid/touchidtest/lacontext"
)

// commands does what the test says, a line each.
type commands struct {
	*world
	kit   *spy
	front *cocoa.Front
	clip  *clipboard

	mu   sync.Mutex
	asks map[string]context.CancelFunc // guarded by mu
}

func (c *commands) read(in *bufio.Scanner) {
	for in.Scan() {
		words := strings.Fields(in.Text())
		if len(words) > 0 {
			c.do(words[0], words[1:])
		}
	}
}

var behaviours = map[string]int{"yes": lacontext.Yes, "no": lacontext.Failed, "cancelled": lacontext.UserCancel, "never": lacontext.Never}

func (c *commands) do(verb string, args []string) {
	switch verb {
	case "hotkey":
		c.kit.Post(c.front.HotKey)
	case "woke":
		c.kit.Post(c.front.ScreenWoke)
	case "locked":
		c.kit.Post(c.front.ScreenLocked)
	case "touch":
		lacontext.Behave(behaviours[args[0]])
	case "ask": // ask NAME SECONDS REASON-WITHOUT-BLANKS TARGET...
		go c.ask(args[0], args[1:])
	case "enter": // enter ID NAME
		go c.enter(args[0], secret.Name(args[1]))
	case "hangup":
		c.mu.Lock()
		c.asks[args[0]]()
		c.mu.Unlock()
	case "drop": // drop TITLE-WITH-_-FOR-BLANKS PATH...
		c.kit.Post(func() { drop(strings.ReplaceAll(args[0], "_", " "), args[1:]) })
	case "views":
		c.kit.Post(views)
	case "list":
		go c.list()
	case "sheets":
		alive, ended, policy, words := lacontext.State()
		say("sheets alive %d ended %d policy %d words %q", alive, ended, policy, words)
	case "goroutines":
		c.goroutines()
	case "sync": // everything posted before has run
		c.kit.Post(func() { say("synced %s", strings.Join(args, " ")) })
	case "quit":
		c.kit.Post(c.kit.Quit)
	default:
		say("fatal no command %q", verb)
	}
}

// begin is a request that "hangup ID" ends.
func (c *commands) begin(id string) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.Background())
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asks[id] = cancel
	return ctx, cancel
}

// enter is an agent's noxkey_set.
func (c *commands) enter(id string, name secret.Name) {
	ctx, cancel := c.begin(id)
	defer cancel()
	req := &secret.Request{Op: secret.OpWrite, Client: "agent Claude Code", Reason: "the new key",
		Changes: []secret.Change{{Action: secret.ActionSet, Name: name, Enter: true}}}
	err := c.agent.Do(ctx, req, func(secret.Answer) error { return nil })
	say("entered %s code=%q err=%v", id, secret.CodeOf(err), err)
}

// ask is an agent's request for some secrets, through the real broker.
func (c *commands) ask(id string, args []string) {
	ctx, cancel := c.begin(id)
	defer cancel()
	req := &secret.Request{Op: secret.OpGet, Delivery: secret.DeliverShell, Reason: strings.ReplaceAll(args[1], "_", " "), Client: "agent Claude Code"}
	if args[0] != "once" {
		req.Session = secret.SessionDefault
	}
	for _, t := range args[2:] {
		req.Targets = append(req.Targets, secret.Prefix(t))
	}
	answers := 0
	err := c.agent.Do(ctx, req, func(a secret.Answer) error {
		if a.Ticket != nil {
			answers++
			say("ticket %s %v", id, a.Ticket.Names)
		}
		return nil
	})
	say("answer %s tickets=%d code=%q err=%v", id, answers, secret.CodeOf(err), err)
}

// list says what the vault holds now.
func (c *commands) list() {
	var names []string
	err := c.agent.Do(context.Background(), &secret.Request{Op: secret.OpList, Client: "agent Claude Code"}, func(a secret.Answer) error {
		if a.Entry != nil {
			names = append(names, string(a.Entry.Name))
		}
		return nil
	})
	say("listed %v err=%v", names, err)
}

// goroutines waits until their number rests, and says it.
func (c *commands) goroutines() {
	last, same := -1, 0
	for same < 20 {
		if n := runtime.NumGoroutine(); n == last {
			same++
		} else {
			last, same = n, 0
		}
		time.Sleep(10 * time.Millisecond)
	}
	say("goroutines %d", last)
}
