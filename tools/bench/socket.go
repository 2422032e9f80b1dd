package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"noxkey/broker"
	"noxkey/caller"
	"noxkey/secret"
	"noxkey/socket"
	"noxkey/vault/file"
	"noxkey/vault/passphrase"
)

const (
	pass = "bench passphrase"
	name = "acme/api/KEY0"
)

// cheap parameters: the derivation is not what is measured here.
var cheap = file.Params{Memory: 64, Passes: 1, Lanes: 1}

// person allows everything, for a session where one is offered, and knows the passphrase.
type person struct{}

func (person) Ask(_ context.Context, a *broker.Ask) (broker.Answer, error) {
	c := broker.AllowOnce
	if a.Session > 0 {
		c = broker.AllowSession
	}
	return broker.Answer{Choice: c, Digest: a.Digest()}, nil
}
func (person) Enter(context.Context, *broker.Ask) (secret.Value, error) {
	return secret.Value{}, secret.Err(secret.Denied)
}
func (person) Close(uint64, secret.Outcome) {}
func (person) Rest(string, time.Time)       {}
func (person) types(context.Context, secret.Prompt) (secret.Value, error) {
	return secret.NewValue([]byte(pass))
}

// app is a whole app but for its front. Its callers are walked as always, and then
// taken for the person in one shell, so that a session covers them.
type app struct {
	home   socket.Home
	broker *broker.Broker
	stop   func()
}

func start(home socket.Home) (*app, error) {
	if err := home.Make(); err != nil {
		return nil, err
	}
	secretPass, err := secret.NewValue([]byte(pass))
	if err != nil {
		return nil, err
	}
	v, err := file.Create(home.Vault(), secretPass, cheap)
	if err != nil {
		return nil, err
	}
	key, err := v.Unlock(secretPass, secret.Scope{})
	if err != nil {
		return nil, err
	}
	key.Wipe()
	public, err := v.Public()
	if err != nil {
		return nil, err
	}
	if err := socket.WritePin(home, public); err != nil {
		return nil, err
	}
	b := broker.New(broker.Config{Store: v, Ledger: v, Auth: passphrase.New(v, person{}.types), Approver: person{}, AuditPath: home.Audit()})
	ln, err := socket.Listen(home)
	if err != nil {
		return nil, err
	}
	me, err := caller.ReadProcess(os.Getpid())
	if err != nil {
		return nil, err
	}
	s := &socket.Server{Handle: b.Do, Sign: v.Sign, Identify: func(c *socket.Conn) (caller.Caller, error) {
		who, err := caller.FromConn(c, caller.Options{})
		who.Class, who.Anchor, who.Quiet = caller.Human, me.ID, true
		return who, err
	}}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = s.Serve(ctx, ln.UnixListener) }()
	return &app{home, b, func() { cancel(); <-done; ln.Close(); b.Close(); v.Close() }}, nil
}

// fill stores n secrets under acme/api.
func (a *app) fill(n int) error {
	front := a.broker.For(caller.Front("bench"))
	for at := 0; at < n; at += secret.MaxChanges {
		req := &secret.Request{Op: secret.OpWrite}
		for i := at; i < min(n, at+secret.MaxChanges); i++ {
			v, err := secret.NewValue(fmt.Appendf(nil, "a value of a usual length, number %d", i))
			if err != nil {
				return err
			}
			req.Changes = append(req.Changes, secret.Change{Action: secret.ActionSet, Name: secret.Name(fmt.Sprintf("acme/api/KEY%d", i)), Value: v})
		}
		if err := front.Do(context.Background(), req, func(secret.Answer) error { return nil }); err != nil {
			return err
		}
	}
	return nil
}

// get reads one secret over the socket and wipes it.
func get(c *socket.Client) error {
	got := 0
	err := c.Do(context.Background(), &secret.Request{Op: secret.OpGet, Delivery: secret.DeliverEval, Targets: []secret.Prefix{name}}, func(a secret.Answer) error {
		if a.Value != nil {
			a.Value.Value.Wipe()
			got++
		}
		return nil
	})
	if err == nil && got != 1 {
		err = fmt.Errorf("%d values", got)
	}
	return err
}

