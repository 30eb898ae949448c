package interop

import (
	"fmt"
	"slices"
	"time"

	"muvpn/client"
	"muvpn/client/reason"
	"muvpn/service/interop/lab"
)

// rate is how many octets a second the download on the road has.
const rate = 1 << 20

// downloads connects and begins a download that shall live through what comes.
func (s *stage) downloads() *lab.Stream {
	s.Helper()
	s.connects()
	s.must(s.lab.Network.Client.Ping(lab.TrustedHost, 10*time.Second))
	stream, err := s.lab.StartStream(s.lab.Host.Address(lab.TrustedHost), rate)
	s.must(err)
	return stream
}

// gaps are how long each of several changes was felt.
type gaps []time.Duration

// String is the median and the worst.
func (g gaps) String() string {
	sorted := slices.Sorted(slices.Values(g))
	return fmt.Sprintf("median %.2f s, worst %.2f s", sorted[len(sorted)/2].Seconds(), sorted[len(sorted)-1].Seconds())
}

// feels plays changes under a download, each with its number, and returns the
// longest time without a new octet around each, and how long after it was
// complete packets of any kind have passed. The download must live through all
// of them.
func (s *stage) feels(stream *lab.Stream, times int, change func(i int)) (felt, passed gaps) {
	s.Helper()
	for i := range times {
		before := s.status()
		stream.Mark()
		change(i)
		complete := time.Now()
		s.reconnects(before, 2*time.Minute)
		passed = append(passed, time.Since(complete))
		s.flows(stream)
		felt = append(felt, stream.Gap())
	}
	return felt, passed
}

// flows says that a stream moves data again, and lets it do so for a moment.
func (s *stage) flows(stream *lab.Stream) {
	s.Helper()
	carried := stream.Octets()
	s.must(lab.WaitFor(3*time.Minute, func() error {
		if stream.Octets() < carried+rate/4 {
			return fmt.Errorf("the TCP connection does not go on after %d octets", carried)
		}
		return nil
	}))
}

// survives says that the download has lived through everything, and prints what
// was felt of it.
func (s *stage) survives(stream *lab.Stream, what string, felt gaps) {
	s.Helper()
	octets, err := stream.Stop()
	s.must(err)
	fmt.Printf("roaming: %s: gap %v; one TCP connection, %d octets as they must be\n", what, felt, octets)
}

// wifiChanges changes address and default route ten times. Nobody probes
// whether the gateway is there: only the computer's own news can tell.
func wifiChanges(s *stage) {
	s.startsBoth(trusting)
	stream := s.downloads()
	felt, _ := s.feels(stream, 10, func(int) { s.must(s.lab.Network.ChangeWiFi()) })
	s.survives(stream, "Wi-Fi changed 10 times", felt)
	s.logs("ROAM")
}

// linksChange pulls the cable, so that the default route of the second link is
// the best, and puts it back, so that it is not although its link stays.
func linksChange(s *stage) {
	s.startsBoth(trustsAll)
	s.must(s.lab.Network.AddMobile())
	stream := s.downloads()
	felt, _ := s.feels(stream, 10, func(i int) {
		if i%2 == 0 {
			s.must(s.lab.Network.Unplug())
		} else {
			s.must(s.lab.Network.PlugIn())
		}
	})
	var gone, stayed gaps
	for i := 0; i < len(felt); i += 2 {
		gone, stayed = append(gone, felt[i]), append(stayed, felt[i+1])
	}
	s.survives(stream, "moved between two links 10 times", felt)
	fmt.Printf("roaming: of these, when the old link went down: gap %v; when it stayed: gap %v\n", gone, stayed)
}

// linkIsLost takes the client's network away for longer than several tries of
// the client's take, and brings it back. Everything goes through the tunnel, so
// that the gateway's own route has to come back, too.
func linkIsLost(s *stage) {
	times, lost := 1, 20*time.Second
	if inFull() {
		times, lost = 10, time.Minute
	}
	s.startsBoth(trustsAll)
	stream := s.downloads()
	felt, passed := s.feels(stream, times, func(int) {
		s.must(s.lab.Network.Unplug())
		s.waitsForANetwork()
		time.Sleep(lost)
		s.must(s.lab.Network.PlugIn())
	})
	s.survives(stream, fmt.Sprintf("link lost for %v %d times", lost, times), felt)
	s.passed("the link was back", passed)
}

// passed prints how long after a lost thing was back packets have passed again.
// The download itself goes on when its sender tries again, who by then waits
// about as long as everything was away.
func (s *stage) passed(back string, after gaps) {
	fmt.Printf("roaming: packets passed again after %s: %v\n", back, after)
}

// waitsForANetwork says that the client knows that it has none.
func (s *stage) waitsForANetwork() {
	s.Helper()
	s.must(lab.WaitFor(10*time.Second, func() error {
		now := s.status()
		if now.State != client.Reconnecting || now.Reason != reason.NoRoute {
			return fmt.Errorf("without a network the client is %s (%s)", now.State, now.Reason)
		}
		return nil
	}))
}

// gatewayMoves gives the gateway another address, and tells the name server. The
// client, which has set its own name server by then, asks again.
func gatewayMoves(c connection) func(*stage) {
	return func(s *stage) {
		c.named = true
		peer := s.equipped(c)
		peer.Local = "%any"
		s.startsGatewayAs(peer)
		names, err := s.lab.StartNameServer()
		s.must(err)
		s.startsClient(c)
		stream := s.downloads()
		felt, passed := s.feels(stream, 1, func(int) {
			address, err := s.lab.Network.MoveGateway()
			s.must(err)
			names.Tell(lab.GatewayName, address)
		})
		s.survives(stream, "the gateway's address changed in DNS", felt)
		s.passed("the gateway was elsewhere", passed)
	}
}

// gatewayReboots lets the gateway lose all it knows and say nothing for some
// seconds.
func gatewayReboots(s *stage) {
	s.startsBoth(watchful)
	stream := s.downloads()
	down := 10 * time.Second
	if inFull() {
		down = time.Minute
	}
	felt, passed := s.feels(stream, 1, func(int) {
		gone := time.Now()
		s.must(s.lab.Network.Trouble(lab.AllIKEAndESP))
		s.gateway.Kill()
		time.Sleep(down)
		s.must(s.gateway.Start())
		s.must(s.lab.Network.Trouble())
		down = time.Since(gone)
	})
	s.survives(stream, fmt.Sprintf("the gateway was rebooted and away for %.2f s", down.Seconds()), felt)
	s.passed("the gateway was back", passed)
	s.logsReason(reason.PeerDead)
}
