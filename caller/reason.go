package caller

// Reason says why a caller is not human.
type Reason int

// The reasons. ReasonNone belongs to humans and to agents known by their executable.
const (
	ReasonNone           Reason = iota
	ReasonCut                   // a process in between has quit
	ReasonRace                  // a process changed while it was read
	ReasonTooDeep               // more than MaxChain ancestors
	ReasonError                 // something could not be read
	ReasonRootUser              // everything under uid 0
	ReasonUID                   // the uid changes on the way (su, sudo)
	ReasonNamespace             // another user, mount or pid namespace
	ReasonHidden                // a process in between cannot be looked at
	ReasonUnproven              // a program in between that this user could have written
	ReasonNoTTY                 // no controlling terminal
	ReasonOrphan                // its parent has quit; it was taken in by init or the session manager
	ReasonUnknownRoot           // it descends from no terminal that is known
	ReasonMultiplexer           // below a multiplexer nobody has vouched for
	ReasonContainerShell        // below a container's shell nobody has vouched for
	ReasonRemoteUnknown         // below sshd or login, and nobody says from where
	ReasonRemoteLocal           // logged in from this machine itself
	ReasonMark                  // an agent's mark in an environment
	ReasonClient                // the peer is not our client
	ReasonEditor                // an editor's terminal, shared with the editor's agent
)

var reasonNames = [...]string{
	ReasonNone:           "",
	ReasonCut:            "a process in between has quit",
	ReasonRace:           "the process chain changed while it was read",
	ReasonTooDeep:        "too many ancestors",
	ReasonError:          "the process chain could not be read",
	ReasonRootUser:       "runs as root",
	ReasonUID:            "the user changes on the way",
	ReasonNamespace:      "runs in another namespace",
	ReasonHidden:         "a process in between cannot be looked at",
	ReasonUnproven:       "a program in between could be anything",
	ReasonNoTTY:          "has no terminal",
	ReasonOrphan:         "its parent has quit",
	ReasonUnknownRoot:    "descends from no known terminal",
	ReasonMultiplexer:    "runs in a terminal multiplexer",
	ReasonContainerShell: "runs in a container's shell",
	ReasonRemoteUnknown:  "nobody says where the login came from",
	ReasonRemoteLocal:    "logged in from this machine",
	ReasonMark:           "an agent's mark is in the environment",
	ReasonClient:         "asks through another program than noxkey",
	ReasonEditor:         "runs in an editor, whose agent shares its terminals",
}

// String gives a few words for a card, "" for ReasonNone.
func (r Reason) String() string {
	if r < 0 || int(r) >= len(reasonNames) {
		return reasonNames[ReasonError]
	}
	return reasonNames[r]
}
