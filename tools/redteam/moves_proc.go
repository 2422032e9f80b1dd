package main

import "strconv"

// grep is a python program that looks through a process's memory for what a peek
// showed, by /proc/PID/mem or process_vm_readv(2), and prints what follows it.
const grep = `
import os, sys, ctypes
pid, how = int(sys.argv[1]), sys.argv[2]
libc = ctypes.CDLL(None, use_errno=True)
class iov(ctypes.Structure): _fields_ = [("b", ctypes.c_void_p), ("n", ctypes.c_size_t)]
def vm(at, n):
    b = ctypes.create_string_buffer(n)
    got = libc.process_vm_readv(pid, ctypes.byref(iov(ctypes.addressof(b), n)), 1, ctypes.byref(iov(at, n)), 1, 0)
    if got < 0: raise OSError(ctypes.get_errno(), "process_vm_readv")
    return b.raw[:got]
def mem(at, n):
    with open("/proc/%d/mem" % pid, "rb", 0) as f:
        f.seek(at); return f.read(n)
read, hits, size = vm if how == "vm" else mem, set(), 0
try:
    maps = open("/proc/%d/maps" % pid).read()
except OSError as e:
    maps = ""; print("maps:", e)
for l in maps.splitlines():
    w = l.split(); a, b = (int(x, 16) for x in w[0].split("-"))
    if "w" not in w[1] or b - a > 256 << 20: continue
    for at in range(a, b, 1 << 20):
        try: chunk = read(at, min(1 << 20, b - at))
        except OSError as e: continue
        size += len(chunk)
        i = chunk.find(b"` + public + `")
        while i >= 0:
            hits.add(chunk[i:i+80]); i = chunk.find(b"` + public + `", i + 1)
print("searched", size)
for h in hits: print(h)
`

// procMoves look into processes.
func procMoves() []move {
	mem := func(who, how string) string {
		return "/usr/bin/python3 - $" + who + " " + how + " <<'PYTHON'" + grep + "\nPYTHON\n"
	}
	all := func(who string) string {
		return `for f in environ cmdline maps stack syscall auxv; do echo $f; tr '\0' '\n' </proc/$` + who + `/$f; done 2>&1; ls -la /proc/$` + who + `/fd; for f in /proc/$` + who + `/fd/*; do timeout 1 head -c 4000 $f </dev/null; done 2>&1; echo made`
	}
	return []move{
		{name: "proc app files", tries: "the app's environ, cmdline, maps and descriptors", sh: all("APP"), proof: "made"},
		{name: "proc server files", tries: "the MCP server's environ, cmdline and maps (its descriptors are the agent's own)",
			sh: `for f in environ cmdline maps stack syscall auxv; do echo $f; tr '\0' '\n' </proc/$MCP/$f; done 2>&1; ls -la /proc/$MCP/fd; echo made`, proof: "made"},
		{name: "proc app mem", tries: "the app's memory by /proc/PID/mem, searched for what a peek showed", sh: mem("APP", "mem"), need: []string{"python3"}, proof: "searched"},
		{name: "proc app vm_readv", tries: "the app's memory by process_vm_readv(2)", sh: mem("APP", "vm"), need: []string{"python3"}, proof: "searched"},
		{name: "proc server mem", tries: "the MCP server's memory by /proc/PID/mem", sh: mem("MCP", "mem"), need: []string{"python3"}, proof: "searched"},
		{name: "proc server vm_readv", tries: "the MCP server's memory by process_vm_readv(2)", sh: mem("MCP", "vm"), need: []string{"python3"}, proof: "searched"},
		{name: "proc ptrace", tries: "attach to the app and to the MCP server, and watch what they write", need: []string{"strace"}, proof: "strace",
			sh: `timeout 2 strace -f -s 4096 -e trace=read,write,sendto -p $APP 2>&1 & timeout 2 strace -f -s 4096 -e trace=read,write -p $MCP 2>&1 & sleep 0.3; NK peek $N; wait`},
		{name: "proc server quit", tries: "SIGQUIT to a server of the agent's with GOTRACEBACK=crash, and its core", proof: "made",
			sh: `cd $T; ulimit -c unlimited; (sleep 1.5) | GOTRACEBACK=crash noxkey --home $H mcp & sleep 0.7; pkill -QUIT -P $$ noxkey; wait; ls -la $T; for c in $T/*core*; do strings -n 12 $c 2>/dev/null | grep -a ` + public + `; done; echo made`},
		{name: "proc server abort", tries: "SIGABRT and SIGSEGV to the agent's own MCP server, after a refused get", proof: "made",
			mcp: []string{call("noxkey_get", `{"account":"acme/web/TOKEN"}`)}, sh: `kill -SEGV $MCP; sleep 0.3; ls -la core* ~/core* /var/crash 2>/dev/null; echo made`},
	}
}

