package ui

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"noxkey/broker"
	"noxkey/caller"
	"noxkey/secret"
)

// eSeed makes the same grants every time; a failure prints it with the case.
const eSeed = 20261122

// generator makes random grants. Its words are few, so that things often coincide.
type generator struct{ *rand.Rand }

func pick[T any](g generator, list []T) T { return list[g.IntN(len(list))] }

var (
	eOps        = []secret.Op{secret.OpGet, secret.OpPeek, secret.OpList, secret.OpUnlock, secret.OpWrite, secret.OpPlaces, secret.OpPasswd, secret.OpRekey, secret.OpSettings, "strange"}
	eDeliveries = []secret.Delivery{"", secret.DeliverShell, secret.DeliverRun, secret.DeliverEval, secret.DeliverRaw, secret.DeliverCopy, secret.DeliverLoad, secret.DeliverExport}
	eKinds      = []broker.Kind{broker.AskCard, broker.AskHuman, broker.AskEntry}
	eClasses    = []caller.Class{caller.Unknown, caller.Agent, caller.Human}
	eActions    = []secret.Action{secret.ActionSet, secret.ActionMove, secret.ActionRemove, secret.ActionEdit}
	eSegments   = []string{"acme", "api", "web", "KEY", "TOKEN", "prod", "login", "github.com", "PASSWORD", "a", "b-1"}
	eWords      = []string{"", "Codex", "Claude Code", "zsh", "node", "/usr/bin/node", "/home/me/src", "make test", "because", "allow once", "deny",
		"a\nb", "\x1b[2J", "a\u202eb", "p\u0430y", "x\xff", "x\xfe", "“", "”", "→", " › ", "… 3 more characters", "none", "tmux: server"}
)

func (g generator) path(least, most int) string {
	parts := make([]string, least+g.IntN(most-least+1))
	for i := range parts {
		parts[i] = pick(g, eSegments)
	}
	return strings.Join(parts, "/")
}

func (g generator) time() time.Time {
	if g.IntN(3) == 0 {
		return time.Time{}
	}
	return noon.AddDate(g.IntN(3)-1, g.IntN(12), g.IntN(28)).Add(time.Duration(g.IntN(86400)) * time.Second)
}

// named are the types whose values are not just any.
var named = map[reflect.Type]func(g generator) any{
	reflect.TypeFor[secret.Name]():      func(g generator) any { return secret.Name(g.path(2, 4)) },
	reflect.TypeFor[secret.Prefix]():    func(g generator) any { return secret.Prefix(pick(g, []string{"", g.path(1, 3)})) },
	reflect.TypeFor[secret.Level]():     func(g generator) any { return pick(g, secret.Levels) },
	reflect.TypeFor[secret.FieldType](): func(g generator) any { return pick(g, secret.FieldTypes) },
	reflect.TypeFor[secret.Kind]():      func(g generator) any { return pick(g, secret.Kinds) },
	reflect.TypeFor[secret.Op]():        func(g generator) any { return pick(g, eOps) },
	reflect.TypeFor[secret.Delivery]():  func(g generator) any { return pick(g, eDeliveries) },
	reflect.TypeFor[secret.Action]():    func(g generator) any { return pick(g, eActions) },
	reflect.TypeFor[broker.Kind]():      func(g generator) any { return pick(g, eKinds) },
	reflect.TypeFor[caller.Class]():     func(g generator) any { return pick(g, eClasses) },
	reflect.TypeFor[caller.Reason]():    func(g generator) any { return caller.Reason(g.IntN(int(caller.ReasonEditor) + 1)) },
	reflect.TypeFor[time.Time]():        func(g generator) any { return g.time() },
	reflect.TypeFor[time.Duration]():    func(g generator) any { return time.Duration(g.IntN(4)*g.IntN(7200)) * time.Second },
}

