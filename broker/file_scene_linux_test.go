package broker

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"noxkey/caller"
	"noxkey/secret"
	"noxkey/vault/file"
	"noxkey/vault/passphrase"
)

// over is the scene's broker over v.
func over(s *scene, v *file.Vault) *Broker {
	return New(Config{Store: v, Ledger: v, Auth: passphrase.New(v, s.who.types), Approver: s.who,
		AuditPath: s.path, Clock: s.clock, Alive: s.alive, CardTime: 2 * time.Second})
}

// fileScene is a scene over a vault in a file, in the folder of the log.
func fileScene(t *testing.T, dir string) (*scene, *file.Vault) {
	t.Helper()
	must(t, os.Chmod(dir, 0o700))
	v, err := file.Create(filepath.Join(dir, "vault.db"), val(t, pass), file.Params{Memory: 64, Passes: 1, Lanes: 1})
	must(t, err)
	t.Cleanup(v.Close)
	s := &scene{T: t, who: &person{typed: pass}, dead: map[caller.ProcID]bool{}, path: filepath.Join(dir, "audit.log"),
		clock: &clock{wall: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC), boot: time.Hour}}
	s.b = over(s, v)
	t.Cleanup(func() { s.b.Close() })
	must(t, s.do(caller.Front("test"), &secret.Request{Op: secret.OpUnlock}).err)
	s.put("acme/api/REGION", "region-canary", secret.Easy)
	s.put("acme/api/DB", "db-canary", secret.Normal)
	return s, v
}
