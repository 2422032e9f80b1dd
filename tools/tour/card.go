package main

import (
	"time"

	"noxkey/broker"
	"noxkey/ui"
)

// inner is how many columns the text of a frame has.
const inner = width - 4

// cardLines lays out what ui says of a request, as the terminal front does.
func cardLines(a *broker.Ask, t ui.Terms, now time.Time) []string {
	v := ui.Card(a, t, now)
	lines := []string{edges("NoxKey", v.Mark, inner), ""}
	lines = append(lines, wrap(v.Title, inner)...)
	lines = append(lines, wrap(v.Long, inner)...)
	if v.Strip != nil {
		lines = append(lines, "", "! "+v.Strip.Title)
		lines = append(lines, wrap("  "+v.Strip.Body, inner)...)
	}
	for _, g := range v.Groups {
		lines = append(lines, "")
		by := "  "
		if g.Path != "" {
			lines, by = append(lines, "  "+g.Path+"/"), "    "
		}
		for _, r := range g.Rows {
			lines = append(lines, edges(by+r.Name, r.Right, inner))
			for _, u := range r.Under {
				lines = append(lines, wrap(by+"  "+u, inner)...)
			}
		}
	}
	lines = append(lines, "")
	for _, f := range v.Facts {
		for i, l := range wrap(f.Text, inner-10) {
			lines = append(lines, pad([]string{f.Label, ""}[min(i, 1)], 10)+l)
		}
	}
	lines = append(lines, "", t.Proof+" follows. Without an answer, denied in "+ui.Clock(a.Deadline.Sub(now))+".", "", buttonLine(v))
	for i := range lines {
		lines[i] = " " + lines[i]
	}
	return lines
}

func buttonLine(v ui.CardView) string {
	keys := map[broker.Choice]string{broker.AllowOnce: "a", broker.AllowSession: "s", broker.Vouch: "v", broker.Deny: "d"}
	line := ""
	for _, b := range v.Buttons {
		if line != "" {
			line += "   "
		}
		line += keys[b.Choice] + " " + b.Label
	}
	return line
}

// reviewLines lays out an import before it happens.
func reviewLines(r *ui.Review, t ui.Terms) []string {
	file := r.Files[0]
	lines := []string{edges("NoxKey · import", t.Path(file.Path), inner), "", r.Counts(),
		edges("Put under  "+file.Prefix, "Level  "+ui.LevelWord(r.Level), inner), "",
		"    " + pad("Key", 20) + pad("Starts with", 12) + pad("Goes to "+file.Prefix+"/…", 22) + pad("Type", 10) + "State"}
	for i := range r.Rows {
		lines = append(lines, reviewRow(&r.Rows[i]))
	}
	lines = append(lines, "", r.ChosenLine())
	for i := range lines {
		lines[i] = " " + lines[i]
	}
	return lines
}

func reviewRow(row *ui.ReviewRow) string {
	if row.State == ui.Refused {
		return " -  " + pad(row.Key, 20) + pad(row.Why, 44) + row.State.String()
	}
	box := map[bool]string{true: "[x] ", false: "[ ] "}[row.Use]
	peek := row.Peek + "…"
	if row.Peek == "" {
		peek = "not shown"
	}
	return box + pad(row.Key, 20) + pad(peek, 12) + pad(row.Target, 22) + pad(ui.TypeWord(row.Type), 10) + row.State.String()
}
