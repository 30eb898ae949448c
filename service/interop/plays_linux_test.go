package interop

import (
	"crypto/rand"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"muvpn/client"
	"muvpn/client/reason"
	"muvpn/service/interop/lab"
)

// hosts are where the LAN's one computer is found in each network.
var hosts = map[netip.Prefix]netip.Addr{lab.Trusted: lab.TrustedHost, lab.Optional: lab.OptionalHost}

// strongSwanConnects shows that the lab works, so that a failure of the other
// scenarios is the client's.
func strongSwanConnects(s *stage) {
	s.startsGateway(firebox.gateway())
	initiator, err := s.lab.StartInitiator(firebox.gateway())
	s.must(err)
	s.reachesNothing()
	s.records()
	_, err = initiator.Swanctl("--initiate", "--child", "net0")
	s.must(err)
	s.reaches(lab.TrustedHost)
	child := s.sa().Children[0]
	s.carried(child)
	s.rebuilt(firebox, s.gatewayKeys(), child)
	s.recordedOnlyIKEAndESP(child.SPIIn, child.SPIOut)
	_, err = initiator.Swanctl("--terminate", "--ike", "lab")
	s.must(err)
	s.reachesNothing()
}

// wholeWay connects, uses every network, and disconnects.
func wholeWay(c connection) func(*stage) {
	return func(s *stage) {
		s.startsBoth(c)
		s.reachesNothing()
		s.records()
		s.connects()
		s.resolves()
		for _, network := range c.lan() {
			s.reaches(hosts[network])
		}
		status, sa := s.status(), s.sa()
		s.negotiated(c, status)
		if ours := (client.Cookies{Initiator: sa.InitiatorSPI, Responder: sa.ResponderSPI}); status.IKE.Cookies != ours {
			s.Errorf("the status has cookies %v, the gateway %v", status.IKE.Cookies, ours)
		}
		spis := s.sameSPIs(status, sa.Children...)
		for _, child := range sa.Children {
			s.carried(child)
			s.rebuilt(c, s.gatewayKeys(), child)
		}
		s.recordedOnlyIKEAndESP(spis...)
		s.disconnects()
		s.reachesNothing()
	}
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
	if !slices.Equal(here, there) {
		s.Errorf("the status has SPIs %q, the gateway (crossed) %q", here, there)
	}
	return spis
}

