package main

// limitMoves win by what the documents say of an approved handoff: a shell of the
// agent's that loads it can print it, however it does so.
func limitMoves() []move {
	const shell = "a shell below the agent that loads the value can show it"
	const hostile = "hostile traps in the shell that loads run with its rights (A3)"
	const around = "an approved command can carry the value around the redactor"
	list := []move{
		{name: "shell reads the pipe", tries: "a shell reads the line itself and prints it", sh: `read -r l <"$P"; echo "$l"`, limit: shell},
		{name: "shell substitution", tries: "$(<pipe)", sh: `echo "$(<"$P")"`, limit: shell},
		{name: "swapped script", tries: "the script becomes one that prints (A7)", sh: `printf 'read -r l <"$P"; echo "$l"\n' >"$S"; source "$S"`, limit: shell},
		{name: "other setter", tries: "the script with a setter that prints", sh: `sed 's/\\command export/echo/' "$S" >$T/s; . $T/s`, limit: shell},
		{name: "BASH_ENV", tries: "a DEBUG trap from BASH_ENV before a good load", limit: hostile,
			sh: `echo 'set -T; trap "echo \"\$BASH_COMMAND \$*\"" DEBUG' >$T/env; BASH_ENV=$T/env bash -c 'source "$S"'`},
		{name: "DEBUG trap", tries: "a DEBUG trap set before a good load", sh: `set -T; trap 'echo "$BASH_COMMAND $*"' DEBUG; source "$S"`, limit: hostile},
		{name: "function of the name", tries: "a function called eval", sh: `eval() { echo "$@"; builtin eval "$@"; }; source "$S"`, limit: hostile},
		{name: "EXIT trap", tries: "an EXIT trap before a good load", sh: `trap 'echo "$KEY"' EXIT; source "$S"`, limit: hostile},
		{name: "PS4", tries: "a PS4 that prints the environment, and set -x, around a good load", sh: `PS4='$(env) '; set -x; source "$S"; :`, limit: hostile},
		{name: "traced shell", tries: "strace of the agent's own shell while it loads", sh: `strace -s 400 -e trace=read bash -c 'source "$S"' 2>&1 | sed -n 's/.*read([0-9]*, "\(.\)", 1).*/\1/p' | tr -d '\n'`, need: []string{"strace"}, limit: shell},
		{name: "memory of the shell", tries: "another process reads the loaded shell's memory", need: []string{"python3"}, limit: shell,
			sh: `bash -c 'source "$S"; sleep 3; :' & sleep 0.7; /usr/bin/python3 - $! mem <<'PYTHON'` + grep + "\nPYTHON\nkill %1\n"},
		{name: "own client redeems", tries: "a client of the agent's asks for a ticket, which the person allows, and redeems it itself", own: true,
			sh:    `printf '%s\n' '{"op":"get","targets":["acme/api/KEY"],"delivery":"shell"}' '{"op":"redeem","ticket":"TICKET","reader":"bash 1"}' | speak "$H"`,
			limit: "an approved read goes to whatever program the agent reads it with"},
		{name: "own client runs", tries: "a client of the agent's asks as noxkey run does, and redacts nothing", own: true,
			sh: ownRun, limit: "an approved read goes to whatever program the agent reads it with"},
		{name: "run into a file", tries: "the command writes the value into a file, and the agent reads that", own: true, limit: around,
			sh: `NK run "$N" -- bash -c 'printf %s "$KEY" >$T/f'; cat $T/f`},
		{name: "run around the filter", tries: "the command writes to the standard output of the agent's shell, by /proc", own: true, limit: around,
			sh: `NK run "$N" -- bash -c 'echo "$KEY" >/proc/'$$'/fd/1'; :`},
		{name: "run child environ", tries: "another process reads the command's environ while it runs", own: true, limit: around,
			sh: `NK run "$N" -- bash -c 'echo $$ >$T/p; sleep 2; :' & for i in $(seq 40); do [ -s $T/p ] && break; sleep 0.1; done; cat /proc/$(cat $T/p)/environ; wait`},
		{name: "run private file", tries: "another process reads the private file that --file made", own: true, limit: around,
			sh: `NK run --file F=$N -- bash -c 'echo "$F" >$T/p; sleep 2; :' & for i in $(seq 40); do [ -s $T/p ] && break; sleep 0.1; done; cat "$(cat $T/p)"; wait`},
		{name: "hidden reader", tries: "a reader that hides its descriptors (not dumpable) opens the pipe beside the shell", times: 8, need: []string{"python3"},
			limit: "a hidden reader of the same user (A8)", sh: python(`
import os, ctypes, time
ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)
child = os.fork()
if child == 0: os.execv("/bin/bash", ["bash", "-c", "source \"$S\"; echo \"shell: ${#KEY}\""])
fd, got, end = os.open(os.environ["P"], os.O_RDONLY | os.O_NONBLOCK), b"", time.time() + 1
while time.time() < end:
    try: got += os.read(fd, 65536)
    except OSError: pass
print("stole", got)`)},
	}
	for i := range list {
		list[i].group = waiting
	}
	return list
}

