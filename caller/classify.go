package caller

import (
	"fmt"
	"path/filepath"
	"slices"
)

// root is what a chain hangs on.
type root int

const (
	noRoot root = iota
	terminalRoot
	loginRoot
	sshRoot
	multiplexerRoot
	containerRoot
)

// classify is the whole decision, over what climb found. It touches nothing but its arguments.
func classify(w walk, uid uint32, vouched func(ProcID) bool) Caller {
	c := Caller{UID: uid, Chain: w.processes(), Whole: w.whole, Dir: w.dir}
	if len(w.recs) == 0 {
		c.Reason = ReasonError
		return c
	}
	c.Lease = w.recs[0].ID
	at, kind := findRoot(w.recs)
	switch {
	case w.fault == ReasonRace || w.fault == ReasonError:
		c.Reason = w.fault
	case uid == 0:
		c.Reason = ReasonRootUser
	case c.agent(w.recs, at):
		if i := slices.IndexFunc(w.recs, func(r record) bool { return r.ID == c.Anchor }); i >= 0 && !w.sure(i) {
			c.Anchor = ProcID{} // B6: nothing may hang on a pid that could be another's by now
		}
	case w.fault != ReasonNone:
		c.Reason = w.fault
	case kind == noRoot:
		c.Reason = rootless(w.recs)
	default:
		c.person(w.recs, at, kind, uid, vouched)
	}
	return c
}

// findRoot gives the nearest ancestor that could be one, and its kind. The peer is none.
func findRoot(recs []record) (int, root) {
	for i := 1; i < len(recs); i++ {
		if k := kindOf(recs[i]); k != noRoot {
			return i, k
		}
	}
	return len(recs), noRoot
}

func kindOf(r record) root {
	switch {
	case multiplexer(r.Process):
		return multiplexerRoot
	case r.terminal != "":
		return terminalRoot
	case r.PPID == 0 && anyShell(r.Process):
		return containerRoot
	case sshd(r.Process):
		return sshRoot
	case r.Comm == "login" && r.uniform(0) && !loginPassesThrough:
		return loginRoot
	}
	return noRoot
}

// sshd goes by name, since root's executables cannot be looked at. Only root can have all four
// uids 0: a set-uid program run under that name keeps its caller's real uid (seen of sudo 1.9.13).
// One that does not would stand on its caller's terminal; sshd has none.
func sshd(p Process) bool {
	return p.uniform(0) && p.TTY == 0 && (p.Comm == "sshd" || p.Comm == "sshd-session")
}

// agent fills in c and reports true if a signature is anywhere in the chain, the part above the
// root included, or a mark below the root.
func (c *Caller) agent(recs []record, rootAt int) bool {
	if at, sig := nearestAgent(recs); sig != nil {
		c.Class, c.Agent, c.Anchor = Agent, sig.name, recs[at].ID
		if sig.editor {
			c.Reason = ReasonEditor
		}
		return true
	}
	for i := rootAt - 1; i >= 0; i-- { // the outermost mark: the one nearest to the agent
		if recs[i].mark != "" {
			c.Class, c.Agent, c.Reason = Agent, recs[i].mark, ReasonMark
			c.Anchor = markAnchor(recs, i, rootAt)
			return true
		}
	}
	return false
}

// nearestAgent gives the agent's process that both its MCP servers and its shells descend from:
// the one nearest to the peer that is not part of a sandbox, or, for clients made of several
// processes, the outermost of its own.
func nearestAgent(recs []record) (int, *signature) {
	at, found := -1, (*signature)(nil)
	for i := range recs {
		sig := match(recs[i].Process)
		if sig == nil {
			continue
		}
		if at, found = i, sig; !helper(recs[i].Process) {
			break
		}
	}
	if found == nil || !found.outer {
		return at, found
	}
	for at+1 < len(recs) && match(recs[at+1].Process) == found {
		at++
	}
	return at, found
}

// markAnchor: who set the mark is the parent of the outermost process that bears it, and is
// what MCP servers and shells of an agent unknown by executable share; unless that parent is a
// shell, another user, init or the terminal, for then it is not the agent.
func markAnchor(recs []record, i, rootAt int) ProcID {
	if i+1 >= rootAt || i+1 >= len(recs) {
		return recs[i].ID
	}
	parent := recs[i+1]
	if parent.ID.PID == 1 || parent.PPID == 0 || parent.Comm == "systemd" || anyShell(parent.Process) || parent.UIDs != recs[i].UIDs {
		return recs[i].ID
	}
	return parent.ID
}

// rootless says why a chain without a root has none.
func rootless(recs []record) Reason {
	top := len(recs) - 1
	for top > 0 && (recs[top].ID.PID == 1 || recs[top].Comm == "systemd") {
		top--
	}
	if top == 0 || anyShell(recs[top].Process) {
		return ReasonOrphan
	}
	return ReasonUnknownRoot
}

// person decides about a chain without an agent that hangs on something.
func (c *Caller) person(recs []record, at int, kind root, uid uint32, vouched func(ProcID) bool) {
	if c.Reason = unfit(recs, at, kind, uid); c.Reason != ReasonNone {
		return
	}
	top := recs[at].Process
	if kind == multiplexerRoot || kind == containerRoot {
		if vouched == nil || !vouched(top.ID) {
			c.Reason = ReasonMultiplexer
			if kind == containerRoot {
				c.Reason = ReasonContainerShell
			}
			c.Vouchable = &top
			return
		}
	}
	c.Class, c.Terminal = Human, terminalName(recs[at], kind)
	c.Anchor, c.Quiet = shellAnchor(recs, at, kind)
}

