package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"noxkey/broker"
	"noxkey/handoff"
	"noxkey/harden"
	"noxkey/secret"
	"noxkey/socket"
	"noxkey/ui/term"
	"noxkey/vault/file"
	"noxkey/vault/passphrase"
)

// damagedHint is what to do about a damaged vault.
const damagedHint = "noxkey-app --restore-previous goes back to the generation before, after asking"

// run is the app on Linux: the file vault and the terminal front.
func run(ctx context.Context, home socket.Home) error {
	if err := hardened(); err != nil {
		return err
	}
	clip := newClip()
	a, ctx, err := newApp(ctx, home)
	if err != nil {
		return err
	}
	defer a.close()
	defer clip.clear()
	exists, err := a.load()
	if err != nil {
		return err
	}
	a.serve(ctx)
	if err := handoff.Sweep(""); err != nil {
		fmt.Fprintln(os.Stderr, "noxkey: leftovers of an earlier run remain:", err)
	}
	defer harden.Exclusive(os.Stdin)() // passphrases are typed there
	return term.Run(ctx, a.options(clip, exists))
}

// hardened shuts this process against the user's other programs and the network, before
// there is anything in it to take.
//
// Without the first the app does not start: that nobody reads its memory is promised, and
// every kernel has it. Without the second, which some containers do not offer, it starts and
// says so, here and in noxkey verify: the app has no code that talks to a network, and
// the filter is the kernel's word on that, not what keeps the values.
func hardened() error {
	stderr, err := harden.Quiet()
	if err != nil {
		return err
	}
	os.Stderr = stderr
	if err := harden.Harden(); err != nil {
		return err
	}
	err = harden.NoNetwork()
	if errors.Is(err, harden.ErrNoFilter) {
		fmt.Fprintf(os.Stderr, "noxkey: the app could open network sockets, though it never does: %v\n", err)
		return nil
	}
	return err
}

func (a *app) options(clip *clip, exists bool) term.Options {
	return term.Options{
		Desk: a.desk, Service: a, In: os.Stdin, Out: os.Stdout, Version: version,
		Vault:  term.Vault{Path: a.home.Vault(), Exists: exists, Key: file.DefaultParams.String() + ", about 1 s"},
		Create: func(_ context.Context, p secret.Value) error { return a.create(p) },
		Copy: func(ctx context.Context, v secret.Value) error {
			return clip.put(ctx, v, a.length(secret.SettingClipboard))
		},
		ClearAfter: func() time.Duration { return a.length(secret.SettingClipboard) },
		Home:       personHome(),
	}
}

// load opens the vault if there is one, and starts to answer.
func (a *app) load() (bool, error) {
	if _, err := os.Lstat(a.home.Vault()); errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Lstat(a.home.Vault() + ".1"); errors.Is(err, fs.ErrNotExist) {
			return false, nil
		}
	}
	v, err := file.Open(a.home.Vault())
	if err != nil {
		return false, err
	}
	a.plugFile(v)
	return true, nil
}

// create makes the vault of the first run, pins its identity for the clients, and
// starts to answer, unlocked.
func (a *app) create(pass secret.Value) error {
	v, err := file.Create(a.home.Vault(), pass, file.DefaultParams)
	if err != nil {
		return err
	}
	key, err := v.Unlock(pass, secret.Scope{})
	if err == nil {
		key.Wipe()
		err = a.pin(v)
	}
	if err != nil {
		v.Close()
		return err
	}
	a.plugFile(v)
	return nil
}

// plugFile has the passphrase open v.
func (a *app) plugFile(v *file.Vault) {
	a.plug(v, passphrase.New(v, a.desk.Passphrase), func(c *broker.Config) { c.Findings = harden.Findings })
}

// restorePrevious goes back one generation, if the person says so.
func restorePrevious(home socket.Home) error {
	ln, err := socket.Listen(home) // nobody else may have the vault open
	if err != nil {
		return err
	}
	defer ln.Close()
	at, err := file.Previous(home.Vault())
	if err != nil {
		return err
	}
	fmt.Printf("The previous generation of %s was written on %s.\nWhatever was stored after that is lost from the vault; the present file is kept beside it.\nType yes to go back: ",
		home.Vault(), at.Local().Format("2 January 2006, 15:04"))
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if err != nil || strings.TrimSpace(line) != "yes" {
		fmt.Println("Nothing was changed.")
		return nil
	}
	kept, err := file.Restore(home.Vault())
	if err != nil {
		return err
	}
	fmt.Println("Done. The file that was there is now", kept)
	return nil
}
