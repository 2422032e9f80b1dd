package main

import (
	"slices"
	"strings"
)

// group says what the person has allowed when a move begins.
type group int

const (
	nothing group = iota // no approval: the person denies every card
	waiting              // an approved handoff waits for its shell
	loaded               // a shell has sourced it, or noxkey run has started the command
)

var titles = []string{
	nothing: "Without any approval",
	waiting: "With an approved handoff that no shell has sourced as it should",
	loaded:  "After a good load: by source, and under noxkey run",
}

// move is one thing that the agent tries. In its texts NK stands for the client with
// the app's home; the shell finds S, P, D, H, APP, MCP, N and T in its environment
// (game.env).
type move struct {
	group group
	name  string
	tries string // one line

	mcp   []string // what it says to its MCP server, and then
	sh    string   // what it runs in its shell
	after string   // loaded: what it runs in one shell call behind the load

	need   []string // programs
	proof  string   // must stand in what the agent read, or the move was not made
	limit  string   // why it may win; "" means that it must not
	beyond string   // why it may win under noxkey run as well
	own    bool     // it makes the honest request itself, and the person allows that one card
	times  int      // make it so often, each with an approval of its own; I counts
	away   bool     // nobody is at the app
	real   bool     // against the released programs
	late   bool     // the person allows any card, long after whoever asked has gone
}

// moves is the whole list, those that must hold first: what is won later may lie about.
func moves() []move {
	list := slices.Concat(mcpMoves(), cliMoves(), fileMoves(), procMoves(), identityMoves(), personMoves(), pipeMoves(), raceMoves(), realMoves(), limitMoves(), loadMoves())
	for i := range list {
		list[i].sh = strings.ReplaceAll(list[i].sh, "NK ", `noxkey --home "$H" `)
		if list[i].after != "" {
			list[i].group, list[i].limit = loaded, "after a good load the variable is the agent's shell's"
		}
	}
	return list
}

// call is a tools/call as a line of JSON-RPC.
func call(tool, args string) string {
	return `{"jsonrpc":"2.0","id":ID,"method":"tools/call","params":{"name":"` + tool + `","arguments":` + args + `}}`
}

// rpc is any request.
func rpc(method, params string) string {
	return `{"jsonrpc":"2.0","id":ID,"method":"` + method + `","params":` + params + `}`
}

// replaceAsk puts the question in the place of ASK, but not in that of its variable.
func replaceAsk(line, ask string) string {
	line = strings.ReplaceAll(line, `"ASK"]`, "\x00")
	line = strings.ReplaceAll(line, "{ASK}", "\x01")
	line = strings.ReplaceAll(line, "ASK", ask)
	return strings.NewReplacer("\x00", `"ASK"]`, "\x01", "{ASK}").Replace(line)
}
