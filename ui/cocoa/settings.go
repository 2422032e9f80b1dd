package cocoa

// settingsID is the settings window.
const settingsID = "settings"

// Settings keeps what the person set.
type Settings interface{}

// openSettings shows the settings.
func (f *Front) openSettings() {}
