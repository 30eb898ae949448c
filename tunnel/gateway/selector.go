package gateway

import (
	"net/netip"

	"muvpn/tunnel/ike/wire"
)

// selectNetworks reads IDci and IDcr of a client's Quick Mode: its virtual IP
// and a network behind the gateway. Both come back as they were sent, or
// narrowed if the configuration says so.
func (g *Gateway) selectNetworks(s *session, ids []wire.ID) (remote, local wire.ID, err error) {
	if len(ids) < 2 {
		return remote, local, refuse(msgP2Selector, wire.NotifyInvalidIDInformation, "%d ID payloads, not 2", len(ids))
	}
	remote, local = ids[0], ids[1]
	if p, ok := remote.Prefix(); !ok || !s.has(p) {
		return remote, local, refuse(msgP2Selector, wire.NotifyInvalidIDInformation,
			"Received raddr=%s, expecting %s", networkOf(remote), s.address)
	}
	asked, ok := local.Prefix()
	for _, n := range g.c.Networks {
		switch {
		case ok && n.Bits() <= asked.Bits() && n.Contains(asked.Addr()):
			return remote, local, nil
		case ok && g.c.Phase2.Narrow && asked.Contains(n.Addr()):
			return remote, wire.Subnet(n), nil
		}
	}
	return remote, local, refuse(msgP2Selector, wire.NotifyInvalidIDInformation,
		"Received laddr=%s, expecting one of %s", networkOf(local), g.c.Networks)
}

// networkOf is an ID as the log has it: a network without its type.
func networkOf(id wire.ID) string {
	switch p, ok := id.Prefix(); {
	case ok && p.IsSingleIP():
		return p.Addr().String()
	case ok:
		return p.String()
	}
	return id.Summary()
}

// has says that p is the user's one address.
func (s *session) has(p netip.Prefix) bool {
	return p.IsSingleIP() && (p.Addr() == s.address || p.Addr() == s.address6)
}
