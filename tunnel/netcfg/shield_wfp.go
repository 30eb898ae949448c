package netcfg

import (
	"fmt"
	"strings"
)

// WFP are the filters for the Windows Filtering Platform, one a line in the
// order of their weight: the layer, the action and the conditions by the names
// that fwpmu.h has for them. Our own packets are known by the program that
// sends them; the platform lets the answers to what it has let out in by itself.
//
// No program of ours sets them yet, and no real system has seen them.
func (s Shield) WFP() string {
	var b strings.Builder
	weight := len(s.Rules())
	for _, r := range s.Rules() {
		for _, layer := range r.layers() {
			fmt.Fprintf(&b, "%3d FWPM_LAYER_ALE_AUTH_%s %s # %s\n", weight, layer, strings.Join(r.conditions(), " "), r.Why)
		}
		weight--
	}
	return b.String()
}

// layers are where a rule is asked: for connections out and in, of each family
// that it can be about.
func (r Rule) layers() []string {
	if r.Own && r.In {
		return nil
	}
	way := "CONNECT"
	if r.In {
		way = "RECV_ACCEPT"
	}
	for _, n := range []interface{ Is4() bool }{r.Net.Addr(), r.To.Addr(), r.As.Addr()} {
		if n.Is4() {
			return []string{way + "_V4"}
		}
	}
	if r.Net.IsValid() || r.To.IsValid() || r.As.IsValid() || r.Proto == protoICMPv6 {
		return []string{way + "_V6"}
	}
	return []string{way + "_V4", way + "_V6"}
}

// conditions are the action, and what must hold for it. A type of ICMP stands
// in the place of the local port.
func (r Rule) conditions() []string {
	words := []string{"FWP_ACTION_BLOCK"}
	if r.Pass {
		words[0] = "FWP_ACTION_PERMIT"
	}
	add := func(is bool, name string, value any) {
		if is {
			words = append(words, fmt.Sprintf("%s=%v", name, value))
		}
	}
	far, near := r.At, r.From
	if r.In {
		far, near = near, far
	}
	add(r.Loopback, "FLAGS", "FWP_CONDITION_FLAG_IS_LOOPBACK")
	add(r.Link != "", "IP_LOCAL_INTERFACE", r.Link)
	add(r.Own, "ALE_APP_ID", "muvpnd.exe")
	add(r.Proto != 0, "IP_PROTOCOL", r.Proto)
	add(r.ICMP != 0, "IP_LOCAL_PORT", r.ICMP)
	add(r.Net.IsValid(), "IP_REMOTE_ADDRESS", r.Net)
	add(r.To.IsValid(), "IP_LOCAL_ADDRESS", r.To)
	add(r.As.IsValid(), "IP_LOCAL_ADDRESS", r.As)
	add(near != 0, "IP_LOCAL_PORT", near)
	add(far != 0, "IP_REMOTE_PORT", far)
	return words
}
