package ui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"noxkey/secret"
)

// Words of the settings.
const (
	SettingsTitle = "NoxKey Settings"
	SetSearch     = "Search panel:"
	SetStart      = "Start:"
	SetSession    = "Sessions last:"
	SetClipboard  = "Clear clipboard:"
	SetCard       = "Unanswered card:"
	SetProtection = "Protection:"
	SetAudit      = "Audit:"

	SetChange       = "Change"
	SetChangeMode   = "Change…"
	SetPress        = "Press the new keys"
	SetSessionHint  = "At most 24 hours. Sleep, screen lock and Quit end them."
	SetClipHint     = "Only if it still holds what NoxKey put there."
	SetCardText     = "Denied after 45 s"
	SetAuditHint    = "noxkey audit prints them. Names and callers, never values."
	OpenAtLogin     = "Open NoxKey at login"
	sealedWords     = "Secure Enclave key, Touch ID"
	gateWords       = "Touch ID before each read"
	chainBrokenTail = " noxkey verify shows it."
)

// The lengths that a person may choose from.
var (
	SessionChoices   = []time.Duration{15 * time.Minute, time.Hour, 4 * time.Hour, 8 * time.Hour, secret.MaxSession}
	ClipboardChoices = []time.Duration{15 * time.Second, 30 * time.Second, time.Minute}
)

// SessionChoice writes one of SessionChoices: "4 hours". Another length, which only the
// command line sets, is written as it is there, "1h30m", which fits the control.
func SessionChoice(d time.Duration) string {
	if !slices.Contains(SessionChoices, d) {
		return secret.Span(int64(d / time.Second))
	}
	return Long(d)
}

// ClipboardChoice writes one of ClipboardChoices: "after 30 s".
func ClipboardChoice(d time.Duration) string { return fmt.Sprintf("after %d s", d/time.Second) }

// ProtectionWords names how values rest: sealed to a key in the Secure Enclave, or behind
// Touch ID only.
func ProtectionWords(sealed bool) string {
	if sealed {
		return sealedWords
	}
	return gateWords
}

// ProtectQuestion is asked before the protection is changed.
func ProtectQuestion(sealed bool) (title, text, yes, no string) {
	if sealed {
		return "Seal every value to a key in the Secure Enclave?", FirstEnclaveBody + " " + protectTail, "Change", Cancel
	}
	return "Put only Touch ID before each read?", FirstGateBody + " " + protectTail, "Change", Cancel
}

const protectTail = "One Touch ID seals all secrets again."

// AuditWords is the line about the audit, from what a verification found: "1,204
// decisions, chain intact".
func AuditWords(list []secret.Finding) string {
	for _, f := range list {
		if f.Subject != "audit" {
			continue
		}
		if f.OK {
			n, rest, _ := strings.Cut(f.Text, " ")
			if i, err := strconv.Atoi(n); err == nil && strings.HasSuffix(rest, "chain intact") {
				return Count(i, "decision") + ", chain intact"
			}
			return Capital(Visible(f.Text, 120))
		}
		if _, after, ok := strings.Cut(f.Text, "line "); ok {
			if end := strings.IndexFunc(after, func(r rune) bool { return r < '0' || r > '9' }); end > 0 {
				after = after[:end]
			}
			if n, err := strconv.Atoi(after); err == nil {
				return "Chain broken at line " + Number(n) + "." + chainBrokenTail
			}
		}
		return Capital(Visible(f.Text, 120)) + "." + chainBrokenTail
	}
	return "Not known."
}

// SettingFault says in words why a setting was not taken. The errors of what the system
// refuses are whole sentences already.
func SettingFault(err error) string {
	switch secret.CodeOf(err) {
	case "":
		return ""
	case secret.Conflict, secret.Invalid, secret.Storage, secret.Cancelled:
		w := strings.TrimSuffix(Visible(err.Error(), 300), ".") + "."
		if strings.HasPrefix(w, "macOS") {
			return w
		}
		return Capital(w)
	}
	return Words(err)
}