// fill gives v, which can be set, a random value.
func (g generator) fill(t *testing.T, v reflect.Value) {
	if f, ok := named[v.Type()]; ok {
		v.Set(reflect.ValueOf(f(g)))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if !v.Type().Field(i).IsExported() {
				t.Fatalf("%s.%s cannot be filled: a grant is plain data", v.Type(), v.Type().Field(i).Name)
			}
			g.fill(t, v.Field(i))
		}
	case reflect.Pointer:
		v.SetZero()
		if g.IntN(2) == 0 {
			v.Set(reflect.New(v.Type().Elem()))
			g.fill(t, v.Elem())
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), g.IntN(4), 4))
		fallthrough
	case reflect.Array:
		for i := range v.Len() {
			g.fill(t, v.Index(i))
		}
	case reflect.String:
		v.SetString(pick(g, eWords))
	case reflect.Bool:
		v.SetBool(g.IntN(2) == 0)
	default:
		switch {
		case v.CanInt():
			v.SetInt(int64(g.IntN(5)))
		case v.CanUint():
			v.SetUint(uint64(g.IntN(5)))
		default:
			t.Fatalf("what is a %s?", v.Type())
		}
	}
}

// place is one thing of a grant that can be changed: a leaf, a list, a pointer.
type place struct {
	path string // ".Who.Chain[2].Comm"
	v    reflect.Value
}

// places walks everything below v, so that no field can be forgotten.
func places(v reflect.Value, path string, list []place) []place {
	if _, leaf := named[v.Type()]; leaf {
		return append(list, place{path, v})
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			list = places(v.Field(i), path+"."+v.Type().Field(i).Name, list)
		}
	case reflect.Pointer:
		list = append(list, place{path, v})
		if !v.IsNil() {
			list = places(v.Elem(), path, list)
		}
	case reflect.Slice, reflect.Array:
		if v.Kind() == reflect.Slice {
			list = append(list, place{path + "[]", v})
		}
		for i := range v.Len() {
			list = places(v.Index(i), fmt.Sprintf("%s[%d]", path, i), list)
		}
	default:
		list = append(list, place{path, v})
	}
	return list
}

// alter gives p another value than it has: for a list one more, one less, or another
// order.
func (g generator) alter(t *testing.T, p place) {
	was := deepCopy(p.v).Interface()
	for range 1000 {
		switch n := 0; {
		case p.v.Kind() == reflect.Slice && g.IntN(2) == 0:
			n = p.v.Len()
			p.v.Set(reflect.MakeSlice(p.v.Type(), n+1, n+1))
			reflect.Copy(p.v, reflect.ValueOf(was))
			g.fill(t, p.v.Index(n))
		case p.v.Kind() == reflect.Slice && p.v.Len() > 1 && g.IntN(2) == 0:
			reflect.Swapper(p.v.Interface())(0, 1)
		case p.v.Kind() == reflect.Slice && p.v.Len() > 0:
			p.v.Set(p.v.Slice(0, p.v.Len()-1))
		default:
			g.fill(t, p.v)
		}
		if !reflect.DeepEqual(p.v.Interface(), was) && !(p.v.Kind() == reflect.Slice && p.v.Len() == 0 && reflect.ValueOf(was).Len() == 0) {
			return
		}
	}
	t.Fatalf("%s stays %v", p.path, was)
}

// deepCopy copies plain data.
func deepCopy(v reflect.Value) reflect.Value {
	c := reflect.New(v.Type()).Elem()
	c.Set(v)
	if v.Type() == reflect.TypeFor[time.Time]() {
		return c
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			c.Field(i).Set(deepCopy(v.Field(i)))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			c.Set(reflect.New(v.Type().Elem()))
			c.Elem().Set(deepCopy(v.Elem()))
		}
	case reflect.Slice:
		if !v.IsNil() {
			c.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
		}
		fallthrough
	case reflect.Array:
		for i := range v.Len() {
			c.Index(i).Set(deepCopy(v.Index(i)))
		}
	}
	return c
}

// noGrant are the fields that change nothing of what is granted, and why.
var noGrant = map[string]string{
	".ID":       "numbers the request; the same request asked twice is one card",
	".Position": "its place in the queue",
	".Waiting":  "how many wait",
	".Deadline": "when silence counts as a denial; grants nothing",
	".Note":     "why the card is back",
}

