package child

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// A stopped program in a session of its own would never stop: the kernel does not let the
// terminal's stop key stop a process group that has no parent in the same session
// (POSIX: an orphaned one). So the session's leader is this program again, which starts
// the other in the foreground, waits for it, and tells the outer one what happens.

// Descriptors of the leader besides 0, 1 and 2, which are the program's.
const (
	controlFD = 3 // a socket to the outer one
	ttyFD     = 4 // the pseudo-terminal
)

// order is what the leader is told at first. Environment follows it, each entry ended by
// a zero byte.
type order struct {
	Path string   `json:"path"`
	Argv []string `json:"argv"`
	Dir  string   `json:"dir"`
	Env  int      `json:"env"` // entries
}

// event is what the leader tells.
type event struct {
	Stopped bool   `json:"stopped,omitzero"`
	Ended   bool   `json:"ended,omitzero"`
	PID     int    `json:"pid,omitzero"` // started
	Code    int    `json:"code,omitzero"`
	Signal  int    `json:"signal,omitzero"`
	Error   string `json:"error,omitzero"`
	Errno   int    `json:"errno,omitzero"`
}

// ready is the leader's first word: it waits for its order.
const ready = '!'

// Words to the leader.
const (
	goOn = 'c' // let the program run again, in the foreground
	quit = 'q' // everything it printed has been read
)

// Lead is the life of the process that leads the session. It is started by Run only.
func Lead() error {
	control := os.NewFile(controlFD, "control")
	if control == nil {
		return errors.New("child: started without its descriptors")
	}
	unix.CloseOnExec(controlFD)
	unix.CloseOnExec(ttyFD)
	// The keys are meant for the program. Caught, not ignored: that would be inherited.
	stop := heed(func(syscall.Signal) {}, Heard(syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTSTP, syscall.SIGTTIN, syscall.SIGTTOU)...)
	defer stop()
	in, out := bufio.NewReader(control), json.NewEncoder(control)
	if _, err := control.Write([]byte{ready}); err != nil {
		return err
	}
	o, env, err := readOrder(in)
	if err != nil {
		return err
	}
	pid, err := syscall.ForkExec(o.Path, o.Argv, &syscall.ProcAttr{Dir: o.Dir, Env: env, Files: []uintptr{0, 1, 2},
		Sys: &syscall.SysProcAttr{Foreground: true, Ctty: ttyFD}})
	if err != nil {
		var no syscall.Errno
		errors.As(err, &no)
		return out.Encode(event{Error: err.Error(), Errno: int(no)})
	}
	if err := out.Encode(event{PID: pid}); err != nil {
		return err
	}
	for {
		ws, err := wait(pid, unix.WUNTRACED)
		if err != nil {
			return err
		}
		if !ws.Stopped() {
			s := statusOf(ws)
			if err := out.Encode(event{Ended: true, Code: s.Code, Signal: int(s.Signal)}); err != nil {
				return err
			}
			_, _ = in.ReadByte() // quit, or the outer one has gone
			return nil
		}
		if err := out.Encode(event{Stopped: true}); err != nil {
			return err
		}
		if b, err := in.ReadByte(); err != nil || b != goOn {
			_ = unix.Kill(-pid, unix.SIGHUP)
			_ = unix.Kill(-pid, unix.SIGCONT)
			continue
		}
		_ = unix.IoctlSetPointerInt(ttyFD, unix.TIOCSPGRP, pid)
		_ = unix.Kill(-pid, unix.SIGCONT)
	}
}

func readOrder(in *bufio.Reader) (order, []string, error) {
	var o order
	line, err := in.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &o)
	}
	if err != nil {
		return o, nil, fmt.Errorf("child: read the order: %w", err)
	}
	env := make([]string, o.Env)
	for i := range env {
		b, err := in.ReadBytes(0)
		if err != nil {
			return o, nil, fmt.Errorf("child: read the environment: %w", err)
		}
		env[i] = string(b[:len(b)-1])
		clear(b)
	}
	return o, env, nil
}

func writeOrder(w io.Writer, o *Options) error {
	line, err := json.Marshal(order{o.Path, o.Argv, o.Dir, len(o.Env)})
	if err != nil {
		return err
	}
	var b bytes.Buffer
	b.Write(append(line, '\n'))
	for _, e := range o.Env {
		b.WriteString(e)
		b.WriteByte(0)
	}
	_, err = w.Write(b.Bytes())
	clear(b.Bytes())
	return err
}
