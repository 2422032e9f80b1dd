package term

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"noxkey/secret"
	"noxkey/ui/term/internal/fake"
)

// crowd fills the main screen: more sessions than it shows, and n agents that rest.
func (r *rig) crowd(n int) {
	for i := range 9 {
		r.svc.Sessions = append(r.svc.Sessions, secret.Session{ID: uint64(20 + i), Prefix: "acme/api", Who: "Codex", Until: time.Now().Add(time.Hour)})
	}
	for i := range n {
		r.desk.Rest(fmt.Sprint("agent ", i), time.Now().Add(5*time.Minute))
	}
	r.start(r.m.home.load(r.m))
	r.settle()
}

// TestNoteOnAFullScreen: what came of a key is told however much there is to show.
func TestNoteOnAFullScreen(t *testing.T) {
	onRig(t, true, func(r *rig) {
		r.unlock()
		r.crowd(3)
		r.m.home.note = "Copied. The clipboard is cleared in 30 s."
		r.has("Copied. The clipboard is cleared in 30 s.", "agent 0 rests")
	})
}

// TestWhoMayAskAgain: r is named below the agent that it wakes, and below no other.
func TestWhoMayAskAgain(t *testing.T) {
	onRig(t, true, func(r *rig) {
		r.unlock()
		r.crowd(2)
		if n := strings.Count(r.text(), "let it ask again"); n != 1 {
			t.Errorf("named %d times:\n%s", n, r.text())
		}
		r.has("agent 1 rests. Until 00:05 its requests are refused without a card.\n   r let it ask again")
		r.keys("r")
		r.hasNot("agent 1 rests")
		r.has("agent 0 rests. Until 00:05 its requests are refused without a card.\n   r let it ask again")
	})
}

// TestNothingToEnd: without a session no key ends one, and an empty vault says how to begin.
func TestNothingToEnd(t *testing.T) {
	onRig(t, true, func(r *rig) {
		r.unlock()
		r.has("e end session")
		r.svc.Sessions, r.svc.Entries = nil, nil
		r.start(r.m.home.load(r.m))
		r.settle()
		r.hasNot("e end session")
		r.has("No secrets yet", "noxkey setup tells your agents")
	})
}

// TestWideTerminal: what was cut at 80 columns is whole where there is room.
func TestWideTerminal(t *testing.T) {
	const command = "run: npm run test:integration -- --grep webhooks"
	onRig(t, true, func(r *rig) {
		r.svc.Records = []secret.Record{{Time: time.Now(), Op: secret.OpGet, Outcome: secret.AllowedOnce, Who: "zsh in tmux 24938 (vouched)", Detail: command, Names: []secret.Name{"acme/api/KEY"}}}
		r.svc.Sessions = []secret.Session{{ID: 1, Prefix: "acme/payments/production", Who: "Claude Code", Until: time.Now().Add(time.Hour)}}
		r.unlock()
		r.hasNot("acme/payments/production")
		r.m.update(tea.WindowSizeMsg{Width: 160, Height: 40})
		r.has("acme/payments/production  ", "ran npm run test:integration -- --grep webhooks with acme/api/KEY", "zsh in tmux 24938 (vouched)")
	})
}

// TestWideLetters take two columns in a field too: the caret stays in sight.
func TestWideLetters(t *testing.T) {
	for _, text := range []string{strings.Repeat("日本語", 30), strings.Repeat("日本語", 9), strings.Repeat("ab", 60)} {
		var f field
		f.set(text)
		for at := range len(text) + 1 {
			if at < len(text) && text[at]&0xc0 == 0x80 {
				continue // within a letter
			}
			f.at = at
			v := f.view(40, true)
			if w := ansi.StringWidth(v); w > 40 || !strings.Contains(v, caret) {
				t.Fatalf("at %d of %q: %d columns: %q", at, text, w, v)
			}
		}
	}
}

// TestEmptyPassphrase is not called a value.
func TestEmptyPassphrase(t *testing.T) {
	onRig(t, true, func(r *rig) {
		r.keys("enter")
		r.has("Type the passphrase.")
		r.hasNot("value")
		r.keys(fake.Pass, "enter")
		r.has("unlocked")
	})
}

// TestFolderMeansItsEnv in the path of what is brought in.
func TestFolderMeansItsEnv(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, ".env"), []byte("A_KEY=abc\nB_KEY=def\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	onRig(t, true, func(r *rig) {
		r.unlock()
		r.keys("i", "ctrl+u", dir, "enter")
		r.has("2 keys: 2 new.", "A_KEY", "+ another file")
	})
}

// TestOneLineAbove is one.
func TestOneLineAbove(t *testing.T) {
	for top, want := range map[int]string{0: "… 8 lines below; ↑↓ scroll", 1: "… 1 line above, 7 below; ↑↓ scroll", 2: "… 2 lines above, 6 below; ↑↓ scroll", 8: "… 8 lines above; ↑↓ scroll", 99: "… 8 lines above; ↑↓ scroll"} {
		a := &asking{top: top}
		if out := a.window(make([]string, 10), 3); !strings.Contains(out[2], want) {
			t.Errorf("%d: %q, want %q", top, out[2], want)
		}
	}
}

// TestNothingToMakeYet: Enter makes a secret of a name that nothing has only when it is
// known what there is.
func TestNothingToMakeYet(t *testing.T) {
	onRig(t, true, func(r *rig) {
		r.unlock()
		r.m.show(&search{})
		r.hasNot("new secret")
		r.has("Esc back")
	})
}

// TestNewPassphrase says how one gets to its second field, and is typed twice.
func TestNewPassphrase(t *testing.T) {
	onRig(t, true, func(r *rig) {
		r.unlock()
		var got string
		go func() {
			v, err := r.desk.Passphrase(r.ctx, secret.Prompt{Reason: "change the passphrase", New: true})
			if err == nil {
				_ = v.Use(func(b []byte) error { got = string(b); return nil })
			}
		}()
		r.settle()
		r.has("A new passphrase, to change the passphrase", "Enter continue   Tab next field   Esc cancel")
		r.wait(time.Second) // it came unasked, so it is armed late
		r.keys("another battery", "tab", "another batterx", "enter")
		r.has("The two are not the same.")
		r.keys("backspace", "y", "enter")
		if got != "another battery" {
			t.Errorf("%q\n%s", got, r.text())
		}
	})
}
