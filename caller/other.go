//go:build !linux && !darwin

package caller

import (
	"fmt"
	"net"
	"os"
	"runtime"
)

const loginPassesThrough = false

var errHere = fmt.Errorf("%w on %s", ErrNotImplemented, runtime.GOOS)

type nothing struct{}

func (nothing) pin(int) (pinned, error)                   { return nil, errHere }
func (nothing) remote(Process, []record) (string, origin) { return "", originUnknown }

func systemTable() table                              { return nothing{} }
func ownUID() uint32                                  { return 0 }
func alive(ProcID) bool                               { return false }
func pseudoTerminal(uint64) bool                      { return true }
func readProcess(int) (Process, error)                { return Process{}, errHere }
func selfProcess() (Process, error)                   { return Process{}, errHere }
func walkOf(int) (walk, error)                        { return walk{}, errHere }
func ofPID(int, Options) (Caller, error)              { return Caller{}, errHere }
func fromConn(*net.UnixConn, Options) (Caller, error) { return Caller{}, errHere }
func insideOurs(ProcID) bool                          { return false }
func holdersOf(uint64, uint64) ([]ProcID, error)      { return nil, errHere }

// FileIDOf is not implemented here.
func FileIDOf(*os.File) (FileID, error) { return FileID{}, errHere }

// Self is not implemented here.
func Self() (Caller, error) { return Caller{}, errHere }
