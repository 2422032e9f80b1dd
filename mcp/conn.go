package mcp

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"sync"
)

// Bounds of the conversation.
const (
	maxLine  = 1 << 20 // bytes of one message from the client
	maxCalls = 64      // requests being answered at once
)

// Error codes of JSON-RPC 2.0, section 5.1, and one of ours.
const (
	rpcParse    = -32700
	rpcRequest  = -32600
	rpcMethod   = -32601
	rpcParams   = -32602
	rpcInternal = -32603
	rpcBusy     = -32000
)

// message is what a client sends: a request, a notification (no id), or an answer
// to a request of ours, of which there are none.
type message struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id"`
	Method  string          `json:"method"`
	Params  json.RawMessage `json:"params"`
}

type rpcError struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

// handler answers one request. A non-nil *rpcError is sent instead of the result.
type handler func(ctx context.Context, method string, params json.RawMessage) (any, *rpcError)

// conn reads requests, one JSON object a line, answers each on a goroutine of its
// own, and ends those that the client cancels.
type conn struct {
	handle handler
	broken func() // called when out cannot be written
	calls  sync.WaitGroup

	outMu sync.Mutex // guards out
	out   io.Writer

	mu      sync.Mutex // guards running
	running map[string]*running
}

// running is a request that is being answered.
type running struct {
	cancel    context.CancelFunc
	cancelled bool // by the client, who wants no answer then
}

func newConn(out io.Writer, broken func(), h handler) *conn {
	return &conn{handle: h, broken: broken, out: out, running: map[string]*running{}}
}

// serve reads until in ends (nil), fails, or ctx ends.
func (c *conn) serve(ctx context.Context, in io.Reader) error {
	lines := make(chan line)
	var readErr error
	go func() {
		defer close(lines)
		readErr = readLines(ctx, in, lines)
	}()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case l, ok := <-lines:
			if !ok {
				return readErr
			}
			c.receive(ctx, l)
		}
	}
}

// line is one message, or the news that one was longer than maxLine.
type line struct {
	text []byte
	long bool
}

// readLines sends each line of in that is not blank. The end of in is not an error.
func readLines(ctx context.Context, in io.Reader, lines chan<- line) error {
	r := bufio.NewReaderSize(in, 32<<10)
	for {
		l, err := readLine(r)
		if len(l.text) > 0 || l.long {
			select {
			case lines <- l:
			case <-ctx.Done():
				return nil
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// readLine reads to the next newline and keeps at most maxLine bytes of it.
func readLine(r *bufio.Reader) (line, error) {
	var l line
	for {
		part, err := r.ReadSlice('\n')
		if l.long = l.long || len(l.text)+len(part) > maxLine; l.long {
			l.text = nil
		} else {
			l.text = append(l.text, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			l.text = bytes.TrimSpace(l.text)
			return l, err
		}
	}
}

// receive starts what a line asks for.
func (c *conn) receive(ctx context.Context, l line) {
	var m message
	switch {
	case l.long:
		c.fail(nil, rpcRequest, "the message is longer than 1 MiB")
		return
	case json.Unmarshal(l.text, &m) != nil:
		c.fail(nil, rpcParse, "not a JSON-RPC message (one JSON object a line)")
		return
	case m.Version != "2.0":
		c.fail(nil, rpcRequest, "jsonrpc must be \"2.0\"")
		return
	case m.Method == "": // an answer to a request that was never made
		return
	}
	if len(m.ID) == 0 {
		c.notified(m)
		return
	}
	if !validID(m.ID) {
		c.fail(nil, rpcRequest, "id must be a string or a number")
		return
	}
	c.start(ctx, m)
}

// validID allows strings and numbers (MCP forbids null).
func validID(id json.RawMessage) bool {
	return id[0] == '"' || id[0] == '-' || id[0] >= '0' && id[0] <= '9'
}

// start answers m on a goroutine. The request is entered before this returns, so
// that a cancellation on the next line finds it.
func (c *conn) start(ctx context.Context, m message) {
	ctx, cancel := context.WithCancel(ctx)
	run := &running{cancel: cancel}
	if why := c.enter(string(m.ID), run); why != nil {
		cancel()
		c.fail(m.ID, why.Code, why.Message)
		return
	}
	c.calls.Go(func() {
		defer cancel()
		result, fault := c.guarded(ctx, m)
		if c.leave(string(m.ID)) {
			return
		}
		if fault != nil {
			c.fail(m.ID, fault.Code, fault.Message)
			return
		}
		c.send(map[string]any{"jsonrpc": "2.0", "id": m.ID, "result": result})
	})
}

// guarded turns a panic into an error. What the panic said is dropped: it could
// hold anything.
func (c *conn) guarded(ctx context.Context, m message) (result any, fault *rpcError) {
	defer func() {
		if recover() != nil {
			result, fault = nil, &rpcError{rpcInternal, "noxkey failed inside; this is a fault in noxkey"}
		}
	}()
	return c.handle(ctx, m.Method, m.Params)
}

func (c *conn) enter(id string, run *running) *rpcError {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.running[id] != nil {
		return &rpcError{rpcRequest, "this id is in use by a request that is not answered yet"}
	}
	if len(c.running) >= maxCalls {
		return &rpcError{rpcBusy, "too many requests at once; wait for some to be answered"}
	}
	c.running[id] = run
	return nil
}

// leave reports whether the client cancelled the request.
func (c *conn) leave(id string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	run := c.running[id]
	delete(c.running, id)
	return run.cancelled
}

// notified handles a notification; only cancellations mean something to us.
func (c *conn) notified(m message) {
	var p struct {
		ID json.RawMessage `json:"requestId"`
	}
	if m.Method != "notifications/cancelled" || json.Unmarshal(m.Params, &p) != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if run := c.running[string(p.ID)]; run != nil {
		run.cancelled = true
		run.cancel()
	}
}

func (c *conn) fail(id json.RawMessage, code int, text string) {
	if id == nil {
		id = json.RawMessage("null")
	}
	c.send(map[string]any{"jsonrpc": "2.0", "id": id, "error": rpcError{code, text}})
}

// notify sends a notification.
func (c *conn) notify(method string, params any) {
	c.send(map[string]any{"jsonrpc": "2.0", "method": method, "params": params})
}

// send writes one line. If that fails there is nobody left to tell.
func (c *conn) send(v any) {
	b, err := json.Marshal(v)
	if err == nil {
		c.outMu.Lock()
		_, err = c.out.Write(append(b, '\n'))
		c.outMu.Unlock()
	}
	if err != nil {
		c.broken()
	}
}
