// Command floor dials a Unix socket and reads one line: the least that a program
// like noxkey get has to do.
package main

import (
	"bufio"
	"net"
	"os"
)

func main() {
	c, err := net.Dial("unix", os.Args[1])
	if err != nil {
		os.Exit(1)
	}
	line, err := bufio.NewReader(c).ReadString('\n')
	if err != nil {
		os.Exit(1)
	}
	os.Stdout.WriteString(line)
}
