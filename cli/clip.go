package cli

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"noxkey/secret"
)

// clipboard is the system's. It is reached through the desktop's own tools, whose
// standard streams carry the value: a library for it (atotto/clipboard) looks for
// six programs at every start, and holds values in strings that cannot be wiped.
//
// Marking what is put there as concealed, for clipboard managers, is not possible
// through these tools; the app's own copy does it.
type clipboard interface {
	read(ctx context.Context) ([]byte, error)
	write(ctx context.Context, b []byte) error
}

// clipTool is one set of commands for it.
type clipTool struct {
	in, out []string
	when    string // the variable without which the tool has nothing to talk to
}

var clipTools = []clipTool{
	{[]string{"wl-copy"}, []string{"wl-paste", "--no-newline"}, "WAYLAND_DISPLAY"},
	{[]string{"xclip", "-in", "-selection", "clipboard"}, []string{"xclip", "-out", "-selection", "clipboard"}, "DISPLAY"},
	{[]string{"xsel", "--input", "--clipboard"}, []string{"xsel", "--output", "--clipboard"}, "DISPLAY"},
}

type systemClipboard struct{}

func (systemClipboard) tool() (clipTool, error) {
	if runtime.GOOS == "darwin" {
		return clipTool{in: []string{"/usr/bin/pbcopy"}, out: []string{"/usr/bin/pbpaste"}}, nil
	}
	var missing []string
	for _, t := range clipTools {
		if os.Getenv(t.when) == "" {
			continue
		}
		if _, err := exec.LookPath(t.in[0]); err == nil {
			return t, nil
		}
		missing = append(missing, t.in[0])
	}
	if missing == nil {
		return clipTool{}, failf("use a pipe instead (get --raw, set --stdin)", "there is no clipboard here: neither WAYLAND_DISPLAY nor DISPLAY is set")
	}
	return clipTool{}, failf("install one of these programs with your package manager (wl-copy is in wl-clipboard)",
		"the clipboard needs %s, which is not installed", strings.Join(missing, " or "))
}

// read returns what is on the clipboard, the caller's to wipe.
func (c systemClipboard) read(ctx context.Context) ([]byte, error) {
	t, err := c.tool()
	if err != nil {
		return nil, err
	}
	buf := &bytes.Buffer{}
	buf.Grow(secret.MaxValue + bytes.MinRead) // so that growing leaves no copy behind
	cmd := exec.CommandContext(ctx, t.out[0], t.out[1:]...)
	cmd.Stdout = buf
	if err := cmd.Run(); err != nil {
		secret.Wipe(buf.Bytes())
		return nil, failf("copy something first", "%s could not read the clipboard (empty, or not text): %v", t.out[0], err)
	}
	return buf.Bytes(), nil
}

// write puts b on the clipboard; nothing of b empties it.
func (c systemClipboard) write(ctx context.Context, b []byte) error {
	t, err := c.tool()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, t.in[0], t.in[1:]...)
	cmd.Stdin = bytes.NewReader(b)
	if err := cmd.Run(); err != nil {
		return failf("use a pipe instead: noxkey get NAME --raw", "%s could not set the clipboard: %v", t.in[0], err)
	}
	return nil
}

// mark is what the clearing background knows of a value: a keyed hash, which
// recognises it and gives nothing away.
type mark struct {
	Key     []byte `json:"key"`
	Sum     []byte `json:"sum"`
	Seconds int64  `json:"seconds"`
}

func newMark(b []byte, after time.Duration) mark {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails (crypto/rand)
	return mark{key, keyed(key, b), int64(after / time.Second)}
}

func keyed(key, b []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(b)
	return h.Sum(nil)
}

func (m mark) matches(b []byte) bool { return hmac.Equal(m.Sum, keyed(m.Key, b)) }

// copyOut puts the one secret that req names on the clipboard, and starts a
// background that clears it: after clear, or if that is "" after the person's own time.
func (p *program) copyOut(ctx context.Context, req *secret.Request, clear string) error {
	var after time.Duration
	if clear != "" {
		var err error
		if after, err = duration(clear); err != nil || after < time.Second || after > time.Hour {
			return usagef("--clear takes 1s to 1h")
		}
	}
	if _, ok := p.clip.(systemClipboard); ok { // before the person is asked in vain
		if _, err := (systemClipboard{}).tool(); err != nil {
			return err
		}
	}
	req.Delivery = secret.DeliverCopy
	return p.one(ctx, req, func(v secret.Value, t secret.Ticket) error {
		if after == 0 {
			after = time.Duration(t.Clear) * time.Second
		}
		if after == 0 { // else it would be cleared at once
			return secret.Errorf(secret.Protocol, "the app did not say when the clipboard is to be cleared")
		}
		return v.Use(func(b []byte) error { return p.copyFor(ctx, b, after) })
	})
}

func (p *program) copyFor(ctx context.Context, b []byte, after time.Duration) error {
	p.heed() // from here on there is something to leave behind
	m, err := json.Marshal(newMark(b, after))
	if err != nil {
		return err
	}
	bg, err := p.spawn(backgroundClear)
	if err != nil {
		return err
	}
	defer bg.stdin.Close()
	if err := p.clip.write(ctx, b); err != nil {
		return err // closing stdin without a mark ends the background
	}
	if _, err := bg.stdin.Write(append(m, '\n')); err != nil {
		return failf("clear the clipboard yourself", "copied, but it will not be cleared: %v", err)
	}
	if _, err := bg.stdout.Read(make([]byte, 1)); err != nil { // it says when it is on its own
		return failf("clear the clipboard yourself", "copied, but it will not be cleared: the background noxkey ended")
	}
	_, err = fmt.Fprintf(p.out, "copied; the clipboard is cleared in %s if it is still there\n", after)
	return err
}

func clearCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: backgroundClear, Hidden: true, Args: exactly(),
		RunE: func(c *cobra.Command, _ []string) error { return p.clearLater(c.Context()) },
	}
}

// clearLater is the background's whole life: it waits, and empties the clipboard
// if what is on it is still ours.
func (p *program) clearLater(ctx context.Context) error {
	p.heed()
	var m mark
	if err := json.NewDecoder(p.in).Decode(&m); err != nil {
		return errBackground
	}
	if _, err := syscall.Setsid(); err != nil && !errors.Is(err, syscall.EPERM) {
		return err
	}
	if _, err := p.out.Write([]byte{'\n'}); err != nil {
		return err
	}
	if err := nullStreams(); err != nil {
		return err
	}
	select {
	case <-ctx.Done(): // a clipboard that holds a secret is cleared early rather than never
	case <-time.After(time.Duration(m.Seconds) * time.Second):
	}
	return p.clearIfOurs(m)
}

func (p *program) clearIfOurs(m mark) error {
	ctx, stop := context.WithTimeout(context.Background(), 10*time.Second)
	defer stop()
	b, err := p.clip.read(ctx)
	defer secret.Wipe(b)
	if err != nil || !m.matches(b) {
		return err
	}
	return p.clip.write(ctx, nil)
}
