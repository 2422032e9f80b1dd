package mcp

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"noxkey/secret"
)

func TestSetByThePerson(t *testing.T) {
	t.Parallel()
	f := &fake{}
	c := connect(t, f)
	data, text := c.call("noxkey_set", map[string]any{
		"account": "acme/api/NEW", "field_type": "token", "kind": "custom", "security_level": "strict",
		"bundle": "b", "desc": "d", "expires": "2027-01-31", "rotate_url": "https://x.test/", "replace": true,
	})
	ch := f.asked(secret.OpWrite)[0].Changes[0]
	m := ch.Meta.Apply(secret.Metadata{})
	if ch.Action != secret.ActionSet || !ch.Enter || !ch.Replace || !ch.Value.Empty() || m.FieldType != secret.Token || m.Kind != secret.KindCustom ||
		m.Level != secret.Strict || m.Bundle != "b" || m.Desc != "d" || m.RotateURL != "https://x.test/" || m.Expires.Format("2006-01-02") != "2027-01-31" {
		t.Errorf("change %+v", ch)
	}
	if w := data["written"].([]any)[0].(map[string]any); w["name"] != "acme/api/NEW" || !strings.Contains(text, "replaced acme/api/NEW") {
		t.Errorf("%v %s", w, text)
	}
}

func TestSetFromTheClipboard(t *testing.T) {
	t.Parallel()
	f, v := &fake{}, value(t)
	c := connect(t, f, func(o *Options) { o.Clipboard = func() (secret.Value, error) { return v, nil } })
	c.call("noxkey_set", map[string]any{"account": "acme/api/NEW", "field_type": "api_key", "clipboard": true})
	ch := f.asked(secret.OpWrite)[0].Changes[0]
	if ch.Enter || !ch.Value.Equal(value(t)) || ch.Meta.Level != nil || ch.Meta.Kind != nil {
		t.Errorf("change %+v", ch)
	}
	if !v.Empty() {
		t.Error("the value is not wiped")
	}
}

func TestSetRefuses(t *testing.T) {
	t.Parallel()
	args := func(more ...any) map[string]any {
		m := map[string]any{"account": "acme/api/K", "field_type": "api_key"}
		for i := 0; i < len(more); i += 2 {
			m[more[i].(string)] = more[i+1]
		}
		return m
	}
	f := &fake{}
	c := connect(t, f)
	for _, tt := range []struct {
		args map[string]any
		code secret.Code
		want string
	}{
		{args("field_type", nil), secret.Invalid, "field_type is missing"},
		{args("field_type", "nonsense"), secret.Invalid, "field_type"},
		{args("security_level", "loose"), secret.Invalid, "security level"},
		{args("account", nil), secret.Invalid, "account must be one name"},
		{args("account", []string{"a/B", "a/C"}), secret.Invalid, "account must be one name"},
		{args("account", "acme/api/a-b"), secret.Invalid, "variable"},
		{args("account", "login/x.test/PIN"), secret.Invalid, "login"},
		{args("account", "acme/api/LD_PRELOAD"), secret.Reserved, "LD_PRELOAD"}, // F6
		{args("expires", "soon"), secret.Invalid, "expires"},
		{args("rotate_url", "javascript:x"), secret.Invalid, "rotate_url"},
		{args("desc", strings.Repeat("x", 2000)), secret.Invalid, "too long"},
		{args("clipboard", true), secret.Invalid, "no clipboard"},
	} {
		if msg := c.refused(tt.code, "noxkey_set", tt.args); !strings.Contains(msg, tt.want) {
			t.Errorf("%v: %s", tt.args, msg)
		}
	}
	if len(f.reqs) > 0 {
		t.Errorf("the app was asked: %v", f.reqs)
	}
}

// What a clipboard program printed with its failure may be the clipboard.
func TestThreatF4ClipboardErrors(t *testing.T) {
	t.Parallel()
	for _, cb := range []func() (secret.Value, error){
		func() (secret.Value, error) { return secret.Value{}, fmt.Errorf("xclip: %s", canary) },
		func() (secret.Value, error) { return secret.Value{}, nil },
		func() (secret.Value, error) { return secret.Value{}, secret.Errorf(secret.Invalid, "too long") },
	} {
		c := connect(t, &fake{}, func(o *Options) { o.Clipboard = cb })
		c.refused(secret.Invalid, "noxkey_set", map[string]any{"account": "a/B", "field_type": "api_key", "clipboard": true})
	}
}

