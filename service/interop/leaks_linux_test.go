package interop

import (
	"muvpn/client"
	"muvpn/service/interop/lab"
)

// leaks are what must not leave the computer beside the tunnel.
var leaks = []scenario{
	{"leaks with the kill switch off: the monitor sees them", lab.BehindNAT, openSwitch},
	{"no leak with the kill switch, all through the tunnel", lab.BehindNAT, killSwitch},
	{"no leak with the kill switch, only the office through the tunnel", lab.BehindNAT, killSwitchOfSplit},
	{"no leak with the kill switch while a connection on demand rests and wakes", lab.BehindNAT, restsAndWakes},
}

// The connections whose leaks are looked for.
var (
	unguarded    = connection{main: true, ike: "aes256-sha256-modp2048", esp: "aes128-sha256", named: true, networks: bothLANs}
	guarded      = connection{main: true, ike: "aes256-sha256-modp2048", esp: "aes128-sha256", named: true, killSwitch: true, networks: everywhere}
	guardedSplit = connection{main: true, ike: "aes256-sha256-modp2048", esp: "aes128-sha256", named: true, killSwitch: true, networks: bothLANs}
)

// openSwitch is a connection without a kill switch: what the tunnel does not
// carry is seen while it is up, and everything when it is not. When muvpnd is
// killed, what belongs in the tunnel is kept in until the next start.
func openSwitch(s *stage) {
	v := s.keepsVigil(leaksOfSplit, nil)
	s.startsBoth(unguarded)
	v.sees("disconnected", allThree...)
	s.connects()
	v.sees("connected", lab.SightDNS, lab.SightIPv6)
	v.silentIn(client.Connected, "connected, still")
	v.loses()
	s.must(s.client.Reaches(client.Reconnecting, stateLimit))
	v.findsAgain()
	s.must(s.client.Reaches(client.Connected, stateLimit))
	s.client.Kill()
	v.sees("killed while connected", lab.SightDNS, lab.SightIPv6)
	v.silentWithout("killed, still")
	s.must(s.client.Start())
	v.sees("started again", allThree...)
}
