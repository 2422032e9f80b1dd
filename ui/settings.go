package ui

import (
	"fmt"

	"noxkey/broker"
	"noxkey/secret"
)

// settingReason says what the change of a setting comes to.
func settingReason(a *broker.Ask) string {
	s := a.Setting
	if s == nil {
		return "change a setting"
	}
	to, from := Long(s.New), Long(s.Old)
	switch s.Name {
	case secret.SettingSession:
		return fmt.Sprintf("make sessions last %s, not %s", to, from)
	case secret.SettingClipboard:
		return fmt.Sprintf("keep copied values on the clipboard for %s, not %s", to, from)
	}
	return fmt.Sprintf("set %s to %s, not %s", Visible(s.Name, 24), to, from)
}

// settingGroup is the row of a setting, old and new.
func settingGroup(a *broker.Ask) []Group {
	if a.Setting == nil {
		return nil
	}
	return []Group{{Rows: []Row{{Name: Visible(a.Setting.Name, 24), Right: Long(a.Setting.Old) + " → " + Long(a.Setting.New)}}}}
}
