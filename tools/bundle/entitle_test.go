package main

import (
	"bytes"
	"os"
	"reflect"
	"strings"
	"testing"

	"noxkey/tools/bundle/plist"
)

func read(t *testing.T, path string) plist.Dict {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	d, err := plist.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestEntitlementsKeepDesignsPromises(t *testing.T) {
	if f := appFaults(read(t, "entitlements/app.plist")); len(f) > 0 {
		t.Error(strings.Join(f, "\n"))
	}
	if f := helperFaults(read(t, "entitlements/helper.plist")); len(f) > 0 {
		t.Error(strings.Join(f, "\n"))
	}
}

func TestEntitlementFaultsAreFound(t *testing.T) {
	for key, c := range map[string]struct {
		value any // nil deletes the key
		want  string
	}{
		"com.apple.security.app-sandbox":                                         {false, "app-sandbox is false"},
		"com.apple.security.files.user-selected.read-write":                      {nil, "is missing"},
		"keychain-access-groups":                                                 {[]any{"$(TEAM).*"}, "keychain-access-groups is"},
		"com.apple.application-identifier":                                       {"app.noxkey.NoxKey", "is app.noxkey.NoxKey"},
		"com.apple.security.network.client":                                      {true, "no network call, ever"},
		"com.apple.security.network.server":                                      {true, "no network call, ever"},
		"com.apple.security.get-task-allow":                                      {true, "debugger"},
		"com.apple.security.cs.disable-library-validation":                       {true, "hardened runtime"},
		"com.apple.security.cs.allow-jit":                                        {true, "hardened runtime"},
		"com.apple.security.cs.allow-unsigned-executable-memory":                 {true, "hardened runtime"},
		"com.apple.security.cs.allow-dyld-environment-variables":                 {true, "hardened runtime"},
		"com.apple.security.cs.debugger":                                         {true, "hardened runtime"},
		"com.apple.security.temporary-exception.files.absolute-path.read-write":  {[]any{"/"}, "sandbox is taken whole"},
		"com.apple.security.application-groups":                                  {[]any{"x"}, "nobody shares"},
		"com.apple.security.files.downloads.read-write":                          {true, "dropped or chose"},
		"com.apple.security.automation.apple-events":                             {true, "drives no other"},
		"com.apple.security.device.camera":                                       {true, "no device"},
		"com.apple.security.inherit":                                             {true, "starts nothing"},
		"com.apple.developer.associated-domains":                                 {[]any{"x"}, "not on the list"},
		"com.apple.security.temporary-exception.files.home-relative-path.secret": {true, "sandbox is taken whole"},
	} {
		d := read(t, "entitlements/app.plist")
		if d[key] = c.value; c.value == nil {
			delete(d, key)
		}
		f := strings.Join(appFaults(d), "\n")
		if !strings.Contains(f, key) || !strings.Contains(f, c.want) {
			t.Errorf("%s: want %q, found %q", key, c.want, f)
		}
		if _, _, err := effective(d, ""); err == nil {
			t.Errorf("%s: codesign would be given it", key)
		}
	}
	if f := helperFaults(plist.Dict{"com.apple.security.app-sandbox": true}); len(f) != 1 {
		t.Errorf("a sandboxed client was not found: %v", f)
	}
}

func TestEffectiveEntitlements(t *testing.T) {
	d := read(t, "entitlements/app.plist")
	adhoc, left, err := effective(d, "")
	if err != nil {
		t.Fatal(err)
	}
	if want := (plist.Dict{"com.apple.security.app-sandbox": true, "com.apple.security.files.user-selected.read-write": true}); !reflect.DeepEqual(adhoc, want) {
		t.Errorf("ad hoc: %v", adhoc)
	}
	if len(left) != 3 {
		t.Errorf("left out: %v", left)
	}
	team, left, err := effective(d, "ABCDE12345")
	if err != nil || len(left) > 0 {
		t.Fatal(left, err)
	}
	if len(team) != len(appMay) || team["com.apple.application-identifier"] != "ABCDE12345.app.noxkey.NoxKey" ||
		!reflect.DeepEqual(team["keychain-access-groups"], []any{"ABCDE12345.app.noxkey.NoxKey"}) {
		t.Errorf("with a team: %v", team)
	}
	b, err := plist.Write(team)
	if err != nil || bytes.Contains(b, []byte("$(")) || bytes.Contains(b, []byte("<!--")) {
		t.Errorf("codesign would be given %s, %v", b, err)
	}
	for _, bad := range []string{"abcde12345", "ABCDE1234", "ABCDE12345.", "*"} {
		if _, _, err := effective(d, bad); err == nil {
			t.Errorf("%q passes for a team", bad)
		}
	}
}

func TestSignedCommand(t *testing.T) {
	print := func(args ...string) string {
		var out, words bytes.Buffer
		if err := run(append([]string{"entitlements"}, args...), nil, &out, &words); err != nil {
			t.Fatal(err)
		}
		if adhoc := len(args) == 1 && args[0] == "app"; adhoc != strings.Contains(words.String(), "ad hoc") {
			t.Errorf("%v said %q", args, words.String())
		}
		return out.String()
	}
	app, team := print("app"), print("app", "ABCDE12345")
	for name, c := range map[string]struct {
		args []string
		in   string
		want string // "" for no fault
	}{
		"as asked for":         {[]string{"app"}, app, ""},
		"with a team":          {[]string{"app", "ABCDE12345"}, team, ""},
		"none":                 {[]string{"helper"}, "", ""},
		"empty":                {[]string{"helper"}, print("helper"), ""},
		"codesign's zero":      {[]string{"app"}, app + "\x00", ""},
		"the app has none":     {[]string{"app"}, "", "app-sandbox = <nil>, not true"},
		"another team":         {[]string{"app", "ZZZZZ12345"}, team, "not ZZZZZ12345"},
		"more than asked for":  {[]string{"app"}, strings.Replace(app, "<dict>", "<dict><key>com.apple.security.get-task-allow</key><true/>", 1), "debugger"},
		"the client like app":  {[]string{"helper"}, app, "was not asked for"},
		"not a property list":  {[]string{"app"}, "Executable=/x", "property list"},
		"the team left it out": {[]string{"app", "ABCDE12345"}, app, "keychain-access-groups = <nil>"},
	} {
		err := run(append([]string{"signed"}, c.args...), strings.NewReader(c.in), &bytes.Buffer{}, &bytes.Buffer{})
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: want %q, got %v", name, c.want, err)
		}
	}
}
