package netcfg

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
)

// Manager sets the network of this computer, one value at a time. It is owned
// by one goroutine.
type Manager struct {
	journal  string
	note     func(Note)
	settings settings
	sys      system

	recovered bool
	cautioned bool        // that the firewall is untried
	value     *Config     // what is set; nil: nothing
	block     *KillSwitch // the kill switch that is armed; nil: none is
	unset     error       // why that is not in force; nil: it is
	applied   []step      // what the journal holds: set by us, in order
}

// Note is one line for the log: a change made or undone, or a warning.
type Note struct {
	Level  int    // 0 debug, 1 info, 2 warning
	Code   string // NET_PLAN, NET_SET, NET_UNDONE or NET_LEFT
	Text   string
	Fields map[string]any
}

// Option changes how a Manager works.
type Option func(*Manager)

// WithNotes has every change told to f, on the goroutine that calls Set.
func WithNotes(f func(Note)) Option { return func(m *Manager) { m.note = f } }

// New makes a Manager that keeps its journal in the file named, whose folder
// must exist and be writable by root only. It changes nothing.
func New(journalPath string, opts ...Option) *Manager {
	m := &Manager{journal: journalPath, note: func(Note) {}}
	for _, o := range opts {
		o(m)
	}
	m.settings.folder = filepath.Dir(journalPath)
	if m.sys == nil {
		m.sys = newSystem(m.settings)
	}
	return m
}

// Host looks at the computer's network as it is now.
func (m *Manager) Host() (*Host, error) { return m.sys.look("") }

// Set makes cfg the network, whole; nil undoes everything. What is in place
// already is not touched, so that setting the same value again costs nothing
// and repairs what others took away; call it also when the computer's own
// network has changed.
//
// A failure leaves the former value in force and says in words what failed.
// errors.Is(err, fs.ErrPermission) means that privileges are missing; where the
// cause has a code of its own (NO_TUN, LAN_OVERLAP) errors.As finds a
// *reason.Reason. What cannot be undone is an error of Set(nil) only; otherwise
// it is a warning. It stays in the journal and is tried again the next time.
func (m *Manager) Set(cfg *Config) error {
	m.recoverOnce()
	p, err := m.plan(cfg)
	if err != nil {
		return err
	}
	if p.empty() {
		m.hold(cfg)
		return nil
	}
	var left *leftError
	err = m.carryOut(p)
	if err == nil || errors.As(err, &left) {
		m.hold(cfg)
	}
	if cfg != nil && left != nil {
		m.tell(Note{Level: 2, Code: "NET_LEFT", Text: err.Error()})
		return nil
	}
	return err
}

// hold remembers the value that is set. With it a kill switch that is armed is
// in force.
func (m *Manager) hold(cfg *Config) {
	m.value = cfg
	if cfg != nil {
		m.unset = nil
	}
}

// plan looks at the computer and compares it with what cfg wants.
func (m *Manager) plan(cfg *Config) (plan, error) {
	if cfg == nil {
		return makePlan(m.applied, nil, &Host{})
	}
	if err := cfg.check(); err != nil {
		return plan{}, err
	}
	h, err := m.sys.look(cfg.Interface)
	if err != nil {
		return plan{}, fmt.Errorf("netcfg: looking at the network: %w", err)
	}
	if m.block != nil && h.Firewall.How == "" {
		return plan{}, m.noFirewall(h)
	}
	if h.block, err = m.learn(cfg); err != nil {
		return plan{}, err
	}
	p, err := makePlan(m.applied, cfg, h)
	if err == nil && !p.empty() {
		m.caution(h)
		m.tell(warnings(cfg, h)...)
	}
	return p, err
}

// Missing lists in words what of cfg, which was set, is there no longer; it
// changes nothing. nil misses nothing.
func (m *Manager) Missing(cfg *Config) ([]string, error) {
	if cfg == nil {
		return nil, nil
	}
	h, err := m.sys.look(cfg.Interface)
	if err != nil {
		return nil, fmt.Errorf("netcfg: looking at the network: %w", err)
	}
	h.block = m.block
	p, err := makePlan(m.applied, cfg, h)
	if err != nil {
		return nil, err
	}
	var missing []string
	for _, s := range p.add {
		missing = append(missing, s.String())
	}
	return missing, nil
}

// leftError is that something of ours is left after its time.
type leftError struct{ error }

// Unwrap is what failed.
func (e *leftError) Unwrap() error { return e.error }

