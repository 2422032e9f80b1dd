package socket

import (
	"crypto/ed25519"
	"encoding/binary"
	"time"

	"golang.org/x/sys/unix"

	"noxkey/caller"
	"noxkey/secret"
)

// bootTime is the time since boot in nanoseconds, sleep included where the
// system can tell, and the same in every process of the machine.
func bootTime() (int64, error) {
	var ts unix.Timespec
	if err := unix.ClockGettime(bootClock, &ts); err != nil {
		return 0, err
	}
	return ts.Nano(), nil
}

// greetingText is what the identity signs. It names the process that the kernel
// reports at the other end: the same greeting shown to another process, or at
// another time, does not verify.
func greetingText(key []byte, at int64, to caller.ProcID) []byte {
	b := append([]byte("noxkey/1 greeting"), 0)
	b = binary.BigEndian.AppendUint64(b, uint64(to.PID))
	b = binary.BigEndian.AppendUint64(b, to.Start)
	b = binary.BigEndian.AppendUint64(b, uint64(at))
	return append(b, key...)
}

// greet makes the greeting for the peer. A sign that fails with code Locked makes
// the greeting of a locked server.
func greet(k oneTime, to caller.ProcID, sign func([]byte) ([]byte, error)) (greeting, error) {
	at, err := bootTime()
	if err != nil {
		return greeting{}, err
	}
	sig, err := sign(greetingText(k.public, at, to))
	if secret.CodeOf(err) == secret.Locked {
		return greeting{NoxKey: Version, Locked: true}, nil
	}
	return greeting{NoxKey: Version, Key: k.public, Time: at, Sig: sig}, err
}

// check verifies a greeting for the process me, which began to connect at since.
// A greeting signed before that is an old one, shown again.
func (g greeting) check(pin ed25519.PublicKey, me caller.ProcID, since int64) error {
	now, err := bootTime()
	if err != nil {
		return err
	}
	switch {
	case g.NoxKey != Version:
		return secret.Errorf(secret.Protocol, "the app speaks protocol %d and this noxkey speaks %d: update the older one", g.NoxKey, Version)
	case g.Busy:
		return secret.Errorf(secret.Busy, "NoxKey has too many open connections")
	case g.Locked:
		return secret.Errorf(secret.Locked, "NoxKey is locked")
	case len(g.Key) != 32 || !ed25519.Verify(pin, greetingText(g.Key, g.Time, me), g.Sig):
		return secret.Errorf(secret.Untrusted, "whatever listens at the socket is not the NoxKey of this vault; nothing was sent to it")
	case g.Time < since || g.Time > now || now-g.Time > int64(maxAge/time.Nanosecond):
		return secret.Errorf(secret.Untrusted, "the greeting at the socket is an old one; nothing was sent")
	}
	return nil
}
