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

	"noxkey/broker"
	"noxkey/caller"
	"noxkey/secret"
	"noxkey/socket"
	"noxkey/tools/rig"
)

const name = "acme/api/KEY0"

// start starts a whole NoxKey with n secrets. Its callers are walked as always, and
// then taken for the person in one shell, so that a session covers them.
func start(n int) (*rig.App, error) {
	me, err := caller.IDOf(os.Getpid())
	if err != nil {
		return nil, err
	}
	a, err := rig.Start("", rig.Options{
		Person: func(*broker.Ask) broker.Choice { return broker.AllowSession },
		Identify: func(c *net.UnixConn) (caller.Caller, error) {
			who, err := caller.FromConn(c, caller.Options{})
			who.Class, who.Anchor, who.Quiet = caller.Human, me, true
			return who, err
		},
	})
	if err != nil {
		return nil, err
	}
	req := &secret.Request{Op: secret.OpWrite}
	if req.Changes, err = changes(0, n); err != nil {
		return nil, err
	}
	return a, a.Broker.For(caller.Front("bench")).Do(context.Background(), req, func(secret.Answer) error { return nil })
}

// changes stores secrets from number from up to to.
func changes(from, to int) ([]secret.Change, error) {
	var list []secret.Change
	for i := from; i < to; i++ {
		v, err := secret.NewValue(fmt.Appendf(nil, "a value of a usual length, number %d", i))
		if err != nil {
			return nil, err
		}
		list = append(list, secret.Change{Action: secret.ActionSet, Name: secret.Name(fmt.Sprintf("acme/api/KEY%d", i)), Value: v})
	}
	return list, nil
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

func withSession(n int) (*rig.App, *socket.Client, error) {
	a, err := start(n)
	if err != nil {
		return nil, nil, err
	}
	c := socket.NewClient(a.Home)
	return a, c, c.Do(context.Background(), &secret.Request{Op: secret.OpUnlock, Targets: []secret.Prefix{"acme/api"}}, func(secret.Answer) error { return nil })
}

// overTheSocket: a get in an open session, with walk, flushed audit and HPKE.
func overTheSocket(dir string) error {
	a, c, err := withSession(100)
	if err != nil {
		return err
	}
	defer a.Close()
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
	a, _, err := withSession(10)
	if err != nil {
		return err
	}
	defer a.Close()
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
		out, err := exec.Command(filepath.Join(dir, "noxkey"), "get", name, "--home", string(a.Home)).Output()
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
