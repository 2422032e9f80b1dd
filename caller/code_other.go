//go:build !darwin

package caller

import (
	"fmt"
	"net"
	"runtime"
)

var errNoSignatures = fmt.Errorf("%w: %s signs no programs", ErrNotImplemented, runtime.GOOS)

func tokenOf(ProcID) (token, error)            { return token{}, errNoSignatures }
func tokenOfPeer(*net.UnixConn) (token, error) { return token{}, errNoSignatures }
func guestOf(token) (guest, error)             { return nil, errNoSignatures }
