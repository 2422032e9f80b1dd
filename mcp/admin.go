package mcp

import (
	"slices"
	"strings"

	"noxkey/secret"
)

// action is one of noxkey_admin's; takes are its arguments beside action.
type action struct {
	name  string
	takes []string
	run   func(*server, *call) (changed, error)
}

func actions() []action {
	return []action{
		{"delete", []string{"account"}, (*server).deleteNames},
		{"meta", []string{"account", "field_type", "kind", "security_level", "bundle", "desc", "expires", "rotate_url"}, (*server).editMeta},
		{"organize", []string{"account", "to", "replace"}, (*server).organize},
		{"import", []string{"path", "prefix", "keys", "security_level", "replace"}, (*server).importFile},
		{"add_org", []string{"account"}, (*server).addPlace},
		{"add_project", []string{"account"}, (*server).addPlace},
		{"add_login", []string{"account", "email", "username"}, (*server).addLogin},
		{"set_email", []string{"account", "email", "username"}, (*server).setEmail},
		{"rename", []string{"account", "to"}, (*server).rename},
		{"remove", []string{"account"}, (*server).remove},
	}
}

func actionNames() (list []string) {
	for _, a := range actions() {
		list = append(list, a.name)
	}
	return list
}

func adminTool() *tool {
	return &tool{
		name: "noxkey_admin", title: "Organise secrets", destroys: true, run: (*server).admin, required: []string{"action"},
		about: "Delete, move or describe secrets; import a .env file without reading it; add, rename or remove organisations, projects and logins. The person approves on a card.",
		in: merge(metaArgs(), schema{
			"action": oneOf("delete (account) | meta (account, and the fields to change) | organize (account, to: new name, or a prefix that ends in /) | "+
				"import (path, prefix, keys, security_level) | add_org, add_project (account) | add_login, set_email (account: host, email or username) | "+
				"rename (account, to) and remove (account) of an organisation, project or login/<host> with all in it.", actionNames()),
			"account":  oneOrMore("The name, or for an organisation, project or login its prefix: acme, acme/api, login/github.com."),
			"to":       text("organize: the new name, or a prefix that ends in /. rename: the new prefix."),
			"path":     text("import: the .env file."),
			"prefix":   text("import: where the keys go, such as acme/api."),
			"keys":     listOf(text(""), "import: only these keys. Default: all."),
			"email":    text("The login's user name, if that is an e-mail address."),
			"username": text("The login's user name."),
			"replace":  boolean("organize, import: overwrite what exists. Default: false."),
		}),
		out: writtenSchema(),
	}
}

// admin runs one action, and refuses arguments that this action does not take.
func (s *server) admin(c *call) (result, error) {
	name := c.args.str("action")
	all := actions()
	i := slices.IndexFunc(all, func(a action) bool { return a.name == name })
	if i < 0 {
		return result{}, secret.Errorf(secret.Invalid, "action must be one of %s", strings.Join(actionNames(), ", "))
	}
	act := all[i]
	for arg := range c.args.raw {
		if arg != "action" && !slices.Contains(act.takes, arg) {
			return result{}, secret.Errorf(secret.Invalid, "%s takes no %s; it takes %s", name, arg, strings.Join(act.takes, ", "))
		}
	}
	d, err := act.run(s, c)
	return d.result(), err
}

func (s *server) deleteNames(c *call) (changed, error) {
	names, err := c.args.needNames()
	if err != nil {
		return changed{}, err
	}
	var changes []secret.Change
	for _, n := range names {
		changes = append(changes, secret.Change{Action: secret.ActionRemove, Name: n})
	}
	return s.write(c, changes)
}

func (s *server) editMeta(c *call) (changed, error) {
	meta := c.args.patch()
	names, err := c.args.needNames()
	if err != nil {
		return changed{}, err
	}
	if meta == (secret.Patch{}) {
		return changed{}, secret.Errorf(secret.Invalid, "meta needs a field to change, such as desc")
	}
	var changes []secret.Change
	for _, n := range names {
		changes = append(changes, secret.Change{Action: secret.ActionEdit, Name: n, Meta: meta})
	}
	return s.write(c, changes)
}

// organize moves one secret to a name, or any number below a prefix.
func (s *server) organize(c *call) (changed, error) {
	to, replace := c.args.str("to"), c.args.flag("replace")
	names, err := c.args.needNames()
	if err != nil {
		return changed{}, err
	}
	var changes []secret.Change
	for _, n := range names {
		target := to
		if strings.HasSuffix(to, "/") {
			target += n.Key()
		} else if len(names) > 1 {
			return changed{}, secret.Errorf(secret.Invalid, "to must be a prefix that ends in / when several secrets are moved")
		}
		dst, err := secret.ParseName(target)
		if err == nil {
			err = dst.Writable()
		}
		if err != nil {
			return changed{}, err
		}
		changes = append(changes, secret.Change{Action: secret.ActionMove, Name: n, To: dst, Replace: replace})
	}
	return s.write(c, changes)
}

// needNames is the names of account, at least one, once all else was read well.
func (a *args) needNames() ([]secret.Name, error) {
	names := a.names("account")
	if err := a.err(); err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, secret.Errorf(secret.Invalid, "account is missing")
	}
	return names, nil
}
