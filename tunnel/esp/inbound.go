package esp

import (
	"encoding/binary"
	"sync/atomic"
)

// Inbound is an SA that opens. Open belongs to one goroutine.
type Inbound struct {
	spi           uint32
	encap         bool
	suite         *suite
	local, remote selector
	mtu           atomic.Int32 // octets of an inner packet; 0: not known
	last          atomic.Uint64
	replay        replayWindow
	protect       protector
	tally         tally
}

// NewInbound makes an SA from the peer to this end.
func NewInbound(c Config) (*Inbound, error) {
	s, err := c.check()
	if err != nil {
		return nil, err
	}
	in := &Inbound{
		spi: c.SPI, encap: c.Encap, suite: s,
		local: newSelector(c.Local), remote: newSelector(c.Remote),
		replay: newReplayWindow(c.window()),
	}
	in.protect, err = s.enc.build(s, &c)
	return in, err
}

// SPI is the SA's name at this end.
func (in *Inbound) SPI() uint32 { return in.spi }

// Counters reads what the SA has carried.
func (in *Inbound) Counters() Counters { return in.tally.snapshot() }

// Usage says how much of the SA's life is used up. Stopping is the sender's
// part: Open never refuses a packet for it.
func (in *Inbound) Usage() Usage { return in.suite.usage(in.last.Load(), in.tally.bytes.Load()) }

// SetMTU sets the longest inner packet in octets, to which the MSS of TCP is
// clamped. Zero: any.
func (in *Inbound) SetMTU(n int) { in.mtu.Store(int32(n)) }

// Open turns ESP packets into the inner IP packets, in place and in order.
// What is cheap is checked first; a sequence number counts as received only
// when its packet has proved genuine.
func (in *Inbound) Open(batch []Packet) {
	for i := range batch {
		if p := &batch[i]; p.kept() {
			if why := in.admit(p); why != Kept {
				in.tally.drop(p, why)
			}
		}
	}
	in.protect.open(batch, &in.tally)
	packets, octets := 0, 0
	for i := range batch {
		p := &batch[i]
		if !p.kept() {
			continue
		}
		if why := in.deliver(p); why != Kept {
			in.tally.drop(p, why)
			continue
		}
		packets, octets = packets+1, octets+p.End-p.Start
	}
	in.last.Store(in.replay.last)
	in.tally.pass(packets, octets)
}

// admit checks what needs no key: lengths, the SPI and the replay window.
func (in *Inbound) admit(p *Packet) Drop {
	b := p.Data()
	payload := len(b) - headerLen - in.suite.enc.ivLen - in.suite.icvLen
	if payload < trailerLen || payload%in.suite.enc.block != 0 {
		return DropMalformed
	}
	if binary.BigEndian.Uint32(b) != in.spi {
		return DropUnknownSPI
	}
	p.seq = uint64(binary.BigEndian.Uint32(b[4:]))
	if !in.replay.fresh(p.seq) {
		return DropReplay
	}
	return Kept
}

// deliver takes an authenticated, decrypted packet out of its wrapping, and
// checks what is inside.
func (in *Inbound) deliver(p *Packet) Drop {
	if !in.replay.accept(p.seq) {
		return DropReplay
	}
	p.Start += headerLen + in.suite.enc.ivLen
	p.End -= in.suite.icvLen
	payload, next, ok := cutTrailer(p.Data())
	if !ok {
		return DropPadding
	}
	if next == protoDummy {
		return DropDummy
	}
	h, ok := parseInner(payload)
	if !ok || h.proto != next {
		return DropInnerVersion
	}
	if !in.remote.contains(h.src) || !in.local.contains(h.dst) {
		return DropSelector
	}
	p.End = p.Start + h.totalLen
	return in.mark(p, &h)
}

// mark changes in an inner packet what a tunnel's end must: ECN and MSS.
func (in *Inbound) mark(p *Packet, h *inner) Drop {
	if !mergeECN(p.ECN&3, p.Data(), h.proto) {
		return DropECN
	}
	if mtu := int(in.mtu.Load()); mtu > 0 {
		clampMSS(p.Data(), h, mtu)
	}
	return Kept
}
