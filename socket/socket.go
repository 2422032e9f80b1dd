// Package socket is the protocol between NoxKey and its clients, and both of its
// ends: framing, the signed greeting, and the sealing of values. It carries
// requests and answers and has no opinion on them.
//
// A connection goes: the server greets with a fresh X25519 key, signed by the
// vault's Ed25519 identity together with the process that the kernel says is at
// the other end; the client checks the signature against the key pinned when the
// vault was made, and only then sends its one request with a one-time key of its
// own; the server answers in frames, a record a frame, and closes. Every frame is
// one JSON object on a line. Values never stand in the JSON: they are sealed with
// HPKE (RFC 9180; X25519, HKDF-SHA256, ChaCha20-Poly1305) to the other end's
// one-time key and bound to the request and to their name.
package socket

import (
	"time"

	"noxkey/secret"
)

// Version is the protocol's version. A peer of another version is refused.
const Version = 1

// Limits of a connection. A peer that goes beyond one is dropped.
const (
	maxFrame   = 1 << 20          // bytes of one line
	maxObjects = 16 << 10         // opening braces in one line: each may become a hundred bytes
	MaxBatch   = 512 << 10        // bytes of all values of one request or reply together
	readIn     = 2 * time.Second  // for the whole request, from accept
	writeIn    = 10 * time.Second // for one frame: a peer that does not read
	greetIn    = 2 * time.Second  // the client's patience for the greeting
	quitIn     = time.Second      // for a peer to take what is under way when the server ends
	maxConns   = 1024             // open connections in all
	maxPerPeer = 128              // open connections of one process
	shortFrame = 64 << 10         // bytes of a request's line that every connection may use
	maxLong    = 32               // connections in all whose line is longer; 1,024 times 1 MiB would be too much
	maxLongPer = 8                // the same of one process
	maxAge     = 10 * time.Second // between the signing of a greeting and its reading
)

// greeting is the first frame, from the server. A locked server cannot sign and
// says only that; one with too many connections says only that, too. Whoever
// forges either keeps the client from sending anything, and nothing more.
type greeting struct {
	NoxKey int    `json:"noxkey"`
	Locked bool   `json:"locked,omitzero"`
	Busy   bool   `json:"busy,omitzero"`
	Key    []byte `json:"key,omitzero"`  // X25519, 32 bytes
	Time   int64  `json:"time,omitzero"` // ns of the boot clock, when it was signed
	Sig    []byte `json:"sig,omitzero"`  // Ed25519, 64 bytes
}

// call is the client's one frame.
type call struct {
	NoxKey  int             `json:"noxkey"`
	Key     []byte          `json:"key"` // X25519, 32 bytes: where the reply's values are sealed to
	Request *secret.Request `json:"request"`
	// Enc and Sealed carry the values of Request.Changes: one for each change, in
	// order, null where a change has none.
	Enc    []byte   `json:"enc,omitzero"`
	Sealed [][]byte `json:"sealed,omitzero"`
	// Texts are those of Request.Texts, sealed in the same way.
	Texts [][]byte `json:"texts,omitzero"`
}

// reply is a frame from the server: an answer, or the end.
type reply struct {
	Answer *secret.Answer `json:"answer,omitzero"`
	Enc    []byte         `json:"enc,omitzero"` // with the first sealed value
	Sealed []byte         `json:"sealed,omitzero"`
	Error  *secret.Error  `json:"error,omitzero"`
	Done   bool           `json:"done,omitzero"`
}
