//go:build cgo

package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"
	"time"

	"noxkey/broker"
	"noxkey/caller"
	"noxkey/mac"
	"noxkey/secret"
	"noxkey/socket"
	"noxkey/ui/cocoa"
	"noxkey/ui/cocoa/appkit"
	"noxkey/vault/enclave"
	"noxkey/vault/keychain"
	"noxkey/vault/touchid"
)

// AppKit belongs to the thread that the process began with.
func init() { runtime.LockOSThread() }

// macApp is the app on macOS: Keychain, Touch ID, and windows.
type macApp struct {
	*app
	kit     *appkit.Kit
	front   *cocoa.Front
	items   keychain.Items
	tag     string // of the key in the Secure Enclave
	finger  *touchid.Evaluation
	session *mac.Session
	clip    *mac.Clip
	prefs   *mac.Preferences
	hot     *mac.HotKey
	hotErr  error
}

// damagedHint is what to do about a damaged vault.
const damagedHint = "NoxKey's items in the Keychain were changed by another program; noxkey verify names them"

// run is the app on macOS. An error before the windows are there is shown in an alert,
// too: whoever opened the app in the Finder sees no terminal.
func run(ctx context.Context, home socket.Home) error {
	err := runMac(ctx, home)
	if err != nil && !errors.Is(err, context.Canceled) {
		appkit.Alert("NoxKey could not start", err.Error())
	}
	return err
}

func runMac(ctx context.Context, home socket.Home) error {
	if err := mac.Harden(); err != nil {
		return err
	}
	a, ctx, err := newApp(ctx, home)
	if err != nil {
		return err
	}
	m := &macApp{app: a, kit: appkit.New()}
	mode, err := m.leaves(home)
	if err != nil {
		a.close()
		return err
	}
	var once sync.Once
	end := func() {
		once.Do(func() {
			m.warn("the clipboard could not be cleared", m.clip.Clear())
			a.close()
		})
	}
	defer end()
	m.front = cocoa.New(ctx, m.options(mode == ""))
	m.hot = mac.NewHotKey(func() { m.kit.Post(m.front.HotKey) })
	if mode != "" {
		if err := m.load(mode); err != nil {
			return err
		}
	}
	m.serve(ctx)
	go func() {
		<-ctx.Done() // a signal, or the server's end
		m.kit.Post(m.kit.Quit)
	}()
	m.kit.Run(appkit.Handlers{Start: m.started, Quit: m.front.Quit, Reopen: m.front.Reopen, End: end})
	return nil
}

// leaves gets hold of what macOS offers, and of the mode of the vault that is there,
// "" for none.
func (m *macApp) leaves(home socket.Home) (keychain.Mode, error) {
	board, err := mac.Clipboard()
	if err != nil {
		return "", err
	}
	m.clip = mac.NewClip(board)
	m.prefs = mac.NewPreferences(m.recall, m.remember)
	session, err := mac.Watch(m.event, m.desk.Rearm)
	if err != nil {
		return "", err
	}
	m.mu.Lock()
	m.session = session
	m.mu.Unlock()
	if m.finger, err = touchid.System(m.session.Locked); err != nil {
		return "", err
	}
	service := serviceOf(home)
	m.tag = "app.noxkey." + service
	if m.items, err = keychain.System(service); err != nil {
		return "", err
	}
	return keychain.Recorded(m.items)
}

// serviceOf is the Keychain service of a home: another one for each --home.
func serviceOf(home socket.Home) string {
	if standard, err := socket.DefaultHome(); err == nil && standard == home {
		return keychain.Service
	}
	sum := sha256.Sum256([]byte(home))
	return keychain.Service + "-" + hex.EncodeToString(sum[:8])
}

// load opens the vault that is there, and starts to answer.
func (m *macApp) load(mode keychain.Mode) error {
	sealer, err := m.sealer(mode)
	if err != nil {
		return err
	}
	v, err := keychain.Open(m.items, mode, sealer)
	if err != nil {
		return err
	}
	return m.plugKeychain(v)
}

// sealer is the Enclave's key where the mode wants one. There is no other mode to fall
// back to: without the key the vault stays closed.
func (m *macApp) sealer(mode keychain.Mode) (keychain.Sealer, error) {
	key, err := enclave.Open(m.tag)
	if err == nil { // a change to the gate that was broken off still needs it
		return key, nil
	}
	if mode == keychain.ModeEnclave {
		return nil, err
	}
	return nil, nil
}

