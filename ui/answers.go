package ui

import (
	"context"

	"noxkey/secret"
)

// Ask asks s and collects what it answers. On an error the answers are wiped, and none
// is returned; else the values in them are the caller's to wipe.
func Ask(ctx context.Context, s secret.Service, req *secret.Request) ([]secret.Answer, error) {
	var list []secret.Answer
	err := s.Do(ctx, req, func(a secret.Answer) error {
		list = append(list, a)
		return nil
	})
	if err != nil {
		Wipe(list)
		return nil, err
	}
	return list, nil
}

// Wipe forgets the values among answers.
func Wipe(list []secret.Answer) {
	for _, a := range list {
		if a.Value != nil {
			a.Value.Value.Wipe()
		}
	}
}

// Entries are the entries among answers.
func Entries(list []secret.Answer) []secret.Entry {
	var entries []secret.Entry
	for _, a := range list {
		if a.Entry != nil {
			entries = append(entries, *a.Entry)
		}
	}
	return entries
}

// Sessions are the sessions among answers.
func Sessions(list []secret.Answer) []secret.Session {
	var sessions []secret.Session
	for _, a := range list {
		if a.Session != nil {
			sessions = append(sessions, *a.Session)
		}
	}
	return sessions
}
