package enclave

import (
	"bytes"
	"crypto/ecdh"
	"crypto/rand"
	"crypto/sha256"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/crypto/chacha20poly1305"

	"noxkey/secret"
)

// chip is the Secure Enclave in software, with a context that counts as evaluated.
type chip struct {
	keys map[string]*ecdh.PrivateKey
	twin bool                // a key was made beside another
	fail map[string]*failure // answered instead, by method
	here *byte               // the one context that was evaluated
}

func newChip() *chip {
	return &chip{keys: make(map[string]*ecdh.PrivateKey), fail: make(map[string]*failure), here: new(byte)}
}

func status(code int) *failure { return &failure{domainStatus, code} }

func (c *chip) generate(tag string) *failure {
	if f := c.fail["generate"]; f != nil {
		return f
	}
	c.twin = c.twin || c.keys[tag] != nil
	k, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		panic(err)
	}
	c.keys[tag] = k
	return nil
}

func (c *chip) find(tag string) *failure {
	if f := c.fail["find"]; f != nil {
		return f
	}
	if c.keys[tag] == nil {
		return status(statusNotFound)
	}
	return nil
}

func (c *chip) remove(tag string) *failure {
	if f := c.fail["remove"]; f != nil {
		return f
	}
	f := c.find(tag)
	delete(c.keys, tag)
	return f
}

func (c *chip) seal(tag string, plain, box []byte) (int, *failure) {
	if f := c.fail["seal"]; f != nil {
		return 0, f
	}
	if f := c.find(tag); f != nil {
		return 0, f
	}
	mine, _ := ecdh.P256().GenerateKey(rand.Reader)
	shared, _ := mine.ECDH(c.keys[tag].PublicKey())
	sum := sha256.Sum256(shared)
	a, _ := chacha20poly1305.New(sum[:])
	out := a.Seal(mine.PublicKey().Bytes(), make([]byte, 12), plain, nil)
	return copy(box, out), nil
}

func (c *chip) open(tag string, context unsafe.Pointer, box, plain []byte) (int, *failure) {
	if f := c.fail["open"]; f != nil {
		return 0, f
	}
	if f := c.find(tag); f != nil {
		return 0, f
	}
	if context != unsafe.Pointer(c.here) {
		return 0, status(statusInteraction)
	}
	if len(box) < 65 {
		return 0, status(statusParam)
	}
	theirs, err := ecdh.P256().NewPublicKey(box[:65])
	if err != nil {
		return 0, status(statusParam)
	}
	shared, _ := c.keys[tag].ECDH(theirs)
	sum := sha256.Sum256(shared)
	a, _ := chacha20poly1305.New(sum[:])
	out, err := a.Open(nil, make([]byte, 12), box[65:], nil)
	if err != nil {
		return 0, status(statusDecode)
	}
	return copy(plain, out), nil
}

// person is a Presence with that context.
type person struct {
	context *byte
	over    bool
}

func (p *person) Use(f func(unsafe.Pointer) error) error {
	if p.over {
		return secret.Errorf(secret.Denied, "the authentication is over")
	}
	return f(unsafe.Pointer(p.context))
}

func (p *person) Invalidate() { p.over = true }

func wantCode(t *testing.T, err error, c secret.Code) {
	t.Helper()
	if secret.CodeOf(err) != c {
		t.Errorf("got %v (%s), want code %s", err, secret.CodeOf(err), c)
	}
}

func TestSealAndOpen(t *testing.T) {
	c := newChip()
	s, err := makeKey(c, "noxkey")
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{1, 32, maxPlain} {
		plain := bytes.Repeat([]byte{7}, size)
		box, err := s.Seal(plain)
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.Open(&person{context: c.here}, box)
		if err != nil || !bytes.Equal(got, plain) || bytes.Contains(box, plain) && size > 1 {
			t.Fatalf("%d bytes: %v", size, err)
		}
	}
	_, err = s.Seal(nil)
	wantCode(t, err, secret.Invalid)
	_, err = s.Seal(make([]byte, maxPlain+1))
	wantCode(t, err, secret.Invalid)
}

// TestOpenNeedsThePerson: no presence, one that is over, one whose context was never
// evaluated, and another key's box open nothing.
func TestOpenNeedsThePerson(t *testing.T) {
	c := newChip()
	s, err := makeKey(c, "noxkey")
	if err != nil {
		t.Fatal(err)
	}
	box, err := s.Seal([]byte("root"))
	if err != nil {
		t.Fatal(err)
	}
	over := &person{context: c.here}
	over.Invalidate()
	for _, p := range []Presence{nil, over, &person{context: new(byte)}, &person{}} {
		plain, err := s.Open(p, box)
		wantCode(t, err, secret.Denied)
		if plain != nil {
			t.Errorf("opened %q", plain)
		}
	}
	here := &person{context: c.here}
	for i := range box {
		bad := bytes.Clone(box)
		bad[i] ^= 1
		_, err := s.Open(here, bad)
		wantCode(t, err, secret.Damaged)
	}
	for _, bad := range [][]byte{nil, box[:10], make([]byte, maxBox+1)} {
		_, err := s.Open(here, bad)
		wantCode(t, err, secret.Damaged)
	}
	c.keys = map[string]*ecdh.PrivateKey{}
	_, err = s.Open(here, box)
	wantCode(t, err, secret.NotFound)
	_, err = openKey(c, "noxkey")
	wantCode(t, err, secret.NotFound)
}

