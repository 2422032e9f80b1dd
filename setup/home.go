package setup

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// Home is where a person's agents keep their configuration. The agents go by $HOME and
// variables of their own, not by the passwd entry, and so does this package.
type Home struct {
	Dir     string // absolute
	Program string // absolute path of noxkey, which the agents will start
	getenv  func(string) string
	os      string // as runtime.GOOS
	uid     int
}

// OpenHome looks at the home that $HOME names. It refuses one that is not the user's own:
// under sudo that is another's, and what root wrote there the agents could not read.
func OpenHome(getenv func(string) string, program string) (Home, error) {
	h := Home{Dir: getenv("HOME"), Program: program, getenv: getenv, os: runtime.GOOS, uid: os.Geteuid()}
	if !filepath.IsAbs(h.Dir) {
		return h, errors.New("HOME does not name a folder")
	}
	if !filepath.IsAbs(program) || strings.ContainsFunc(program, func(r rune) bool { return r < 0x20 || r == 0x7f || r == '\ufffd' }) {
		return h, fmt.Errorf("%q is not a path that can be written into a configuration", program)
	}
	fi, err := os.Stat(h.Dir)
	if err != nil {
		return h, fmt.Errorf("HOME: %w", cause(err))
	}
	if !fi.IsDir() {
		return h, fmt.Errorf("HOME: %s is not a folder", h.Dir)
	}
	if owner(fi) != h.uid {
		return h, fmt.Errorf("HOME: %s belongs to user %d, and this is user %d", h.Dir, owner(fi), h.uid)
	}
	return h, nil
}

func (h Home) in(names ...string) string {
	return filepath.Join(append([]string{h.Dir}, names...)...)
}

// env is a variable that names a folder; what is not an absolute path counts as not set.
func (h Home) env(name string) string {
	if d := h.getenv(name); filepath.IsAbs(d) {
		return filepath.Clean(d)
	}
	return ""
}

// part is a file of an agent's. Symbolic links may lead about in the home, or in the
// folder that the agent's own variable named.
func (h Home) part(what, path string, f format) Part {
	base := h.Dir
	if !within(path, h.Dir) {
		base = filepath.Dir(path)
		for _, v := range []string{"CLAUDE_CONFIG_DIR", "CODEX_HOME", "GEMINI_CLI_HOME", "XDG_CONFIG_HOME"} {
			if d := h.env(v); d != "" && within(path, d) {
				base = d
			}
		}
	}
	return Part{What: what, Path: path, base: base, format: f}
}

// within reports whether path is dir or below it, going by the letters alone.
func within(path, dir string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// Found reports whether an agent is here: a folder of its own, or its program in PATH.
func (h Home) Found(a Agent) bool {
	for _, f := range a.folders(h) {
		if exists(f) {
			return true
		}
	}
	for _, b := range a.binaries {
		if lookPath(b, h.getenv("PATH")) != "" {
			return true
		}
	}
	return false
}

// lookPath is exec.LookPath over a PATH of our choice and absolute folders alone.
func lookPath(name, path string) string {
	for _, dir := range filepath.SplitList(path) {
		if !filepath.IsAbs(dir) {
			continue
		}
		p := filepath.Join(dir, name)
		if _, err := exec.LookPath(p); err == nil {
			return p
		}
	}
	return ""
}

// Report is how one agent stands.
type Report struct {
	Agent Agent
	Found bool
	State State
	Files []FileReport
}

// FileReport is how one of its files stands.
type FileReport struct {
	What, Path string
	Target     string // where a symbolic link leads; empty if none is on the way
	State      State
	Why        string // of Unreadable, in lower case
}

// Look reports how a stands. Nothing is changed.
func (h Home) Look(a Agent) Report {
	r := Report{Agent: a, Found: h.Found(a)}
	for _, p := range a.parts(h) {
		f := FileReport{What: p.What, Path: p.Path}
		file, err := h.open(p)
		if err == nil {
			f.Target = file.target()
			text, _ := cutBOM(file.text)
			f.State, err = p.format.inspect(text)
		}
		if err != nil {
			f.State, f.Why = Unreadable, err.Error()
		}
		r.Files = append(r.Files, f)
	}
	r.State = together(r.Files)
	return r
}

// together is the state of an agent: the worst of its files, if they do not agree.
func together(files []FileReport) State {
	seen := map[State]bool{}
	for _, f := range files {
		seen[f.State] = true
	}
	switch {
	case seen[Unreadable]:
		return Unreadable
	case seen[Changed]:
		return Changed
	case len(seen) > 1 || seen[Partly]:
		return Partly
	}
	return files[0].State
}
