package secret

import (
	"testing"
	"time"
)

func TestSettingsHaveBounds(t *testing.T) {
	for _, s := range Settings() {
		if s.Value != s.Default || s.Least < 1 || s.Default < s.Least || s.Default > s.Most {
			t.Errorf("%+v", s)
		}
		for _, v := range []int64{s.Least, s.Default, s.Most} {
			if to, err := s.To(v); err != nil || to.Value != v {
				t.Errorf("%s to %d: %+v, %v", s.Name, v, to, err)
			}
		}
		for _, v := range []int64{-1, s.Least - 1, s.Most + 1, 1 << 62} {
			if to, err := s.To(v); CodeOf(err) != Invalid || to.Value != s.Default {
				t.Errorf("%s to %d: %+v, %v", s.Name, v, to, err)
			}
		}
		changed, _ := s.To(s.Most)
		if to, err := changed.To(0); err != nil || to.Value != s.Default {
			t.Errorf("%s back to its default: %+v, %v", s.Name, to, err)
		}
	}
	if s, err := SettingOf(SettingSession); err != nil || s.Length() != DefaultSession || s.Most != int64(MaxSession/time.Second) {
		t.Errorf("%+v, %v", s, err)
	}
	if _, err := SettingOf("cards"); CodeOf(err) != Invalid {
		t.Error(err)
	}
}

func TestSpan(t *testing.T) {
	for seconds, want := range map[int64]string{30: "30s", 60: "1m", 90: "1m30s", 3600: "1h", 3630: "1h0m30s", 5400: "1h30m", 86400: "24h"} {
		if got := Span(seconds); got != want {
			t.Errorf("%d: %s, want %s", seconds, got, want)
		}
	}
}
