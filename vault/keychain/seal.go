package keychain

import (
	"noxkey/secret"
	"noxkey/vault/internal/sealing"
	"noxkey/vault/internal/table"
)

// valueAD is what a sealed value is bound to.
func valueAD(e *secret.Entry) []byte { return sealing.Bind("noxkey keychain value 1", e) }

// stored is what is kept of a secret beside its entry: the label its item has, the
// sum of the item's data, and the data itself as long as no item has it.
type stored struct {
	label   string
	sum     string
	pending []byte
}

// box opens and seals values with the browse root and the key of one
// authentication, which may be nil.
type box struct {
	items  Items
	browse *browse
	key    *key
}

// box takes k if it is one of ours. One that was made before a lock or under roots
// that are no more is wiped, and reaches nothing.
func (v *Vault) box(s *state, k secret.Key) box {
	mine, _ := k.(*key)
	if mine != nil && mine.ring != &v.ring {
		mine = nil
	}
	return box{v.items, s.browse, mine}
}

// with calls f with the key that seals values of n at that level, or returns an
// error of code Denied, or Locked.
func (b box) with(n secret.Name, l secret.Level, f func(key []byte) error) error {
	var k []byte
	switch l {
	case secret.Easy:
		return b.browse.with("easy", func(top []byte) error {
			k := leaf(node(top, string(n)))
			defer secret.Wipe(k)
			return f(k)
		})
	case secret.Normal:
		if b.key != nil {
			k = b.key.leaf(n, false)
		}
	case secret.Strict, secret.OffLimits:
		if b.key != nil {
			k = b.key.leaf(n, true)
		}
	}
	if k == nil {
		return sealing.OutOfReach(n)
	}
	defer secret.Wipe(k)
	return f(k)
}

// Reach is table.Box's.
func (b box) Reach(n secret.Name, l secret.Level) error {
	return b.with(n, l, func([]byte) error { return nil })
}

// Open is table.Box's.
func (b box) Open(r *table.Row[*stored]) (secret.Value, error) {
	var v secret.Value
	if err := b.Reach(r.Name, r.Level); err != nil {
		return v, err
	}
	if r.Entry.Damaged {
		return v, damaged(r.Name)
	}
	sealed := r.Rest.pending
	if sealed == nil {
		var err error
		if sealed, err = b.items.Read(string(r.Name)); err != nil {
			return v, explain(err, string(r.Name))
		}
	}
	// Asked for again: a lock may have come while macOS was.
	err := b.with(r.Name, r.Level, func(k []byte) error {
		plain, ok := []byte(nil), false
		if sumOf(sealed) == r.Rest.sum {
			plain, ok = sealing.Unseal(k, sealed, valueAD(&r.Entry))
		}
		if !ok {
			return damaged(r.Name)
		}
		var err error
		v, err = secret.NewValue(plain)
		return err
	})
	return v, err
}

// Seal is table.Box's.
func (b box) Seal(e *secret.Entry, value []byte) (*stored, error) {
	var x *stored
	err := b.with(e.Name, e.Level, func(k []byte) error {
		sealed := sealing.Seal(k, value, valueAD(e))
		x = &stored{pending: sealed, sum: sumOf(sealed)}
		return nil
	})
	return x, err
}

func damaged(n secret.Name) error {
	return table.Fail(secret.Damaged, n, string(n)+" was changed outside noxkey and cannot be opened; the others can")
}
