package interop

import (
	"errors"
	"strings"
	"time"

	"muvpn/client"
	"muvpn/service/interop/lab"
)

// restful is on demand and rests soon; guardedRestful has the kill switch, too.
var (
	restful        = connection{ike: "aes256-sha256-modp2048", esp: "aes128-sha256", onDemand: true, idle: 4 * time.Second}
	guardedRestful = connection{main: true, ike: "aes256-sha256-modp2048", esp: "aes128-sha256", named: true, killSwitch: true,
		networks: bothLANs, onDemand: true, idle: 4 * time.Second}
)

// rests waits until nobody has used the connection for too long: there is no
// tunnel then, and the next packet would connect.
func (s *stage) rests() {
	s.Helper()
	s.must(lab.WaitFor(stateLimit, func() error {
		if now := s.status(); now.State != client.Disconnected || !now.OnDemand || now.IKE != nil {
			return errors.New("the connection does not rest")
		}
		return nil
	}))
	s.must(lab.WaitFor(stateLimit, func() error {
		sas, err := s.gateway.SAs()
		if err == nil && len(sas) > 0 {
			err = errors.New("the gateway still has an SA")
		}
		return err
	}))
}

// restsAndWakes leaves the office alone until the connection rests, again and
// again, and then wants it by address, by TCP and by name. Nothing else leaves
// meanwhile.
func restsAndWakes(s *stage) {
	v := s.keepsVigil(leaksOfFull, nil)
	s.startsBoth(guardedRestful)
	v.sees("before the first connection", allThree...)
	v.connects()
	v.takes() // what was before
	v.isConnected()
	server := s.lab.Host.Address(lab.TrustedHost)
	for _, wants := range []struct {
		what string
		do   func() error
	}{
		{"a ping", func() error { return v.lab.Network.Client.Ping(lab.TrustedHost, stateLimit) }},
		{"a page", func() error { return v.lab.Fetch(server, stateLimit) }},
		{"a name", func() error { _, err := v.client.Lookup(lab.Intranet); return err }},
	} {
		v.generators.Apart(true)
		v.rests()
		v.silentIn(client.Disconnected, "going to rest") // with the last packets of the tunnel
		if seen := v.silentIn(client.Disconnected, "at rest"); seen.Count[lab.SightESP] != 0 {
			v.Error("at rest: the monitor sees ESP")
		}
		if now := v.status().KillSwitch; now != client.KillSwitchBlocking {
			v.Errorf("at rest the kill switch is %q", now)
		}
		began := time.Now()
		v.must(wants.do())
		v.Logf("%s is there %v after it was asked for", wants.what, time.Since(began).Round(time.Millisecond))
		v.generators.Apart(false)
		v.isConnected()
	}
	v.generators.Apart(true)
	v.rests()
	v.silentIn(client.Disconnected, "at rest again")
	v.disconnects()
	v.generators.Apart(false)
	v.silentIn(client.Disconnected, "disconnected")
	if now := v.status(); now.State != client.Disconnected || now.OnDemand {
		v.Errorf("after muvpn down the client is %s, on demand: %v", now.State, now.OnDemand)
	}
	v.isUnblocked()
}

// killedWhileDormant kills muvpnd while it waits for traffic, and starts it
// again: everything is as it was before. Where it is to wait again it does.
func killedWhileDormant(s *stage) {
	s.startsBoth(restful)
	before := s.hostNetwork()
	s.connects()
	s.must(s.lab.Network.Client.Ping(lab.TrustedHost, 10*time.Second))
	s.rests()
	s.must(s.lab.Network.Client.Ping(lab.TrustedHost, stateLimit))
	s.rests()
	if changes, _ := s.hostNetwork().Differences(before); len(changes) == 0 {
		s.Fatal("nothing is changed while it waits: the test proves nothing")
	}
	result, err := s.client.Muvpn(nil, time.Minute, "set", "connect", "manual")
	s.must(err)
	if result.Exit != 0 {
		s.Fatalf("muvpn set: %s", result.Stderr)
	}
	s.client.Kill()
	s.must(s.client.Start())
	if left, _ := s.hostNetwork().Differences(before); len(left) > 0 {
		s.Errorf("after a start something is left:\n%s", strings.Join(left, "\n"))
	}
	s.reachesNothing()
}
