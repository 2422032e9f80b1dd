package secret

import "time"

// Op is what is asked of the broker.
type Op string

// The operations. What each needs and who may ask for it is the broker's to say.
const (
	OpStatus   Op = "status"   // answers Status; the only one a locked app answers
	OpList     Op = "list"     // Targets (none: all) or Bundle; answers Entry
	OpPeek     Op = "peek"     // Targets; answers Entry; not of off_limits for agents
	OpGet      Op = "get"      // Targets or Bundle, Delivery; answers Ticket, or Value
	OpRedeem   Op = "redeem"   // Ticket, Reader; answers Value
	OpBurn     Op = "burn"     // Ticket, Reader: who opened the pipe and got nothing; the ticket is void
	OpWrite    Op = "write"    // Changes: set, import, mv, rm, edit; answers Written
	OpUnlock   Op = "unlock"   // Targets, Session: open a session; answers Session
	OpLock     Op = "lock"     //
	OpSessions Op = "sessions" // answers Session
	OpEnd      Op = "end"      // ID of a session or vouch, or 0 for all
	OpAudit    Op = "audit"    // Limit; answers Record
	OpVerify   Op = "verify"   // answers Finding
	OpPause    Op = "pause"    // On
	OpRest     Op = "rest"     // Agent: let it ask again
	OpPasswd   Op = "passwd"   //
	OpRekey    Op = "rekey"    //
	OpGuard    Op = "guard"    // Texts; answers Hit for each stored value in them
	OpPlaces   Op = "places"   // Places: organisations and projects without a secret yet
	OpSettings Op = "settings" // Setting (none: lists all), Seconds; answers Setting
)

// Delivery is the road by which a value reaches whoever asked.
type Delivery string

// The deliveries. All but Shell and Run put the value where whoever asked can
// read it, and are refused to agents and unknown callers.
const (
	DeliverShell Delivery = "shell" // a ticket, redeemed when a shell sources the handoff
	DeliverRun   Delivery = "run"   // into one child's environment, its output redacted
	DeliverEval  Delivery = "eval"  // an export line on a pipe
	// DeliverPrint is DeliverEval for a person; anybody else is answered a Status
	// and nothing more, and asks again with DeliverShell. It saves a person's shell
	// the round trip of asking first who it is.
	DeliverPrint  Delivery = "print"
	DeliverRaw    Delivery = "raw"    // the bare value on standard output
	DeliverCopy   Delivery = "copy"   // the clipboard
	DeliverLoad   Delivery = "load"   // export lines for a prefix or bundle
	DeliverExport Delivery = "export" // a .env file
	// DeliverBackup answers a ticket, which is redeemed again and again by the id that each
	// answer brings, until it brings none: Entry and Value of every secret, second factors
	// and what is off limits included. Targets none: all.
	DeliverBackup Delivery = "backup"
)

// Request is one question to the broker. Which fields an operation reads stands
// beside its Op; the others must be zero.
type Request struct {
	Op      Op       `json:"op"`
	Targets []Prefix `json:"targets,omitempty"`
	Bundle  string   `json:"bundle,omitempty"`

	Delivery Delivery `json:"delivery,omitempty"`
	// Session asks that the grant last: for so many seconds, 0 for once, at most
	// MaxSession. SessionDefault asks for the person's own default.
	Session int64 `json:"session,omitzero"`
	// Reason and Command are the asker's own words, shown as such on the card.
	Reason  string `json:"reason,omitempty"`
	Command string `json:"command,omitempty"`
	// Client is who the client itself takes the asker to be ("agent Claude Code",
	// "human", "unknown"); the broker refuses if it sees somebody else.
	Client string `json:"client,omitempty"`
	// MCP says that the peer is an MCP server, whose death ends what it was granted.
	MCP bool `json:"mcp,omitzero"`

	// Run is the program of a DeliverRun, and is set for no other delivery.
	Run *Run `json:"run,omitempty"`

	Changes []Change `json:"changes,omitempty"`

	// Texts are to be looked through for stored values, each at most MaxValue bytes and
	// without NUL. They never take part in marshalling; the socket seals them beside the frame.
	Texts []Value `json:"-"`

	Ticket string `json:"ticket,omitempty"`
	// Reader names the shell that holds the pipe, for the audit: "bash 4711".
	Reader string `json:"reader,omitempty"`

	ID    uint64 `json:"id,omitzero"`
	Agent string `json:"agent,omitempty"`
	On    bool   `json:"on,omitzero"`
	Limit int    `json:"limit,omitzero"`

	Places []Place `json:"places,omitempty"`

	// Setting is to be changed to Seconds, 0 for its default.
	Setting string `json:"setting,omitempty"`
	Seconds int64  `json:"seconds,omitzero"`
}

// Bounds of a request, in bytes and pieces.
const (
	MaxReason  = 4096
	MaxCommand = 4096
	MaxTargets = 1024
	MaxChanges = 1024
	MaxTexts   = 16
)

// Bounds of a session.
const (
	DefaultSession = 4 * time.Hour
	MaxSession     = 24 * time.Hour
	// SessionDefault, as Request.Session, asks for the person's own default length.
	SessionDefault = -1
)

// Action is one kind of write.
type Action string

// The actions.
const (
	ActionSet    Action = "set"    // Name, Value (or Enter), Meta
	ActionMove   Action = "move"   // Name, To
	ActionRemove Action = "remove" // Name
	ActionEdit   Action = "edit"   // Name, Meta
)

// Change is one write; all changes of a request happen, or none.
type Change struct {
	Action Action `json:"action"`
	Name   Name   `json:"name"`
	To     Name   `json:"to,omitzero"`
	Meta   Patch  `json:"meta,omitzero"`
	// Replace lets ActionSet overwrite, and ActionMove take an existing name's place.
	Replace bool `json:"replace,omitzero"`
	// Enter asks the person to type the value in the app's own field.
	Enter bool `json:"enter,omitzero"`
	// Value never takes part in marshalling; the socket seals it beside the frame.
	Value Value `json:"-"`
}

// Patch changes the fields of Metadata that are not nil.
type Patch struct {
	FieldType *FieldType `json:"field_type,omitzero"`
	Kind      *Kind      `json:"kind,omitzero"`
	Level     *Level     `json:"security_level,omitzero"`
	Bundle    *string    `json:"bundle,omitzero"`
	Desc      *string    `json:"desc,omitzero"`
	// A pointer to the zero time clears it; omitzero would ask the time itself.
	Expires   *time.Time `json:"expires,omitempty"`
	RotateURL *string    `json:"rotate_url,omitzero"`
}

// Apply returns m with p's fields in place of its own.
func (p Patch) Apply(m Metadata) Metadata {
	set(&m.FieldType, p.FieldType)
	set(&m.Kind, p.Kind)
	set(&m.Level, p.Level)
	set(&m.Bundle, p.Bundle)
	set(&m.Desc, p.Desc)
	set(&m.Expires, p.Expires)
	set(&m.RotateURL, p.RotateURL)
	return m
}

func set[T any](dst *T, src *T) {
	if src != nil {
		*dst = *src
	}
}

// Bound reports whether p touches a field that is bound to the value, so that
// applying it needs the value's key.
func (p Patch) Bound() bool { return p.FieldType != nil || p.Kind != nil || p.Level != nil }

// Place is an organisation or project that may have no secret yet.
type Place struct {
	Prefix Prefix `json:"prefix"`
	Remove bool   `json:"remove,omitzero"`
}
