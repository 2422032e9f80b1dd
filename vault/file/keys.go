package file

import (
	"crypto/ed25519"
	"slices"
	"strings"
	"sync"

	"noxkey/harden/locked"
	"noxkey/secret"
	"noxkey/vault/internal/sealing"
)

// memory is where all keys lie: the kernel neither swaps nor dumps it, as far as it lets
// us lock pages (package locked). Its Wipe is due when the key ends.
type memory = *locked.Memory

func allocate(n int) memory { return locked.New(n) }

// The branches that start at the root key.
const (
	branchBrowse = "noxkey 1 browse"
	branchNormal = "noxkey 1 normal"
	branchStrict = "noxkey 1 strict"
	branchEpoch  = "noxkey 1 epoch"
)

// epoch tells keys of one root from those of another.
type epoch [sealing.KeySize]byte

// browse is what the vault holds from unlock to lock.
type browse struct {
	mem memory // index key, node of the easy tree
	// id is the Ed25519 private key. It opens no secret, and lies in Go's memory:
	// crypto/ed25519 keeps an expanded copy of each key there in any case, by a weak pointer
	// that can only point there.
	id    []byte
	epoch epoch
}

func newBrowse(root []byte) *browse {
	b := &browse{mem: allocate(2 * sealing.KeySize), id: make([]byte, ed25519.PrivateKeySize)}
	sealing.Expand(b.epoch[:], root, branchEpoch)
	mem := allocate(sealing.KeySize)
	defer mem.Wipe()
	node := mem.Bytes()
	sealing.Expand(node, root, branchBrowse)
	sealing.Expand(b.index(), node, "index")
	sealing.Expand(b.easy(), node, "easy")
	return b
}

func (b *browse) index() []byte    { return b.mem.Bytes()[:sealing.KeySize] }
func (b *browse) easy() []byte     { return b.mem.Bytes()[sealing.KeySize:] }
func (b *browse) identity() []byte { return b.id }

func (b *browse) wipe() {
	b.mem.Wipe()
	secret.Wipe(b.id)
}

// key is what one authentication, or a session made from it, may open. A name's
// entry is its leaf key in the normal tree and, unless this is a session, the one
// in the strict tree; a prefix is its node in the normal tree. The key for the
// whole vault has both trees' uppermost nodes.
type key struct {
	mu     sync.RWMutex // guards mem
	mem    memory       // without bytes once wiped
	names  []secret.Name
	prefix secret.Prefix
	strict bool
	whole  bool
	epoch  epoch
	ring   *sealing.Ring[*key]
}

// newKey derives the key for s from the root.
func newKey(root []byte, s secret.Scope, r *sealing.Ring[*key], e epoch) *key {
	mem := allocate(2 * sealing.KeySize)
	defer mem.Wipe()
	normal, strict := mem.Bytes()[:sealing.KeySize], mem.Bytes()[sealing.KeySize:]
	sealing.Expand(normal, root, branchNormal)
	sealing.Expand(strict, root, branchStrict)
	k := &key{prefix: s.Prefix, strict: true, ring: r, epoch: e}
	if s.Root {
		k.whole, k.prefix = true, ""
		k.mem = allocate(2 * sealing.KeySize)
		copy(k.mem.Bytes(), mem.Bytes())
		return k
	}
	k.setNames(s.Names)
	for i, n := range k.names {
		copy(k.slot(i, false), normal)
		copy(k.slot(i, true), strict)
		for _, dst := range [][]byte{k.slot(i, false), k.slot(i, true)} {
			sealing.Descend(dst, string(n))
			sealing.Leaf(dst)
		}
	}
	if k.prefix != "" {
		copy(k.node(), normal)
		sealing.Descend(k.node(), string(k.prefix))
	}
	return k
}

// setNames sorts the names and makes room for the keys.
func (k *key) setNames(names []secret.Name) {
	k.names = slices.Compact(slices.Sorted(slices.Values(names)))
	size := len(k.names) * k.stride()
	if k.prefix != "" {
		size += sealing.KeySize
	}
	k.mem = allocate(size)
}

func (k *key) stride() int {
	if k.strict {
		return 2 * sealing.KeySize
	}
	return sealing.KeySize
}

// slot is where the leaf key of names[i] lies.
func (k *key) slot(i int, strict bool) []byte {
	at := i * k.stride()
	if strict {
		at += sealing.KeySize
	}
	return k.mem.Bytes()[at : at+sealing.KeySize]
}

// node is where the node key of prefix lies.
func (k *key) node() []byte {
	b := k.mem.Bytes()
	return b[len(b)-sealing.KeySize:]
}

// leaf puts the key for values of n into dst, or reports that k does not reach it.
func (k *key) leaf(dst []byte, n secret.Name, strict bool) bool {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.derive(dst, n, strict)
}

// derive is leaf for who holds mu.
func (k *key) derive(dst []byte, n secret.Name, strict bool) bool {
	b := k.mem.Bytes()
	if b == nil {
		return false
	}
	if k.whole {
		copy(dst, b[:sealing.KeySize])
		if strict {
			copy(dst, b[sealing.KeySize:])
		}
		sealing.Descend(dst, string(n))
		sealing.Leaf(dst)
		return true
	}
	if i, ok := slices.BinarySearch(k.names, n); ok && (k.strict || !strict) {
		copy(dst, k.slot(i, strict))
		return true
	}
	if strict || !k.branch(dst, secret.Prefix(n)) {
		return false
	}
	sealing.Leaf(dst)
	return true
}

// branch puts the normal node key of p into dst, if k has it or one above it.
func (k *key) branch(dst []byte, p secret.Prefix) bool {
	b := k.mem.Bytes()
	switch {
	case b == nil:
		return false
	case k.whole:
		copy(dst, b[:sealing.KeySize])
		sealing.Descend(dst, string(p))
		return true
	case k.prefix == "" || !k.prefix.Covers(secret.Name(p)):
		return false
	}
	copy(dst, k.node())
	sealing.Descend(dst, strings.TrimPrefix(string(p[len(k.prefix):]), "/"))
	return true
}

// Session returns a key with the normal keys for s and nothing else: copies of
// its own, that cannot be turned into more. The error has code Denied.
func (k *key) Session(s secret.Scope) (secret.Key, error) {
	if s.Root {
		return nil, secret.Errorf(secret.Denied, "no session covers the whole vault")
	}
	k.mu.RLock()
	defer k.mu.RUnlock()
	c := &key{prefix: s.Prefix, ring: k.ring, epoch: k.epoch}
	c.setNames(s.Names)
	for i, n := range c.names {
		if !k.derive(c.slot(i, false), n, false) {
			c.mem.Wipe()
			return nil, sealing.OutOfReach(n)
		}
	}
	if c.prefix != "" && !k.branch(c.node(), c.prefix) {
		c.mem.Wipe()
		return nil, secret.Errorf(secret.Denied, "the key does not reach all of %s", c.prefix)
	}
	c.ring.Add(c)
	return c, nil
}

// Wipe forgets the key.
func (k *key) Wipe() {
	k.mu.Lock()
	k.mem.Wipe()
	k.mu.Unlock()
	k.ring.Drop(k)
}
