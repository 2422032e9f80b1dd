package ui

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"noxkey/fingerprint"
	"noxkey/secret"
)

// guarding answers OpGuard as the broker does, for the values it holds.
type guarding struct {
	values map[secret.Name]string
	asked  []*secret.Request
	sent   []string
	fail   error // at the second request
}

func (g *guarding) Do(_ context.Context, req *secret.Request, out func(secret.Answer) error) error {
	if g.asked = append(g.asked, req); g.fail != nil && len(g.asked) > 1 {
		return g.fail
	}
	k := fingerprint.Key{1}
	set := fingerprint.NewSet[secret.Name](k, len(g.values))
	for n, v := range g.values {
		if p, ok := k.Of([]byte(v), 0); ok {
			set.Add(p, n)
		}
	}
	for i, t := range req.Texts {
		_ = t.Use(func(b []byte) error {
			g.sent = append(g.sent, string(b))
			set.Find(b, func(h fingerprint.Hit[secret.Name]) bool {
				return out(secret.Answer{Hit: &secret.Hit{Text: i, Name: h.What, Off: h.Off, Len: h.Len}}) == nil
			})
			return nil
		})
	}
	return nil
}

// compared is the review of a file with text at acme/api/.env.
func compared(t *testing.T, g *guarding, text string) *Review {
	t.Helper()
	path := filepath.Join(t.TempDir(), "acme", "api", ".env")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := ReadEnv(path)
	if err != nil {
		t.Fatal(err)
	}
	f.Compare(t.Context(), g)
	var list []secret.Entry
	for n := range g.values {
		list = append(list, secret.Entry{Name: n})
	}
	r := NewReview(list)
	r.Take(f)
	return r
}

const token = "ghp_0123456789abcdefghijKLMNOP"

func TestReviewSame(t *testing.T) {
	long := strings.Repeat("0aB1cD2eF3gH4iJ5", 20) // 320
	g := &guarding{values: map[secret.Name]string{
		"acme/api/SAME": token, "acme/api/OTHER": token + "x", "acme/api/PART": token, "acme/api/SPACES": token, "acme/api/SHORT": "hunter2", "acme/api/GUESS": "aaaaaaaaaaaaaaaa",
		"acme/api/LONG": long, "acme/api/CUT": long, "acme/api/ALMOST": long[:255], "acme/web/ELSEWHERE": token}}
	r := compared(t, g, strings.Join([]string{"SAME=" + token, "OTHER=" + token, "PART=x" + token, "SPACES=\"" + token + " \"", "SHORT=hunter2", "GUESS=aaaaaaaaaaaaaaaa",
		"LONG=" + long, "CUT=" + long[:256], "ALMOST=" + long[:255], "NEW=" + token}, "\n"))
	want := map[string]RowState{"SAME": Same, "ALMOST": Same, "NEW": New}
	for _, row := range r.Rows {
		state, ok := want[row.Key]
		if !ok {
			state = Conflicts
		}
		if row.State != state || row.Use != (state == New) {
			t.Errorf("%s is %s, used %v", row.Key, row.State, row.Use)
		}
	}
	if i := row(t, r, "NEW"); true { // renamed to a name that has it
		r.Rename(i, "acme/web/ELSEWHERE")
		if r.Rows[i].State != Same {
			t.Errorf("renamed: %s", r.Rows[i].State)
		}
	}
	for _, s := range g.sent {
		if len(s) < 12 || len(s) > 255 {
			t.Errorf("%d bytes were sent for nothing", len(s))
		}
	}
	for _, q := range g.asked {
		for _, v := range q.Texts {
			if q.Op != secret.OpGuard || !v.Empty() {
				t.Errorf("%s: the values outlive the question", q.Op)
			}
		}
	}
	if coversAll != fingerprint.Cover-1 || shortest != fingerprint.Window {
		t.Error("package fingerprint covers other lengths")
	}
}

// TestReviewSameOfMany: the values go in batches, and an error ends the asking.
func TestReviewSameOfMany(t *testing.T) {
	g := &guarding{values: map[secret.Name]string{}}
	var text strings.Builder
	for i := range 40 {
		fmt.Fprintf(&text, "KEY_%d=%s%02d\n", i, token, i)
		g.values[secret.Name(fmt.Sprintf("acme/api/KEY_%d", i))] = fmt.Sprintf("%s%02d", token, i)
	}
	r := compared(t, g, text.String())
	if n := len(g.asked); n != 3 || slices.ContainsFunc(r.Rows, func(row ReviewRow) bool { return row.State != Same }) {
		t.Errorf("%d requests; %s", n, r.Counts())
	}
	g = &guarding{values: g.values, fail: secret.Errorf(secret.Busy, "later")}
	if r = compared(t, g, text.String()); len(g.asked) != 2 || r.Counts() != "40 keys: 16 same, 24 conflicts." {
		t.Errorf("%d requests; %s", len(g.asked), r.Counts())
	}
	r = compared(t, &guarding{values: map[secret.Name]string{"acme/api/A": token}}, "A="+token+"\n")
	if r.Ready() != "Nothing to do: every key is stored already, with the same value." {
		t.Error(r.Ready())
	}
	if done := r.Done("the vault"); len(done.Offers) != 1 {
		t.Errorf("a file whose keys are all stored is not offered: %+v", done)
	}
}
