package interop

import (
	"fmt"
	"strings"
	"time"

	"muvpn/client"
	"muvpn/client/reason"
	"muvpn/service/interop/lab"
)

// staysReachable leaves the tunnel alone for longer than the NAT router
// remembers; then the LAN calls.
func staysReachable(s *stage) {
	s.startsBoth(stronger)
	s.connects()
	s.must(s.lab.Network.Client.Ping(lab.TrustedHost, 10*time.Second))
	time.Sleep(2*lab.NATMemory + time.Second)
	s.must(s.lab.Network.LAN.Ping(lab.VirtualIP, 3*time.Second))
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
	s.goesOn(stream)
	s.logsReason(reason.PeerDead)
}

// goesOn says that a stream still moves data, and ends it.
func (s *stage) goesOn(stream *lab.Stream) {
	s.Helper()
	carried := stream.Octets()
	s.must(lab.WaitFor(time.Minute, func() error {
		if stream.Octets() == carried {
			return fmt.Errorf("the TCP connection does not go on")
		}
		return nil
	}))
	_, err := stream.Stop()
	s.must(err)
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

// clientMoves gives the client's computer another address. A TCP connection
// inside the tunnel lives through it. Nobody probes whether the gateway is
// there: only the computer's own news can tell.
func clientMoves(s *stage) {
	s.startsBoth(trusting)
	s.connects()
	s.must(s.lab.Network.Client.Ping(lab.TrustedHost, 10*time.Second))
	stream, err := s.lab.StartStream(s.lab.Host.Address(lab.TrustedHost), 1<<20)
	s.must(err)
	before := s.status()
	moved := time.Now()
	s.must(s.lab.Network.MoveClient())
	s.reconnects(before, time.Minute)
	s.Logf("packets pass again %v after the address was changed", time.Since(moved).Round(time.Millisecond))
	s.goesOn(stream)
	s.logs("ROAM")
}

// quickModeComesLate connects without SA pairs. The first packet brings one;
// when the gateway has deleted it, the next one does.
func quickModeComesLate(s *stage) {
	s.startsBoth(onDemand)
	s.connects()
	time.Sleep(3 * time.Second)
	if now := s.status(); now.ESP != nil || now.IKE == nil {
		s.Fatalf("an SA pair is there although nothing was sent: %+v", now)
	}
	s.must(s.lab.Network.Client.Ping(lab.TrustedHost, 2*time.Second))
	if now := s.status(); now.ESP == nil {
		s.Fatal("packets pass, and the status names no SA pair")
	}
	_, err := s.gateway.Swanctl("--terminate", "--child", "net0")
	s.must(err)
	s.must(s.lab.Network.Client.Ping(lab.TrustedHost, 10*time.Second))
}

// logs says that the client's log has an event.
func (s *stage) logs(event string) {
	s.Helper()
	if !strings.Contains(s.client.Log(), " "+event+" ") {
		s.Errorf("the log does not tell of %s", event)
	}
}

// badLine connects several times over a line that loses every tenth packet.
// When that is message 3 of Quick Mode, it takes the gateway a while to ask.
func badLine(s *stage) {
	s.startsBoth(strongest)
	s.must(s.lab.Network.Lose(10))
	for range 5 {
		s.connects()
		s.must(s.lab.Network.Client.Ping(lab.TrustedHost, 30*time.Second))
		s.disconnects()
	}
}
