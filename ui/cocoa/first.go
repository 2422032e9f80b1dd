package cocoa

// firstID is the first run's window.
const firstID = "first"

// FirstRun is what the first run needs of the program around it.
type FirstRun struct{}

type first struct{ f *Front }

func newFirst(f *Front) *first { return &first{f: f} }

func (w *first) scene() *Scene {
	return &Scene{ID: firstID, Style: Titled, W: 560, H: 432, Place: Middle}
}
func (w *first) closed() {}
