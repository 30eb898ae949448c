//go:build windows || darwin

package netcfg

import (
	"net"
	"net/netip"
)

// lookLinks takes down every interface with its addresses.
func lookLinks() ([]Link, error) {
	found, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	links := make([]Link, len(found))
	for i, f := range found {
		links[i] = Link{Name: f.Name, Index: f.Index, MTU: f.MTU,
			Up: f.Flags&net.FlagUp != 0, Loopback: f.Flags&net.FlagLoopback != 0}
		addrs, err := f.Addrs()
		if err != nil {
			continue // gone since
		}
		for _, a := range addrs {
			if p, err := netip.ParsePrefix(a.String()); err == nil {
				links[i].Addresses = append(links[i].Addresses, p)
			}
		}
	}
	return links, nil
}

// gone says that the interface of a step is not there any more, or its number
// is another's.
func gone(s step) bool {
	link, err := net.InterfaceByIndex(s.Index)
	return err != nil || link.Name != s.Link
}
