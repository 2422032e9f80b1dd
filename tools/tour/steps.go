package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"noxkey/dotenv"
	"noxkey/secret"
	"noxkey/tools/rig"
	"noxkey/ui"
	"noxkey/vault/file"
)

const stripeKey = "acme/api/STRIPE_KEY"

// vault makes the app.
func (t *tour) vault(context.Context) (string, error) {
	t.desk, t.terms = ui.NewDesk(time.Now), ui.Terminal(t.stage.dir)
	var err error
	if t.app, err = rig.Start(t.stage.dir, rig.Options{Desk: t.desk, Version: "tour"}); err != nil {
		return "", err
	}
	pass := t.app.Passphrase()
	defer pass.Wipe()
	_ = pass.Use(func(b []byte) error {
		t.samples = append(t.samples, sample{"the passphrase", string(b), string(b)})
		return nil
	})
	t.person = &person{desk: t.desk, pass: t.app.Passphrase, n: t.narrator, terms: t.terms, expect: only(stripeKey, t.who)}
	t.tell("%s, a file vault under a random passphrase, which only the scripted person knows.", t.short(t.app.Home.Vault()))
	t.tell("To keep the tour short a guess at it costs %s. The app itself takes %s.", rig.Cheap, file.DefaultParams)
	fi, err := os.Stat(t.app.Home.Vault())
	if err != nil {
		return "", err
	}
	if fi.Mode() != 0o600 {
		return "", fmt.Errorf("its mode is %v", fi.Mode())
	}
	if _, err := rig.Start(string(t.app.Home), rig.Options{}); secret.CodeOf(err) != secret.Exists {
		return "", errors.New("a home that was there already is not refused")
	}
	return "the file is there with mode 0600, and a home that was there already is refused.", nil
}

// generate makes the values of the sample file.
func (t *tour) generate() []byte {
	add := func(key, before, core, after string) {
		t.samples = append(t.samples, sample{key, before + core + after, core})
	}
	add("STRIPE_KEY", "sk_live_", rand.Text(), "")
	add("DATABASE_URL", "postgres://shop:", rand.Text()+"$x", "@db.internal/shop")
	add("ADMIN_PASSWORD", "", rand.Text()[:12]+`"$(id)'&<`+rand.Text()[:12], "")
	var b bytes.Buffer
	for _, s := range t.samples[1:] { // the first is the passphrase
		fmt.Fprintf(&b, "%s=%s\n", s.key, s.value)
	}
	b.WriteString("PATH=/tmp/evil:/usr/bin\n")
	return b.Bytes()
}

// imports reads a .env file, shows the review and stores it, as the front does.
func (t *tour) imports(ctx context.Context) (string, error) {
	path := filepath.Join(t.stage.work, ".env")
	if err := os.WriteFile(path, t.generate(), 0o600); err != nil {
		return "", err
	}
	t.tell("A project's .env, with values that were generated a moment ago. The table shows at most the first 8 characters of a value, and of a password none.")
	f, digest, err := dotenv.ReadFile(path)
	if err != nil {
		return "", err
	}
	review := ui.NewReview(nil)
	defer review.Wipe()
	review.Add(path, f, digest, ui.SuggestPrefix(path))
	t.frame(reviewLines(review, t.terms))
	if refused := review.Rows[len(review.Rows)-1]; refused.State != ui.Refused || review.Chosen() != 3 {
		return "", fmt.Errorf("%d are chosen, and %s is %s", review.Chosen(), refused.Key, refused.State)
	}
	t.person.scripted("presses Enter (import 3)")
	go t.person.serve(ctx)
	written := 0
	err = t.do(ctx, &secret.Request{Op: secret.OpWrite, Changes: review.Changes()}, func(a secret.Answer) error {
		if a.Written != nil {
			written++
		}
		return nil
	})
	if err != nil || written != 3 {
		return "", fmt.Errorf("%d were written: %w", written, err)
	}
	done := review.Done(t.terms.Store)
	t.tell("%s. %s %s", done.Title, done.Body, ui.LeftWords(done.Left))
	t.person.scripted("deletes ~/acme/api/.env by hand")
	if err := os.Remove(path); err != nil {
		return "", err
	}
	return "three are stored, PATH is not. In the vault's file stands no value and no name.", t.sealed()
}

// sealed looks for values and names in the vault's files.
func (t *tour) sealed() error {
	for _, path := range []string{t.app.Home.Vault(), t.app.Home.Vault() + ".1"} {
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if found, _ := search([]text{{"the vault", b}}, t.samples); len(found) > 0 {
			return errors.New(strings.Join(found, "; "))
		}
		for _, s := range t.samples[1:] {
			if bytes.Contains(b, []byte(s.key)) {
				return fmt.Errorf("the name %s is in %s", s.key, path)
			}
		}
	}
	return nil
}

