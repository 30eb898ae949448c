package netcfg

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// mac does the work by ioctls, the routing socket, scutil and pfctl.
type mac struct {
	folder string // of the service's state
}

// newSystem is the system of this computer.
func newSystem(s settings) system { return mac{folder: s.folder} }

// look takes down links, routes and DNS.
func (m mac) look(name string) (*Host, error) {
	h := &Host{Boot: m.boot(), Firewall: m.packetFilter().look(), refusal: refuseAlone}
	var err error
	if h.Links, err = lookLinks(); err != nil {
		return nil, fmt.Errorf("interfaces: %w", err)
	}
	if h.Routes, err = lookRoutes(); err != nil {
		return nil, fmt.Errorf("routes: %w", err)
	}
	h.DNS.How = howScutil
	if name != "" {
		h.DNS.Text, err = storedDNS(name)
	}
	return h, err
}

// apply makes one change.
func (m mac) apply(s step) error {
	switch s.Kind {
	case kindMTU:
		return setMTU(s.Link, s.MTU)
	case kindUp:
		return setUp(s.Link, true)
	case kindAddress:
		return addAddress(s.Link, s.Dst.Addr())
	case kindBypass, kindRefuse, kindRoute:
		return addRoute(s)
	case kindDNS:
		return scutil(dnsScript(s.Link, s.DNS))
	case kindShield:
		return m.packetFilter().apply(s.Shield)
	}
	return fmt.Errorf("unknown kind %q", s.Kind)
}

// undo takes one change back. The dynamic store keeps what it was told about
// an interface that is gone; all else goes with it.
func (m mac) undo(s step) error {
	switch s.Kind {
	case kindBypass, kindRefuse, kindRoute:
		return deleteRoute(s)
	case kindShield:
		return m.packetFilter().undo()
	case kindDNS:
		return scutil("remove " + storeKey(s.Link) + "\n")
	}
	if gone(s) {
		return nil
	}
	switch s.Kind {
	case kindMTU:
		return setMTU(s.Link, s.WasMTU)
	case kindUp:
		return setUp(s.Link, false)
	}
	return deleteAddress(s.Link, s.Dst.Addr())
}

// outlives: nothing that we change is kept over a start of the computer.
func (mac) outlives(step) bool { return false }

// sweep deletes the routes that carry our flag.
func (mac) sweep() error {
	routes, err := lookRoutes()
	for _, r := range routes {
		if err == nil && r.Ours {
			err = deleteRoute(step{Kind: kindRoute, Dst: r.Dst, Via: r.Via, Index: r.Link})
		}
	}
	return err
}

// boot is the kernel's random number of this start.
func (mac) boot() string {
	id, _ := unix.Sysctl("kern.bootsessionuuid")
	return id
}
