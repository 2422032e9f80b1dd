package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// move is one thing that the agent's model decides to do: list the tools, call
// one, or run a shell command. The tour is the model.
type move struct {
	Tools bool           `json:"tools,omitzero"`
	Tool  string         `json:"tool,omitzero"`
	Args  map[string]any `json:"args,omitzero"`
	Shell string         `json:"shell,omitzero"`
}

// reply is all that the model gets to see of it.
type reply struct {
	Tools []string       `json:"tools,omitzero"`
	Text  string         `json:"text,omitzero"`
	Data  map[string]any `json:"data,omitzero"`
	Code  int            `json:"code"` // of the shell, or 1 for a tool's error
	Err   string         `json:"err,omitzero"`
}

// agentMain is the stand-in agent: a program named claude that starts `noxkey mcp`,
// speaks MCP to it through an independent client library, runs shell commands, and
// does what standard input says, a move a line. Its arguments are the home, the
// file for every byte of MCP, and the shell.
func agentMain() int {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "this is the tour's stand-in agent; start it by: go run ./tools/tour")
		return 2
	}
	if err := agent(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, "agent:", err)
		return 1
	}
	return 0
}

func agent(home, wire, shell string) error {
	record, err := os.OpenFile(wire, os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer record.Close()
	session, wait, err := connect(context.Background(), home, &locked{w: record})
	if err != nil {
		return err
	}
	in, out := bufio.NewReader(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return errors.Join(session.Close(), wait())
		}
		var m move
		if err == nil {
			err = json.Unmarshal(line, &m)
		}
		if err == nil {
			err = out.Encode(do(session, shell, m))
		}
		if err != nil {
			return err
		}
	}
}

// connect starts `noxkey mcp` and shakes hands with it; record gets every byte that
// goes either way, and what it writes to standard error.
func connect(ctx context.Context, home string, record io.Writer) (*mcp.ClientSession, func() error, error) {
	cmd := exec.Command("noxkey", "--home", home, "mcp")
	cmd.Stderr = record
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, nil, err
	}
	t := &mcp.IOTransport{
		Reader: struct {
			io.Reader
			io.Closer
		}{io.TeeReader(stdout, record), stdout},
		Writer: struct {
			io.Writer
			io.Closer
		}{io.MultiWriter(record, stdin), stdin},
	}
	session, err := mcp.NewClient(&mcp.Implementation{Name: "tour-agent", Version: "1"}, nil).Connect(ctx, t, nil)
	if err != nil {
		return nil, nil, errors.Join(err, cmd.Process.Kill(), cmd.Wait())
	}
	return session, cmd.Wait, nil
}

// locked lets several writers share one.
type locked struct {
	mu sync.Mutex
	w  io.Writer // guarded by mu
}

// Write implements io.Writer.
func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

func do(s *mcp.ClientSession, shell string, m move) reply {
	switch {
	case m.Tools:
		return listTools(s)
	case m.Tool != "":
		return callTool(s, m)
	}
	return runShell(shell, m.Shell)
}

func listTools(s *mcp.ClientSession) reply {
	list, err := s.ListTools(context.Background(), nil)
	if err != nil {
		return reply{Err: err.Error()}
	}
	var r reply
	for _, t := range list.Tools {
		r.Tools = append(r.Tools, t.Name)
		r.Text += t.Description + "\n"
	}
	return r
}

func callTool(s *mcp.ClientSession, m move) reply {
	result, err := s.CallTool(context.Background(), &mcp.CallToolParams{Name: m.Tool, Arguments: m.Args})
	if err != nil {
		return reply{Err: err.Error()}
	}
	var r reply
	for _, c := range result.Content {
		if t, ok := c.(*mcp.TextContent); ok {
			r.Text += t.Text
		}
	}
	r.Data, _ = result.StructuredContent.(map[string]any)
	if result.IsError {
		r.Code = 1
	}
	return r
}

// runShell runs a command as agents do: a new shell each time, its output captured.
func runShell(shell, command string) reply {
	var out bytes.Buffer
	cmd := exec.Command(shell, "-c", command)
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	r := reply{Text: out.String()}
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		r.Code = exit.ExitCode()
	case err != nil:
		r.Err = err.Error()
	}
	return r
}

// chargeMain is the program that the agent wants to run with the secret: it looks
// at the variable and says what it saw of it without showing it.
func chargeMain() int {
	key := os.Getenv("STRIPE_KEY")
	if key == "" {
		fmt.Println("charge: STRIPE_KEY is not set")
		return 1
	}
	fmt.Println(receipt(key))
	return 0
}

// receipt proves that its maker had the key: 32 bits of its hash, which leave open
// what the key is.
func receipt(key string) string {
	sum := sha256.Sum256([]byte(key))
	return fmt.Sprintf("charge: accepted, with a key of %d characters whose SHA-256 begins %x", len(key), sum[:4])
}
