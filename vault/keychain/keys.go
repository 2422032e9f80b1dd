package keychain

import (
	"crypto/ed25519"
	"slices"
	"strings"
	"sync"

	"noxkey/secret"
	"noxkey/vault/internal/sealing"
)

// node returns the node key of path below the node key top.
func node(top []byte, path string) []byte {
	k := slices.Clone(top)
	sealing.Descend(k, path)
	return k
}

// leaf turns the node key k of a name into the key that seals its value, and returns it.
func leaf(k []byte) []byte {
	sealing.Leaf(k)
	return k
}

// browse is what the vault holds from unlock to lock.
type browse struct {
	mu  sync.RWMutex // guards mem
	mem []byte       // browse root, Ed25519 private key; nil once wiped
}

func newBrowse(r root) *browse {
	b := &browse{mem: make([]byte, 0, sealing.KeySize+ed25519.PrivateKeySize)}
	private := ed25519.NewKeyFromSeed(r.seed())
	b.mem = append(append(b.mem, r.browse()...), private...)
	secret.Wipe(private)
	return b
}

// with calls f with a key derived from the browse root for that purpose, or
// returns an error of code Locked.
func (b *browse) with(purpose string, f func(key []byte) error) error {
	k := make([]byte, sealing.KeySize)
	defer secret.Wipe(k)
	b.mu.RLock()
	if b.mem == nil {
		b.mu.RUnlock()
		return errLocked
	}
	sealing.Expand(k, b.mem[:sealing.KeySize], "noxkey keychain 1 "+purpose)
	b.mu.RUnlock()
	return f(k)
}

// seal seals plain for that purpose, bound to ad.
func (b *browse) seal(purpose string, plain []byte, ad string) (box []byte, err error) {
	err = b.with(purpose, func(k []byte) error {
		box = sealing.Seal(k, plain, []byte(purpose+"\x00"+ad))
		return nil
	})
	return box, err
}

// unseal is the inverse. The error has code Damaged, or Locked.
func (b *browse) unseal(purpose string, box []byte, ad string) (plain []byte, err error) {
	err = b.with(purpose, func(k []byte) error {
		var ok bool
		if plain, ok = sealing.Unseal(k, box, []byte(purpose+"\x00"+ad)); !ok {
			return secret.Errorf(secret.Damaged, "the keychain's %s item was changed outside noxkey", purpose)
		}
		return nil
	})
	return plain, err
}

func (b *browse) sign(msg []byte) ([]byte, error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	if b.mem == nil {
		return nil, errLocked
	}
	return ed25519.Sign(b.mem[sealing.KeySize:], msg), nil
}

func (b *browse) wipe() {
	b.mu.Lock()
	defer b.mu.Unlock()
	secret.Wipe(b.mem)
	b.mem = nil
}

// slot says which leaf key of a name: that of the normal or of the strict tree.
type slot struct {
	name   secret.Name
	strict bool
}

// key is what one authentication, or a session made from it, may open.
type key struct {
	mu   sync.RWMutex // guards the fields below
	dead bool
	// leaves are of the names that were asked for by name; without strict ones in a
	// session.
	leaves map[slot][]byte
	prefix secret.Prefix
	normal []byte // node key of prefix in the normal tree; nil without a prefix
	strict []byte // top of the strict tree; nil but for the whole vault
	whole  bool

	ring *sealing.Ring[*key]
}

// newKey derives the key for s from the roots.
func newKey(r *roots, s secret.Scope, ring *sealing.Ring[*key]) *key {
	k := &key{leaves: make(map[slot][]byte), ring: ring}
	if s.Root {
		k.whole, k.normal, k.strict = true, slices.Clone(r.normal), slices.Clone(r.strict)
		return k
	}
	for _, n := range s.Names {
		k.leaves[slot{n, false}] = leaf(node(r.normal, string(n)))
		k.leaves[slot{n, true}] = leaf(node(r.strict, string(n)))
	}
	if s.Prefix != "" {
		k.prefix, k.normal = s.Prefix, node(r.normal, string(s.Prefix))
	}
	return k
}

// leaf returns a copy of the key for values of n, the caller's to wipe, or nil if
// k does not reach it.
func (k *key) leaf(n secret.Name, strict bool) []byte {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.derive(n, strict)
}

// derive is leaf for who holds mu.
func (k *key) derive(n secret.Name, strict bool) []byte {
	switch {
	case k.dead:
		return nil
	case k.whole && strict:
		return leaf(node(k.strict, string(n)))
	case k.leaves[slot{n, strict}] != nil:
		return slices.Clone(k.leaves[slot{n, strict}])
	case strict:
		return nil
	}
	if at := k.branch(secret.Prefix(n)); at != nil {
		return leaf(at)
	}
	return nil
}

// branch returns a copy of the normal node key of p, nil if k has neither it nor
// one above it.
func (k *key) branch(p secret.Prefix) []byte {
	switch {
	case k.dead:
		return nil
	case k.whole:
		return node(k.normal, string(p))
	case k.prefix == "" || !k.prefix.Covers(secret.Name(p)):
		return nil
	}
	return node(k.normal, strings.TrimPrefix(string(p[len(k.prefix):]), "/"))
}

// Session returns a key with the normal keys for s and nothing else: copies of
// its own, that cannot be turned into more. The error has code Denied.
func (k *key) Session(s secret.Scope) (secret.Key, error) {
	if s.Root {
		return nil, secret.Errorf(secret.Denied, "no session covers the whole vault")
	}
	k.mu.RLock()
	defer k.mu.RUnlock()
	c := &key{leaves: make(map[slot][]byte), ring: k.ring}
	for _, n := range s.Names {
		l := k.derive(n, false)
		if l == nil {
			c.forget()
			return nil, sealing.OutOfReach(n)
		}
		c.leaves[slot{n, false}] = l
	}
	if s.Prefix != "" {
		if c.prefix, c.normal = s.Prefix, k.branch(s.Prefix); c.normal == nil {
			c.forget()
			return nil, secret.Errorf(secret.Denied, "the key does not reach all of %s", s.Prefix)
		}
	}
	if k.dead { // not even a session over nothing
		return nil, secret.Errorf(secret.Denied, "the key was wiped")
	}
	k.ring.Add(c)
	return c, nil
}

// Wipe forgets the key.
func (k *key) Wipe() {
	k.mu.Lock()
	k.forget()
	k.mu.Unlock()
	k.ring.Drop(k)
}

func (k *key) forget() {
	k.dead = true
	for _, l := range k.leaves {
		secret.Wipe(l)
	}
	secret.Wipe(k.normal)
	secret.Wipe(k.strict)
	k.leaves, k.normal, k.strict = nil, nil, nil
}
