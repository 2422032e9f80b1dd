package cocoa

// panelID is the search panel's window.
const panelID = "panel"

type panel struct{ f *Front }

func newPanel(f *Front) *panel { return &panel{f: f} }

func (p *panel) scene() *Scene {
	return &Scene{ID: panelID, Title: "NoxKey search", W: 680, H: 182, Place: Lower, TakesKeys: true}
}
func (p *panel) closed() {}

// lookAgain follows a change of the lock, or of what waits.
func (p *panel) lookAgain() {}
