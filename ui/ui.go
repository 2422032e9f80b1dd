// Package ui is what the screens say and in which order, with no toolkit: the
// desk where questions wait for the person, the card and its words, the ranking
// of a search, the review of an import. A front (ui/term, ui/cocoa) draws what
// is decided here and decides nothing itself.
package ui

import (
	"strings"
	"time"
)

// Terms are the words in which fronts differ, and what they need to shorten a path.
type Terms struct {
	// Proof is what follows an Allow: "Your passphrase", "Touch ID".
	Proof string
	// Store is where values rest: "the vault", "the Keychain".
	Store string
	// Home is the person's home folder, shown as ~; empty shows paths in full.
	Home string
}

// Terminal are the terms of the terminal front.
func Terminal(home string) Terms {
	return Terms{Proof: "Your passphrase", Store: "the vault", Home: home}
}

// Desktop are the terms of the Mac's front. proof is what the system will ask for:
// "Touch ID", "Your Mac password".
func Desktop(home, proof string) Terms {
	return Terms{Proof: proof, Store: "the Keychain", Home: home}
}

// proof is the Proof without a possessive: "passphrase", "Touch ID".
func (t Terms) proof() string { return strings.TrimPrefix(t.Proof, "Your ") }

// Path shows a path of the file system: the home folder as ~, foreign
// characters made visible, nothing cut.
func (t Terms) Path(p string) string {
	if t.Home != "" && t.Home != "/" {
		if p == t.Home {
			return "~"
		}
		if rest, ok := strings.CutPrefix(p, strings.TrimSuffix(t.Home, "/")+"/"); ok {
			return "~/" + Visible(rest, 0)
		}
		// A folder that is really called ~ must not pass for the home folder.
		if p == "~" || strings.HasPrefix(p, "~/") {
			return "./" + Visible(p, 0)
		}
	}
	return Visible(p, 0)
}

// ArmDelay is how long every choice is dead after a card is shown.
const ArmDelay = 500 * time.Millisecond
