package main

import (
	"fmt"
	"io"
	"strings"
)

// print writes the table: id, verdict, how many tests, what holds; below a row, what of
// it was not run; below the table, what failed, in full.
func print(w io.Writer, rows []*row, colour bool) {
	paint := func(code, s string) string {
		if !colour {
			return s
		}
		return "\x1b[" + code + "m" + s + "\x1b[0m"
	}
	var failures []string
	count := map[verdict]int{}
	mac := false
	for _, r := range rows {
		if r.Mac && !mac {
			mac = true
			fmt.Fprintln(w, "\nThe Mac, over fakes and under GNUstep; nothing has run on macOS:")
		}
		count[r.Verdict]++
		code := "32"
		if r.Verdict == broken {
			code = "31"
		} else if r.Verdict != held {
			code = "33"
		}
		fmt.Fprintf(w, "%-3s  %s  %2d  %s\n", r.ID, paint(code, fmt.Sprintf("%-13s", r.Verdict)), len(r.Tests), plain(r.Attack))
		for _, why := range r.Why {
			first, rest, long := strings.Cut(why, "\n")
			fmt.Fprintf(w, "%24s%s\n", "", first)
			if long {
				failures = append(failures, first+"\n"+rest)
			}
		}
	}
	for _, f := range failures {
		fmt.Fprintf(w, "\n%s\n", f)
	}
	fmt.Fprintf(w, "\n%d rows: %d held, %d held in part, %d not run, %d broken\n",
		len(rows), count[held], count[partly], count[notRun], count[broken])
}

// plain takes Markdown's back quotes out.
func plain(s string) string { return strings.ReplaceAll(s, "`", "") }
