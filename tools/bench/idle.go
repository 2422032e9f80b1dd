package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/creack/pty"

	"noxkey/secret"
	"noxkey/socket"
	"noxkey/tools/rig"
	"noxkey/vault/file"
)

// idleSecrets is how many secrets the idle app holds.
const idleSecrets = 10_000

// idle starts the release app on a vault of 10,000 secrets in a terminal of its
// own, unlocks it, and looks how it sleeps. The vault has cheap parameters: the
// derivation's memory is measured where it is used, in vault/file.
func idle(dir string) error {
	home := socket.Home(filepath.Join(dir, "idle"))
	if err := stock(home); err != nil {
		return err
	}
	cmd := exec.Command(filepath.Join(dir, "noxkey-app"), "--home", string(home))
	cmd.Env = append(os.Environ(), "TERM=xterm")
	began := time.Now()
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 80})
	if err != nil {
		return err
	}
	defer func() { _ = cmd.Process.Signal(syscall.SIGTERM); _ = cmd.Wait(); tty.Close() }()
	go io.Copy(io.Discard, tty)
	if err := ready(home); err != nil {
		return err
	}
	row("app, start to ready (10,000 secrets, locked)", short(time.Since(began)), "bar: 150 ms without the derivation")
	if err := unlock(tty, home, filepath.Join(dir, "noxkey")); err != nil {
		return err
	}
	time.Sleep(8 * time.Second) // let it settle, and the collector give memory back
	before, err := switches(cmd.Process.Pid)
	if err != nil {
		return err
	}
	const watch = 15 * time.Second
	time.Sleep(watch)
	after, err := switches(cmd.Process.Pid)
	if err != nil {
		return err
	}
	row("app, idle: wake-ups", fmt.Sprintf("%.2f a second", float64(after-before)/watch.Seconds()), "bar: under 1")
	rss, err := field(cmd.Process.Pid, "VmRSS")
	row("app, idle: resident, 10,000 secrets, unlocked", fmt.Sprintf("%.1f MiB", float64(rss)/1024), "bar: under 40 MiB")
	return err
}

// pass opens the vault that stock makes.
const pass = "bench passphrase"

// stock makes a home with a vault of idleSecrets, for the release app to open.
func stock(home socket.Home) error {
	phrase, err := secret.NewValue([]byte(pass))
	if err != nil {
		return err
	}
	if err := home.Make(); err != nil {
		return err
	}
	v, err := file.Create(home.Vault(), phrase, rig.Cheap)
	if err != nil {
		return err
	}
	defer v.Close()
	list, err := changes(0, idleSecrets)
	if err != nil {
		return err
	}
	key, err := v.Unlock(phrase, secret.Scope{Prefix: "acme"})
	if err != nil {
		return err
	}
	defer key.Wipe()
	if err := v.Apply(key, list); err != nil {
		return err
	}
	public, err := v.Public()
	if err != nil {
		return err
	}
	return socket.WritePin(home, public)
}

// ready waits until something answers at the socket.
func ready(home socket.Home) error {
	for range 5000 {
		if _, err := os.Stat(home.Socket()); err == nil {
			return nil
		}
		time.Sleep(time.Millisecond)
	}
	return fmt.Errorf("the app did not start")
}

// unlock types the passphrase until noxkey status says that the app is open.
func unlock(tty *os.File, home socket.Home, client string) error {
	for range 20 {
		_, _ = tty.WriteString("\r")
		time.Sleep(700 * time.Millisecond) // a prompt is armed half a second after it is shown
		_, _ = tty.WriteString(pass + "\r")
		time.Sleep(time.Second)
		out, _ := exec.Command(client, "status", "--json", "--home", string(home)).Output()
		if strings.Contains(string(out), fmt.Sprintf(`%d`, idleSecrets)) {
			return nil
		}
	}
	return fmt.Errorf("the app did not unlock")
}

// switches is how often the process's threads went to sleep and were woken
// (voluntary_ctxt_switches of each, proc_pid_status(5)).
func switches(pid int) (int, error) {
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
	total := 0
	for _, t := range tasks {
		n, e := number(t, "voluntary_ctxt_switches")
		if e != nil {
			err = e
		}
		total += n
	}
	return total, err
}

func field(pid int, name string) (int, error) {
	return number(fmt.Sprintf("/proc/%d/status", pid), name)
}

func number(path, name string) (int, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	m := regexp.MustCompile(`(?m)^` + name + `:\s+(\d+)`).FindSubmatch(b)
	if m == nil {
		return 0, fmt.Errorf("%s has no %s", path, name)
	}
	return strconv.Atoi(string(m[1]))
}
