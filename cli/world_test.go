package cli_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"noxkey/broker"
	"noxkey/caller"
	"noxkey/cli"
	"noxkey/secret"
	"noxkey/socket"
	"noxkey/ui"
	"noxkey/vault/memory"
)

// canary is the value that must be in no output but those a person asked for.
const canary = "cAnArY-7f3e91d2b8aa"

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"noxkey": func() { os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
	})
}

// world is an app of the test's own making: the real socket, the real broker and
// a vault in memory, with a person who answers from a script, and with the
// caller's class set by the test. Nothing of this is in a released binary.
type world struct {
	home  socket.Home
	vault *memory.Vault
	b     *broker.Broker

	mu     sync.Mutex // guards the fields below
	class  caller.Class
	agent  string
	answer string // deny, once, session, vouch, never
	auth   string // "", cancel, wrong
	asked  []broker.Ask
	swap   string // a file to write to while a card is open
}

func newWorld(t testing.TB) *world {
	t.Helper()
	// Not t.TempDir: a socket's path must fit 103 bytes.
	dir, err := os.MkdirTemp("/tmp", "nkcli")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	w := &world{home: socket.Home(dir), vault: memory.New("correct horse"), class: caller.Human, answer: "once"}
	if _, err := w.vault.Unlock(value(t, "correct horse"), secret.Scope{Root: true}); err != nil {
		t.Fatal(err)
	}
	w.b = broker.New(broker.Config{Store: w.vault, Auth: w, Ledger: w.vault, Approver: w,
		AuditPath: w.home.Audit(), Version: "test", CardTime: 1500 * time.Millisecond})
	pub, err := w.vault.Public()
	if err == nil {
		err = socket.WritePin(w.home, pub)
	}
	if err != nil {
		t.Fatal(err)
	}
	w.serve(t)
	return w
}

func (w *world) serve(t testing.TB) {
	ln, err := socket.Listen(w.home)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	s := &socket.Server{Handle: w.b.Do, Identify: w.identify, Sign: w.vault.Sign}
	go func() { ended <- s.Serve(ctx, ln.UnixListener) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		ln.Close()
		w.b.Close()
	})
}

