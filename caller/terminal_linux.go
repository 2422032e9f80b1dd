package caller

import (
	"path/filepath"

	"golang.org/x/sys/unix"
)

// terminals are the emulators that make a chain human, where Debian, Fedora and Arch install them.
// One written in a scripting language (terminator, guake) cannot be told from any other script of
// its interpreter and is not here; nor is one that a user installs below the home directory.
var terminals = set(
	"/usr/libexec/gnome-terminal-server",
	"/usr/lib/gnome-terminal/gnome-terminal-server",
	"/usr/lib/gnome-terminal-server",
	"/usr/bin/kgx", "/usr/bin/gnome-console",
	"/usr/bin/ptyxis", "/usr/libexec/ptyxis-agent", "/usr/lib/ptyxis-agent",
	"/usr/bin/konsole", "/usr/bin/yakuake",
	"/usr/bin/xfce4-terminal", "/usr/bin/mate-terminal", "/usr/bin/lxterminal", "/usr/bin/qterminal",
	"/usr/bin/tilix", "/usr/bin/sakura", "/usr/bin/terminology", "/usr/bin/deepin-terminal",
	"/usr/bin/xterm", "/usr/bin/lxterm", "/usr/bin/urxvt", "/usr/bin/urxvtd", "/usr/bin/rxvt", "/usr/bin/st",
	"/usr/bin/alacritty", "/usr/bin/kitty", "/usr/lib/kitty/kitty/launcher/kitty",
	"/usr/bin/foot", "/usr/bin/wezterm-gui", "/usr/bin/ghostty", "/usr/bin/rio", "/usr/bin/cosmic-term",
)

func set(paths ...string) map[string]struct{} {
	m := make(map[string]struct{}, len(paths))
	for _, p := range paths {
		m[p] = struct{}{}
	}
	return m
}

// theTerminal proves that the process runs the very file at that path here, and that only root
// could have put it there.
func theTerminal(p Process) bool { return sameFixedFile(p.Exe, p.ExeID) }

func sameFixedFile(path string, id FileID) bool {
	var st unix.Stat_t
	if unix.Stat(path, &st) != nil || st.Mode&unix.S_IFMT != unix.S_IFREG {
		return false
	}
	now := fileID(&st)
	if now.Dev != id.Dev || now.Ino != id.Ino || !now.fixed() || !id.fixed() {
		return false
	}
	for dir := filepath.Dir(path); ; dir = filepath.Dir(dir) {
		if unix.Stat(dir, &st) != nil || st.Uid != 0 || st.Mode&0o022 != 0 {
			return false
		}
		if dir == "/" {
			return true
		}
	}
}
