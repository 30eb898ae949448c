package ikev1

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"muvpn/client/reason"
	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/wire"
)

func TestQuirk33PFSIsTheGateways(t *testing.T) {
	for _, wants := range []bool{true, false} {
		b := newBench(t, func(c *ike.Config, f *firebox) {
			c.PFS = "gateway"
			f.chooseESP = func(offer wire.SA, ke bool) (wire.Proposal, wire.NotifyType) {
				if ke != wants {
					return wire.Proposal{}, wire.NotifyNoProposalChosen
				}
				return offer.Proposals[0], 0
			}
		}).start()
		b.wantUp()
		if group := last[ike.ChildUp](b).Proposal.Group; (group == "modp1024") != wants {
			t.Errorf("wants %t, group %q", wants, group)
		}
		before := len(b.f.messages(wire.ExchangeQuick))
		b.s.rekeyChild(b.now, b.s.children[0])
		b.settle()
		if n := len(b.f.messages(wire.ExchangeQuick)) - before; n != 2 {
			t.Errorf("wants %t: a rekey has not learned, %d messages", wants, n)
		}
	}
}

func TestQuirk33OneRetryOnly(t *testing.T) {
	b := newBench(t, func(c *ike.Config, f *firebox) {
		c.PFS = "gateway"
		f.chooseESP = func(wire.SA, bool) (wire.Proposal, wire.NotifyType) {
			return wire.Proposal{}, wire.NotifyNoProposalChosen
		}
	}).start()
	b.wantDown(reason.P2Proposal, "NO-PROPOSAL-CHOSEN (14)")
	if n := len(b.f.messages(wire.ExchangeQuick)); n != 2 {
		t.Errorf("%d Quick Modes", n)
	}
}

func TestQuirk34FragmentsAreReassembled(t *testing.T) {
	b := newBench(t, nil)
	id := byte(0)
	b.down = func(d ike.Datagram) []ike.Datagram {
		id++
		parts := cut(d.Data, 100, id)
		slices.Reverse(parts) // in any order, one of them twice
		var out []ike.Datagram
		for _, part := range slices.Insert(parts, 1, parts[0]) {
			out = append(out, ike.Datagram{Data: part, Remote: d.Remote, Encap: d.Encap})
		}
		return out
	}
	b.start().wantUp()
}

// cut makes fragments by hand: a header with payload 132 and the encryption
// bit, which means nothing, then 8 octets and the data.
func cut(raw []byte, size int, id byte) (parts [][]byte) {
	cookies, exchange := raw[:16], raw[18]
	for number := byte(1); len(raw) > 0; number++ {
		n := min(size, len(raw))
		last := byte(0)
		if n == len(raw) {
			last = 1
		}
		part := append(bytes.Clone(cookies), 132, 0x10, exchange, 1, 0, 0, 0, 0, 0, 0, 0, byte(28+8+n))
		part = append(part, 0, 0, 0, byte(8+n), 0x12, id, number, last)
		parts = append(parts, append(part, raw[:n]...))
		raw = raw[n:]
	}
	return parts
}

func TestQuirk34FragmentsAreSentToWhoTakesThem(t *testing.T) {
	for _, takes := range []bool{true, false} {
		var longest int
		b := newBench(t, func(c *ike.Config, f *firebox) {
			for range 45 { // a long offer
				c.Phase2 = append(c.Phase2, proposal(t, "aes256-sha256"))
			}
			if takes {
				f.vendors = append(f.vendors, wire.VendorID(octets(t, "4048b7d56ebce88525e7de7f00d6c2d380000000")))
			}
		})
		join := b.joins()
		b.up = func(d ike.Datagram) []ike.Datagram {
			longest = max(longest, len(d.Data))
			return join(d)
		}
		b.start().wantUp()
		if takes != (longest <= maxWhole) {
			t.Errorf("takes fragments %t: a datagram of %d octets", takes, longest)
		}
	}
}

// joins puts fragments of the client together before the firebox gets them.
func (b *bench) joins() func(ike.Datagram) []ike.Datagram {
	var r reassembly
	return func(d ike.Datagram) []ike.Datagram {
		h, body, err := wire.ParseHeader(d.Data)
		if err != nil || h.NextPayload != wire.TypeFragment {
			return []ike.Datagram{d}
		}
		p, _, err := wire.ParsePayloads(h.NextPayload, body)
		if err != nil || h.MessageID != 0 {
			b.t.Fatal("a fragment: ", err)
		}
		f, _ := wire.Get[wire.Fragment](p)
		if whole := r.add(b.now, h, f); whole != nil {
			return []ike.Datagram{{Data: whole, Remote: d.Remote, Encap: d.Encap}}
		}
		return nil
	}
}

