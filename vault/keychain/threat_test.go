package keychain

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"noxkey/secret"
	"noxkey/vault/internal/sealing"
)

// TestThreatD1LabelsCarryNoPeek: what every program of the user reads without a
// prompt holds no start of a value, and no item's data holds a value.
func TestThreatD1LabelsCarryNoPeek(t *testing.T) {
	each(t, func(s *scene) {
		const canary = "canary-9f27ab31c05d44e2-canary-9f27ab31c05d44e2"
		for _, l := range secret.Levels {
			s.apply(s.root(), write(secret.Name("acme/"+string(l)+"/KEY"), canary, l))
		}
		if err := s.Remember("callers", []byte(canary)); err != nil {
			t.Fatal(err)
		}
		list, _ := s.Under("")
		for _, e := range list {
			if e.Peek != "canary-9" {
				t.Errorf("%s is shown with peek %q", e.Name, e.Peek)
			}
		}
		for account, it := range s.items.items {
			for _, form := range []string{"canary", base64.StdEncoding.EncodeToString([]byte("canary-9f"))[:12], fmt.Sprintf("%x", "canary")} {
				if strings.Contains(it.label, form) || bytes.Contains(it.data, []byte(form)) {
					t.Errorf("%s holds %q", account, form)
				}
			}
		}
	})
}

// TestThreatD1EnclaveItemsAloneOpenNothing: all items, and a person who lets them be
// read, but without the Enclave's key.
func TestThreatD1EnclaveItemsAloneOpenNothing(t *testing.T) {
	s := newScene(t, ModeEnclave)
	s.before()
	r := root(s.items.items[accountRoot].data)
	b := newBrowse(r)
	sets, err := s.readKeys(b)
	if err != nil {
		t.Fatal(err)
	}
	for _, guess := range [][]byte{sets[0].normal, sets[0].strict, r.browse(), r.seed(), r.audit()} {
		for i := 0; i+sealing.KeySize <= len(guess); i++ { // any 32 bytes that lie there, as a root
			k := newKey(&roots{guess[i : i+sealing.KeySize], guess[i : i+sealing.KeySize]}, secret.Scope{Root: true}, &s.ring)
			for _, n := range []secret.Name{api, admin} {
				if got := s.read(k, n); got != string(secret.Damaged) {
					t.Fatalf("%s opened: %q", n, got)
				}
			}
		}
	}
	s.soft = newSoftKey() // another Mac's
	if _, err := s.next(s.items).Unlock(&presence{}, secret.Scope{Root: true}); secret.CodeOf(err) != secret.Damaged {
		t.Fatalf("another Enclave's key: %v", err)
	}
}

// TestGateIsNoCryptography holds the package comment to its word: in ModeGate the
// items are enough, and Describe says so.
func TestGateIsNoCryptography(t *testing.T) {
	s := newScene(t, ModeGate)
	s.before()
	b := newBrowse(root(s.items.items[accountRoot].data))
	sets, err := s.readKeys(b)
	if err != nil {
		t.Fatal(err)
	}
	k := newKey(&roots{sets[0].normal, sets[0].strict}, secret.Scope{Root: true}, &s.ring)
	if got := s.read(k, admin); got != "boss" {
		t.Fatalf("got %q; then the comment is too modest", got)
	}
	if !strings.Contains(s.Describe(), "gate only") {
		t.Error(s.Describe())
	}
}

// edit changes an item behind the vault's back.
func (f *fakeItems) edit(account string, change func(it *fakeItem)) {
	it := f.items[account]
	it.data = slices.Clone(it.data)
	change(&it)
	f.items[account] = it
}