// unfit gives the first proof that is missing.
func unfit(recs []record, at int, kind root, uid uint32) Reason {
	if !named(recs[0].Process, clientName) {
		return ReasonClient
	}
	if recs[0].hidden && !anyShell(recs[1].Process) {
		// Nobody can see the marks in its environment. A shell would bear them, too;
		// whatever else starts it could have set them for it alone.
		return ReasonHidden
	}
	for i := range recs[:at] {
		if r := recs[i].unfit(uid, client(recs, i), kind == sshRoot && i == at-1); r != ReasonNone {
			return r
		}
	}
	if recs[0].TTY == 0 {
		return ReasonNoTTY
	}
	switch kind {
	case loginRoot, sshRoot:
		return unfitLogin(recs, at, kind)
	case containerRoot, multiplexerRoot:
		// Process 1 takes in every orphan of its namespace: being its child proves nothing.
		if recs[at].ID.PID == 1 {
			return pidOneReason[kind]
		}
	}
	return recs[at].unfitRoot(uid)
}

// clientName is what our client's executable is called.
const clientName = "noxkey"

// named reports whether the process's executable has this name, or, where that may not be looked
// at, the process itself. Any program may bear it; but what already runs in the person's terminal
// and connects for others (ssh with a forwarded socket, socat) does not, and cannot be told to.
func named(p Process, name string) bool {
	if p.NoExe {
		return p.Comm == name
	}
	return exeBase(p) == name
}

// client reports whether recs[i] is the peer or our own client that started the peer
// anew, to hold a pipe for it: the same executable, the user's to write like the peer's
// own. It lends nothing that connecting itself would not.
func client(recs []record, i int) bool {
	for j := range recs[:i+1] {
		if j > 0 && (exeBase(recs[j].Process) != clientName || recs[j].ExeID == (FileID{}) || recs[j].ExeID != recs[0].ExeID) {
			return false
		}
	}
	return true
}

var pidOneReason = map[root]Reason{containerRoot: ReasonContainerShell, multiplexerRoot: ReasonMultiplexer}

// unfit for one process below the root. The peer may be anybody's file and may hide its memory; its
// uid, terminal and namespaces count all the same. sshd's own process of the user below root's
// sshd is non-dumpable; only sshd can stand there.
func (r record) unfit(uid uint32, peer, belowSSHD bool) Reason {
	if loginPassesThrough && r.Comm == "login" && r.Exe == "/usr/bin/login" {
		return ReasonNone
	}
	switch {
	case !r.uniform(uid):
		return ReasonUID
	case r.foreign:
		return ReasonNamespace
	case peer, belowSSHD && r.NoExe:
		return ReasonNone
	case r.hidden:
		return ReasonHidden
	case r.unproven:
		return ReasonUnproven
	}
	return ReasonNone
}

func (r record) unfitRoot(uid uint32) Reason {
	switch {
	case !r.uniform(uid):
		return ReasonUID
	case r.foreign:
		return ReasonNamespace
	case r.hidden:
		return ReasonHidden
	}
	return ReasonNone
}

// unfitLogin: everything above a login must be root's, up to process 1, so that no set-uid
// program run under that name passes; and it must be known to come from somewhere else, or from a
// terminal line of this machine.
func unfitLogin(recs []record, at int, kind root) Reason {
	for _, r := range recs[at:] {
		if !r.uniform(0) {
			return ReasonUID
		}
	}
	switch {
	case kind == loginRoot && !pseudoTerminal(recs[at-1].TTY):
		return ReasonNone
	case kind == sshRoot && recs[at].origin == originFar:
		return ReasonNone
	case kind == sshRoot && recs[at].origin == originLocal:
		return ReasonRemoteLocal
	}
	return ReasonRemoteUnknown
}

// shellAnchor gives the nearest ancestor shell that leads its session or stands directly below
// the root, and whether all on the way to it are shells. Without one the session hangs on the
// process directly below the root, and is not quiet.
func shellAnchor(recs []record, at int, kind root) (ProcID, bool) {
	last := at - 1
	if kind == containerRoot {
		last = at // the root is itself the shell
	}
	quiet := true
	for i := 1; i <= last; i++ {
		if !anyShell(recs[i].Process) {
			quiet = false
			continue
		}
		if recs[i].SID == recs[i].ID.PID || i == last {
			return recs[i].ID, quiet
		}
	}
	return recs[at-1].ID, false
}

func terminalName(r record, kind root) string {
	switch kind {
	case sshRoot:
		return "sshd from " + r.host
	case loginRoot:
		return "login"
	case terminalRoot:
		return filepath.Base(r.terminal)
	}
	name := exeBase(r.Process)
	if name == "" || !slices.Contains(multiplexers, name) && kind == multiplexerRoot {
		name = r.Comm
	}
	return fmt.Sprintf("%s %s (vouched)", name, r.ID)
}

// ofTable is OfPID over any table. still, if not nil, is asked last whether the peer yet lives.
func ofTable(t table, pid int, uid uint32, opt Options, still func() bool) (Caller, error) {
	w, err := climb(t, pid)
	if err != nil {
		return Caller{}, err
	}
	if still != nil && !still() {
		return Caller{}, ErrGone
	}
	if w.recs[0].UIDs[1] != uid {
		return Caller{}, ErrOtherUser
	}
	return classify(w, uid, opt.Vouched), nil
}
