package vaulttest

import (
	"slices"
	"strings"
	"time"

	"noxkey/secret"
)

const (
	api   secret.Name = "acme/api/STRIPE_KEY"
	prod  secret.Name = "acme/prod/STRIPE_KEY"
	admin secret.Name = "acme/api/ADMIN_KEY"
	none  secret.Name = "acme/api/NOT_THERE"
)

func lockedTellsNothing(b *bench) {
	check := func(when string) {
		_, err := b.Vault.Under("")
		b.want(err, secret.Locked, "")
		_, err = b.Vault.Open(nil, []secret.Ref{{Name: api}})
		b.want(err, secret.Locked, "")
		_, err = b.Vault.Recall("head")
		b.want(err, secret.Locked, "")
		b.want(b.Vault.Remember("head", []byte("1")), secret.Locked, "")
		b.want(b.Vault.Apply(nil, []secret.Change{removed(api)}), secret.Locked, "")
		b.Log(when)
	}
	check("at the start")
	_, err := b.Vault.AuditKey()
	b.want(err, secret.Locked, "")
	b.apply(b.root(), set(api, "v", secret.Easy))
	b.Vault.Lock()
	check("after a lock")
	b.unlock(secret.Scope{})
	if got := b.names(""); !slices.Equal(got, []secret.Name{api}) {
		b.Fatalf("after unlocking again: %v", got)
	}
}

func lockEndsKeys(b *bench) {
	k := b.root()
	b.apply(k, set(api, "v", secret.Normal))
	s, err := k.Session(secret.Scope{Prefix: "acme"})
	if err != nil {
		b.Fatal(err)
	}
	b.Vault.Lock()
	fresh := b.root()
	b.closed(k, api)
	b.closed(s, api)
	if got := b.open(fresh, api); got != "v" {
		b.Fatalf("got %q", got)
	}
}

func roundTrip(b *bench) {
	var every []byte
	for i := 1; i < 256; i++ {
		every = append(every, byte(i))
	}
	values := []string{"x", string(every), "a\nb'c\"$(d)\\", strings.Repeat("0123456789abcdef", secret.MaxValue/16)}
	k := b.root()
	for i, l := range secret.Levels {
		for j, v := range values {
			n := secret.Name("org/" + string(l) + "/K" + string(rune('A'+j)))
			b.apply(k, set(n, v, l))
			if got := b.open(k, n); got != v {
				b.Fatalf("level %d, value %d: %d bytes in, %d bytes out", i, j, len(v), len(got))
			}
		}
	}
	refs := []secret.Ref{{Name: "org/strict/KC"}, {Name: "org/easy/KA"}, {Name: "org/strict/KC"}}
	got, err := b.Vault.Open(k, refs)
	if err != nil || len(got) != 3 || text(got[0]) != values[2] || text(got[1]) != "x" || text(got[2]) != values[2] {
		b.Fatalf("a batch came back otherwise than asked: %v %v", got, err)
	}
}

func listing(b *bench) {
	in := []secret.Name{"acme/api2/K", "acme/api/b/K", "acme/api", "zeta/K", "acme/api-x/K", "acme/api.x/K", "acme/api/A", "Acme/api/K", "acme/ap/K"}
	k := b.root()
	for _, n := range in {
		b.apply(k, set(n, "v", secret.Normal))
	}
	for p, want := range map[secret.Prefix][]secret.Name{
		"":           {"Acme/api/K", "acme/ap/K", "acme/api", "acme/api-x/K", "acme/api.x/K", "acme/api/A", "acme/api/b/K", "acme/api2/K", "zeta/K"},
		"acme/api":   {"acme/api", "acme/api/A", "acme/api/b/K"},
		"acme/api/b": {"acme/api/b/K"},
		"acme/ap":    {"acme/ap/K"},
		"acme/a":     nil,
		"zeta/K":     {"zeta/K"},
		"zz":         nil,
	} {
		if got := b.names(p); !slices.Equal(got, want) {
			b.Errorf("under %q: %v, want %v", p, got, want)
		}
	}
	list := b.under("")
	list[0].Name = "changed/by/CALLER" // the slice is the caller's
	if b.names("")[0] != "Acme/api/K" {
		b.Error("a caller's change of a listing reached the vault")
	}
}