// TestThreatD2EditedItems: every edit is found and named, the value concerned does not
// open at any level, and the others do.
func TestThreatD2EditedItems(t *testing.T) {
	for what, edit := range map[string]func(items, old *fakeItems){
		"level lowered": func(f, _ *fakeItems) {
			f.edit(string(admin), func(it *fakeItem) { it.label = strings.Replace(it.label, `"strict"`, `"easy"`, 1) })
		},
		"retyped": func(f, _ *fakeItems) {
			f.edit(string(admin), func(it *fakeItem) { it.label = strings.Replace(it.label, `"api_key"`, `"text"`, 1) })
		},
		"described": func(f, _ *fakeItems) {
			f.edit(string(admin), func(it *fakeItem) { it.label = strings.Replace(it.label, `{`, `{"desc":"harmless",`, 1) })
		},
		"label of the person's": func(f, _ *fakeItems) {
			f.edit(string(admin), func(it *fakeItem) { it.label = "my key" })
		},
		"label with a peek": func(f, _ *fakeItems) {
			f.edit(string(admin), func(it *fakeItem) { it.label = strings.Replace(it.label, `{`, `{"peek":"sk_live_",`, 1) })
		},
		"largest version": func(f, _ *fakeItems) {
			f.edit(string(admin), func(it *fakeItem) {
				it.label = strings.Replace(it.label, `"version":`, `"version":18446744073709551615,"x":`, 1)
			})
		},
		"labels exchanged": func(f, _ *fakeItems) {
			a, b := f.items[string(api)], f.items[string(admin)]
			f.items[string(api)], f.items[string(admin)] = fakeItem{b.label, a.data}, fakeItem{a.label, b.data}
		},
		"data exchanged": func(f, _ *fakeItems) {
			a, b := f.items[string(api)], f.items[string(admin)]
			f.items[string(api)], f.items[string(admin)] = fakeItem{a.label, b.data}, fakeItem{b.label, a.data}
		},
		"items exchanged": func(f, _ *fakeItems) {
			f.items[string(api)], f.items[string(admin)] = f.items[string(admin)], f.items[string(api)]
		},
		"put back whole": func(f, old *fakeItems) { f.items[string(admin)] = old.items[string(admin)] },
		"data put back": func(f, old *fakeItems) {
			f.edit(string(admin), func(it *fakeItem) { it.data = old.items[string(admin)].data })
		},
		"copied":    func(f, _ *fakeItems) { f.items["acme/api/COPY"] = f.items[string(admin)] },
		"truncated": func(f, _ *fakeItems) { f.edit(string(admin), func(it *fakeItem) { it.data = it.data[:7] }) },
		"emptied":   func(f, _ *fakeItems) { f.edit(string(admin), func(it *fakeItem) { it.data, it.label = nil, "" }) },
		"data of the attacker": func(f, _ *fakeItems) {
			f.edit(string(admin), func(it *fakeItem) { it.data = sealing.Seal(make([]byte, sealing.KeySize), []byte("mine"), nil) })
		},
		"new item": func(f, _ *fakeItems) {
			f.items["acme/api/COPY"] = fakeItem{`{"noxkey":1,"field_type":"text","kind":"custom","security_level":"easy","version":1,"sum":""}`, []byte("mine")}
		},
	} {
		t.Run(what, func(t *testing.T) {
			each(t, func(s *scene) {
				s.before()
				old := s.items.copyOf()
				s.apply(s.root(), write(admin, "new boss", secret.Strict))
				edit(s.items, old)
				for _, run := range []*scene{s, s.next(s.items)} { // seen by this run, and by the next one
					wantNamed(t, run, strings.Contains(what, "exchanged"), what == "copied" || what == "new item")
				}
			})
		})
	}
}

// wantNamed wants admin (and api, if both; or COPY alone) named by Verify and
// closed, and the others open.
func wantNamed(t *testing.T, s *scene, both, copied bool) {
	t.Helper()
	k := s.root()
	bad := []secret.Name{admin}
	if both {
		bad = append(bad, api)
	}
	if copied {
		bad = []secret.Name{"acme/api/COPY"}
	}
	named, err := s.Verify()
	if err != nil || !slices.Equal(named, bad) {
		t.Fatalf("named %v, %v; want %v", named, err, bad)
	}
	for _, n := range bad {
		if got := s.read(k, n); got != string(secret.Damaged) {
			t.Errorf("%s: %q", n, got)
		}
		if got := s.read(nil, n); got != string(secret.Denied) && got != string(secret.Damaged) {
			t.Errorf("%s without a key: %q", n, got)
		}
	}
	for n, want := range map[secret.Name]string{admin: "new boss", api: "old", gone: "going", prod: "easy"} {
		if got := s.read(k, n); !slices.Contains(bad, n) && got != want {
			t.Errorf("%s: %q", n, got)
		}
	}
}

