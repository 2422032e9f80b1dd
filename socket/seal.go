package socket

import (
	"bytes"
	"crypto/ecdh"
	"crypto/hpke"
	"crypto/rand"
	"strconv"

	"noxkey/secret"
)

var (
	kem  = hpke.DHKEM(ecdh.X25519())
	kdf  = hpke.HKDFSHA256()
	aead = hpke.ChaCha20Poly1305()
)

// oneTime is a key pair for one connection and one direction.
type oneTime struct {
	private hpke.PrivateKey
	public  []byte // 32 bytes
}

func newOneTime() (oneTime, error) {
	k, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		return oneTime{}, err
	}
	p, err := hpke.NewDHKEMPrivateKey(k)
	if err != nil {
		return oneTime{}, err
	}
	return oneTime{p, k.PublicKey().Bytes()}, nil
}

// Directions keep a value sealed for one way from being played back the other way.
const (
	toServer = "noxkey/1 to server"
	toClient = "noxkey/1 to client"
)

// binding is the HPKE info of one direction of one connection: both one-time keys,
// so that nothing sealed here opens anywhere else.
func binding(direction string, server, client []byte) []byte {
	info := append([]byte(direction), 0)
	info = append(info, server...)
	return append(info, client...)
}

// sealer seals values to the other end, in order.
type sealer struct {
	enc []byte // the encapsulated key, to be sent once
	s   *hpke.Sender
	n   int
}

func newSealer(public, info []byte) (*sealer, error) {
	k, err := kem.NewPublicKey(public)
	if err != nil {
		return nil, secret.Errorf(secret.Protocol, "the peer's key is not one")
	}
	enc, s, err := hpke.NewSender(k, kdf, aead, info)
	if err != nil {
		return nil, err
	}
	return &sealer{enc: enc, s: s}, nil
}

func (s *sealer) seal(name secret.Name, v secret.Value) (sealed []byte, err error) {
	err = v.Use(func(b []byte) error {
		p := padded(b)
		defer secret.Wipe(p)
		sealed, err = s.s.Seal(aad(name, s.n), p)
		return err
	})
	s.n++
	return sealed, err
}

// padding is the step in which lengths can be seen on the wire, in bytes.
const padding = 64

// padded is b with zeros up to a multiple of padding: no value holds one.
func padded(b []byte) []byte {
	p := make([]byte, (len(b)+padding-1)/padding*padding)
	copy(p, b)
	return p
}

// opener opens what a sealer sealed, in the same order.
type opener struct {
	r *hpke.Recipient
	n int
}

func newOpener(k oneTime, enc, info []byte) (*opener, error) {
	r, err := hpke.NewRecipient(enc, k.private, kdf, aead, info)
	if err != nil {
		return nil, secret.Errorf(secret.Protocol, "a sealed value cannot be opened")
	}
	return &opener{r: r}, nil
}

func (o *opener) open(name secret.Name, sealed []byte) (secret.Value, error) {
	b, err := o.r.Open(aad(name, o.n), sealed)
	o.n++
	if err != nil {
		return secret.Value{}, secret.Errorf(secret.Protocol, "the sealed value of %s cannot be opened", name)
	}
	v := bytes.Clone(bytes.TrimRight(b, "\x00"))
	secret.Wipe(b)
	return secret.NewValue(v)
}

func aad(name secret.Name, i int) []byte {
	return strconv.AppendInt(append([]byte(name), 0), int64(i), 10)
}
