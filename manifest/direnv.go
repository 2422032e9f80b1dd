package manifest

// Direnv is a .envrc for who wants the variables of a manifest in the shell itself.
//
// What direnv does with them is said in it, because it is not what "noxkey run" does:
// the values stay in the shell and in DIRENV_DIFF, where a prompt, a plugin and every
// program and agent started there can read them. direnv is no shell, so it stands in the
// process chain and the person is asked each time it loads: a session does not cover it.
//
// The output is taken first and evaluated after, since eval "$(command)" goes on when the
// command fails.
const Direnv = `# Loads the secrets of .noxkey.toml into this shell, after asking you.
# They stay in its environment (and in DIRENV_DIFF): every program you start here can
# read them, an agent too. "noxkey run -- command" gives them to that command alone,
# hides them in its output, and needs no .envrc.
watch_file .noxkey.toml
noxkey_lines=$(noxkey load) || { log_error "noxkey: nothing was loaded"; return 1; }
eval "$noxkey_lines"
unset noxkey_lines
`
