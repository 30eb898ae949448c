package netcfg

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
)

// KillSwitch is a kill switch that is armed: nothing leaves this computer
// beside the tunnel, whether there is one or not. It is kept on the disk, so
// that it outlives every crash and start, until Unblock.
type KillSwitch struct {
	UUID    string `json:"uuid"`    // of the profile that has asked for it
	Profile string `json:"profile"` // its name
	// Locked says that only an administrator may lift it.
	Locked bool `json:"locked,omitempty"`
	// OpenLocal says that the local network may be reached all the same, but
	// for Inside.
	OpenLocal bool           `json:"open_local,omitempty"`
	Inside    []netip.Prefix `json:"inside,omitempty"`
	// Others is what other profiles have demanded before; all of it is in what
	// stands above. Block fills it in.
	Others *KillSwitch `json:"others,omitempty"`
}

// Owner says whose it is, for people: of several, whose lock it has.
func (k *KillSwitch) Owner() string {
	if k.Others != nil && k.Others.Locked {
		return k.Others.Owner()
	}
	if k.Profile == "" {
		return "a profile that is not known any more"
	}
	return "the profile " + k.Profile
}

// after is the kill switch k when old was armed already: another profile can
// make it stricter, not looser. Its own can change what it has asked for itself;
// what the others have is remembered apart, and holds until Unblock.
func (k KillSwitch) after(old *KillSwitch) KillSwitch {
	k.Others = nil
	if old == nil {
		return k
	}
	k.Others = old.Others
	if old.UUID != k.UUID || old.UUID == "" {
		k.Others = old.demand()
	}
	if k.Others != nil {
		k.Locked = k.Locked || k.Others.Locked
		k.OpenLocal = k.OpenLocal && k.Others.OpenLocal
		k.Inside = union(k.Inside, k.Others.Inside)
	}
	return k
}

// demand is all of k as one demand, in the name of whose lock it has.
func (k KillSwitch) demand() *KillSwitch {
	if k.Others != nil && k.Others.Locked {
		k.UUID, k.Profile = k.Others.UUID, k.Others.Profile
	}
	k.Others = nil
	return &k
}

// KillSwitch is the one that is armed; nil: none is. Before Recover it is not
// known.
func (m *Manager) KillSwitch() *KillSwitch { return m.block }

// Unset is why the kill switch that is armed is not in force, so that packets
// leave beside the tunnel; nil: it is, or none is armed. Guard tries again.
func (m *Manager) Unset() error {
	if m.block == nil {
		return nil
	}
	return m.unset
}

// Block arms the kill switch, or changes the one that is armed. It is on the
// disk before it is in force; an error means that it is neither, or as it was
// before, and errors.ErrUnsupported that there is none on this system.
func (m *Manager) Block(k KillSwitch) error {
	m.recoverOnce()
	old := m.block
	k = k.after(old)
	k.Inside = union(masked(k.Inside), nil)
	if err := storeKillSwitch(m.armed(), &k); err != nil {
		return err
	}
	m.block = &k
	err := m.Guard()
	if err != nil {
		m.block = old
		err = errors.Join(err, storeKillSwitch(m.armed(), old))
		if !errors.Is(err, fs.ErrPermission) { // who may not set it cannot take it back either
			err = errors.Join(err, m.settle())
		}
	} else if old == nil {
		m.tell(Note{Level: 1, Code: "BLOCK", Text: "The kill switch is on: nothing leaves this computer beside the tunnel"})
	}
	return err
}

// Unblock lifts the kill switch; that none is armed is no error, and takes away
// what an earlier one has left in the firewall. If it fails the kill switch is
// still armed.
func (m *Manager) Unblock() error {
	m.recoverOnce()
	old := m.block
	m.block = nil
	err := m.settle()
	if err == nil {
		err = storeKillSwitch(m.armed(), nil)
	}
	if err != nil {
		m.block = old
		return errors.Join(err, m.Guard())
	}
	if old != nil {
		m.tell(Note{Level: 1, Code: "UNBLOCK", Text: "The kill switch is off"})
	}
	return nil
}

// settle makes the firewall what is wanted now, and takes it away if nothing is.
func (m *Manager) settle() error {
	if m.value == nil && m.block == nil {
		return m.sys.undo(step{Kind: kindShield, Shield: &Shield{}})
	}
	return m.Guard()
}

// Guard makes the firewall what the value that is set and the kill switch want
// on the computer's networks as they are now. Call it when these have changed;
// it also repairs what others took away.
func (m *Manager) Guard() error {
	m.recoverOnce()
	if m.value == nil && m.block == nil {
		return nil
	}
	was := m.Unset()
	if err := m.guard(); err != nil {
		return err
	}
	if was != nil {
		m.tell(Note{Level: 1, Code: "BLOCK", Text: "The kill switch is on: it could be set now"})
	}
	return nil
}

// guard is Guard where something is wanted.
func (m *Manager) guard() error {
	h, err := m.sys.look("")
	switch {
	case err != nil && m.value == nil && m.unset != nil:
		return m.blockAll() // without knowing the network, rather than not
	case err != nil:
		return fmt.Errorf("netcfg: looking at the network: %w", err)
	}
	return m.tried(m.guardOn(h), h)
}

// tried remembers whether the kill switch is in force after setting it on h has
// ended with err. One that was there before still is.
func (m *Manager) tried(err error, h *Host) error {
	m.unset = err
	if h.Firewall.blocks() {
		m.unset = nil
	}
	return err
}

