package broker

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"sync"
	"time"

	"golang.org/x/crypto/chacha20poly1305"

	"noxkey/secret"
)

// headEvery is how many lines may pass before the head goes into the vault.
const headEvery = 100

// audit is the log of decisions: one line each, sealed with XChaCha20-Poly1305
// under a key that the vault keeps, and chained: the associated data of a line is
// its number and the hash of the line before. Edited, deleted and reordered lines
// do not open. A cut of the newest lines is seen only up to the head that the
// vault holds, so the lines since the last lock, quit or hundredth line may be cut
// unseen after a crash.
type audit struct {
	path   string
	ledger Ledger
	clock  Clock

	mu      sync.Mutex
	f       *os.File                  // nil until the first unlock; guarded by mu
	key     [32]byte                  // guarded by mu
	head    head                      // guarded by mu
	saved   uint64                    // the sequence number of the head in the vault; guarded by mu
	skipped int                       // requests refused before the first unlock; guarded by mu
	used    map[secret.Name]time.Time // newest release of each; guarded by mu
}

// head is the newest line: its number, and the hash that the next line binds.
type head struct {
	Seq  uint64            `json:"seq"`
	Hash [sha256.Size]byte `json:"hash"`
}

const headKey = "audit-head"

func newAudit(path string, l Ledger, c Clock) *audit {
	return &audit{path: path, ledger: l, clock: c, used: map[secret.Name]time.Time{}}
}

// missed counts a request that came before there was a key to record it with.
func (a *audit) missed() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.f == nil {
		a.skipped++
	}
}

// open opens the log, once, as soon as the vault can give its key.
func (a *audit) open() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.f != nil {
		return nil
	}
	if err := a.openLog(); err != nil {
		return notRecorded(err)
	}
	if a.skipped > 0 {
		n := a.skipped
		a.skipped = 0
		return a.appendLocked(secret.Record{Outcome: secret.OutRefused, Op: secret.OpStatus, Class: "unknown", Who: "NoxKey",
			Detail: fmt.Sprintf("%d requests were refused while NoxKey was locked, before the log could be opened", n)})
	}
	return nil
}

func (a *audit) openLog() error {
	key, err := a.ledger.AuditKey()
	if err != nil {
		return err
	}
	f, err := openPrivate(a.path, os.O_CREATE|os.O_RDWR|os.O_APPEND)
	if err != nil {
		return err
	}
	a.key = key
	vaultHead, err := a.recallHead()
	if err == nil {
		err = mendTail(f)
	}
	if err == nil {
		err = a.scan(f, vaultHead)
	}
	if err != nil {
		f.Close()
		return err
	}
	a.f, a.saved = f, vaultHead.Seq
	return nil
}

// scan reads the log for the head and for when each secret was used last. The
// chain goes on from the newest line that opens, or from the vault's head if the
// log ends before it; verify tells about what does not fit.
func (a *audit) scan(f *os.File, vault head) error {
	a.head = head{}
	v, err := a.view(f)
	if err != nil {
		return err
	}
	defer v.wipe()
	err = v.lines(func(_ int, r secret.Record, h head, err error) {
		if err == nil {
			a.note(r)
			a.head = h
		}
	})
	if a.head.Seq < vault.Seq {
		a.head = vault
	}
	return err
}

// line is a line as it stands in the file.
type line struct {
	Seq  uint64 `json:"n"`
	Data string `json:"d"` // base64 of nonce and ciphertext
}

func binding(seq uint64, prev [sha256.Size]byte) []byte {
	b := append([]byte("noxkey/1 audit"), 0)
	b = binary.BigEndian.AppendUint64(b, seq)
	return append(b, prev[:]...)
}

// append seals r, writes it and flushes it to the disk. On an error of code
// NotRecorded the log is as before, and whatever r was about must not happen.
func (a *audit) append(r secret.Record) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.f == nil {
		if err := a.openLog(); err != nil {
			return notRecorded(err)
		}
	}
	return a.appendLocked(r)
}

func (a *audit) appendLocked(r secret.Record) error {
	r.Seq, r.Time = a.head.Seq+1, a.clock.Wall().UTC()
	b, err := a.sealLine(r)
	if err == nil && len(b) > maxLine {
		err = fmt.Errorf("the record is longer than %d MiB", maxLine>>20)
	}
	if err != nil {
		return notRecorded(err)
	}
	if err = inPlace(a.f, a.path); err == nil {
		err = mendTail(a.f)
	}
	if err != nil {
		return notRecorded(err)
	}
	end, err := a.f.Seek(0, io.SeekEnd)
	if err != nil {
		return notRecorded(err)
	}
	if _, err = a.f.Write(append(b, '\n')); err == nil {
		err = a.f.Sync()
	}
	if err != nil {
		_ = a.f.Truncate(end) // half a line would only have to be explained later
		return notRecorded(err)
	}
	a.head = head{r.Seq, sha256.Sum256(b)}
	a.note(r)
	if a.head.Seq-a.saved >= headEvery {
		return a.saveHeadLocked()
	}
	return nil
}

