package cocoa

import (
	"context"

	"noxkey/ui"
)

// firstID is the first run's window.
const firstID = "first"

// FirstRun is what the first run needs of the program around it. It also holds how far
// the person came: a window that was closed early goes on there.
type FirstRun struct {
	// Enclave tries whether values can be sealed to a key in the Secure Enclave, and if not
	// says why, in lower case. It may take a while and runs on a goroutine of its own.
	Enclave func() (ok bool, why string)
	// Create makes the vault in the mode that was chosen, on a goroutine of its own.
	Create func(ctx context.Context, sealed bool) error
	// Agents are the configuration files of agents; nil leaves that step out.
	Agents Agents

	state *firstState
}

// Agents finds the agents that are installed here and adds us to their configuration.
type Agents interface {
	// List looks for the agents' files. It runs on a goroutine of its own, like Add.
	List() []Agent
	// Add adds an entry to the files of the agents of those names, and returns the list as
	// it is then. What could not be written has State ui.AgentFailed.
	Add(ctx context.Context, names []string) []Agent
}

// Agent is one agent and its configuration file.
type Agent struct {
	Name, Path string
	State      ui.AgentState
	Cause      string // of ui.AgentFailed
}

// firstState is how far a first run came.
type firstState struct {
	step   firstStep
	probed bool   // the Enclave has been tried
	able   bool   // it works here
	why    string // why not
	choice choice
	made   bool // the vault is there
	busy   bool // something is being made
	fault  string
	agents []Agent
	ticked map[string]bool // agents, by name
	login  bool            // open at login
}

type choice int

const (
	undecided choice = iota
	enclaveKey
	gateOnly
)

type firstStep int

const (
	protectStep firstStep = iota
	agentsStep
	readyStep
)

// first is the window.
type first struct {
	f  *Front
	st *firstState
}

// newFirst returns the first run's window where it was left, or the one that is up.
func newFirst(f *Front) *first {
	if w, ok := f.windows[firstID].(*first); ok {
		f.kit.Focus(firstID)
		return w
	}
	run := f.opt.First
	w := &first{f, run.state}
	if w.st == nil {
		w.st = &firstState{login: true}
		run.state = w.st
		w.probe()
	}
	return w
}

func (w *first) closed() {}

// steps are those that this run has, in order.
func (w *first) steps() []firstStep {
	if w.f.opt.First == nil || w.f.opt.First.Agents == nil {
		return []firstStep{protectStep, readyStep}
	}
	return []firstStep{protectStep, agentsStep, readyStep}
}

// away runs work on a goroutine and then, with what it made, on the main thread.
func away[T any](f *Front, work func() T, then func(T)) {
	done := f.desk.Acting()
	go func() {
		v := work()
		done()
		f.kit.Post(func() { then(v) })
	}()
}

// probe tries the Enclave. Its key is recommended, so it is chosen where it works; where
// only the weaker way works, the person chooses that one themselves.
func (w *first) probe() {
	type tried struct {
		ok  bool
		why string
	}
	run := w.f.opt.First
	away(w.f, func() tried {
		if run.Enclave == nil {
			return tried{why: "this build cannot ask for it"}
		}
		ok, why := run.Enclave()
		return tried{ok, why}
	}, func(t tried) {
		w.st.probed, w.st.able, w.st.why = true, t.ok, t.why
		if t.ok && w.st.choice == undecided {
			w.st.choice = enclaveKey
		}
		w.draw()
	})
}

// draw draws the window that is up: not always this one, if it was closed meanwhile.
func (w *first) draw() {
	if up, ok := w.f.windows[firstID].(*first); ok {
		w.f.redraw(up)
	}
}

// choose takes a way of protection, if it can be had and nothing is made yet.
func (w *first) choose(c choice) {
	if w.st.made || w.st.busy || c == enclaveKey && !w.st.able {
		return
	}
	w.st.choice, w.st.fault = c, ""
	w.draw()
}

