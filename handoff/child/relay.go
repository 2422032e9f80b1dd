package child

import (
	"errors"
	"io"
	"os"
	"sync"
	"syscall"
	"time"
)

// relay passes what can be read from r through a filter, until r ends or stop is called.
// A filter that holds something back is flushed when nothing came for a moment.
type relay struct {
	chunks chan []byte
	quit   chan struct{}
	once   sync.Once
	done   chan struct{}
	err    error // valid when done is closed
	mu     sync.Mutex
	last   time.Time // when something was passed on last; guarded by mu
	busy   bool      // it is being passed on; guarded by mu
}

const chunkSize = 32 << 10

// start begins to pass on. r is closed at the end of it.
func start(r *os.File, f Filter) *relay {
	l := &relay{chunks: make(chan []byte), quit: make(chan struct{}), done: make(chan struct{}), last: time.Now()}
	go l.read(r)
	go l.write(f)
	return l
}

// read hands the chunks on one by one, so that a program is slowed down by whoever reads
// its output and our memory stays bounded.
func (l *relay) read(r *os.File) {
	defer close(l.chunks)
	defer r.Close()
	bufs := [2][]byte{make([]byte, chunkSize), make([]byte, chunkSize)}
	for i := 0; ; i ^= 1 {
		n, err := r.Read(bufs[i])
		if n > 0 {
			select {
			case l.chunks <- bufs[i][:n]:
			case <-l.quit:
				return
			}
		}
		if err != nil {
			return // end of file; of a terminal whose other side has gone, EIO
		}
	}
}

func (l *relay) write(f Filter) {
	defer close(l.done)
	idle := time.NewTimer(quiet)
	defer idle.Stop()
	for {
		select {
		case b, more := <-l.chunks:
			if !more {
				l.fail(f.Close())
				return
			}
			l.passing(true)
			if l.err == nil { // else go on reading, so that the program can end
				_, err := f.Write(b)
				l.fail(err)
			}
			l.passing(false)
			clear(b)
			idle.Reset(quiet)
		case <-idle.C:
			if l.err == nil {
				l.fail(f.Flush())
			}
		case <-l.quit:
			l.fail(f.Close())
			return
		}
	}
}

func (l *relay) passing(busy bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.busy, l.last = busy, time.Now()
}

// silent is for how long nothing has come. A reader who takes his time is no silence:
// behind what he has not taken yet there may be more.
func (l *relay) silent() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.busy {
		return 0
	}
	return time.Since(l.last)
}

// fail keeps the first error. A reader who has gone is not one: the program learns of
// it as it would without us.
func (l *relay) fail(err error) {
	if l.err == nil && err != nil {
		l.err = err
	}
}

// finish waits until everything was passed on that the program printed. If others keep the
// stream open, they have as long as lingers; a reader who takes his time has all of it.
func (l *relay) finish() error {
	tick := time.NewTicker(lingers / 10)
	defer tick.Stop()
	ended, idle := time.Now(), 0
	for {
		select {
		case <-l.done:
			return gone(l.err)
		case <-tick.C:
			if idle++; l.passingNow() {
				idle = 0
			}
			// Nothing was on its way at several looks: what comes now is not the program's.
			if idle > 2 && time.Since(ended) > lingers {
				l.stop()
				<-l.done
				return gone(l.err)
			}
		}
	}
}

func (l *relay) passingNow() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.busy
}

func (l *relay) stop() { l.once.Do(func() { close(l.quit) }) }

// gone takes the error of a reader who has left for none.
func gone(err error) error {
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, io.ErrClosedPipe) {
		return nil
	}
	return err
}
