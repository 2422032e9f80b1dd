package file

import "noxkey/secret"

// deeds start from three secrets (small).
func deeds() []deed {
	change := func(c ...secret.Change) func(*Vault, secret.Key) error {
		return func(v *Vault, k secret.Key) error { return v.Apply(k, c) }
	}
	set := secret.Change{Action: secret.ActionSet, Name: keyA, Replace: true, Value: pass("newer")}
	one, two := set, set
	one.Name, two.Name = keyB, "acme/new/KEY_D"
	desc, level := "words", secret.Strict
	normal := func(v string) string { return entry(secret.Normal, secret.APIKey, "", v) }
	return []deed{
		{"set", change(set), func(s state) { s[string(keyA)] = normal("newer") }},
		{"batch", change(one, two, secret.Change{Action: secret.ActionRemove, Name: keyA}), func(s state) {
			delete(s, string(keyA))
			s[string(keyB)], s["acme/new/KEY_D"] = normal("newer"), normal("newer")
		}},
		{"mv", change(secret.Change{Action: secret.ActionMove, Name: keyA, To: "acme/new/MOVED"}), func(s state) {
			s["acme/new/MOVED"] = s[string(keyA)]
			delete(s, string(keyA))
		}},
		{"rm", change(secret.Change{Action: secret.ActionRemove, Name: keyB}), func(s state) { delete(s, string(keyB)) }},
		{"edit", change(secret.Change{Action: secret.ActionEdit, Name: keyB, Meta: secret.Patch{Desc: &desc, Level: &level}}), func(s state) {
			s[string(keyB)] = entry(secret.Strict, secret.APIKey, "words", values[keyB])
		}},
		{"head", func(v *Vault, _ secret.Key) error { return v.Remember("head", []byte("7")) }, func(s state) { s["head"] = "7" }},
		{"passwd", func(v *Vault, _ secret.Key) error { return v.Passwd(pass("open sesame"), pass(fresh)) }, func(s state) { s["pass"] = fresh }},
		{"rekey", func(v *Vault, _ secret.Key) error { return v.Rekey(pass("open sesame")) }, func(state) {}},
	}
}
