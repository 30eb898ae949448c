package esp

import "sync/atomic"

// Counters is what an SA, or a Table beside its SAs, has seen so far.
type Counters struct {
	Packets uint64           // that passed
	Bytes   uint64           // octets of the inner packets that passed
	Drops   [NumDrops]uint64 // by reason; Kept is always zero
}

// Authenticated is how many inbound packets came from the peer beyond doubt:
// those that passed and those that were refused only after their ICV was right.
func (c Counters) Authenticated() uint64 {
	n := c.Packets
	for _, d := range [...]Drop{DropPadding, DropInnerVersion, DropSelector, DropDummy, DropECN} {
		n += c.Drops[d]
	}
	return n
}

// Add adds what another has counted.
func (c *Counters) Add(o Counters) {
	c.Packets += o.Packets
	c.Bytes += o.Bytes
	for i := range c.Drops {
		c.Drops[i] += o.Drops[i]
	}
}

// tally is the live form of Counters: written by one loop, a batch at a time,
// and read by anybody.
type tally struct {
	packets, bytes atomic.Uint64
	drops          [NumDrops]atomic.Uint64
}

// pass counts packets that went through, and their octets.
func (t *tally) pass(packets, bytes int) {
	t.packets.Add(uint64(packets))
	t.bytes.Add(uint64(bytes))
}

// drop refuses a packet and counts it.
func (t *tally) drop(p *Packet, why Drop) {
	p.Drop = why
	t.drops[why].Add(1)
}

// snapshot reads the counters, each at its own moment.
func (t *tally) snapshot() Counters {
	c := Counters{Packets: t.packets.Load(), Bytes: t.bytes.Load()}
	for i := range c.Drops {
		c.Drops[i] = t.drops[i].Load()
	}
	return c
}
