package cli

import (
	"errors"
	"strings"
	"testing"

	"noxkey/secret"
)

// TestRefusedCommands: what lists the environment, reads a .env file or a handoff is
// refused, and what a developer needs is not.
func TestRefusedCommands(t *testing.T) {
	const script = "/tmp/noxkey-1000/ABCDEFGH23456723/load"
	for command, why := range map[string]string{
		"env": whyEnvironment, "printenv": whyEnvironment, "printenv KEY": whyEnvironment, "env | grep KEY": whyEnvironment, "FOO=1 env": whyEnvironment,
		"make test && env": whyEnvironment, "echo $(env)": whyEnvironment, "env > x": whyEnvironment, "sudo env": whyEnvironment, "/usr/bin/env": whyEnvironment,
		"export -p": whyEnvironment, "export": whyEnvironment, "declare -p KEY": whyEnvironment, "declare -x": whyEnvironment, "set": whyEnvironment, "set | grep KEY": whyEnvironment,
		"compgen -v": whyEnvironment, "typeset -p": whyEnvironment, "cat /proc/self/environ": whyEnvironment, "tr '\\0' '\\n' < /proc/123/environ": whyEnvironment,
		"env -u FOO printenv": whyEnvironment, "for i in 1; do env; done": whyEnvironment,
		"cat .env": whyDotenv, "cat ./config/.env.production": whyDotenv, "grep KEY .env": whyDotenv, "head -n 3 .env.local": whyDotenv, "cat < .env": whyDotenv, "wc <.env": whyDotenv,
		"source .env": whyDotenv, "cp .env /tmp/x": whyDotenv, "cat '.env'": whyDotenv, "cp -t /tmp x .env": whyDotenv, "mv .env .env.bak": whyDotenv,
		"cat .env*": whyDotenv, "cat .e*": whyDotenv, "head .env.*": whyDotenv, `bash -c "cat .env"`: whyDotenv, "sh -ec 'env'": whyEnvironment, `cat "my folder/.env"`: whyDotenv,
		"grep -e KEY .env": whyDotenv, "grep --regexp=KEY .env": whyDotenv, "rg -n KEY src .env": whyDotenv, "jq -r .env .env": whyDotenv, `FOO="a b" env`: whyEnvironment,
		"awk '{print $1}' .env": whyDotenv, `grep -E "a|b" .env`: whyDotenv, `echo "$(cat .env)"`: whyDotenv, "echo \"x `cat .env`\"": whyDotenv, "echo it's; cat .env": whyDotenv,
		`printf %s "$(env)"`: whyEnvironment, `cat \.env`: whyDotenv, "cat \\\n .env": whyDotenv, `echo "a \" b"; env`: whyEnvironment, "cat $'.env'": whyDotenv,
		"bash -c 'cat " + script + "'": whyHandoff, "sh -c cat < .env": whyDotenv,
		"cat " + script: whyHandoff, "source " + script + " && cat " + script: whyHandoff, "head /tmp/noxkey-1000/ABCDEFGH23456723/pipe": whyHandoff, "sh " + script: whyHandoff,
		"cp " + script + " x": whyHandoff, "source x " + script: whyHandoff, script: whyHandoff,
	} {
		if got := refusedCommand(command); got != why {
			t.Errorf("%q: %q", command, got)
		}
	}
	for _, command := range []string{
		"make test", "env FOO=1 make", "env -i PATH=/bin ls", "export FOO=1", "set -e", "set -euo pipefail", "set -- a b", "declare -i n=1", "go env", "npm run env",
		"source '" + script + "' && make test", ". " + script + " && ./deploy", "ls -la .env", "rm .env", "git add .env.example", "cat .env.example", "cat README.md",
		"docker run --env-file .env image", "test -f .env", "noxkey scan .env", "noxkey run --env-file .env -- make", "echo done", "printf env", "grep -rn environ src", "export PATH=$PATH:/x", "",
		"cp .env.example .env", "echo PORT=1 | tee -a .env", "grep -rn process.env src", `grep -rnE "FOO process.env" src`, "rg -e process.env src", "jq .env package.json", "sed -i 's/x/process.env/' a.js",
		`git commit -m "say what cat .env shows"`, `git commit -m "first this; cat .env | then that"`, "echo 'env && printenv'", `rg "a|env|b" src`, "bash -c 'make test'", "bash build.sh -c",
		"bash -c \"source '" + script + "' && make\"",
	} {
		if got := refusedCommand(command); got != "" {
			t.Errorf("%q: refused: %s", command, got)
		}
	}
}

func TestRefusedFiles(t *testing.T) {
	for _, c := range []struct{ tool, key, path, why string }{
		{"Read", "file_path", "/w/.env", whyDotenv}, {"Read", "file_path", "/w/.env.example", ""}, {"Read", "file_path", "/w/main.go", ""},
		{"Grep", "path", "/w/.env.local", whyDotenv}, {"Read", "file_path", "/tmp/noxkey-0/ABCDEFGH23456723/load", whyHandoff},
		{"Read", "file_path", "/proc/12/environ", whyEnvironment}, {"Write", "file_path", "/w/.env", ""}, {"Edit", "file_path", "/w/.env", whyDotenv}, {"SomethingNew", "path", "/w/.env", whyDotenv},
		{"Grep", "glob", "**/.env*", whyDotenv}, {"Grep", "glob", "!.env*", ""}, {"Grep", "glob", "*.go", ""}, {"Grep", "pattern", "process.env", ""}, {"Grep", "pattern", ".env", ""},
	} {
		if got := refusedTool(c.tool, map[string]any{c.key: c.path}); got != c.why {
			t.Errorf("%s %s: %q", c.tool, c.path, got)
		}
	}
}

func TestStagedFilesAreParsed(t *testing.T) {
	files, err := parseRaw([]byte(":000000 100644 0000 aaaa A\x00new file\x00:100644 100644 bbbb cccc M\x00x\x00:160000 160000 d e M\x00module\x00"))
	if err != nil || len(files) != 2 || files[0] != (stagedFile{"new file", "aaaa"}) || files[1] != (stagedFile{"x", "cccc"}) {
		t.Errorf("%v, %v", files, err)
	}
	for _, bad := range []string{"x", ":1 2 3 M\x00a\x00", "a\x00b\x00"} {
		if _, err := parseRaw([]byte(bad)); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

// TestGuardBudgetHint: no card is open that could be waited for.
func TestGuardBudgetHint(t *testing.T) {
	err := budget(secret.Errorf(secret.Busy, "too much"))
	if f, ok := errors.AsType[*failure](err); !ok || f.msg != "too much" || strings.Contains(f.hint, "card") {
		t.Errorf("%#v", err)
	}
	if err := budget(secret.Errorf(secret.Locked, "locked")); secret.CodeOf(err) != secret.Locked {
		t.Errorf("%v", err)
	}
}