// changes writes them short, for comparing: action name>to.
func changes(f *fake) (list []string) {
	for _, r := range f.asked(secret.OpWrite) {
		for _, ch := range r.Changes {
			s := string(ch.Action) + " " + string(ch.Name)
			if ch.To != "" {
				s += ">" + string(ch.To)
			}
			if ch.Replace {
				s += " replace"
			}
			m := ch.Meta.Apply(secret.Metadata{})
			if m != (secret.Metadata{}) {
				s += fmt.Sprintf(" %s/%s/%s", m.FieldType, m.Level, m.Desc)
			}
			_ = ch.Value.Use(func(b []byte) error {
				if len(b) > 0 {
					s += " =" + string(b)
				}
				return nil
			})
			list = append(list, s)
		}
	}
	for _, r := range f.asked(secret.OpPlaces) {
		for _, p := range r.Places {
			s := "+" + string(p.Prefix)
			if p.Remove {
				s = "-" + string(p.Prefix)
			}
			list = append(list, s)
		}
	}
	return list
}

func TestAdmin(t *testing.T) {
	t.Parallel()
	type a = map[string]any
	for _, tt := range []struct {
		args a
		want []string
	}{
		{a{"action": "delete", "account": "acme/api/TOKEN"}, []string{"remove acme/api/TOKEN"}},
		{a{"action": "delete", "account": []string{"a/B", "a/C"}}, []string{"remove a/B", "remove a/C"}},
		{a{"action": "meta", "account": "a/B", "desc": "x", "security_level": "strict"}, []string{"edit a/B /strict/x"}},
		{a{"action": "organize", "account": "a/B", "to": "c/d/E"}, []string{"move a/B>c/d/E"}},
		{a{"action": "organize", "account": []string{"a/B", "a/C"}, "to": "c/d/", "replace": true}, []string{"move a/B>c/d/B replace", "move a/C>c/d/C replace"}},
		{a{"action": "add_org", "account": "new"}, []string{"+new"}},
		{a{"action": "add_project", "account": "new/p"}, []string{"+new/p"}},
		{a{"action": "add_login", "account": "x.test", "email": "a@b.test"}, []string{"set login/x.test/USERNAME email/easy/ =a@b.test"}},
		{a{"action": "add_login", "account": "login/x.test", "username": "me"}, []string{"set login/x.test/USERNAME username/easy/ =me"}},
		{a{"action": "set_email", "account": "x.test", "email": "a@b.test"}, []string{"set login/x.test/USERNAME email/easy/ =a@b.test"}},
		{a{"action": "set_email", "account": "github.com", "email": "a@b.test"}, []string{"set login/github.com/USERNAME replace =a@b.test"}},
		{a{"action": "rename", "account": "acme/api", "to": "acme/web"}, []string{"move acme/api/STRIPE_KEY>acme/web/STRIPE_KEY", "move acme/api/TOKEN>acme/web/TOKEN"}},
		{a{"action": "rename", "account": "login/github.com", "to": "login/gh.test"}, []string{"move login/github.com/PASSWORD>login/gh.test/PASSWORD", "move login/github.com/USERNAME>login/gh.test/USERNAME"}},
		{a{"action": "rename", "account": "empty", "to": "full"}, []string{"-empty/place", "+full/place"}},
		{a{"action": "remove", "account": "login/github.com"}, []string{"remove login/github.com/PASSWORD", "remove login/github.com/USERNAME"}},
		{a{"action": "remove", "account": "empty/place"}, []string{"-empty/place"}},
	} {
		f := &fake{do: vaultWithPlaces}
		connect(t, f).call("noxkey_admin", tt.args)
		if got := changes(f); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%v:\n got %v\nwant %v", tt.args, got, tt.want)
		}
	}
}

