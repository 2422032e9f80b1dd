// Command checkdarwin checks the Mac side of NoxKey on a machine that is no Mac.
//
//	go run ./tools/checkdarwin [packages]        types and rules: needs Go alone, takes seconds
//	go run ./tools/checkdarwin -link [packages]  vet, compile and link: needs clang-19, lld-19, golangci-lint
//
// The first level type-checks every package for darwin/arm64 and darwin/amd64 with cgo
// on, tests included, and holds the typed tree against the rules of rules.go: they
// keep out what makes darwinkit v0.5.0 crash or corrupt memory. It sees no C.
//
// The second level compiles Go, C and Objective-C against a stub SDK of our own (sdk/)
// and links it. It is as true as the stubs are: it finds a wrong type, a misspelt
// selector or a function that is not there, and proves nothing about what macOS
// exports. What it builds is thrown away and must never be shipped.
//
// Neither level runs anything. README.md tells how to extend the stubs.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"time"
)

func main() {
	link := flag.Bool("link", false, "vet, compile and link against the stub SDK instead of checking types and rules")
	tags := flag.String("tags", "", "build tags, as for go build")
	arch := flag.String("arch", "arm64,amd64", "architectures")
	flag.Parse()
	patterns := flag.Args()
	if len(patterns) == 0 {
		patterns = []string{"./..."}
	}
	run := checkTypes
	if *link {
		run = checkLink
	}
	if err := run(config{Tags: *tags, Archs: strings.Split(*arch, ","), Patterns: patterns}); err != nil {
		fmt.Fprintln(os.Stderr, "checkdarwin:", err)
		os.Exit(1)
	}
}

// config says what to check.
type config struct {
	Tags     string
	Archs    []string
	Patterns []string // packages of the main module, as for go list
}

// checkTypes is level 1. Its error counts the problems it printed.
func checkTypes(c config) error {
	start := time.Now()
	problems, stat, err := check(c, cocoa)
	if err != nil {
		return err
	}
	for _, p := range problems {
		fmt.Fprintln(os.Stderr, p)
	}
	fmt.Printf("types and rules: darwin/%s, %d packages and test variants of ours, %.1f s\n",
		strings.Join(c.Archs, " and darwin/"), stat, time.Since(start).Seconds())
	if len(problems) > 0 {
		return fmt.Errorf("%d problems", len(problems))
	}
	return nil
}