func metadata(b *bench) {
	k := b.root()
	until := time.Date(2031, 2, 3, 4, 5, 6, 7, time.FixedZone("far", 3600))
	b.apply(k, secret.Change{Action: secret.ActionSet, Name: api, Value: value("sk_live_0123456789abcdefghijklmnopqrstuv"), Meta: secret.Patch{
		FieldType: ptr(secret.Token), Kind: ptr(secret.KindCustom), Level: ptr(secret.Strict), Bundle: ptr("pay"), Desc: ptr("of € 5"),
		Expires: &until, RotateURL: ptr("https://example.com/keys")}})
	e := b.entry(api)
	want := secret.Metadata{FieldType: secret.Token, Kind: secret.KindCustom, Level: secret.Strict, Bundle: "pay", Desc: "of € 5",
		Expires: until.UTC(), RotateURL: "https://example.com/keys", Created: e.Created, Changed: e.Created, Peek: "sk_live_"}
	if e.Metadata != want || !near(e.Created) || e.Version == 0 || e.Damaged {
		b.Fatalf("got  %+v\nwant %+v", e, want)
	}
	b.apply(k, secret.Change{Action: secret.ActionSet, Name: "login/github.com/PASSWORD", Value: value("correct horse battery staple")})
	if e := b.entry("login/github.com/PASSWORD"); e.FieldType != secret.Password || e.Kind != secret.KindLogin || e.Peek != "" {
		b.Fatalf("a login's password has %+v", e)
	}
}

func setExists(b *bench) {
	k := b.root()
	b.apply(k, set(api, "one", secret.Normal))
	b.refused(secret.Exists, api, k, set(api, "two", secret.Normal))
	if got := b.open(k, api); got != "one" {
		b.Fatalf("got %q", got)
	}
}

func replace(b *bench) {
	k := b.root()
	b.apply(k, secret.Change{Action: secret.ActionSet, Name: api, Value: value("one"), Meta: secret.Patch{Desc: ptr("old")}})
	old := b.entry(api)
	b.apply(k, secret.Change{Action: secret.ActionSet, Name: api, Value: value("0123456789abcdef"), Replace: true, Meta: secret.Patch{Bundle: ptr("new")}})
	e := b.entry(api)
	if e.Created != old.Created || e.Changed.Before(old.Changed) || e.Version != old.Version+1 || e.Desc != "old" || e.Bundle != "new" || e.Peek != "0123" {
		b.Fatalf("from %+v\nto %+v", old, e)
	}
	if got := b.open(k, api); got != "0123456789abcdef" {
		b.Fatalf("got %q", got)
	}
}

func namesChecked(b *bench) {
	k := b.root()
	b.apply(k, set(api, "v", secret.Normal))
	for n, code := range map[secret.Name]secret.Code{
		"acme/api/PATH":           secret.Reserved,
		"acme/api/LD_PRELOAD":     secret.Reserved,
		"acme/api/BASH_ENV":       secret.Reserved,
		"acme/api/9LIVES":         secret.Invalid,
		"login/github.com/COOKIE": secret.Invalid,
		"ALONE":                   secret.Invalid,
		"":                        secret.Invalid,
		"a/b/c/d/e/f/G":           secret.Invalid,
		"acme/../KEY":             secret.Invalid,
	} {
		b.refused(code, "", k, set(n, "v", secret.Normal))
		b.refused(code, api, k, moved(api, n))
	}
}

func metadataChecked(b *bench) {
	k := b.root()
	b.apply(k, set(api, "v", secret.Normal))
	for _, p := range []secret.Patch{
		{Level: ptr(secret.Level("looser"))}, {FieldType: ptr(secret.FieldType("secret"))}, {Kind: ptr(secret.Kind(""))},
		{Desc: ptr(strings.Repeat("x", 5000))}, {Bundle: ptr("\xff")}, {Expires: ptr(time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC))},
	} {
		b.refused(secret.Invalid, api, k, edited(api, p))
		b.refused(secret.Invalid, none, k, secret.Change{Action: secret.ActionSet, Name: none, Value: value("v"), Meta: p})
	}
	b.refused(secret.Invalid, none, k, secret.Change{Action: secret.ActionSet, Name: none})
	b.refused(secret.Invalid, api, k, secret.Change{Action: "explode", Name: api})
}

