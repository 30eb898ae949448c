package netcfg

// system is what each operating system does for a Manager.
type system interface {
	// look takes down the facts of the computer; link names the interface of
	// the tunnel, or is empty.
	look(link string) (*Host, error)
	// apply makes one change.
	apply(step) error
	// undo takes one change back. It is tolerant: what is no longer there, or
	// was changed by others since, is left and is no error.
	undo(step) error
	// outlives says that the change is still there after the computer was
	// started anew.
	outlives(step) bool
	// sweep takes away whatever can be recognised as ours without a journal.
	sweep() error
	// boot is another text for each start of the computer.
	boot() string
}

// settings say where the system's own things are. The zero value means the
// usual places.
type settings struct {
	folder     string // of the journal, for what else has to be kept
	resolvConf string // default /etc/resolv.conf
	resolvconf string // command, default resolvconf in the PATH; "-": there is none
	bus        string // D-Bus address, default the system bus; "-": there is none
}

// WithResolvConf has the file named used as /etc/resolv.conf (Linux only).
func WithResolvConf(path string) Option {
	return func(m *Manager) { m.settings.resolvConf = path }
}

// WithResolvconf has the command named used as resolvconf(8); "-" means that
// there is none (Linux only).
func WithResolvconf(command string) Option {
	return func(m *Manager) { m.settings.resolvconf = command }
}

// WithBus has the D-Bus of that address used as the system bus; "-" means that
// there is none (Linux only).
func WithBus(address string) Option {
	return func(m *Manager) { m.settings.bus = address }
}
