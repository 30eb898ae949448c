package interop

import (
	"crypto/rand"
	"strings"
	"time"

	"muvpn/client"
	"muvpn/service/interop/lab"
)

// stateLimit is how long a state may take to come.
const stateLimit = 30 * time.Second

// What is held back at the gateway so that the client stays in a state.
const (
	allIKE       = "udp dport 500"                           // contacting
	afterMainKey = "udp dport 4500"                          // authenticating: the messages that prove who one is
	afterPhase1  = "udp dport 4500 numgen inc mod 65536 > 0" // configuring: one of those, and nothing behind it
)

// killSwitch takes a connection with the kill switch through every state, and
// the service through every way to end and to begin: from when it is armed to
// `muvpn unblock` nothing leaks. After that the network is as it was before.
func killSwitch(s *stage) {
	v := s.keepsVigil(allLeaks, nil)
	s.startsBoth(guarded)
	v.sees("before the first connection", allThree...)
	before := v.hostNetwork()
	v.arms()
	v.throughTheStates()
	v.losesLinkAndGateway()
	v.dies("reconnecting")
	v.must(v.lab.Network.Trouble())
	v.isKilledInEveryState()
	v.connectsAgain()
	v.disconnects()
	v.silentIn(client.Disconnected, "disconnected")
	v.failsForGood(guarded)
	v.isReplaced()
	v.cannotBeUninstalled()
	v.isUnblocked()
	if differences, _ := v.hostNetwork().Differences(before); len(differences) > 0 {
		v.Errorf("after muvpn unblock the network is another than before:\n%s", strings.Join(differences, "\n"))
	}
}

// killSwitchOfSplit is a connection with the kill switch that leads to the
// office only: nothing else may leave either, but for the local network.
func killSwitchOfSplit(s *stage) {
	v := s.keepsVigil(leaksOfFull, nil)
	s.startsBoth(guardedSplit)
	v.arms()
	v.throughTheStates()
	if seen := v.silentIn(client.Connected, "connected, still"); seen.Count[lab.SightLocal] == 0 {
		v.Error("the local network is out of reach, although the policy allows it")
	}
	v.dies("connected")
	v.connectsAgain()
	v.disconnects()
	v.silentIn(client.Disconnected, "disconnected")
	v.isUnblocked()
}

// arms begins the first connection, which arms the kill switch, and stops at
// the look-up of the gateway's name.
func (v *vigil) arms() {
	v.Helper()
	v.home.Names.Mute(true)
	v.must(v.client.Ask("Office"))
	v.must(v.client.Reaches(client.Resolving, stateLimit))
	if now := v.status().KillSwitch; now != client.KillSwitchBlocking {
		v.Fatalf("while the gateway's name is looked up the kill switch is %q", now)
	}
	v.takes() // what was before
}

// throughTheStates goes from the look-up to a connection, and stays in every
// state for a while.
func (v *vigil) throughTheStates() {
	v.Helper()
	v.silentIn(client.Resolving, "resolving")
	v.must(v.lab.Network.Trouble(allIKE))
	v.home.Names.Mute(false)
	for _, next := range []struct {
		state client.State
		hold  string
	}{{client.Contacting, afterMainKey}, {client.Authenticating, afterPhase1}, {client.Configuring, ""}} {
		v.silentIn(next.state, string(next.state))
		if next.hold == "" {
			v.must(v.lab.Network.Trouble())
		} else {
			v.must(v.lab.Network.Trouble(next.hold))
		}
	}
	v.isConnected()
}

// isConnected waits for the connection, and says that it is one.
func (v *vigil) isConnected() {
	v.Helper()
	v.must(v.client.Reaches(client.Connected, stateLimit))
	v.must(v.lab.Network.Client.Ping(lab.TrustedHost, 10*time.Second))
	if now := v.status().KillSwitch; now != client.KillSwitchOn {
		v.Errorf("while connected the kill switch is %q", now)
	}
	if seen := v.silentIn(client.Connected, "connected"); seen.Count[lab.SightESP] == 0 {
		v.Error("connected: the monitor sees no ESP")
	}
}

