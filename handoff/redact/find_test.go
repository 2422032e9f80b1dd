package redact

import "noxkey/secret"

// Hit is one form of a value in a text: bytes Start to End.
type Hit struct {
	Name       secret.Name
	Start, End int
}

// Find returns the forms in text. Hits may overlap. The error is ErrWiped.
func (r *Redactor) Find(text []byte) ([]Hit, error) {
	m := newMatcher(r)
	if r.wiped.Load() {
		return nil, ErrWiped
	}
	m.feed(text)
	hits := make([]Hit, 0, len(m.spans))
	for _, s := range m.spans {
		hits = append(hits, Hit{r.names[s.needle], int(s.start), int(s.end)})
	}
	return hits, nil
}
