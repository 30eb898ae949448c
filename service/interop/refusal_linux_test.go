package interop

import (
	"crypto/rand"
	"net/netip"
	"strings"
	"time"

	"muvpn/client/reason"
	"muvpn/service/interop/lab"
	"muvpn/tunnel/ike/cert/certtest"
)

// refused is a connection that fails because the gateway is another than the
// profile says, and ends in that Reason.
func refused(c connection, want reason.Code, change func(*stage, *lab.Peer)) func(*stage) {
	return func(s *stage) {
		peer := s.equipped(c)
		change(s, &peer)
		s.startsGatewayAs(peer)
		s.startsClient(c)
		before := s.hostNetwork()
		s.failsWith(want)
		s.isExplained(want)
		if differences, _ := s.hostNetwork().Differences(before); len(differences) > 0 {
			s.Errorf("after the failure the network is another:\n%s", strings.Join(differences, "\n"))
		}
		s.reachesNothing()
	}
}

func wrongPSK(_ *stage, gateway *lab.Peer)        { gateway.PSK = rand.Text() }
func unknownIdentity(_ *stage, gateway *lab.Peer) { gateway.RemoteID = "email:anna" }
func noCommonIKE(_ *stage, gateway *lab.Peer)     { gateway.IKE = []string{"aes256-sha256-modp2048"} }
func noCommonESP(_ *stage, gateway *lab.Peer)     { gateway.ESP = []string{"aes256-sha256"} }
func wrongNetworks(_ *stage, gateway *lab.Peer)   { gateway.Networks = []netip.Prefix{lab.Optional} }
func wantsTheUser(_ *stage, gateway *lab.Peer) {
	gateway.Method, gateway.Users = "psk-xauth", []lab.Account{{Name: user, Password: rand.Text()}}
}
func wrongPassword(_ *stage, gateway *lab.Peer) { gateway.Users[0].Password = rand.Text() }

// lockedUser is a user whom the gateway's server knows and accepts no more.
func lockedUser(_ *stage, gateway *lab.Peer) { gateway.RADIUS.Lock(user) }

// otherName is a gateway that is not the one that was dialled.
func otherName(s *stage, gateway *lab.Peer) {
	gateway.LocalID = "mail." + lab.Search
	s.certifies(gateway, s.papers.between, certtest.DNS(gateway.LocalID))
}

// expired is a gateway whose certificate nobody has renewed.
func expired(s *stage, gateway *lab.Peer) {
	s.certifies(gateway, s.papers.between, atGateway, certtest.Until(time.Now().Add(-24*time.Hour)))
}

// unknownAuthority is a gateway with a certificate of somebody else's making.
func unknownAuthority(s *stage, gateway *lab.Peer) {
	s.certifies(gateway, certtest.Authority(s, "CN=Another CA"), atGateway)
}

// certifies gives the gateway another certificate.
func (s *stage) certifies(gateway *lab.Peer, by *certtest.Identity, edits ...certtest.Edit) {
	s.Helper()
	gateway.Credentials = credentials(by.Issue(s, "CN=gateway", edits...), s.papers.root)
}

// strangerToTheGateway is a gateway that trusts others than who issued our
// certificate.
func strangerToTheGateway(s *stage, gateway *lab.Peer) {
	stranger := certtest.Authority(s, "CN=Another CA")
	gateway.Credentials = credentials(stranger.Issue(s, "CN=gateway", atGateway), stranger)
	s.papers.root = stranger // by which we know the gateway
}

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
	s.startsTestGateway(s.equipped(strongest))
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