// carried says that the gateway has counted at least the payload on the
// child, each way.
func (s *stage) carried(child lab.ChildSA) {
	s.Helper()
	if child.BytesIn < lab.PayloadSize || child.BytesOut < lab.PayloadSize {
		s.Errorf("the gateway counts %d octets in, %d out, less than the payload's %d", child.BytesIn, child.BytesOut, lab.PayloadSize)
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
		gateway := s.startsTestGateway(c.gateway())
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

// staysReachable leaves the tunnel alone for longer than the NAT router
// remembers; then the LAN calls.
func staysReachable(s *stage) {
	s.startsBoth(stronger)
	s.connects()
	s.must(s.lab.Network.Client.Ping(lab.TrustedHost, 10*time.Second))
	time.Sleep(2*lab.NATMemory + time.Second)
	s.must(s.lab.Network.LAN.Ping(lab.VirtualIP, 3*time.Second))
}

// load is a transfer and a ping that must not notice what goes on below.
type load struct {
	stream *lab.Stream
	ping   *lab.Pinger
}

// startsLoad begins to transfer 2 MB a second and to ping ten times a second.
func (s *stage) startsLoad() load {
	s.Helper()
	s.must(s.lab.Network.Client.Ping(lab.TrustedHost, 10*time.Second))
	stream, err := s.lab.StartStream(s.lab.Host.Address(lab.TrustedHost), 2<<20)
	s.must(err)
	ping, err := s.lab.Network.Client.StartPing(lab.TrustedHost, 100*time.Millisecond)
	s.must(err)
	return load{stream, ping}
}

// noticedNothing ends the load and says that the connection held, moved data
// all the time, and that no ping was lost.
func (s *stage) noticedNothing(l load) {
	s.Helper()
	sent, lost := l.ping.Stop()
	for _, at := range lost {
		s.Errorf("the ping of %s was lost", at.Format("15:04:05.000"))
	}
	octets, err := l.stream.Stop()
	s.must(err)
	s.Logf("%d pings, %d lost; %d MB over one TCP connection; %s", sent, len(lost), octets>>20, s.lab.Drops())
}

// rekeysUnderLoad lets the client rekey both phases a few times.
func rekeysUnderLoad(s *stage) {
	s.startsBoth(shortLife)
	s.records()
	s.connects()
	load := s.startsLoad()
	cookies, pairs := map[string]bool{}, map[client.ESP]bool{}
	look := func() {
		status := s.status()
		if status.State != client.Connected || status.IKE == nil || status.ESP == nil {
			s.Fatalf("the client is %s: %s %s, IKE %v, ESP %v", status.State, status.Reason, status.Seen, status.IKE, status.ESP)
		}
		cookies[status.IKE.Cookies.Initiator] = true
		pairs[client.ESP{SPIIn: status.ESP.SPIIn, SPIOut: status.ESP.SPIOut}] = true
	}
	for end := time.Now().Add(100 * time.Second); time.Now().Before(end); time.Sleep(time.Second) {
		look()
	}
	s.noticedNothing(load)
	look()
	if len(cookies) < 3 || len(pairs) < 5 {
		s.Errorf("in 100 s there were %d IKE SAs and %d SA pairs, want at least 3 and 5", len(cookies), len(pairs))
	}
	s.Logf("%d IKE SAs, %d SA pairs", len(cookies), len(pairs))
	s.recordedOnlyIKEAndESP(spis(pairs)...)
}

// spis are the SPIs of SA pairs.
func spis(pairs map[client.ESP]bool) []uint32 {
	var list []uint32
	for pair := range pairs {
		for _, text := range []string{pair.SPIIn, pair.SPIOut} {
			spi, err := strconv.ParseUint(text, 16, 32)
			if err != nil {
				panic(err)
			}
			list = append(list, uint32(spi))
		}
	}
	return list
}

// gatewayRekeysPhase2 has strongSwan start two Quick Modes under load.
func gatewayRekeysPhase2(s *stage) {
	s.startsBoth(strongest)
	s.connects()
	load := s.startsLoad()
	for range 2 {
		before := s.status().ESP.SPIIn
		_, err := s.gateway.Swanctl("--rekey", "--child", "net0")
		s.must(err)
		s.must(lab.WaitFor(10*time.Second, func() error {
			if s.status().ESP.SPIIn == before {
				return fmt.Errorf("the client still receives on %s", before)
			}
			return nil
		}))
		time.Sleep(5 * time.Second)
	}
	s.noticedNothing(load)
}

// gatewayRekeysPhase1 has strongSwan replace the IKE SA under load.
func gatewayRekeysPhase1(s *stage) {
	s.startsBoth(strongest)
	s.connects()
	load := s.startsLoad()
	before := s.status().IKE.Cookies
	_, err := s.gateway.Swanctl("--rekey", "--ike", "lab")
	s.must(err)
	s.must(lab.WaitFor(20*time.Second, func() error {
		if status := s.status(); status.IKE == nil || status.IKE.Cookies == before {
			return fmt.Errorf("the client still has the old IKE SA")
		}
		return nil
	}))
	time.Sleep(5 * time.Second)
	s.noticedNothing(load)
}

// reconnects says that within the limit the client is connected by another
// IKE SA or SA pair than before, and that packets pass again.
func (s *stage) reconnects(before client.Status, limit time.Duration) {
	s.Helper()
	s.must(lab.WaitFor(limit, func() error {
		now := s.status()
		if now.State != client.Connected || now.ESP == nil || now.ESP.SPIIn == before.ESP.SPIIn {
			return fmt.Errorf("not connected again within %v: %s %s %s", limit, now.State, now.Reason, now.Seen)
		}
		return nil
	}))
	s.must(s.lab.Network.Client.Ping(lab.TrustedHost, 10*time.Second))
}

// gatewayRestarts ends strongSwan without a goodbye and starts it again.
// A TCP connection inside the tunnel lives through it.
func gatewayRestarts(s *stage) {
	s.startsBoth(watchful)
	s.connects()
	s.must(s.lab.Network.Client.Ping(lab.TrustedHost, 10*time.Second))
	stream, err := s.lab.StartStream(s.lab.Host.Address(lab.TrustedHost), 1<<20)
	s.must(err)
	before := s.status()
	s.gateway.Kill()
	s.must(s.gateway.Start())
	s.reconnects(before, 60*time.Second)
	carried := stream.Octets()
	s.must(lab.WaitFor(60*time.Second, func() error {
		if stream.Octets() == carried {
			return fmt.Errorf("the TCP connection does not go on")
		}
		return nil
	}))
	_, err = stream.Stop()
	s.must(err)
	s.logsReason(reason.PeerDead)
}

// gatewayDeletes has strongSwan delete the SA pair, then the IKE SA.
func gatewayDeletes(s *stage) {
	s.startsBoth(strongest)
	s.connects()
	for _, what := range [][]string{{"--child", "net0"}, {"--ike", "lab"}} {
		before := s.status()
		_, err := s.gateway.Swanctl(append([]string{"--terminate"}, what...)...)
		s.must(err)
		s.reconnects(before, 30*time.Second)
	}
	s.logsReason(reason.GWClosed)
}

// logsReason says that the client's log names the Reason.
func (s *stage) logsReason(code reason.Code) {
	s.Helper()
	if !strings.Contains(s.client.Log(), string(code)) {
		s.Errorf("the log does not name %s", code)
	}
}

// clientIsKilled kills muvpnd while it is connected, and at several moments on
// the way there. Each time the next start gives back the network.
func clientIsKilled(s *stage) {
	s.startsBoth(strongest)
	before := s.hostNetwork()
	s.connects()
	s.must(s.lab.Network.Client.Ping(lab.TrustedHost, 10*time.Second))
	if s.hostNetwork() == before {
		s.Fatal("the tunnel changes nothing of the network: the test would notice nothing")
	}
	s.isKilledAndStartsAgain(before)
	for _, after := range []time.Duration{0, 30, 60, 120, 250, 500} {
		connecting := make(chan error, 1)
		go func() { connecting <- s.client.Up(connectLimit) }()
		time.Sleep(after * time.Millisecond)
		s.isKilledAndStartsAgain(before)
		<-connecting // whatever it says: its service was killed
	}
	s.reachesNothing()
}

// isKilledAndStartsAgain kills muvpnd and says that the next start leaves the
// network as it was before.
func (s *stage) isKilledAndStartsAgain(before string) {
	s.Helper()
	s.client.Kill()
	s.must(s.client.Start())
	if after := s.hostNetwork(); after != before {
		s.Fatalf("after a kill the network is\n%s\nbefore it was\n%s", after, before)
	}
}

// hostNetwork is everything of the client's computer that muvpnd may change.
func (s *stage) hostNetwork() string {
	s.Helper()
	network, err := s.lab.Network.Client.Snapshot()
	s.must(err)
	return network + "\n" + s.client.ResolvConf()
}

// refused is a connection that fails because the gateway is another than the
// profile says, and ends in that Reason.
func refused(want reason.Code, change func(*lab.Peer)) func(*stage) {
	return func(s *stage) {
		peer := firebox.gateway()
		change(&peer)
		s.startsGateway(peer)
		s.startsClient(firebox)
		before := s.hostNetwork()
		why := s.failsWith(want)
		if why.Seen == "" || why.Expected == "" {
			s.Errorf("the Reason does not say what was seen and expected: %+v", why)
		}
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
	s.must(s.lab.Network.Block(500))
	s.failsWith(reason.NoReply)
}