// identify is the kernel's answer with the class the test wants.
func (w *world) identify(c *net.UnixConn) (caller.Caller, error) {
	who, err := caller.FromConn(c, caller.Options{})
	if err != nil {
		return who, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	who.Class, who.Agent, who.Reason = w.class, "", caller.ReasonNone
	who.Vouchable = nil
	me, err := caller.ReadProcess(os.Getpid())
	who.Anchor, who.Quiet = me.ID, true
	if w.class == caller.Agent {
		who.Agent = w.agent
	}
	if w.class == caller.Human {
		who.Terminal = "test"
	}
	if w.class == caller.Unknown {
		who.Anchor, who.Vouchable = caller.ProcID{}, &me
	}
	return who, err
}

// become sets the class: human, unknown, or the name of an agent.
func (w *world) become(class string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch class {
	case "human":
		w.class = caller.Human
	case "unknown":
		w.class = caller.Unknown
	default:
		w.class, w.agent = caller.Agent, class
	}
}

func (w *world) answers(answer, auth string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answer, w.auth, w.swap = answer, auth, ""
}

// swaps has the person allow while another program writes to the file.
func (w *world) swaps(path string) {
	w.answers("once", "")
	w.mu.Lock()
	defer w.mu.Unlock()
	w.swap = path
}

func (w *world) Ask(ctx context.Context, a *broker.Ask) (broker.Answer, error) {
	w.mu.Lock()
	answer := w.answer
	w.asked = append(w.asked, *a)
	swap := w.swap
	w.mu.Unlock()
	if swap != "" {
		b, err := os.ReadFile(swap)
		if err == nil {
			err = os.WriteFile(swap, append(b, "\necho swapped\n"...), 0o755)
		}
		if err != nil {
			return broker.Answer{}, err
		}
	}
	if answer == "never" {
		<-ctx.Done()
		return broker.Answer{}, ctx.Err()
	}
	choice := map[string]broker.Choice{"deny": broker.Deny, "once": broker.AllowOnce, "session": broker.AllowSession, "vouch": broker.Vouch}[answer]
	if a.Kind == broker.AskHuman {
		choice = broker.AllowOnce
		if a.Op == secret.OpUnlock {
			choice = broker.AllowSession
		}
	}
	return broker.Answer{Choice: choice, Digest: a.Digest(), Prompt: secret.Prompt{ID: a.ID, Reason: "test"}}, nil
}

func (w *world) Enter(context.Context, *broker.Ask) (secret.Value, error) {
	return secret.NewValue([]byte(canary))
}

func (w *world) Close(uint64, secret.Outcome) {}
func (w *world) Rest(string, time.Time)       {}

func (w *world) Authenticate(_ context.Context, _ secret.Prompt, s secret.Scope) (secret.Key, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch w.auth {
	case "cancel":
		return nil, secret.Errorf(secret.Cancelled, "the passphrase was not typed")
	case "wrong":
		return nil, secret.Errorf(secret.WrongKey, "that is not the passphrase")
	}
	v, err := secret.NewValue([]byte("correct horse"))
	if err != nil {
		return nil, err
	}
	defer v.Wipe()
	return w.vault.Unlock(v, s)
}

func (w *world) Passwd(context.Context, secret.Prompt) error { return nil }
func (w *world) Rekey(context.Context, secret.Prompt) error  { return nil }

// put stores a secret past the rules, for the start of a test.
func (w *world) put(name, level string) error {
	v, err := secret.NewValue([]byte(canary))
	if err != nil {
		return err
	}
	pass, _ := secret.NewValue([]byte("correct horse"))
	key, err := w.vault.Unlock(pass, secret.Scope{Root: true})
	if err != nil {
		return err
	}
	defer key.Wipe()
	n, err := secret.ParseName(name)
	if err != nil {
		return err
	}
	l := secret.Level(level)
	return w.vault.Apply(key, []secret.Change{{Action: secret.ActionSet, Name: n, Value: v, Replace: true, Meta: secret.Patch{Level: &l}}})
}

func value(t testing.TB, s string) secret.Value {
	v, err := secret.NewValue([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestScripts runs testdata/script. Beside testscript's own, the commands are
//
//	nk CODE ARGS...       noxkey --home HOME ARGS, which must exit with CODE
//	i-am CLASS            human, unknown, or an agent's name
//	person ANSWER [AUTH]  deny, once, session, vouch or never; cancel or wrong
//	put NAME [LEVEL]      a secret whose value is the canary
//	quiet                 the last command said nothing of the canary
//	asked N [TEXT]        N questions were put so far, the last has this reason or command
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"),
		Setup: func(e *testscript.Env) error {
			w := newWorld(e.T().(testing.TB))
			e.Values["world"] = w
			e.Setenv("NK", string(w.home))
			e.Setenv("CANARY", canary)
			e.Setenv("TZ", "UTC")
			e.Setenv("HOSTILE", "red \x1b[31m \u202egnp.exe")
			noxkey, err := exec.LookPath("noxkey")
			e.Setenv("BINARY", noxkey)
			e.Setenv("NOXKEY_DIR", filepath.Dir(noxkey))
			if err != nil {
				return err
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"nk": runNoxkey,
			"nk-exit": func(ts *testscript.TestScript, _ bool, args []string) {
				if got := exitOf(ts, args[1:]); fmt.Sprint(got) != args[0] {
					ts.Fatalf("exit code %d, want %s", got, args[0])
				}
			},
			"hint": func(ts *testscript.TestScript, _ bool, _ []string) {
				if !strings.Contains(ts.ReadFile("stderr"), "\nhint: ") {
					ts.Fatalf("no hint")
				}
			},
			"ran": func(ts *testscript.TestScript, _ bool, args []string) {
				w := in(ts)
				w.mu.Lock()
				defer w.mu.Unlock()
				card := ui.Card(&w.asked[len(w.asked)-1], ui.Terminal(ts.Getenv("WORK")), time.Now()).Text()
				if !strings.Contains(strings.Join(strings.Fields(card), " "), strings.Join(args, " ")) {
					ts.Fatalf("the card says nothing of %q:\n%s", args, card)
				}
			},
			"i-am": func(ts *testscript.TestScript, _ bool, args []string) {
				in(ts).become(strings.Join(args, " "))
			},
			"person": func(ts *testscript.TestScript, _ bool, args []string) {
				if args[0] == "swap" { // allows, and exchanges a file meanwhile
					in(ts).swaps(ts.MkAbs(args[1]))
					return
				}
				in(ts).answers(args[0], strings.Join(args[1:], ""))
			},
			"put": func(ts *testscript.TestScript, _ bool, args []string) {
				ts.Check(in(ts).put(args[0], strings.Join(append(args[1:], "normal")[:1], "")))
			},
			"lock-app": func(ts *testscript.TestScript, _ bool, _ []string) { in(ts).vault.Lock() },
			"asked":    asked,
			"quiet":    quiet,
		},
		RequireUniqueNames: true,
	})
}

func in(ts *testscript.TestScript) *world { return ts.Value("world").(*world) }

func runNoxkey(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: nk CODE ARGS...")
	}
	code := exitOf(ts, args[1:])
	if fmt.Sprint(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
	// What a failure owes its reader.
	if text := ts.ReadFile("stderr"); code != 0 && (!strings.Contains(text, "noxkey: ") || !strings.Contains(text, "\nhint: ")) {
		ts.Fatalf("a failure without message or hint: %q", text)
	}
}

// exitOf runs noxkey and returns its exit code, as a shell counts it.
func exitOf(ts *testscript.TestScript, args []string) int {
	err := ts.Exec("noxkey", append([]string{"--home", string(in(ts).home)}, args...)...)
	if err == nil {
		return 0
	}
	e, ok := errors.AsType[*exec.ExitError](err)
	if !ok {
		ts.Fatalf("%v", err)
	}
	if ws, ok := e.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return 128 + int(ws.Signal())
	}
	return e.ExitCode()
}

func quiet(ts *testscript.TestScript, _ bool, _ []string) {
	if strings.Contains(ts.ReadFile("stdout")+ts.ReadFile("stderr"), canary) {
		ts.Fatalf("the canary was printed")
	}
}

func asked(ts *testscript.TestScript, _ bool, args []string) {
	w := in(ts)
	w.mu.Lock()
	defer w.mu.Unlock()
	if fmt.Sprint(len(w.asked)) != args[0] {
		ts.Fatalf("%d questions were put, want %s", len(w.asked), args[0])
	}
	if len(args) > 1 {
		if a := w.asked[len(w.asked)-1]; a.Reason != args[1] && a.Command != args[1] {
			ts.Fatalf("the reason was %q and the command %q", a.Reason, a.Command)
		}
	}
}