func withSession(dir string, n int) (*app, *socket.Client, error) {
	a, err := start(socket.Home(filepath.Join(dir, fmt.Sprint("h", n))))
	if err != nil {
		return nil, nil, err
	}
	if err := a.fill(n); err != nil {
		return nil, nil, err
	}
	c := socket.NewClient(a.home)
	err = c.Do(context.Background(), &secret.Request{Op: secret.OpUnlock, Targets: []secret.Prefix{"acme/api"}}, func(secret.Answer) error { return nil })
	return a, c, err
}

// overTheSocket: a get in an open session, with walk, flushed audit and HPKE.
func overTheSocket(dir string) error {
	a, c, err := withSession(dir, 100)
	if err != nil {
		return err
	}
	defer a.stop()
	echo, stop, err := echoServer(filepath.Join(dir, "echo.sock"))
	if err != nil {
		return err
	}
	defer stop()
	floor, err := measure(2000, echo)
	if err != nil {
		return err
	}
	one, err := measure(2000, func() error { return get(c) })
	if err != nil {
		return err
	}
	row("get in a session, over the socket", one.String(), "floor "+floor.String()+"; bar: p50 1 ms, p99 5 ms")
	return many(c)
}

// many: 64 clients at once, 20 gets each.
func many(c *socket.Client) error {
	var mu sync.Mutex
	var all times
	var failed error
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			t, err := measure(20, func() error { return get(c) })
			mu.Lock()
			defer mu.Unlock()
			all = append(all, t...)
			if err != nil {
				failed = err
			}
		})
	}
	wg.Wait()
	if failed != nil {
		return fmt.Errorf("64 clients at once: %w", failed)
	}
	row("the same, 64 clients at once", all.String(), "no error in 1,280 gets")
	return nil
}

// echoServer answers one line of JSON with itself.
func echoServer(path string) (call func() error, stop func(), err error) {
	ln, err := net.Listen("unix", path)
	if err != nil {
		return nil, nil, err
	}
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				line, err := bufio.NewReader(c).ReadBytes('\n')
				if err == nil {
					_, _ = c.Write(line)
				}
			}()
		}
	}()
	return func() error {
		c, err := net.Dial("unix", path)
		if err != nil {
			return err
		}
		defer c.Close()
		if err := json.NewEncoder(c).Encode(map[string]string{"get": name}); err != nil {
			return err
		}
		_, err = bufio.NewReader(c).ReadBytes('\n')
		return err
	}, func() { ln.Close() }, nil
}

// wholeProcess: noxkey get from start to exit, beside a static Go program that
// dials and reads one line.
func wholeProcess(dir string) error {
	a, _, err := withSession(dir, 10)
	if err != nil {
		return err
	}
	defer a.stop()
	path := filepath.Join(dir, "line.sock")
	ln, err := net.Listen("unix", path)
	if err != nil {
		return err
	}
	defer ln.Close()
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			_, _ = c.Write([]byte("export KEY0='a value of a usual length'\n"))
			c.Close()
		}
	}()
	floor, err := measure(300, func() error { return exec.Command(filepath.Join(dir, "floor"), path).Run() })
	if err != nil {
		return err
	}
	got, err := measure(300, func() error {
		out, err := exec.Command(filepath.Join(dir, "noxkey"), "get", name, "--home", string(a.home)).Output()
		if err == nil && len(out) == 0 {
			err = fmt.Errorf("noxkey get printed nothing")
		}
		return err
	})
	if err != nil {
		return err
	}
	row("noxkey get, a whole process, in a session", got.String(), fmt.Sprintf("floor %s; ratio %.1f, bar: 3", floor, float64(got.at(0.5))/float64(floor.at(0.5))))
	return nil
}
