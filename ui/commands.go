package ui

// Command is something that is done at the command line, and what it does.
type Command struct{ Line, Does string }

// Commands are those that a person may look for in a front, which has no screen for them.
var Commands = []Command{
	{"noxkey setup", "add NoxKey to Claude Code, Codex, Cursor …"},
	{"noxkey run NAMES -- COMMAND", "one command with secrets, output redacted"},
	{"noxkey init", "make a project's .noxkey.toml from its .env"},
	{"noxkey guard --git", "look for stored values in what is staged"},
	{"noxkey backup FILE", "all secrets into one encrypted file"},
	{"noxkey restore FILE", "show what a backup holds, and bring it back"},
	{"noxkey audit", "who asked for what, and how it ended"},
	{"noxkey settings", "how long sessions last and copies stay"},
}
