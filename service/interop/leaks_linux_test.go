package interop

import (
	"fmt"
	"strings"
	"time"

	"muvpn/client"
	"muvpn/service/interop/lab"
)

// leaks are what must not leave the computer beside the tunnel.
var leaks = []scenario{
	{"leaks with the kill switch off: the monitor sees them", lab.BehindNAT, openSwitch},
	{"no leak with the kill switch, all through the tunnel", lab.BehindNAT, killSwitch},
	{"no leak with the kill switch, only the office through the tunnel", lab.BehindNAT, killSwitchOfSplit},
	{"no leak with the kill switch while a connection on demand rests and wakes", lab.BehindNAT, restsAndWakes},
	{"the computer's policy demands the kill switch of a connection that is up", lab.BehindNAT, policyWhileConnected},
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

// policyLimit is how long a policy may take to be noticed where nobody asks
// anything.
const policyLimit = 3 * time.Minute

// policyWhileConnected is a connection without a kill switch on a computer whose
// administrator demands one while it is up, and a signer besides; then no longer.
func policyWhileConnected(s *stage) {
	v := s.keepsVigil(leaksOfFull, nil)
	s.startsBoth(unguarded)
	s.connects()
	v.sees("connected", lab.SightDNS, lab.SightIPv6)
	s.must(s.client.SetPolicy("kill_switch = true\nsigners = []\n"))
	s.must(lab.WaitFor(policyLimit, func() error { return s.killSwitchIs(client.KillSwitchOn) }))
	v.takes() // what was before
	v.silentIn(client.Connected, "the policy demands it")
	s.must(s.client.Down())
	v.silentIn(client.Disconnected, "disconnected")
	if err := s.importsOnce("Other"); err == nil || !strings.Contains(err.Error(), "its administrator has pinned") {
		s.Errorf("a profile of no pinned signer: %v", err)
	}
	v.connectsAgain()
	s.must(s.client.SetPolicy(""))
	s.must(lab.WaitFor(policyLimit, func() error {
		if now := s.status(); now.Policy != nil {
			return fmt.Errorf("the policy still demands %+v", now.Policy)
		}
		return nil
	}))
	v.silentIn(client.Connected, "withdrawn, and armed still")
	s.must(s.importsOnce("Other"))
	v.disconnects()
	v.isUnblocked()
}

// killSwitchIs says how the kill switch stands.
func (s *stage) killSwitchIs(want client.KillSwitch) error {
	if now := s.status().KillSwitch; now != want {
		return fmt.Errorf("the kill switch is %q, not %q", now, want)
	}
	return nil
}

// importsOnce gives the client another .EXP of a signer of its own.
func (s *stage) importsOnce(name string) error {
	p, err := unguarded.profile(s.papers)
	s.must(err)
	p.Name = name
	exp, passphrase, err := sealed(p)
	s.must(err)
	return s.client.Import(exp, passphrase)
}
