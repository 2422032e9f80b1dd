package main

// realMoves are made against the released app in a terminal, which does more for itself
// than the rig: it is shut against other programs, and knows its own client. FRONT is
// the person's tmux.
func realMoves() []move {
	list := []move{
		{name: "real app files", tries: "the app's environ, maps, descriptors and auxv", proof: "Permission denied",
			sh: `for f in environ maps auxv stack syscall mem; do cat /proc/$APP/$f; done 2>&1; ls -la /proc/$APP/fd /proc/$APP/cwd 2>&1; head -c 100 /proc/$APP/fd/3 2>&1`},
		{name: "real app mem", tries: "the app's memory by /proc/PID/mem", sh: "/usr/bin/python3 - $APP mem <<'PYTHON'" + grep + "\nPYTHON\n", need: []string{"python3"}, proof: "Permission denied"},
		{name: "real app ptrace", tries: "attach to the app", sh: `timeout 3 strace -f -p $APP 2>&1; gdb -p $APP -batch -ex 'generate-core-file' 2>&1 | head; echo made`, need: []string{"strace"}, proof: "not permitted"},
		{name: "real screen", tries: "read the person's terminal, and all it has shown", sh: `tmux -S $FRONT capture-pane -p -S -; tmux -S $FRONT list-buffers; tmux -S $FRONT show-environment; echo made`, proof: "made"},
		{name: "real keys", tries: "press keys in the person's terminal while a card waits, nobody being there", away: true, proof: "deny (also Esc)",
			sh: `timeout 20 noxkey --home $H get acme/web/TOKEN >$T/o 2>&1 & for i in $(seq 60); do tmux -S $FRONT capture-pane -p | grep -q 'also Esc' && break; sleep 0.1; done; tmux -S $FRONT capture-pane -p; sleep 0.7; for k in a Enter a y Space v correct Enter '' Enter; do tmux -S $FRONT send-keys "$k"; sleep 0.3; done; kill %1; wait; cat $T/o; . $T/o 2>/dev/null; echo "made $TOKEN"`},
		{name: "real keys easy", tries: "the same for an easy secret", away: true, proof: "deny (also Esc)",
			sh: `timeout 20 noxkey --home $H get acme/api/SOFT >$T/o 2>&1 & for i in $(seq 60); do tmux -S $FRONT capture-pane -p | grep -q 'also Esc' && break; sleep 0.1; done; tmux -S $FRONT capture-pane -p; sleep 0.7; for k in a Enter a y Enter v Enter; do tmux -S $FRONT send-keys "$k"; sleep 0.4; done; kill %1; wait; . $T/o 2>/dev/null; echo "made $SOFT"`},
		{name: "real own client", tries: "a client of the agent's asks for every delivery, of a normal and an easy secret", proof: "speak: get",
			sh: `for n in acme/api/KEY acme/api/SOFT; do for d in raw eval print copy load export; do echo '{"op":"get","targets":["'$n'"],"delivery":"'$d'","client":"human"}'; done; done | speak "$H"`},
		{name: "real own client redeems", tries: "a client of the agent's asks for a ticket and redeems it itself; the person would allow it", own: true, proof: "speak: get",
			sh: `printf '%s\n' '{"op":"get","targets":["acme/api/KEY"],"delivery":"shell"}' '{"op":"redeem","ticket":"TICKET","reader":"bash 1"}' | speak "$H"`},
		{name: "real own client runs", tries: "a client of the agent's asks as noxkey run does; the person would allow it", own: true, proof: "speak: get", sh: ownRun},
		{name: "real changed client", tries: "noxkey with one byte more, for the handoff", own: true, proof: "noxkey:",
			sh: `cp $(command -v noxkey) $T/noxkey; printf x >>$T/noxkey; timeout 8 $T/noxkey --home $H get $N >$T/o; cat $T/o; p=$(sed "s/^\. '//; s/load'$//" $T/o)pipe; timeout 3 cat "$p"; . $T/o; echo "KEY is ${KEY-none}"`},
		{name: "real home", tries: "everything in the app's home, as it is while the app runs", sh: `find $(dirname "$H") -type f -exec cat {} + 2>&1; echo made`, proof: "made"},
		{name: "real human forms", tries: "the person's forms of the client", sh: `for l in 'get --raw acme/api/SOFT' 'get --raw acme/api/KEY' 'export acme' 'load acme' 'bundle web' audit; do noxkey --home $H $l; done`, proof: "noxkey:"},
		{group: waiting, name: "real after load", tries: "the memory of app and MCP server after a good load", need: []string{"python3"}, proof: "Permission denied",
			sh: `bash -c 'source "$S" && echo "loaded ${#KEY}"'; /usr/bin/python3 - $APP mem <<'PYTHON'` + grep + "\nPYTHON\n/usr/bin/python3 - $MCP vm <<'PYTHON'" + grep + "\nPYTHON\n"},
		{group: waiting, name: "real cat", tries: "cat of the pipe", sh: `cat "$P"` + then, proof: told},
		{name: "real client debugged", tries: "noxkey run under strace from its start: it prints what the program is started with", own: true, need: []string{"strace"},
			sh: `strace -f -v -s 4096 -e trace=execve noxkey --home $H run $N -- /bin/true 2>&1`, limit: "a debugger that has the client in its hands before it asks"},
		{name: "real echo", tries: "echo $KEY with the released programs", after: `echo "$KEY"`},
		{name: "real fatal signals", tries: "QUIT, ABRT and SEGV to the app: what does it print as it dies?", proof: "made",
			sh: `kill -QUIT $APP; sleep 0.7; kill -SEGV $APP 2>/dev/null; sleep 0.3; tmux -S $FRONT capture-pane -p -S - 2>&1; find $(dirname "$H") ~ -name 'core*' -exec cat {} + 2>/dev/null; echo made`},
	}
	for i := range list {
		list[i].real = true
	}
	return list
}

// ownRun asks as noxkey run does.
const ownRun = `echo '{"op":"get","targets":["acme/api/KEY"],"delivery":"run","command":"make migrate","run":{"path":"/usr/bin/env","file":"1:1 1 1.1","argv":["env"],"dir":"'$PWD'"}}' | speak "$H"`
