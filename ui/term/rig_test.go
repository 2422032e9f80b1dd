package term

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"noxkey/broker"
	"noxkey/secret"
	"noxkey/ui"
	"noxkey/ui/term/internal/fake"
)

var update = flag.Bool("update", false, "write the golden screens anew")

func TestMain(m *testing.M) {
	time.Local = time.UTC // screens show times of day
	os.Exit(m.Run())
}

// rig drives a model as the loop does, in a synctest bubble: its clock moves
// only when everybody waits.
type rig struct {
	*testing.T
	m       *model
	desk    *ui.Desk
	svc     *fake.Service
	ctx     context.Context
	msgs    chan tea.Msg
	drained int
	copied  []string
	created []string
}

func onRig(t *testing.T, exists bool, f func(r *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		r := &rig{T: t, ctx: ctx, msgs: make(chan tea.Msg, 100), desk: ui.NewDesk(time.Now)}
		r.svc = &fake.Service{Desk: r.desk, Now: time.Now, Locked: exists}
		r.svc.Fill(time.Now())
		r.m = newModel(ctx, r.options(exists))
		r.m.drain = func() { r.drained++ }
		r.start(r.m.Init())
		r.settle()
		f(r)
		cancel()
		synctest.Wait()
	})
}

func (r *rig) options(exists bool) Options {
	read := func(v secret.Value) (s string) {
		_ = v.Use(func(b []byte) error { s = string(b); return nil })
		return s
	}
	return Options{
		Desk: r.desk, Service: r.svc, Home: "/home/me", Version: "1.2.3",
		Vault:  Vault{Path: "/home/me/.local/share/noxkey/vault.db", Exists: exists, Key: "Argon2id, 256 MiB, 3 passes, about 1 s on this machine"},
		Create: func(_ context.Context, v secret.Value) error { r.created = append(r.created, read(v)); return nil },
		Copy:   func(_ context.Context, v secret.Value) error { r.copied = append(r.copied, read(v)); return nil }, ClearAfter: func() time.Duration { return 30 * time.Second },
	}
}

func (r *rig) start(cmd tea.Cmd) {
	if cmd != nil {
		go func() { r.msgs <- cmd() }()
	}
}

// settle lets everything happen that happens by itself at this moment.
func (r *rig) settle() {
	for range 1000 {
		synctest.Wait()
		select {
		case msg := <-r.msgs:
			r.start(r.m.update(msg))
		case <-r.desk.Changed():
			r.start(r.m.update(deskMsg{}))
		default:
			return
		}
	}
	r.Fatal("it never comes to rest")
}

// wait lets time pass, waking the model when it asked for it.
func (r *rig) wait(d time.Duration) {
	end := time.Now().Add(d)
	for {
		at := r.m.wake()
		if at.IsZero() || at.After(end) {
			break
		}
		time.Sleep(max(time.Until(at), 0))
		r.start(r.m.update(clockMsg{}))
		r.settle()
		if !time.Now().Before(end) {
			return
		}
	}
	time.Sleep(time.Until(end))
	r.settle()
}

var special = map[string]rune{"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight,
	"backspace": tea.KeyBackspace, "pgdown": tea.KeyPgDown, "end": tea.KeyEnd}

// keys presses keys by name, or types a text that is none.
func (r *rig) keys(list ...string) {
	for _, k := range list {
		if code, ok := special[k]; ok {
			r.press(tea.KeyPressMsg{Code: code})
			continue
		}
		if c, ok := strings.CutPrefix(k, "ctrl+"); ok {
			r.press(tea.KeyPressMsg{Code: rune(c[0]), Mod: tea.ModCtrl})
			continue
		}
		for _, c := range k {
			r.press(tea.KeyPressMsg{Code: c, Text: string(c)})
		}
	}
}

func (r *rig) press(k tea.KeyPressMsg) {
	r.start(r.m.update(k))
	r.start(r.m.lookAtDesk())
	r.settle()
}

// unlock types the passphrase at the first screen.
func (r *rig) unlock() { r.keys(fake.Pass, "enter") }

// request asks as an agent would, and returns how it ended once it has.
func (r *rig) request(a *broker.Ask) *string {
	end := new(string)
	go func() {
		ctx, cancel := context.WithDeadline(r.ctx, a.Deadline)
		defer cancel()
		*end = r.svc.Request(ctx, a)
	}()
	r.settle()
	return end
}

// text is the screen without styles.
func (r *rig) text() string {
	var b strings.Builder
	for _, l := range r.m.lines() {
		b.WriteString(strings.TrimRight(ansi.Strip(l), " ") + "\n")
	}
	return b.String()
}

func (r *rig) has(want ...string) {
	r.Helper()
	for _, w := range want {
		if !strings.Contains(r.text(), w) {
			r.Errorf("the screen has no %q:\n%s", w, r.text())
		}
	}
}

func (r *rig) hasNot(want string) {
	r.Helper()
	if strings.Contains(r.text(), want) {
		r.Errorf("the screen has %q:\n%s", want, r.text())
	}
}

// golden compares the screen with testdata/name.txt, and holds it to its size.
func (r *rig) golden(name string) {
	r.Helper()
	lines := r.m.lines()
	if len(lines) != r.m.h {
		r.Errorf("%s: %d lines", name, len(lines))
	}
	for i, l := range lines {
		if w := ansi.StringWidth(l); w > r.m.w {
			r.Errorf("%s: line %d is %d wide", name, i+1, w)
		}
	}
	path := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.WriteFile(path, []byte(r.text()), 0o644); err != nil {
			r.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		r.Fatal(err)
	}
	if got := r.text(); got != string(want) {
		r.Errorf("%s:\n%s\nwant\n%s", name, got, want)
	}
}
