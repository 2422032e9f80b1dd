package ui

// Words of the first run.
const (
	FirstTitle       = "Welcome to NoxKey"
	FirstProtect     = "How should your secrets be protected?"
	FirstProtectBody = "You can see the live mode at any time with noxkey verify."
	FirstEnclave     = "A key in the Secure Enclave"
	FirstEnclaveBody = "Every value is sealed to a key that only works after Touch ID. Reading the Keychain item alone yields nothing."
	FirstRecommended = "Recommended."
	FirstGate        = "Touch ID before each read"
	FirstGateBody    = "Values rest in the login Keychain. NoxKey asks for Touch ID before it reads one. Another program that reaches the item is not stopped by this."
	FirstNote        = "Without Touch ID, both use your Apple Watch, then your Mac password. Changing the mode later seals every value again, under one Touch ID."
	FirstAgents      = "Which agents may ask?"
	FirstAgentsBody  = "One entry is added to each file; noxkey setup --undo removes it."
	FirstReady       = "NoxKey is ready"
	FirstReadyBody   = "It lives in the menu bar, as the key on the right."
	Back             = "Back"
	Quit             = "Quit"
)

// FirstTips are the three rows of the last step: what stands on the key, a title, a
// line. chord is how the search is opened; added says that a step before has added us to
// the agents. An app in a sandbox cannot, so then the command that does is named.
func FirstTips(chord string, added bool) [3][3]string {
	ask := "Run noxkey setup in a terminal once. A card asks you each time."
	if added {
		ask = "A card shows who wants what, and for how long. You decide."
	}
	return [3][3]string{
		{chord, "Search and copy", "From any app, also over full-screen windows."},
		{".env", "Bring your secrets in", "Drop the file on the key in the menu bar. One Touch ID stores them all."},
		{"ask", "Let an agent ask", ask},
	}
}

// FirstStep writes "1 of 3".
func FirstStep(n, of int) string { return Number(n) + " of " + Number(of) }

// FirstNo says why the Enclave cannot be chosen.
func FirstNo(why string) string { return "Not possible here: " + Visible(why, 160) + "." }

// AddTo is the button that adds an entry to n files.
func AddTo(n int) string {
	if n == 0 {
		return Continue
	}
	return "Add to " + Number(n)
}

// AgentState is what is known of an agent's configuration file.
type AgentState int

// The states.
const (
	AgentMissing AgentState = iota // the agent is not installed
	AgentFound
	AgentAdded
	AgentFailed // its file could not be written
)

// Words of a state; cause is that of AgentFailed.
func (s AgentState) Words(cause string) string {
	switch s {
	case AgentFound:
		return "found"
	case AgentAdded:
		return "added"
	case AgentFailed:
		return "could not be written: " + Visible(cause, 160)
	}
	return "not installed"
}
