package vaulttest

import (
	"slices"
	"strings"
	"time"

	"noxkey/secret"
)

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
