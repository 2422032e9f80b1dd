package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// turn is one request to the model, in the words that all protocols share.
type turn struct {
	tools   []string // names of the tools offered
	results []string // of the tool calls so far, oldest first, without those of find
	found   bool     // find was called already
}

// act is what the model does: call a tool, or say something and end.
type act struct {
	tool string
	args map[string]any
	text string
}

// speaker is one protocol between a client and its model.
type speaker interface {
	// turn takes a request apart. ok is false for a request that is not the
	// conversation's, which answer has then answered.
	turn(w http.ResponseWriter, r *http.Request, body []byte) (t turn, ok bool, err error)
	// answer streams what the model does as the n-th turn's answer.
	answer(w http.ResponseWriter, n int, a act)
	// find is a call of the client's search for tools that it has not shown in
	// full, "" for the tool if it has none.
	find(tools []string) act
	// shell is a call of the client's shell tool, "" for the tool if none of
	// those offered is one.
	shell(tools []string, command string) act
}

// task is the command that the agent means to run: its output proves that it had
// the value, and does not show it.
const task = `printf %s "$` + variable + `" | sha256sum`

// fiveTools are the tools that each client must offer to its model.
var fiveTools = []string{"noxkey_show", "noxkey_get", "noxkey_set", "noxkey_scan", "noxkey_admin"}

// pidSpace finds what the command printed of the pid namespace that it ran in.
var pidSpace = regexp.MustCompile(`pid:\[[0-9]+\]`)

// sourcing finds the call that noxkey_get tells the agent to make.
var sourcing = regexp.MustCompile(`source ('[^']+') && <your command>`)

// model is the scripted model.
type model struct {
	speaker speaker
	server  *httptest.Server
	after   string // more of the command, "" but to try the search

	mu      sync.Mutex // guards the fields below
	sent    [][]byte   // each request as it came, with its head
	away    []string   // hosts that the client wanted to be connected with
	tools   []string   // NoxKey's, as the client names them
	results []string   // of the latest turn
	errs    []error
	n       int // turns
	done    bool
}

// newModel starts a model on a free port of 127.0.0.1.
func newModel(c client) (*model, error) {
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	m := &model{speaker: c.speaker}
	m.server = &httptest.Server{Listener: ln, Config: &http.Server{Handler: m}}
	m.server.Start()
	return m, nil
}

func (m *model) base() string { return m.server.URL }

func (m *model) close() {
	m.server.CloseClientConnections()
	m.server.Close()
}

// ServeHTTP implements http.Handler.
func (m *model) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 64<<20))
	head, _ := httputil.DumpRequest(r, false)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sent = append(m.sent, append(head, body...))
	if err != nil {
		m.errs = append(m.errs, err)
	}
	if r.Method == http.MethodConnect || r.URL.IsAbs() {
		if !slices.Contains(m.away, r.URL.Host) {
			m.away = append(m.away, r.URL.Host)
		}
		http.Error(w, "no other host is reached from here", http.StatusForbidden)
		return
	}
	t, ok, err := m.speaker.turn(w, r, body)
	if err != nil {
		m.errs = append(m.errs, fmt.Errorf("%s %s: %w", r.Method, r.URL, err))
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	switch {
	case ok && len(t.tools) == 0: // a title for the conversation, or the like
		m.speaker.answer(w, 0, act{text: "{}"})
	case ok:
		m.n++
		m.speaker.answer(w, m.n, m.decide(t))
	}
}

// decide is the whole script. The caller holds mu.
func (m *model) decide(t turn) act {
	m.results = t.results
	switch len(t.results) {
	case 0:
		m.tools = slices.DeleteFunc(slices.Clone(t.tools), func(n string) bool { return !strings.Contains(n, "noxkey_") })
		i := slices.IndexFunc(m.tools, func(n string) bool { return strings.HasSuffix(n, "noxkey_get") })
		if find := m.speaker.find(t.tools); i < 0 && find.tool != "" && !t.found {
			return find
		}
		if i < 0 {
			return m.fail("noxkey_get is not among the tools: %q", t.tools)
		}
		return act{tool: m.tools[i], args: map[string]any{"account": secretName, "reason": "check the deployment key", "command": task}}
	case 1:
		found := sourcing.FindStringSubmatch(t.results[0])
		if found == nil {
			return m.fail("noxkey_get answered: %s", t.results[0])
		}
		a := m.speaker.shell(t.tools, "source "+found[1]+" && "+task+" && readlink /proc/self/ns/pid"+m.after)
		if a.tool == "" {
			return m.fail("no shell is among the tools: %q", t.tools)
		}
		return a
	}
	m.done = true
	return act{text: "done"}
}

func (m *model) fail(format string, args ...any) act {
	err := fmt.Errorf(format, args...)
	m.errs = append(m.errs, err)
	return act{text: err.Error()}
}

// ended waits until the job has ended, or, if it never does, until the script has
// and its last word is on the screen.
func (m *model) ended(j *job) error {
	if !j.tui {
		return j.wait()
	}
	if j.w.within(patience, func() bool {
		m.mu.Lock()
		defer m.mu.Unlock()
		return m.done && shows(j.screen(), "done") || j.ended() != ""
	}) && j.ended() == "" {
		return nil
	}
	return errors.New("the conversation did not come to its end")
}

// seen is what the client offered of NoxKey's tools, all that it sent, and the
// other hosts that it asked for.
func (m *model) seen() (tools []string, sent [][]byte, away []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.tools, m.sent, m.away
}

// verdict says what is wrong with how the conversation went; want is the value's
// sum. A command counts as sandboxed if it ran in a pid namespace of its own.
func (m *model) verdict(want string, sandboxed bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	errs := m.errs
	for _, t := range fiveTools {
		if !slices.ContainsFunc(m.tools, func(n string) bool { return strings.HasSuffix(n, t) }) {
			errs = append(errs, fmt.Errorf("%s was not offered to the model", t))
		}
	}
	if len(m.tools) != len(fiveTools) {
		errs = append(errs, fmt.Errorf("not five tools of NoxKey's but %q", m.tools))
	}
	switch {
	case len(m.results) != 2:
		errs = append(errs, fmt.Errorf("%d tool calls were answered, not 2: %q", len(m.results), m.results))
	case !strings.Contains(m.results[1], want):
		errs = append(errs, fmt.Errorf("the command did not print %s: %s", want, m.results[1]))
	default:
		own, err := os.Readlink("/proc/self/ns/pid")
		space := pidSpace.FindString(m.results[1])
		fmt.Printf("  the command printed the right SHA-256: %s; sandboxed: %v\n", want, space != own)
		if errs = append(errs, err); space == "" || (space != own) != sandboxed {
			errs = append(errs, fmt.Errorf("the command ran in %q, this check in %q", space, own))
		}
	}
	return errors.Join(errs...)
}

// event writes one server-sent event; name is "" where the protocol has none.
func event(w http.ResponseWriter, name string, data any) {
	b, err := json.Marshal(data)
	if err != nil {
		panic(err) // plain data
	}
	if name != "" {
		fmt.Fprintf(w, "event: %s\n", name)
	}
	fmt.Fprintf(w, "data: %s\n\n", b)
	w.(http.Flusher).Flush()
}

func stream(w http.ResponseWriter) { w.Header().Set("Content-Type", "text/event-stream") }

func reply(w http.ResponseWriter, data any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(data) // a client that hung up misses nothing
}

// object is a JSON object.
type object = map[string]any
