package ui

import (
	"context"
	"testing"

	"noxkey/secret"
)

func TestEnvFileNames(t *testing.T) {
	for path, want := range map[string]bool{"/a/.env": true, "/a/.env.local": true, "/a/prod.env": true, "/a/.envrc": true,
		"/a/.env/x": false, "/a/env": false, "/a/notes.txt": false, "/a/": false, "": false} {
		if got := IsEnvFile(path); got != want {
			t.Errorf("%s: %v", path, got)
		}
	}
}

func TestReviewChooseAllNeverReplaces(t *testing.T) {
	r, _ := review(t, envText, "acme/api/STRIPE_SECRET_KEY")
	r.ChooseAll(false)
	if all, some, any := r.Covered(); all || some || !any || r.Chosen() != 0 {
		t.Fatal(all, some, any)
	}
	r.ChooseAll(true)
	if all, some, _ := r.Covered(); !all || !some || r.Chosen() != 2 {
		t.Error(all, some, r.Chosen())
	}
	if r.Rows[row(t, r, "STRIPE_SECRET_KEY")].Use || r.Rows[row(t, r, "TWICE")].Use || r.Rows[row(t, r, "PATH")].Use {
		t.Error("one click chose what replaces, what is there twice, or what is refused")
	}
	r.Toggle(row(t, r, "REDIS_HOST"))
	if all, some, _ := r.Covered(); all || !some {
		t.Error("some")
	}
	r.Choose([]int{row(t, r, "STRIPE_SECRET_KEY"), row(t, r, "PATH")}, true)
	if got := r.ChosenLine(); got != "2 chosen: 1 new, 1 replaces" {
		t.Error(got)
	}
}

func TestReviewRowWords(t *testing.T) {
	r, _ := review(t, envText, "acme/api/STRIPE_SECRET_KEY")
	i := row(t, r, "STRIPE_SECRET_KEY")
	if p, ok := r.PeekWords(i); p != "sk_live_…" || !ok {
		t.Error(p)
	}
	if s := r.Speak(i); s != "STRIPE_SECRET_KEY, left out, goes to acme/api/STRIPE_SECRET_KEY, API key, conflict" {
		t.Error(s)
	}
	path := row(t, r, "PATH")
	if s := r.GoesTo(path); s != "This name changes how programs run." {
		t.Error(s)
	}
	if p, _ := r.PeekWords(path); p != "" {
		t.Errorf("a refused row shows %q", p)
	}
	if r.EditText(path) != "acme/api/PATH" || !r.Fixable(path) || r.Fixable(row(t, r, "EMPTY")) {
		t.Error("what can be mended")
	}
	if r.TargetFault(path, "acme/api/BASH_ENV") == "" || r.TargetFault(path, "acme/api/MY_PATH") != "" || r.Dirty() {
		t.Error("faults")
	}
	r.SetType(i, secret.Password)
	if p, ok := r.PeekWords(i); p != NotShown || ok {
		t.Error(p)
	}
	r.SetLevel(secret.Easy)
	if r.Level != secret.Easy {
		t.Error(r.Level)
	}
	r.SetPrefix(0, "")
	if r.GoesTo(i) != "Say above where it goes." || PrefixFault("") == "" || PrefixFault("a b") == "" || PrefixFault("acme") != "" {
		t.Error("without a place")
	}
}

func TestBatchFault(t *testing.T) {
	for want, err := range map[string]error{
		"Nothing was written. Touch ID was cancelled.":                   secret.Errorf(secret.Cancelled, "Touch ID was cancelled. Nothing was released"),
		"Nothing was written. It was cancelled.":                         context.Canceled,
		"Nothing was written. The disk is full.":                         secret.Errorf(secret.Storage, "the disk is full"),
		"Nothing was written. acme/api/A exists.":                        secret.Errorf(secret.Exists, "acme/api/A exists"),
		"Nothing was written. NoxKey is locked.":                         secret.Errorf(secret.Locked, "locked"),
		"Nothing was written. Something failed inside NoxKey: no words.": secret.Errorf(secret.Internal, "no words"),
	} {
		if got := BatchFault(err); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
