package e2e

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
)

// agentName is the stand-in's: Claude Code's. Its file bears it, so its process does.
const agentName = "claude"

// The stand-in is an agent without a model: it does what the test tells it over a
// socket, and so whatever it starts descends from it. Like Claude Code it starts MCP
// servers as its children and shell commands in a session of their own.

type order struct {
	ID   int
	Do   string // shell, mcp, kill
	Text string // the command line; the client's path and home
	PID  int    // kill
}

type reply struct {
	ID       int
	Out, Err string
	Code     int
	PID      int
}

// standIn is the stand-in's main: it serves the socket that it is given until that
// is closed.
func standIn(args []string) int {
	if len(args) != 1 {
		return 2
	}
	c, err := net.Dial("unix", args[0])
	if err != nil {
		return 1
	}
	var mu sync.Mutex // guards the encoder
	enc := json.NewEncoder(c)
	for dec := json.NewDecoder(c); ; {
		var o order
		if err := dec.Decode(&o); err != nil {
			return 0
		}
		go func() {
			r := o.carryOut(args[0])
			mu.Lock()
			defer mu.Unlock()
			_ = enc.Encode(r)
		}()
	}
}

func (o order) carryOut(addr string) reply {
	r := reply{ID: o.ID}
	var err error
	switch o.Do {
	case "shell":
		cmd := exec.Command("bash", "-c", o.Text)
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		var out, errs strings.Builder
		cmd.Stdout, cmd.Stderr = &out, &errs
		err = cmd.Run()
		r.Out, r.Err, r.Code = out.String(), errs.String(), cmd.ProcessState.ExitCode()
	case "mcp":
		r.PID, err = relay(addr, strings.Fields(o.Text))
	case "kill":
		err = syscall.Kill(o.PID, syscall.SIGKILL)
	}
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		r.Err, r.Code = err.Error(), -1
	}
	return r
}

// relay starts an MCP server with pipes for standard input and output, as agents
// do, and joins them to a new connection of the test's.
func relay(addr string, argv []string) (int, error) {
	c, err := net.Dial("unix", addr)
	if err != nil {
		return 0, err
	}
	cmd := exec.Command(argv[0], argv[1:]...)
	in, err := cmd.StdinPipe()
	if err != nil {
		return 0, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	go func() {
		_, _ = io.Copy(in, c)
		in.Close()
	}()
	go func() {
		_, _ = io.Copy(c, out)
		c.Close()
		_ = cmd.Wait()
	}()
	return cmd.Process.Pid, nil
}