// TestThreatD2DamagedIsStrict: an item whose label cannot be believed is shown as off
// limits, cannot be described or moved into trust again, but can be replaced or removed.
func TestThreatD2DamagedIsStrict(t *testing.T) {
	each(t, func(s *scene) {
		s.before()
		version := must(s.Under(secret.Prefix(admin)))[0].Version
		s.items.edit(string(admin), func(it *fakeItem) { it.label = strings.Replace(it.label, `"strict"`, `"easy"`, 1) })
		s = s.next(s.items)
		k := s.root()
		for _, e := range must(s.Under(secret.Prefix(admin))) {
			if e.Version < version { // a replacement's would come back
				t.Errorf("version %d after %d", e.Version, version)
			}
			if !e.Damaged || e.Level != secret.OffLimits || e.Peek != "" {
				t.Fatalf("%+v", e)
			}
		}
		desc, easy := "d", secret.Easy
		for _, c := range []secret.Change{
			{Action: secret.ActionEdit, Name: admin, Meta: secret.Patch{Desc: &desc}},
			{Action: secret.ActionEdit, Name: admin, Meta: secret.Patch{Level: &easy}},
			{Action: secret.ActionMove, Name: admin, To: "acme/api/MOVED"},
		} {
			if err := s.Apply(k, []secret.Change{c}); secret.CodeOf(err) != secret.Damaged {
				t.Errorf("%s: %v", c.Action, err)
			}
		}
		s.apply(k, write(admin, "again", secret.Strict))
		if e := must(s.Under(secret.Prefix(admin)))[0]; e.Damaged || e.Version <= version || s.read(k, admin) != "again" {
			t.Fatalf("%+v", e)
		}
	})
}

func must[T any](x T, err error) T {
	if err != nil {
		panic(err)
	}
	return x
}

// TestThreatD2LevelIsBoundToTheValue: even where the manifest is destroyed as well, so
// that labels have to be taken as they are, what was edited in one makes its value unreadable.
func TestThreatD2LevelIsBoundToTheValue(t *testing.T) {
	for was, is := range map[string]string{`"strict"`: `"easy"`, `"strict",`: `"normal",`, `"api_key","k`: `"text","k`, `"kind":"api_key"`: `"kind":"custom"`, `"version":2`: `"version":3`} {
		each(t, func(s *scene) {
			s.before()
			s.items.edit(string(admin), func(it *fakeItem) {
				label := strings.Replace(it.label, was, is, 1)
				if label == it.label {
					t.Fatalf("%s is not in %s", was, label)
				}
				it.label = label
			})
			delete(s.items.items, accountManifest)
			s = s.next(s.items)
			for _, k := range []secret.Key{s.root(), s.unlock(secret.Scope{Names: []secret.Name{admin}}), nil} {
				if got := s.read(k, admin); got != string(secret.Damaged) && (k != nil || got != string(secret.Denied)) {
					t.Errorf("%s for %s: %q", is, was, got)
				}
			}
			if s.read(s.root(), api) != "old" {
				t.Error("another value does not open")
			}
		})
	}
}

// TestThreatD2ValueOfAnUndoneBatch: a value that was in its item for a moment, of the
// same name and version, is not the secret's when it is put there again.
func TestThreatD2ValueOfAnUndoneBatch(t *testing.T) {
	each(t, func(s *scene) {
		s.before()
		k := s.root()
		var seen fakeItem
		s.items.trip = func(_ int, what, account string) (error, bool) {
			if account != accountManifest || what != "update" || seen.data != nil {
				return nil, false
			}
			seen = s.items.items[string(api)]
			return StatusDiskFull, false
		}
		if err := s.Apply(k, []secret.Change{write(api, "undone", secret.Normal)}); err == nil {
			t.Fatal("the batch was not undone")
		}
		s.items.trip = nil
		s.apply(k, write(api, "done", secret.Normal))
		s.items.edit(string(api), func(it *fakeItem) { it.data = seen.data })
		for _, run := range []*scene{s, s.next(s.items)} {
			if got := run.read(run.root(), api); got != string(secret.Damaged) {
				t.Fatalf("got %q", got)
			}
		}
	})
}