// starts starts the agent, which starts the MCP server.
func (t *tour) starts(ctx context.Context) (string, error) {
	t.tell("The agent is a stand-in: this program under the name claude. It runs “noxkey mcp” (%s) and speaks MCP to it through modelcontextprotocol/go-sdk, a client that is not ours.", t.stage.client)
	if err := t.begin(ctx); err != nil {
		return "", err
	}
	r, err := t.agent.decide(move{Tools: true})
	if err != nil {
		return "", err
	}
	t.scripted("agent: lists the tools")
	t.quote(strings.Join(r.Tools, "  "))
	want := []string{"noxkey_admin", "noxkey_get", "noxkey_scan", "noxkey_set", "noxkey_show"}
	if slices.Sort(r.Tools); !slices.Equal(r.Tools, want) {
		return "", fmt.Errorf("the tools are %v", r.Tools)
	}
	r, err = t.runs(`noxkey --home ` + string(t.app.Home) + ` status`)
	if err != nil {
		return "", err
	}
	if !slices.Contains(strings.Split(squeeze(r.Text), "\n"), "you "+t.who) {
		return "", fmt.Errorf("NoxKey sees the agent as something else than %q", t.who)
	}
	return fmt.Sprintf("five tools, and the kernel's process tree says who asks: %s.", t.who), nil
}

// squeeze makes one space of several.
func squeeze(s string) string {
	var lines []string
	for l := range strings.SplitSeq(s, "\n") {
		lines = append(lines, strings.Join(strings.Fields(l), " "))
	}
	return strings.Join(lines, "\n")
}

// runs lets the agent run a shell command, and prints both.
func (t *tour) runs(command string) (reply, error) {
	t.scripted("agent: runs in its shell")
	t.quote("$ " + t.short(command))
	r, err := t.agent.decide(move{Shell: command})
	if err == nil {
		t.quote(t.short(r.Text))
	}
	return r, err
}

// get lets the agent ask for the key through MCP and returns the shell call that
// the answer names, with program in the place of its own command.
func (t *tour) get(program string) (string, error) {
	t.scripted("agent: calls noxkey_get for %s", stripeKey)
	cards := t.person.seen.Load()
	r, err := t.agent.decide(move{Tool: "noxkey_get", Args: map[string]any{
		"account": stripeKey, "reason": "Charge the test customer once, to see the webhook arrive.", "command": program,
	}})
	if err != nil {
		return "", err
	}
	script, _ := r.Data["script"].(string)
	if r.Code != 0 || script == "" || t.person.seen.Load() != cards+1 {
		return "", fmt.Errorf("no handoff, or without a card: %s", squeeze(r.Text))
	}
	if err := t.reads(script); err != nil {
		return "", err
	}
	call, _ := r.Data["command"].(string)
	call = strings.Replace(call, "<your command>", program, 1)
	if filepath.Base(t.shell) != "bash" {
		call = ". " + strings.TrimPrefix(call, "source ")
	}
	return call, nil
}

// reads keeps what lies in a handoff's folder. The pipe is left alone: to open it
// is a step of its own.
func (t *tour) reads(script string) error {
	dir := filepath.Dir(script)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		t.seen = append(t.seen, text{"the name of a file in the handoff's folder", []byte(e.Name())})
		if e.Type() == fs.ModeNamedPipe {
			continue
		}
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return err
		}
		t.seen = append(t.seen, text{"the handoff's file " + e.Name(), b})
	}
	return nil
}

// asks is the heart: a request, a card, an answer, and a script instead of a value.
func (t *tour) asks(context.Context) (string, error) {
	t.tell("This is the card as the terminal front would show it.")
	call, err := t.get("charge")
	if err != nil {
		return "", err
	}
	t.source = call
	t.tell("The MCP answer names a script, the variable that it loads, and what not to do. The agent is told to run:")
	t.quote(call)
	return "one card, one answer, one handoff; the answer holds no value.", nil
}

// uses runs the command with the value in its environment.
func (t *tour) uses(context.Context) (string, error) {
	call := t.source
	if t.opt.leak {
		call += `; echo "$STRIPE_KEY"`
	}
	r, err := t.runs(call)
	if err != nil {
		return "", err
	}
	if want := receipt(t.samples[1].value); r.Code != 0 || !strings.Contains(r.Text, want) {
		return "", fmt.Errorf("exit code %d, and the program should say %q", r.Code, want)
	}
	return "the program had the right key, byte for byte. It went through a pipe from the MCP server to this shell, and into no file.", nil
}

// prints runs a program with the value in its environment that prints it, and the agent
// reads what came out.
func (t *tour) prints(context.Context) (string, error) {
	t.tell("Where the agent's shell can reach NoxKey it needs no script: noxkey run gives the value to one command, and takes it out of what that command prints.")
	cards := t.person.seen.Load()
	r, err := t.runs(`noxkey --home ` + string(t.app.Home) + ` run --reason 'Look at the key' ` + stripeKey + ` -- sh -c 'echo "key: $STRIPE_KEY"; printf %s "$STRIPE_KEY" | base64; charge'`)
	if err != nil {
		return "", err
	}
	mark := "[noxkey:" + stripeKey + "]"
	if r.Code != 0 || t.person.seen.Load() != cards+1 || strings.Count(r.Text, mark) != 2 || !strings.Contains(r.Text, receipt(t.samples[1].value)) {
		return "", fmt.Errorf("exit code %d, and the program should say %q and %q", r.Code, mark, receipt(t.samples[1].value))
	}
	return "the program had the key, and the agent read " + mark + " where it was printed, as it is and in base64.", nil
}
