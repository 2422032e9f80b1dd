package handoff

import (
	"context"
	"errors"
	"strings"
	"testing"

	"noxkey/caller"
)

func TestThreatA8TwoReaders(t *testing.T) {
	eachShell(t, func(t *testing.T, sh shell) {
		h := newHandoff(t)
		a := start(t, sh.command(t, `. "$1" && echo BAD`, h.Script()))
		b := start(t, sh.command(t, `. "$1" && echo BAD`, h.Script()))
		h.holding(t, 2)
		s := serve(t.Context(), h, vars(t, "CANARY", canary))
		s.wait(t)
		failed(t, a())
		failed(t, b())
		bad, ok := errors.AsType[*Refused](s.err)
		if !ok || len(bad.Readers) != 2 || bad.Redeemed || len(s.redeemed) != 0 {
			t.Errorf("%v", s.err)
		}
		gone(t, h)
	})
}

// changeHands serves a shell and lets meanwhile run between the two looks.
func changeHands(t *testing.T, h *Handoff, cmd func() outcome, meanwhile func(Reader)) (outcome, error) {
	t.Helper()
	var held []Var
	err := h.Serve(t.Context(), func(_ context.Context, r Reader) ([]Var, error) {
		meanwhile(r)
		held = vars(t, "CANARY", canary)
		return held, nil
	})
	for _, v := range held {
		if !v.Value.Empty() {
			t.Error("the value was not wiped")
		}
	}
	gone(t, h)
	return cmd(), err
}

func TestThreatA8AShellThatBecomesCat(t *testing.T) {
	eachShell(t, func(t *testing.T, sh shell) {
		h := newHandoff(t)
		flag := gate(t)
		cat := start(t, sh.command(t, `exec 3<"${1%/*}/pipe"; read -r l <'`+flag+`'; exec cat <&3`, h.Script()))
		o, err := changeHands(t, h, cat, func(r Reader) {
			open(t, flag)
			eventually(t, "exec", func() bool {
				p, err := caller.ReadProcess(r.ID.PID)
				return err == nil && p.Name() == "cat" || p.Name() == "busybox" && len(p.Argv) > 0 && p.Argv[0] == "cat"
			})
		})
		bad, ok := errors.AsType[*Refused](err)
		if !ok || !bad.Redeemed || len(bad.Readers) != 1 {
			t.Errorf("%v", err)
		}
		clean(t, "cat", o.out+o.err)
		if !strings.Contains(o.out, "source PATH && command") {
			t.Errorf("it was told %q", o.out)
		}
	})
}

func TestThreatA8AnotherOpensItBesideTheShell(t *testing.T) {
	eachShell(t, func(t *testing.T, sh shell) {
		h := newHandoff(t)
		one := start(t, sh.command(t, `. "$1" && echo BAD`, h.Script()))
		var other func() outcome
		o, err := changeHands(t, h, one, func(Reader) {
			other = start(t, child(t, "cat", h.pipePath()))
			h.holding(t, 2)
		})
		if bad, ok := errors.AsType[*Refused](err); !ok || !bad.Redeemed || len(bad.Readers) != 2 {
			t.Errorf("%v", err)
		}
		clean(t, "shell and cat", o.out+o.err+other().out)
		failed(t, o)
	})
}

func TestThreatA8AShellOfSomebodyElse(t *testing.T) {
	eachShell(t, func(t *testing.T, sh shell) {
		need(t, "sleep")
		stranger := child(t, "sleep", "60")
		if err := stranger.Start(); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = stranger.Process.Kill(); _ = stranger.Wait() }()
		p, err := caller.ReadProcess(stranger.Process.Pid)
		if err != nil {
			t.Fatal(err)
		}
		h := newHandoff(t, func(o *Options) { o.Under = p.ID })
		s := serve(t.Context(), h, vars(t, "CANARY", canary))
		o := run(t, sh.command(t, `. "$1" && echo BAD`, h.Script()))
		s.wait(t)
		failed(t, o)
		if bad, ok := errors.AsType[*Refused](s.err); !ok || len(s.redeemed) != 0 || len(bad.Readers) != 1 {
			t.Errorf("%v", s.err)
		}
		gone(t, h)
	})
}

// What cannot be seen gets nothing; a stand-in for it, since root sees all.
func TestThreatA8AHiddenReaderAlone(t *testing.T) {
	t.Parallel()
	h := newHandoff(t)
	h.eyes.holders = func(_, _ uint64) ([]caller.ProcID, error) { return nil, nil }
	s := serve(t.Context(), h, nil)
	o := run(t, child(t, "cat", h.pipePath()))
	s.wait(t)
	bad, ok := errors.AsType[*Refused](s.err)
	if !ok || len(bad.Readers) != 0 || len(s.redeemed) != 0 || !strings.Contains(o.out, "source PATH") {
		t.Errorf("%v, %+v", s.err, o)
	}
}
