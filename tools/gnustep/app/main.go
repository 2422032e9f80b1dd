//go:build gnustep && cgo

// Command app is the Mac app put together for GNUstep: the real front, toolkit, desk, broker and
// Touch ID, over a vault in memory and a class LAContext of the test's. It says what it does in
// lines on standard output and takes commands on standard input; only tests start it.
package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"os"
	"runtime"
	"sync"
	"time"

	"noxkey/caller"
	"noxkey/ui/cocoa"
	"noxkey/ui/cocoa/appkit"
)

func init() { runtime.LockOSThread() }

func main() {
	cards := flag.Duration("cards", time.Minute, "how long a card waits")
	locked := flag.Bool("locked", false, "start with a locked vault")
	secrets := flag.Int("secrets", 0, "so many secrets more")
	first := flag.Bool("first", false, "there is no vault yet")
	flag.Parse()
	w, err := newWorld(*cards, *locked, *secrets)
	if err != nil {
		fmt.Println("fatal", err)
		os.Exit(1)
	}
	kit := appkit.New()
	s := &spy{Kit: kit}
	ctx, stop := context.WithCancel(context.Background())
	clip := &clipboard{}
	opt := cocoa.Options{
		Desk: w.desk, Service: logged{w.broker.For(caller.Front("NoxKey"))}, Kit: s, Version: "0.0 test",
		Home: os.Getenv("HOME"), Clip: clip,
		TouchID: func() (bool, string) { a := w.touch.Can(); return a.Touch, a.Reason }, Settings: newSettings(),
	}
	if *first {
		opt.First = firstRun()
	}
	f := cocoa.New(ctx, opt)
	c := &commands{world: w, kit: s, front: f, clip: clip, asks: map[string]context.CancelFunc{}}
	kit.Run(appkit.Handlers{Start: func() {
		f.Start()
		go c.read(bufio.NewScanner(os.Stdin))
		say("ready")
	}, Quit: kit.Quit})
	stop()
	if err := w.broker.Close(); err != nil {
		say("fatal %v", err)
	}
	say("ended")
}

var logging sync.Mutex

// say writes one line of the log. A scene is longer than a pipe takes at once: the lock keeps the
// lines of other goroutines out of it.
func say(format string, a ...any) {
	logging.Lock()
	defer logging.Unlock()
	fmt.Printf(format+"\n", a...)
}
