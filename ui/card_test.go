package ui

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"noxkey/broker"
	"noxkey/caller"
	"noxkey/secret"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// fullAsk sets every field of an Ask, so that each can be changed.
func fullAsk() *broker.Ask {
	proc := func(pid int, comm string) caller.Process {
		return caller.Process{ID: caller.ProcID{PID: pid, Start: 9}, PPID: 1, UIDs: [4]uint32{1, 1, 1, 1}, Comm: comm, Exe: "/usr/bin/" + comm,
			Argv: []string{comm}}
	}
	mux := proc(4121, "tmux: server")
	meta := secret.Metadata{FieldType: secret.APIKey, Kind: secret.KindAPIKey, Level: secret.Strict, Bundle: "b", Desc: "d", Expires: noon.AddDate(1, 0, 0), RotateURL: "https://x", Created: noon, Changed: noon, Peek: "p"}
	looser := meta
	looser.Level, looser.FieldType = secret.Normal, secret.Text
	return &broker.Ask{
		ID: 1, Kind: broker.AskCard, Op: secret.OpGet,
		Who: caller.Caller{Class: caller.Unknown, Agent: "Codex", Reason: caller.ReasonMultiplexer, UID: 1000, Whole: true, Chain: []caller.Process{proc(5, "noxkey"), proc(4, "zsh"), mux},
			Anchor: caller.ProcID{PID: 4, Start: 9}, Lease: caller.ProcID{PID: 5, Start: 9}, Vouchable: &mux, Terminal: "tty", Dir: "/w"},
		Items:    []broker.Item{{Name: "acme/api/KEY", Level: secret.Strict, Type: secret.APIKey, Version: 3}, {Name: "acme/api/URL", Level: secret.Normal, Type: secret.URL, Version: 1}},
		Prefix:   "acme/api",
		LeftOut:  []secret.Name{"acme/api/ROOT"},
		Writes:   []broker.Write{{Action: secret.ActionEdit, Name: "acme/api/KEY", To: "acme/web/KEY", Exists: true, Enter: true, Old: meta, New: looser, Version: 2}},
		Delivery: secret.DeliverRun,
		Setting:  &broker.Adjustment{Name: secret.SettingSession, Old: 4 * time.Hour, New: 2 * time.Hour},
		Run: &secret.Run{Path: "/usr/bin/make", File: "1:2:3", Argv: []string{"make", "migrate"}, Scripts: []secret.Script{{Path: "/w/x", File: "4"}}, Dir: "/w",
			As:       []secret.Binding{{Env: "DB", Name: "acme/api/URL", AsFile: true}},
			Manifest: &secret.Manifest{Path: "/w/.noxkey.toml", Digest: strings.Repeat("ab", 32), Profile: "test"}},
		Manifest: &broker.Manifest{Last: strings.Repeat("cd", 32), Seen: noon.AddDate(0, 0, -2)},
		Session:  4 * time.Hour, Covered: []secret.Name{"acme/api/KEY", "acme/api/URL"},
		Reason: "because", Command: "make", Known: broker.Known{Path: "/usr/bin/codex", First: noon.AddDate(0, -1, 0), Seen: noon.AddDate(0, 0, -1)},
		Vouch: &mux, Touch: true, Position: 1, Waiting: 2, Deadline: noon.Add(45 * time.Second), Note: "note",
	}
}

func cloneAsk(t *testing.T, a *broker.Ask) *broker.Ask {
	t.Helper()
	b, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	c := new(broker.Ask)
	if err := json.Unmarshal(b, c); err != nil {
		t.Fatal(err)
	}
	return c
}

// leaves calls f with a path to every settable leaf below v.
func leaves(v reflect.Value, path string, f func(path string, v reflect.Value)) {
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			f(path, v)
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				leaves(v.Field(i), path+"."+v.Type().Field(i).Name, f)
			}
		}
	case reflect.Pointer:
		leaves(v.Elem(), path, f)
	case reflect.Slice:
		f(path+"[]", v)
		for i := range v.Len() {
			leaves(v.Index(i), fmt.Sprintf("%s[%d]", path, i), f)
		}
	case reflect.Array:
		for i := range v.Len() {
			leaves(v.Index(i), fmt.Sprintf("%s[%d]", path, i), f)
		}
	default:
		f(path, v)
	}
}

