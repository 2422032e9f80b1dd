package ui

import (
	"bytes"
	"context"

	"noxkey/secret"
)

// What Compare asks about: as many values of a file as can be stored at once, of a length
// in bytes that has a fingerprint which covers all of it (package fingerprint's Window and
// Cover).
const (
	maxCompared         = secret.MaxChanges
	shortest, coversAll = 12, 255
)

// Compare asks s under which names the file's values are stored already, without reading
// one out: the app has fingerprints of what is stored. What it cannot tell stays as it is:
// a value that could be guessed has no fingerprint, of one of 256 bytes or more only the
// beginning is known, and white space at its ends is not. An error of s leaves the rest
// untold. It waits for s, and is called before a review takes the file.
func (e *EnvFile) Compare(ctx context.Context, s secret.Service) {
	e.held = make([][]secret.Name, len(e.file.Pairs))
	var texts []secret.Value
	var pairs []int // that texts are of
	defer func() {
		for _, t := range texts {
			t.Wipe()
		}
	}()
	for i, p := range e.file.Pairs[:min(len(e.file.Pairs), maxCompared)] {
		if n := len(p.Value); n >= shortest && n <= coversAll {
			if v, err := secret.NewValue(bytes.Clone(p.Value)); err == nil {
				texts, pairs = append(texts, v), append(pairs, i)
			}
		}
	}
	for from := 0; from < len(texts); from += secret.MaxTexts {
		to := min(from+secret.MaxTexts, len(texts))
		if e.compare(ctx, s, texts[from:to], pairs[from:to]) != nil {
			return
		}
	}
}

// compare notes the hits that cover the whole of a text.
func (e *EnvFile) compare(ctx context.Context, s secret.Service, texts []secret.Value, pairs []int) error {
	return s.Do(ctx, &secret.Request{Op: secret.OpGuard, Texts: texts}, func(a secret.Answer) error {
		if h := a.Hit; h != nil && h.Text >= 0 && h.Text < len(pairs) {
			i := pairs[h.Text]
			if h.Off == 0 && h.Len == len(e.file.Pairs[i].Value) {
				e.held[i] = append(e.held[i], h.Name)
			}
		}
		return nil
	})
}
