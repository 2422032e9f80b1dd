package backup

import (
	"strings"
	"testing"

	"filippo.io/age"

	"noxkey/secret"
)

func TestParseRecipient(t *testing.T) {
	hybrid, _ := age.GenerateHybridIdentity()
	for _, row := range []struct {
		public string
		id     Identity
	}{
		{pair.Recipient().String(), pair},
		{"\t" + pair.Recipient().String() + "\n", pair},
		{hybrid.Recipient().String(), hybrid},
	} {
		to, err := ParseRecipient(row.public)
		if err != nil {
			t.Fatalf("%.30s: %v", row.public, err)
		}
		if _, s, err := read(write(t, sample()[:1], to), row.id); err != nil || s.Records != 1 {
			t.Errorf("%.30s: %+v, %v", row.public, s, err)
		}
	}
	public := pair.Recipient().String()
	for text, says := range map[string]string{
		"":                      "not a recipient",
		"canary":                "not a recipient",
		public + "\n" + public:  "not a recipient",
		public[:20] + "q":       "not a recipient",
		strings.ToUpper(public): "not a recipient",
		"age1pq1canary":         "not a recipient",
		"age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq5negm4uj9ghv0snvdd3yysf5yw3rhl3t": "plugins",
		"age1tag1qwe0kafsjrar4txm6heqnhpfuggzr0gvznz7fvygxrlq90u5mq2pysxtw6h":     "plugins",
		"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHsK":                                "keys of ssh",
		pair.String(): "private key",
	} {
		if r, err := ParseRecipient(text); r != nil || secret.CodeOf(err) != secret.Invalid || !strings.Contains(err.Error(), says) {
			t.Errorf("%.40q: %v, want %q", text, err, says)
		} else if strings.Contains(err.Error(), "canary") || strings.Contains(err.Error(), pair.String()[20:30]) {
			t.Errorf("the error shows the text: %v", err)
		}
	}
}

func TestParseIdentities(t *testing.T) {
	hybrid, _ := age.GenerateHybridIdentity()
	file := "# created: 2026-11-22\n\n" + hybrid.String() + "\n" + pair.String() + "\n"
	v := value(t, file)
	ids, err := ParseIdentities(v)
	if err != nil || len(ids) != 2 || text(v) != file {
		t.Fatalf("%d, %v", len(ids), err)
	}
	for _, to := range []Recipient{pair.Recipient(), hybrid.Recipient()} {
		if _, s, err := read(write(t, sample()[:1], to), ids...); err != nil || s.Records != 1 {
			t.Errorf("%+v, %v", s, err)
		}
	}
	for _, text := range []string{"# nothing\n", pair.String()[:40], "canary " + pair.String(), pair.Recipient().String(), "AGE-PLUGIN-YUBIKEY-1CANARY"} {
		ids, err := ParseIdentities(value(t, text))
		if len(ids) > 0 || secret.CodeOf(err) != secret.Invalid || strings.Contains(err.Error(), pair.String()[20:30]) || strings.Contains(strings.ToLower(err.Error()), "canary") {
			t.Errorf("%.30q: %v", text, err)
		}
	}
}

func TestNoPassphrase(t *testing.T) {
	if _, err := Passphrase(secret.Value{}); secret.CodeOf(err) != secret.Invalid {
		t.Error(err)
	}
	if _, err := OpenPassphrase(secret.Value{}); secret.CodeOf(err) != secret.Invalid {
		t.Error(err)
	}
}