func TestAdminRefuses(t *testing.T) {
	t.Parallel()
	type a = map[string]any
	f := &fake{do: vaultWithPlaces}
	c := connect(t, f)
	for _, tt := range []struct {
		args a
		code secret.Code
		want string
	}{
		{a{}, secret.Invalid, "action must be one of delete"},
		{a{"action": "export"}, secret.Invalid, "action must be one of"},
		{a{"action": "delete"}, secret.Invalid, "account is missing"},
		{a{"action": "delete", "account": "acme"}, secret.Invalid, "is not a name"},
		{a{"action": "delete", "account": "a/B", "email": "x"}, secret.Invalid, "delete takes no email"},
		{a{"action": "meta", "account": "a/B"}, secret.Invalid, "a field to change"},
		{a{"action": "organize", "account": "a/B"}, secret.Invalid, "is not a name"},
		{a{"action": "organize", "account": []string{"a/B", "a/C"}, "to": "c/D"}, secret.Invalid, "ends in /"},
		{a{"action": "organize", "account": "a/B", "to": "a/PATH"}, secret.Reserved, "PATH"},
		{a{"action": "add_org", "account": "a/b"}, secret.Invalid, "add_org takes one part"},
		{a{"action": "add_project", "account": "a"}, secret.Invalid, "add_project two"},
		{a{"action": "add_project", "account": "login/x"}, secret.Invalid, "add_login"},
		{a{"action": "add_login", "account": "x.test"}, secret.Invalid, "one of email and username"},
		{a{"action": "add_login", "account": "x.test", "email": "a", "username": "b"}, secret.Invalid, "one of email and username"},
		{a{"action": "add_login", "account": "a b", "email": "a"}, secret.Invalid, "is not a name"},
		{a{"action": "rename", "account": "acme", "to": "a/b"}, secret.Invalid, "same kind"},
		{a{"action": "rename", "account": "acme/api", "to": "login/x"}, secret.Invalid, "same kind"},
		{a{"action": "rename", "account": "login", "to": "x"}, secret.Invalid, "organisation (acme)"},
		{a{"action": "remove", "account": "a/b/C"}, secret.Invalid, "delete or organize"},
		{a{"action": "remove", "account": "nothing"}, secret.NotFound, "nothing under"},
		{a{"action": "import"}, secret.Invalid, "needs a path"},
	} {
		if msg := c.refused(tt.code, "noxkey_admin", tt.args); !strings.Contains(msg, tt.want) {
			t.Errorf("%v: %s", tt.args, msg)
		}
	}
	if len(f.asked(secret.OpWrite))+len(f.asked(secret.OpPlaces)) > 0 {
		t.Error("something was written")
	}
}

// The secrets are gone, the empty places could not be changed: the answer tells
// both.
func TestAdminHalfDone(t *testing.T) {
	t.Parallel()
	c := connect(t, &fake{do: halfDone})
	data, text := c.call("noxkey_admin", map[string]any{"action": "remove", "account": "acme"})
	if len(data["written"].([]any)) == 0 || data["places"] != nil || !strings.Contains(text, "storage") {
		t.Errorf("%v\n%s", data, text)
	}
}

func write(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const envText = "# keys\nexport STRIPE_KEY='" + "sk_live_0123456789abcdefghij0123456789" + "'\nDB_PASSWORD=" + "hunter2hunter2hunter2" +
	"\nEMPTY=\nPATH=/bin\na-b=1\nnot a pair with sk_live_leak\nOTHER=first\nOTHER=second\n"

func TestScan(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, ".env"), envText)
	write(t, filepath.Join(dir, "bin.env"), strings.Repeat("\x7fELF\x00\x01\x02", 200))
	write(t, filepath.Join(dir, "notes.txt"), "TOKEN=abc")
	c := connect(t, &fake{}, func(o *Options) { o.Dir = dir })
	for _, args := range []map[string]any{nil, {"path": "."}, {"path": dir}} {
		data, text := c.call("noxkey_scan", args)
		files := data["files"].([]any)
		if len(files) != 2 {
			t.Fatalf("files %v", files)
		}
		env, bin := files[0].(map[string]any), files[1].(map[string]any)
		first := env["keys"].([]any)[0].(map[string]any)
		if first["key"] != "STRIPE_KEY" || first["line"] != 2.0 || first["peek"] != "sk_live_" || first["stored"].([]any)[0] != "acme/api/STRIPE_KEY" {
			t.Errorf("key %v", first)
		}
		if bad := env["bad_lines"].([]any); len(bad) != 1 || bad[0].(map[string]any)["line"] != 7.0 {
			t.Errorf("bad lines %v", bad)
		}
		if bin["problem"] != "not a text file" {
			t.Errorf("bin %v", bin)
		}
		for _, leak := range []string{"0123456789", "hunter2", "sk_live_leak", "second", "TOKEN=abc"} {
			if strings.Contains(text+fmt.Sprint(data), leak) {
				t.Errorf("%s is shown:\n%s", leak, text)
			}
		}
	}
}

func TestScanRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "id_rsa"), "KEY="+canaryFree)
	c := connect(t, &fake{}, func(o *Options) { o.Dir = dir })
	c.refused(secret.Invalid, "noxkey_scan", map[string]any{"path": "missing"})
	c.refused(secret.Invalid, "noxkey_scan", map[string]any{"path": "id_rsa"})
	c.refused(secret.Invalid, "noxkey_scan", map[string]any{"path": dir, "prefix": "a b"})
	if data, _ := c.call("noxkey_scan", map[string]any{}); len(data["files"].([]any)) != 0 {
		t.Errorf("%v", data)
	}
}

// A scan needs no app; that it could not compare is said.
func TestScanWithoutTheApp(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, ".env"), envText)
	c := connect(t, &fake{do: refuse(secret.Err(secret.Locked))})
	data, text := c.call("noxkey_scan", map[string]any{"path": dir})
	if note, _ := data["note"].(string); !strings.Contains(note, "locked") || !strings.Contains(text, note) {
		t.Errorf("note %v", data["note"])
	}
}

func TestImport(t *testing.T) {
	t.Parallel()
	path := write(t, filepath.Join(t.TempDir(), ".env.local"), envText+"K="+canary[:8]+"\n")
	f := &fake{}
	c := connect(t, f)
	data, text := c.call("noxkey_admin", map[string]any{"action": "import", "path": path, "prefix": "acme/api", "security_level": "strict"})
	got := changes(f)
	if len(got) != 4 || got[0] != "set acme/api/STRIPE_KEY api_key/strict/ =sk_live_0123456789abcdefghij0123456789" || !strings.HasSuffix(got[2], "=second") {
		t.Errorf("changes %v", got)
	}
	skipped := fmt.Sprint(data["skipped"])
	for _, k := range []string{"EMPTY", "PATH", "a-b"} {
		if !strings.Contains(skipped, k) || !strings.Contains(text, "skipped "+k) {
			t.Errorf("%s is not named: %v", k, skipped)
		}
	}
	for _, leak := range []string{"0123456789", "hunter2", "second"} {
		if strings.Contains(text+fmt.Sprint(data), leak) {
			t.Errorf("%s is shown", leak)
		}
	}
}

func TestImportOfSomeKeys(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := write(t, filepath.Join(dir, ".env"), envText)
	f := &fake{}
	c := connect(t, f)
	data, _ := c.call("noxkey_admin", map[string]any{"action": "import", "path": path, "prefix": "acme/api", "keys": []string{"OTHER", "MISSING"}})
	if got := changes(f); len(got) != 1 || !strings.HasPrefix(got[0], "set acme/api/OTHER") || !strings.Contains(fmt.Sprint(data["skipped"]), "MISSING") {
		t.Errorf("%v %v", got, data)
	}
	c.refused(secret.Invalid, "noxkey_admin", map[string]any{"action": "import", "path": path, "prefix": "acme/api", "keys": []string{"MISSING"}})
	c.refused(secret.Invalid, "noxkey_admin", map[string]any{"action": "import", "path": "/etc/passwd", "prefix": "acme/api"})
	c.refused(secret.Invalid, "noxkey_admin", map[string]any{"action": "import", "path": dir + "/no.env", "prefix": "acme/api"})
	c.refused(secret.Invalid, "noxkey_admin", map[string]any{"action": "import", "path": path, "prefix": "acme/api", "security_level": "none"})
	big := write(t, filepath.Join(dir, "big.env"), strings.Repeat("A=1\n", 1<<19))
	c.refused(secret.Invalid, "noxkey_admin", map[string]any{"action": "import", "path": big, "prefix": "acme/api"})
}

// The app refuses: what was read is wiped all the same.
func TestRefusedWriteWipes(t *testing.T) {
	t.Parallel()
	v := value(t)
	c := connect(t, &fake{do: refuse(secret.Err(secret.Denied))}, func(o *Options) { o.Clipboard = func() (secret.Value, error) { return v, nil } })
	c.refused(secret.Denied, "noxkey_set", map[string]any{"account": "a/B", "field_type": "api_key", "clipboard": true})
	if !v.Empty() {
		t.Error("not wiped")
	}
}
