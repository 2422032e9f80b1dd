package caller

import (
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"
)

// Signer is who vouches for a program's code. The zero value is nobody.
type Signer int

// The signers. What is Unsigned or AdHoc can be made by anybody.
const (
	Unsigned  Signer = iota
	AdHoc            // sealed, by no certificate or by one that Apple did not issue
	Developer        // a certificate that Apple issued to a team
	Apple            // macOS itself
)

// Code is what macOS says about the code that a process runs, at the moment when it
// was asked.
type Code struct {
	Signer     Signer
	Team       string // ten characters, for Developer only: proved by the certificate
	Identifier string // "com.googlecode.iterm2"; anybody's choice unless Signer is Developer or Apple
	// Guarded: no other process of the user may write into it: hardened runtime or a
	// platform binary, and neither debugged nor open to debuggers.
	Guarded bool
}

// String says it in a person's words: "signed by Apple", "signed by H7V7XYVQ7D
// (com.googlecode.iterm2)", "signed ad hoc", "not signed".
func (c Code) String() string {
	switch c.Signer {
	case Apple:
		return "signed by Apple (" + c.Identifier + ")"
	case Developer:
		return fmt.Sprintf("signed by %s (%s)", c.Team, c.Identifier)
	case AdHoc:
		return "signed ad hoc"
	}
	return "not signed"
}

// ErrNoCode is wrapped by the functions below where macOS will not say what a process
// runs: it has gone, or its code is not what was signed any more.
var ErrNoCode = errors.New("caller: no code signature can be read")

// CodeOf reads the code signature of that very process. On other systems than macOS the
// error wraps ErrNotImplemented.
func CodeOf(id ProcID) (Code, error) {
	t, err := tokenOf(id)
	if err != nil {
		return Code{}, err
	}
	return codeOfToken(t)
}

// CodeOfPeer reads the code signature of the process at the other end of c, by the
// kernel's token, and tells which process it is. For a client that is the process that
// the kernel names as the server's, which must be seen on a Mac: the one that called
// listen, or the one that accepts. NoxKey's are the same.
func CodeOfPeer(c *net.UnixConn) (Code, ProcID, error) {
	t, err := tokenOfPeer(c)
	if err != nil {
		return Code{}, ProcID{}, err
	}
	code, err := codeOfToken(t)
	if err != nil {
		return Code{}, ProcID{}, err
	}
	id, err := IDOf(t.pid())
	return code, id, err
}

// token is an audit_token_t (bsm/audit.h): auid, euid, egid, ruid, rgid, pid, asid and the
// pid's version, which changes with every exec and every reuse of the pid.
type token [8]uint32

func (t token) pid() int { return int(t[5]) }

// guest is a running process as Security.framework sees it (a SecCodeRef).
type guest interface {
	// check is SecCodeCheckValidity, its OSStatus. "" asks for validity alone.
	check(requirement string) int32
	// info is SecCodeCopySigningInformation. status is kSecCodeInfoStatus: what the
	// kernel holds of the process now.
	info() (identifier, team string, status uint32, err error)
	release()
}

// errSecCSUnsigned of <Security/CSCommon.h>.
const errSecCSUnsigned = -67062

// Bits of a process's code signing status, <kern/cs_blobs.h> of XNU.
const (
	csValid          = 0x1
	csGetTaskAllow   = 0x4 // any debugger of the user may attach
	csRuntime        = 0x10000
	csPlatformBinary = 0x04000000
	csDebugged       = 0x10000000
)

// codeOfToken asks for the process and nothing but it: a pid that was given out again, or
// that runs another program since, is refused by the kernel.
func codeOfToken(t token) (Code, error) {
	g, err := guestOf(t)
	if err != nil {
		return Code{}, err
	}
	defer g.release()
	return inspect(g)
}

// inspect believes a name only when the certificate chain ends at Apple's root, and a
// team only when the leaf certificate bears it: what stands in the signature itself is
// the signer's own choice.
func inspect(g guest) (Code, error) {
	switch s := g.check(""); s {
	case 0:
	case errSecCSUnsigned:
		return Code{}, nil
	default:
		return Code{}, fmt.Errorf("%w: OSStatus %d", ErrNoCode, s)
	}
	identifier, team, status, err := g.info()
	if err != nil {
		return Code{}, err
	}
	if status&csValid == 0 {
		return Code{}, fmt.Errorf("%w: the kernel calls it invalid", ErrNoCode)
	}
	c := Code{Signer: AdHoc, Identifier: identifier}
	switch {
	case g.check("anchor apple") == 0:
		c.Signer = Apple
	case teamID(team) && g.check(`anchor apple generic and certificate leaf[subject.OU] = "`+team+`"`) == 0:
		c.Signer, c.Team = Developer, team
	}
	guarded := status&csRuntime != 0 || c.Signer == Apple && status&csPlatformBinary != 0
	c.Guarded = guarded && status&(csDebugged|csGetTaskAllow) == 0
	return c, nil
}

// teamID keeps a team that would change the requirement out of it.
func teamID(s string) bool {
	return len(s) == 10 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
}

// signedTerminal is a terminal emulator for macOS, by who signed it.
type signedTerminal struct {
	exe        string // basename, so that only those are asked about
	identifier string
	team       string // "": Apple's own
}

// signedTerminals are by what is publicly known of their releases; none was verified on a
// Mac. Left out: Warp and other terminals whose agent shares them with the person, like an
// editor's; Alacritty, Rio and builds by hand, which are signed ad hoc; WezTerm and Tabby,
// whose teams could not be confirmed; and iTerm2's iTermServer, which holds shells that
// outlive the app and needs no window: like a multiplexer it is unknown until vouched for.
var signedTerminals = []signedTerminal{
	{exe: "Terminal", identifier: "com.apple.Terminal"},
	{exe: "iTerm2", identifier: "com.googlecode.iterm2", team: "H7V7XYVQ7D"},
	{exe: "ghostty", identifier: "com.mitchellh.ghostty", team: "24VZTF6M5V"},
	{exe: "kitty", identifier: "net.kovidgoyal.kitty", team: "NTY7FVCEKP"},
}

// likeTerminal reports whether it is worth asking for the code of that executable.
func likeTerminal(exe string) bool {
	for _, t := range signedTerminals {
		if filepath.Base(exe) == t.exe {
			return true
		}
	}
	return false
}

// isTerminal reports whether c is the code of the terminal emulator that exe is named
// after, which nobody can have written into.
func isTerminal(exe string, c Code) bool {
	for _, t := range signedTerminals {
		if filepath.Base(exe) != t.exe || c.Identifier != t.identifier || !c.Guarded {
			continue
		}
		if t.team == "" && c.Signer == Apple || t.team != "" && c.Signer == Developer && c.Team == t.team {
			return true
		}
	}
	return false
}