// change gives a leaf another value.
func change(t *testing.T, v reflect.Value) {
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(v.Interface().(time.Time).AddDate(0, 0, 3)))
	case v.Kind() == reflect.Slice:
		v.Set(v.Slice(0, v.Len()-1))
	case v.Kind() == reflect.String:
		v.SetString(v.String() + "x")
	case v.Kind() == reflect.Bool:
		v.SetBool(!v.Bool())
	case v.CanInt():
		v.SetInt(v.Int() + 1)
	case v.CanUint():
		v.SetUint(v.Uint() + 1)
	default:
		t.Fatalf("what is a %s?", v.Type())
	}
}

// outside are the fields that the digest leaves out on purpose.
var outside = map[string]bool{".ID": true, ".Position": true, ".Waiting": true, ".Deadline": true, ".Note": true}

// TestThreatE1EveryFieldChangesTextAndDigest changes one field of an Ask at a
// time, in several shapes of Ask, and looks for it in both.
func TestThreatE1EveryFieldChangesTextAndDigest(t *testing.T) {
	shapes := map[string]func(*broker.Ask){
		"get":    func(*broker.Ask) {},
		"write":  func(a *broker.Ask) { a.Op, a.Items = secret.OpWrite, nil },
		"unlock": func(a *broker.Ask) { a.Op = secret.OpUnlock },
		"agent":  func(a *broker.Ask) { a.Who.Class = caller.Agent },
		"human":  func(a *broker.Ask) { a.Who.Class, a.Kind = caller.Human, broker.AskHuman },
		"once":   func(a *broker.Ask) { a.Session, a.Covered = 0, nil },
		"new": func(a *broker.Ask) {
			a.Op, a.Writes[0].Old, a.Writes[0].Action = secret.OpWrite, secret.Metadata{}, secret.ActionSet
		},
	}
	n := 0
	for shape, f := range shapes {
		base := fullAsk()
		f(base)
		text, digest := Card(base, Terminal("/home/me"), noon).Text(), base.Digest()
		var paths []string
		leaves(reflect.ValueOf(cloneAsk(t, base)), "", func(p string, _ reflect.Value) { paths = append(paths, p) })
		for i, path := range paths {
			if outside[path] {
				continue
			}
			a, at := cloneAsk(t, base), 0
			leaves(reflect.ValueOf(a), "", func(_ string, v reflect.Value) {
				if at == i && (v.Kind() != reflect.Slice || v.Len() > 0) {
					change(t, v)
				}
				at++
			})
			if reflect.DeepEqual(a, cloneAsk(t, base)) {
				continue // an empty list
			}
			n++
			if a.Digest() == digest {
				t.Errorf("%s: %s changes and the digest does not", shape, path)
			}
			if Card(a, Terminal("/home/me"), noon).Text() == text {
				t.Errorf("%s: %s changes and the text does not", shape, path)
			}
		}
	}
	if n < 300 {
		t.Errorf("only %d fields were changed", n)
	}
}