// create makes the vault of the first run, in the mode that the person chose.
func (m *macApp) create(sealed bool) error {
	mode, sealer := keychain.ModeGate, keychain.Sealer(nil)
	if sealed {
		key, err := enclave.Make(m.tag)
		if secret.CodeOf(err) == secret.Exists { // of a first run that was broken off
			key, err = enclave.Open(m.tag)
		}
		if err != nil {
			return err
		}
		mode, sealer = keychain.ModeEnclave, key
	}
	v, err := keychain.Create(m.items, mode, sealer)
	if secret.CodeOf(err) == secret.Exists { // a first run that failed after this
		if mode, err = keychain.Recorded(m.items); err == nil {
			return m.load(mode)
		}
	}
	if err != nil {
		return err
	}
	return m.plugKeychain(v)
}

// known is the vault whose identity the clients have pinned: each time that it is opened
// without an authentication, too, a vault that was exchanged is noticed and closed.
type known struct {
	*keychain.Vault
	pin func(vault) error
}

func (k known) Browse() error {
	if err := k.Vault.Browse(); err != nil {
		return err
	}
	if err := k.pin(k.Vault); err != nil {
		k.Lock()
		return err
	}
	return nil
}

// plugKeychain puts the broker before kv. Whoever is at the unlocked screen may browse.
func (m *macApp) plugKeychain(kv *keychain.Vault) error {
	v := known{kv, m.pin}
	if err := v.Browse(); err != nil { // before anybody is answered
		v.Close()
		return err
	}
	v.Lock()
	m.plug(v, touchid.New(v, m.finger, m.desk.Sheet), func(c *broker.Config) {
		c.KeysGrant = true
		c.AuthTime = touchid.Timeout + time.Second // its own end comes first
		c.Findings = m.findings
		c.Code = caller.CodeOf
	})
	_, b := m.plugged()
	return m.follow(b)
}

// options is what the front gets.
func (m *macApp) options(first bool) cocoa.Options {
	opt := cocoa.Options{
		Desk: m.desk, Service: m.app, Kit: m.kit, Version: version, Home: personHome(),
		Clip: clipboard{m}, Settings: settings{m},
		TouchID: func() (bool, string) {
			a := m.finger.Can()
			return a.Touch, a.Reason
		},
	}
	if first {
		opt.First = &cocoa.FirstRun{
			Enclave: enclave.Probe,
			Create:  func(_ context.Context, sealed bool) error { return m.create(sealed) },
		}
	}
	return opt
}

// started runs when the event loop does.
func (m *macApp) started() {
	m.front.Start()
	m.setHotKey()
}

// follow opens b for browsing if somebody is at the screen. It looks again afterwards,
// for the lock that came meanwhile.
func (m *macApp) follow(b *broker.Broker) error {
	if !m.session.Locked() {
		if err := b.Resume(); err != nil {
			return err
		}
		if !m.session.Locked() {
			return nil
		}
	}
	return b.Suspend()
}

// event follows the screen. The order is: lock first, tell the front after.
func (m *macApp) event(e mac.Event) {
	_, b := m.plugged()
	m.mu.Lock()
	session := m.session
	m.mu.Unlock()
	// The first event may come before Watch has returned: no vault is open then.
	there := session != nil && !session.Locked()
	switch e {
	case mac.Sleeping, mac.ScreenLocked:
		m.warn("the clipboard could not be cleared", m.clip.Clear())
		if b != nil {
			m.warn("the audit's head could not be kept", b.Suspend())
		}
		m.warn("the clipboard could not be cleared", m.clip.Clear()) // of what was on its way
		m.post(func(f *cocoa.Front) { f.ScreenLocked() })
	case mac.ScreenUnlocked, mac.Woke:
		m.warn("the clipboard could not be cleared", m.clip.Clear())
		if b != nil && there {
			m.warn("the vault could not be opened again", m.follow(b))
			m.setHotKey() // the preferences could not be read behind a locked screen
		}
		m.post(func(f *cocoa.Front) { f.ScreenWoke() })
	case mac.ScreenLit:
		m.post(func(f *cocoa.Front) { f.ScreenWoke() })
	}
	m.desk.Refresh()
}

// post hands f to the front, if there is one yet.
func (m *macApp) post(f func(*cocoa.Front)) {
	m.kit.Post(func() {
		if m.front != nil {
			f(m.front)
		}
	})
}

func (m *macApp) warn(what string, err error) {
	if err != nil && secret.CodeOf(err) != secret.Locked {
		fmt.Fprintf(os.Stderr, "noxkey: %s: %v\n", what, err)
	}
}

// restorePrevious has no meaning here: the Keychain keeps no generations.
func restorePrevious(socket.Home) error {
	return secret.Errorf(secret.Invalid, "the Keychain keeps no previous generation")
}
