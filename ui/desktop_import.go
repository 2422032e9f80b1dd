package ui

import (
	"path/filepath"
	"strings"

	"noxkey/dotenv"
	"noxkey/secret"
)

// Words of the import window.
const (
	ImportTitle    = "Import .env Files"
	ImportDrop     = "Drop .env files here"
	ImportDropBody = "NoxKey reads them, shows what it found, and writes nothing until you say so."
	ImportOpen     = "Open Files…"
	ImportDropNote = "Values go to the Keychain. Nothing leaves this Mac."
	ImportUnder    = "Put under"
	ImportLevel    = "Level"
	ImportAll      = "Choose all new keys"
	ImportFile     = "The file still holds them in plain text"
	ImportDelete   = "Deleting removes it at once, not through the Trash, which would keep a copy. Git history keeps every version that was committed."
	NotShown       = "not shown"
	OneMoment      = "One moment…"

	DeleteFile   = "Delete File"
	KeepFile     = "Keep File"
	ShowInFinder = "Show in Finder"
	Done         = "Done"
	Cancel       = "Cancel"
	Continue     = "Continue"
)

// ImportColumns are the headings of the review's table.
var ImportColumns = []string{"Key", "Starts with", "Goes to", "Type", "State"}

// DiscardQuestion is asked before a review is lost that the person has worked on.
func DiscardQuestion() (title, yes, no string) {
	return "Discard the changes in this review?", "Discard", "Keep Reviewing"
}

// IsEnvFile reports whether a path looks like a .env file, by its name.
func IsEnvFile(path string) bool { return dotenv.IsEnvName(filepath.Base(path)) }

// Has reports whether the file at path is under review already.
func (r *Review) Has(path string) bool {
	for _, f := range r.Files {
		if f.Path == path {
			return true
		}
	}
	return false
}

// Fixable reports whether another target could let row i be stored: one that is
// refused for its value cannot.
func (r *Review) Fixable(i int) bool { return !r.Rows[i].value.Empty() }

// GoesTo is what stands in row i under Goes to: the whole name, or why there is none.
func (r *Review) GoesTo(i int) string {
	row := &r.Rows[i]
	if row.name != "" {
		return string(row.name)
	}
	if r.Fixable(i) && !strings.Contains(row.Target, "/") && PrefixFault(r.Files[row.File].Prefix) != "" {
		return "Say above where it goes."
	}
	return row.Why
}

// EditText is the target of row i as it is edited: the whole name.
func (r *Review) EditText(i int) string {
	row := &r.Rows[i]
	if strings.Contains(row.Target, "/") {
		return Visible(row.Target, 0)
	}
	p := strings.TrimSuffix(r.Files[row.File].Prefix, "/")
	if p == "" {
		return Visible(row.Target, 0)
	}
	return Visible(p+"/"+row.Target, 0)
}

// TargetFault says why row i cannot get that target; "" if it can.
func (r *Review) TargetFault(i int, target string) string {
	row := r.Rows[i]
	row.Target = target
	r.resolve(&row)
	if row.name != "" {
		return ""
	}
	return row.Why
}

// PrefixFault says why keys cannot be put under p; "" if they can.
func PrefixFault(p string) string {
	if p == "" {
		return "Say where the keys go, such as acme/api."
	}
	if _, err := secret.ParsePrefix(p); err != nil {
		return "A place is 1 to 6 parts of letters, digits, dot, dash and underscore, such as acme/api."
	}
	return ""
}

// Choose chooses the rows, or leaves them out. Refused ones stay out.
func (r *Review) Choose(rows []int, on bool) {
	for _, i := range rows {
		row := &r.Rows[i]
		if row.State == Refused || row.Use == on {
			continue
		}
		row.Use, row.chosen, r.dirty = on, true, true
	}
	r.judge()
}

// Covered says what the box above all rows shows: that every new key is chosen (all),
// or some row is. any is false where there is no new key that it could choose.
func (r *Review) Covered() (all, some, any bool) {
	all = true
	for i := range r.Rows {
		row := &r.Rows[i]
		some = some || row.Use
		if row.State == New {
			any = true
			all = all && row.Use
		}
	}
	return all && any, some, any || some
}

// ChooseAll chooses every new key, or leaves every key out. What would replace a stored
// value, and what has the target of another row, is chosen row by row only.
func (r *Review) ChooseAll(on bool) {
	var rows []int
	for i := range r.Rows {
		if !on || r.Rows[i].State == New {
			rows = append(rows, i)
		}
	}
	r.Choose(rows, on)
}

// SetType gives row i a field type, and with it another peek.
func (r *Review) SetType(i int, t secret.FieldType) {
	for range secret.FieldTypes {
		if r.Rows[i].Type == t {
			return
		}
		r.NextType(i)
	}
}

// SetLevel gives all rows a level.
func (r *Review) SetLevel(l secret.Level) {
	for range secret.Levels {
		if r.Level == l {
			return
		}
		r.NextLevel()
	}
}

// LeftOut counts what a file holds that is not in the vault after the import.
func (r *Review) LeftOut(file int) int { return r.leftOut(file) }

// PeekWords is what stands in row i under Starts with, and whether it is a part of the
// value.
func (r *Review) PeekWords(i int) (text string, peek bool) {
	row := &r.Rows[i]
	switch {
	case row.State == Refused:
		return "", false
	case row.Peek == "":
		return NotShown, false
	}
	return row.Peek + "…", true
}

// Speak is row i as it is read out.
func (r *Review) Speak(i int) string {
	row := &r.Rows[i]
	if row.State == Refused {
		return row.Key + ", refused: " + r.GoesTo(i)
	}
	chosen := "left out"
	if row.Use {
		chosen = "chosen"
	}
	return strings.Join([]string{row.Key, chosen, "goes to " + r.GoesTo(i), TypeWord(row.Type), strings.ToLower(row.State.String())}, ", ")
}

// Button is what the button says that stores the batch: "Import 7 Secrets".
func (r *Review) Button() string {
	if n := r.Chosen(); n != 1 {
		return "Import " + Number(n) + " Secrets"
	}
	return "Import 1 Secret"
}

// RowNote says what is to be known of row i before it is stored; "" for nothing.
func (r *Review) RowNote(i int) string {
	row := &r.Rows[i]
	switch {
	case row.State == Refused:
		return row.Key + ": " + r.GoesTo(i)
	case row.Doubt != "":
		return row.Key + ": " + row.Doubt + "."
	}
	return ""
}

// BatchFault says in words that a batch was not written.
func BatchFault(err error) string {
	const nothing = "Nothing was written. "
	if secret.CodeOf(err) == secret.Cancelled {
		return nothing + firstSentence(Capital(Visible(err.Error(), 200)))
	}
	w := strings.TrimSuffix(Words(err), " Nothing was released.")
	for _, p := range []string{"Nothing was written: ", "Nothing was released or written: "} {
		w = strings.TrimPrefix(w, p)
	}
	if head, _, _ := strings.Cut(w, " "); strings.Contains(head, "/") {
		return nothing + w // begins with a name
	}
	return nothing + Capital(w)
}

// firstSentence is what stands before the second one.
func firstSentence(s string) string {
	s, _, _ = strings.Cut(s, ". ")
	return strings.TrimSuffix(s, ".") + "."
}
