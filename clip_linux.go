package main

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"sync"
	"time"

	"github.com/atotto/clipboard"

	"noxkey/secret"
)

// clip puts values into the clipboard through a tool of the desktop and takes them
// out again, if they are still there. Of a value it keeps a keyed hash.
type clip struct {
	read  func() (string, error)
	write func(string) error

	mu    sync.Mutex
	key   [sha256.Size]byte
	sum   []byte      // of what was put there, nil for nothing; guarded by mu
	timer *time.Timer // guarded by mu
}

func newClip() *clip {
	c := &clip{read: clipboard.ReadAll, write: clipboard.WriteAll}
	rand.Read(c.key[:])
	return c
}

// put copies v and clears it after that time.
func (c *clip) put(_ context.Context, v secret.Value, after time.Duration) error {
	if clipboard.Unsupported {
		return secret.Errorf(secret.Storage, "no clipboard tool is there: install wl-clipboard, xclip or xsel")
	}
	return v.Use(func(b []byte) error {
		// The library wants a string: one copy that cannot be wiped.
		if err := c.write(string(b)); err != nil {
			return secret.Errorf(secret.Storage, "the clipboard did not take it: %v", err)
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.timer != nil {
			c.timer.Stop()
		}
		c.sum, c.timer = c.hash(b), time.AfterFunc(after, c.clear)
		return nil
	})
}

// clear empties the clipboard if it still holds what was put there last. The app
// calls it when it quits, too.
func (c *clip) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sum == nil {
		return
	}
	c.timer.Stop()
	now, err := c.read()
	if err == nil && hmac.Equal(c.sum, c.hash([]byte(now))) {
		_ = c.write("")
	}
	c.sum = nil
}

func (c *clip) hash(b []byte) []byte {
	h := hmac.New(sha256.New, c.key[:])
	h.Write(b)
	return h.Sum(nil)
}
