package ui

import (
	"cmp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/junegunn/fzf/src/algo"
	"github.com/junegunn/fzf/src/util"

	"noxkey/secret"
)

// MaxMatches is how many matches a search hands over; the total says how many there are.
const MaxMatches = 200

// maxQuery bounds a query, in runes; what is typed beyond it is not looked at.
const maxQuery = 256

// Match is one entry that a query found.
type Match struct {
	Entry *secret.Entry
	// Name and Desc are the positions of matched letters, ascending, in runes. A
	// query is matched as a whole in the name, or in name and description read as one.
	Name, Desc []int
	score      int
}

// Search ranks entries by how well a query matches their name and description,
// by fzf's scoring. It is built once a listing; one goroutine may use it at a time.
type Search struct {
	entries []secret.Entry
	names   []util.Chars
	both    []util.Chars // name, a space, description
	recent  []int        // indices, most recently used first
	workers []worker
}

// worker is what one goroutine needs of its own: fzf's scratch memory.
type worker struct {
	slab    *util.Slab
	matches []ranked
}

type ranked struct{ index, score, length int }

// The scratch memory fzf's own matcher uses, in elements: a text whose length times
// the query's does not fit is matched by the simpler algorithm.
const slab16, slab32 = 100 * 1024, 2048

var initFzf = sync.OnceFunc(func() { algo.Init("path") })

// NewSearch prepares the entries for searching. It keeps the slice.
func NewSearch(entries []secret.Entry) *Search {
	initFzf()
	s := &Search{entries: entries, names: make([]util.Chars, len(entries)), both: make([]util.Chars, len(entries)), recent: make([]int, len(entries))}
	for i, e := range entries {
		s.names[i] = util.ToChars([]byte(e.Name))
		s.both[i] = s.names[i]
		if e.Desc != "" {
			s.both[i] = util.ToChars([]byte(string(e.Name) + " " + e.Desc))
		}
		s.recent[i] = i
	}
	slices.SortStableFunc(s.recent, func(a, b int) int {
		if c := entries[b].LastUsed.Compare(entries[a].LastUsed); c != 0 {
			return c
		}
		return cmp.Compare(entries[a].Name, entries[b].Name)
	})
	for range min(2, runtime.GOMAXPROCS(0)) {
		s.workers = append(s.workers, worker{slab: util.MakeSlab(slab16, slab32)})
	}
	return s
}

// Len returns how many entries there are.
func (s *Search) Len() int { return len(s.entries) }

// Find returns the best matches of query, at most MaxMatches, and how many there
// are. A query without letters finds everything, most recently used first. Words
// apart by spaces must all match; letters match in order, with gaps; upper case in
// the query asks for upper case.
func (s *Search) Find(query string) (best []Match, total int) {
	words := patterns(query)
	if len(words) == 0 {
		for _, i := range s.recent[:min(len(s.recent), MaxMatches)] {
			best = append(best, Match{Entry: &s.entries[i]})
		}
		return best, len(s.entries)
	}
	all := s.rank(words)
	total = len(all)
	slices.SortFunc(all, s.order)
	for _, r := range all[:min(total, MaxMatches)] {
		best = append(best, s.match(words, r))
	}
	return best, total
}

// pattern is one word of a query.
type pattern struct {
	runes []rune
	exact bool // upper and lower case are not the same
}

func patterns(query string) []pattern {
	if r := []rune(query); len(r) > maxQuery {
		query = string(r[:maxQuery])
	}
	var list []pattern
	for _, w := range strings.Fields(query) {
		p := pattern{runes: []rune(w), exact: strings.ContainsFunc(w, unicode.IsUpper)}
		p.runes = algo.NormalizeRunes(p.runes)
		list = append(list, p)
	}
	return list
}

// rank scores every entry, on as many goroutines as there are workers.
func (s *Search) rank(words []pattern) []ranked {
	var wg sync.WaitGroup
	n := len(s.workers)
	for k := range s.workers {
		w := &s.workers[k]
		wg.Go(func() {
			w.matches = w.matches[:0]
			for i := len(s.entries) * k / n; i < len(s.entries)*(k+1)/n; i++ {
				if score, ok := s.score(words, i, w.slab); ok {
					w.matches = append(w.matches, ranked{i, score, s.names[i].Length()})
				}
			}
		})
	}
	wg.Wait()
	var all []ranked
	for _, w := range s.workers {
		all = append(all, w.matches...)
	}
	return all
}

// inName is added to the score of a word found in the name alone: a name is what
// a person has in mind, a description only helps.
const inName = 16

func (s *Search) score(words []pattern, i int, slab *util.Slab) (score int, ok bool) {
	for _, p := range words {
		r, _ := algo.FuzzyMatchV2(p.exact, true, true, &s.names[i], p.runes, false, slab)
		if r.Start >= 0 {
			score += r.Score + inName
			continue
		}
		if s.entries[i].Desc == "" {
			return 0, false
		}
		if r, _ = algo.FuzzyMatchV2(p.exact, true, true, &s.both[i], p.runes, false, slab); r.Start < 0 {
			return 0, false
		}
		score += r.Score
	}
	return score, true
}

// order puts the better match first, then the shorter name, then the one used
// last, then the name: the same query always gives the same list.
func (s *Search) order(a, b ranked) int {
	if c := cmp.Compare(b.score, a.score); c != 0 {
		return c
	}
	if c := cmp.Compare(a.length, b.length); c != 0 {
		return c
	}
	if c := s.entries[b.index].LastUsed.Compare(s.entries[a.index].LastUsed); c != 0 {
		return c
	}
	return cmp.Compare(s.entries[a.index].Name, s.entries[b.index].Name)
}

// match finds the letters to mark; only entries that are shown are asked for them.
func (s *Search) match(words []pattern, r ranked) Match {
	m := Match{Entry: &s.entries[r.index], score: r.score}
	slab, split := s.workers[0].slab, s.names[r.index].Length()
	for _, p := range words {
		hit, at := algo.FuzzyMatchV2(p.exact, true, true, &s.names[r.index], p.runes, true, slab)
		if hit.Start < 0 {
			_, at = algo.FuzzyMatchV2(p.exact, true, true, &s.both[r.index], p.runes, true, slab)
		}
		if at == nil {
			continue
		}
		for _, i := range *at {
			switch {
			case i < split:
				m.Name = append(m.Name, i)
			case i > split:
				m.Desc = append(m.Desc, i-split-1)
			}
		}
	}
	m.Name, m.Desc = ascending(m.Name), ascending(m.Desc)
	return m
}

func ascending(list []int) []int {
	slices.Sort(list)
	return slices.Compact(list)
}