func move(b *bench) {
	k := b.root()
	b.apply(k, set(api, "0123456789ab", secret.Normal))
	old := b.entry(api)
	partial := b.unlock(secret.Scope{Names: []secret.Name{api}})
	b.refused(secret.Denied, prod, partial, moved(api, prod))
	b.refused(secret.Denied, api, b.unlock(secret.Scope{Names: []secret.Name{prod}}), moved(api, prod))
	b.refused(secret.Denied, "", nil, moved(api, prod))
	b.refused(secret.Invalid, api, k, moved(api, api))
	b.refused(secret.NotFound, none, k, moved(none, prod))
	both := b.unlock(secret.Scope{Names: []secret.Name{api, prod}})
	b.apply(both, moved(api, prod))
	e := b.entry(prod)
	if e.Metadata != old.Metadata || e.Version <= old.Version {
		b.Fatalf("from %+v\nto %+v", old, e)
	}
	if got := b.names(""); !slices.Equal(got, []secret.Name{prod}) {
		b.Fatalf("names %v", got)
	}
	if got := b.open(b.unlock(secret.Scope{Names: []secret.Name{prod}}), prod); got != "0123456789ab" {
		b.Fatalf("got %q", got)
	}
	b.closed(partial, prod)
}

func moveExists(b *bench) {
	k := b.root()
	b.apply(k, set(api, "one", secret.Normal), set(prod, "two", secret.Strict))
	b.refused(secret.Exists, prod, k, moved(api, prod))
	c := moved(api, prod)
	c.Replace = true
	weak := b.unlock(secret.Scope{Prefix: "acme"}) // reaches normal only
	b.refused(secret.Denied, prod, weak, c)
	b.apply(k, c)
	if got := b.open(k, prod); got != "one" || len(b.under("")) != 1 {
		b.Fatalf("got %q", got)
	}
}

func remove(b *bench) {
	k := b.root()
	b.apply(k, set(api, "v", secret.Strict), set(prod, "v", secret.Normal))
	b.apply(nil, removed(api))
	if got := b.names(""); !slices.Equal(got, []secret.Name{prod}) {
		b.Fatalf("names %v", got)
	}
	_, err := b.Vault.Open(k, []secret.Ref{{Name: api}})
	b.want(err, secret.NotFound, api)
	b.refused(secret.NotFound, api, k, removed(api))
}

func editFree(b *bench) {
	k := b.root()
	b.apply(k, set(api, "0123456789ab", secret.Strict))
	old := b.entry(api)
	b.apply(nil, edited(api, secret.Patch{Desc: ptr("d"), Bundle: ptr("b"), RotateURL: ptr("u"), Level: ptr(secret.Strict)}))
	e := b.entry(api)
	want := old
	want.Desc, want.Bundle, want.RotateURL = "d", "b", "u"
	if e != want {
		b.Fatalf("got %+v\nwant %+v", e, want)
	}
	if got := b.open(k, api); got != "0123456789ab" {
		b.Fatalf("got %q", got)
	}
	b.refused(secret.NotFound, none, k, edited(none, secret.Patch{Desc: ptr("d")}))
}

func editBound(b *bench) {
	k := b.root()
	b.apply(k, set(api, "0123456789ab", secret.Normal))
	old := b.entry(api)
	for _, p := range []secret.Patch{{Level: ptr(secret.Strict)}, {FieldType: ptr(secret.Password)}, {Kind: ptr(secret.KindRecoveryCodes)}} {
		b.refused(secret.Denied, api, nil, edited(api, p))
		b.refused(secret.Denied, api, b.unlock(secret.Scope{Names: []secret.Name{prod}}), edited(api, p))
	}
	b.apply(b.unlock(secret.Scope{Names: []secret.Name{api}}), edited(api, secret.Patch{FieldType: ptr(secret.Password)}))
	if e := b.entry(api); e.Peek != "" || e.FieldType != secret.Password || e.Version != old.Version+1 || e.Created != old.Created {
		b.Fatalf("got %+v", e)
	}
	if got := b.open(k, api); got != "0123456789ab" {
		b.Fatalf("got %q", got)
	}
}