// TestThreatE1WhatAPersonJudgesHasALine changes what a person decides by and
// looks for it in the text without the mark.
func TestThreatE1WhatAPersonJudgesHasALine(t *testing.T) {
	changes := map[string]func(*broker.Ask){
		"setting":       func(a *broker.Ask) { a.Setting.Name = secret.SettingClipboard },
		"set to":        func(a *broker.Ask) { a.Setting.New = secret.MaxSession },
		"name":          func(a *broker.Ask) { a.Items[0].Name = "acme/api/KEY2" },
		"other project": func(a *broker.Ask) { a.Items[0].Name = "acme/ops/KEY" },
		"level":         func(a *broker.Ask) { a.Items[1].Level = secret.Easy },
		"one more":      func(a *broker.Ask) { a.Items = append(a.Items, broker.Item{Name: "acme/api/X", Level: secret.Easy}) },
		"session":       func(a *broker.Ask) { a.Session = time.Hour },
		"no session":    func(a *broker.Ask) { a.Session = 0 },
		"delivery":      func(a *broker.Ask) { a.Delivery = secret.DeliverRaw },
		"agent":         func(a *broker.Ask) { a.Who.Class, a.Who.Agent = caller.Agent, "Gemini CLI" },
		"human":         func(a *broker.Ask) { a.Who.Class = caller.Human },
		"reason":        func(a *broker.Ask) { a.Reason = "another" },
		"command":       func(a *broker.Ask) { a.Command = "make deploy" },
		"folder":        func(a *broker.Ask) { a.Who.Dir = "/tmp" },
		"program":       func(a *broker.Ask) { a.Known.Path = "/tmp/codex" },
		"known":         func(a *broker.Ask) { a.Known.First = time.Time{} },
		"changed":       func(a *broker.Ask) { a.Known.Changed = true },
		"vouch":         func(a *broker.Ask) { a.Vouch = nil },
		"vouch who":     func(a *broker.Ask) { a.Vouch.ID.PID = 9 },
		"chain":         func(a *broker.Ask) { a.Who.Chain = a.Who.Chain[1:] },
		"covered":       func(a *broker.Ask) { a.Covered = append(a.Covered, "acme/api/MORE") },
		"left out":      func(a *broker.Ask) { a.LeftOut = nil },
		"action":        func(a *broker.Ask) { a.Writes[0].Action = secret.ActionRemove },
		"written":       func(a *broker.Ask) { a.Writes[0].Name = "acme/api/OTHER" },
		"to":            func(a *broker.Ask) { a.Writes[0].To = "acme/api/THERE" },
		"typed":         func(a *broker.Ask) { a.Writes[0].Enter = false },
		"new level":     func(a *broker.Ask) { a.Writes[0].New.Level = secret.Easy },
		"new type":      func(a *broker.Ask) { a.Writes[0].New.FieldType = secret.Token },
		"new kind":      func(a *broker.Ask) { a.Writes[0].New.Kind = secret.KindCustom },
		"about":         func(a *broker.Ask) { a.Writes[0].New.Desc = "harmless" },
		"expiry":        func(a *broker.Ask) { a.Writes[0].New.Expires = time.Time{} },
		"renewal":       func(a *broker.Ask) { a.Writes[0].New.RotateURL = "https://evil" },
		"bundle":        func(a *broker.Ask) { a.Writes[0].New.Bundle = "other" },
		"arguments":     func(a *broker.Ask) { a.Run.Argv[1] = "clean" },
		"executable":    func(a *broker.Ask) { a.Run.Path = "/tmp/make" },
		"variable":      func(a *broker.Ask) { a.Run.As[0].Env = "OTHER" },
		"file":          func(a *broker.Ask) { a.Run.As[0].AsFile = false },
		"not redacted":  func(a *broker.Ask) { a.Run.Plain = true },
		"manifest":      func(a *broker.Ask) { a.Run.Manifest.Digest = strings.Repeat("12", 32) },
		"manifest was":  func(a *broker.Ask) { a.Manifest.Last = a.Run.Manifest.Digest },
		"profile":       func(a *broker.Ask) { a.Run.Manifest.Profile = "" },
	}
	plain := func(a *broker.Ask) string {
		v := Card(a, Terminal("/home/me"), noon)
		v.Mark = ""
		return v.Text()
	}
	for what, f := range changes {
		a := fullAsk()
		before := plain(a)
		f(a)
		if plain(a) == before {
			t.Errorf("%s: the card says nothing of it", what)
		}
	}
}

