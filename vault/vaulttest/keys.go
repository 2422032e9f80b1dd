package vaulttest

import "noxkey/secret"

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

// rewrites is what striking off a recovery code does: read, and write under the same key.
func rewrites(b *bench) {
	b.apply(b.root(), set(api, "a", secret.Normal), set(admin, "s", secret.Strict), set("acme/api/EASY", "e", secret.Easy), set(prod, "p", secret.Normal))
	of := b.unlock(secret.Scope{Names: []secret.Name{api, admin}})
	again := func(n secret.Name, v string) secret.Change {
		return secret.Change{Action: secret.ActionSet, Name: n, Value: value(v), Replace: true}
	}
	b.apply(of, again(api, "a2"), again(admin, "s2"))
	b.apply(nil, again("acme/api/EASY", "e2"))
	b.refused(secret.Denied, prod, of, again(prod, "x"))
	c, err := of.Session(secret.Scope{Names: []secret.Name{api}})
	if err != nil {
		b.Fatal(err)
	}
	b.apply(c, again(api, "a3"))
	b.refused(secret.Denied, admin, c, again(admin, "x"))
	if e := b.entry(admin); e.Level != secret.Strict || b.open(of, admin) != "s2" || b.open(of, api) != "a3" || b.open(nil, "acme/api/EASY") != "e2" {
		b.Fatalf("the vault holds something else: %+v", e)
	}
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