// markOnly are the fields that change the mark alone and no line, and why no line.
var markOnly = map[string]string{
	".Who.UID":            "always ours: another user is refused at the socket",
	".Who.Lease":          "the process that asked, which the chain names; tells when a session ends",
	".Who.Quiet":          "whether a person's own session is silent, which no card grants",
	".Who.Vouchable":      "drawn through Vouch, which is it",
	".Vouch":              "drawn by name and pid; the rest of the process is the kernel's",
	".Who.Chain.PPID":     "the order of the chain says it",
	".Who.Chain.UIDs":     "a caller with another uid is unknown, which has a strip",
	".Who.Chain.SID":      "what the kernel counts; nothing to judge by",
	".Who.Chain.PGID":     "the same",
	".Who.Chain.TTY":      "a person's terminal is named; an agent's does not matter",
	".Who.Chain.ExeID":    "a changed program is told by Known.Changed",
	".Who.Chain.ScriptID": "the same",
	".Who.Chain.NoExe":    "the same as an empty path",
	".Who.Chain.ID.Start": "a pid and its start are one process, drawn by pid",
	".Who.Anchor.Start":   "the same",
	".Who.Chain.Argv":     "its own words; the program's name is drawn",
	".Items.Type":         "a field type does not change what is released",
	".Items.Version":      "versions are for the broker's comparison at release",
	".Writes.Version":     "the same",
	".Writes.Over":        "the same; the row says that something is replaced",
	".Writes.Old.Created": "kept by the vault, not asked for",
	".Writes.New.Created": "the same",
	".Writes.Old.Changed": "the same",
	".Writes.New.Changed": "the same",
	".Writes.Old.Peek":    "the start of a value is no part of a card",
	".Writes.New.Peek":    "the same",
	".Run.File":           "tells a file from another in its place; compared by the client at the start",
	".Run.Scripts":        "scripts are among the arguments, which are drawn; the rest is compared at the start",
}

var index = regexp.MustCompile(`\[\d+\]`)

// TestThreatE1GeneratedGrants: 8,000 random grants, one thing of each changed: text and
// digest differ. Every field of a grant is changed often, and but for those listed
// above each is told in a line of its own, besides the mark. Some are told only where
// something else is not known, which is rare: for these it goes on to 40,000.
func TestThreatE1GeneratedGrants(t *testing.T) {
	g := generator{rand.New(rand.NewPCG(eSeed, 1))}
	tried, lines := map[string]int{}, map[string]int{}
	terms := Terminal("/home/me")
	for n := 0; n < 8000 || n < 40000 && len(untold(tried, lines)) > 0; n++ {
		a := new(broker.Ask)
		g.fill(t, reflect.ValueOf(a).Elem())
		b := deepCopy(reflect.ValueOf(a)).Interface().(*broker.Ask)
		p := g.rarest(places(reflect.ValueOf(b).Elem(), "", nil), tried)
		path := index.ReplaceAllString(p.path, "")
		tried[path]++
		g.alter(t, p)
		va, vb := Card(a, terms, noon), Card(b, terms, noon)
		if noGrant[path] != "" {
			if a.Digest() != b.Digest() {
				t.Errorf("seed %d case %d: %s changes the digest: %s", eSeed, n, p.path, noGrant[path])
			}
			continue
		}
		if a.Digest() == b.Digest() {
			t.Errorf("seed %d case %d: %s changes and the digest does not:\n%+v\n%+v", eSeed, n, p.path, a, b)
		}
		if va.Text() == vb.Text() {
			t.Errorf("seed %d case %d: %s changes and the text does not:\n%s", eSeed, n, p.path, va.Text())
		}
		va.Mark, vb.Mark = "", ""
		if va.Text()+CardNote(a, terms, noon) != vb.Text()+CardNote(b, terms, noon) {
			lines[path]++
		}
	}
	for path, n := range tried {
		if n < 10 {
			t.Errorf("%s was changed only %d times", path, n)
		}
	}
	for _, path := range untold(tried, lines) {
		t.Errorf("%s never changes a line of the card, and no reason is given", path)
	}
	t.Logf("%d fields, lists and pointers", len(tried))
}

// untold are the paths that were tried and changed no line, for no reason that is given.
func untold(tried, lines map[string]int) (list []string) {
	for path := range tried {
		if lines[path] == 0 && why(path) == "" {
			list = append(list, path)
		}
	}
	return list
}

// rarest returns the place of which the fewest like it were changed so far.
func (g generator) rarest(list []place, tried map[string]int) place {
	g.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	best, least := list[0], 1<<30
	for _, p := range list {
		if n := tried[index.ReplaceAllString(p.path, "")]; n < least {
			best, least = p, n
		}
	}
	return best
}

// why is the reason for a field without a line: its own, or that of what it is part of.
func why(path string) string {
	for ; path != ""; path = path[:strings.LastIndexAny(path, ".[")] {
		if r := markOnly[path] + noGrant[path]; r != "" {
			return r
		}
	}
	return ""
}
