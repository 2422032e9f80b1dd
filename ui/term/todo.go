package term

import tea "charm.land/bubbletea/v2"

func openSearch(m *model) tea.Cmd { return nil }
func newForm(string) screen       { return nil }
func newImport(m *model) screen   { return nil }
