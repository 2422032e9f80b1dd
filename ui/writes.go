package ui

import (
	"fmt"
	"time"

	"noxkey/broker"
	"noxkey/secret"
)

// writeGroups says what a write would do, one row a change, old -> new below it.
func writeGroups(writes []broker.Write, now time.Time) []Group {
	if len(writes) == 0 {
		return nil
	}
	list := make([]secret.Name, len(writes))
	for i, w := range writes {
		list[i] = w.Name
	}
	g := Group{Path: shared(list)}
	for _, w := range writes {
		g.Rows = append(g.Rows, Row{
			Name: below(w.Name, g.Path), Right: writeWord(w), Heavy: heavy(w), Level: levelAfter(w), Under: writeLines(w, now),
		})
	}
	return []Group{g}
}

func writeWord(w broker.Write) string {
	switch w.Action {
	case secret.ActionSet:
		if w.Exists {
			return "replaced"
		}
		return "new, " + TypeWord(w.New.FieldType) + ", " + LevelWord(w.New.Level)
	case secret.ActionMove:
		if w.Exists {
			return "moved, replacing"
		}
		return "moved"
	case secret.ActionRemove:
		return "deleted"
	case secret.ActionEdit:
		return "changed"
	}
	return Visible(string(w.Action), 24)
}

// levelAfter is the level that the secret has when the write is done, or had if it is
// gone then.
func levelAfter(w broker.Write) secret.Level {
	if w.Action == secret.ActionRemove || w.New.Level == "" {
		return w.Old.Level
	}
	return w.New.Level
}

// heavy marks what loses something: a value, or protection.
func heavy(w broker.Write) bool {
	return w.Exists || w.Action == secret.ActionRemove || w.Old.Level != "" && w.New.Level.Rank() < w.Old.Level.Rank()
}

// writeLines are the fields that change, and for a new secret those it gets.
func writeLines(w broker.Write, now time.Time) []string {
	var lines []string
	if w.To != "" {
		lines = append(lines, "moved to "+string(w.To))
	}
	if w.Enter {
		lines = append(lines, "you type the value")
	}
	if w.Action == secret.ActionRemove {
		return lines
	}
	fresh := w.Action == secret.ActionSet && !w.Exists // its row says type and level
	if !fresh {
		lines = append(lines, changes(
			field{"level", LevelWord(w.Old.Level), LevelWord(w.New.Level)},
			field{"type", TypeWord(w.Old.FieldType), TypeWord(w.New.FieldType)})...)
	}
	return append(lines, changes(
		field{"kind", Visible(string(w.Old.Kind), 32), kindIf(!fresh, w.New.Kind)},
		field{"bundle", Visible(w.Old.Bundle, 64), Visible(w.New.Bundle, 64)},
		field{"about", Visible(w.Old.Desc, reasonMax), Visible(w.New.Desc, reasonMax)},
		field{"expires", day(w.Old.Expires, now), day(w.New.Expires, now)},
		field{"renew at", Visible(w.Old.RotateURL, reasonMax), Visible(w.New.RotateURL, reasonMax)})...)
}

// kindIf leaves the kind of a new secret out: its type and name say as much, and
// the mark tells the rest.
func kindIf(show bool, k secret.Kind) string {
	if !show {
		return ""
	}
	return Visible(string(k), 32)
}

type field struct{ label, old, new string }

func changes(fields ...field) []string {
	var lines []string
	for _, f := range fields {
		if f.old == f.new {
			continue
		}
		lines = append(lines, fmt.Sprintf("%s %s → %s", f.label, orNone(f.old), orNone(f.new)))
	}
	return lines
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func day(t, now time.Time) string {
	if t.IsZero() {
		return ""
	}
	return Date(t, now)
}

// placeGroup names the project that is added to the list, or taken off it.
func placeGroup(a *broker.Ask) []Group {
	right := "new, without secrets"
	if len(a.Writes) > 0 {
		right = "off the list"
	}
	return []Group{{Rows: []Row{{Name: string(a.Prefix), Right: right}}}}
}
