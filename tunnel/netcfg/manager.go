package netcfg

import (
	"errors"
)

// Manager sets the network of this computer, one value at a time. It is owned
// by one goroutine.
type Manager struct {
	journal string
	note    func(Note)
}

// Note is one line for the log: a change made or undone, or a warning.
type Note struct {
	Level  int    // 0 debug, 1 info, 2 warning
	Code   string // NET_SET, NET_UNDONE, NET_LEFT
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
	return m
}

// Set makes cfg the network, whole; nil undoes everything. What is in place
// already is not touched, so that setting the same value again costs nothing
// and repairs what others took away; call it also when the computer's own
// network has changed. A failure leaves the former value in force and says in
// words what failed; errors.Is(err, fs.ErrPermission) means that privileges
// are missing.
func (m *Manager) Set(cfg *Config) error { return errors.ErrUnsupported }

// Recover undoes what an earlier process that crashed has left behind. Call it
// once, before the first Set.
func (m *Manager) Recover() error { return errors.ErrUnsupported }

// Host looks at the computer's network as it is now.
func (m *Manager) Host() (*Host, error) { return nil, errors.ErrUnsupported }
