package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
)

// caskCommand fills packaging/noxkey.rb in for one release.
func caskCommand(args []string, out io.Writer) error {
	f := flag.NewFlagSet("cask", flag.ContinueOnError)
	version := f.String("version", "", "the release, three `numbers`")
	dmg := f.String("dmg", "", "the disk image, notarized and stapled: the `file` whose digest goes in")
	base := f.String("base", "", "https `address` of the folder in which the releases' folders are")
	page := f.String("homepage", "", "https `address` of the project")
	if err := f.Parse(args); err != nil {
		return err
	}
	b, err := os.ReadFile(*dmg)
	if err != nil {
		return err
	}
	t, err := os.ReadFile("packaging/noxkey.rb")
	if err != nil {
		return err
	}
	s, err := cask(string(t), *version, *base, *page, b)
	if err != nil {
		return err
	}
	_, err = io.WriteString(out, s)
	return err
}

// cask fills the template in. It refuses what would not install: a version that is not
// one, an address without https, an empty image.
func cask(template, version, base, page string, dmg []byte) (string, error) {
	if !threeNumbers.MatchString(version) || version == "0.0.0" {
		return "", fmt.Errorf("%q is not a released version", version)
	}
	for _, a := range []string{base, page} {
		u, err := url.Parse(a)
		if err != nil || u.Scheme != "https" || u.Host == "" || strings.ContainsAny(a, "\"#\\@ \n") || strings.HasSuffix(a, "/") {
			return "", fmt.Errorf("%q is not an https address without a slash at its end", a)
		}
	}
	if len(dmg) == 0 {
		return "", errors.New("the disk image is empty")
	}
	sum := sha256.Sum256(dmg)
	s := strings.NewReplacer("@VERSION@", version, "@SHA256@", hex.EncodeToString(sum[:]), "@BASE@", base, "@HOMEPAGE@", page).Replace(template)
	if left := placeholder.FindString(s); left != "" {
		return "", fmt.Errorf("nothing is known to fill in for %s", left)
	}
	return s, nil
}
