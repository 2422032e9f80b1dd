package ui

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"noxkey/dotenv"
	"noxkey/secret"
)

// RowState says what an import would do with one key.
type RowState int

// The states. Refused is the zero value: what was not looked at is not imported.
const (
	Refused   RowState = iota
	New                // no secret of that name
	Same               // there, with the same value
	Conflicts          // there, or the target of another row, and not chosen
	Replaces           // there, and chosen to be replaced
)

var stateWords = [...]string{Refused: "Refused", New: "New", Same: "Same", Conflicts: "Conflict", Replaces: "Replaces"}

// String gives the word of the State column.
func (s RowState) String() string { return stateWords[s] }

// ReviewRow is one key of a file, and what is to become of it.
type ReviewRow struct {
	File   int    // index of its file
	Key    string // as written, made visible
	Line   int    // of the key in its file, from 1
	Peek   string // the start of the value, made visible; "" is not shown
	Target string // below the file's prefix, or a whole name once edited to one with a slash
	Type   secret.FieldType
	Use    bool
	State  RowState
	Why    string // why it is refused, or what is wrong with the target
	Doubt  string // why another reader may read the value differently

	name   secret.Name // what Target comes to; "" if it is no name
	value  secret.Value
	held   []secret.Name // under which the same value is stored, as far as that is known
	chosen bool          // Use was set by hand
}

// Name is the full name that the row would be stored under, "" if Target is none.
func (r *ReviewRow) Name() secret.Name { return r.name }

// ReviewFile is one file under review.
type ReviewFile struct {
	Path   string // as read, raw
	Bad    []int  // lines that could not be read
	Prefix string // put under, as typed
	digest dotenv.Digest
	done   bool // deleted
}

// Review is an import before it happens: what was found in .env files, and what
// the person chose. Nothing is written by it.
type Review struct {
	Rows  []ReviewRow
	Files []ReviewFile
	Level secret.Level

	existing map[secret.Name]bool
	dirty    bool
}

// NewReview starts an empty review against what is stored already.
func NewReview(stored []secret.Entry) *Review {
	r := &Review{Level: secret.Normal, existing: make(map[secret.Name]bool, len(stored))}
	for _, e := range stored {
		r.existing[e.Name] = true
	}
	return r
}

// Add puts a file's keys into the review. It takes ownership of the values. A key
// that is written twice is two rows, both in conflict: its readers take the last,
// but which one the person wants is theirs to say, and both are in the file.
func (r *Review) Add(path string, f dotenv.File, digest dotenv.Digest, prefix string) {
	r.add(&EnvFile{path: path, file: f, digest: digest}, prefix)
}

func (r *Review) add(e *EnvFile, prefix string) {
	path, f, digest := e.path, e.file, e.digest
	file := ReviewFile{Path: path, digest: digest, Prefix: prefix}
	for _, b := range f.Bad {
		file.Bad = append(file.Bad, b.Line)
	}
	r.Files = append(r.Files, file)
	for i, p := range f.Pairs {
		row := newRow(len(r.Files)-1, p)
		if i < len(e.held) {
			row.held = e.held[i]
		}
		r.Rows = append(r.Rows, row)
	}
	r.place(len(r.Files) - 1)
}

// place works out the names of a file's rows, and chooses those that are new,
// except where the person has chosen already.
func (r *Review) place(file int) {
	for i := range r.Rows {
		if row := &r.Rows[i]; row.File == file {
			r.resolve(row)
			if !row.chosen {
				row.Use = false
			}
		}
	}
	r.judge()
	for i := range r.Rows {
		if row := &r.Rows[i]; row.File == file && !row.chosen {
			row.Use = row.State == New
		}
	}
	r.judge()
}

// newRow reads one pair. A value that cannot be a secret refuses the row.
func newRow(file int, p dotenv.Pair) ReviewRow {
	t := secret.FieldType(dotenv.Guess(p.Key, p.Value))
	row := ReviewRow{File: file, Key: Visible(p.Key, 0), Line: p.Line, Target: p.Key, Type: t, Doubt: p.Doubt,
		Peek: Visible(secret.Peek(p.Value, t, secret.KindAPIKey), 0)}
	if bytes.HasPrefix(p.Value, []byte("noxkey://")) { // see package manifest
		row.Why, row.Peek = "This is a reference to a secret, not a value.", ""
		return row
	}
	v, err := secret.NewValue(p.Value)
	if err != nil {
		row.Why, row.Peek = Words(err), ""
		return row
	}
	row.value = v
	return row
}

// resolve works out the name that a row's target comes to.
func (r *Review) resolve(row *ReviewRow) {
	row.name = ""
	if row.value.Empty() {
		return // refused for its value, which no name cures
	}
	full := row.Target
	if !strings.Contains(full, "/") {
		full = strings.TrimSuffix(r.Files[row.File].Prefix, "/") + "/" + full
	}
	n, err := secret.ParseName(full)
	if err == nil {
		err = n.Writable()
	}
	switch {
	case err == nil:
		row.name, row.Why = n, ""
	case secret.CodeOf(err) == secret.Reserved:
		row.Why = "This name changes how programs run."
	default:
		row.Why = "This is not a name a program can use."
	}
}

