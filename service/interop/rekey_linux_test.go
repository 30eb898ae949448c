package interop

import (
	"fmt"
	"strconv"
	"time"

	"muvpn/client"
	"muvpn/service/interop/lab"
)

// load is a transfer and a ping that must not notice what goes on below.
type load struct {
	stream *lab.Stream
	ping   *lab.Pinger
}

// loadRate is how many octets a second are transferred.
const loadRate = 2 << 20

// startsLoad begins to transfer 2 MB a second and to ping ten times a second.
func (s *stage) startsLoad() load {
	s.Helper()
	s.must(s.lab.Network.Client.Ping(lab.TrustedHost, 10*time.Second))
	stream, err := s.lab.StartStream(s.lab.Host.Address(lab.TrustedHost), loadRate)
	s.must(err)
	ping, err := s.lab.Network.Client.StartPing(lab.TrustedHost, 100*time.Millisecond)
	s.must(err)
	return load{stream, ping}
}

// noticedNothing ends the load and says that the connection held and moved data,
// and that no ping was lost.
func (s *stage) noticedNothing(l load) {
	s.Helper()
	sent, lost := l.ping.Stop()
	for _, at := range lost {
		s.Errorf("the ping of %s was lost", at.Format("15:04:05.000"))
	}
	octets, err := l.stream.Stop()
	s.must(err)
	if octets < loadRate {
		s.Errorf("over all that time the TCP connection has carried %d octets", octets)
	}
	s.Logf("%d pings, %d lost; %d MB over one TCP connection; %s", sent, len(lost), octets>>20, s.lab.Drops())
}

// rekeysUnderLoad lets the client rekey both phases a few times.
func rekeysUnderLoad(s *stage) {
	s.livesShort(shortLife, 100*time.Second, 3, 5)
}

// xauthAgainUnderLoad lets the client replace Phase 1, for which the gateway
// asks for name and password again: nobody is bothered with that.
func xauthAgainUnderLoad(s *stage) {
	c := xauth
	c.pool, c.networks, c.ikeLifetime = oneSplit, nil, 24*time.Second
	s.livesShort(c, 60*time.Second, 3, 1)
}

// livesShort keeps a tunnel whose SAs live short under load, and wants to see so
// many IKE SAs and SA pairs at least.
func (s *stage) livesShort(c connection, duration time.Duration, wantIKE, wantPairs int) {
	s.Helper()
	s.startsBoth(c)
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
	for end := time.Now().Add(duration); time.Now().Before(end); time.Sleep(time.Second) {
		look()
	}
	s.noticedNothing(load)
	look()
	if len(cookies) < wantIKE || len(pairs) < wantPairs {
		s.Errorf("in %v there were %d IKE SAs and %d SA pairs, want at least %d and %d", duration, len(cookies), len(pairs), wantIKE, wantPairs)
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

// gatewayRekeysPhase1 has strongSwan replace the IKE SA under load: it begins,
// and we prove ourselves as the responder.
func gatewayRekeysPhase1(c connection) func(*stage) {
	return func(s *stage) { s.replacesPhase1(c) }
}

func (s *stage) replacesPhase1(c connection) {
	s.Helper()
	s.startsBoth(c)
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
