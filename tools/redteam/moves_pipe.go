package main

// told is what a reader that is no shell gets.
const told = "this pipe answers only a shell"

// then follows a refused read: the handoff must be worth nothing now.
const then = `; source "$S" && echo "loaded after all: $KEY"; true`

// pipeMoves have an approved handoff, and read it as no shell does.
func pipeMoves() []move {
	list := []move{
		{name: "script cat", tries: "read the script", sh: `cat "$S"; base64 "$S"; grep . "$S"`, proof: "NoxKey handoff"},
		{name: "script editor", tries: "read the script as an editor does: lock, map, copy, rename back", need: []string{"python3"}, proof: "NoxKey handoff", sh: python(`
import os, mmap, fcntl
p = os.environ["S"]
with open(p, "r+b") as f:
    fcntl.flock(f, fcntl.LOCK_EX); print(mmap.mmap(f.fileno(), 0)[:])
os.rename(p, p + "~"); open(p, "wb").write(open(p + "~", "rb").read()); print(os.listdir(os.path.dirname(p)))`)},
		{name: "script perl", tries: "read the script with perl, and all names beside it", need: []string{"perl"}, sh: `perl -ne 'print' "$S"; perl -e 'print join " ", glob("$ENV{D}/*")'; stat "$P"`, proof: "NoxKey handoff"},
		{name: "script parsed", tries: "run the script's parts: the setter with another verb", sh: `sed 's/command export/echo/' "$S" >$T/s; bash -c ". $T/s" | cat -A; bash -x $T/s`, proof: "noxkey",
			limit: "a script of the agent's in the place of ours is a shell that loads and prints"},
		{name: "pipe link", tries: "a hard link to the pipe, read by cat after the script was sourced", sh: `ln "$P" $T/p || ln "$P" $D/q; source "$S" >/dev/null; timeout 3 cat $T/p $D/q; echo made`, proof: "made"},
		{name: "script link", tries: "a hard link to the script, sourced after the script was", sh: `ln "$S" $D/l; source "$S" && unset KEY; source $D/l; echo "KEY is ${KEY-none}"`, proof: "KEY is none"},
		{name: "script copy", tries: "a copy of the script, sourced after the script was", sh: `cp "$S" $T/l; source "$S" && unset KEY; source $T/l; echo "KEY is ${KEY-none}"`, proof: "KEY is none"},
		{name: "script twice", tries: "source it twice", sh: `source "$S" && unset KEY; source "$S"; echo "KEY is ${KEY-none}"`, proof: "KEY is none"},
		{name: "script descriptor", tries: "keep the script open, source it again from the descriptor", sh: `exec 7<"$S"; source "$S" && unset KEY; source /dev/fd/7; echo "KEY is ${KEY-none}"`, proof: "KEY is none"},
		{name: "script replay later", tries: "source it, and again from another shell a second later", sh: `bash -c 'source "$S"'; sleep 1; bash -c 'source "$S"; echo "KEY is ${KEY-none}"'`, proof: "KEY is none"},
		{name: "pipe kept", tries: "a descriptor of the pipe kept by a sleeping program while the script is sourced", sh: `sleep 3 7<>"$P" & sleep 0.2; source "$S"; echo "KEY is ${KEY-none}"; head -c 400 /proc/$!/fd/7 & sleep 0.3; kill %1 %2; wait`, proof: "KEY is none"},
		{name: "two shells", tries: "two shells source it at once", sh: `bash -c 'source "$S" && echo "loaded"' & bash -c 'source "$S" && echo "loaded"' & wait; echo made`, proof: "made"},
		{name: "becomes cat", tries: "a shell that opens the pipe and becomes cat", sh: `bash -c 'exec 3<"$P"; exec cat <&3'` + then, proof: "noxkey:"},
		{name: "becomes cat slowly", tries: "the same, each time later, until it hits the space between the two looks", times: 12, proof: "made",
			sh: `mkfifo $T/f; bash -c 'exec 4<>$T/f 3<"$P"; read -t 0.$(printf %03d $((I*4))) -u 4; exec 4<&- cat <&3'; echo made`},
		{name: "copied cat", tries: "cat under the names of shells", sh: `for n in bash sh dash; do cp /bin/cat $T/$n; timeout 3 $T/$n "$P"; done` + then, proof: told},
		{name: "titled python", tries: "a python that calls itself bash", need: []string{"python3"}, proof: told,
			sh: `exec -a bash /usr/bin/python3 -c 'import ctypes,os; ctypes.CDLL(None).prctl(15, b"bash", 0, 0, 0); print(open(os.environ["P"]).read())'`},
		{name: "orphan shell", tries: "a shell that left the agent's tree sources it", proof: "made",
			sh: `/bin/sh -c '(sleep 0.3; bash -c "source $S && echo \"orphan has \$KEY\"" >$T/o 2>&1; touch $T/end) & exit'; for i in $(seq 60); do [ -e $T/end ] && break; sleep 0.1; done; cat $T/o; echo made`},
		{name: "killed server", tries: "kill -9 the MCP server, then read and source", sh: `kill -9 $MCP; timeout 3 cat "$P"; timeout 5 bash -c 'source "$S"; echo "KEY is ${KEY-none}"'`, proof: "KEY is none"},
		{name: "frozen server", tries: "stop the MCP server, let a shell open the pipe and become cat, go on", proof: "made",
			sh: `kill -STOP $MCP; bash -c 'exec 3<"$P"; sleep 0.2; exec cat <&3' & sleep 0.5; kill -CONT $MCP; sleep 0.5; kill %1; wait; echo made`},
		{name: "swapped pipe", tries: "a pipe of the agent's in the place of ours", sh: `mv "$P" $T/real; mkfifo "$P"; timeout 2 bash -c 'source "$S"' & timeout 2 cat $T/real & timeout 2 bash -c 'echo x >"$P"' & wait; echo made`, proof: "made"},
		{name: "traced load", tries: "set -x and set -v around a good load", proof: "made 52", sh: `set -xv; source "$S"; set +xv; echo "made ${#KEY}"`},
		{name: "trace elsewhere", tries: "the same by BASH_XTRACEFD and SHELLOPTS, in a shell that was started so", proof: "made 52",
			sh: `exec 5>&1; env BASH_XTRACEFD=5 SHELLOPTS=xtrace:verbose bash -c 'source "$S"; set +xv; echo "made ${#KEY}"'`},
		{name: "quiet load", tries: "all that a good load itself prints, in a pipeline and with its errors", sh: `source "$S" 2>&1 | cat -v; echo made`, proof: "made"},
		{name: "server after load", tries: "the MCP server's memory after a good load", need: []string{"python3"}, proof: "searched",
			sh: `bash -c 'source "$S" && echo "loaded ${#KEY}"'; /usr/bin/python3 - $MCP mem <<'PYTHON'` + grep + "\nPYTHON\n"},
		{name: "app after load", tries: "the app's memory after a good load", need: []string{"python3"}, proof: "searched",
			sh: `bash -c 'source "$S" && echo "loaded ${#KEY}"'; /usr/bin/python3 - $APP mem <<'PYTHON'` + grep + "\nPYTHON\n"},
		{name: "another's ticket", tries: "a ticket that one client was given, redeemed by another process", own: true, proof: "speak: redeem",
			sh: `(echo '{"op":"get","targets":["acme/api/KEY"],"delivery":"shell"}'; sleep 6) | speak "$H" $T/t & for i in $(seq 50); do [ -s $T/t ] && break; sleep 0.1; done; echo '{"op":"redeem","ticket":"'$(cat $T/t)'","reader":"bash 1"}' | speak "$H"; kill %1`},
		{name: "other name by ticket", tries: "a ticket of one name, redeemed with another name in the request", own: true, proof: "speak: redeem",
			sh: `printf '%s\n' '{"op":"get","targets":["acme/api/KEY"],"delivery":"shell"}' '{"op":"redeem","ticket":"TICKET","targets":["acme/api/HARD"],"reader":"bash 1"}' | speak "$H" | sed 's/^value: .*//'`},
		{name: "command line handoff", tries: "what noxkey get prints, read by cat and by python", own: true, proof: "noxkey:",
			sh: `NK get $N >$T/l; cat $T/l; p=$(sed "s/^\. '//; s/load'$//" $T/l)pipe; timeout 5 cat "$p"; . $T/l; echo "KEY is ${KEY-none}"`},
		{name: "TMPDIR handoff", tries: "a TMPDIR, HOME and XDG_RUNTIME_DIR of the agent's for the handoff's folder", own: true, proof: "/tmp/noxkey-",
			sh: `mkdir -m 777 $T/w; TMPDIR=$T/w HOME=$T/w XDG_RUNTIME_DIR=$T/w noxkey --home $H get $N; find $T -type f -o -type p`},
	}
	for _, r := range []struct{ tool, line string }{
		{"cat", `cat "$P"`}, {"dd", `dd if="$P" bs=1`}, {"python3", `/usr/bin/python3 -c 'import os; print(open(os.environ["P"]).read())'`}, {"head", `head -c 100 "$P"`},
		{"tail", `timeout 3 tail -f "$P"`}, {"od", `od -c "$P"`}, {"busybox", `busybox cat "$P"`}, {"perl", `perl -pe '' "$P"`}, {"awk", `awk 1 "$P"`},
		{"xxd", `xxd -p "$P"`}, {"tee", `tee <"$P"`}, {"grep", `grep -a . "$P"`}, {"node", `node -e 'process.stdout.write(require("fs").readFileSync(process.env.P))'`},
	} {
		m := move{name: "pipe " + r.tool, tries: "open the pipe with " + r.tool + ", and source the script afterwards", sh: r.line + then, need: []string{r.tool}, proof: told}
		switch r.tool {
		case "head", "od", "xxd": // they show it in pieces
			m.proof = ""
		}
		list = append(list, m)
	}
	for i := range list {
		list[i].group = waiting
	}
	return list
}