func allOrNothing(b *bench) {
	k := b.root()
	b.apply(k, set(api, "one", secret.Normal))
	b.refused(secret.NotFound, none, k, replaced(set(api, "two", secret.Normal)), set(prod, "new", secret.Normal), removed(none))
	b.refused(secret.Reserved, "acme/api/PATH", k, set(prod, "new", secret.Normal), set("acme/api/PATH", "x", secret.Normal))
	if got := b.open(k, api); got != "one" {
		b.Fatalf("got %q", got)
	}
	b.apply(k)
}

func chained(b *bench) {
	k := b.root()
	b.apply(k, set(api, "one", secret.Normal), moved(api, prod), replaced(set(prod, "two", secret.Strict)), set(api, "three", secret.Easy), set(admin, "four", secret.Normal), removed(admin))
	if got := b.names(""); !slices.Equal(got, []secret.Name{api, prod}) || b.open(k, prod) != "two" || b.open(nil, api) != "three" {
		b.Fatalf("names %v", got)
	}
}

func versions(b *bench) {
	k := b.root()
	b.apply(k, set(api, "one", secret.Normal))
	v := b.entry(api).Version
	b.apply(k, replaced(set(api, "two", secret.Normal)))
	_, err := b.Vault.Open(k, []secret.Ref{{Name: api, Version: v}})
	b.want(err, secret.Conflict, api)
	got, err := b.Vault.Open(k, []secret.Ref{{Name: api, Version: v + 1}})
	if err != nil || text(got[0]) != "two" {
		b.Fatalf("the current version: %v", err)
	}
}

// A ticket that was approved for a version must not fetch another value because
// the secret was removed and made again.
func versionsNeverReturn(b *bench) {
	k := b.root()
	b.apply(k, set(api, "one", secret.Normal), set(prod, "other", secret.Normal))
	seen := map[uint64]bool{b.entry(api).Version: true}
	again := func(c ...secret.Change) {
		b.Helper()
		b.apply(k, c...)
		v := b.entry(api).Version
		if seen[v] {
			b.Fatalf("version %d came back", v)
		}
		seen[v] = true
	}
	again(removed(api), set(api, "two", secret.Normal))
	again(replaced(set(api, "three", secret.Normal)))
	again(removed(api), moved(prod, api))
	b.apply(k, moved(api, prod))
	again(moved(prod, api))
}

func easy(b *bench) {
	b.unlock(secret.Scope{})
	b.apply(nil, set(api, "v", secret.Easy))
	if got := b.open(nil, api); got != "v" {
		b.Fatalf("got %q", got)
	}
	b.refused(secret.Denied, prod, nil, set(prod, "v", secret.Normal))
	b.refused(secret.Denied, api, nil, edited(api, secret.Patch{Level: ptr(secret.Normal)}))
}

func lowering(b *bench) {
	k := b.root()
	b.apply(k, set(api, "v", secret.Strict), set(admin, "v", secret.OffLimits))
	s, err := k.Session(secret.Scope{Prefix: "acme"})
	if err != nil {
		b.Fatal(err)
	}
	for _, n := range []secret.Name{api, admin} {
		for _, l := range []secret.Level{secret.Easy, secret.Normal} {
			b.refused(secret.Denied, n, s, edited(n, secret.Patch{Level: &l}))
			b.refused(secret.Denied, n, s, replaced(set(n, "mine", l)))
		}
		b.refused(secret.Denied, n, s, moved(n, "acme/api/MINE"))
		b.apply(b.unlock(secret.Scope{Names: []secret.Name{n}}), edited(n, secret.Patch{Level: ptr(secret.Normal)}))
		if got := b.open(s, n); got != "v" {
			b.Fatalf("got %q", got)
		}
	}
}

