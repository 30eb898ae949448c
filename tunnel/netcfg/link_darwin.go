package netcfg

import (
	"errors"
	"fmt"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The structures of net/if.h, netinet/in_var.h and netinet6/in6_var.h that
// package unix does not have. Their sizes are part of the ioctl numbers.

type ifName [unix.IFNAMSIZ]byte

// flagsReq is struct ifreq with ifr_flags.
type flagsReq struct {
	name  ifName
	flags int16
	_     [14]byte
}

// addrReq4 is struct ifreq with ifr_addr.
type addrReq4 struct {
	name ifName
	addr unix.RawSockaddrInet4
}

// aliasReq4 is struct in_aliasreq.
type aliasReq4 struct {
	name            ifName
	addr, dst, mask unix.RawSockaddrInet4
}

// addrReq6 is struct in6_ifreq, whose union is 272 octets long.
type addrReq6 struct {
	name ifName
	addr unix.RawSockaddrInet6
	_    [272 - unsafe.Sizeof(unix.RawSockaddrInet6{})]byte
}

// aliasReq6 is struct in6_aliasreq.
type aliasReq6 struct {
	name            ifName
	addr, dst, mask unix.RawSockaddrInet6
	flags           uint32
	expire, prefer  int64
	valid, prefers  uint32
}

// The ioctls of IPv6, which package unix does not have: _IOW('i', number,
// structure) of sys/ioccom.h.
const (
	iow             = 0x80000000 | 'i'<<8
	siocdifaddrIn6  = iow | unsafe.Sizeof(addrReq6{})<<16 | 25
	siocaifaddrIn6  = iow | unsafe.Sizeof(aliasReq6{})<<16 | 26
	infiniteLife    = 0xffffffff // ND6_INFINITE_LIFETIME
	noDuplicateScan = 0x0020     // IN6_IFF_NODAD
)

// The sizes of our structures are those that the numbers of package unix say.
var (
	_ [0]byte = [unix.SIOCAIFADDR - (iow | unsafe.Sizeof(aliasReq4{})<<16 | 26)]byte{}
	_ [0]byte = [unix.SIOCDIFADDR - (iow | unsafe.Sizeof(addrReq4{})<<16 | 25)]byte{}
	_ [0]byte = [unix.SIOCSIFFLAGS - (iow | unsafe.Sizeof(flagsReq{})<<16 | 16)]byte{}
)

// control does an ioctl on a socket of a family.
func control(family int, what uintptr, value unsafe.Pointer) error {
	fd, err := unix.Socket(family, unix.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	//lint:ignore SA1019 package unix has no ioctl of libSystem for these structures
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), what, uintptr(value)); errno != 0 {
		return errno
	}
	return nil
}

// nameOf is the name of an interface as the structures have it.
func nameOf(link string) (n ifName) {
	copy(n[:len(n)-1], link)
	return n
}

// sock4 and sock6 are addresses as the structures have them.
func sock4(a netip.Addr) unix.RawSockaddrInet4 {
	return unix.RawSockaddrInet4{Len: unix.SizeofSockaddrInet4, Family: unix.AF_INET, Addr: a.As4()}
}

func sock6(a netip.Addr) unix.RawSockaddrInet6 {
	return unix.RawSockaddrInet6{Len: unix.SizeofSockaddrInet6, Family: unix.AF_INET6, Addr: a.As16()}
}

// setMTU sets the MTU of an interface.
func setMTU(link string, mtu int) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return unix.IoctlSetIfreqMTU(fd, &unix.IfreqMTU{Name: nameOf(link), MTU: int32(mtu)})
}

// setUp sets an interface up or down.
func setUp(link string, up bool) error {
	req := &flagsReq{name: nameOf(link)}
	if err := control(unix.AF_INET, unix.SIOCGIFFLAGS, unsafe.Pointer(req)); err != nil {
		return err
	}
	req.flags &^= unix.IFF_UP
	if up {
		req.flags |= unix.IFF_UP
	}
	return control(unix.AF_INET, unix.SIOCSIFFLAGS, unsafe.Pointer(req))
}

// addAddress gives an address to an interface that leads to one peer only; the
// address is its own peer, so that no network comes with it.
func addAddress(link string, a netip.Addr) error {
	if a.Is4() {
		req := &aliasReq4{name: nameOf(link), addr: sock4(a), dst: sock4(a),
			mask: sock4(netip.AddrFrom4([4]byte{255, 255, 255, 255}))}
		return exists(control(unix.AF_INET, unix.SIOCAIFADDR, unsafe.Pointer(req)))
	}
	var ones [16]byte
	for i := range ones {
		ones[i] = 0xff
	}
	req := &aliasReq6{name: nameOf(link), addr: sock6(a), mask: sock6(netip.AddrFrom16(ones)),
		flags: noDuplicateScan, valid: infiniteLife, prefers: infiniteLife}
	return exists(control(unix.AF_INET6, siocaifaddrIn6, unsafe.Pointer(req)))
}

// deleteAddress takes an address away, if it is there.
func deleteAddress(link string, a netip.Addr) error {
	var err error
	if a.Is4() {
		err = control(unix.AF_INET, unix.SIOCDIFADDR, unsafe.Pointer(&addrReq4{nameOf(link), sock4(a)}))
	} else {
		err = control(unix.AF_INET6, siocdifaddrIn6, unsafe.Pointer(&addrReq6{name: nameOf(link), addr: sock6(a)}))
	}
	if errors.Is(err, unix.EADDRNOTAVAIL) || errors.Is(err, unix.ENXIO) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s: %w", a, err)
	}
	return nil
}

// exists is err, but nil for an address that is there already.
func exists(err error) error {
	if errors.Is(err, unix.EEXIST) {
		return nil
	}
	return err
}