func (a *audit) sealLine(r secret.Record) ([]byte, error) {
	text, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	aead, err := chacha20poly1305.NewX(a.key[:])
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, aead.NonceSize(), aead.NonceSize()+len(text)+aead.Overhead())
	rand.Read(nonce)
	sealed := aead.Seal(nonce, nonce, text, binding(r.Seq, a.head.Hash))
	return json.Marshal(line{r.Seq, base64.StdEncoding.EncodeToString(sealed)})
}

// note keeps when a secret was read last. a.mu is held.
func (a *audit) note(r secret.Record) {
	if r.Op != secret.OpGet && r.Op != secret.OpRedeem {
		return
	}
	switch r.Outcome {
	case secret.Released, secret.InSession, secret.AllowedOnce, secret.AllowedSession:
		for _, n := range r.Names {
			a.used[n] = r.Time
		}
	}
}

// tail calls each with the newest n records (all for 0), oldest first.
func (a *audit) tail(n int, each func(secret.Record) error) error {
	a.mu.Lock()
	if a.f == nil {
		a.mu.Unlock()
		return nil
	}
	v, err := a.view(a.f)
	a.mu.Unlock()
	if err != nil {
		return err
	}
	defer v.wipe()
	var all []secret.Record
	err = v.lines(func(_ int, r secret.Record, _ head, err error) {
		if err != nil {
			return
		}
		if all = append(all, r); n > 0 && len(all) >= 2*n {
			all = append(all[:0], all[len(all)-n:]...)
		}
	})
	if n > 0 && len(all) > n {
		all = all[len(all)-n:]
	}
	for _, r := range all {
		if err == nil {
			err = each(r)
		}
	}
	return err
}

// verify returns what is wrong with the chain, in words, and how many lines there
// are.
func (a *audit) verify() (bad []string, total int, err error) {
	v, vault, err := a.opened()
	if err != nil {
		return nil, 0, err
	}
	defer v.wipe()
	var last head
	reached := vault.Seq == 0
	err = v.lines(func(n int, _ secret.Record, h head, err error) {
		if err != nil {
			bad = append(bad, fmt.Sprintf("line %d %v", n, err))
		}
		if h == vault {
			reached = true
		}
		last, total = h, n
	})
	switch {
	case !reached && last.Seq < vault.Seq:
		bad = append(bad, fmt.Sprintf("the log ends at record %d, and the vault remembers record %d: the newest lines were cut", last.Seq, vault.Seq))
	case !reached:
		bad = append(bad, fmt.Sprintf("record %d is not the one that the vault remembers", vault.Seq))
	}
	if e := inPlace(v.f, a.path); e != nil {
		bad = append(bad, e.Error())
	}
	return bad, total, err
}

// opened returns a view of the log, opening it if need be, and the head that the
// vault remembers at that moment.
func (a *audit) opened() (*view, head, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.f == nil {
		if err := a.openLog(); err != nil {
			return nil, head{}, err
		}
	}
	h, err := a.recallHead()
	if err != nil {
		return nil, h, err
	}
	v, err := a.view(a.f)
	return v, h, err
}

func (a *audit) recallHead() (h head, err error) {
	b, err := a.ledger.Recall(headKey)
	if err != nil || b == nil {
		return h, err
	}
	return h, json.Unmarshal(b, &h)
}

// saveHead puts the newest line's number and hash into the vault.
func (a *audit) saveHead() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.f == nil || a.head.Seq == a.saved {
		return nil
	}
	return a.saveHeadLocked()
}

func (a *audit) saveHeadLocked() error {
	b, err := json.Marshal(a.head)
	if err != nil {
		return err
	}
	if err := a.ledger.Remember(headKey, b); err != nil {
		return err
	}
	a.saved = a.head.Seq
	return nil
}

func (a *audit) lastUsed() map[secret.Name]time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return maps.Clone(a.used)
}

func (a *audit) close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	clear(a.key[:])
	if a.f == nil {
		return nil
	}
	err := a.f.Close()
	a.f = nil
	return err
}

func notRecorded(err error) error {
	if secret.CodeOf(err) == secret.Locked {
		return err
	}
	return secret.Errorf(secret.NotRecorded, "the decision could not be recorded, so nothing was released: %v", err)
}