// TestThreatD2TakenAway: a removed item is named, at every start, until the person
// says that they know.
func TestThreatD2TakenAway(t *testing.T) {
	each(t, func(s *scene) {
		s.before()
		delete(s.items.items, string(admin))
		if got := s.read(s.root(), admin); got != string(secret.NotFound) {
			t.Errorf("in this run: %q", got)
		}
		for range 2 {
			s = s.next(s.items)
			s.apply(s.root(), write(fresh, "x", secret.Normal)) // does not make it forgotten
			if _, err := s.Verify(); secret.CodeOf(err) != secret.Damaged || !strings.Contains(err.Error(), "taken away outside noxkey: "+string(admin)) {
				t.Fatal(err)
			}
		}
		if err := s.Acknowledge(); err != nil {
			t.Fatal(err)
		}
		s = s.next(s.items)
		s.root()
		if bad, err := s.Verify(); bad != nil || err != nil {
			t.Fatal(bad, err)
		}
	})
}

// TestThreatD2OwnItems: NoxKey's own items are gone, edited or older: nothing opens
// that should not, and words say what is wrong.
func TestThreatD2OwnItems(t *testing.T) {
	for _, c := range []struct {
		what, account string
		edit          func(f, old *fakeItems)
		words         string
		opens         bool
	}{
		{"no root", accountRoot, nil, "no longer holds noxkey's item .root", false},
		{"no keys", accountKeys, nil, "item .keys is gone", false},
		{"no manifest", accountManifest, nil, "list of secrets is gone", true},
		{"manifest put back", "", func(f, old *fakeItems) { f.items[accountManifest] = old.items[accountManifest] }, "", true},
		{"manifest edited", "", func(f, _ *fakeItems) { f.edit(accountManifest, func(it *fakeItem) { it.data[30] ^= 1 }) }, "was changed outside noxkey; whether", true},
		{"journal of somebody", "", func(f, _ *fakeItems) { f.items[accountJournal] = fakeItem{"x", []byte("journal")} }, "was not followed", true},
		{"keys of somebody", "", func(f, _ *fakeItems) { f.edit(accountKeys, func(it *fakeItem) { it.data = make([]byte, 107) }) }, "keys item was changed", false},
		{"foreign item", "", func(f, _ *fakeItems) { f.items["somebody else"] = fakeItem{"x", nil} }, "1 items under the vault's service are not noxkey's", true},
	} {
		t.Run(c.what, func(t *testing.T) {
			each(t, func(s *scene) {
				s.before()
				old := s.items.copyOf()
				s.apply(s.root(), write(fresh, "x", secret.Normal))
				if c.edit == nil {
					delete(s.items.items, c.account)
				} else {
					c.edit(s.items, old)
				}
				v, err := Open(s.items, s.mode, s.soft)
				if err == nil {
					var k secret.Key
					if k, err = v.Unlock(&presence{}, secret.Scope{Root: true}); err == nil {
						run := &scene{s.TB, v, s.items, s.soft, s.mode}
						if run.read(k, admin) != "boss" {
							t.Error("a value that nobody touched does not open")
						}
						_, err = v.Verify()
					}
				}
				if c.words != "" && (secret.CodeOf(err) != secret.Damaged || !strings.Contains(err.Error(), c.words)) {
					t.Errorf("got %v, want words %q", err, c.words)
				}
				if (v != nil && !v.Locked()) != c.opens {
					t.Errorf("locked %v", v == nil || v.Locked())
				}
			})
		})
	}
}

