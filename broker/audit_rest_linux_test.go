package broker

import (
	"bytes"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/sys/unix"

	"noxkey/caller"
	"noxkey/secret"
	"noxkey/vault/vaulttest/sysfault"
)

// canaryForms are a text as somebody might have left it in a file: as it is, in either
// case, backwards, as hex, base32, base64 at each offset, URL-encoded and UTF-16.
func canaryForms(s string) map[string][]byte {
	forms := map[string][]byte{}
	for name, v := range map[string]string{"": s, "upper ": strings.ToUpper(s), "lower ": strings.ToLower(s), "reversed ": reversed(s)} {
		b := []byte(v)
		forms[name+"raw"] = b
		forms[name+"hex"] = []byte(hex.EncodeToString(b))
		forms[name+"HEX"] = []byte(strings.ToUpper(hex.EncodeToString(b)))
		forms[name+"url"] = []byte(url.QueryEscape(v))
		forms[name+"base32"] = []byte(base32.StdEncoding.EncodeToString(b[:len(b)/5*5]))
		for off := range 3 { // what stands before it in a stream shifts the groups
			whole := b[off : off+(len(b)-off)/3*3]
			forms[name+"base64 "+string('0'+rune(off))] = []byte(base64.StdEncoding.EncodeToString(whole))
			forms[name+"base64url "+string('0'+rune(off))] = []byte(base64.RawURLEncoding.EncodeToString(whole))
		}
		var le, be []byte
		for _, u := range utf16.Encode([]rune(v)) {
			le, be = append(le, byte(u), byte(u>>8)), append(be, byte(u>>8), byte(u))
		}
		forms[name+"UTF-16LE"], forms[name+"UTF-16BE"] = le, be
	}
	return forms
}

func reversed(s string) string {
	r := []rune(s)
	slices.Reverse(r)
	return string(r)
}

// TestThreatD1NothingInAnyFileOfAHome: after a life of writes, reads, refusals, a full disk
// and writers that were cut off before they could clean up, no file beside the vault holds
// a value, a name, a description, a reason or the passphrase in any form: not the vault,
// its previous generation, what is left of half-written ones, nor the audit.
func TestThreatD1NothingInAnyFileOfAHome(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, v := fileScene(t, dir)
	desc, bundle := "Canary?description", "canaryBundle>name"
	s.put("canaryorg/api/CANARY_NAME", "Canary-Value/0123456789+abcdef", secret.Normal)
	s.put("canaryorg/api/CANARY_EASY", "Canary-Easy~value/0123456789", secret.Easy)
	s.who.will(AllowOnce)
	for _, n := range []secret.Name{"canaryorg/api/CANARY_NAME", "canaryorg/api/CANARY_EASY"} {
		c := secret.Change{Action: secret.ActionEdit, Name: n, Meta: secret.Patch{Desc: &desc, Bundle: &bundle}}
		must(t, s.do(caller.Front("test"), &secret.Request{Op: secret.OpWrite, Changes: []secret.Change{c}}).err)
		req := get(secret.Prefix(n))
		req.Reason, req.Command = "canary-reason-words", "canary-command --flag"
		must(t, s.do(agent("Codex", 70, 71), req).err)
		must(t, s.do(human(9), take(secret.DeliverRaw, secret.Prefix(n))).err)
	}
	s.who.will(Deny)
	s.wantCode(s.do(agent("Codex", 70, 71), get("canaryorg/api")), secret.Denied)
	must(t, s.b.audit.saveHead())
	err := sysfault.Run(func(c sysfault.Call) sysfault.Answer { // as if it were killed before its rename
		if c.Name == "rename" || c.Name == "unlink" {
			return sysfault.Answer{Errno: unix.EIO}
		}
		return sysfault.Answer{}
	}, func() { _ = v.Remember("canary-ledger", []byte("canary-ledger-data")) })
	if err != nil {
		t.Skip(noNotify, err)
	}
	looked, secretWords := 0, []string{"Canary-Value/0123456789+abcdef", "Canary-Easy~value/0123456789", "canaryorg", "CANARY_NAME", "CANARY_EASY",
		desc, bundle, "canary-reason-words", "canary-command", "canary-ledger", "region-canary", "db-canary", pass, "Canary-V"}
	files, err := os.ReadDir(dir)
	must(t, err)
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(dir, f.Name()))
		must(t, err)
		looked++
		for _, w := range secretWords {
			for form, x := range canaryForms(w) {
				if len(x) >= 6 && bytes.Contains(b, x) {
					t.Errorf("%s holds %q as %s", f.Name(), w, form)
				}
			}
		}
	}
	if looked < 4 { // vault, previous generation, half-written one, audit
		t.Errorf("only %v were there", files)
	}
}
