package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// order is what the harness lets the agent do: say lines to its MCP server, or run a
// line in its shell.
type order struct {
	MCP []string // JSON-RPC messages; ID in one stands for a fresh number, and is waited for
	Sh  string   // for bash -c, in a session of its own, as Claude Code does it
	Env []string // beside the agent's own
}

// seen is what the agent read of it. That, and what came before, is its transcript.
type seen struct {
	Out   []byte
	PID   int // of the MCP server
	Stuck bool
	Err   string
}

// patience is how long the agent waits for one order: longer than any should take.
const patience = 40 * time.Second

// server is the agent's `noxkey mcp`.
type server struct {
	cmd   *exec.Cmd
	in    io.WriteCloser
	gone  chan struct{}
	lines chan []byte // what it says on standard output; closed at its end
	errs  *record
	ids   int
}

// agentMain is the stand-in agent. Its argument is the app's home. It carries out one
// order a line, and says what it read.
func agentMain(args []string, in io.Reader, out io.Writer) int {
	if len(args) != 1 {
		return 2
	}
	var s *server
	dec, enc := json.NewDecoder(in), json.NewEncoder(out)
	for {
		var o order
		err := dec.Decode(&o)
		if errors.Is(err, io.EOF) {
			if s != nil {
				s.in.Close()
				<-s.gone
			}
			return 0
		}
		if err == nil && (s == nil || s.over()) {
			s, err = startServer(args[0])
		}
		if err != nil {
			_ = enc.Encode(seen{Err: err.Error()})
			return 1
		}
		r := seen{PID: s.cmd.Process.Pid}
		if len(o.MCP) > 0 {
			r.Out, r.Stuck = s.say(o.MCP)
			if len(r.Out) == 0 && !r.Stuck { // it was being killed, and is started again, as clients do
				<-s.gone
				if s, err = startServer(args[0]); err != nil {
					_ = enc.Encode(seen{Err: err.Error()})
					return 1
				}
				r.PID = s.cmd.Process.Pid
				r.Out, r.Stuck = s.say(o.MCP)
			}
		}
		if o.Sh != "" {
			text, stuck := runShell(o)
			r.Out, r.Stuck = append(r.Out, text...), r.Stuck || stuck
		}
		r.Out = append(r.Out, s.errs.take()...)
		if enc.Encode(r) != nil {
			return 1
		}
	}
}

func startServer(home string) (*server, error) {
	s := &server{cmd: exec.Command("noxkey", "--home", home, "mcp"), gone: make(chan struct{}), lines: make(chan []byte, 1024), errs: &record{}}
	s.cmd.Stderr = s.errs
	var err error
	if s.in, err = s.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(s.gone)
		defer close(s.lines)
		for r := bufio.NewReader(out); ; {
			line, err := r.ReadBytes('\n')
			if len(line) > 0 {
				s.lines <- line
			}
			if err != nil {
				_ = s.cmd.Wait()
				return
			}
		}
	}()
	_, _ = s.say([]string{`{"jsonrpc":"2.0","id":ID,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"claude","version":"1"}}}`,
		`{"jsonrpc":"2.0","method":"notifications/initialized"}`})
	return s, nil
}

func (s *server) over() bool {
	select {
	case <-s.gone:
		return true
	default:
		return false
	}
}

// say sends lines and reads until every request is answered, or the server ends.
func (s *server) say(lines []string) (read []byte, stuck bool) {
	open := map[string]bool{}
	for _, l := range lines {
		if strings.Contains(l, `"id":ID`) {
			s.ids++
			open[strconv.Itoa(s.ids)] = true
			l = strings.Replace(l, `"id":ID`, `"id":`+strconv.Itoa(s.ids), 1)
		}
		if strings.Contains(l, `"requestId":LAST`) { // the one before is cancelled, and will not be answered
			l = strings.ReplaceAll(l, `"requestId":LAST`, `"requestId":`+strconv.Itoa(s.ids))
			delete(open, strconv.Itoa(s.ids))
		}
		if _, err := io.WriteString(s.in, l+"\n"); err != nil {
			return read, false
		}
	}
	for end := time.After(patience); len(open) > 0; {
		select {
		case l, ok := <-s.lines:
			if !ok {
				return read, false
			}
			read = append(read, l...)
			var m struct{ ID json.RawMessage }
			if json.Unmarshal(l, &m) == nil {
				delete(open, string(m.ID))
			}
		case <-end:
			return read, true
		}
	}
	return append(read, s.rest()...), false
}

// rest is what else has been said by now.
func (s *server) rest() (read []byte) {
	for {
		select {
		case l, ok := <-s.lines:
			if !ok {
				return read
			}
			read = append(read, l...)
		default:
			return read
		}
	}
}

// runShell runs a line as agents do: a new shell, both streams captured. What is left
// of its session afterwards is ended.
func runShell(o order) (read []byte, stuck bool) {
	var out record
	cmd := exec.Command("/bin/bash", "-c", o.Sh)
	cmd.Env = append(os.Environ(), o.Env...)
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.WaitDelay = time.Second // a background job may keep the streams
	if err := cmd.Start(); err != nil {
		return []byte(err.Error()), true
	}
	end := time.AfterFunc(patience, func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
	_ = cmd.Wait()
	stuck = !end.Stop()
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	return out.take(), stuck
}

// record keeps what is written to it.
type record struct {
	mu sync.Mutex
	b  []byte // guarded by mu
}

// Write implements io.Writer.
func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.b = append(r.b, p...)
	return len(p), nil
}

func (r *record) take() []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	b := r.b
	r.b = nil
	return b
}
