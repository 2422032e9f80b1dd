package broker

// Browser is a store that can be opened for browsing without an authentication: on a
// Mac, where whoever sits at the unlocked screen is the person. A Store may be one.
type Browser interface {
	// Browse opens the store as a successful authentication for no name would. The
	// error has code Locked if Lock was called meanwhile.
	Browse() error
}

// Suspend locks for as long as nobody is there: the screen is locked, the machine
// sleeps, another user has the screen. Sessions end as they do by a lock of the
// person's own.
func (b *Broker) Suspend() error {
	b.mu.Lock()
	b.away = true
	b.mu.Unlock()
	return b.shut()
}

// Resume opens for browsing what Suspend closed, where the store is a Browser. What
// the person locked stays locked until they prove who they are, and sessions do not
// come back. The app calls it at its start, too. It may be called at any time.
func (b *Broker) Resume() error {
	b.mu.Lock()
	b.away = false
	b.mu.Unlock()
	return b.browse()
}

// browse opens the store and the audit unless the person locked.
func (b *Broker) browse() error {
	s, ok := b.cfg.Store.(Browser)
	b.mu.Lock()
	held := b.held
	b.mu.Unlock()
	if !ok || held {
		return nil
	}
	if err := s.Browse(); err != nil {
		return err
	}
	b.mu.Lock()
	gone := b.held || b.away
	b.mu.Unlock()
	if gone { // since: what was opened is closed again
		b.cfg.Store.Lock()
		return nil
	}
	return b.audit.open()
}

// staysShut locks the store again where nobody may have opened it.
func (b *Broker) staysShut() {
	b.mu.Lock()
	shut := b.held || b.away
	b.mu.Unlock()
	if shut {
		b.cfg.Store.Lock()
	}
}

// opened notes that the person proved who they are, unless something was closed since
// closings was read.
func (b *Broker) opened(closings int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.shuts != closings {
		return false
	}
	b.held, b.away = false, false
	return true
}

// hold remembers whether the person locked.
func (b *Broker) hold(on bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.held = on
}