// judge sets every row's state. Two rows with one target are both conflicts,
// until one of them is renamed or only one is chosen.
func (r *Review) judge() {
	all, used := map[secret.Name]int{}, map[secret.Name]int{}
	for i := range r.Rows {
		row := &r.Rows[i]
		if row.name == "" {
			row.Use = false
			continue
		}
		all[row.name]++
		if row.Use {
			used[row.name]++
		}
	}
	for i := range r.Rows {
		row := &r.Rows[i]
		row.State = r.stateOf(row, used[row.name], all[row.name])
	}
}

func (r *Review) stateOf(row *ReviewRow, used, all int) RowState {
	switch {
	case row.name == "":
		return Refused
	case row.Use && used > 1, !row.Use && all > 1:
		return Conflicts
	case !r.existing[row.name]:
		return New
	case slices.Contains(row.held, row.name):
		return Same
	case row.Use:
		return Replaces
	}
	return Conflicts
}

// Toggle chooses row i or leaves it out. A refused row cannot be chosen.
func (r *Review) Toggle(i int) {
	row := &r.Rows[i]
	if row.State == Refused {
		return
	}
	row.Use, row.chosen, r.dirty = !row.Use, true, true
	r.judge()
}

// Rename sets the target of row i. A bad one keeps the row out and its Why says
// what is wrong.
func (r *Review) Rename(i int, target string) {
	row := &r.Rows[i]
	was := row.State
	row.Target, r.dirty = target, true
	r.resolve(row)
	if was == Refused && row.name != "" {
		row.Use = !r.existing[row.name]
	}
	r.judge()
}

// SetPrefix puts the rows of a file under another prefix; a target that
// was edited to a whole name stays what it is.
func (r *Review) SetPrefix(file int, prefix string) {
	r.Files[file].Prefix, r.dirty = prefix, true
	r.place(file)
}

// NextType gives row i the next field type, and with it another peek.
func (r *Review) NextType(i int) {
	row := &r.Rows[i]
	if row.value.Empty() {
		return
	}
	at := slices.Index(secret.FieldTypes, row.Type)
	row.Type = secret.FieldTypes[(at+1)%len(secret.FieldTypes)]
	_ = row.value.Use(func(b []byte) error {
		row.Peek = Visible(secret.Peek(b, row.Type, secret.KindAPIKey), 0)
		return nil
	})
	r.dirty = true
}

// NextLevel gives all rows the next level.
func (r *Review) NextLevel() {
	at := slices.Index(secret.Levels, r.Level)
	r.Level, r.dirty = secret.Levels[(at+1)%len(secret.Levels)], true
}

// Dirty reports whether the person changed anything that closing would lose.
func (r *Review) Dirty() bool { return r.dirty }

// count returns how many rows are in each state, and how many of each are chosen.
func (r *Review) count() (all, chosen [len(stateWords)]int) {
	for _, row := range r.Rows {
		all[row.State]++
		if row.Use {
			chosen[row.State]++
		}
	}
	return all, chosen
}

// Chosen returns how many rows would be stored.
func (r *Review) Chosen() int {
	n := 0
	for _, row := range r.Rows {
		if row.Use {
			n++
		}
	}
	return n
}

// Ready says why the review cannot be stored yet; "" if it can.
func (r *Review) Ready() string {
	all, chosen := r.count()
	switch {
	case chosen[Conflicts] > 0:
		return "Two keys have one target. Rename one of them, or leave it out."
	case all[Same] == len(r.Rows) && r.Chosen() == 0:
		return "Nothing to do: every key is stored already, with the same value."
	case r.Chosen() == 0:
		return "Nothing is chosen."
	case r.Chosen() > secret.MaxChanges:
		return fmt.Sprintf("At most %s secrets can be stored at once.", Number(secret.MaxChanges))
	}
	return ""
}

// Changes are the writes that the review comes to, one OpWrite for all. The values
// in them are shared with the review, which wipes them.
func (r *Review) Changes() []secret.Change {
	var list []secret.Change
	for i := range r.Rows {
		row := &r.Rows[i]
		if !row.Use || row.name == "" {
			continue
		}
		t, l := row.Type, r.Level
		list = append(list, secret.Change{Action: secret.ActionSet, Name: row.name, Value: row.value,
			Replace: r.existing[row.name], Meta: secret.Patch{FieldType: &t, Level: &l}})
	}
	return list
}

// Wipe forgets all values.
func (r *Review) Wipe() {
	for i := range r.Rows {
		r.Rows[i].value.Wipe()
	}
}