// TestOneKeyATag: a key that is there is never given a twin, nor one made when macOS
// could not say whether there is one.
func TestOneKeyATag(t *testing.T) {
	c := newChip()
	if _, err := makeKey(c, "noxkey"); err != nil {
		t.Fatal(err)
	}
	_, err := makeKey(c, "noxkey")
	wantCode(t, err, secret.Exists)
	c.fail["find"] = status(statusInteraction)
	_, err = makeKey(c, "other")
	wantCode(t, err, secret.Denied)
	if c.twin || len(c.keys) != 1 {
		t.Error("a key was made")
	}
}

// TestProbe: yes leaves no key behind; no says why in the words of the first run.
func TestProbe(t *testing.T) {
	c := newChip()
	if ok, why := probe(c); !ok || why != "" || len(c.keys) != 0 {
		t.Fatalf("%v %q, %d keys left", ok, why, len(c.keys))
	}
	for _, p := range []struct {
		at   string
		f    *failure
		want string
	}{
		{"generate", status(statusEntitlement), "this build is not signed by a team (macos answered -34018)"},
		{"generate", status(statusUnimplemented), "this mac has no secure enclave (macos answered -4)"},
		{"generate", &failure{domainAuth, authPasscodeNotSet}, "this mac has no login password"},
		{"generate", status(-67), "macos answered -67"},
		{"generate", &failure{"CryptoTokenKit", -3}, "macos answered -3 (CryptoTokenKit)"},
		{"seal", status(statusParam), "macos answered -50"},
		{"remove", status(statusEntitlement), "this build is not signed by a team (macos answered -34018)"},
	} {
		c := newChip()
		c.fail[p.at] = p.f
		if ok, why := probe(c); ok || why != p.want || p.at != "remove" && len(c.keys) != 0 {
			t.Errorf("%s %v: %v %q", p.at, p.f, ok, why)
		}
	}
	if ok, why := probe(nil); ok || !strings.Contains(why, "built without cgo") {
		t.Errorf("%v %q", ok, why)
	}
}

// TestNoEnclaveInThisBuild: without the framework nothing pretends to be one.
func TestNoEnclaveInThisBuild(t *testing.T) {
	_, err := openKey(nil, "noxkey")
	wantCode(t, err, secret.Storage)
	_, err = makeKey(nil, "noxkey")
	wantCode(t, err, secret.Storage)
}

// TestFailures: what macOS answers has a code that makes the broker do the right
// thing: only a cancel lets the person choose again, and nothing unknown is a cancel.
func TestFailures(t *testing.T) {
	for _, c := range []struct {
		f     *failure
		code  secret.Code
		words string
	}{
		{status(-128), secret.Cancelled, "cancelled"},
		{status(-25293), secret.Denied, "did not take this authentication for the secure enclave's key (-25293)"},
		{status(-25308), secret.Denied, "(-25308)"},
		{status(-25300), secret.NotFound, "no longer holds noxkey's key"},
		{status(-34018), secret.Storage, "not signed by a team"},
		{status(-26275), secret.Damaged, "changed outside noxkey"},
		{status(-50), secret.Damaged, "changed outside noxkey"},
		{status(-1), secret.Storage, "macos answered -1"},
		{&failure{domainAuth, -1}, secret.Denied, "(-1)"},
		{&failure{domainAuth, -2}, secret.Cancelled, "cancelled"},
		{&failure{domainAuth, -4}, secret.Cancelled, "cancelled"},
		{&failure{domainAuth, -5}, secret.Storage, "no login password"},
		{&failure{domainAuth, -9}, secret.Cancelled, "cancelled"},
		{&failure{domainAuth, -10}, secret.Denied, "(-10)"},
		{&failure{domainAuth, -1004}, secret.Denied, "(-1004)"},
		{&failure{domainAuth, -8}, secret.Storage, "macos answered -8 (com.apple.LocalAuthentication)"},
		{&failure{"x", -2}, secret.Storage, "macos answered -2 (x)"},
	} {
		err := c.f.explain()
		wantCode(t, err, c.code)
		if !strings.Contains(err.Error(), c.words) {
			t.Errorf("%v: %v, want %q", c.f, err, c.words)
		}
	}
}
