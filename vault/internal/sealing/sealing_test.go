package sealing

import (
	"encoding/hex"
	"slices"
	"testing"

	"noxkey/secret"
)

const (
	treeNode = "f006661abe9712ac290efadcc3c758b243476ffa07dc0aae324d489d77467734"
	treeLeaf = "0fa1845e613f37f00d06391bdc6abc817ffa5baa64eb604f4ddae53f6875b094"
)

// TestTree: the tree's keys are what vaults on disk were sealed under. HKDF-Expand's
// first block is HMAC-SHA256(key, info || 1); these were computed with Python's hmac.
func TestTree(t *testing.T) {
	k := slices.Repeat([]byte{7}, KeySize)
	Descend(k, "acme/api")
	node := slices.Clone(k)
	Leaf(k)
	if got := hex.EncodeToString(node); got != treeNode {
		t.Errorf("node %s", got)
	}
	if got := hex.EncodeToString(k); got != treeLeaf {
		t.Errorf("leaf %s", got)
	}
	top := slices.Repeat([]byte{7}, KeySize)
	Descend(top, "")
	if !slices.Equal(top, slices.Repeat([]byte{7}, KeySize)) {
		t.Error("an empty path leads somewhere")
	}
}

// TestBoxIsBound: another key, another text beside it, a flipped bit: nothing opens.
func TestBoxIsBound(t *testing.T) {
	key := slices.Repeat([]byte{1}, KeySize)
	box := Seal(key, []byte("value"), []byte("ad"))
	if b, ok := Unseal(key, box, []byte("ad")); !ok || string(b) != "value" {
		t.Fatalf("%q %v", b, ok)
	}
	for i := range box {
		bad := slices.Clone(box)
		bad[i] ^= 1
		if _, ok := Unseal(key, bad, []byte("ad")); ok {
			t.Errorf("byte %d may be anything", i)
		}
	}
	for _, f := range []func() bool{
		func() bool { _, ok := Unseal(slices.Repeat([]byte{2}, KeySize), box, []byte("ad")); return ok },
		func() bool { _, ok := Unseal(key, box, []byte("another")); return ok },
		func() bool { _, ok := Unseal(key, box[:Overhead-1], []byte("ad")); return ok },
	} {
		if f() {
			t.Error("opened")
		}
	}
}

// TestBindTellsEntriesApart: no field can lend a byte to its neighbour.
func TestBindTellsEntriesApart(t *testing.T) {
	a := &secret.Entry{Name: "a/bc", Version: 1}
	a.FieldType = "d"
	b := &secret.Entry{Name: "a/b", Version: 1}
	b.FieldType = "cd"
	if string(Bind("v", a)) == string(Bind("v", b)) {
		t.Error("two entries are one")
	}
	c := *a
	c.Version = 2
	if string(Bind("v", a)) == string(Bind("v", &c)) || string(Bind("v", a)) == string(Bind("w", a)) {
		t.Error("version or label is not bound")
	}
}

// wiped is a key that drops itself.
type wiped struct {
	r     *Ring[*wiped]
	child *wiped
}

func (k *wiped) Wipe() {
	if k.child != nil { // made while the ring is wiped
		k.r.Add(k.child)
	}
	k.r.Drop(k)
}

func TestRingMeetsWhatComesMeanwhile(t *testing.T) {
	var r Ring[*wiped]
	r.Add(&wiped{r: &r, child: &wiped{r: &r}})
	r.Wipe()
	if n := r.Len(); n != 0 {
		t.Errorf("%d keys live", n)
	}
}
