package redact

import (
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// fifty are 50 values of 40 bytes, as services issue them.
func fifty() []plain {
	rnd := rand.New(rand.NewPCG(1, 2))
	prefixes := []string{"sk-ant-api03-", "ghp_", "AKIA", "xoxb-", "", "", "", "glpat-", "npm_", "SG."}
	var list []plain
	for i := range 50 {
		v := prefixes[i%len(prefixes)]
		for len(v) < 40 {
			v += string("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/"[rnd.IntN(66)])
		}
		list = append(list, plain{fmt.Sprintf("acme/api/KEY_%d", i), v})
	}
	return list
}

// sources is this tree's own source text, over and over, 8 MiB.
func sources(b *testing.B) []byte {
	var text []byte
	files, _ := filepath.Glob("../../*/*.go")
	for len(text) < 8<<20 {
		for _, f := range files {
			p, err := os.ReadFile(f)
			if err != nil {
				b.Fatal(err)
			}
			text = append(text, p...)
		}
		if len(text) == 0 {
			b.Fatal("no source text")
		}
	}
	return text[:8<<20]
}

func run(b *testing.B, text []byte, list ...plain) {
	if list == nil {
		list = fifty()
	}
	r := build(b, list...)
	w := r.Writer(io.Discard)
	b.SetBytes(int64(len(text)))
	n, begin := 0, cpu(b)
	for b.Loop() {
		n++
		for p := text; len(p) > 0; p = p[min(len(p), 32<<10):] {
			if _, err := w.Write(p[:min(len(p), 32<<10)]); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(n*len(text))/1e6/(cpu(b)-begin), "MB/cpu-s")
}

// cpu is the processor time that this process has used, in seconds: on a busy machine
// it says more than the clock.
func cpu(b *testing.B) float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

func BenchmarkText(b *testing.B) { run(b, sources(b)) }

func BenchmarkColours(b *testing.B) {
	run(b, []byte(strings.ReplaceAll(string(sources(b)[:4<<20]), " ", "\x1b[0m \x1b[1;32m")))
}

func BenchmarkLog(b *testing.B) {
	line := `{"time":"2026-11-22T10:00:00.123Z","level":"info","msg":"GET /v1/users/8f14e45f-ceea-467f-a8c9-0b1d2e3f4a5b","status":200,"path":"%2Fapi%2Fv1"}` + "\n"
	run(b, []byte(strings.Repeat(line, 4<<20/len(line))))
}

func BenchmarkBase64(b *testing.B) {
	rnd := rand.New(rand.NewPCG(3, 4))
	p := make([]byte, 4<<20)
	for i := range p {
		p[i] = letters62[rnd.IntN(62)]
		if i%77 == 76 {
			p[i] = '\n'
		}
	}
	run(b, p)
}

// random is n bytes that are no text.
func random(n int) []byte {
	p := make([]byte, n)
	rnd := rand.NewChaCha8([32]byte{1})
	_, _ = rnd.Read(p)
	return p
}

func BenchmarkBinary(b *testing.B) { run(b, random(4<<20)) }

func BenchmarkHex(b *testing.B) { run(b, []byte(hex.EncodeToString(random(2<<20)))) }

func BenchmarkHexDump(b *testing.B) { run(b, []byte(hex.Dump(random(1<<20)))) }

func BenchmarkDecimals(b *testing.B) { run(b, []byte(fmt.Sprint(random(1<<20)))) }

func BenchmarkNewlines(b *testing.B) { run(b, []byte(strings.Repeat("s\n\t\t  ", 1<<19))) }

func BenchmarkSpaces(b *testing.B) {
	run(b, []byte(strings.Repeat("k"+strings.Repeat(" ", 100)+"\n", 1<<15)))
}

func BenchmarkFirstBytes(b *testing.B) { run(b, []byte(strings.Repeat("sgAxGnS", 1<<17))) }

func BenchmarkPrefixes(b *testing.B) {
	run(b, []byte(strings.Repeat("sk-ant-api03-", 1<<16)))
}

func BenchmarkPercent(b *testing.B) { run(b, []byte(strings.Repeat("%73%6b%2d", 1<<16))) }

func BenchmarkHexDumpOfPrefixes(b *testing.B) {
	run(b, []byte(strings.Repeat("00000000  73 6b 2d 61 6e 74 2d 61  70 69 30 33 2d 41 42 43  |sk-ant-api03-ABC|\n", 1<<14)))
}

// BenchmarkQuotes is the worst that was found: letters that are gaps as well.
func BenchmarkQuotes(b *testing.B) {
	run(b, []byte(strings.Repeat("'", 1<<11)), plain{"a/b/K", strings.Repeat("'", 20) + "b"})
}

// BenchmarkPeriodic is a value that repeats itself, in a text of it. The time for each byte
// grows with the value's length: one of 64 KiB, all alike, takes a millisecond.
func BenchmarkPeriodic(b *testing.B) {
	run(b, []byte(strings.Repeat("a", 1<<18)), plain{"a/b/K", strings.Repeat("a", 39) + "b"})
}

// BenchmarkNewLong tells the memory that a value of 64 KiB takes.
func BenchmarkNewLong(b *testing.B) {
	rnd := rand.New(rand.NewPCG(5, 6))
	v := make([]byte, 64<<10)
	for i := range v {
		v[i] = letters62[rnd.IntN(62)]
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	begin := cpu(b)
	r := build(b, plain{"a/b/K", string(v)})
	b.ReportMetric((cpu(b)-begin)*1e3, "cpu-ms")
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(len(v)), "B/value-byte")
	runtime.KeepAlive(r)
}

func BenchmarkNew(b *testing.B) {
	n, begin := 0, cpu(b)
	for b.Loop() {
		n++
		build(b, fifty()...)
	}
	b.ReportMetric((cpu(b)-begin)*1e3/float64(n), "cpu-ms/op")
}

const letters62 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
