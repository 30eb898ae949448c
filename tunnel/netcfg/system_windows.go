package netcfg

import (
	"errors"
	"fmt"
	"strconv"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
	"golang.zx2c4.com/wireguard/windows/tunnel/winipcfg"
)

// win does the work by the IP Helper functions and the Base Filtering Engine. Routes and addresses are made
// without persistence; what belongs to the adapter goes with it.
type win struct{}

// families are the two that Windows keeps apart everywhere.
var families = []winipcfg.AddressFamily{windows.AF_INET, windows.AF_INET6}

// newSystem is the system of this computer.
func newSystem(settings) system { return win{} }

// look takes down links, routes and DNS.
func (win) look(name string) (*Host, error) {
	h := &Host{Boot: win{}.boot(), Firewall: lookShield(), refusal: refuseInTunnel}
	var err error
	if h.Links, err = lookLinks(); err != nil {
		return nil, fmt.Errorf("interfaces: %w", err)
	}
	metrics, err := lookFamilies(h)
	if err != nil {
		return nil, fmt.Errorf("interfaces: %w", err)
	}
	if h.Routes, err = lookRoutes(metrics); err != nil {
		return nil, fmt.Errorf("routes: %w", err)
	}
	h.DNS.How = howAdapter
	if link, ok := h.link(name); ok {
		h.DNS.Text, err = adapterDNS(link.Index)
	}
	return h, err
}

// apply makes one change.
func (win) apply(s step) error {
	if s.Kind == kindShield {
		return filterWith(func(w wall) error { return w.apply(s.Shield) })
	}
	luid, err := winipcfg.LUIDFromIndex(uint32(s.Index))
	if err != nil {
		return err
	}
	switch s.Kind {
	case kindMTU:
		return setMTU(luid, s.MTU)
	case kindUp:
		return nil // an adapter of Wintun is up while its driver is in use
	case kindAddress:
		return unless(windows.ERROR_OBJECT_ALREADY_EXISTS, luid.AddIPAddress(s.Dst))
	case kindBypass, kindRoute:
		return unless(windows.ERROR_OBJECT_ALREADY_EXISTS, luid.AddRoute(s.Dst, nextHop(s), uint32(s.Metric)))
	case kindDNS:
		return setAdapterDNS(luid, s.DNS)
	}
	return fmt.Errorf("unknown kind %q", s.Kind)
}

// undo takes one change back.
func (win) undo(s step) error {
	if s.Kind == kindShield {
		return filterWith(wall.undo)
	}
	luid, err := winipcfg.LUIDFromIndex(uint32(s.Index))
	if err != nil || gone(s) {
		return nil
	}
	switch s.Kind {
	case kindMTU:
		err = setMTU(luid, s.WasMTU)
	case kindAddress:
		err = luid.DeleteIPAddress(s.Dst)
	case kindBypass, kindRoute:
		err = luid.DeleteRoute(s.Dst, nextHop(s))
	case kindDNS:
		err = setAdapterDNS(luid, &dns{})
	}
	return unless(windows.ERROR_NOT_FOUND, err)
}

// outlives: our provider in the filtering engine is kept over a start of the
// computer, and so is all of it where the start is none (fast startup).
func (win) outlives(s step) bool { return s.Kind == kindShield }

// sweep: routes of Windows do not say who made them, so nothing can be known
// without a journal; what leads through the adapter goes with the adapter.
func (win) sweep() error { return nil }

// boot is the number of this start.
func (win) boot() string {
	key, err := registry.OpenKey(registry.LOCAL_MACHINE,
		`SYSTEM\CurrentControlSet\Control\Session Manager\Memory Management\PrefetchParameters`, registry.QUERY_VALUE)
	if err != nil {
		return ""
	}
	defer key.Close()
	number, _, err := key.GetIntegerValue("BootId")
	if err != nil {
		return ""
	}
	return strconv.FormatUint(number, 10)
}

// unless is err, but nil for the one that means that there is nothing to do.
func unless(harmless error, err error) error {
	if errors.Is(err, harmless) {
		return nil
	}
	return err
}
