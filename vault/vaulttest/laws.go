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
