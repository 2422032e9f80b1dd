package term

import (
	"fmt"
	"slices"
	"testing"
)

// TestCardLosesBlankLinesBeforeItScrolls: what fits without them is on the screen whole,
// also when the list is short.
func TestCardLosesBlankLinesBeforeItScrolls(t *testing.T) {
	lines := func(n int, what string) (list []string) {
		for i := range n {
			list = append(list, fmt.Sprint(what, i))
		}
		return list
	}
	head := []string{"", "title", "", "strip"}
	list, facts, note := lines(2, "secret"), lines(9, "fact"), lines(1, "note")
	want := slices.Concat([]string{"title", "strip"}, list, facts, note)
	a := &asking{}
	if got := a.fit(slices.Clone(head), list, facts, note, len(want)); !slices.Equal(got, want) || a.unread {
		t.Errorf("unread %v: %q", a.unread, got)
	}
	if got := a.fit(slices.Clone(head), list, facts, note, len(want)-1); slices.Equal(got, want) || !a.unread {
		t.Errorf("unread %v: %q", a.unread, got)
	}
	whole := slices.Concat(head, []string{""}, list, []string{""}, facts, []string{""}, note)
	if got := a.fit(slices.Clone(head), list, facts, note, len(whole)); !slices.Equal(got, whole) {
		t.Errorf("%q", got)
	}
}