func scopes(b *bench) {
	k := b.root()
	b.apply(k, set(api, "a", secret.Normal), set(admin, "s", secret.Strict), set(prod, "p", secret.Normal), set("acme/api2/K", "2", secret.Normal), set("acme/api/deep/K", "d", secret.Normal), set("acme/api", "self", secret.Normal))
	name := b.unlock(secret.Scope{Names: []secret.Name{admin, "acme/api"}})
	if b.open(name, admin) != "s" || b.open(name, "acme/api") != "self" {
		b.Fatal("a key does not open its own names")
	}
	for _, n := range []secret.Name{api, prod, "acme/api/deep/K", "acme/api2/K"} {
		b.closed(name, n)
	}
	prefix := b.unlock(secret.Scope{Prefix: "acme/api"})
	for _, n := range []secret.Name{api, "acme/api/deep/K", "acme/api"} {
		b.open(prefix, n)
	}
	for _, n := range []secret.Name{admin, prod, "acme/api2/K"} {
		b.closed(prefix, n)
	}
	both := b.unlock(secret.Scope{Prefix: "acme/api", Names: []secret.Name{admin, prod}})
	for _, n := range []secret.Name{api, admin, prod} {
		b.open(both, n)
	}
	b.closed(both, "acme/api2/K")
	nothing := b.unlock(secret.Scope{})
	b.closed(nothing, api)
	v, err := b.Vault.Open(name, []secret.Ref{{Name: admin}, {Name: prod}})
	b.want(err, secret.Denied, prod)
	if v != nil {
		b.Fatal("part of a batch was opened")
	}
}

func sessions(b *bench) {
	k := b.root()
	b.apply(k, set(api, "a", secret.Normal), set(admin, "s", secret.Strict), set("acme/api/OFF", "o", secret.OffLimits), set(prod, "p", secret.Normal), set("acme/api/EASY", "e", secret.Easy))
	of := b.unlock(secret.Scope{Prefix: "acme/api", Names: []secret.Name{api, admin, "acme/api/OFF"}})
	for _, s := range []secret.Scope{
		{Prefix: "acme/api"}, {Names: []secret.Name{api, admin, "acme/api/OFF"}}, {Prefix: "acme/api", Names: []secret.Name{admin}},
	} {
		for _, from := range []secret.Key{of, k} {
			c, err := from.Session(s)
			if err != nil {
				b.Fatalf("session over %v: %v", s, err)
			}
			if b.open(c, api) != "a" || b.open(c, "acme/api/EASY") != "e" {
				b.Fatal("a session does not open what it covers")
			}
			for _, n := range []secret.Name{admin, "acme/api/OFF", prod} {
				b.closed(c, n)
			}
		}
	}
	// One that was normal when the session began and is strict now is closed to it.
	c, _ := k.Session(secret.Scope{Names: []secret.Name{api}})
	b.apply(k, edited(api, secret.Patch{Level: ptr(secret.Strict)}))
	b.closed(c, api)
}

func sessionOfSession(b *bench) {
	k := b.root()
	b.apply(k, set(api, "a", secret.Normal), set(admin, "s", secret.Strict), set(prod, "p", secret.Normal))
	if _, err := k.Session(secret.Scope{Root: true}); err == nil {
		b.Fatal("a session over everything")
	}
	c, err := k.Session(secret.Scope{Prefix: "acme/api"})
	if err != nil {
		b.Fatal(err)
	}
	for _, s := range []secret.Scope{{Prefix: "acme"}, {Prefix: "acme/prod"}, {Prefix: "acme/api2"}, {Names: []secret.Name{prod}}, {Names: []secret.Name{api, prod}}, {Root: true}} {
		_, err := c.Session(s)
		b.want(err, secret.Denied, "")
	}
	d, err := c.Session(secret.Scope{Names: []secret.Name{api, admin}})
	if err != nil {
		b.Fatal(err)
	}
	b.closed(d, admin)
	c.Wipe() // each is its own
	if b.open(d, api) != "a" {
		b.Fatal("a session ended with the one it came from")
	}
	_, err = b.unlock(secret.Scope{Names: []secret.Name{api}}).Session(secret.Scope{Prefix: "acme/api"})
	b.want(err, secret.Denied, "")
}

