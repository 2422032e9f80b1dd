package cli

import (
	"fmt"
	"strings"

	"noxkey/manifest"
	"noxkey/secret"
)

// runPlan is what a run asks for, put together from arguments, .env file and manifest.
type runPlan struct {
	targets  []secret.Prefix
	as       []secret.Binding
	plain    []string // variables of the .env file that are no secrets, "NAME=value"
	manifest *secret.Manifest
	seen     map[secret.Prefix]bool
}

// plan reads the arguments, or the manifest of dir if there are none.
func (f *runFlags) plan(args []string, dir string) (*runPlan, error) {
	p := &runPlan{seen: map[secret.Prefix]bool{}}
	for _, a := range args {
		if err := p.argument(a); err != nil {
			return nil, err
		}
	}
	for _, a := range f.files {
		env, name, ok := strings.Cut(a, "=")
		if !ok {
			return nil, usageHint("noxkey run --file CREDENTIALS=acme/gcp/KEY_JSON -- COMMAND", "--file takes ENV=NAME")
		}
		if err := p.bind(env, name, true); err != nil {
			return nil, err
		}
	}
	if f.envFile != "" {
		if err := p.readEnv(f.envFile); err != nil {
			return nil, err
		}
	}
	if len(p.targets) == 0 || f.profile != "" {
		if err := p.readManifest(dir, f.profile); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// argument is NAME, PREFIX or ENV=NAME; a name may be written as a reference.
func (p *runPlan) argument(a string) error {
	if env, name, ok := strings.Cut(a, "="); ok {
		return p.bind(env, name, false)
	}
	if name, meant, err := manifest.ParseReference(a); meant {
		p.add(secret.Prefix(name))
		return asUsage(err)
	}
	target, err := secret.ParsePrefix(a)
	if err != nil {
		return asUsage(err)
	}
	p.add(target)
	return nil
}

func (p *runPlan) add(t secret.Prefix) {
	if !p.seen[t] {
		p.seen[t] = true
		p.targets = append(p.targets, t)
	}
}

func (p *runPlan) bind(env, text string, file bool) error {
	if !secret.ValidEnv(env) {
		return usageHint("noxkey run DB=acme/api/DATABASE_URL -- COMMAND", "what stands before = is not a name a program can use as a variable")
	}
	n, meant, err := manifest.ParseReference(text)
	if !meant {
		n, err = secret.ParseName(text)
	}
	if err != nil {
		return asUsage(err)
	}
	p.add(secret.Prefix(n))
	p.as = append(p.as, secret.Binding{Env: env, Name: n, AsFile: file})
	return nil
}

// readEnv takes references out of a .env file, and everything else as it stands.
func (p *runPlan) readEnv(path string) error {
	file, _, err := readEnv(path)
	if err != nil {
		return err
	}
	defer file.Wipe()
	if len(file.Bad) > 0 {
		return failf("noxkey scan shows what is in it", "%s: line %d cannot be read", show(path), file.Bad[0].Line)
	}
	for _, pair := range file.Last() {
		name, meant, err := manifest.ParseReference(pair.Value)
		switch {
		case err != nil:
			return fmt.Errorf("%s: line %d: %w", path, pair.Line, err)
		case meant:
			p.add(secret.Prefix(name))
			p.as = append(p.as, secret.Binding{Env: pair.Key, Name: name})
		default:
			p.plain = append(p.plain, pair.Key+"="+string(pair.Value))
		}
	}
	return nil
}

// readManifest takes the variables of .noxkey.toml that no argument gave.
func (p *runPlan) readManifest(dir, profile string) error {
	m, path, err := manifest.Load(dir)
	if err != nil {
		if secret.CodeOf(err) == secret.NotFound {
			return usageHint("noxkey run acme/api/KEY -- COMMAND, or make a .noxkey.toml: noxkey init", "no secret was named, and %s", err)
		}
		return manifestError(err)
	}
	bindings, err := m.Resolve(profile)
	if err != nil {
		return manifestError(err)
	}
	given := map[string]bool{}
	for _, b := range p.as {
		given[b.Env] = true
	}
	for _, b := range bindings {
		if given[b.Env] {
			continue
		}
		p.add(secret.Prefix(b.Name))
		p.as = append(p.as, secret.Binding{Env: b.Env, Name: b.Name})
	}
	if len(p.targets) == 0 {
		return failf("noxkey run acme/api/KEY -- COMMAND names one", "the manifest asks for nothing")
	}
	p.manifest = &secret.Manifest{Path: path, Digest: fmt.Sprintf("%x", m.Digest()), Profile: profile}
	return nil
}
