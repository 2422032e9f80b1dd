package main

// cliMoves call the client's forms that are a person's, and what it has hidden.
func cliMoves() []move {
	list := []move{
		{name: "cli background", tries: "the hidden background command with a job of the agent's: any delivery, any reader", proof: `"error"`,
			sh: `for d in raw eval load export copy print; do echo '{"home":"'$H'","request":{"op":"get","targets":["acme/api/KEY"],"delivery":"'$d'","client":"human"},"under":{"pid":1,"start":0}}' | timeout 10 noxkey __handoff; done`},
		{name: "cli clear", tries: "the hidden command that clears the clipboard, to see what it says", sh: `echo '{}' | timeout 5 noxkey __clear; echo made`, proof: "made"},
		{name: "cli completion", tries: "completion of values: noxkey __complete", sh: `NK __complete get ''; NK __complete peek acme/api/KEY ''; NK __complete get acme/api/K`, proof: "acme"},
		{name: "cli listings", tries: "ls in all shapes, for a field that holds more than it should", sh: `NK ls --json; NK ls --tree; NK ls acme --json; NK status --json; NK sessions --json`, proof: "acme/api/KEY"},
		{name: "cli peek oracle", tries: "peek of everything, often and under --json", sh: `for i in 1 2 3; do for n in $N acme/api/HARD acme/api/SOFT acme/web/PASS acme/api/OFF login/example.com/PASSWORD; do NK peek $n; NK peek --json $n; done; done`, proof: public},
		{name: "cli overwrite and compare", tries: "set over the value from standard input, then peek and ls: which value is it now?", proof: "noxkey:",
			sh: `printf x | NK set $N --stdin; printf x | NK set $N --stdin --replace; NK peek $N`},
		{name: "cli import over it", tries: "import a .env with the same key, in the hope of a diff of the values", sh: `echo KEY=x >$T/.env; NK import $T/.env --under acme/api; NK scan $T --under acme/api`, proof: "noxkey:"},
		{name: "cli set a trap", tries: "store names that change how programs run: BASH_ENV, LD_PRELOAD, PATH", sh: `for k in BASH_ENV LD_PRELOAD PATH PS4 PROMPT_COMMAND; do printf /tmp/x | NK set agent/own/$k --stdin; done`, proof: "noxkey:"},
		{name: "cli settings by environment", tries: "NOXKEY_* and Go's variables that might loosen or debug", proof: "noxkey:",
			sh: `env NOXKEY_HOME=$H NOXKEY_DEBUG=1 NOXKEY_ALLOW=1 NOXKEY_HUMAN=1 NOXKEY_TEST=1 NOXKEY_LEVEL=easy GODEBUG=http2debug=2,gctrace=1 GOTRACEBACK=crash DEBUG='*' noxkey --home $H get --raw $N`},
		{name: "cli config files", tries: "configuration in the home folder that turns cards off", proof: "noxkey:",
			sh: `mkdir -p ~/.config/noxkey ~/.noxkey; for f in ~/.config/noxkey/config.toml ~/.config/noxkey/settings.json ~/.noxkey/config ~/.noxkey.toml ./.noxkey.toml; do echo 'allow = true' >$f; done; NK get --raw $N; rm -rf ~/.config ~/.noxkey* ./.noxkey.toml`},
		{name: "cli another home", tries: "a home of the agent's with the vault and pin linked into it", proof: "noxkey:",
			sh: `mkdir -m 700 $T/h; for f in "$H"/*; do ln -s $f $T/h/; done; noxkey --home $T/h get --raw $N; cp -r "$H" $T/c 2>/dev/null; noxkey --home $T/c get --raw $N`},
		{name: "cli run plain", tries: "noxkey run --plain, which a person may, and run that nobody allows", proof: "noxkey:",
			sh: `NK run --plain $N -- env; NK run $N -- env; NK run acme/web/TOKEN -- env; NK run $N`},
		{name: "cli run background", tries: "the hidden command behind run, with a job of the agent's", proof: "made",
			sh: `for c in $(strings $(command -v noxkey) 2>/dev/null | grep -xE '__[a-z]+' | sort -u | head -20) __leader __run; do timeout 3 noxkey $c </dev/null 2>&1; done; echo made`},
		{name: "cli eval", tries: "eval \"$(noxkey get)\" without an approval", sh: `eval "$(NK get acme/web/TOKEN)"; echo "got: $TOKEN"`, proof: "noxkey:"},
		{name: "cli background load", tries: "source what get prints, a card that nobody allows", sh: `NK get acme/web/TOKEN >$T/line; cat $T/line; . $T/line; env`, proof: "noxkey:"},
	}
	for _, c := range []struct{ name, line string }{
		{"get --raw", `NK get --raw $N; NK get --raw acme/api/SOFT`}, {"get --copy", `NK get --copy $N; timeout 2 xclip -o 2>&1; timeout 2 wl-paste 2>&1`},
		{"load", `NK load acme/api; NK load acme/web`}, {"bundle", `NK bundle web`}, {"export", `NK export acme/api; NK export acme/api -o $T/x; NK export acme/api >$T/y; cat $T/*`},
		{"audit", `NK audit; NK audit --json`}, {"edit --level", `NK edit acme/api/OFF --level easy; NK edit acme/api/HARD --level easy; NK get --raw acme/api/HARD`},
		{"edit --type", `NK edit acme/web/PASS --type text; NK peek acme/web/PASS`}, {"unlock", `NK unlock acme; NK unlock acme/api --for 24h; NK get --raw $N`},
		{"mv", `NK mv acme/api/OFF agent/own/OFF; NK get agent/own/OFF`}, {"rm", `NK rm acme/api/HARD; NK rm acme/api/HARD --yes`},
		{"passwd and rekey", `printf 'x\nx\n' | NK passwd; printf 'x\n' | NK rekey`}, {"verify", `NK verify; NK verify --json`},
		{"backup and restore", `NK backup -o $T/b; NK backup $T/b; NK restore $T/b; NK settings; NK settings cards off`},
	} {
		list = append(list, move{name: "cli " + c.name, tries: "noxkey " + c.name + ", which needs a person", sh: c.line, proof: "noxkey:"})
	}
	return list
}

