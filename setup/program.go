package setup

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
)

// versioned matches a folder that goes away with the next version: Homebrew's Cellar, the
// Nix store, and folders called by a number.
var versioned = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`/(Cellar|store)/|/[^/]*[0-9]+\.[0-9]+[^/]*/`)
})

// StablePath is the path of noxkey that is worth writing down. exe is where the running
// program is. In a folder of one version, a link to it in PATH is better, as long as
// nobody else can change that link. An app that macOS runs from a place of its own making,
// because it was not moved to Applications yet, is an error.
func StablePath(exe, path string) (string, error) {
	real, err := filepath.EvalSymlinks(exe)
	if err != nil {
		return "", cause(err)
	}
	if strings.Contains(real, "/AppTranslocation/") {
		return "", errors.New("NoxKey runs from a place that macOS made up for it; move NoxKey.app to Applications first")
	}
	if strings.Contains(real, ".app/Contents/") || !versioned().MatchString(real) {
		return real, nil
	}
	fi, err := os.Stat(real)
	if err != nil {
		return "", cause(err)
	}
	for _, dir := range filepath.SplitList(path) {
		link := filepath.Join(dir, filepath.Base(real))
		if !filepath.IsAbs(dir) || versioned().MatchString(link) {
			continue
		}
		if to, err := os.Stat(link); err == nil && os.SameFile(to, fi) && trusted(dir) {
			return link, nil
		}
	}
	return real, nil
}

// trusted reports whether only the user or root can change what is in dir.
func trusted(dir string) bool {
	fi, err := os.Stat(dir)
	if err != nil || !fi.IsDir() || fi.Mode()&0o002 != 0 {
		return false
	}
	return owner(fi) == 0 || owner(fi) == os.Geteuid()
}
