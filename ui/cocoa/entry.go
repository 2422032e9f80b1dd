package cocoa

import "noxkey/ui"

// entryID is the field that an agent's noxkey_set asks for; newSecretID the one that
// the person opened.
const (
	entryID     = "entry"
	newSecretID = "new"
)

type entryCard struct {
	f     *Front
	state ui.State
}

func newEntryCard(f *Front, s ui.State) *entryCard { return &entryCard{f: f, state: s} }

func (e *entryCard) scene() *Scene   { return &Scene{ID: entryID, W: 440, H: 292} }
func (e *entryCard) closed()         {}
func (e *entryCard) take(s ui.State) { e.state = s; e.f.redraw(e) }

// newSecret opens the form for a secret; name is what the person looked for, or "".
func (f *Front) newSecret(name string) {}