func TestThreatE2NamesAreNeverCut(t *testing.T) {
	a := fullAsk()
	long := secret.Name(strings.Repeat(strings.Repeat("s", 64)+"/", 5) + strings.Repeat("K", 64))
	a.Items = []broker.Item{{Name: long, Level: secret.Normal}}
	a.Covered, a.Writes = nil, nil
	v := Card(a, Terminal(""), noon)
	if got := v.Groups[0].Path + "/" + v.Groups[0].Rows[0].Name; got != string(long) {
		t.Errorf("%q", got)
	}
	if r := Reason(a, broker.AllowOnce); !strings.Contains(r, string(long)) {
		t.Errorf("%q", r)
	}
}

func TestTheCardOfThePicture(t *testing.T) {
	a := fullAsk()
	a.Who = caller.Caller{Class: caller.Agent, Agent: "Claude Code", Whole: true, Dir: "/home/me/src/acme/api", Chain: a.Who.Chain[:2]}
	a.Delivery, a.Vouch, a.LeftOut, a.Writes, a.Command, a.Note, a.Run, a.Manifest, a.Setting = secret.DeliverShell, nil, nil, nil, "", "", nil, nil, nil
	a.Reason = "Run the tests."
	a.Known.Path, a.Known.First = "/usr/local/bin/claude", time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC)
	v := Card(a, Terminal("/home/me"), noon)
	want := `Claude Code wants 2 secrets  1 of 2
For 4 hours, until 16:00
acme/api
KEY  strict
URL  normal
It says  “Run the tests.”
Session  Covers acme/api while this agent runs. KEY is strict and asks at every read.
Folder  ~/src/acme/api
Program  /usr/local/bin/claude, known since 3 Nov
Chain  zsh › noxkey
allow once
allow for 4 hours
deny
Request  ` + v.Mark + "\n\n"
	if got := v.Text(); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

func TestWarnings(t *testing.T) {
	strips := map[string]func(*broker.Ask){
		"The chain ends at tmux, which any program can start. If it is yours, vouch for it: until it quits, its shells are treated as you.": func(a *broker.Ask) {},
		"The chain ends at tmux, which is /tmp/x/evil, a file that not only root can change. If you know it as yours, vouch for it: until it quits, its shells are treated as you.": func(a *broker.Ask) {
			a.Vouch = &caller.Process{ID: a.Vouch.ID, Comm: "tmux: server", Exe: "/tmp/x/evil", ExeID: caller.FileID{Ino: 7, Owner: 1000, Mode: 0o755}}
		},
		"A program in between has quit, so the chain is cut. It is treated as an agent.": func(a *broker.Ask) { a.Vouch, a.Who.Reason = nil, caller.ReasonCut },
		"Has no terminal. It is treated as an agent.":                                    func(a *broker.Ask) { a.Vouch, a.Who.Reason = nil, caller.ReasonNoTTY },
		"Nothing shows that it is you. It is treated as an agent.":                       func(a *broker.Ask) { a.Vouch, a.Who.Reason = nil, caller.ReasonNone },
		"/usr/bin/codex was replaced after 21 Nov. An update does this; so does something else under its name.": func(a *broker.Ask) {
			a.Known.Changed, a.Vouch = true, nil
		},
		"/usr/bin/codex was replaced after 21 Nov. An update does this; so does something else under its name. " +
			"The chain ends at tmux, which any program can start. If it is yours, vouch for it: until it quits, its shells are treated as you.": func(a *broker.Ask) {
			a.Known.Changed = true
		},
		"Cursor’s terminal is shared with its agent. It is treated as that agent.": func(a *broker.Ask) {
			a.Who.Class, a.Who.Agent, a.Who.Reason = caller.Agent, "Cursor", caller.ReasonEditor
		},
	}
	for want, f := range strips {
		a := fullAsk()
		a.Manifest.Last = a.Run.Manifest.Digest
		f(a)
		if s := Card(a, Terminal(""), noon).Strip; s == nil || s.Body != want {
			t.Errorf("%+v, want %q", s, want)
		}
	}
	a := fullAsk()
	a.Who.Class, a.Manifest.Last = caller.Agent, a.Run.Manifest.Digest
	if s := Card(a, Terminal(""), noon).Strip; s != nil {
		t.Errorf("a known agent is warned about: %+v", s)
	}
}