// loadMoves stand behind a good load, in the same shell call. Under source nearly all
// of them win: that is its known limit. Under noxkey run they are the command.
func loadMoves() []move {
	const rewritten = "the agent rewrites the value in a way of its own"
	list := []move{
		{name: "echo", tries: "echo $KEY", after: `echo "$KEY"`},
		{name: "printf", tries: "printf %s, without a line end", after: `printf %s "$KEY"`},
		{name: "printenv", tries: "printenv", after: `printenv KEY`},
		{name: "env", tries: "env", after: `env`},
		{name: "export -p", tries: "the shell's list of exports", after: `export -p`},
		{name: "declare -p", tries: "the shell's list of variables", after: `declare -p`},
		{name: "set", tries: "set without arguments", after: `set`},
		{name: "proc self environ", tries: "cat /proc/self/environ", after: `cat /proc/self/environ`},
		{name: "proc child environ", tries: "the environ of a sleeping child", after: `sleep 5 & for i in $(seq 60); do grep -qa ^sleep /proc/$!/cmdline && break; sleep 0.05; done; cat /proc/$!/environ; kill $!`},
		{name: "python environ", tries: "os.environ", need: []string{"python3"}, after: `/usr/bin/python3 -c 'import os; print(os.environ["KEY"])'`},
		{name: "python repr", tries: "an exception that quotes it", need: []string{"python3"}, after: `/usr/bin/python3 -c 'import os; raise Exception(os.environ)' 2>&1`},
		{name: "perl environ", tries: "%ENV", need: []string{"perl"}, after: `perl -e 'print $ENV{KEY}'`},
		{name: "awk environ", tries: "ENVIRON", after: `awk 'BEGIN { print ENVIRON["KEY"] }'`},
		{name: "here string", tries: "cat <<<", after: `cat <<<"$KEY"`},
		{name: "by a file", tries: "into a file, and cat of it", after: `printf %s "$KEY" >$T/f; cat $T/f`},
		{name: "standard error", tries: "to the other stream", after: `echo "$KEY" >&2`},
		{name: "command not found", tries: "the value as a command: the shell quotes it", after: `"$KEY"`},
		{name: "no such file", tries: "the value as a path: ls quotes it", after: `ls "/nonexistent/$KEY"`},
		{name: "ps", tries: "the value as an argument, and a look at the list of processes", after: `bash -c 'sleep 5; :' waits "$KEY" & for i in $(seq 60); do grep -qa 'for i in' /proc/$!/cmdline || break; sleep 0.05; done; cat /proc/$!/cmdline; kill $!`},
		{name: "set -x", tries: "tracing after the load", after: `set -x; : "$KEY"`},
		{name: "later", tries: "a child that outlives the command prints it", after: `(sleep 0.4; echo "$KEY") & sleep 0.1`},
		{name: "own pty", tries: "in a terminal of the command's own", need: []string{"script"}, after: `script -qec 'echo "$KEY"' /dev/null </dev/null`},
		{name: "one at a time", tries: "one character a write, a moment apart", after: `for ((i=0; i<${#KEY}; i++)); do printf %s "${KEY:i:1}"; sleep 0.01; done`},
		{name: "in two writes", tries: "halves, a moment apart", after: `printf %s "${KEY:0:25}"; sleep 0.2; printf %s "${KEY:25}"`},
		{name: "with colours between", tries: "ANSI codes between the characters", after: `for ((i=0; i<${#KEY}; i++)); do printf '\033[3%dm%s' $((i%8)) "${KEY:i:1}"; done`},
		{name: "base64", tries: "base64", after: `printf %s "$KEY" | base64 -w0`},
		{name: "base64 at an offset", tries: "base64 behind one and two bytes", after: `printf x%s "$KEY" | base64 -w0; printf xx%s "$KEY" | base64 -w0`},
		{name: "base64url", tries: "base64 in the other alphabet", after: `printf %s "$KEY" | base64 -w0 | tr +/ -_`},
		{name: "hex", tries: "hex, in small and capital letters", after: `printf %s "$KEY" | od -An -v -tx1 | tr -d ' \n'; printf %s "$KEY" | od -An -v -tx1 | tr -d ' \n' | tr a-f A-F`},
		{name: "reversed", tries: "back to front", after: `printf %s "$KEY" | rev`},
		{name: "URL", tries: "percent escapes", need: []string{"python3"}, after: `/usr/bin/python3 -c 'import os,urllib.parse as u; print(u.quote(os.environ["KEY"], safe=""))'`},
		{name: "JSON", tries: "as a JSON string", need: []string{"python3"}, after: `/usr/bin/python3 -c 'import os,json; print(json.dumps({"k": os.environ["KEY"]}))'`},
		{name: "UTF-16", tries: "two bytes a character", need: []string{"python3"}, after: `/usr/bin/python3 -c 'import os,sys; sys.stdout.buffer.write(os.environ["KEY"].encode("utf-16-le"))'`},
		{name: "quoted", tries: "printf %q and ${KEY@Q}", after: `printf '%q %s\n' "$KEY" "${KEY@Q}"`},
		{name: "od", tries: "od -c, the characters apart", after: `printf %s "$KEY" | od -An -v -c`, beyond: rewritten},
		{name: "one a line", tries: "one character a line", after: `printf %s "$KEY" | fold -w1`, beyond: rewritten},
		{name: "rot13", tries: "rot13", after: `printf %s "$KEY" | tr A-Za-z N-ZA-Mn-za-m`, beyond: rewritten},
		{name: "pieces", tries: "nine characters a line", after: `printf %s "$KEY" | fold -w9`, beyond: rewritten},
	}
	return list
}
