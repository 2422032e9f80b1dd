package cocoa

// panelRows is how many rows of the panel's list are seen at most, and how far Page Up
// and Page Down go.
const panelRows = 8

// key is asked first about every key. What it does not take goes to the field.
func (p *panel) key(k Key) bool {
	if k.Name == "Enter" {
		k.Name = "Return"
	}
	plain := !k.Shift && !k.Option && !k.Ctl
	switch {
	case k.Name == "Esc", k.Name == "." && k.Cmd && plain:
		if !k.Repeat {
			p.back()
		}
	case k.Name == "w" && k.Cmd && plain:
		p.f.close(p)
	case k.Name == "," && k.Cmd && plain:
		p.f.close(p)
		p.f.openSettings()
	case k.Name == "Tab", p.busy && !k.Cmd:
	case k.Name == "Return":
		if plain && !k.Repeat && !p.busy {
			p.enter(k.Cmd)
		}
	case k.Name == "c" && k.Cmd && plain && p.details != nil:
		p.copyName()
	case p.details != nil:
		return !k.Cmd
	default:
		return plain && p.move(k)
	}
	return true
}

// enter is Return: it unlocks, copies, shows details with Cmd, or makes a secret of a
// query that finds none.
func (p *panel) enter(cmd bool) {
	e := p.selected()
	switch {
	case p.locked:
		p.unlock()
	case e != nil && cmd:
		if p.details == nil {
			p.open(e)
		}
	case e != nil:
		p.copy(e)
	case p.index != nil && !cmd:
		p.f.newSecret(p.query) // in the panel's place
	}
}

// move moves the selection, without wrapping.
func (p *panel) move(k Key) bool {
	last := len(p.found) - 1
	to := p.at
	switch k.Name {
	case "Up":
		to--
		if k.Cmd {
			to = 0
		}
	case "Down":
		to++
		if k.Cmd {
			to = last
		}
	case "PageUp":
		to -= panelRows
	case "PageDown":
		to += panelRows
	default:
		return false
	}
	p.choose(max(min(to, last), 0))
	return true
}

func (p *panel) choose(i int) {
	if i == p.at || i < 0 || i >= len(p.found) {
		return
	}
	p.at = i
	p.f.redraw(p)
}
