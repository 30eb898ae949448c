package netcfg

import (
	"fmt"
	"strings"
)

// PF are the rules for an anchor of macOS's pf (pf.conf(5)). pf knows no marks:
// our own packets are known by their user, and ESP by the gateway's address;
// the states that it keeps let the answers in.
//
// No program of ours loads them yet, and no real system has seen them.
func (s Shield) PF() string {
	var b strings.Builder
	for _, r := range s.Rules() {
		for _, line := range r.pf(s) {
			fmt.Fprintf(&b, "%s # %s\n", line, r.Why)
		}
	}
	return b.String()
}

// pf is one rule as lines of pf.conf.
func (r Rule) pf(s Shield) []string {
	head := map[bool]string{true: "pass", false: "block drop"}[r.Pass] + " " + map[bool]string{true: "in", false: "out"}[r.In] + " quick"
	switch {
	case r.Own && r.In:
		return nil // states do it
	case r.Own:
		lines := []string{head + " proto { tcp udp } all user root"}
		for _, gw := range s.Gateways {
			lines = append(lines, head+" proto esp from any to "+gw.String())
		}
		return lines
	case r.Loopback:
		return []string{head + " on lo0 all"}
	case r.Link != "":
		return []string{head + " on " + r.Link + " all"}
	}
	if r.Proto != 0 {
		head += " proto " + map[uint8]string{protoTCP: "tcp", protoUDP: "udp", protoESP: "esp", protoICMPv6: "icmp6"}[r.Proto]
	}
	from, to := "any", "any"
	switch {
	case r.In && r.Net.IsValid():
		from = r.Net.String()
	case r.Net.IsValid():
		to = r.Net.String()
	}
	if r.To.IsValid() {
		to = r.To.String()
	}
	if r.As.IsValid() {
		from = r.As.String()
	}
	return []string{head + " from " + from + pfPort(r.From) + " to " + to + pfPort(r.At) + pfType(r.ICMP)}
}

func pfPort(n uint16) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" port %d", n)
}

func pfType(n uint8) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" icmp6-type %d", n)
}
