package ui

import (
	"fmt"
	"strings"
	"time"

	"noxkey/secret"
)

// access says what it takes to read a secret of each level.
var access = map[secret.Level]string{
	secret.Easy:      "No prompt while NoxKey is unlocked; agents need a card.",
	secret.Normal:    "%s, or a session.",
	secret.Strict:    "A card and %s at every read. No session covers it.",
	secret.OffLimits: "%s at every read. Agents are always refused.",
}

// Details are the labelled lines about an entry; those that are empty are left out.
func Details(e *secret.Entry, t Terms, now time.Time) []Fact {
	var list []Fact
	put := func(label, text string, path bool) {
		if text != "" {
			list = append(list, Fact{label, text, path})
		}
	}
	put("Description", Visible(e.Desc, reasonMax), false)
	put("Type", TypeWord(e.FieldType), false)
	put("Copying", copies(e), false)
	put("Starts with", Visible(e.Peek, 0), false)
	put("Bundle", Visible(e.Bundle, 0), false)
	put("Expires", expiry(e.Expires, now), false)
	put("Renew at", Visible(e.RotateURL, 0), true)
	put("Created", day(e.Created, now), false)
	put("Changed", day(e.Changed, now), false)
	if !e.LastUsed.IsZero() {
		put("Last used", Ago(now.Sub(e.LastUsed)), false)
	}
	put("Access", accessWords(e.Level, t), false)
	if e.Damaged {
		put("Damaged", "It was changed or damaged outside NoxKey and cannot be opened.", false)
	}
	return list
}

func accessWords(l secret.Level, t Terms) string {
	w, ok := access[l]
	if !ok {
		return "Refused: this level is not known."
	}
	if l == secret.Easy {
		return w
	}
	proof := t.Proof
	if l == secret.Strict {
		proof = strings.Replace(proof, "Your ", "your ", 1)
	}
	return fmt.Sprintf(w, proof)
}