func TestOffers(t *testing.T) {
	a := fullAsk()
	for c, want := range map[broker.Choice]bool{broker.Deny: true, broker.AllowOnce: true, broker.AllowSession: true, broker.Vouch: true, 99: false, -1: false} {
		if Offers(a, c) != want {
			t.Errorf("choice %d", c)
		}
	}
	a.Session, a.Vouch, a.Op = 0, nil, secret.OpUnlock
	for _, c := range []broker.Choice{broker.AllowOnce, broker.AllowSession, broker.Vouch} {
		if Offers(a, c) {
			t.Errorf("choice %d is offered", c)
		}
	}
}

func TestReasons(t *testing.T) {
	human := caller.Caller{Class: caller.Human, Terminal: "gnome-terminal", Anchor: caller.ProcID{PID: 2}, Chain: []caller.Process{{ID: caller.ProcID{PID: 1}, Comm: "noxkey"}, {ID: caller.ProcID{PID: 2}, Comm: "zsh"}}}
	agent := caller.Caller{Class: caller.Agent, Agent: "Claude Code"}
	item := func(n ...secret.Name) (list []broker.Item) {
		for _, x := range n {
			list = append(list, broker.Item{Name: x})
		}
		return list
	}
	set := func(n secret.Name, exists bool) broker.Write {
		return broker.Write{Action: secret.ActionSet, Name: n, Exists: exists}
	}
	mux := &caller.Process{ID: caller.ProcID{PID: 4121}, Comm: "tmux: server"}
	for _, c := range []struct {
		want   string
		choice broker.Choice
		ask    broker.Ask
	}{
		{"give acme/api/KEY to Claude Code once", broker.AllowOnce, broker.Ask{Op: secret.OpGet, Who: agent, Items: item("acme/api/KEY")}},
		{"give 2 secrets of acme/api to Claude Code once", broker.AllowOnce, broker.Ask{Op: secret.OpGet, Who: agent, Items: item("acme/api/A", "acme/api/B")}},
		{"give 2 secrets to Claude Code once", broker.AllowOnce, broker.Ask{Op: secret.OpGet, Who: agent, Items: item("acme/api/A", "b/api/B")}},
		{"let Claude Code read acme/api for 4 hours", broker.AllowSession, broker.Ask{Op: secret.OpGet, Who: agent, Prefix: "acme/api", Session: 4 * time.Hour, Items: item("acme/api/A")}},
		{"give acme/api/KEY to an unknown program, zsh, once", broker.AllowOnce, broker.Ask{Op: secret.OpGet, Who: caller.Caller{Chain: human.Chain}, Items: item("acme/api/KEY")}},
		{"give acme/api/KEY to zsh in gnome-terminal", broker.AllowOnce, broker.Ask{Op: secret.OpGet, Who: human, Items: item("acme/api/KEY")}},
		{"open acme/api to zsh in gnome-terminal for 4 hours", broker.AllowSession, broker.Ask{Op: secret.OpUnlock, Who: human, Prefix: "acme/api", Session: 4 * time.Hour, Covered: []secret.Name{"acme/api/A"}}},
		{"let Claude Code read acme/api for 4 hours", broker.AllowSession, broker.Ask{Op: secret.OpUnlock, Who: agent, Prefix: "acme/api", Session: 4 * time.Hour, Covered: []secret.Name{"acme/api/A"}}},
		{"copy acme/api/KEY for you", broker.AllowOnce, broker.Ask{Op: secret.OpGet, Delivery: secret.DeliverCopy, Who: caller.Caller{Class: caller.Human, Front: true}, Items: item("acme/api/KEY")}},
		{"unlock your secrets", broker.AllowOnce, broker.Ask{Op: secret.OpUnlock, Who: human}},
		{"store 3 secrets under acme/api, replacing 1", broker.AllowOnce, broker.Ask{Op: secret.OpWrite, Writes: []broker.Write{set("acme/api/A", false), set("acme/api/B", true), set("acme/api/C", false)}}},
		{"store 1 secret, delete 1 secret under acme", broker.AllowOnce, broker.Ask{Op: secret.OpWrite, Writes: []broker.Write{set("acme/api/A", false), {Action: secret.ActionRemove, Name: "acme/web/B"}}}},
		{"store acme/web/SENTRY_AUTH_TOKEN", broker.AllowOnce, broker.Ask{Op: secret.OpWrite, Writes: []broker.Write{set("acme/web/SENTRY_AUTH_TOKEN", false)}}},
		{"replace acme/web/KEY", broker.AllowOnce, broker.Ask{Op: secret.OpWrite, Writes: []broker.Write{set("acme/web/KEY", true)}}},
		{"treat shells of tmux 4121 as you and give acme/api/KEY to an unknown program once", broker.Vouch, broker.Ask{Op: secret.OpGet, Vouch: mux, Items: item("acme/api/KEY")}},
		{"lower a/b from strict to normal", broker.AllowOnce, broker.Ask{Op: secret.OpWrite, Writes: []broker.Write{{Action: secret.ActionEdit, Name: "a/b", Old: secret.Metadata{Level: secret.Strict}, New: secret.Metadata{Level: secret.Normal}}}}},
		{"raise a/b from normal to off limits", broker.AllowOnce, broker.Ask{Op: secret.OpWrite, Writes: []broker.Write{{Action: secret.ActionEdit, Name: "a/b", Old: secret.Metadata{Level: secret.Normal}, New: secret.Metadata{Level: secret.OffLimits}}}}},
		{"change a/b", broker.AllowOnce, broker.Ask{Op: secret.OpWrite, Writes: []broker.Write{{Action: secret.ActionEdit, Name: "a/b"}}}},
		{"delete a/b", broker.AllowOnce, broker.Ask{Op: secret.OpWrite, Writes: []broker.Write{{Action: secret.ActionRemove, Name: "a/b"}}}},
		{"move a/b to a/c", broker.AllowOnce, broker.Ask{Op: secret.OpWrite, Writes: []broker.Write{{Action: secret.ActionMove, Name: "a/b", To: "a/c"}}}},
		{"seal all secrets with a new key", broker.AllowOnce, broker.Ask{Op: secret.OpRekey}},
		{"change the passphrase", broker.AllowOnce, broker.Ask{Op: secret.OpPasswd}},
		{"make sessions last 2 hours, not 4 hours", broker.AllowOnce, broker.Ask{Op: secret.OpSettings, Setting: &broker.Adjustment{Name: secret.SettingSession, Old: 4 * time.Hour, New: 2 * time.Hour}}},
		{"keep copied values on the clipboard for 1 minute, not 30 seconds", broker.AllowOnce, broker.Ask{Op: secret.OpSettings, Setting: &broker.Adjustment{Name: secret.SettingClipboard, Old: 30 * time.Second, New: time.Minute}}},
		{"set strange‹U+202E› to 1 minute, not no time", broker.AllowOnce, broker.Ask{Op: secret.OpSettings, Setting: &broker.Adjustment{Name: "strange\u202e", New: time.Minute}}},
		{"change a setting", broker.AllowOnce, broker.Ask{Op: secret.OpSettings}},
		{"change the list of projects: acme/api", broker.AllowOnce, broker.Ask{Op: secret.OpPlaces, Prefix: "acme/api"}},
		{"do strange‹U+202E› for an unknown program", broker.AllowOnce, broker.Ask{Op: "strange\u202e"}},
	} {
		got := Reason(&c.ask, c.choice)
		if got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
		if len(got) > 120 || strings.HasSuffix(got, ".") {
			t.Errorf("%q does not fit a system sheet", got)
		}
	}
}
