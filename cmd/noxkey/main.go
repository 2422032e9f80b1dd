// Command noxkey is NoxKey's client: the command line and, with `noxkey mcp`,
// the MCP server that editors start. Everything is in package cli.
package main

import (
	"os"

	"noxkey/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
