package main

import (
	"strings"
	"testing"
	"time"

	"muvpn/client"
)

// What people read of the health of a connection: a line each, and none where
// there is nothing to say.
func TestHealthForPeople(t *testing.T) {
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	since := now.Add(-3 * time.Minute)
	s := client.Status{
		State: client.Connected, Profile: "Office", Gateway: "198.51.100.1", Since: &since, RekeyIn: 2880,
		BytesIn: 1_234_000, BytesOut: 300_000, RateIn: 12_300, RateOut: 1100, Retransmissions: 2,
		Drops: map[string]uint64{"replay": 1, "icv": 3, "dummy": 9}, RoundTrip: &client.RoundTrip{LastMS: 23.4, At: now.Add(-12 * time.Second)},
	}
	want := `Connected: Office, for 3 min 0 s
  Gateway      198.51.100.1
  Traffic      1.2 MB in, 300.0 kB out; now 12.3 kB/s in, 1.1 kB/s out
  Round trip   23 ms to the gateway and back, 12 s ago
  Lost         3 dropped (icv), 1 dropped (replay), 2 IKE messages sent again
  Rekey in     48 min 0 s
`
	if got := statusText(s, now, false); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	s.TunnelRoundTrip = &client.RoundTrip{LastMS: 31.2, At: now.Add(-2 * time.Second)}
	line := "  Round trip   31 ms through the tunnel and back, 2 s ago; 23 ms to the gateway and back, 12 s ago\n"
	if got := statusText(s, now, false); !strings.Contains(got, line) {
		t.Errorf("got\n%s\nwithout\n%s", got, line)
	}
	s.RateIn, s.RateOut, s.Retransmissions, s.Drops, s.RoundTrip, s.TunnelRoundTrip = 0, 0, 0, nil, nil, nil
	want = `Connected: Office, for 3 min 0 s
  Gateway      198.51.100.1
  Traffic      1.2 MB in, 300.0 kB out
  Rekey in     48 min 0 s
`
	if got := statusText(s, now, false); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// While nobody uses it, and when it was of no use.
func TestOnDemandForPeople(t *testing.T) {
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	s := client.Status{
		State: client.Disconnected, Profile: "Office", Gateway: "198.51.100.1", OnDemand: true,
		Step: "waiting for traffic to the tunnel's networks", KillSwitch: client.KillSwitchBlocking,
	}
	want := `Disconnected: Office
  On demand    waiting for traffic to the tunnel's networks; muvpn down ends that
  Gateway      198.51.100.1
  Kill switch  on: nothing leaves this computer until it is connected, or until muvpn unblock
`
	if got := statusText(s, now, false); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	again := now.Add(90 * time.Second)
	s.RetryAt, s.Step, s.KillSwitch = &again, "waiting to look for traffic again", ""
	want = `Disconnected: Office
  On demand    waiting to look for traffic again, in 1 min 30 s
  Gateway      198.51.100.1
`
	if got := statusText(s, now, false); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// What the computer's administrator demands, and what is wrong with that.
func TestPolicyForPeople(t *testing.T) {
	s := client.Status{State: client.Disconnected, Policy: &client.Policy{KillSwitch: true, ReadOnly: true, Faults: []string{"read_only is maybe, and counts as yes"}}}
	want := `Disconnected
  Policy       this computer demands the kill switch, read-only profiles
               read_only is maybe, and counts as yes
`
	if got := statusText(s, time.Now(), false); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	v := client.Setting{Value: "on", Profile: "Office", Policy: true}
	if got := setBy(v); got != "this computer's policy" {
		t.Errorf("it is set by %q", got)
	}
}
