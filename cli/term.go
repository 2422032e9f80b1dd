package cli

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf16"

	"golang.org/x/term"

	"noxkey/secret"
)

// terminal returns the file behind a stream if it is a terminal, else nil.
func terminal(stream any) *os.File {
	if f, ok := stream.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return f
	}
	return nil
}

// colour says whether to colour what goes to w (https://no-color.org).
func colour(w io.Writer) bool {
	return os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && terminal(w) != nil
}

// The colours, by what they mean.
const (
	red    = "31"
	yellow = "33"
	dim    = "2"
)

func paint(on bool, code, s string) string {
	if !on || code == "" || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

// plain reports whether r may be printed as it is: it shows, takes up room and
// does not reorder what stands around it.
func plain(r rune) bool {
	return r >= 0x20 && r < 0x7f || r > 0xa0 && r != unicode.ReplacementChar && unicode.IsPrint(r)
}

// show returns foreign text fit for one line of a terminal: what is not plain is
// escaped, bytes that are not UTF-8 too.
func show(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if plain(r) {
			b.WriteRune(r)
			continue
		}
		q := strconv.QuoteRuneToASCII(r)
		b.WriteString(q[1 : len(q)-1])
	}
	return b.String()
}

// showJSON does the same for JSON: outside ASCII there are only strings in it, so
// every escape of theirs leaves it the same JSON.
func showJSON(b []byte) string {
	var out strings.Builder
	for _, r := range string(b) {
		switch {
		case plain(r) || r == '\n':
			out.WriteRune(r)
		case r > 0xffff:
			hi, lo := utf16.EncodeRune(r)
			fmt.Fprintf(&out, `\u%04x\u%04x`, hi, lo)
		default:
			fmt.Fprintf(&out, `\u%04x`, r)
		}
	}
	return out.String()
}

// wait is the line on a terminal's standard error while a card is open.
type wait struct {
	w    func() io.Writer // nil: no terminal, so no line
	mu   sync.Mutex
	end  time.Time
	n    int // cards before ours
	quit chan struct{}
}

func (p *program) waiting() *wait {
	if terminal(p.err) == nil {
		return &wait{}
	}
	return &wait{w: p.stderr}
}

func (w *wait) show(pr secret.Progress) {
	if w.w == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.end, w.n = time.Now().Add(time.Duration(pr.Deadline)*time.Second), pr.Waiting
	w.draw()
	if w.quit == nil {
		w.quit = make(chan struct{})
		go w.tick(w.quit)
	}
}

func (w *wait) tick(quit chan struct{}) {
	t := time.NewTicker(time.Second)
	defer t.Stop()
	for {
		select {
		case <-quit:
			return
		case <-t.C:
			w.mu.Lock()
			if w.quit == quit {
				w.draw()
			}
			w.mu.Unlock()
		}
	}
}

// draw is called with mu held.
func (w *wait) draw() {
	before := ""
	if w.n > 0 {
		before = fmt.Sprintf(", %d before it", w.n)
	}
	fmt.Fprintf(w.w(), "\r\x1b[Kwaiting for your answer in NoxKey (%s%s)", clockText(time.Until(w.end)), before)
}

// stop takes the line away. It may be called twice.
func (w *wait) stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.quit == nil {
		return
	}
	close(w.quit)
	w.quit = nil
	io.WriteString(w.w(), "\r\x1b[K")
}

// clockText is d as minutes and seconds, 0:38.
func clockText(d time.Duration) string {
	s := max(0, int(d.Round(time.Second).Seconds()))
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}