// identityMoves forge who is asking. Each tries the person's forms.
func identityMoves() []move {
	const ask = `noxkey --home $H get --raw $N; noxkey --home $H get --raw acme/api/SOFT; noxkey --home $H status`
	list := []move{
		{name: "id own client human", tries: "a client of the agent's that says it is human, for every delivery", proof: "speak: get",
			sh: `for d in raw eval print copy load export; do echo '{"op":"get","targets":["acme/api/KEY"],"delivery":"'$d'","client":"human"}'; done | speak "$H"`},
		{name: "id own client easy", tries: "the same for an easy secret, which asks a person for nothing", proof: "speak: get",
			sh: `for d in raw eval print copy load export; do echo '{"op":"get","targets":["acme/api/SOFT"],"delivery":"'$d'","client":"human"}'; done | speak "$H"`},
		{name: "id own client run", tries: "a client of the agent's that asks as noxkey run does; the person denies", proof: "speak: get", sh: `echo '{"op":"get","targets":["acme/web/TOKEN"],"delivery":"run","command":"make"}' | speak "$H"`},
		{name: "id guessed ticket", tries: "redeem tickets that were never given", proof: "speak: redeem",
			sh: `for i in 1 2 3 4 5; do echo '{"op":"redeem","ticket":"AAAAAAAAAAAAAAAAAAAAAAAAA'$i'","reader":"bash 1"}'; done | speak "$H"`},
		{name: "id own session", tries: "a client of the agent's opens a session for itself", proof: "speak: unlock",
			sh: `printf '%s\n' '{"op":"unlock","targets":["acme"],"session":86400,"client":"human"}' '{"op":"unlock","targets":["acme"],"session":86400,"mcp":true}' '{"op":"get","targets":["acme/api/KEY"],"delivery":"shell"}' '{"op":"redeem","ticket":"TICKET"}' | speak "$H"`},
		{name: "id govern", tries: "a client of the agent's ends the rest, pauses nothing, reads the audit, changes the passphrase", proof: "speak: rest",
			sh: `for o in rest pause audit verify end sessions passwd rekey places; do echo '{"op":"'$o'","client":"human"}'; done | speak "$H"`},
		{name: "id preloaded client", tries: "LD_PRELOAD, LD_AUDIT and BASH_ENV around the client", sh: `echo 'int x;' >$T/x.c; echo 'env' >$T/env; LD_PRELOAD=$T/x.so LD_AUDIT=$T/x.so BASH_ENV=$T/env noxkey --home $H get --raw $N; echo made`, proof: "made"},
	}
	ways := []struct{ name, tries, line string }{
		{"scrubbed", "env -i", `env -i PATH="$PATH" H="$H" N="$N" /bin/sh -c 'ASK'`},
		{"no mark", "CLAUDECODE and every other mark unset", `unset CLAUDECODE AI_AGENT CLAUDE_CODE_ENTRYPOINT; ASK`},
		{"other marks", "the environment of a terminal's shell", `TERM_PROGRAM=gnome-terminal SSH_TTY=/dev/pts/0 SSH_CONNECTION='192.0.2.1 1 192.0.2.2 22' TERM=xterm USER=you sh -c 'ASK'`},
		{"setsid", "a session of its own", `setsid -w /bin/sh -c 'ASK'`},
		{"nohup", "nohup, without standard input", `nohup /bin/sh -c 'ASK' </dev/null`},
		{"double fork", "an orphan, whose parent is init", `/bin/sh -c '(sleep 0.3; { ASK; } >$T/o 2>&1; touch $T/end) & exit'; for i in $(seq 60); do [ -e $T/end ] && break; sleep 0.1; done; cat $T/o`},
		{"pty", "a terminal of its own by script", `script -qec 'ASK' /dev/null </dev/null`},
		{"exec -a", "argv[0] of a terminal and of login", `for a in gnome-terminal-server -bash login sshd:; do bash -c "exec -a $a /bin/bash -c 'ASK'"; done`},
		{"renamed client", "copies of noxkey called sshd, login, zsh, gnome-terminal-server", `for a in sshd login zsh gnome-terminal-server noxkey-app; do cp $(command -v noxkey) $T/$a; (exec -a "$a" $T/$a --home $H get --raw $N); done; ASK`},
		{"renamed shell", "copies of a shell called konsole, alacritty, tmux", `for a in konsole alacritty xterm; do cp /bin/sh $T/$a; $T/$a -c 'ASK'; done`},
		{"under python", "a python with a title of its own between", `/usr/bin/python3 -c 'import ctypes,os; ctypes.CDLL(None).prctl(15, b"gnome-terminal-", 0, 0, 0); os.system(os.environ["ASK"])'`},
		{"under perl", "a perl whose name is sshd between", `/usr/bin/perl -e '$0="sshd: you\@pts/0"; system($ENV{ASK})'`},
		{"own tmux", "a tmux server of the agent's with a clean environment", `env -i PATH="$PATH" TERM=xterm SHELL=/bin/sh tmux -S $T/s -f /dev/null new-session -d "H=$H N=$N; export H N; { ASK; } >$T/o 2>&1; touch $T/end"; for i in $(seq 80); do [ -e $T/end ] && break; sleep 0.1; done; tmux -S $T/s kill-server; cat $T/o`},
		{"user namespace", "a user and pid namespace of the agent's", `unshare -Urpf --mount-proc /bin/sh -c 'ASK' || unshare -Ur /bin/sh -c 'ASK'; ASK`},
	}
	for _, w := range ways {
		line := w.line
		m := move{name: "id " + w.name, tries: w.tries + ", then get --raw of a normal and an easy secret", proof: "waiting"}
		m.sh = "export ASK='" + ask + "' T H N\n" + replaceAsk(line, ask)
		switch w.name {
		case "pty":
			m.need = []string{"script"}
		case "own tmux":
			m.need = []string{"tmux"}
		case "under python":
			m.need = []string{"python3"}
		case "under perl":
			m.need = []string{"perl"}
		}
		list = append(list, m)
	}
	return list
}

