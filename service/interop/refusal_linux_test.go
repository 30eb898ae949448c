package interop

import (
	"crypto/rand"
	"net/netip"
	"time"

	"muvpn/client/reason"
	"muvpn/service/interop/lab"
)

// refused is a connection that fails because the gateway is another than the
// profile says, and ends in that Reason.
func refused(want reason.Code, change func(*lab.Peer)) func(*stage) {
	return func(s *stage) {
		peer := firebox.gateway()
		change(&peer)
		s.startsGateway(peer)
		s.startsClient(firebox)
		before := s.hostNetwork()
		s.failsWith(want)
		if after := s.hostNetwork(); after != before {
			s.Errorf("after the failure the network is\n%s\nbefore it was\n%s", after, before)
		}
		s.reachesNothing()
	}
}

func wrongPSK(gateway *lab.Peer)        { gateway.PSK = rand.Text() }
func unknownIdentity(gateway *lab.Peer) { gateway.RemoteID = "email:anna" }
func noCommonIKE(gateway *lab.Peer)     { gateway.IKE = []string{"aes256-sha256-modp2048"} }
func noCommonESP(gateway *lab.Peer)     { gateway.ESP = []string{"aes256-sha256"} }
func wrongNetworks(gateway *lab.Peer)   { gateway.Networks = []netip.Prefix{lab.Optional} }

// ikeIsBlocked is a network that lets nothing to UDP port 500 pass.
func ikeIsBlocked(s *stage) {
	s.startsBoth(firebox)
	s.must(s.lab.Network.Block("udp dport 500"))
	s.failsWith(reason.NoReply)
}

// nattIsBlocked is a network that lets nothing to UDP port 4500 pass, where
// the third message goes.
func nattIsBlocked(s *stage) {
	s.startsBoth(firebox)
	s.must(s.lab.Network.Block("udp dport 4500"))
	s.failsWith(reason.NoReply)
}

// espIsBlocked is a network that lets IKE pass and IP protocol 50 not. The
// client finds out by itself and goes on in UDP.
func espIsBlocked(s *stage) {
	s.startsTestGateway(strongest.gateway())
	s.startsClient(strongest)
	s.must(s.lab.Network.Block("meta l4proto esp"))
	s.connects()
	s.must(s.lab.Network.Client.Ping(lab.TrustedHost, time.Minute))
	if got := s.status().ESP.Encapsulation; got != "udp" {
		s.Errorf("the status says ESP travels in %q, want udp", got)
	}
	s.logsReason(reason.ESPBlocked)
}

// encapsulationIsOff is a profile without NAT traversal for a gateway that
// needs UDP encapsulation: it accepts everything, and deletes the SA at once.
func encapsulationIsOff(s *stage) {
	c := strongest
	c.nat = "off"
	s.startsBoth(c)
	s.connects()
	s.must(s.lab.Network.Client.Ping(lab.TrustedHost, 30*time.Second))
	s.logsReason(reason.ESPBlocked)
}
