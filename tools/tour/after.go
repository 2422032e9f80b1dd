package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"noxkey/secret"
)

// again sources what was sourced.
func (t *tour) again(context.Context) (string, error) {
	r, err := t.runs(t.source)
	if err != nil {
		return "", err
	}
	if r.Code == 0 || strings.Contains(r.Text, "accepted") {
		return "", errors.New("the script worked twice")
	}
	return "the script is gone, and nothing was loaded.", nil
}

// cat opens a fresh handoff's pipe with something that is not a shell.
func (t *tour) cat(context.Context) (string, error) {
	t.person.brief.Store(true)
	call, err := t.get("charge")
	if err != nil {
		return "", err
	}
	script := strings.Split(call, "'")[1]
	r, err := t.runs("cat " + filepath.Dir(script) + "/pipe")
	if err != nil {
		return "", err
	}
	if !strings.Contains(r.Text, "noxkey: this pipe answers only a shell") {
		return "", errors.New("that is not the refusal")
	}
	t.tell("That line is the refusal, not the value. The same script, sourced properly now:")
	if r, err = t.runs(call); err != nil {
		return "", err
	}
	if r.Code == 0 || strings.Contains(r.Text, "accepted") {
		return "", errors.New("the handoff was worth something after cat had opened it")
	}
	return "cat got a refusal, and the approval is spent.", nil
}

// raw asks the command line for what agents are not given.
func (t *tour) raw(context.Context) (string, error) {
	cards := t.person.seen.Load()
	r, err := t.runs("noxkey --home " + string(t.app.Home) + " get --raw " + stripeKey)
	if err != nil {
		return "", err
	}
	if r.Code != 4 { // denied, as the exit codes of cli have it
		return "", fmt.Errorf("exit code %d", r.Code)
	}
	if t.person.seen.Load() != cards {
		return "", errors.New("the person was asked")
	}
	return "refused by the rules (exit code 4), without a card.", nil
}

// searches searches all that the agent saw or could have read for every value.
func (t *tour) searches(context.Context) (string, error) {
	if err := t.collect(); err != nil {
		return "", err
	}
	found, planted := control(t.samples)
	t.tell("Searched for the %d generated values and the passphrase, in any %d characters of them, and for their encodings: base64 and base32 at all offsets, hex, URL, JSON, HTML, shell, UTF-16, reversed.", len(t.samples)-1, window)
	t.tell("Control: the same search finds %d of %d values that were planted in these encodings.", found, planted)
	if found != planted {
		return "", errors.New("the search is blind")
	}
	for _, l := range tally(t.seen) {
		t.line("    " + l)
	}
	hits, size := search(t.seen, t.samples)
	if len(hits) > 0 {
		return "", fmt.Errorf("%d matches in %d bytes: %s", len(hits), size, strings.Join(hits, "; "))
	}
	return fmt.Sprintf("0 matches in %d bytes.", size), nil
}

// collect adds what lies in files, and what was printed here.
func (t *tour) collect() error {
	wire, err := os.ReadFile(t.agent.wire)
	if err != nil {
		return err
	}
	if !strings.Contains(string(wire), `"tools/call"`) || !strings.Contains(string(t.agent.record), "charge: accepted") {
		return errors.New("the record of what the agent saw is not one") // nothing searched is nothing found
	}
	t.seen = append(t.seen,
		text{"MCP, both ways", wire},
		text{"the agent's transcript", t.agent.record},
		text{"this tour's own output", t.text()})
	for _, path := range []string{t.app.Home.Vault(), t.app.Home.Vault() + ".1", t.app.Home.Audit()} {
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		t.seen = append(t.seen, text{"the app's file " + filepath.Base(path), b})
	}
	return nil
}

// tally is a line for each kind of text, with its size.
func tally(list []text) []string {
	var order []string
	sizes := map[string]int{}
	for _, t := range list {
		if !slices.Contains(order, t.what) {
			order = append(order, t.what)
		}
		sizes[t.what] += len(t.body)
	}
	var lines []string
	for _, what := range order {
		lines = append(lines, edges(what, fmt.Sprintf("%d bytes", sizes[what]), width-8))
	}
	return lines
}

// audit shows what was recorded of it all, and checks the record.
func (t *tour) audit(ctx context.Context) (string, error) {
	var records []secret.Record
	err := t.do(ctx, &secret.Request{Op: secret.OpAudit, Limit: 50}, func(a secret.Answer) error {
		if a.Record != nil {
			records = append(records, *a.Record)
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	for _, r := range records {
		t.record(r)
	}
	if err := complete(records); err != nil {
		return "", err
	}
	var lines string
	err = t.do(ctx, &secret.Request{Op: secret.OpVerify}, func(a secret.Answer) error {
		f := a.Finding
		if f == nil {
			return nil
		}
		t.line("    " + pad(f.Subject, 13) + f.Text)
		if !f.OK {
			return fmt.Errorf("%s: %s", f.Subject, f.Text)
		}
		if f.Subject == "audit" {
			lines = f.Text
		}
		return nil
	})
	if err == nil && !strings.Contains(lines, "intact") {
		err = errors.New("nothing was said of the chain")
	}
	return "one release, and it names the shell. Verify: " + lines + ".", err
}

func (t *tour) record(r secret.Record) {
	what := strings.TrimPrefix(fmt.Sprint(r.Names), "[")
	if what = strings.TrimSuffix(what, "]"); len(r.Names) > 1 {
		what = fmt.Sprintf("%d secrets", len(r.Names))
	}
	t.line(edges("    "+r.Time.Local().Format("15:04:05")+"  "+pad(string(r.Outcome), 13)+pad(what, 30), r.Who, width-2))
	if r.Detail != "" {
		for _, l := range wrap(strings.Repeat(" ", 27)+r.Detail, width-2) {
			t.line(l)
		}
	}
}

// complete holds the record against the story: two cards allowed and one import,
// one release, and the refusal of the bare value.
func complete(records []secret.Record) error {
	count := map[string]int{}
	for _, r := range records {
		count[string(r.Op)+" "+string(r.Outcome)]++
	}
	for what, n := range map[string]int{"write allowed once": 1, "get allowed once": 3, "redeem released": 1, "get refused": 1} {
		if count[what] != n {
			return fmt.Errorf("%q was recorded %d times, not %d: %v", what, count[what], n, count)
		}
	}
	return nil
}
