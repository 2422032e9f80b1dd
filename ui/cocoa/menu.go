package cocoa

// drawStatus draws the icon in the menu bar.
func (f *Front) drawStatus() {
	f.kit.Status(Status{Icon: IconIdle, Tip: "NoxKey", Menu: f.menu})
}

// menu builds the menu of the icon.
func (f *Front) menu() []Item { return nil }
