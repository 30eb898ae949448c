package esp

import (
	"cmp"
	"encoding/binary"
	"maps"
	"slices"
)

// Pair is the two SAs that one Quick Mode (CREATE_CHILD_SA) makes. It is named
// by the SPI of its inbound one.
type Pair struct {
	In  *Inbound
	Out *Outbound
}

// NewPair makes both SAs, or neither.
func NewPair(in, out Config) (Pair, error) {
	i, err := NewInbound(in)
	if err != nil {
		return Pair{}, err
	}
	o, err := NewOutbound(out)
	if err != nil {
		return Pair{}, err
	}
	return Pair{In: i, Out: o}, nil
}

// SetPath tells both SAs how long packets on the way to the peer may be, and
// returns the longest inner packet.
func (p Pair) SetPath(path Path) int {
	mtu := p.Out.suite.innerMTU(path)
	p.In.SetMTU(mtu)
	p.Out.SetMTU(mtu)
	return mtu
}

// Table is the SAs of a tunnel at one moment. It never changes: Add, Switch and
// Remove make a new one, which the control loop puts in the place of the old
// one by an atomic pointer. The packet loops load that pointer once a batch.
//
// A rekey is Add, then Switch, then Remove: the new pair receives before
// anything is sent over it, and the old one receives until it is removed.
type Table struct {
	pairs   []Pair // in the order of Add
	inbound map[uint32]*Inbound
	routes  []route
	strays  *tally // of packets that found no SA; one for all tables
}

// route leads to a network through an SA.
type route struct {
	network
	spiIn uint32
	out   *Outbound
}

// NewTable makes a table without SAs.
func NewTable() *Table {
	return &Table{inbound: make(map[uint32]*Inbound), strays: new(tally)}
}

// Add returns a table that also receives over p; nothing is sent over it yet.
// It takes the place of a pair with the same inbound SPI.
func (t *Table) Add(p Pair) *Table {
	n := *t.Remove(p.In.spi)
	n.pairs = append(slices.Clip(n.pairs), p)
	n.inbound = maps.Clone(n.inbound)
	n.inbound[p.In.spi] = p.In
	return &n
}

// Switch returns a table that sends to the networks of the pair spiIn over that
// pair, before all others to the same networks. It changes nothing when there
// is no such pair.
func (t *Table) Switch(spiIn uint32) *Table {
	i := t.index(spiIn)
	if i < 0 {
		return t
	}
	n := *t
	n.routes = nil
	for _, net := range t.pairs[i].Out.remote {
		n.routes = append(n.routes, route{network: net, spiIn: spiIn, out: t.pairs[i].Out})
	}
	n.routes = append(n.routes, t.routesWithout(spiIn)...)
	slices.SortStableFunc(n.routes, func(a, b route) int { return cmp.Compare(b.bits, a.bits) })
	return &n
}

// Remove returns a table without the pair spiIn.
func (t *Table) Remove(spiIn uint32) *Table {
	i := t.index(spiIn)
	if i < 0 {
		return t
	}
	n := *t
	n.pairs = slices.Delete(slices.Clone(t.pairs), i, i+1)
	n.inbound = maps.Clone(t.inbound)
	delete(n.inbound, spiIn)
	n.routes = t.routesWithout(spiIn)
	return &n
}

func (t *Table) index(spiIn uint32) int {
	return slices.IndexFunc(t.pairs, func(p Pair) bool { return p.In.spi == spiIn })
}

func (t *Table) routesWithout(spiIn uint32) []route {
	return slices.DeleteFunc(slices.Clone(t.routes), func(r route) bool { return r.spiIn == spiIn })
}

// Pairs lists the SAs in the order in which they were added. Do not change it.
func (t *Table) Pairs() []Pair { return t.pairs }

// Pair finds a pair by the SPI of its inbound SA; false when there is none.
func (t *Table) Pair(spiIn uint32) (Pair, bool) {
	if i := t.index(spiIn); i >= 0 {
		return t.pairs[i], true
	}
	return Pair{}, false
}

// Strays counts the packets that found no SA, in this table and in those before
// and after it.
func (t *Table) Strays() Counters { return t.strays.snapshot() }

// Seal seals every packet by the SA that leads to its destination, the one
// with the longest prefix.
func (t *Table) Seal(batch []Packet) {
	for len(batch) > 0 {
		out := t.outboundFor(&batch[0])
		n := 1
		for n < len(batch) && t.outboundFor(&batch[n]) == out {
			n++
		}
		if out != nil {
			out.Seal(batch[:n])
		}
		batch = batch[n:]
	}
}

// Open opens every packet by the SA that its SPI names. encap says how the
// batch came: an SA takes packets only by the encapsulation that was negotiated,
// so that the loops of two sockets never meet in one.
func (t *Table) Open(batch []Packet, encap bool) {
	for len(batch) > 0 {
		in := t.inboundFor(&batch[0], encap)
		n := 1
		for n < len(batch) && t.inboundFor(&batch[n], encap) == in {
			n++
		}
		if in != nil {
			in.Open(batch[:n])
		}
		batch = batch[n:]
	}
}

// outboundFor finds the SA for a packet. A packet that has none is dropped.
func (t *Table) outboundFor(p *Packet) *Outbound {
	if !p.kept() {
		return nil
	}
	h, ok := parseInner(p.Data())
	if !ok {
		t.strays.drop(p, DropInnerVersion)
		return nil
	}
	for i := range t.routes {
		if t.routes[i].contains(h.dst) {
			return t.routes[i].out
		}
	}
	t.strays.drop(p, DropNoSA)
	return nil
}

// inboundFor finds the SA of a packet. A packet that has none is dropped.
func (t *Table) inboundFor(p *Packet, encap bool) *Inbound {
	if !p.kept() {
		return nil
	}
	if p.End-p.Start < headerLen {
		t.strays.drop(p, DropMalformed)
		return nil
	}
	in := t.inbound[binary.BigEndian.Uint32(p.Data())]
	if in == nil || in.encap != encap {
		t.strays.drop(p, DropUnknownSPI)
		return nil
	}
	return in
}