// forward does what the right button says.
func (w *first) forward() {
	st := w.st
	switch {
	case st.busy:
	case st.step == protectStep && !st.made:
		w.create()
	case st.step == agentsStep && w.count() > 0:
		w.addAgents()
	case st.step == readyStep:
		w.finish()
	default:
		w.turn(1)
	}
}

// turn goes to another step.
func (w *first) turn(by int) {
	steps := w.steps()
	for i, s := range steps {
		if s == w.st.step && i+by >= 0 && i+by < len(steps) {
			w.st.step, w.st.fault = steps[i+by], ""
			break
		}
	}
	if w.st.step == agentsStep && w.st.agents == nil {
		w.listAgents()
	}
	w.draw()
}

// back does what the left button says.
func (w *first) back() {
	switch {
	case w.st.busy:
	case w.st.step == protectStep:
		w.f.Quit()
	default:
		w.turn(-1)
	}
}

// create makes the vault as it was chosen.
func (w *first) create() {
	if w.st.choice == undecided {
		return
	}
	run, sealed := w.f.opt.First, w.st.choice == enclaveKey
	w.st.busy, w.st.fault = true, ""
	w.draw()
	away(w.f, func() error { return run.Create(w.f.ctx, sealed) }, func(err error) {
		w.st.busy = false
		if err != nil {
			w.st.fault = ui.Words(err)
			w.draw()
			return
		}
		w.st.made = true
		w.turn(1)
		w.f.look()
	})
}

func (w *first) listAgents() {
	agents := w.f.opt.First.Agents
	away(w.f, agents.List, w.takeAgents)
}

// takeAgents takes over what was found; those that are installed are ticked.
func (w *first) takeAgents(list []Agent) {
	w.st.agents, w.st.ticked = list, map[string]bool{}
	for _, a := range list {
		w.st.ticked[a.Name] = a.State == ui.AgentFound
	}
	w.draw()
}

// count is how many agents are ticked.
func (w *first) count() (n int) {
	for _, a := range w.st.agents {
		if w.st.ticked[a.Name] {
			n++
		}
	}
	return n
}

// addAgents adds us to the ticked files, and goes on if all could be written.
func (w *first) addAgents() {
	var names []string
	for _, a := range w.st.agents {
		if w.st.ticked[a.Name] {
			names = append(names, a.Name)
		}
	}
	agents := w.f.opt.First.Agents
	w.st.busy = true
	w.draw()
	away(w.f, func() []Agent { return agents.Add(w.f.ctx, names) }, func(list []Agent) {
		w.st.busy = false
		w.takeAgents(list)
		for _, a := range list {
			if a.State == ui.AgentFailed {
				return
			}
		}
		w.turn(1)
	})
}

// finish ends the first run for good.
func (w *first) finish() {
	keeps := w.f.opt.Settings
	if keeps == nil || keeps.Login() == w.st.login {
		w.end()
		return
	}
	w.st.busy, w.st.fault = true, ""
	w.draw()
	on := w.st.login
	away(w.f, func() error { return keeps.SetLogin(on) }, func(err error) {
		w.st.busy = false
		if err != nil {
			w.st.fault, w.st.login = ui.SettingFault(err), keeps.Login() // Done again goes on without
			w.draw()
			return
		}
		w.end()
	})
}

func (w *first) end() {
	w.f.opt.First = nil
	if up, ok := w.f.windows[firstID]; ok {
		w.f.close(up)
	}
	w.f.drawStatus()
}

// key: arrows switch between the ways; Esc and Cmd+W close, and the run goes on later.
func (w *first) key(k Key) bool {
	switch {
	case k.Name == "Esc", k.Cmd && (k.Name == "." || k.Name == "w"):
		if !w.st.busy {
			w.f.close(w)
		}
	case w.st.step == protectStep && k.Name == "Up":
		w.choose(enclaveKey)
	case w.st.step == protectStep && k.Name == "Down":
		w.choose(gateOnly)
	default:
		return false
	}
	return true
}