func TestQuirk35UnknownStatusNotifies(t *testing.T) {
	b := newBench(t, func(_ *ike.Config, f *firebox) {
		f.edit = func(h wire.Header, p []wire.Payload) []wire.Payload {
			return append(p, wire.Notify{DOI: 1, Protocol: 1, NotifyType: 40501}, wire.Notify{DOI: 1, Protocol: 1, NotifyType: 32768})
		}
	}).start()
	b.wantUp()
	for _, n := range []wire.NotifyType{16385, 24577, 32767, 40001, 65535} {
		b.f.inform(wire.Notify{DOI: 1, Protocol: wire.ProtocolESP, NotifyType: n, SPI: spiOctets(last[ike.ChildUp](b).SPIOut)})
	}
	b.settle()
	b.wantUp()
	b.wantLog("REPLAY-STATUS (24577)")
	b.wantLog("CISCO-LOAD-BALANCE (40501)")
}

func TestQuirk42OnlyAVerifiedHashMovesTheIV(t *testing.T) {
	// A forged message 2 of Quick Mode comes first: it decrypts to nothing, and
	// must not have moved the chain on when the right one comes.
	b := newBench(t, nil)
	b.down = func(d ike.Datagram) []ike.Datagram {
		h, _, _ := wire.ParseHeader(d.Data)
		if h.Exchange != wire.ExchangeQuick {
			return []ike.Datagram{d}
		}
		forged := d
		forged.Data = bytes.Clone(d.Data)
		forged.Data[len(forged.Data)-1] ^= 1 // in the padding or the last payload
		tail := d
		tail.Data = bytes.Clone(d.Data)
		tail.Data[len(tail.Data)-20] ^= 1
		return []ike.Datagram{forged, tail, d}
	}
	b.start().wantUp()
}

func TestQuirk42MainModeToo(t *testing.T) {
	b := newBench(t, func(c *ike.Config, _ *firebox) { c.Aggressive = false })
	b.down = func(d ike.Datagram) []ike.Datagram {
		h, _, _ := wire.ParseHeader(d.Data)
		if !h.Encrypted() || h.Exchange != wire.ExchangeMain {
			return []ike.Datagram{d}
		}
		forged := d
		forged.Data = bytes.Clone(d.Data)
		forged.Data[len(forged.Data)-20] ^= 1
		return []ike.Datagram{forged, d}
	}
	b.start().wantUp()
}

func TestQuirk43QuickModeIsRepeatedSoon(t *testing.T) {
	b := newBench(t, nil)
	var first time.Time
	b.up = func(d ike.Datagram) []ike.Datagram {
		h, _, _ := wire.ParseHeader(d.Data)
		if h.Exchange == wire.ExchangeQuick && first.IsZero() {
			first = b.now
			return nil // still busy with message 3
		}
		return []ike.Datagram{d}
	}
	b.start()
	b.advance(500 * time.Millisecond)
	b.wantUp()
}

func TestLostThirdMessageIsRepeated(t *testing.T) {
	b := newBench(t, nil)
	lost := false
	b.up = func(d ike.Datagram) []ike.Datagram {
		h, _, _ := wire.ParseHeader(d.Data)
		if h.Exchange == wire.ExchangeAggressive && h.Encrypted() && !lost {
			lost = true
			return nil
		}
		return []ike.Datagram{d}
	}
	b.start()
	b.advance(2 * time.Second)
	b.wantUp()
}

// TestQuirk44FirstPacketsMayBeLost: the gateway installs its side with message 3
// only. What is sent meanwhile and comes to nothing is no failure, in UDP or not,
// and is not sent over a new pair that replaces another one.
func TestQuirk44FirstPacketsMayBeLost(t *testing.T) {
	for _, nat := range []bool{false, true} {
		b := newBench(t, func(_ *ike.Config, f *firebox) {
			if nat {
				f.natAt = fireboxAddr
			}
		}).start()
		first := last[ike.ChildUp](b).SPIIn
		b.carry(first, 0, 20)
		b.advance(5 * time.Second)
		b.carry(first, 1, 1)
		b.wantUp()
		b.advance(10 * time.Minute)
		b.s.rekeyChild(b.now, b.s.children[0])
		b.settle()
		if b.sending() != first {
			t.Error("sends over the new pair at once")
		}
		b.advance(switchAfter)
		if b.sending() == first || len(all[ike.ChildUp](b)) != 2 {
			t.Errorf("sends over the old pair: %s", b.log())
		}
		b.carry(b.sending(), 0, 20)
		b.advance(5 * time.Second)
		b.wantUp()
	}
}

func TestQuirk46DeletedAtOnce(t *testing.T) {
	b := newBench(t, nil).start()
	b.f.deleteESP(last[ike.ChildUp](b).SPIOut)
	b.settle()
	b.wantDown(reason.ESPBlocked, "DELETE of the ESP SA")
}
