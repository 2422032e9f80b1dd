package file

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"noxkey/secret"
)

const killChild = "VAULT_FILE_TEST_KILL"

// TestThreatD3KilledAtRandom: a writer that does all there is to do with a vault is killed
// at random. The vault opens each time and holds what the writer last said it had done, or
// what it was doing.
func TestThreatD3KilledAtRandom(t *testing.T) {
	if arg := os.Getenv(killChild); arg != "" {
		workUntilKilled(t, arg)
		return
	}
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	path := place(t, t.TempDir(), small(t))
	deedsDone, inFlight := 0, 0
	for life := range uint64(rounds(110, 1000)) {
		before := onDisk(t, path)
		did := oneLife(t, path, seed+life+1, r.IntN(4), time.Duration(r.IntN(6_000_000)))
		after := onDisk(t, path)
		w := newWork(seed+life+1, before)
		for range did {
			w.next().expect(w.state)
		}
		deedsDone += did
		if maps.Equal(w.state, after) {
			continue
		}
		d := w.next()
		if d.expect(w.state); !maps.Equal(w.state, after) {
			t.Fatalf("seed %d, life %d: killed after %d deeds, in %s at most, the vault has %v", seed, life, did, d.name, after)
		}
		inFlight++
	}
	if left, _ := filepath.Glob(path + ".new-*"); len(left) > 2 {
		t.Errorf("what killed writers left piles up: %v", left)
	}
	t.Logf("%d deeds, %d lives ended after the rename and before the word", deedsDone, inFlight)
	if deedsDone < rounds(110, 1000) {
		t.Errorf("only %d deeds were done: the writer was killed before it wrote", deedsDone)
	}
}

// work is a sequence of deeds that follows from a seed and the state it starts from.
type work struct {
	*rand.Rand
	state state
}

func newWork(seed uint64, s state) *work {
	return &work{rand.New(rand.NewPCG(seed, 1)), maps.Clone(s)}
}

// next is a deed that can be done in the present state; expect is to be called on it.
func (w *work) next() deed {
	var names []secret.Name
	for _, k := range slices.Sorted(maps.Keys(w.state)) {
		if strings.Contains(k, "/") {
			names = append(names, secret.Name(k))
		}
	}
	level := secret.Levels[w.IntN(4)]
	free := secret.Name(fmt.Sprintf("acme/w%d/KEY_%d", w.IntN(4), w.Uint32()))
	switch n := w.IntN(10); {
	case n == 0:
		to := map[string]string{"open sesame": fresh, fresh: "open sesame"}[w.state["pass"]]
		return deed{"passwd", func(v *Vault, _ secret.Key) error { return v.Passwd(pass(w.state["pass"]), pass(to)) },
			func(s state) { s["pass"] = to }}
	case n == 1:
		return deed{"rekey", func(v *Vault, _ secret.Key) error { return v.Rekey(pass(w.state["pass"])) }, func(state) {}}
	case n == 2:
		head := strconv.Itoa(w.IntN(1000))
		return deed{"head", func(v *Vault, _ secret.Key) error { return v.Remember("head", []byte(head)) }, func(s state) { s["head"] = head }}
	case n < 7 || len(names) < 3:
		return w.set(free, names, level)
	case n == 7:
		return changes("mv", secret.Change{Action: secret.ActionMove, Name: names[0], To: free}, func(s state) {
			s[string(free)] = s[string(names[0])]
			delete(s, string(names[0]))
		})
	case n == 8 && len(names) > 12:
		return changes("rm", secret.Change{Action: secret.ActionRemove, Name: names[1]}, func(s state) { delete(s, string(names[1])) })
	}
	f := strings.SplitN(w.state[string(names[2])], " ", 4)
	return changes("edit", secret.Change{Action: secret.ActionEdit, Name: names[2], Meta: secret.Patch{Level: &level}}, func(s state) {
		f[0] = string(level)
		s[string(names[2])] = strings.Join(f, " ")
	})
}

func changes(name string, c secret.Change, expect func(state)) deed {
	return deed{name, func(v *Vault, k secret.Key) error { return v.Apply(k, []secret.Change{c}) }, expect}
}

// set is a batch: one new secret, and one old one replaced.
func (w *work) set(free secret.Name, names []secret.Name, l secret.Level) deed {
	val := strings.Repeat(strconv.Itoa(w.IntN(10)), 1+w.IntN(5000))
	meta := secret.Patch{Level: &l, Desc: new(string)}
	batch := []secret.Change{{Action: secret.ActionSet, Name: free, Value: pass(val), Meta: meta}}
	if len(names) > 0 {
		batch = append(batch, secret.Change{Action: secret.ActionSet, Name: names[w.IntN(len(names))], Replace: true, Value: pass(val), Meta: meta})
	}
	return deed{"set", func(v *Vault, k secret.Key) error { return v.Apply(k, batch) }, func(s state) {
		for _, c := range batch {
			s[string(c.Name)] = entry(l, secret.APIKey, "", val)
		}
	}}
}

// workUntilKilled says a line after each deed.
func workUntilKilled(t *testing.T, arg string) {
	word, path, _ := strings.Cut(arg, " ")
	seed, err := strconv.ParseUint(word, 10, 64)
	must(t, err)
	v, err := Open(path)
	must(t, err)
	s, k, err := look(v)
	must(t, err)
	w := newWork(seed, s)
	fmt.Println("ready")
	for {
		d := w.next()
		if err := d.do(v, k); err != nil {
			t.Fatalf("failed: %s: %v", d.name, err)
		}
		fmt.Println("did", d.name)
		d.expect(w.state)
		if d.name == "rekey" { // it ended every key
			if k, err = v.Unlock(pass(w.state["pass"]), secret.Scope{Root: true}); err != nil {
				t.Fatalf("failed: %v", err)
			}
		}
	}
}

// oneLife runs a worker, kills it that long after it said that so many deeds were done, and
// returns how many it said in the end.
func oneLife(t *testing.T, path string, seed uint64, atLeast int, after time.Duration) (did int) {
	t.Helper()
	c := exec.Command(os.Args[0], "-test.run=^TestThreatD3KilledAtRandom$")
	c.Env = append(os.Environ(), fmt.Sprintf("%s=%d %s", killChild, seed, path))
	out, err := c.StdoutPipe()
	must(t, err)
	must(t, c.Start())
	r := bufio.NewReader(out)
	if line, err := r.ReadString('\n'); line != "ready\n" {
		rest, _ := io.ReadAll(r)
		t.Fatalf("the worker said %q, %v\n%s", line, err, rest)
	}
	var said string
	for range atLeast {
		line, _ := r.ReadString('\n')
		said += line
	}
	time.AfterFunc(after, func() { _ = c.Process.Kill() })
	rest, _ := io.ReadAll(r)
	_ = c.Wait()
	for line := range strings.Lines(said + string(rest)) {
		if strings.HasPrefix(line, "did ") && strings.HasSuffix(line, "\n") {
			did++
		} else if strings.Contains(line, "failed") {
			t.Fatal(said + string(rest))
		}
	}
	return did
}
