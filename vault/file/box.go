package file

import (
	"bytes"
	"crypto/sha256"
	"os"

	"noxkey/secret"
	"noxkey/vault/internal/sealing"
	"noxkey/vault/internal/table"
)

// box opens and seals values with the browse keys and the key of one
// authentication, which may be nil. It is used while Vault.mu is held.
type box struct {
	file   *os.File
	browse *browse
	key    *key
}

// box takes k if it is one of ours, made under the present root key.
func (v *Vault) box(k secret.Key) box {
	mine, _ := k.(*key)
	if mine != nil && (mine.ring != &v.ring || mine.epoch != v.browse.epoch) {
		mine = nil
	}
	return box{v.file, v.browse, mine}
}

// with calls f with the key that seals values of n at that level, or returns an
// error of code Denied.
func (b box) with(n secret.Name, l secret.Level, f func(key []byte) error) error {
	mem := allocate(sealing.KeySize)
	defer mem.Wipe()
	k := mem.Bytes()
	reached := false
	switch l {
	case secret.Easy:
		copy(k, b.browse.easy())
		sealing.Descend(k, string(n))
		sealing.Leaf(k)
		reached = true
	case secret.Normal:
		reached = b.key != nil && b.key.leaf(k, n, false)
	case secret.Strict, secret.OffLimits:
		reached = b.key != nil && b.key.leaf(k, n, true)
	}
	if !reached {
		return sealing.OutOfReach(n)
	}
	return f(k)
}

// Reach is table.Box's.
func (b box) Reach(n secret.Name, l secret.Level) error {
	return b.with(n, l, func([]byte) error { return nil })
}

// Open is table.Box's.
func (b box) Open(r *table.Row[*blob]) (secret.Value, error) {
	var v secret.Value
	err := b.with(r.Name, r.Level, func(k []byte) error {
		sealed := b.read(r.Rest)
		plain, ok := []byte(nil), false
		if sha256.Sum256(sealed) == r.Rest.hash {
			plain, ok = sealing.Unseal(k, sealed, valueAD(&r.Entry))
		}
		if !ok {
			return table.Fail(secret.Damaged, r.Name, string(r.Name)+" is damaged: its value was changed or rotted outside NoxKey")
		}
		var err error
		v, err = secret.NewValue(bytes.TrimRight(plain, "\x00")) // see pad
		return err
	})
	return v, err
}

// read returns the sealed bytes, or fewer if they are not there.
func (b box) read(x *blob) []byte {
	if x.pending != nil {
		return x.pending
	}
	sealed := make([]byte, x.size)
	n, _ := b.file.ReadAt(sealed, x.off)
	return sealed[:n]
}

// Seal is table.Box's.
func (b box) Seal(e *secret.Entry, value []byte) (*blob, error) {
	var x *blob
	err := b.with(e.Name, e.Level, func(k []byte) error {
		padded := pad(value)
		defer secret.Wipe(padded)
		x = newBlob(sealing.Seal(k, padded, valueAD(e)))
		return nil
	})
	return x, err
}

// padTo is what the lengths of sealed values are multiples of, in bytes. It divides
// secret.MaxValue, so that no value becomes too long by it.
const padTo = 64

// pad returns a copy of value with zero bytes behind it: the size of a vault's file, which
// every program of the user can look at before and after a write, is not to tell how
// long a password is. No value holds a zero byte, so Open can cut them off; values that
// earlier builds sealed have none.
func pad(value []byte) []byte {
	b := make([]byte, (len(value)+padTo-1)/padTo*padTo)
	copy(b, value)
	return b
}
