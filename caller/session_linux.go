package caller

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// logins is where the system keeps who logged in from where.
type logins struct {
	logind string // systemd-logind's session files, KEY=VALUE lines
	utmp   string // utmp(5)
	owner  uint32 // whose these files must be
	local  func(netip.Addr) bool
}

var systemLogins = logins{"/run/systemd/sessions", "/var/run/utmp", 0, thisMachine}

func (procfs) remote(p Process, below []record) (string, origin) {
	return systemLogins.origin(p, below)
}

// origin collects all addresses that either record gives for this sshd's session. One local
// address among them, or one that is no address, decides against it.
func (l logins) origin(p Process, below []record) (string, origin) {
	hosts := append(l.fromLogind(p.ID.PID), l.fromUtmp(p, below)...)
	var far string
	for _, host := range hosts {
		addr, err := netip.ParseAddr(strings.TrimSpace(host))
		if err != nil {
			continue // a name; only an address can be compared
		}
		addr = addr.Unmap().WithZone("")
		if l.local(addr) {
			return addr.String(), originLocal
		}
		far = addr.String()
	}
	if far == "" {
		return "", originUnknown
	}
	return far, originFar
}

// fromLogind gives the remote hosts of the sessions that this process leads: pam_systemd names
// sshd's monitor, root's, as leader. A local session it leads counts as from this machine.
func (l logins) fromLogind(leader int) (hosts []string) {
	names, err := os.ReadDir(l.logind)
	if err != nil {
		return nil
	}
	for _, name := range names {
		path := filepath.Join(l.logind, name.Name())
		data, ok := l.trusted(path, 64<<10)
		if !ok || !name.Type().IsRegular() {
			continue
		}
		keys := assignments(data)
		if keys["LEADER"] != strconv.Itoa(leader) {
			continue
		}
		if keys["REMOTE"] != "1" {
			return []string{"127.0.0.1"}
		}
		hosts = append(hosts, keys["REMOTE_HOST"])
	}
	return hosts
}

func assignments(data []byte) map[string]string {
	keys := map[string]string{}
	for l := range strings.Lines(string(data)) {
		if k, v, ok := strings.Cut(strings.TrimSpace(l), "="); ok {
			keys[k] = strings.Trim(v, `"`)
		}
	}
	return keys
}

// trusted reads a file that must belong to the right owner.
func (l logins) trusted(path string, limit int64) ([]byte, bool) {
	var st unix.Stat_t
	if unix.Stat(path, &st) != nil || st.Uid != l.owner || st.Mode&0o002 != 0 || st.Size > limit {
		return nil, false
	}
	data, err := os.ReadFile(path)
	return data, err == nil
}

// fromUtmp gives the addresses of the entries that sshd wrote for this session: the line is the
// terminal of the process below it and the pid is of sshd's own two processes. (Group utmp can
// write the file too; utempter, which anybody may run, writes entries without an address.)
func (l logins) fromUtmp(p Process, below []record) (hosts []string) {
	data, ok := l.trusted(l.utmp, 4<<20)
	if !ok {
		return nil
	}
	pids, line := []int{p.ID.PID}, ""
	if n := len(below); n > 0 {
		pids = append(pids, below[n-1].ID.PID)
		line = terminalLine(below)
	}
	for _, e := range utmpEntries(data) {
		if e.line != line || !slices.Contains(pids, e.pid) {
			continue
		}
		hosts = append(hosts, e.addr.String())
	}
	return hosts
}

// terminalLine names the outermost terminal below sshd as utmp does, "pts/3".
func terminalLine(below []record) string {
	for _, r := range slices.Backward(below) {
		if major := unix.Major(r.TTY); major >= 136 && major <= 143 {
			return "pts/" + strconv.Itoa(int(major-136)*256+int(unix.Minor(r.TTY)))
		}
	}
	return "none"
}

type utmpEntry struct {
	pid  int
	line string
	addr netip.Addr
}

// utmpEntries reads glibc's struct utmp. Entries of anything but user sessions, and entries
// without an address, are left out. On architectures whose layout is not known here there are none.
func utmpEntries(data []byte) (out []utmpEntry) {
	size, addrAt := 384, 348
	switch runtime.GOARCH {
	case "amd64", "386":
	case "arm64":
		size, addrAt = 400, 360
	default:
		return nil
	}
	const userProcess = 7
	for ; len(data) >= size; data = data[size:] {
		rec := data[:size]
		raw := [16]byte(rec[addrAt:])
		if binary.NativeEndian.Uint16(rec) != userProcess || raw == [16]byte{} {
			continue
		}
		addr := netip.AddrFrom16(raw)
		if bytes.Equal(raw[4:], make([]byte, 12)) {
			addr = netip.AddrFrom4([4]byte(raw[:4]))
		}
		name, _, _ := strings.Cut(string(rec[8:40]), "\x00")
		out = append(out, utmpEntry{int(int32(binary.NativeEndian.Uint32(rec[4:]))), name, addr})
	}
	return out
}

// thisMachine reports whether the address is one of ours. If ours cannot be listed, it is. They
// are read from /proc/net, for the app may have no socket to ask the kernel with.
func thisMachine(a netip.Addr) bool {
	if a.IsLoopback() || a.IsUnspecified() {
		return true
	}
	name, parse := "/proc/net/fib_trie", localPrefixes
	if a.Is6() {
		name, parse = "/proc/net/if_inet6", inet6Prefixes
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return true
	}
	ours := parse(string(data))
	return len(ours) == 0 || slices.ContainsFunc(ours, func(p netip.Prefix) bool { return p.Contains(a) })
}

// localPrefixes gives the IPv4 routes of type local in the kernel's fib_trie: a leaf, "|-- 10.0.0.2",
// and below it its prefixes, "/32 host LOCAL".
func localPrefixes(trie string) (out []netip.Prefix) {
	leaf := ""
	for l := range strings.Lines(trie) {
		f := strings.Fields(l)
		switch {
		case len(f) == 2 && f[0] == "|--":
			leaf = f[1]
		case len(f) >= 3 && f[2] == "LOCAL":
			if p, err := netip.ParsePrefix(leaf + f[0]); err == nil {
				out = append(out, p)
			}
		}
	}
	return out
}

// inet6Prefixes gives the addresses in if_inet6: 32 hexadecimal digits begin each line.
func inet6Prefixes(list string) (out []netip.Prefix) {
	for l := range strings.Lines(list) {
		digits, _, _ := strings.Cut(l, " ")
		if b, err := hex.DecodeString(digits); err == nil && len(b) == 16 {
			out = append(out, netip.PrefixFrom(netip.AddrFrom16([16]byte(b)), 128))
		}
	}
	return out
}
