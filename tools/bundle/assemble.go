package main

import (
	"encoding/xml"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"noxkey/tools/bundle/plist"
)

// parts is what a bundle is made of. All paths are of files, but for template and out.
type parts struct {
	template string // NoxKey.app-template
	app      string // the app's binary, universal
	client   string // the client's binary, universal
	icon     string // NoxKey.icns
	profile  string // provisioning profile of the team; empty for an ad hoc build
	out      string // NoxKey.app, replaced if it is there
	describe string // git describe
	build    string // number of commits
	year     string
}

// pkgInfo is what Finder once read instead of CFBundlePackageType; eight bytes.
const pkgInfo = "APPL????"

// assemble makes the bundle beside its place and moves it there when it is whole.
func assemble(p parts) error {
	if filepath.Ext(p.out) != ".app" {
		return fmt.Errorf("%s does not end in .app; it would be replaced, so it must", p.out)
	}
	if err := onlyInfo(p.template); err != nil {
		return err
	}
	info, err := fillInfo(p)
	if err != nil {
		return err
	}
	tmp, err := os.MkdirTemp(filepath.Dir(p.out), ".bundle-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp) //nolint:errcheck // what is left of a failure is in a folder of its own
	c := filepath.Join(tmp, "Contents")
	err = errors.Join(
		put(filepath.Join(c, "Info.plist"), info, 0o644),
		put(filepath.Join(c, "PkgInfo"), []byte(pkgInfo), 0o644),
		take(p.app, filepath.Join(c, "MacOS", "NoxKey"), 0o755),
		take(p.client, filepath.Join(c, "Helpers", "noxkey"), 0o755),
		take(p.icon, filepath.Join(c, "Resources", "NoxKey.icns"), 0o644),
	)
	if p.profile != "" {
		err = errors.Join(err, take(p.profile, filepath.Join(c, "embedded.provisionprofile"), 0o644))
	}
	if err != nil {
		return err
	}
	if err := os.Chmod(tmp, 0o755); err != nil {
		return err
	}
	if err := os.RemoveAll(p.out); err != nil {
		return err
	}
	return os.Rename(tmp, p.out)
}

// onlyInfo refuses a template with anything else in it: what lies there by chance
// (.DS_Store) would be shipped and signed.
func onlyInfo(template string) error {
	return filepath.WalkDir(template, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(template, path)
		if err == nil && rel != filepath.Join("Contents", "Info.plist") {
			return fmt.Errorf("%s does not belong into the template", path)
		}
		return err
	})
}

var placeholder = regexp.MustCompile(`@[A-Z_]+@`)

// fillInfo returns the template's Info.plist with its placeholders filled in, without
// its comments.
func fillInfo(p parts) ([]byte, error) {
	b, err := os.ReadFile(filepath.Join(p.template, "Contents", "Info.plist"))
	if err != nil {
		return nil, err
	}
	build, err := buildNumber(p.build)
	if err != nil {
		return nil, err
	}
	if p.describe == "" || p.year == "" {
		return nil, errors.New("a bundle needs a version and a year")
	}
	s := string(b)
	for name, value := range map[string]string{
		"SHORT_VERSION": shortVersion(p.describe), "BUILD": build, "MIN_MACOS": minMacOS,
		"YEAR": p.year, "SOURCE_VERSION": p.describe,
	} {
		var esc strings.Builder
		if err := xml.EscapeText(&esc, []byte(value)); err != nil {
			return nil, err
		}
		if !strings.Contains(s, "@"+name+"@") {
			return nil, fmt.Errorf("the template has no place for @%s@", name)
		}
		s = strings.ReplaceAll(s, "@"+name+"@", esc.String())
	}
	d, err := plist.Read([]byte(s))
	if err != nil {
		return nil, err
	}
	out, err := plist.Write(d)
	if err != nil {
		return nil, err
	}
	if left := placeholder.Find(out); left != nil {
		return nil, fmt.Errorf("nothing is known to fill in for %s", left)
	}
	return out, nil
}

func take(from, to string, mode os.FileMode) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return put(to, b, mode)
}

// put writes a file with exactly this mode, whatever the umask.
func put(path string, b []byte, mode os.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(path, b, mode); err != nil {
		return err
	}
	if err := os.Chmod(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.Chmod(path, mode)
}
