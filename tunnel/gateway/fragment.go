package gateway

import (
	"net/netip"
	"time"

	"muvpn/tunnel/ike/wire"
)

// Limits on fragments that have not become a message yet.
const (
	maxFragments  = 16
	fragmentsKept = 30 * time.Second
	maxFragmented = 8 // messages under way
)

// pieces are the messages that have come in part.
type pieces []*fragmented

// fragmented is one message of which fragments have come.
type fragmented struct {
	from  netip.AddrPort
	id    uint16
	until time.Time
	parts [maxFragments][]byte
	count int // how many there are; 0: not known yet
}

// fragment takes a fragment, and the message that it completes.
func (g *Gateway) fragment(m *message) {
	payloads, _, err := wire.ParsePayloads(m.header.NextPayload, m.body)
	if err != nil || len(payloads) != 1 {
		g.logf("Drop a fragment from %s: %v", m.Remote.Addr(), err)
		return
	}
	f := payloads[0].Payload.(wire.Fragment)
	g.logf("FROM %s %s %s", m.Remote.Addr(), wire.Summary(m.header, payloads), f.Summary())
	whole := g.pieces.add(g.now, m.Remote, f)
	if whole == nil {
		return
	}
	if h, _, err := wire.ParseHeader(whole); err != nil || h.NextPayload == wire.TypeFragment {
		g.logf("Drop a message in fragments from %s: it is none", m.Remote.Addr())
		return
	}
	g.HandleDatagram(g.now, Datagram{Data: whole, Local: m.Local, Remote: m.Remote, Encap: m.Encap})
}

// add adds a fragment and returns the message once it is whole.
func (p *pieces) add(now time.Time, from netip.AddrPort, f wire.Fragment) []byte {
	if f.Number > maxFragments {
		return nil
	}
	w := p.find(now, from, f.ID)
	w.parts[f.Number-1] = f.Data
	if f.Last {
		w.count = int(f.Number)
	}
	var whole []byte
	for _, part := range w.parts[:w.count] {
		if part == nil || len(whole)+len(part) > wire.MaxMessage {
			return nil
		}
		whole = append(whole, part...)
	}
	if whole != nil {
		w.until = now
	}
	return whole
}

// find finds the message that a fragment belongs to, or begins one, and
// forgets those that were whole or took too long.
func (p *pieces) find(now time.Time, from netip.AddrPort, id uint16) *fragmented {
	kept := (*p)[:0]
	var found *fragmented
	for _, w := range *p {
		if !now.Before(w.until) {
			continue
		}
		kept = append(kept, w)
		if w.from == from && w.id == id {
			found = w
		}
	}
	if found == nil {
		found = &fragmented{from: from, id: id, until: now.Add(fragmentsKept)}
		kept = append(kept, found)
	}
	*p = kept[max(0, len(kept)-maxFragmented):]
	return found
}

// transmit sends a message whole, or in fragments if it is long and the client
// has said that it can put them together.
func (g *Gateway) transmit(o outgoing) {
	p := g.phase1(o.header)
	size := g.c.FragmentSize
	if p == nil || !p.speaks.fragments || size == 0 || len(o.data) <= size {
		g.emit(o.to, o.data)
		return
	}
	h := o.header
	h.Flags, h.NextPayload = 0, wire.TypeFragment
	id := uint16(g.messageID())
	for number := uint8(1); len(o.data) > 0; number++ {
		n := min(len(o.data), size)
		f := wire.Fragment{ID: id, Number: number, Last: n == len(o.data), Data: o.data[:n]}
		g.emit(o.to, wire.AppendMessage(nil, h, f))
		o.data = o.data[n:]
	}
}
