package tunnel

import (
	"net/netip"
	"slices"
	"time"

	"muvpn/profile"
	"muvpn/tunnel/esp"
)

// On demand (policy.connect) the gateway is authenticated and the network set
// up, and the SA pairs come with the first packets that want them: minutes
// later, or, when the gateway has deleted idle ones, again.

// onDemand is the policy's word for it.
const onDemand = "on-demand"

// Inner is the inner network of a profile before anything was asked of the
// gateway; false where that has a say in it.
func Inner(p *profile.Profile) (NetConfig, bool) {
	e := p.Effective()
	n := &e.Network
	inner := NetConfig{
		VirtualIP: n.VirtualIP.Address, Networks: networks(&e), Exclude: n.Exclude,
		DNS: n.DNS, Search: n.Search, WINS: n.WINS, MTU: n.MTU,
	}
	for _, address := range slices.Backward(e.Gateway.Addresses) { // the first that is no name
		if a, err := netip.ParseAddr(address); err == nil {
			inner.Gateway = a
		}
	}
	return inner, n.VirtualIP.Mode == "static" && inner.VirtualIP.IsValid() && len(inner.Networks) > 0
}

// demand is what packets may ask for.
type demand struct {
	local  netip.Addr
	remote []netip.Prefix
	opened chan struct{} // closed when the first pair sends
}

// awaitDemand begins to read the device although there is no pair yet. When the
// gateway has changed the inner network it is the new one that packets ask for.
func (c *control) awaitDemand(n *NetConfig) {
	if c.onDemand {
		c.demand.Store(&demand{local: n.VirtualIP, remote: n.Networks, opened: c.opened})
		c.read()
	}
}

// takeDemand passes on to the session that packets have found no pair.
func (c *control) takeDemand(now time.Time) {
	if c.signs.wanted.Swap(false) {
		c.session.Demand(now)
	}
}

// installing is how long the packets that have waited for an SA wait on when it
// is there: nobody answers the last message of Quick Mode, and a gateway that is
// still busy with it drops what comes right behind.
const installing = 100 * time.Millisecond

// seal seals a batch by the way that there is. Packets that a network is set up
// for and no SA yet ask for one; the first ones wait for it, so that none is
// lost.
func (l *outboundLoop) seal(pkts []esp.Packet) *way {
	w := l.t.children.way.Load()
	w.table.Seal(pkts)
	d := l.t.demand.Load()
	if d == nil || !d.wanted(pkts) {
		return w
	}
	l.t.signs.wanted.Store(true)
	l.t.wake()
	if w.out != nil {
		return w
	}
	select {
	case <-d.opened:
	case <-l.t.stop:
		return w
	}
	select {
	case <-time.After(installing):
	case <-l.t.stop:
		return w
	}
	l.t.trips.forget()
	for i := range pkts {
		pkts[i].Drop = esp.Kept
	}
	w = l.t.children.way.Load()
	w.table.Seal(pkts)
	return w
}

// wanted says that one of the packets belongs into the tunnel and found no SA.
func (d *demand) wanted(pkts []esp.Packet) bool {
	for i := range pkts {
		p := &pkts[i]
		if p.Drop == esp.DropNoSA && esp.Selects(d.local, d.remote, p.Data()) {
			return true
		}
	}
	return false
}
