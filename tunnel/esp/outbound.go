package esp

import (
	"encoding/binary"
	"sync/atomic"
)

// Outbound is an SA that seals. Seal belongs to one goroutine.
type Outbound struct {
	spi           uint32
	suite         *suite
	local, remote selector
	ecn           ECNMode
	mtu           atomic.Int32 // octets of an inner packet; 0: not known
	seq           atomic.Uint64
	ivs           *ivSource // nil: the IV is the sequence number
	protect       protector
	tally         tally
}

// NewOutbound makes an SA from this end to the peer.
func NewOutbound(c Config) (*Outbound, error) {
	s, err := c.check()
	if err != nil {
		return nil, err
	}
	o := &Outbound{
		spi: c.SPI, suite: s, ecn: c.ECN,
		local: newSelector(c.Local), remote: newSelector(c.Remote),
	}
	if !s.aead() {
		if o.ivs, err = newIVSource(c.random()); err != nil {
			return nil, err
		}
	}
	o.protect, err = s.enc.build(s, &c)
	return o, err
}

// SPI is the SA's name at the peer.
func (o *Outbound) SPI() uint32 { return o.spi }

// Counters reads what the SA has carried.
func (o *Outbound) Counters() Counters { return o.tally.snapshot() }

// Usage says how much of the SA's life is used up.
func (o *Outbound) Usage() Usage { return o.suite.usage(o.seq.Load(), o.tally.bytes.Load()) }

// SetMTU sets the longest inner packet in octets, see InnerMTU: longer ones
// that must not be fragmented are dropped as DropTooBig, and the MSS of TCP is
// clamped to it. Zero: any.
func (o *Outbound) SetMTU(n int) { o.mtu.Store(int32(n)) }

// Seal turns inner IP packets into ESP packets, in place and in order.
func (o *Outbound) Seal(batch []Packet) {
	packets, octets := 0, 0
	for i := range batch {
		p := &batch[i]
		if !p.kept() {
			continue
		}
		h, why := o.admit(p)
		if why != Kept {
			o.tally.drop(p, why)
			continue
		}
		packets, octets = packets+1, octets+h.totalLen
		p.seq = o.seq.Add(1)
		o.frame(p, h.proto)
	}
	o.protect.seal(batch)
	o.tally.pass(packets, octets)
}

// admit checks a packet against the SA; then, and only then, it changes in the
// packet what a tunnel's end must.
func (o *Outbound) admit(p *Packet) (inner, Drop) {
	h, ok := parseInner(p.Data())
	if !ok {
		return h, DropInnerVersion
	}
	if !o.local.contains(h.src) || !o.remote.contains(h.dst) {
		return h, DropSelector
	}
	p.End = p.Start + h.totalLen
	mtu := int(o.mtu.Load())
	switch {
	case mtu > 0 && tooBig(p.Data(), &h, mtu):
		p.mtu = mtu
		return h, DropTooBig
	case !o.hasRoom(p):
		return h, DropMalformed
	case o.Usage() == UsedUp:
		return h, DropExhausted
	}
	if mtu > 0 {
		clampMSS(p.Data(), &h, mtu)
	}
	p.ECN = o.ecn.outer(p.Data(), h.proto)
	return h, Kept
}

// hasRoom says that the buffer has room for what frame adds.
func (o *Outbound) hasRoom(p *Packet) bool {
	tail := padLen(p.End-p.Start, o.suite.align) + trailerLen + o.suite.icvLen
	return p.Start >= headerLen+o.suite.enc.ivLen && len(p.Buf)-p.End >= tail
}

// frame puts header and IV before a packet, and the trailer and room for the
// ICV behind it.
func (o *Outbound) frame(p *Packet, next byte) {
	pad := padLen(p.End-p.Start, o.suite.align)
	putTrailer(p.Buf[p.End:], pad, next)
	p.End += pad + trailerLen + o.suite.icvLen
	p.Start -= headerLen + o.suite.enc.ivLen
	b := p.Data()
	binary.BigEndian.PutUint32(b, o.spi)
	binary.BigEndian.PutUint32(b[4:], uint32(p.seq))
	o.putIV(b[headerLen:headerLen+o.suite.enc.ivLen], p.seq)
}

// putIV writes the IV: for CBC one that nobody can foresee, for counter modes
// the sequence number, which no other packet of this SA has.
func (o *Outbound) putIV(iv []byte, seq uint64) {
	switch {
	case len(iv) == 0:
	case o.ivs != nil:
		o.ivs.next(iv)
	default:
		binary.BigEndian.PutUint64(iv, seq)
	}
}
