package main

import (
	"os"
	"strings"
	"testing"
)

// caskMust is what the cask says about the bundle and about what is left behind.
var caskMust = []string{
	`cask "noxkey" do`,
	`app "NoxKey.app"`,
	`binary "#{appdir}/NoxKey.app/Contents/Helpers/noxkey"`,
	`uninstall quit: "` + bundleID + `"`,
	`"~/Library/Containers/` + bundleID + `"`,
	`depends_on macos: ">= :ventura"`, // 13
}

func caskFaults(s string) []string {
	var faults []string
	for _, m := range caskMust {
		if !strings.Contains(s, m) {
			faults = append(faults, "the cask lacks "+m)
		}
	}
	for _, never := range []string{"verified:", ":no_check", "http://", "system_command", "installer ", "postflight", "xattr"} {
		if strings.Contains(s, never) {
			faults = append(faults, "the cask has "+never)
		}
	}
	return faults
}

func template(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("packaging/noxkey.rb")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestCask(t *testing.T) {
	s, err := cask(template(t), "1.2.3", "https://example.org/releases", "https://example.org", []byte("image"))
	if err != nil {
		t.Fatal(err)
	}
	if f := caskFaults(s); len(f) > 0 {
		t.Error(strings.Join(f, "\n"))
	}
	for _, want := range []string{
		`version "1.2.3"`, `url "https://example.org/releases/v#{version}/NoxKey-#{version}.dmg"`,
		`sha256 "6105d6cc76af400325e94d588ce511be5bfdbb73b437dc51eca43917d7a43e3d"`, // printf image | sha256sum
	} {
		if !strings.Contains(s, want) {
			t.Errorf("no %s in\n%s", want, s)
		}
	}
	for _, path := range []string{"Contents/Helpers/noxkey"} {
		if _, ok := layout[path]; !ok {
			t.Errorf("the cask names %s, which no bundle has", path)
		}
	}
}

func TestCaskFaultsAreFound(t *testing.T) {
	good := template(t)
	for old, now := range map[string]string{
		"Contents/Helpers/noxkey":      "Contents/MacOS/noxkey",
		`quit: "app.noxkey.NoxKey"`:    `quit: "noxkey"`,
		`sha256 "@SHA256@"`:            "sha256 :no_check",
		"Containers/app.noxkey.NoxKey": "Containers/noxkey",
		":ventura":                     ":monterey",
	} {
		if f := caskFaults(strings.Replace(good, old, now, 1)); len(f) == 0 {
			t.Errorf("%s for %s was not found", now, old)
		}
	}
	ok := []string{"1.2.3", "https://example.org/r", "https://example.org"}
	for name, c := range map[string]struct {
		args []string
		tmpl string
		dmg  string
	}{
		"no release":       {[]string{"0.0.0", ok[1], ok[2]}, good, "x"},
		"words":            {[]string{"1.2.3-rc1", ok[1], ok[2]}, good, "x"},
		"without https":    {[]string{ok[0], "http://example.org", ok[2]}, good, "x"},
		"slash at the end": {[]string{ok[0], "https://example.org/", ok[2]}, good, "x"},
		"Ruby inside":      {[]string{ok[0], "https://example.org/#{x}", ok[2]}, good, "x"},
		"no page":          {[]string{ok[0], ok[1], ""}, good, "x"},
		"empty image":      {ok, good, ""},
		"one place more":   {ok, good + "@MORE@", "x"},
	} {
		if _, err := cask(c.tmpl, c.args[0], c.args[1], c.args[2], []byte(c.dmg)); err == nil {
			t.Errorf("%s: filled in", name)
		}
	}
}
