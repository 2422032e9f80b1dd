package e2e

import (
	"os"
	"strings"
	"testing"

	"noxkey/secret"
)

const (
	ageKey  = "AGE-SECRET-KEY-13UWHT9DL657REGNP4DVQFCKMCADTZ0HRPQRQTLJGDW25KSWW92YQ2N9FJD"
	ageTo   = "age1rxqnv7hs9n9sv8vkhk50gm99l59zy05z9palnalpp27nd2hyas6s2wy4cs"
	rfcSeed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
)

// TestBackup is backup, restore and codes by the released programs: the client, shielded
// from its start, fetches a backup in parts; an agent gets a code and no backup.
func TestBackup(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.vault(cheap, passphrase, seed{"acme/api/DB", secret.Normal}, seed{"acme/api/SOFT", secret.Easy}, seed{"acme/api/OFF", secret.OffLimits})
	a := w.opened(t)
	server, sh := a.vouched(t, "me", "acme/api/SOFT")
	key, file := w.write("key.txt", ageKey+"\n"), w.path("u/all.age")
	a.asked(t, sh, "noxkey set login/example.com/TOTP --stdin < "+w.write("seed", rfcSeed+"\n"), "store login/example.com/TOTP").ok(t)

	a.asked(t, sh, "noxkey backup "+file+" --to "+ageTo, "for a backup").prints(t, "wrote 4 secrets")
	b, err := os.ReadFile(file)
	if err != nil || !strings.HasPrefix(string(b), "age-encryption.org/v1\n") || strings.Contains(string(b), value("DB")) {
		t.Errorf("the file: %.40q %v", b, err)
	}
	a.asked(t, sh, "noxkey rm acme/api/OFF --yes", "delete acme/api/OFF").ok(t)
	j := sh.start(t, "noxkey restore "+file+" --identity "+key+" --yes")
	a.try(t, a.pass, "for a backup") // the next prompt follows at once
	a.prove(t, "store acme/api/OFF")
	j.wait(t).prints(t, "restored 1 secret")
	a.asked(t, sh, "noxkey get acme/api/OFF --raw | sha256sum", "acme/api/OFF").prints(t, sum(value("OFF")))

	g := server.agent(t)
	g.shell(t, "noxkey backup "+w.path("u/stolen.age")+" --to "+ageTo).fails(t, 4, "only a person")
	done := g.started(t, `noxkey run CODE=login/example.com/TOTP -- sh -c 'echo "${#CODE} $CODE" | tr 0-9 d'`)
	a.grant(t, "a", "the code of the moment, not the seed")
	if r := done(); r.code != 0 || !strings.Contains(r.out, "d dddddd") || strings.Contains(r.out+r.err, rfcSeed) {
		t.Errorf("%d: %s%s", r.code, r.out, r.err)
	}
}