func wiped(b *bench) {
	k := b.root()
	b.apply(k, set(api, "v", secret.Normal))
	k.Wipe()
	k.Wipe()
	b.closed(k, api)
	_, err := k.Session(secret.Scope{Names: []secret.Name{api}})
	b.want(err, secret.Denied, "")
	b.refused(secret.Denied, prod, k, set(prod, "v", secret.Normal))
}

type stranger struct{}

func (stranger) Session(secret.Scope) (secret.Key, error) { return stranger{}, nil }
func (stranger) Wipe()                                    {}

func foreign(b *bench) {
	b.apply(b.root(), set(api, "v", secret.Normal))
	b.closed(stranger{}, api)
	b.closed(nil, api)
}

func ownership(b *bench) {
	k := b.root()
	c := set(api, "mine", secret.Normal)
	b.apply(k, c)
	if c.Value.Empty() {
		b.Fatal("Apply wiped a value that is not its own")
	}
	c.Value.Wipe()
	for range 2 { // opening wipes a copy only
		if got := b.open(k, api); got != "mine" {
			b.Fatalf("got %q", got)
		}
	}
}

func ledger(b *bench) {
	b.unlock(secret.Scope{})
	if got, err := b.Vault.Recall("head"); got != nil || err != nil {
		b.Fatalf("recalled %q, %v out of nothing", got, err)
	}
	data := []byte("one")
	for key, d := range map[string][]byte{"head": data, "callers": {0, 1, 255}} {
		if err := b.Vault.Remember(key, d); err != nil {
			b.Fatal(err)
		}
	}
	data[0] = 'x'
	recall := func(f Fixture, key, want string) {
		b.Helper()
		got, err := f.Vault.Recall(key)
		if err != nil || string(got) != want {
			b.Fatalf("recalled %q, %v, want %q", got, err, want)
		}
		clear(got)
	}
	recall(b.Fixture, "head", "one")
	recall(b.Fixture, "head", "one")
	b.apply(b.root(), set(api, "v", secret.Easy))
	b.Vault.Lock()
	b.unlock(secret.Scope{})
	recall(b.Fixture, "callers", "\x00\x01\xff")
	if err := b.Vault.Remember("callers", nil); err != nil {
		b.Fatal(err)
	}
	if got, err := b.Vault.Recall("callers"); got != nil || err != nil {
		b.Fatalf("recalled %q, %v after it was forgotten", got, err)
	}
}

func auditKey(b *bench) {
	b.unlock(secret.Scope{})
	one, err := b.Vault.AuditKey()
	if err != nil || one == [32]byte{} {
		b.Fatalf("audit key %v, %v", one, err)
	}
	b.Vault.Lock()
	if two, err := b.Vault.AuditKey(); err != nil || two != one {
		b.Fatal("the audit key did not outlast the lock")
	}
	if b.Reopen == nil {
		return
	}
	f := b.Reopen(b.T)
	if _, err := f.Unlock(secret.Scope{}); err != nil {
		b.Fatal(err)
	}
	if two, err := f.Vault.AuditKey(); err != nil || two != one {
		b.Fatal("another run has another audit key")
	}
}

func reopen(b *bench) {
	if b.Reopen == nil {
		b.Log("nothing of this vault outlasts the process")
		return
	}
	k := b.root()
	b.apply(k, set(api, "a", secret.Normal), set(admin, "s", secret.Strict), set(prod, "e", secret.Easy))
	b.apply(k, edited(admin, secret.Patch{Desc: ptr("d"), Expires: ptr(time.Now())}))
	if err := b.Vault.Remember("head", []byte("7")); err != nil {
		b.Fatal(err)
	}
	before := b.under("")
	next := &bench{b.T, b.Reopen(b.T)}
	k = next.root()
	if after := next.under(""); !slices.Equal(before, after) {
		b.Fatalf("before %+v\nafter %+v", before, after)
	}
	if next.open(k, api) != "a" || next.open(k, admin) != "s" || next.open(nil, prod) != "e" {
		b.Fatal("other values in the next run")
	}
	if got, _ := next.Vault.Recall("head"); string(got) != "7" {
		b.Fatalf("recalled %q", got)
	}
}
