package netcfg

import (
	"fmt"
	"os"
	"strings"
)

// linux does the work by netlink, D-Bus and files. Everything happens in the
// network namespace of the thread that calls.
type linux struct {
	file       resolvFile
	resolvconf string // command; empty: the one in the PATH, "-": none
	bus        string // D-Bus address; empty: the system bus, "-": none
}

// newSystem is the system of this computer.
func newSystem(s settings) system {
	path := s.resolvConf
	if path == "" {
		path = "/etc/resolv.conf"
	}
	return &linux{file: resolvFile{path: path}, resolvconf: s.resolvconf, bus: s.bus}
}

// look takes down links, routes and DNS.
func (l *linux) look(name string) (*Host, error) {
	h := &Host{Boot: l.boot(), Firewall: lookShield(), refusal: refuseBeside}
	_, err := os.Stat("/proc/net/if_inet6")
	h.NoIPv6 = err != nil
	if h.Links, err = lookLinks(); err != nil {
		return nil, fmt.Errorf("interfaces: %w", err)
	}
	if h.Routes, err = lookRoutes(); err != nil {
		return nil, fmt.Errorf("routes: %w", err)
	}
	link, _ := h.link(name)
	h.DNS, err = l.lookDNS(link.Index)
	if err != nil {
		return nil, fmt.Errorf("DNS: %w", err)
	}
	return h, nil
}

// apply makes one change.
func (l *linux) apply(s step) error {
	switch s.Kind {
	case kindMTU, kindUp, kindAddress:
		return applyLink(s)
	case kindBypass, kindRefuse, kindRoute:
		return addRoute(s)
	case kindDNS:
		return l.applyDNS(s)
	case kindShield:
		return applyShield(s.Shield)
	}
	return fmt.Errorf("unknown kind %q", s.Kind)
}

// undo takes one change back.
func (l *linux) undo(s step) error {
	switch s.Kind {
	case kindMTU, kindUp, kindAddress:
		return undoLink(s)
	case kindBypass, kindRefuse, kindRoute:
		return deleteRoute(s)
	case kindDNS:
		return l.undoDNS(s)
	case kindShield:
		return undoShield()
	}
	return fmt.Errorf("unknown kind %q", s.Kind)
}

// outlives: of all that we change only resolv.conf is on a disk.
func (l *linux) outlives(s step) bool { return s.Kind == kindDNS && s.DNS.How == howFile }

// sweep deletes the routes that carry our number and restores a resolv.conf
// that begins with our marker.
func (l *linux) sweep() error {
	if err := sweepRoutes(); err != nil {
		return err
	}
	return l.file.sweep()
}

// boot is the kernel's random number of this start.
func (l *linux) boot() string {
	id, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	return strings.TrimSpace(string(id))
}
