package term

import (
	"os"
	"path/filepath"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"noxkey/secret"
	"noxkey/ui"
)

// importPath asks which file to bring in.
type importPath struct {
	path    field
	note    string
	reading bool
	back    *reviewing // the review to which another file is added; nil for a first
}

func newImport(m *model) *importPath {
	p := &importPath{}
	p.path.set("~/")
	return p
}

func (*importPath) busy() bool                       { return true }
func (*importPath) wake(*model, time.Time) time.Time { return time.Time{} }
func (p *importPath) paste(_ *model, b []byte)       { p.path.insert(b) }

func (p *importPath) close() {
	p.path.wipe()
	if p.back != nil {
		p.back.Wipe()
	}
}

// review shows r, which is not to be wiped with this screen.
func (p *importPath) review(m *model, r *reviewing) {
	p.back = nil
	m.show(r)
}

func (p *importPath) key(m *model, k tea.KeyPressMsg) tea.Cmd {
	if p.reading {
		return nil
	}
	p.note = ""
	switch k.String() {
	case "esc":
		if p.back != nil {
			p.review(m, p.back)
			return nil
		}
		return m.goHome()
	case "enter":
		return p.read(m)
	default:
		p.path.key(k)
	}
	return nil
}

// expand turns what was typed into a path: ~ is the home folder, and quotes or a
// backslash before a space, which a terminal puts around a file dropped on it, are
// taken off.
func expand(typed, home string) string {
	s := strings.TrimSpace(typed)
	if len(s) > 1 && (s[0] == '\'' || s[0] == '"') && s[len(s)-1] == s[0] {
		s = s[1 : len(s)-1]
	} else {
		s = strings.ReplaceAll(s, `\ `, " ")
	}
	if s == "~" || strings.HasPrefix(s, "~/") {
		s = home + s[1:]
	}
	return filepath.Clean(s)
}

// read reads the file, or the .env of a folder.
func (p *importPath) read(m *model) tea.Cmd {
	path := expand(p.path.text(), m.opt.Home)
	if !filepath.IsAbs(path) {
		p.note = "Give a whole path, such as ~/src/acme/api/.env."
		return nil
	}
	p.reading = true
	list := m.call(&secret.Request{Op: secret.OpList}, nil)
	return func() tea.Msg {
		stored := list().(result)
		if fi, err := os.Stat(path); err == nil && fi.IsDir() {
			path = filepath.Join(path, ".env")
		}
		f, err := ui.ReadEnv(path)
		if err == nil && stored.err == nil {
			f.Compare(m.ctx, m.opt.Service)
		}
		return func() tea.Cmd {
			p.reading = false
			switch {
			case stored.err != nil:
				f.Wipe()
				p.note = ui.Words(stored.err)
			case err != nil:
				p.note = ui.FileWords(path, err, m.terms)
			default:
				p.add(m, f, ui.Entries(stored.answers))
			}
			return nil
		}
	}
}

func (p *importPath) add(m *model, f *ui.EnvFile, stored []secret.Entry) {
	if m.screen != p { // left in the meantime
		f.Wipe()
		return
	}
	r := p.back
	if r == nil {
		r = &reviewing{Review: ui.NewReview(stored)}
	}
	r.Take(f)
	p.review(m, r)
}

func (p *importPath) frame(m *model) frame {
	f := frame{left: "NoxKey · import", foot: []hint{{"Enter", "read it"}, {"Esc", "cancel"}}}
	f.body = []string{"", " " + bold("Which .env file?"), "", "   " + p.path.view(m.w-6, true), "",
		" NoxKey reads it, shows what it found, and writes nothing until you say so.", ""}
	note := p.note
	if p.reading {
		note = "One moment…"
	}
	f.body = append(f.body, indent(wrap(note, m.w-2), " ")...)
	return f
}
