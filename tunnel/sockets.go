package tunnel

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"

	"muvpn/client/reason"
	"muvpn/profile"
	"muvpn/tunnel/esp"
	"muvpn/tunnel/ike"
)

// The ports of IKE and of UDP encapsulation (RFC 3948).
const (
	portIKE   = 500
	portEncap = 4500
)

// nonESPMarker stands before an IKE message on the UDP-encapsulation port
// (RFC 3948 section 2.2).
const nonESPMarker = 4

// sockets are a tunnel's ways to the gateway. All are connected to it.
type sockets struct {
	ike       net.Conn  // IKE without marker, to the gateway's IKE port
	encapConn net.Conn  // IKE with marker and ESP, to its NAT-T port
	encap     transport // ESP on encapConn
	raw       transport // ESP as IP protocol 50; nil when that cannot be

	gateway netip.Addr
	prepare preparation                                          // nil: nothing
	dial    func(local, remote netip.AddrPort) (net.Conn, error) // nil: the system's UDP, and raw ESP
	notes   []Note                                               // what opening them was like
}

// openSockets opens them. p has its defaults filled in.
func openSockets(p *profile.Profile, cfg *Config) (*sockets, error) {
	s := &sockets{gateway: cfg.Gateway.Unmap(), prepare: prepared(cfg.Prepare), dial: cfg.DialUDP}
	if err := s.open(p, cfg.ForceEncap); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// prepared is prepare, whose failure is a Reason of its own: it is not the port
// that cannot be had.
func prepared(prepare preparation) preparation {
	if prepare == nil {
		return nil
	}
	return func(network, address string, c syscall.RawConn) error {
		if err := prepare(network, address, c); err != nil {
			return &reason.Reason{Code: reason.NoPrivilege, Side: reason.Client,
				Seen: "a socket cannot be marked for the firewall: " + err.Error(), Expected: "the service to run with privileges"}
		}
		return nil
	}
}

// preparation is what net.Dialer calls with a socket before it is used.
type preparation = func(network, address string, c syscall.RawConn) error

func (s *sockets) open(p *profile.Profile, forceEncap bool) error {
	if err := s.openRaw(p.IKE.NATTraversal, forceEncap); err != nil {
		return err
	}
	if err := s.openIKE(p); err != nil {
		return err
	}
	if p.IKE.LocalPort == 0 && s.localIKE().Port() != portIKE {
		s.dropRaw() // an ephemeral port goes with UDP encapsulation
	}
	return s.openEncap(p)
}

// openRaw opens the socket for ESP as IP protocol 50, where that can be of use:
// a system that refuses it is served by UDP encapsulation. On loopback each end
// would receive its own packets, and who dials for us has no raw sockets.
func (s *sockets) openRaw(nat string, forceEncap bool) error {
	if nat == "force" || forceEncap || s.gateway.IsLoopback() || s.dial != nil {
		return nil
	}
	conn, err := dialRaw(s.gateway, s.prepare)
	if err == nil {
		s.raw, err = newTransport(conn, false, s.gateway.Is4())
	}
	switch {
	case err == nil:
		return nil
	case nat == "off":
		return &reason.Reason{
			Code: reason.NoPrivilege, Side: reason.Client,
			Seen:     fmt.Sprintf("IP protocol 50: %v", err),
			Expected: "the right to open raw sockets, as nat_traversal is off",
		}
	}
	s.note(0, "RAW_ESP", "Raw ESP (IP protocol 50) is not possible here: %v; using UDP encapsulation", err)
	return nil
}

func (s *sockets) dropRaw() {
	if s.raw != nil {
		s.raw.close()
		s.raw = nil
	}
}

// openIKE opens the socket of IKE: on the port that the profile demands; else on
// port 500 when raw ESP makes that useful and it is free; else on any.
func (s *sockets) openIKE(p *profile.Profile) error {
	want := p.IKE.LocalPort
	if want == 0 && s.raw != nil {
		want = portIKE
	}
	conn, err := s.dialUDP(want, p.Gateway.IKEPort)
	if want != 0 && p.IKE.LocalPort == 0 && unavailable(err) {
		s.note(1, "PORT", "%v; using another port and UDP encapsulation", noPort(want, err).Seen)
		conn, err = s.dialUDP(0, p.Gateway.IKEPort)
	}
	if err != nil {
		return whyNoSocket(want, err)
	}
	s.ike = conn
	return nil
}

// openEncap opens the socket of UDP encapsulation: on port 4500 when IKE has its
// own port too, for gateways that know no others; else on any.
func (s *sockets) openEncap(p *profile.Profile) error {
	want := uint16(0)
	if s.localIKE().Port() == portIKE {
		want = portEncap
	}
	conn, err := s.dialUDP(want, p.Gateway.NATTPort)
	if want != 0 && unavailable(err) {
		conn, err = s.dialUDP(0, p.Gateway.NATTPort)
	}
	if err != nil {
		return whyNoSocket(want, err)
	}
	s.encapConn = conn
	s.encap, err = newTransport(conn, true, false)
	return err
}

// dialUDP connects a UDP socket to the gateway. That finds out the local
// address, and whether there is a way at all.
func (s *sockets) dialUDP(local, remote uint16) (net.Conn, error) {
	network, any := "udp4", netip.IPv4Unspecified()
	if s.gateway.Is6() {
		network, any = "udp6", netip.IPv6Unspecified()
	}
	from, to := netip.AddrPortFrom(any, local), netip.AddrPortFrom(s.gateway, remote)
	if s.dial != nil {
		return s.dial(from, to)
	}
	d := net.Dialer{LocalAddr: net.UDPAddrFromAddrPort(from), Control: s.prepare}
	return d.Dial(network, to.String())
}

// unavailable says that a port cannot be had: it is taken, or is one of the low
// ones that need privileges.
func unavailable(err error) bool {
	return is(err, errsInUse) || is(err, errsForbidden)
}

// whyNoSocket is the Reason when no socket can be had on a local port, or none
// can be connected to the gateway.
func whyNoSocket(port uint16, err error) error {
	if r := new(reason.Reason); errors.As(err, &r) {
		return r
	}
	if unavailable(err) {
		return noPort(port, err)
	}
	return &reason.Reason{
		Code: reason.NoRoute, Side: reason.Client, Seen: err.Error(),
		Expected: "a network that leads to the gateway",
	}
}

// noPort is the Reason when a local port cannot be had.
func noPort(port uint16, err error) *reason.Reason {
	if is(err, errsForbidden) {
		return &reason.Reason{
			Code: reason.NoPrivilege, Side: reason.Client,
			Seen:     fmt.Sprintf("UDP port %d is reserved for programs with privileges", port),
			Expected: "ike.local_port = 0, or the service to run with privileges",
		}
	}
	holder := cmp.Or(portHolder(port), "another program")
	return &reason.Reason{
		Code: reason.PortTaken, Side: reason.Client,
		Seen:     fmt.Sprintf("UDP port %d is held by %s", port, holder),
		Expected: "the port to be free, or ike.local_port = 0",
	}
}

func (s *sockets) note(level int, code, format string, args ...any) {
	s.notes = append(s.notes, Note{Level: level, Code: code, Text: fmt.Sprintf(format, args...)})
}

// localIKE and localEncap are the ends on this computer.
func (s *sockets) localIKE() netip.AddrPort   { return localAddr(s.ike) }
func (s *sockets) localEncap() netip.AddrPort { return localAddr(s.encapConn) }

func localAddr(c net.Conn) netip.AddrPort {
	a := c.LocalAddr().(*net.UDPAddr).AddrPort()
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}

func remoteAddr(c net.Conn) netip.AddrPort {
	a := c.RemoteAddr().(*net.UDPAddr).AddrPort()
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}

// send sends one IKE datagram.
func (s *sockets) send(d ike.Datagram) error {
	conn, data := s.ike, d.Data
	switch {
	case d.Keepalive:
		conn, data = s.encapConn, []byte{0xff}
	case d.Encap:
		conn, data = s.encapConn, append(make([]byte, nonESPMarker), d.Data...)
	}
	_, err := conn.Write(data)
	if is(err, errsRefused) { // that is the answer to an earlier datagram
		_, again := conn.Write(data)
		return cmp.Or(again, err)
	}
	return err
}

// transportFor is the transport of an SA.
func (s *sockets) transportFor(encap bool) transport {
	if encap {
		return s.encap
	}
	return s.raw
}

// path is the way of ESP packets to the gateway, as far as it is known.
func (s *sockets) path(t transport) esp.Path {
	const ethernet = 1500
	mtu := ethernet
	if known := t.mtu(); known > 0 {
		mtu = min(mtu, known)
	}
	return esp.Path{MTU: mtu, IPv6: s.gateway.Is6(), Encap: t.encap()}
}

// close closes all of them; those that read them get net.ErrClosed.
func (s *sockets) close() {
	s.dropRaw()
	if s.ike != nil {
		s.ike.Close()
	}
	if s.encapConn != nil {
		s.encapConn.Close()
	}
}
