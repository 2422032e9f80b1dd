package mcp

import (
	"strings"

	"noxkey/secret"
)

// place reads account as one organisation, project or login.
func (a *args) place(name string) (secret.Prefix, error) {
	p := a.prefixes(name)
	if err := a.err(); err != nil {
		return "", err
	}
	if len(p) != 1 {
		return "", secret.Errorf(secret.Invalid, "%s must be one organisation, project or login", name)
	}
	if n := strings.Count(string(p[0]), "/"); n > 1 || p[0] == "login" {
		return "", secret.Errorf(secret.Invalid, "%s must be an organisation (acme), a project (acme/api) or a login (login/<host>); for a single secret use delete or organize", name)
	}
	return p[0], nil
}

// isLogin reports whether p is login/<host>.
func isLogin(p secret.Prefix) bool { return strings.HasPrefix(string(p), "login/") }

func (s *server) addPlace(c *call) (changed, error) {
	p, err := c.args.place("account")
	if err != nil {
		return changed{}, err
	}
	project := c.args.str("action") == "add_project"
	if isLogin(p) || strings.Contains(string(p), "/") != project {
		return changed{}, secret.Errorf(secret.Invalid, "add_org takes one part (acme), add_project two (acme/api), and a login is added with add_login")
	}
	if err := s.place(c, secret.Place{Prefix: p}); err != nil {
		return changed{}, err
	}
	return changed{Written: []written{}, Places: []string{"added " + string(p)}, Next: "noxkey_set stores a secret under " + string(p)}, nil
}

// loginUser is the name of a login's user name, from login/<host> or the host.
func (a *args) loginUser() (secret.Name, error) {
	list := a.list("account")
	if err := a.err(); err != nil {
		return "", err
	}
	if len(list) != 1 {
		return "", secret.Errorf(secret.Invalid, "account must be one host, such as github.com")
	}
	n, err := secret.ParseName("login/" + strings.TrimPrefix(list[0], "login/") + "/USERNAME")
	if err == nil {
		err = n.Writable()
	}
	return n, err
}

// user is the user name that was given, as a value, and what it is.
func (a *args) user() (secret.Value, secret.FieldType, error) {
	kind, text := secret.Email, a.str("email")
	if a.has("username") {
		kind, text = secret.Username, a.str("username")
	}
	if err := a.err(); err != nil {
		return secret.Value{}, "", err
	}
	if a.has("email") == a.has("username") {
		return secret.Value{}, "", secret.Errorf(secret.Invalid, "give one of email and username")
	}
	v, err := secret.NewValue([]byte(text))
	return v, kind, err
}

// addLogin stores a login's user name, at level easy: the model typed it, so it
// is no secret from the model. The password is asked for by noxkey_set.
func (s *server) addLogin(c *call) (changed, error) {
	n, err := c.args.loginUser()
	if err != nil {
		return changed{}, err
	}
	v, kind, err := c.args.user()
	if err != nil {
		return changed{}, err
	}
	level := secret.Easy
	d, err := s.write(c, []secret.Change{{
		Action: secret.ActionSet, Name: n, Value: v, Meta: secret.Patch{FieldType: &kind, Level: &level},
	}})
	d.Next = "noxkey_set with account " + string(n.Parent()) + "/PASSWORD and field_type password asks the person for the password"
	return d, err
}

// setEmail changes a login's user name. What is there keeps its type and level,
// since lowering those is the person's alone.
func (s *server) setEmail(c *call) (changed, error) {
	n, err := c.args.loginUser()
	if err != nil {
		return changed{}, err
	}
	entries, _, err := s.list(c, secret.Prefix(n))
	if err != nil && secret.CodeOf(err) != secret.NotFound {
		return changed{}, err
	}
	if len(entries) == 0 {
		return s.addLogin(c)
	}
	v, _, err := c.args.user()
	if err != nil {
		return changed{}, err
	}
	return s.write(c, []secret.Change{{Action: secret.ActionSet, Name: n, Value: v, Replace: true}})
}

// rename moves all names below a place, in one write.
func (s *server) rename(c *call) (changed, error) {
	from, err := c.args.place("account")
	if err != nil {
		return changed{}, err
	}
	to, err := c.args.place("to")
	if err != nil {
		return changed{}, err
	}
	if strings.Count(string(from), "/") != strings.Count(string(to), "/") || isLogin(from) != isLogin(to) {
		return changed{}, secret.Errorf(secret.Invalid, "to must be of the same kind as account: organisation, project or login/<host>")
	}
	entries, places, err := s.below(c, from)
	if err != nil {
		return changed{}, err
	}
	moved := func(p string) string { return string(to) + strings.TrimPrefix(p, string(from)) }
	d := changed{Written: []written{}}
	if len(entries) > 0 {
		var changes []secret.Change
		for _, e := range entries {
			dst, err := secret.ParseName(moved(string(e.Name)))
			if err != nil {
				return changed{}, err
			}
			changes = append(changes, secret.Change{Action: secret.ActionMove, Name: e.Name, To: dst})
		}
		if d, err = s.write(c, changes); err != nil {
			return d, err
		}
	}
	var change []secret.Place
	for _, p := range places {
		change = append(change, secret.Place{Prefix: p, Remove: true}, secret.Place{Prefix: secret.Prefix(moved(string(p)))})
		d.Places = append(d.Places, "renamed "+string(p)+" to "+moved(string(p)))
	}
	return s.finish(c, d, change)
}

// remove deletes a place and all below it.
func (s *server) remove(c *call) (changed, error) {
	from, err := c.args.place("account")
	if err != nil {
		return changed{}, err
	}
	entries, places, err := s.below(c, from)
	if err != nil {
		return changed{}, err
	}
	d := changed{Written: []written{}}
	if len(entries) > 0 {
		var changes []secret.Change
		for _, e := range entries {
			changes = append(changes, secret.Change{Action: secret.ActionRemove, Name: e.Name})
		}
		if d, err = s.write(c, changes); err != nil {
			return d, err
		}
	}
	var change []secret.Place
	for _, p := range places {
		change = append(change, secret.Place{Prefix: p, Remove: true})
		d.Places = append(d.Places, "removed "+string(p))
	}
	return s.finish(c, d, change)
}

// below lists what is under p; nothing is an error.
func (s *server) below(c *call, p secret.Prefix) ([]secret.Entry, []secret.Prefix, error) {
	entries, places, err := s.list(c, p)
	if err == nil && len(entries)+len(places) == 0 {
		err = secret.Errorf(secret.NotFound, "there is nothing under %s", p)
	}
	return entries, places, err
}

// finish changes the empty places, once the secrets were written. The two are not
// one transaction: if this half fails the answer still says what was done.
func (s *server) finish(c *call, d changed, change []secret.Place) (changed, error) {
	if len(change) == 0 {
		return d, nil
	}
	err := s.place(c, change...)
	if err == nil || len(d.Written) == 0 {
		return d, err
	}
	d.Places = nil
	d.Next = "the empty organisations and projects could not be changed (" + string(codeOf(err)) + "); call again"
	return d, nil
}
