package mcp

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"noxkey/secret"
)

// tick is how often a waiting client hears from us. Clients give up after about
// 60 s of silence.
const tick = 5 * time.Second

// progress tells a client, if it asked to be told, that its call still waits.
// Nothing is sent after stop, so no notification follows the answer.
type progress struct {
	conn  *conn
	token json.RawMessage
	start time.Time

	mu      sync.Mutex // guards the fields below
	stopped bool
	waits   bool            // for the person, as the app said
	last    secret.Progress // as of at
	at      time.Time
	sent    float64
}

// ask sends req, hands the answers to out, and reports progress meanwhile.
func (s *server) ask(c *call, req *secret.Request, out func(secret.Answer) error) error {
	if c.token == nil {
		return s.svc.Do(c.ctx, req, skipProgress(out))
	}
	p := &progress{conn: s.conn, token: c.token, start: time.Now()}
	ctx, cancel := context.WithCancel(c.ctx)
	defer p.stop()
	defer cancel()
	go p.run(ctx, s.opt.tick)
	return s.svc.Do(c.ctx, req, func(a secret.Answer) error {
		if a.Progress != nil {
			p.hear(*a.Progress)
			return nil
		}
		return out(a)
	})
}

func skipProgress(out func(secret.Answer) error) func(secret.Answer) error {
	return func(a secret.Answer) error {
		if a.Progress != nil {
			return nil
		}
		return out(a)
	}
}

func (p *progress) run(ctx context.Context, every time.Duration) {
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			p.mu.Lock()
			p.tell()
			p.mu.Unlock()
		}
	}
}

func (p *progress) hear(a secret.Progress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waits, p.last, p.at = true, a, time.Now()
	p.tell()
}

func (p *progress) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stopped = true
}

// tell sends one notification: seconds passed, of seconds in all. MCP wants the
// number to grow each time. It is called with mu held.
func (p *progress) tell() {
	if p.stopped {
		return
	}
	done := max(time.Since(p.start).Seconds(), p.sent+0.001)
	p.sent = done
	params := map[string]any{"progressToken": p.token, "progress": done, "message": "waiting for NoxKey"}
	if p.waits {
		left := max(0, float64(p.last.Deadline)-time.Since(p.at).Seconds())
		params["total"] = done + left
		params["message"] = waiting(p.last.Waiting, int(left))
	}
	p.conn.notify("notifications/progress", params)
}

func waiting(before, left int) string {
	text := fmt.Sprintf("waiting for the person to answer the card, %d s left", left)
	if before > 0 {
		text += fmt.Sprintf("; cards before it: %d", before)
	}
	return text
}
