// Command attack goes down the threat table of SECURITY.md: it runs every test that
// the table names, and every other test whose name says that it belongs to a row
// (TestThreatB1DoubleFork is of row B1), and prints the table with a verdict a row.
// The table is the document's own, so that what a reader is told and what is run
// cannot differ. It fails if a row is not held, or if none of its tests ran.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"

	"golang.org/x/term"
)

func main() {
	asJSON := flag.Bool("json", false, "print JSON")
	only := flag.String("row", "", "only the rows whose id begins with `ID`, such as B or B1")
	flag.Parse()
	ok, err := attack(*only, *asJSON)
	if err != nil {
		fmt.Fprintln(os.Stderr, "attack:", err)
		os.Exit(2)
	}
	if !ok {
		os.Exit(1)
	}
}

// attack reads the table, runs what it names and prints the verdicts.
func attack(only string, asJSON bool) (bool, error) {
	doc, err := os.ReadFile("SECURITY.md")
	if err != nil {
		return false, fmt.Errorf("start it at the top of the tree: %w", err)
	}
	rows, err := parse(string(doc))
	if err != nil {
		return false, err
	}
	tests, err := find(".")
	if err != nil {
		return false, err
	}
	if err := join(rows, tests); err != nil {
		return false, err
	}
	rows = selectRows(rows, only)
	if len(rows) == 0 {
		return false, fmt.Errorf("no row's id begins with %q", only)
	}
	results, err := run(rows, os.Stderr)
	if err != nil {
		return false, err
	}
	ok := judge(rows, results)
	if asJSON {
		e := json.NewEncoder(os.Stdout)
		e.SetIndent("", "  ")
		return ok, e.Encode(rows)
	}
	print(os.Stdout, rows, term.IsTerminal(int(os.Stdout.Fd())))
	return ok, nil
}
