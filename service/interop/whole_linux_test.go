package interop

import (
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"

	"muvpn/client"
	"muvpn/service/interop/lab"
)

// hosts are where the LAN's one computer is found by way of each network.
var hosts = map[netip.Prefix]netip.Addr{
	lab.Trusted: lab.TrustedHost, lab.Optional: lab.OptionalHost, everywhere[0]: lab.OptionalHost,
}

// control shows that the lab works, so that a failure of the other scenarios is
// the client's: strongSwan is the client, too.
func control(c connection) func(*stage) {
	return func(s *stage) {
		if c.brief {
			s.lab.Host.CarryLess()
		}
		if c.narrow {
			s.must(s.lab.Network.Narrow(narrowMTU))
		}
		s.startsGateway(c)
		s.rawESP = false // the initiator can only do UDP encapsulation
		initiator := s.startsInitiator(c)
		s.reachesNothing()
		s.records()
		_, err := initiator.Swanctl("--initiate", "--child", "net0")
		s.must(err)
		s.reaches(lab.TrustedHost)
		child := s.sa().Children[0]
		s.carried(child)
		s.rebuilt(c, s.gatewayKeys(), child)
		s.recordedOnlyIKEAndESP(child.SPIIn, child.SPIOut)
		_, err = initiator.Swanctl("--terminate", "--ike", "lab")
		s.must(err)
		s.reachesNothing()
	}
}

// wholeWay is a connection with a client of ours.
func wholeWay(c connection) func(*stage) {
	return func(s *stage) {
		if c.brief {
			s.lab.Host.CarryLess()
		}
		if c.narrow {
			s.must(s.lab.Network.Narrow(narrowMTU))
		}
		s.startsBoth(c)
		s.usesTheWholeWay(c)
	}
}

// inFragments is the whole way over a path on which neither side's certificate
// passes in one piece.
func inFragments(s *stage) {
	wholeWay(narrowRSA)(s)
	log, err := os.ReadFile(s.gateway.(*lab.Charon).LogFile())
	s.must(err)
	for _, line := range []string{"received fragment #", "splitting IKE message"} {
		if !strings.Contains(string(log), line) {
			s.Errorf("the gateway does not log %q: the path is not narrow", line)
		}
	}
}

// usesTheWholeWay connects, uses every network, and disconnects.
func (s *stage) usesTheWholeWay(c connection) {
	s.Helper()
	s.reachesNothing()
	s.records()
	s.connects()
	s.resolves()
	s.measures(hosts[c.lan()[0]])
	for _, network := range c.lan() {
		s.reaches(hosts[network])
	}
	status, sa := s.status(), s.sa()
	s.negotiated(c, status)
	if ours := (client.Cookies{Initiator: sa.InitiatorSPI, Responder: sa.ResponderSPI}); status.IKE.Cookies != ours {
		s.Errorf("the status has cookies %v, the gateway %v", status.IKE.Cookies, ours)
	}
	if c.pool != nil && status.Banner != c.pool.Banner {
		s.Errorf("the status has the banner %q, the gateway %q", status.Banner, c.pool.Banner)
	}
	spis := s.sameSPIs(status, sa.Children...)
	for _, child := range sa.Children {
		if (child.Group != "") != (c.pfs != "") {
			s.Errorf("the gateway has PFS group %q, the profile %q", child.Group, c.pfs)
		}
		s.carried(child)
		s.rebuilt(c, s.gatewayKeys(), child)
	}
	s.recordedOnlyIKEAndESP(spis...)
	s.disconnects()
	s.reachesNothing()
}

// measures says that a page from a host tells how long the way through the tunnel
// is, and that nothing has told it before. A page whose first packet was lost on
// the way tells nothing.
func (s *stage) measures(host netip.Addr) {
	s.Helper()
	if r := s.status().TunnelRoundTrip; r != nil {
		s.Errorf("before any page the way through the tunnel takes %+v", r)
	}
	s.must(lab.WaitFor(connectLimit, func() error {
		if err := s.lab.Fetch(s.lab.Host.Address(host), 10*time.Second); err != nil {
			return err
		}
		if r := s.status().TunnelRoundTrip; r == nil || r.LastMS <= 0 {
			return fmt.Errorf("after a page the way through the tunnel takes %+v", r)
		}
		return nil
	}))
}