// guardOn is Guard on a computer that looks like h.
func (m *Manager) guardOn(h *Host) error {
	if h.Firewall.Missing != "" {
		return m.noFirewall(h)
	}
	m.caution(h)
	want, _ := shieldOf(m.value, m.block, h)
	s := step{Kind: kindShield, Shield: &want}
	if inPlace(s, h) {
		return nil
	}
	if err := m.sys.apply(s); err != nil {
		return fmt.Errorf("netcfg: setting %s: %w", s, err)
	}
	m.tell(Note{Code: "NET_SET", Text: "Set " + s.String(), Fields: s.fields()})
	return m.exchange(s)
}

// rearm sets the kill switch of an earlier process again. What cannot be read
// is told: the kill switch is in force all the same.
func (m *Manager) rearm() error {
	var err error
	if m.block, err = loadKillSwitch(m.armed()); err != nil {
		m.tell(Note{Level: 2, Code: "NET_LEFT", Text: err.Error() + ": nothing may leave this computer until muvpn unblock"})
	}
	if m.block == nil {
		return nil
	}
	if err := m.blockAll(); err != nil {
		m.tell(Note{Level: 2, Code: "BLOCK", Text: fmt.Sprintf("The kill switch is armed but could NOT be set: %v. Packets leave this computer beside the tunnel until it can be", err)})
		return fmt.Errorf("the kill switch is armed but could NOT be set: %w", err)
	}
	m.tell(Note{Level: 1, Code: "BLOCK", Text: "The kill switch is on, as it was before"})
	return nil
}

// Rearm sets the kill switch that is armed beside a journal, if one is. It is
// for the very start of a service: Recover does it again, and tells.
func Rearm(journalPath string, opts ...Option) error { return New(journalPath, opts...).rearm() }

// blockAll sets the firewall of the kill switch alone. Where the computer does
// not let itself be looked at, no local network is known to be open. Where the
// firewall is missing it is tried all the same: it may be about to come.
func (m *Manager) blockAll() error {
	h, err := m.sys.look("")
	if err != nil {
		h = &Host{}
	}
	m.caution(h)
	s, _ := shieldOf(nil, m.block, h)
	err = m.sys.apply(step{Kind: kindShield, Shield: &s})
	if h.Firewall.Missing != "" {
		err = errors.New(h.Firewall.Missing)
	}
	return m.tried(err, h)
}

// caution tells once that no real system has seen the firewall that is set.
func (m *Manager) caution(h *Host) {
	if h.Firewall.Untried == "" || m.cautioned {
		return
	}
	m.cautioned = true
	m.tell(Note{Level: 2, Code: "NET_LEFT", Text: "The firewall and the kill switch for " + h.Firewall.Untried +
		" were not tried on a real one yet: do not rely on them alone"})
}

// learn has an armed kill switch know the networks that a value leads into the
// tunnel, which the gateway may have named: they stay closed on the local
// network when the value is undone.
func (m *Manager) learn(cfg *Config) (*KillSwitch, error) {
	if m.block == nil {
		return nil, nil
	}
	k := *m.block
	for _, n := range cfg.Routes {
		if n.Bits() > 0 {
			k.Inside = union(k.Inside, []netip.Prefix{n.Masked()})
		}
	}
	if len(k.Inside) == len(m.block.Inside) {
		return m.block, nil
	}
	if err := storeKillSwitch(m.armed(), &k); err != nil {
		return nil, err
	}
	m.block = &k
	return m.block, nil
}

// noFirewall is an error when a kill switch is armed that cannot be.
func (m *Manager) noFirewall(h *Host) error {
	switch {
	case m.block == nil:
		return nil // what a value without a kill switch lacks is told by Set
	case h.Firewall.Never:
		return fmt.Errorf("%s: %w", h.Firewall.Missing, errors.ErrUnsupported)
	}
	return fmt.Errorf("netcfg: the kill switch: %s", h.Firewall.Missing)
}

// exchange puts a shield that was set in the place of the one in the journal.
func (m *Manager) exchange(s step) error {
	for i, a := range m.applied {
		if a.Kind == kindShield {
			m.applied[i] = s
			return m.store(m.applied)
		}
	}
	return nil
}

// armed is the file of the kill switch, beside the journal.
func (m *Manager) armed() string { return filepath.Join(filepath.Dir(m.journal), armedName) }

// armedName is what that file is called in the service's folder.
const armedName = "killswitch"

// Armed says whether a kill switch is armed in the folder of a journal, without
// anything else: for programs that do not run the service.
func Armed(folder string) bool {
	_, err := os.Lstat(filepath.Join(folder, armedName))
	return !errors.Is(err, fs.ErrNotExist)
}

// loadKillSwitch reads the file. One that cannot be read, or that others could
// have written, is a kill switch all the same, with nothing allowed.
func loadKillSwitch(path string) (*KillSwitch, error) {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil {
		err = trust(info)
	}
	var text []byte
	if err == nil {
		text, err = os.ReadFile(path)
	}
	var k KillSwitch
	if err == nil {
		err = json.Unmarshal(text, &k)
	}
	if err != nil {
		return &KillSwitch{Locked: true}, fmt.Errorf("netcfg: %s: %w", path, err)
	}
	return &k, nil
}

// storeKillSwitch puts k on the disk; nil removes the file.
func storeKillSwitch(path string, k *KillSwitch) error {
	if k == nil {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("netcfg: removing the kill switch: %w", err)
		}
		return syncFolder(filepath.Dir(path))
	}
	text, err := json.MarshalIndent(k, "", " ")
	if err == nil {
		err = replaceFile(path, text, 0o600)
	}
	if err != nil {
		return fmt.Errorf("netcfg: writing the kill switch: %w", err)
	}
	return nil
}
