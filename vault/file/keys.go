package file

import (
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"slices"
	"strings"
	"sync"

	"noxkey/secret"
)

// allocate is where all memory for keys comes from, and release where it goes:
// the one place to lock pages or keep them out of core dumps.
func allocate(n int) []byte { return make([]byte, n) }

func release(b []byte) { secret.Wipe(b) }

// expand is HKDF-Expand (RFC 5869) with SHA-256, into dst. The inputs are uniform
// keys, so there is no Extract step.
func expand(dst, key []byte, info string) {
	k, err := hkdf.Expand(sha256.New, key, info, keySize)
	if err != nil {
		panic("file: hkdf: " + err.Error()) // only for more than 255 blocks
	}
	copy(dst, k)
	secret.Wipe(k)
}

// The branches that start at the root key.
const (
	branchBrowse = "noxkey 1 browse"
	branchNormal = "noxkey 1 normal"
	branchStrict = "noxkey 1 strict"
	branchEpoch  = "noxkey 1 epoch"
)

// descend turns the node key in dst into that of the node path below it, segment by
// segment. From a node nobody gets back up, nor sideways.
func descend(dst []byte, path string) {
	if path == "" {
		return
	}
	for seg := range strings.SplitSeq(path, "/") {
		expand(dst, dst, "child "+seg)
	}
}

// leaf turns the node key in dst into the key that seals the value of that very
// name, from which no key of a name below it can be derived.
func leaf(dst []byte) { expand(dst, dst, "value") }

// epoch tells keys of one root from those of another.
type epoch [keySize]byte

// browse is what the vault holds from unlock to lock, in one piece of memory.
type browse struct {
	mem   []byte // index key, node of the easy tree, Ed25519 private key
	epoch epoch
}

func newBrowse(root []byte) *browse {
	b := &browse{mem: allocate(2*keySize + ed25519.PrivateKeySize)}
	expand(b.epoch[:], root, branchEpoch)
	node := allocate(keySize)
	defer release(node)
	expand(node, root, branchBrowse)
	expand(b.index(), node, "index")
	expand(b.easy(), node, "easy")
	return b
}

func (b *browse) index() []byte    { return b.mem[:keySize] }
func (b *browse) easy() []byte     { return b.mem[keySize : 2*keySize] }
func (b *browse) identity() []byte { return b.mem[2*keySize:] }
func (b *browse) wipe()            { release(b.mem) }

// key is what one authentication, or a session made from it, may open. A name's
// entry is its leaf key in the normal tree and, unless this is a session, the one
// in the strict tree; a prefix is its node in the normal tree. The key for the
// whole vault has both trees' uppermost nodes.
type key struct {
	mu     sync.RWMutex // guards mem
	mem    []byte       // nil once wiped
	names  []secret.Name
	prefix secret.Prefix
	strict bool
	whole  bool
	epoch  epoch
	ring   *ring
}

// newKey derives the key for s from the root.
func newKey(root []byte, s secret.Scope, r *ring, e epoch) *key {
	normal, strict := allocate(keySize), allocate(keySize)
	defer release(normal)
	defer release(strict)
	expand(normal, root, branchNormal)
	expand(strict, root, branchStrict)
	k := &key{prefix: s.Prefix, strict: true, ring: r, epoch: e}
	if s.Root {
		k.whole, k.prefix = true, ""
		k.mem = allocate(2 * keySize)
		copy(k.mem, normal)
		copy(k.mem[keySize:], strict)
		return k
	}
	k.setNames(s.Names)
	for i, n := range k.names {
		copy(k.slot(i, false), normal)
		copy(k.slot(i, true), strict)
		for _, dst := range [][]byte{k.slot(i, false), k.slot(i, true)} {
			descend(dst, string(n))
			leaf(dst)
		}
	}
	if k.prefix != "" {
		copy(k.node(), normal)
		descend(k.node(), string(k.prefix))
	}
	return k
}

// setNames sorts the names and makes room for the keys.
func (k *key) setNames(names []secret.Name) {
	k.names = slices.Compact(slices.Sorted(slices.Values(names)))
	size := len(k.names) * k.stride()
	if k.prefix != "" {
		size += keySize
	}
	k.mem = allocate(size)
}

func (k *key) stride() int {
	if k.strict {
		return 2 * keySize
	}
	return keySize
}

// slot is where the leaf key of names[i] lies.
func (k *key) slot(i int, strict bool) []byte {
	at := i * k.stride()
	if strict {
		at += keySize
	}
	return k.mem[at : at+keySize]
}

// node is where the node key of prefix lies.
func (k *key) node() []byte { return k.mem[len(k.mem)-keySize:] }

// leaf puts the key for values of n into dst, or reports that k does not reach it.
func (k *key) leaf(dst []byte, n secret.Name, strict bool) bool {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.derive(dst, n, strict)
}

// derive is leaf for who holds mu.
func (k *key) derive(dst []byte, n secret.Name, strict bool) bool {
	if k.mem == nil {
		return false
	}
	if k.whole {
		copy(dst, k.mem[:keySize])
		if strict {
			copy(dst, k.mem[keySize:])
		}
		descend(dst, string(n))
		leaf(dst)
		return true
	}
	if i, ok := slices.BinarySearch(k.names, n); ok && (k.strict || !strict) {
		copy(dst, k.slot(i, strict))
		return true
	}
	if strict || !k.branch(dst, secret.Prefix(n)) {
		return false
	}
	leaf(dst)
	return true
}

// branch puts the normal node key of p into dst, if k has it or one above it.
func (k *key) branch(dst []byte, p secret.Prefix) bool {
	switch {
	case k.mem == nil:
		return false
	case k.whole:
		copy(dst, k.mem[:keySize])
		descend(dst, string(p))
		return true
	case k.prefix == "" || !k.prefix.Covers(secret.Name(p)):
		return false
	}
	copy(dst, k.node())
	descend(dst, strings.TrimPrefix(string(p[len(k.prefix):]), "/"))
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
			release(c.mem)
			return nil, outOfReach(n)
		}
	}
	if c.prefix != "" && !k.branch(c.node(), c.prefix) {
		release(c.mem)
		return nil, secret.Errorf(secret.Denied, "the key does not reach all of %s", c.prefix)
	}
	c.ring.add(c)
	return c, nil
}

// Wipe forgets the key.
func (k *key) Wipe() {
	k.mu.Lock()
	release(k.mem)
	k.mem = nil
	k.mu.Unlock()
	k.ring.drop(k)
}

func outOfReach(n secret.Name) error {
	return &secret.Error{Code: secret.Denied, Names: []secret.Name{n},
		Msg: "the key does not reach " + string(n)}
}

// ring knows the keys that are alive, so that locking forgets them all.
type ring struct {
	mu   sync.Mutex // guards the field below
	keys map[*key]struct{}
}

func (r *ring) add(k *key) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.keys == nil {
		r.keys = make(map[*key]struct{})
	}
	r.keys[k] = struct{}{}
}

func (r *ring) drop(k *key) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.keys, k)
}

// wipe wipes every key. A session made from a key while this runs is met in a
// later round: Session adds it before it lets go of its parent, and no wiped key
// makes another.
func (r *ring) wipe() {
	for {
		r.mu.Lock()
		keys := make([]*key, 0, len(r.keys))
		for k := range r.keys {
			keys = append(keys, k)
		}
		r.mu.Unlock()
		if len(keys) == 0 {
			return
		}
		for _, k := range keys {
			k.Wipe()
		}
	}
}
