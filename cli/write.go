package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"noxkey/secret"
)

// write makes all changes or none and prints what was done.
func (p *program) write(ctx context.Context, changes []secret.Change) error {
	done, err := p.apply(ctx, changes)
	if err != nil {
		return err
	}
	for _, w := range done {
		if _, err := fmt.Fprintln(p.out, written(w)); err != nil {
			return err
		}
	}
	return nil
}

func (p *program) apply(ctx context.Context, changes []secret.Change) ([]secret.Written, error) {
	if len(changes) > secret.MaxChanges {
		return nil, failf("do it in parts", "%d changes at once are too many; the most is %d", len(changes), secret.MaxChanges)
	}
	var done []secret.Written
	err := p.do(ctx, &secret.Request{Op: secret.OpWrite, Changes: changes}, func(a secret.Answer) error {
		if a.Written != nil {
			done = append(done, *a.Written)
		}
		return nil
	})
	return done, err
}

func written(w secret.Written) string {
	verb := map[secret.Action]string{
		secret.ActionSet: "stored", secret.ActionRemove: "removed", secret.ActionEdit: "changed",
	}[w.Action]
	switch {
	case w.Action == secret.ActionMove:
		return fmt.Sprintf("moved %s to %s", w.Name, w.To)
	case w.Replaced:
		verb = "replaced"
	}
	return verb + " " + string(w.Name)
}

// resolve returns the secrets that target names, as the app does: itself if
// there is one of that name, else all below it.
func (p *program) resolve(ctx context.Context, target secret.Prefix) ([]secret.Name, error) {
	list, err := p.entries(ctx, []secret.Prefix{target})
	if err != nil {
		return nil, err
	}
	var names []secret.Name
	for _, e := range list {
		if string(e.Name) == string(target) {
			return []secret.Name{e.Name}, nil
		}
		names = append(names, e.Name)
	}
	if len(names) == 0 {
		return nil, secret.Errorf(secret.NotFound, "there is nothing below %s", target)
	}
	return names, nil
}

// confirm asks on a terminal; elsewhere, where nobody can answer, the answer is
// yes: the app asks the person in any case.
func (p *program) confirm(ctx context.Context, question string) error {
	if terminal(p.in) == nil || terminal(p.err) == nil {
		return nil
	}
	p.heed()
	fmt.Fprintf(p.err, "%s [y/N] ", question)
	answer := make(chan string, 1)
	go func() {
		line, err := bufio.NewReader(p.in).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			line = ""
		}
		answer <- line
	}()
	select {
	case <-ctx.Done():
		fmt.Fprintln(p.err)
		return ctx.Err()
	case line := <-answer:
		if a := strings.ToLower(strings.TrimSpace(line)); a == "y" || a == "yes" {
			return nil
		}
		return failf("", "nothing was changed")
	}
}
