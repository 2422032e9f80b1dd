package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"noxkey/secret"
	"noxkey/socket"
)

// speakMain is a client that the agent wrote itself: it says to the app whatever
// stands on its standard input, a request a line, and prints every answer, values
// bare. TICKET in a line stands for the ticket of the line before. Its arguments are
// the app's home and, optionally, a file for the ticket.
func speakMain(args []string, in io.Reader, out io.Writer) int {
	if len(args) < 1 {
		return 2
	}
	cl, ticket := socket.NewClient(socket.Home(args[0])), ""
	for lines := bufio.NewScanner(in); lines.Scan(); {
		var req secret.Request
		if err := json.Unmarshal([]byte(strings.ReplaceAll(lines.Text(), "TICKET", ticket)), &req); err != nil {
			fmt.Fprintln(out, "speak:", err)
			return 2
		}
		ctx, stop := context.WithTimeout(context.Background(), 20*time.Second)
		err := cl.Do(ctx, &req, func(a secret.Answer) error {
			if a.Ticket != nil {
				ticket = a.Ticket.ID
				if len(args) > 1 {
					_ = os.WriteFile(args[1], []byte(ticket), 0o600)
				}
			}
			b, _ := json.Marshal(a)
			fmt.Fprintf(out, "%s\n", b)
			if a.Value == nil {
				return nil
			}
			return a.Value.Value.Use(func(b []byte) error { _, err := fmt.Fprintf(out, "value: %s\n", b); return err })
		})
		stop()
		fmt.Fprintf(out, "speak: %s: %v\n", req.Op, err)
	}
	return 0
}
