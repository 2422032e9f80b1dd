package cli

import (
	"context"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"noxkey/secret"
)

func lsCommand(p *program) *cobra.Command {
	var bundle string
	var tree, expiring bool
	c := &cobra.Command{
		Use:   "ls [PREFIX...]",
		Short: "List names, types, levels and descriptions",
		Long:  "List secrets: name, type, level, expiry and description. Values are not read, so nobody is asked.\nWith --json an array of objects; an organisation or project without secrets is an object with prefix alone.",
		Example: `  noxkey ls
  noxkey ls acme/api --tree
  noxkey ls --expiring
  noxkey ls --bundle deploy --json | jq -r '.[].name'`,
		ValidArgsFunction: p.completeNames,
		RunE: func(c *cobra.Command, args []string) error {
			targets, err := prefixes(args)
			if err != nil {
				return err
			}
			if bundle != "" && len(args) > 0 {
				return usagef("give names or --bundle, not both")
			}
			if p.json && tree {
				return usagef("give --json or --tree, not both")
			}
			req := &secret.Request{Op: secret.OpList, Targets: targets, Bundle: bundle}
			view := p.view(tree)
			if expiring {
				view = expiringList{view, time.Now()}
			}
			return p.list(c.Context(), req, view)
		},
	}
	c.Flags().StringVar(&bundle, "bundle", "", "only those with this `LABEL`")
	c.Flags().BoolVar(&tree, "tree", false, "indent by organisation and project")
	c.Flags().BoolVar(&expiring, "expiring", false, "only those that have expired or will within 14 days, and where to renew them")
	return p.listing(c)
}

// expiringList passes on what has expired or will soon.
type expiringList struct {
	lister
	now time.Time
}

func (l expiringList) entry(e secret.Entry) error {
	if e.Expires.IsZero() || e.Expires.Sub(l.now) > secret.Soon {
		return nil
	}
	if t, ok := l.lister.(tableList); ok && e.RotateURL != "" {
		return t.row(e, cell{"renew at " + e.RotateURL, ""})
	}
	return l.lister.entry(e)
}

func (l expiringList) place(secret.Place) error { return nil }

// lister prints a listing piece by piece.
type lister interface {
	entry(secret.Entry) error
	place(secret.Place) error
	end() error
}

func (p *program) view(tree bool) lister {
	switch {
	case p.json:
		return jsonList{&array{w: p.out}}
	case tree:
		return &treeList{w: p.out, colour: colour(p.out), now: time.Now()}
	}
	return tableList{newTable(p.out), time.Now()}
}

// list prints what req answers. Nothing at all below a name that was given is an
// error of code NotFound.
func (p *program) list(ctx context.Context, req *secret.Request, l lister) error {
	n := 0
	err := p.do(ctx, req, func(a secret.Answer) error {
		switch {
		case a.Entry != nil:
			n++
			return l.entry(*a.Entry)
		case a.Place != nil:
			n++
			return l.place(*a.Place)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if n == 0 && req.Bundle != "" {
		return secret.Errorf(secret.NotFound, "no secret has the label %s", req.Bundle)
	}
	if n == 0 && len(req.Targets) > 0 {
		return secret.Errorf(secret.NotFound, "there is nothing below %s", req.Targets[0])
	}
	return l.end()
}

type tableList struct {
	t   *table
	now time.Time
}

func (l tableList) entry(e secret.Entry) error { return l.row(e) }

func (l tableList) row(e secret.Entry, more ...cell) error {
	cells := append([]cell{{string(e.Name), ""}}, entryCells(e, l.now)...)
	return l.t.row(append(cells, more...)...)
}

func (l tableList) place(p secret.Place) error {
	return l.t.row(cell{string(p.Prefix) + "/", ""}, cell{"empty", dim})
}

func (l tableList) end() error { return l.t.flush() }

type jsonList struct{ a *array }

func (l jsonList) entry(e secret.Entry) error { return l.a.add(e) }
func (l jsonList) place(p secret.Place) error { return l.a.add(p) }
func (l jsonList) end() error                 { return l.a.end() }

// treeList indents names. It relies on the order in which entries come: sorted
// by name.
type treeList struct {
	w      io.Writer
	colour bool
	now    time.Time
	above  []string // segments of the line before, its last one excluded
}

func (l *treeList) entry(e secret.Entry) error {
	seg := e.Name.Segments()
	if err := l.folders(seg[:len(seg)-1]); err != nil {
		return err
	}
	words := []string{seg[len(seg)-1]}
	for _, c := range entryCells(e, l.now) {
		if c.text != "" {
			words = append(words, paint(l.colour, c.code, show(c.text)))
		}
	}
	return l.line(len(seg)-1, strings.Join(words, "  "))
}

func (l *treeList) place(p secret.Place) error {
	return l.folders(strings.Split(string(p.Prefix), "/"))
}

// folders prints the segments that the line before did not have.
func (l *treeList) folders(seg []string) error {
	same := 0
	for same < min(len(seg), len(l.above)) && seg[same] == l.above[same] {
		same++
	}
	l.above = seg
	for i := same; i < len(seg); i++ {
		if err := l.line(i, seg[i]+"/"); err != nil {
			return err
		}
	}
	return nil
}

func (l *treeList) line(depth int, text string) error {
	_, err := io.WriteString(l.w, strings.Repeat("  ", depth)+text+"\n")
	return err
}

func (l *treeList) end() error { return nil }
