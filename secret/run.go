package secret

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"
)

// Run is the program that the values of a DeliverRun are for. All of it is on the card
// and in its digest, so that a grant is for this program, these arguments, this folder
// and no other.
type Run struct {
	// Path is the executable, absolute, symbolic links resolved. File says which file
	// that was ("64769:1311 2193408 1763805600.0" and the like): the client compares
	// it again before it starts the program, and the card's digest holds it.
	Path string `json:"path"`
	File string `json:"file"`
	// Argv is what is run, the name it is called by included.
	Argv []string `json:"argv"`
	// Scripts are the arguments that are files, with what File says of them: what an
	// interpreter is told to run shall not change either.
	Scripts []Script `json:"scripts,omitempty"`
	Dir     string   `json:"dir"`
	// As gives secrets another variable than their own, or a file.
	As []Binding `json:"as,omitempty"`
	// Plain asks that the output be not redacted. People only.
	Plain    bool      `json:"plain,omitzero"`
	Manifest *Manifest `json:"manifest,omitempty"`
}

// Script is a file among a program's arguments.
type Script struct {
	Path string `json:"path"`
	File string `json:"file"`
}

// Binding says by which variable a program gets a secret.
type Binding struct {
	Env  string `json:"env"`
	Name Name   `json:"name"`
	// AsFile puts the value into a private file and the file's path into Env.
	AsFile bool `json:"as_file,omitzero"`
}

// Manifest is the committed file that chose the secrets.
type Manifest struct {
	Path    string `json:"path"`
	Digest  string `json:"digest"` // SHA-256 of the file, hex
	Profile string `json:"profile,omitempty"`
}

// Bounds of a Run.
const (
	MaxArgs     = 1024
	MaxArgBytes = 32 << 10 // all arguments together
	MaxScripts  = 16
	// MaxShown is how many characters of a command a card shows. An agent's may not be
	// longer: what the person does not see they do not allow.
	MaxShown = 600
	// MinRedacted is how many bytes a value has at least, white space at its ends aside,
	// that is looked for in what a program prints.
	MinRedacted = 6
)

// Check returns an error with code Invalid that names the first bad field.
func (r *Run) Check() error {
	total := 0
	for _, a := range r.Argv {
		total += len(a)
	}
	switch {
	case len(r.Argv) == 0 || r.Argv[0] == "":
		return Errorf(Invalid, "no command was given")
	case len(r.Argv) > MaxArgs || total > MaxArgBytes:
		return Errorf(Invalid, "the command is longer than %d arguments or %d KiB", MaxArgs, MaxArgBytes>>10)
	case !filepath.IsAbs(r.Path) || !filepath.IsAbs(r.Dir):
		return Errorf(Invalid, "the program's path and folder must be absolute")
	case len(r.Path) > MaxCommand || len(r.Dir) > MaxCommand || len(r.File) > 256 || len(r.Scripts) > MaxScripts || len(r.As) > MaxTargets:
		return Errorf(Invalid, "the description of the program is too long")
	case !utf8.ValidString(strings.Join(r.Argv, "") + r.Path + r.Dir):
		return Errorf(Invalid, "the command is not UTF-8 text and cannot be shown")
	}
	for _, s := range r.Scripts {
		if len(s.Path) > MaxCommand || len(s.File) > 256 {
			return Errorf(Invalid, "the description of the program is too long")
		}
	}
	if m := r.Manifest; m != nil && (!filepath.IsAbs(m.Path) || len(m.Path) > MaxCommand || len(m.Digest) != 64 || len(m.Profile) > 64) {
		return Errorf(Invalid, "the manifest's description is not one")
	}
	return r.checkBindings()
}

// checkBindings refuses variables that no program can have, that change how programs
// run, or that are given twice.
func (r *Run) checkBindings() error {
	seen := map[string]Name{}
	for _, b := range r.As {
		switch {
		case !ValidEnv(b.Env):
			return Errorf(Invalid, "%s is not a name a program can use as a variable", quote(b.Env))
		case ReservedEnv(b.Env):
			return &Error{Code: Reserved, Names: []Name{b.Name}, Msg: b.Env + " changes how programs run and is not handed out as a variable"}
		}
		if other, taken := seen[b.Env]; taken {
			return &Error{Code: Conflict, Names: []Name{other, b.Name}, Msg: fmt.Sprintf("%s and %s would both be the variable %s", other, b.Name, b.Env)}
		}
		seen[b.Env] = b.Name
	}
	return nil
}

// Without returns r without the bindings of the names in left, which are not part of a
// grant.
func (r *Run) Without(left []Name) *Run {
	c := *r
	c.As = slices.DeleteFunc(slices.Clone(r.As), func(b Binding) bool { return slices.Contains(left, b.Name) })
	return &c
}

// Vars returns what the program gets for names, in their order: a name in As by the
// variables there, any other by its own. Errors: Conflict when two secrets would be one
// variable, Reserved, and Invalid when As has a name that is not among names.
func (r *Run) Vars(names []Name) ([]Binding, error) {
	renamed := map[Name][]Binding{}
	for _, b := range r.As {
		renamed[b.Name] = append(renamed[b.Name], b)
	}
	var list []Binding
	for _, n := range names {
		if as := renamed[n]; as != nil {
			list = append(list, as...)
			delete(renamed, n)
			continue
		}
		v, err := n.Env()
		if err != nil {
			return nil, err
		}
		list = append(list, Binding{Env: v, Name: n})
	}
	for n := range renamed {
		return nil, Errorf(Invalid, "%s is not one secret, and a variable or file holds one", n)
	}
	return list, (&Run{As: list}).checkBindings()
}

// ShellWords joins the arguments of a command as a shell would take them: those with
// anything but letters, digits and a few signs in single quotes. From the argument on with
// which it would be longer than most characters there is "…" inside quotes instead; 0 is
// no bound. Outside quotes there is never a semicolon.
func ShellWords(argv []string, most int) string {
	var words []string
	n := 0
	for _, a := range argv {
		w := shellWord(a)
		size := utf8.RuneCountInString(w)
		if most > 0 && n+size > most {
			r := []rune(a)
			return strings.Join(append(words, shellWord(string(r[:max(min(most-n-3, len(r)), 0)])+"…")), " ")
		}
		n += size + 1
		words = append(words, w)
	}
	return strings.Join(words, " ")
}

func shellWord(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_@%+=:,./-", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