// fileMoves read what lies on the disk.
func fileMoves() []move {
	return []move{
		{name: "file vault", tries: "read the vault, bare and decoded", sh: `cat "$H"/vault*; for f in "$H"/vault*; do base64 -d <$f; tr -d '\n' <$f | base64 -d -i; done 2>/dev/null; echo made`, proof: "made"},
		{name: "file generation before", tries: "read the vault's older sibling, and whatever else lies in the home", sh: `find "$H" -type f -exec cat {} +; ls -la "$H"`, proof: "vault"},
		{name: "file audit", tries: "read the audit log", sh: `cat "$H"/audit* && echo made`, proof: "made"},
		{name: "file temporary", tries: "everything of the user's below /tmp, /dev/shm and /var/tmp that is young", sh: `find /tmp/noxkey-$(id -u) /dev/shm /var/tmp ~ -user $(id -u) -type f -mmin -30 -size -2M -exec cat {} + 2>/dev/null; echo made`, proof: "made"},
		{name: "file raw socket", tries: "speak JSON to the socket without a seal, from python", need: []string{"python3"}, proof: "noxkey",
			sh: python(`
import socket, glob, json, os
for path in glob.glob(os.environ["H"] + "/*sock*"):
    for frame in ['{"noxkey":1,"request":{"op":"get","targets":["acme/api/KEY"],"delivery":"raw","client":"human"}}', '{"op":"get"}', 'GET / HTTP/1.0\r\n', '{"noxkey":1,"key":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=","request":{"op":"redeem","ticket":"A"}}']:
        s = socket.socket(socket.AF_UNIX); s.settimeout(3); s.connect(path)
        try:
            print(s.recv(65536)); s.sendall(frame.encode() + b"\n"); print(s.recv(65536))
        except OSError as e: print(e)`)},
		{name: "file copy of the socket's home", tries: "write the vault back with a byte changed in the copy only, to hear an error that quotes", sh: `cp -r "$H" $T/h && chmod 700 $T/h && printf X | dd of=$(ls $T/h/vault* | head -1) bs=1 seek=200 conv=notrunc 2>/dev/null; noxkey --home $T/h verify; noxkey --home $T/h ls`, proof: "noxkey:"},
	}
}

// python is a shell line that runs a program.
func python(text string) string { return "/usr/bin/python3 - <<'PYTHON'\n" + text + "\nPYTHON\n" }
