package secret

import (
	"context"
	"time"
)

// Answer is one piece of what the broker says; exactly one field is set. A
// listing or a batch is many answers.
type Answer struct {
	Status   *Status   `json:"status,omitzero"`
	Entry    *Entry    `json:"entry,omitzero"`
	Ticket   *Ticket   `json:"ticket,omitzero"`
	Value    *Named    `json:"value,omitzero"`
	Written  *Written  `json:"written,omitzero"`
	Session  *Session  `json:"session,omitzero"`
	Record   *Record   `json:"record,omitzero"`
	Finding  *Finding  `json:"finding,omitzero"`
	Progress *Progress `json:"progress,omitzero"`
	Place    *Place    `json:"place,omitzero"`
	Hit      *Hit      `json:"hit,omitzero"`
	Setting  *Setting  `json:"setting,omitzero"`
}

// Service answers requests. The broker is one for a caller who is known, and so
// is a client of the socket; whoever uses one cannot tell which.
type Service interface {
	// Do asks req and hands each answer to out, in order; it stops and returns
	// out's error if that fails. Values in an answer belong to out's caller, who
	// wipes them. An error is an *Error, or means that nothing was answered at all.
	// When ctx ends, what still waits for a person is withdrawn.
	Do(ctx context.Context, req *Request, out func(Answer) error) error
}

// Named is a value with the name and variable it goes by.
type Named struct {
	Name Name   `json:"name"`
	Env  string `json:"env"`
	// Value never takes part in marshalling; the socket seals it beside the frame.
	Value Value `json:"-"`
}

// Ticket is leave to fetch values once, by the process that asked, within
// Seconds. It is worth nothing in any other process.
type Ticket struct {
	ID      string   `json:"id"`
	Names   []Name   `json:"names"`
	Env     []string `json:"env"`
	LeftOut []Name   `json:"left_out,omitempty"` // off limits, so not part of it
	Seconds int      `json:"seconds"`
	Session *Session `json:"session,omitzero"` // granted or used with it
	// For says who it was given to, as Status.You does: the client seals what it runs for
	// an agent. Set where the values follow at once.
	For string `json:"for,omitempty"`
	// Clear says, with DeliverCopy, after how many seconds the person wants the clipboard
	// cleared.
	Clear int64 `json:"clear,omitzero"`
	// Warnings are for the asker's eyes: what expired or will soon.
	Warnings []string `json:"warnings,omitempty"`
}

// Written says what a write did to one name.
type Written struct {
	Action   Action `json:"action"`
	Name     Name   `json:"name"`
	To       Name   `json:"to,omitzero"`
	Replaced bool   `json:"replaced,omitzero"`
}

// Hit is a stored value found in a text.
type Hit struct {
	Text int  `json:"text"` // index in Request.Texts
	Name Name `json:"name"`
	Off  int  `json:"off"` // bytes from the start of that text
	// Len is how many bytes of the value are there, in bytes; of a long value only the
	// beginning is looked for.
	Len int `json:"len"`
}

// Session is a standing grant, or (Vouched) a process whose shells count as the
// person's.
type Session struct {
	ID      uint64    `json:"id"`
	Class   string    `json:"class"` // human or agent
	Prefix  Prefix    `json:"prefix,omitempty"`
	Names   []Name    `json:"names,omitempty"`
	Who     string    `json:"who"` // "Claude Code", "zsh in gnome-terminal"
	Granted time.Time `json:"granted"`
	Until   time.Time `json:"until,omitzero"`
	Used    int       `json:"used"`
	Vouched bool      `json:"vouched,omitzero"`
}

// RanPrefix begins the Detail of a Record about a program that values were for; ShellWords
// of its command follow, at most RanMost characters or a few more, and what else there is
// to say after a semicolon.
const (
	RanPrefix = "run: "
	RanMost   = 200
)

// BackupPrefix begins the Detail of a Record about a backup that was allowed; how many
// secrets it holds follows.
const BackupPrefix = "a backup of "

// Record is one decision, as the audit keeps it.
type Record struct {
	Seq     uint64    `json:"seq"`
	Time    time.Time `json:"time"`
	Outcome Outcome   `json:"outcome"`
	Op      Op        `json:"op"`
	Names   []Name    `json:"names,omitempty"`
	Prefix  Prefix    `json:"prefix,omitempty"`
	Class   string    `json:"class"`
	Who     string    `json:"who"`
	Chain   []string  `json:"chain,omitempty"`
	Detail  string    `json:"detail,omitempty"`
	Digest  string    `json:"digest,omitempty"` // of the card that was approved, hex
}

// Outcome is how a request ended.
type Outcome string

// The outcomes.
const (
	AllowedOnce    Outcome = "allowed once"
	AllowedSession Outcome = "allowed for a session" // granted on a card or by unlock
	InSession      Outcome = "in session"            // released under a session without a prompt
	Released       Outcome = "released"              // a ticket was redeemed
	OutDenied      Outcome = "denied"                // by the person
	OutRefused     Outcome = "refused"               // by the rules
	OutTimedOut    Outcome = "timed out"
	OutWithdrawn   Outcome = "withdrawn"
	OutVouched     Outcome = "vouched"
	OutDone        Outcome = "done" // lock, end, pause and the like
)

// Status is what anybody may know of the app.
type Status struct {
	Version  string `json:"version"`
	PID      int    `json:"pid"`
	Locked   bool   `json:"locked"`
	Paused   bool   `json:"paused"`
	Secrets  int    `json:"secrets"`  // 0 while locked
	Sessions int    `json:"sessions"` // open ones
	Waiting  int    `json:"waiting"`  // cards
	Store    string `json:"store"`    // "file vault, Argon2id 256 MiB" and the like
	You      string `json:"you"`      // who the app takes the asker to be: "human", "agent Claude Code", "unknown"
	Why      string `json:"why,omitempty"`
}

// Progress says that a request waits for the person, and how long it may.
type Progress struct {
	Waiting  int `json:"waiting"`  // cards before this one
	Seconds  int `json:"seconds"`  // since the request came
	Deadline int `json:"deadline"` // seconds until it counts as denied
}

// Finding is one line of a verification.
type Finding struct {
	OK      bool   `json:"ok"`
	Subject string `json:"subject"` // "audit", "vault", "protection", ...
	Text    string `json:"text"`
}
