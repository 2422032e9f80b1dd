package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// playAll plays one game for each group, and one for what is made against the released
// programs, at the same time: each has an app and an agent of its own.
func playAll(ctx context.Context, list []move, o options) (report, error) {
	games := map[int][]move{}
	for _, m := range list {
		key := int(m.group)
		if m.real {
			key = len(titles)
		}
		games[key] = append(games[key], m)
	}
	reports, errs := make([]report, len(titles)+1), make([]error, len(titles)+1)
	var all sync.WaitGroup
	for key, some := range games {
		all.Go(func() {
			o := o
			o.real = key == len(titles)
			var g *game
			if g, errs[key] = newGame(ctx, o); errs[key] == nil {
				reports[key], errs[key] = g.play(ctx, some)
				errs[key] = errors.Join(errs[key], g.close())
			}
		})
	}
	all.Wait()
	var sum report
	for _, r := range reports {
		sum.rows = append(sum.rows, r.rows...)
		sum.run, sum.read, sum.cards, sum.allowed = sum.run || r.run, sum.read+r.read, sum.cards+r.cards, sum.allowed+r.allowed
	}
	return sum, errors.Join(errs...)
}

// play makes the moves in order, and searches what the agent read. An error means that
// the game could not go on.
func (g *game) play(ctx context.Context, list []move) (report, error) {
	r := report{run: g.run}
	var all []byte
	for _, m := range list {
		if ctx.Err() != nil {
			return r, ctx.Err()
		}
		if why := missing(m); why != "" {
			r.rows = append(r.rows, row{move: m, missing: why})
			continue
		}
		one, began := row{move: m}, time.Now()
		var err error
		for i := range max(m.times, 1) {
			v, err := g.make(m, i, false)
			if err != nil {
				return r, fmt.Errorf("%s: %w", m.name, err)
			}
			one.source.add(v)
		}
		all = append(append(all, one.source.read...), '\n')
		if m.group == loaded && m.after != "" && g.run {
			if one.run, err = g.make(m, 0, true); err != nil {
				return r, fmt.Errorf("%s, under run: %w", m.name, err)
			}
		}
		one.took = time.Since(began)
		r.rows = append(r.rows, one)
	}
	r.read, r.cards, r.allowed = len(all), g.state.Cards, g.state.Allowed
	if len(list) > 0 && len(all) == 0 {
		return r, errors.New("the agent read nothing, so nothing was searched")
	}
	return r, nil
}

// missing names a tool that a move needs and that is not here.
func missing(m move) string {
	for _, tool := range m.need {
		found := false
		for _, dir := range []string{"/usr/local/bin/", "/usr/bin/", "/bin/"} { // the agent's PATH
			_, err := exec.LookPath(dir + tool)
			found = found || err == nil
		}
		if !found {
			return tool
		}
	}
	return ""
}

// make makes one move and judges it. under says that what comes after a load comes
// under noxkey run instead.
func (g *game) make(m move, i int, under bool) (verdict, error) {
	tmp := g.path(fmt.Sprintf("u/m%d", g.scripts))
	g.scripts++
	if err := errors.Join(os.Mkdir(tmp, 0o700), os.Chown(tmp, g.uid, g.gid)); err != nil {
		return verdict{}, err
	}
	v := verdict{made: true}
	script, err := "/nonexistent/load", error(nil)
	if m.group != nothing && !under && !m.own {
		if script, v.read, err = g.handoff(); err != nil {
			return v, err
		}
	}
	if err := g.tell(word{Expect: under || m.own, Away: m.away, Late: m.late}); err != nil {
		return v, err
	}
	did, err := g.agent.do(order{MCP: m.mcp, Sh: m.line(under), Env: append(g.env(script, tmp), fmt.Sprint("I=", i))})
	if err == nil && did.Err != "" {
		err = errors.New(did.Err)
	}
	if err != nil {
		return v, err
	}
	g.mcp = did.PID
	v.read, v.stuck = append(v.read, did.Out...), did.Stuck
	v.found = find(v.read, g.canaries)
	v.odd = m.proof != "" && !bytes.Contains(did.Out, []byte(m.proof)) || m.after != "" && !bytes.Contains(did.Out, []byte(loadedWord))
	return v, errors.Join(g.tell(word{}), os.RemoveAll(tmp))
}

// tell tells the person what to do with the next card.
func (g *game) tell(w word) (err error) {
	if g.state, err = g.state.after(g.app.do(w)); err == nil && g.state.Err != "" {
		err = errors.New(g.state.Err)
	}
	return err
}

func (n news) after(next news, err error) (news, error) {
	if err != nil {
		return n, fmt.Errorf("the app: %w", err)
	}
	return next, nil
}

// handoff lets the agent ask honestly, which the person allows, and returns the script.
func (g *game) handoff() (script string, read []byte, err error) {
	before := g.state.Allowed
	if err := g.tell(word{Expect: true}); err != nil {
		return "", nil, err
	}
	did, err := g.agent.do(order{MCP: []string{call("noxkey_get", `{"account":"acme/api/KEY","reason":"migrate the tables","command":"make migrate"}`)}})
	if err == nil {
		err = g.tell(word{})
	}
	if err != nil {
		return "", nil, err
	}
	g.mcp = did.PID
	for line := range bytes.Lines(did.Out) {
		var a struct {
			Result struct {
				StructuredContent struct{ Script string }
			}
		}
		if json.Unmarshal(line, &a) == nil && a.Result.StructuredContent.Script != "" {
			script = a.Result.StructuredContent.Script
		}
	}
	if script == "" || g.state.Allowed != before+1 {
		return "", nil, fmt.Errorf("no handoff for an honest request: %s", did.Out)
	}
	return script, did.Out, nil
}

// loadedWord is printed by a shell that has loaded the value, or by a command that was
// started with it.
const loadedWord = "redteam: loaded"

// line is what the agent's shell runs. What comes after a load is one command line in
// both columns.
func (m move) line(under bool) string {
	if m.after == "" {
		return m.sh
	}
	text := `[ ${#KEY} -gt 20 ] && echo "` + loadedWord + `"; ` + m.after
	if under {
		return `noxkey --home "$H" run "$N" -- bash -c '` + strings.ReplaceAll(text, "'", `'\''`) + `'`
	}
	return `source "$S" && { ` + text + "\n}"
}
