package netcfg

import (
	"errors"
	"net"
	"net/netip"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// maxDumps is how often a list is asked for that changes while it is read.
const maxDumps = 5

// dump asks the kernel for a list until it was not interrupted by a change.
func dump[T any](list func() ([]T, error)) (out []T, err error) {
	for range maxDumps {
		if out, err = list(); !errors.Is(err, netlink.ErrDumpInterrupted) {
			return out, err
		}
	}
	return out, err
}

// lookLinks takes down every interface with its addresses.
func lookLinks() ([]Link, error) {
	found, err := dump(netlink.LinkList)
	if err != nil {
		return nil, err
	}
	addrs, err := dump(func() ([]netlink.Addr, error) { return netlink.AddrList(nil, netlink.FAMILY_ALL) })
	if err != nil {
		return nil, err
	}
	links := make([]Link, len(found))
	for i, l := range found {
		a := l.Attrs()
		links[i] = Link{Name: a.Name, Index: a.Index, MTU: a.MTU,
			Up: a.Flags&net.FlagUp != 0, Loopback: a.Flags&net.FlagLoopback != 0}
		for _, addr := range addrs {
			if addr.LinkIndex == a.Index {
				links[i].Addresses = append(links[i].Addresses, prefixOf(addr.IPNet))
			}
		}
	}
	return links, nil
}

// applyLink sets MTU, state or an address of the interface.
func applyLink(s step) error {
	link, err := netlink.LinkByIndex(s.Index)
	if err != nil {
		return err
	}
	switch s.Kind {
	case kindMTU:
		return netlink.LinkSetMTU(link, s.MTU)
	case kindUp:
		return netlink.LinkSetUp(link)
	}
	err = netlink.AddrAdd(link, address(s.Dst))
	if errors.Is(err, unix.EEXIST) {
		return nil
	}
	return err
}

// undoLink takes back what applyLink has set, if the interface is still there
// and still as we left it.
func undoLink(s step) error {
	link, err := netlink.LinkByIndex(s.Index)
	if vanished(err) || (err == nil && link.Attrs().Name != s.Link) {
		return nil
	}
	if err != nil {
		return err
	}
	switch s.Kind {
	case kindMTU:
		if now := link.Attrs().MTU; now != s.MTU && now != s.FormerMTU {
			return nil
		}
		err = netlink.LinkSetMTU(link, s.WasMTU)
	case kindUp:
		err = netlink.LinkSetDown(link)
	default:
		err = netlink.AddrDel(link, address(s.Dst))
	}
	if vanished(err) || errors.Is(err, unix.EADDRNOTAVAIL) {
		return nil
	}
	return err
}

// address is an address alone: the kernel makes no route to its network, and
// as nobody else is on the link it need not look for duplicates.
func address(p netip.Prefix) *netlink.Addr {
	return &netlink.Addr{IPNet: ipNet(p), Flags: unix.IFA_F_NOPREFIXROUTE | unix.IFA_F_NODAD}
}

// vanished says that an interface is not there any more.
func vanished(err error) bool {
	var gone netlink.LinkNotFoundError
	return errors.As(err, &gone) || errors.Is(err, unix.ENODEV)
}

// prefixOf and ipNet turn networks of package net into those of netip and back.
func prefixOf(n *net.IPNet) netip.Prefix {
	addr, _ := netip.AddrFromSlice(n.IP)
	ones, _ := n.Mask.Size()
	return netip.PrefixFrom(addr.Unmap(), ones)
}

func ipNet(p netip.Prefix) *net.IPNet {
	return &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}
}