// dies has muvpnd killed; nothing leaks until the next start, and after it.
func (v *vigil) dies(when string) {
	v.Helper()
	v.client.Kill()
	v.silentWithout("killed while " + when)
	v.startsAgain()
}

// connectsAgain connects.
func (v *vigil) connectsAgain() {
	v.Helper()
	v.must(v.client.Ask("Office"))
	v.isConnected()
}

// startsAgain starts muvpnd, with the kill switch on.
func (v *vigil) startsAgain() {
	v.Helper()
	v.must(v.client.Start())
	v.isBlocking()
}

// isBlocking says that after a start muvpnd wants no connection and lets nothing
// pass.
func (v *vigil) isBlocking() {
	v.Helper()
	if now := v.status(); now.KillSwitch != client.KillSwitchBlocking || now.State != client.Disconnected {
		v.Errorf("after a start the client is %s, the kill switch %q", now.State, now.KillSwitch)
	}
	v.silentIn(client.Disconnected, "started again")
}

// losesLinkAndGateway loses the link, is connected again, loses it once more and
// then finds a gateway that is silent.
func (v *vigil) losesLinkAndGateway() {
	v.Helper()
	v.loses()
	v.silentIn(client.Reconnecting, "reconnecting, the link is lost")
	v.findsAgain()
	v.isConnected()
	v.must(v.lab.Network.Trouble(lab.AllIKEAndESP))
	v.loses()
	v.must(v.client.Reaches(client.Reconnecting, stateLimit))
	v.findsAgain()
	v.silentIn(client.Reconnecting, "reconnecting, the gateway is lost")
}

// failsForGood fails because of a wrong key.
func (v *vigil) failsForGood(c connection) {
	v.Helper()
	wrong := v.papers
	wrong.psk = rand.Text()
	v.imports(c, wrong, "Wrong")
	v.must(v.client.Ask("Wrong"))
	v.silentIn(client.Failed, "failed")
}

// isReplaced puts a newer muvpnd in the place of the old one, which is stopped
// or killed.
func (v *vigil) isReplaced() {
	v.Helper()
	const version = "newer"
	newer := build(v.T, "-ldflags", "-X muvpn/client.Version="+version, "muvpn/service/muvpnd")
	for _, next := range []struct {
		programs string
		end      func() error
		what     string
	}{
		{newer, v.client.Stop, "stopped"},
		{programs, func() error { v.client.Kill(); return nil }, "killed"},
	} {
		v.must(next.end())
		v.silentWithout(next.what + " for another muvpnd")
		v.client.Replace(next.programs)
		v.startsAgain()
		runs, err := v.client.Version()
		v.must(err)
		if (runs == version) != (next.programs == newer) {
			v.Errorf("when it was %s the muvpnd that runs is %s", next.what, runs)
		}
	}
}

// cannotBeUninstalled says that the service is not taken away while the kill
// switch is on.
func (v *vigil) cannotBeUninstalled() {
	v.Helper()
	result, err := v.client.Uninstall()
	v.must(err)
	if said := string(result.Stderr); result.Exit != 1 || !strings.Contains(said, "kill switch") {
		v.Errorf("muvpnd uninstall with the kill switch on: exit %d: %s%s", result.Exit, result.Stdout, said)
	}
	v.silentIn(client.Disconnected, "uninstall refused")
}

// isUnblocked lifts the kill switch, and then everything is seen again.
func (v *vigil) isUnblocked() {
	v.Helper()
	if result, err := v.client.Muvpn(nil, time.Minute, "unblock"); err != nil || result.Exit != 0 {
		v.Fatalf("muvpn unblock: %v: %s", err, result.Stderr)
	}
	if now := v.status().KillSwitch; now != client.KillSwitchOff {
		v.Errorf("after muvpn unblock the kill switch is %q", now)
	}
	v.sees("unblocked", append([]lab.Sight{lab.SightOutside}, allThree...)...)
	rules, err := v.lab.Network.Client.Ruleset()
	v.must(err)
	if strings.Contains(rules, "muvpn") {
		v.Errorf("after muvpn unblock rules are left:\n%s", rules)
	}
}
