package netcfg

import (
	"fmt"
	"net/netip"
	"slices"

	"muvpn/client/reason"
)

// guardMetric is the metric of the route that refuses the gateway's address
// when the bypass beside it has gone: behind every route that anybody makes.
const guardMetric = 1 << 30

// wanted are the steps that make up cfg on a host, in the order in which they
// are set: the gateway's own way is there before anything is led into the
// tunnel, and names are asked through the tunnel only when it can be reached.
func wanted(cfg *Config, h *Host) ([]step, error) {
	link, ok := h.link(cfg.Interface)
	if !ok {
		return nil, fmt.Errorf("netcfg: %w", &reason.Reason{Code: reason.NoTUN, Side: reason.Client,
			Seen: "there is no interface " + cfg.Interface, Expected: "the interface of the tunnel"})
	}
	routes := led(cfg.Routes, cfg.Except)
	refused := led(cfg.Refuse, nil)
	if h.NoIPv6 {
		refused = onlyIPv4(refused)
	}
	steps := append(linkSteps(cfg, link), shieldSteps(cfg, h)...)
	for _, gw := range cfg.Bypass {
		if (covers(routes, gw) || covers(refused, gw)) && !h.local(gw) {
			steps = append(steps, bypass(gw, link, h)...)
		}
	}
	for _, n := range refused {
		steps = append(steps, refuse(n, link, h))
	}
	for _, n := range routes {
		steps = append(steps, step{Kind: kindRoute, Link: link.Name, Index: link.Index, Dst: n})
	}
	return append(steps, dnsSteps(cfg, link, h)...), nil
}

// linkSteps are MTU, state and addresses of the interface. An address is set
// alone, without its network, which only Routes may lead anywhere.
func linkSteps(cfg *Config, link Link) []step {
	var steps []step
	if cfg.MTU != 0 {
		steps = append(steps, step{Kind: kindMTU, Link: link.Name, Index: link.Index, MTU: cfg.MTU})
	}
	steps = append(steps, step{Kind: kindUp, Link: link.Name, Index: link.Index})
	for _, a := range cfg.Addresses {
		steps = append(steps, step{Kind: kindAddress, Link: link.Name, Index: link.Index, Dst: host(a.Addr())})
	}
	return steps
}

// shieldSteps is the one step that sets the firewall, before anything is led
// anywhere, or none where there is no firewall that we can set.
func shieldSteps(cfg *Config, h *Host) []step {
	if h.Firewall.How == "" {
		return nil
	}
	s, _ := shieldOf(cfg, h.block, h)
	return []step{{Kind: kindShield, Shield: &s}}
}

// bypass is the gateway's own way beside the tunnel. Without it the packets of
// the tunnel would be led into the tunnel, round and round; where the system
// can, a refusal stands behind it for the moment when its link goes away.
func bypass(gw netip.Addr, link Link, h *Host) []step {
	var steps []step
	if h.refusal == refuseBeside {
		steps = append(steps, step{Kind: kindRefuse, Dst: host(gw), Metric: guardMetric})
	}
	way, ok := h.way(gw, link.Index)
	if !ok {
		if h.refusal == refuseAlone {
			steps = append(steps, step{Kind: kindRefuse, Dst: host(gw)})
		}
		return steps
	}
	if way.Dst == host(gw) {
		return steps // a host route of somebody else's does it already
	}
	out, _ := h.linkAt(way.Link)
	return append(steps, step{Kind: kindBypass, Link: out.Name, Index: way.Link,
		Dst: host(gw), Via: way.Via, Src: way.Src})
}

// refuse is the step that keeps packets to n from leaving.
func refuse(n netip.Prefix, link Link, h *Host) step {
	if h.refusal == refuseInTunnel {
		return step{Kind: kindRoute, Link: link.Name, Index: link.Index, Dst: n}
	}
	return step{Kind: kindRefuse, Dst: n}
}

// dnsSteps is the one step that sets DNS, or none when there is nothing to set
// or the computer does not let itself be changed.
func dnsSteps(cfg *Config, link Link, h *Host) []step {
	if len(cfg.DNS) == 0 || h.DNS.Locked != "" {
		return nil
	}
	return []step{{Kind: kindDNS, Link: link.Name, Index: link.Index, DNS: newDNS(cfg, h.DNS)}}
}

// warnings are what cannot be set as cfg says, although the rest can.
func warnings(cfg *Config, h *Host) []Note {
	var notes []Note
	if h.Firewall.Missing != "" {
		notes = append(notes, Note{Level: 2, Code: "NET_LEFT", Text: "No firewall is set: " + h.Firewall.Missing +
			". The routes alone lead packets into the tunnel"})
	}
	if len(cfg.DNS) > 0 && h.DNS.Locked != "" {
		notes = append(notes, Note{Level: 2, Code: "NET_LEFT", Text: "DNS is left as it is: " + h.DNS.Locked})
	}
	if n := len(cfg.SplitDNS); n > 0 && len(cfg.DNS) > 0 && !h.DNS.splits() && !fullTunnel(cfg) {
		notes = append(notes, Note{Level: 2, Code: "NET_LEFT", Text: fmt.Sprintf("This computer cannot tell %d domains apart: every name is asked of %s", n, join(cfg.DNS))})
	}
	if len(cfg.WINS) > 0 {
		notes = append(notes, Note{Level: 1, Code: "NET_LEFT", Text: fmt.Sprintf("WINS servers %s are left out: names of NetBIOS are not set up", join(cfg.WINS))})
	}
	for _, name := range slices.Concat(cfg.Search, cfg.SplitDNS) {
		if !goodDomain(name) {
			notes = append(notes, Note{Level: 2, Code: "NET_LEFT", Text: fmt.Sprintf("Domain %q is left out: not a domain name", name)})
		}
	}
	return notes
}

// onlyIPv4 are the networks of IPv4.
func onlyIPv4(networks []netip.Prefix) []netip.Prefix {
	var out []netip.Prefix
	for _, n := range networks {
		if n.Addr().Is4() {
			out = append(out, n)
		}
	}
	return out
}