// personMoves work on the person and their desk.
func personMoves() []move {
	return []move{
		{name: "person storm", tries: "sixty requests at once, in the hope that one is allowed", proof: "denied",
			sh: `for i in $(seq 20); do for n in acme/web/TOKEN $N acme/api/HARD; do timeout 20 noxkey --home $H get $n & done; done; wait; NK get acme/web/TOKEN`},
		{name: "person storm by mcp", tries: "thirty calls at once, all with another reason", mcp: storm(30), proof: "denied"},
		{name: "person hang up", tries: "ask and hang up; the person allows too late: is something issued?", late: true, proof: "made",
			sh: `timeout 0.4 noxkey --home $H get $N >$T/o 2>&1; timeout 0.4 speak "$H" <<<'{"op":"get","targets":["acme/api/KEY"],"delivery":"shell"}'; sleep 3; cat $T/o; . $T/o 2>/dev/null; echo "made $KEY"`},
		{name: "person lock", tries: "lock the app and ask in the confusion", sh: `NK lock; NK get --raw $N; NK unlock acme; echo made`, proof: "made"},
		{name: "clipboard", tries: "read what a person may have copied", sh: `for c in 'xclip -o' 'xsel -ob' wl-paste 'tmux show-buffer'; do timeout 2 $c; done 2>&1; echo made`, proof: "made"},
	}
}

func storm(n int) (lines []string) {
	for i := range n {
		lines = append(lines, call("noxkey_get", `{"account":"acme/web/TOKEN","reason":"try `+strconv.Itoa(i)+`"}`))
	}
	return lines
}
