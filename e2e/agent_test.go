package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
)

// agent is the test's side of a stand-in.
type agent struct {
	w     *world
	conn  net.Conn
	ln    net.Listener
	seq   int
	dec   *json.Decoder
	stand *shell
}

// agent starts the stand-in in a new window of the server, below a person's tmux.
func (s *server) agent(t *testing.T) *agent {
	t.Helper()
	addr := s.w.path(fmt.Sprintf("a%d", s.w.next()))
	ln, err := net.Listen("unix", addr)
	if err != nil {
		t.Fatal(err)
	}
	s.w.own(addr)
	a := &agent{w: s.w, ln: ln, stand: s.shell(t)}
	s.w.t.Cleanup(a.end)
	a.stand.start(t, binAgent+" "+addr)
	a.conn = a.accept(t)
	a.dec = json.NewDecoder(a.conn)
	return a
}

// end ends the stand-in and what it started.
func (a *agent) end() {
	if a.conn != nil {
		a.conn.Close()
	}
	a.ln.Close()
}

func (a *agent) accept(t *testing.T) net.Conn {
	t.Helper()
	_ = a.ln.(*net.UnixListener).SetDeadline(time.Now().Add(patience))
	c, err := a.ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (a *agent) send(t *testing.T, o order) int {
	t.Helper()
	a.seq++
	o.ID = a.seq
	if err := json.NewEncoder(a.conn).Encode(o); err != nil {
		t.Fatal(err)
	}
	return o.ID
}

func (a *agent) receive(t *testing.T, id int) reply {
	t.Helper()
	_ = a.conn.SetReadDeadline(time.Now().Add(patience))
	var r reply
	if err := a.dec.Decode(&r); err != nil || r.ID != id {
		t.Fatalf("the stand-in answered %+v: %v", r, err)
	}
	a.w.log("agent", r.Out+r.Err)
	return r
}

// shell runs one line in the agent's shell.
func (a *agent) shell(t *testing.T, line string) result {
	t.Helper()
	return a.started(t, line)()
}

// started runs one line that asks the person; the function waits for its end.
func (a *agent) started(t *testing.T, line string) func() result {
	t.Helper()
	id := a.send(t, order{Do: "shell", Text: a.w.line(line)})
	return func() result {
		t.Helper()
		r := a.receive(t, id)
		return result{line: line, out: r.Out, err: r.Err, code: r.Code}
	}
}

// tools is a client of MCP, an independent one, joined to a noxkey mcp that the
// stand-in started. Every byte of both directions is kept for the search.
type tools struct {
	*sdk.ClientSession
	a     *agent
	pid   int
	mu    sync.Mutex
	beats int // progress notifications; guarded by mu
}

type tee struct {
	io.Reader
	io.Writer
	io.Closer
}

// mcp starts noxkey mcp below the stand-in and shakes hands with it.
func (a *agent) mcp(t *testing.T) *tools {
	t.Helper()
	id := a.send(t, order{Do: "mcp", Text: binNoxkey + " --home " + a.w.home + " mcp"})
	c := a.accept(t)
	r := a.receive(t, id)
	if r.Code != 0 {
		t.Fatalf("no MCP server: %s", r.Err)
	}
	wire, err := os.Create(a.w.path(fmt.Sprintf("wire/%d", r.PID)))
	if err != nil {
		t.Fatal(err)
	}
	k := &tools{a: a, pid: r.PID}
	client := sdk.NewClient(&sdk.Implementation{Name: "e2e", Version: "1"}, &sdk.ClientOptions{
		ProgressNotificationHandler: func(context.Context, *sdk.ProgressNotificationClientRequest) {
			k.mu.Lock()
			defer k.mu.Unlock()
			k.beats++
		},
	})
	k.ClientSession, err = client.Connect(a.w.t.Context(), &sdk.IOTransport{
		Reader: tee{Reader: io.TeeReader(c, wire), Closer: c}, Writer: tee{Writer: io.MultiWriter(wire, c), Closer: c},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	a.w.t.Cleanup(func() {
		c.Close()
		wire.Close()
	})
	return k
}

// progress is how often the client was told that a card waits.
func (k *tools) progress() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.beats
}

// said is the result of a tool.
type said struct {
	tool string
	text string
	data map[string]any
	bad  bool
}

type args = map[string]any

// start calls a tool that asks the person; the function waits for its result.
func (k *tools) start(t *testing.T, tool string, in args) func() said {
	t.Helper()
	type outcome struct {
		r   *sdk.CallToolResult
		err error
	}
	done := make(chan outcome, 1)
	p := &sdk.CallToolParams{Name: tool, Arguments: in}
	p.SetProgressToken(fmt.Sprint(k.a.w.next()))
	go func() {
		r, err := k.CallTool(t.Context(), p)
		done <- outcome{r, err}
	}()
	return func() said {
		t.Helper()
		select {
		case o := <-done:
			if o.err != nil {
				t.Fatalf("%s: %v", tool, o.err)
			}
			s := said{tool: tool, bad: o.r.IsError}
			s.text = o.r.Content[0].(*sdk.TextContent).Text
			s.data, _ = o.r.StructuredContent.(map[string]any)
			return s
		case <-time.After(patience):
			t.Fatalf("%s has not answered", tool)
			return said{}
		}
	}
}

func (k *tools) call(t *testing.T, tool string, in args) said {
	t.Helper()
	return k.start(t, tool, in)()
}

// refused checks that the tool failed with that code.
func (s said) refused(t *testing.T, code string) {
	t.Helper()
	e, _ := s.data["error"].(map[string]any)
	if !s.bad || e["code"] != code {
		t.Errorf("%s: not refused with %s: %s", s.tool, code, s.text)
	}
}

// source is the beginning of the command line that the result of a get names.
func (s said) source(t *testing.T) string {
	t.Helper()
	path, _ := s.data["script"].(string)
	if s.bad || path == "" || !strings.Contains(s.text, "source '"+path+"'") {
		t.Fatalf("%s gave no script: %s", s.tool, s.text)
	}
	return "source '" + path + "' && "
}