// negotiated says that the status names the algorithms of the connection.
func (s *stage) negotiated(c connection, status client.Status) {
	s.Helper()
	got := strings.Join([]string{status.IKE.Encryption, status.IKE.Hash, status.IKE.Group}, "-")
	if got != c.ike {
		s.Errorf("the status names Phase 1 %q, want %q", got, c.ike)
	}
	encapsulation := "udp"
	if s.rawESP {
		encapsulation = "esp"
	}
	for _, esp := range status.SAs {
		if esp.Encapsulation != encapsulation {
			s.Errorf("the status says ESP travels in %q, want %q", esp.Encapsulation, encapsulation)
		}
		if got := strings.TrimSuffix(esp.Encryption+"-"+esp.Authentication, "-"); got != c.esp {
			s.Errorf("the status names ESP %q, want %q", got, c.esp)
		}
	}
}

// sameSPIs says that both sides name the same SPIs, crossed, and returns them.
func (s *stage) sameSPIs(status client.Status, children ...lab.ChildSA) (spis []uint32) {
	s.Helper()
	var here, there []string
	for _, esp := range status.SAs {
		here = append(here, esp.SPIIn+" "+esp.SPIOut)
	}
	for _, child := range children {
		there = append(there, fmt.Sprintf("%08x %08x", child.SPIOut, child.SPIIn))
		spis = append(spis, child.SPIIn, child.SPIOut)
	}
	slices.Sort(here)
	slices.Sort(there)
	if len(here) == 0 || !slices.Equal(here, there) {
		s.Errorf("the status has SPIs %q, the gateway (crossed) %q", here, there)
	}
	return spis
}

// carried says that the gateway has counted at least the payload on the
// child, each way.
func (s *stage) carried(child lab.ChildSA) {
	s.Helper()
	if least := s.lab.Host.Payload(); child.BytesIn < least || child.BytesOut < least {
		s.Errorf("the gateway counts %d octets in, %d out, less than the payload's %d", child.BytesIn, child.BytesOut, least)
	}
}

// rebuilt says that a reader which is not ours rebuilds one ping of the
// client, and the answer to it, with the gateway's keys.
func (s *stage) rebuilt(c connection, keys []lab.SAKeys, child lab.ChildSA) {
	s.Helper()
	target := hosts[child.Network]
	packets, err := s.lab.Rebuild(target, c.esp, keys)
	s.must(err)
	for _, want := range []lab.Inner{
		{SPI: fmt.Sprintf("0x%08x", child.SPIIn), From: lab.VirtualIP, To: target, ICMPType: "8"},
		{SPI: fmt.Sprintf("0x%08x", child.SPIOut), From: target, To: lab.VirtualIP, ICMPType: "0"},
	} {
		if !slices.Contains(packets, want) {
			s.Errorf("tshark did not rebuild %+v, only %+v", want, packets)
		}
	}
}

// rawESP is the whole way with muvpn-testgw, which does ESP as IP protocol 50
// on a kernel that cannot.
func rawESP(c connection) func(*stage) {
	return func(s *stage) {
		gateway := s.startsTestGateway(s.equipped(c))
		s.startsClient(c)
		s.reachesNothing()
		s.records()
		s.connects()
		s.resolves()
		s.reaches(lab.TrustedHost)
		status := s.status()
		s.negotiated(c, status)
		keys, err := gateway.Keys()
		s.must(err)
		child := lab.ChildSA{SPIIn: keys[0].SPI, SPIOut: keys[1].SPI, Network: lab.Trusted}
		spis := s.sameSPIs(status, child)
		s.rebuilt(c, keys, child)
		s.recordedOnlyIKEAndESP(spis...)
		s.disconnects()
		s.reachesNothing()
	}
}
