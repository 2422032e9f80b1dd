// Package e2e holds the tests that drive the release binaries from outside: the
// app in a terminal (tmux), with keys and a passphrase, and the client as a person,
// as an agent and as somebody unknown. There is nothing but tests in it.
//
// They need tmux, and as root setpriv, with which everything runs as an ordinary
// user: as root the app takes everybody for unknown. Each test has a private folder
// with a short name below /tmp, for a socket's path is short.
//
// What was typed at a keyboard is sent until the screen shows that it counted: no
// test sleeps for a time and hopes. Every value holds a canary, and when a test ends
// everything that was written meanwhile is searched for it: homes, logs, what
// commands printed, the bytes of MCP, what every terminal was sent.
package e2e