// Recover undoes what an earlier process that crashed has left behind, but for
// a kill switch that is armed: that is set before anything else; if it cannot be,
// a note tells, and Unset says why. Call it once, before the first Set; Set does
// it otherwise.
func (m *Manager) Recover() error {
	m.recovered = true
	_ = m.rearm() // told
	j, err := loadJournal(m.journal)
	if err != nil {
		m.tell(Note{Level: 2, Code: "NET_LEFT", Text: err.Error()})
		return m.sweep()
	}
	left := j.Steps
	if j.Boot != m.sys.boot() {
		left = slices.DeleteFunc(left, func(s step) bool { return !m.sys.outlives(s) })
	}
	if len(left) > 0 {
		m.tell(Note{Level: 1, Code: "NET_PLAN", Text: "The network was left changed: undoing it"})
	}
	slices.Reverse(left)
	m.applied = nil
	return errors.Join(m.undo(left), m.store(m.applied))
}

// recoverOnce undoes an earlier process's changes unless that was done. What
// cannot be undone is told and no reason not to connect.
func (m *Manager) recoverOnce() {
	if m.recovered {
		return
	}
	if err := m.Recover(); err != nil {
		m.tell(Note{Level: 2, Code: "NET_LEFT", Text: err.Error()})
	}
}

// sweep undoes what can be found without a journal, and begins a new one.
func (m *Manager) sweep() error {
	err := m.sys.sweep()
	if err == nil {
		err = m.takeBack(step{Kind: kindShield, Shield: &Shield{}})
	}
	if err != nil {
		return fmt.Errorf("netcfg: undoing without a journal: %w", err)
	}
	return m.store(nil)
}

// carryOut makes the changes of a plan, all or none. The journal holds every
// change before the first is made.
func (m *Manager) carryOut(p plan) error {
	before := m.applied
	if err := m.store(p.during()); err != nil {
		m.applied = before
		return err
	}
	m.tell(Note{Code: "NET_PLAN", Text: fmt.Sprintf("Network: %d to set, %d to undo, %d in place", len(p.add), len(p.drop), len(p.keep))})
	for i, s := range p.add {
		if err := m.sys.apply(s); err != nil {
			err = fmt.Errorf("netcfg: setting %s: %w", s, err)
			return errors.Join(err, m.rollBack(p.add[:i+1], before))
		}
		m.tell(Note{Level: 1, Code: "NET_SET", Text: "Set " + s.String(), Fields: s.fields()})
	}
	m.applied = p.after()
	if err := errors.Join(m.undo(p.drop), m.store(m.applied)); err != nil {
		return &leftError{err}
	}
	return nil
}

// undo takes steps back in the order given. Those that fail become part of
// what is applied, to be tried again the next time.
func (m *Manager) undo(steps []step) error {
	var failed []error
	for _, s := range steps {
		if err := m.takeBack(s); err != nil {
			failed = append(failed, fmt.Errorf("netcfg: undoing %s: %w", s, err))
			m.applied = slices.Insert(m.applied, 0, s)
			continue
		}
		m.tell(Note{Level: 1, Code: "NET_UNDONE", Text: "Undone " + s.String(), Fields: s.fields()})
	}
	return errors.Join(failed...)
}

// takeBack undoes a step. In the place of a firewall there comes that of a kill
// switch, if one is armed.
func (m *Manager) takeBack(s step) error {
	if s.Kind == kindShield && m.block != nil {
		return m.blockAll()
	}
	return m.sys.undo(s)
}

// rollBack takes back what a plan that failed has set so far, and brings back
// the values that these steps replaced.
func (m *Manager) rollBack(done, before []step) error {
	m.applied = before
	var failed []error
	for _, s := range slices.Backward(done) {
		if err := m.restore(s, before); err != nil {
			failed = append(failed, fmt.Errorf("netcfg: taking back %s: %w", s, err))
			m.applied = append(slices.Clip(m.applied), s)
			continue
		}
		m.tell(Note{Level: 1, Code: "NET_UNDONE", Text: "Taken back " + s.String(), Fields: s.fields()})
	}
	return errors.Join(append(failed, m.store(m.applied))...)
}

// restore brings back the value of ours that a step replaced, or undoes it.
// Where there can be one route only to the gateway, it has replaced the one
// before, which comes back too.
func (m *Manager) restore(s step, before []step) error {
	if old, had := find(before, s.slot()); had && (s.replaces() || s.Kind == kindShield) {
		return m.sys.apply(old)
	}
	err := m.takeBack(s)
	for _, old := range before {
		if err == nil && old.Kind == kindBypass && s.Kind == kindBypass && old.Dst == s.Dst {
			err = m.sys.apply(old)
		}
	}
	return err
}

// store makes steps the journal and what is applied.
func (m *Manager) store(steps []step) error {
	m.applied = steps
	return storeJournal(m.journal, journal{Boot: m.sys.boot(), Steps: steps})
}

// tell hands notes to the log.
func (m *Manager) tell(notes ...Note) {
	for _, n := range notes {
		m.note(n)
	}
}
