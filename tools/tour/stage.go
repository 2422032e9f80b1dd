package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// nobody is the uid that a tour which root started goes on as: under uid 0 NoxKey
// takes every caller for unknown, so an agent could not be shown as one.
const nobody = 65534

// stage is the folder that a tour plays in.
type stage struct {
	dir    string // the folder itself; holds all the rest
	bin    string // claude, noxkey, charge
	work   string // the project, with its .env file
	client string // what bin/noxkey is, in words
}

// newStage makes a stage below the folder tmp ("" for the system's). client is the
// noxkey to use, "" for this binary under that name.
func newStage(tmp, client string) (*stage, error) {
	dir, err := os.MkdirTemp(tmp, "noxkey-tour-")
	if err != nil {
		return nil, err
	}
	s := &stage{dir: dir, bin: filepath.Join(dir, "bin"), work: filepath.Join(dir, "acme", "api"), client: "the same code as bin/noxkey, from this binary"}
	if err := s.fill(client); err != nil {
		s.remove()
		return nil, err
	}
	return s, nil
}

func (s *stage) fill(client string) error {
	if err := errors.Join(os.MkdirAll(s.bin, 0o700), os.MkdirAll(s.work, 0o700)); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	agent := filepath.Join(s.bin, "claude")
	if err := copyProgram(agent, self); err != nil {
		return err
	}
	if err := os.Link(agent, filepath.Join(s.bin, "charge")); err != nil {
		return err
	}
	if client == "" {
		return os.Link(agent, filepath.Join(s.bin, "noxkey"))
	}
	s.client = "the one given by -client"
	return copyProgram(filepath.Join(s.bin, "noxkey"), client)
}

func (s *stage) remove() error { return os.RemoveAll(s.dir) }

func copyProgram(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o700)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// environment is what the tour's processes get: nothing of an agent that may have
// started the tour, and nothing of the person's.
func (s *stage) environment() []string {
	return []string{"PATH=" + s.bin + ":" + os.Getenv("PATH"), "HOME=" + s.dir, "LANG=C.UTF-8"}
}

// endedError is how the process ended that played the tour in this one's place.
type endedError struct{ code int }

func (e *endedError) Error() string { return fmt.Sprintf("the tour ended with exit code %d", e.code) }

// playAsNobody plays in a process of uid 65534. Where the kernel does not let it
// (a user namespace with one user in it), it plays on as root.
func playAsNobody(ctx context.Context, o options) error {
	dir, err := os.MkdirTemp("/tmp", "noxkey-tour-") // TMPDIR may be closed to others
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	cmd, err := o.command(ctx, dir)
	if err == nil {
		err = cmd.Start()
	}
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EINVAL) {
		return play(ctx, o)
	}
	if err != nil {
		return err
	}
	err = cmd.Wait() // ctx's end is in the exit code, too
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return &endedError{max(exit.ExitCode(), 1)}
	}
	return err
}

// command is this tour under uid 65534, in the folder dir, which becomes that user's.
func (o options) command(ctx context.Context, dir string) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	var args []string
	copies := map[string]string{filepath.Join(dir, "tour"): self}
	if o.client != "" {
		copies[filepath.Join(dir, "client")] = o.client
		args = []string{"-client", filepath.Join(dir, "client")}
	}
	for to, from := range copies {
		if err := errors.Join(copyProgram(to, from), os.Chown(to, nobody, nobody)); err != nil {
			return nil, err
		}
	}
	if err := os.Chown(dir, nobody, nobody); err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, filepath.Join(dir, "tour"), args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, o.out, o.errs
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TMPDIR=" + dir, "TERM=" + os.Getenv("TERM"), "NO_COLOR=" + os.Getenv("NO_COLOR")}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	return cmd, nil
}
