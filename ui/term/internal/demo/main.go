// Command demo runs the terminal front on a made-up broker, to look at it:
//
//	go run ./ui/term/internal/demo [-first] [agent|unknown|once|entry ...]
//
// The passphrase is the fake's. Every request named is asked, in order, a second
// after the start. It opens no vault and is no part of what is shipped.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"time"

	"noxkey/broker"
	"noxkey/secret"
	"noxkey/ui"
	"noxkey/ui/term"
	"noxkey/ui/term/internal/fake"
)

func main() {
	firstRun := flag.Bool("first", false, "begin without a vault")
	wait := flag.Duration("wait", time.Second, "how long to wait before the requests come")
	flag.Parse()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	desk := ui.NewDesk(time.Now)
	svc := &fake.Service{Desk: desk, Now: time.Now, Locked: true}
	svc.Fill(time.Now())
	go ask(ctx, svc, *wait, flag.Args())
	home, _ := os.UserHomeDir()
	err := term.Run(ctx, term.Options{
		Desk: desk, Service: svc, In: os.Stdin, Out: os.Stdout, Version: "demo", Home: home,
		Vault:  term.Vault{Path: home + "/.local/share/noxkey/vault.db", Exists: !*firstRun, Key: "Argon2id, 256 MiB, 3 passes, about 1 s on this machine"},
		Create: func(context.Context, secret.Value) error { time.Sleep(time.Second); return nil },
		Copy:   func(context.Context, secret.Value) error { return nil }, ClearAfter: func() time.Duration { return 30 * time.Second },
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, "noxkey:", err)
		os.Exit(1)
	}
}

func ask(ctx context.Context, svc *fake.Service, wait time.Duration, kinds []string) {
	time.Sleep(wait)
	for i, kind := range kinds {
		now, id := time.Now(), uint64(i+1)
		a := map[string]func(uint64, time.Time) *broker.Ask{
			"agent": fake.Agent, "unknown": fake.Unknown, "once": fake.Once, "entry": fake.Entry,
		}[kind](id, now)
		a.Deadline = now.Add(45 * time.Second)
		a.Position, a.Waiting = 1, 1
		if kind == "entry" {
			a.Deadline = now.Add(5 * time.Minute)
		}
		func() {
			ctx, cancel := context.WithDeadline(ctx, a.Deadline)
			defer cancel()
			svc.Request(ctx, a)
		}()
	}
}
