package mcp

import (
	"os"

	"noxkey/caller"
	"noxkey/secret"
)

// verdict is who this server takes the asker to be, in the words of
// secret.Request.Client. A walk that fails says unknown, which grants least.
func (s *server) verdict() (string, caller.Caller) {
	who, err := s.opt.Self()
	if err != nil {
		return caller.Unknown.String(), caller.Caller{}
	}
	if who.Class == caller.Agent {
		return who.Class.String() + " " + who.Agent, who
	}
	return who.Class.String(), who
}

// request fills in what every request but a redemption says of its asker.
func (s *server) request(r secret.Request) *secret.Request {
	r.Client, _ = s.verdict()
	r.MCP = true
	return &r
}

// readers is the process below which the shell must be that may read a handoff:
// the agent; for anybody else the program that started this server, as long as it
// is still there. Once it has quit, our parent is init, and everything is below
// that; a server that init started is refused for the same reason.
func (s *server) readers() (caller.ProcID, error) {
	_, who := s.verdict()
	if who.Class == caller.Agent && who.Anchor != (caller.ProcID{}) {
		return who.Anchor, nil
	}
	if orphaned(s.parent, os.Getppid()) {
		return caller.ProcID{}, secret.Errorf(secret.Disagree, "the program that started this server is gone or cannot be seen, so no shell can be told to be its")
	}
	return s.parent, nil
}

// orphaned reports whether parent, of the start, does not stand for the program
// that started this process, whose parent is ppid now.
func orphaned(parent caller.ProcID, ppid int) bool {
	return parent.PID <= 1 || parent.PID != ppid || !parent.Alive()
}

func parentProcess() (caller.ProcID, error) {
	p, err := caller.ReadProcess(os.Getppid())
	return p.ID, err
}