// TestThreatD2JournalIsNoRoadBack: a true journal of an earlier batch, put back, does
// not make NoxKey put secrets back.
func TestThreatD2JournalIsNoRoadBack(t *testing.T) {
	each(t, func(s *scene) {
		s.before()
		s.items.trip = func(_ int, what, account string) (error, bool) {
			return map[bool]error{true: StatusNotAvailable}[what == "delete" && account == accountJournal], false
		}
		s.apply(s.root(), write(api, "new", secret.Normal))
		s.items.trip = nil
		kept := s.items.items[accountJournal]
		if kept.data == nil {
			t.Fatal("there is no journal to try")
		}
		s.apply(s.root(), write(api, "newest", secret.Normal))
		s.items.items[accountJournal] = kept
		s = s.next(s.items)
		if got := s.read(s.root(), api); got != "newest" {
			t.Fatalf("got %q", got)
		}
		if bad, err := s.Verify(); bad != nil || err != nil {
			t.Fatal(bad, err)
		}
	})
}

// TestThreatD2AnyByte flips each byte of each item: no panic, no value that was not
// stored, and a value's own damage leaves the others open.
func TestThreatD2AnyByte(t *testing.T) {
	each(t, func(s *scene) {
		s.before()
		if err := s.Remember("head", []byte("7")); err != nil {
			t.Fatal(err)
		}
		want := map[secret.Name]string{api: "old", admin: "boss", gone: "going", prod: "easy"}
		for _, account := range slices.Sorted(maps.Keys(s.items.items)) {
			for i := range len(s.items.items[account].label) + len(s.items.items[account].data) {
				items := s.items.copyOf()
				items.edit(account, func(it *fakeItem) {
					if l := len(it.label); i < l {
						it.label = it.label[:i] + string([]byte{it.label[i] ^ 1}) + it.label[i+1:]
					} else {
						it.data[i-l] ^= 1
					}
				})
				v, err := Open(items, "", s.soft)
				if err != nil {
					continue
				}
				k, err := v.Unlock(&presence{}, secret.Scope{Root: true})
				if err != nil {
					if !strings.HasPrefix(account, ".") {
						t.Fatalf("%s byte %d: %v", account, i, err)
					}
					continue
				}
				run := &scene{s.TB, v, items, s.soft, s.mode}
				for n, text := range want {
					got := run.read(k, n)
					if got != text && (got != string(secret.Damaged) || account != string(n) && !strings.HasPrefix(account, ".")) {
						t.Fatalf("%s byte %d: %s is %q", account, i, n, got)
					}
				}
			}
		}
	})
}

// TestThreatD5SessionHoldsNoMoreThanItsPrefix: neither root, nor the key of another
// prefix or of a strict secret, lies in what a session keeps, nor can be derived: a
// node is HKDF of the one above.
func TestThreatD5SessionHoldsNoMoreThanItsPrefix(t *testing.T) {
	each(t, func(s *scene) {
		s.before()
		whole := s.root().(*key)
		c, err := s.unlock(secret.Scope{Prefix: "acme/api", Names: []secret.Name{api, admin}}).Session(secret.Scope{Prefix: "acme/api", Names: []secret.Name{api, admin}})
		if err != nil {
			t.Fatal(err)
		}
		k := c.(*key)
		if c := must(whole.Session(secret.Scope{Prefix: "acme/api"})).(*key); c.strict != nil || c.whole {
			t.Error("a session of the whole vault's key holds the strict root")
		}
		held := [][]byte{k.normal}
		for _, l := range k.leaves {
			held = append(held, l)
		}
		if len(held) != 3 || k.strict != nil {
			t.Fatalf("a session holds %d keys", len(held))
		}
		for what, no := range map[string][]byte{
			"the normal root": whole.normal, "the strict root": whole.strict,
			"acme's node": node(whole.normal, "acme"), "acme/prod's node": node(whole.normal, "acme/prod"),
			"a strict key": leaf(node(whole.strict, string(admin))),
		} {
			for _, h := range held {
				if bytes.Equal(h, no) {
					t.Errorf("a session holds %s", what)
				}
			}
		}
		b := s.Vault.state.browse
		mem := b.mem
		s.Lock()
		if k.normal != nil || k.leaves != nil || whole.strict != nil || b.mem != nil || !bytes.Equal(mem, make([]byte, len(mem))) {
			t.Error("a lock left keys in memory")
		}
	})
}
