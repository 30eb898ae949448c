package ikev1

import (
	"bytes"
	"encoding/binary"
	"slices"

	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/wire"
)

// What somebody on the line can do without any key.

// some is a copy of a datagram from the line, the newest ones more often.
func (w *world) some() ike.Datagram {
	if len(w.line) == 0 {
		return ike.Datagram{}
	}
	d := w.line[len(w.line)-1-w.pick("which", len(w.line))]
	d.Data = bytes.Clone(d.Data)
	return d
}

// again lets one of these arrive, and leaves it where it is. With another flag
// in its header, which no HASH covers, it is no duplicate.
func (w *world) again(from []ike.Datagram) {
	if len(from) == 0 {
		return
	}
	d := from[len(from)-1-w.pick("which", len(from))]
	if len(d.Data) >= wire.HeaderLen && w.pick("commit", 2) == 1 {
		d.Data = bytes.Clone(d.Data)
		d.Data[19] ^= byte(wire.FlagCommit)
	}
	w.land(d)
}

// flip changes some bits.
func (w *world) flip() {
	d := w.some()
	for range 1 + w.pick("flips", 3) {
		if len(d.Data) > 0 {
			d.Data[w.pick("octet", len(d.Data))] ^= 1 << w.pick("bit", 8)
		}
	}
	w.land(d)
}

// cut takes octets from the end or puts some there, with or without a word of it
// in the header.
func (w *world) cut() {
	d := w.some()
	if len(d.Data) == 0 {
		return
	}
	if n := w.pick("octets", 64); w.pick("longer", 2) == 0 {
		d.Data = d.Data[:max(0, len(d.Data)-n)]
	} else {
		d.Data = append(d.Data, make([]byte, n)...)
	}
	if len(d.Data) >= wire.HeaderLen && w.pick("length", 2) == 0 {
		binary.BigEndian.PutUint32(d.Data[24:], uint32(len(d.Data)))
	}
	w.land(d)
}

// cookies are a pair of cookies: of what goes on, of what was, or of nothing.
func (w *world) cookies() []byte {
	switch a, s := w.s.attempt, w.s.current(); w.pick("cookies", 5) {
	case 0:
		if s != nil {
			return s.cookies()
		}
	case 1:
		if a != nil {
			return slices.Concat(a.cookieI[:], []byte("somebody"))
		}
	case 2:
		if a != nil {
			return slices.Concat(a.cookieI[:], a.cookieR[:])
		}
	case 3:
		if w.s.responding != nil {
			return slices.Concat(w.s.responding.cookieI[:], w.s.responding.cookieR[:])
		}
	}
	return slices.Concat([]byte("anybody!"), make([]byte, 8))
}

// behead changes the header of a message: its cookies, exchange, flags, message
// ID, or first payload.
func (w *world) behead() {
	d := w.some()
	if len(d.Data) < wire.HeaderLen {
		return
	}
	switch w.pick("field", 6) {
	case 0:
		copy(d.Data, w.cookies())
	case 1:
		d.Data[18] = []byte{2, 4, 5, 6, 32, 33, 34}[w.pick("exchange", 7)]
	case 2:
		d.Data[19] ^= 1 << w.pick("flag", 3)
	case 3:
		binary.BigEndian.PutUint32(d.Data[20:], uint32(w.pick("ID", 9)))
	case 4:
		d.Data[16] = byte(w.pick("payload", 21))
	case 5:
		d.Encap = !d.Encap
	}
	w.land(d)
}

// cleartexts are payloads of messages on the line that are not sealed.
func (w *world) cleartexts() []wire.Payload {
	var out []wire.Payload
	for range 3 {
		h, body, err := wire.ParseHeader(w.some().Data)
		if err != nil || h.Encrypted() {
			continue
		}
		p, _, _ := wire.ParsePayloads(h.NextPayload, body)
		for _, e := range p {
			if e.Payload != nil {
				out = append(out, e.Payload)
			}
		}
	}
	return out
}

// splice makes one message of payloads of several.
func (w *world) splice() {
	p := w.cleartexts()
	if len(p) == 0 {
		return
	}
	var out []wire.Payload
	for range 1 + w.pick("payloads", 8) {
		out = append(out, p[w.pick("payload", len(p))])
	}
	w.land(w.clearly(wire.Exchange([]byte{4, 2, 5, 6, 32}[w.pick("exchange", 5)]), out...))
}

// clearly is a message in clear.
func (w *world) clearly(x wire.Exchange, p ...wire.Payload) ike.Datagram {
	c := w.cookies()
	h := wire.Header{InitiatorCookie: wire.Cookie(c[:8]), ResponderCookie: wire.Cookie(c[8:]), Version: wire.Version1, Exchange: x}
	if x != wire.ExchangeAggressive && x != wire.ExchangeMain {
		h.MessageID = uint32(w.pick("ID", 9))
	}
	return ike.Datagram{Data: wire.AppendMessage(nil, h, p...), Remote: fireboxAddr}
}

// mangled is what a gateway was about to say in Phase 1, with a payload left out,
// doubled, moved, or one of another message in its place.
func (w *world) mangled(p []wire.Payload) []wire.Payload {
	p = slices.Clone(p)
	i, j := w.pick("payload", len(p)), w.pick("payload", len(p))
	switch w.pick("mangle", 4) {
	case 0:
		return slices.Delete(p, i, i+1)
	case 1:
		return append(p, p[i])
	case 2:
		p[i], p[j] = p[j], p[i]
	case 3:
		if others := w.cleartexts(); len(others) > 0 {
			p[i] = others[w.pick("other", len(others))]
		}
	}
	return p
}

// sendClear sends in clear what ought to be sealed, with and without a HASH.
func (w *world) sendClear() {
	a := &boxSA{}
	if s := w.s.current(); s != nil {
		a.ci, a.cr = s.cookieI, s.cookieR
	}
	harm := w.oracle.harm
	f := newFirebox(deaf{w.t})
	exchange, rest := w.contents(f, a)
	w.oracle.harm = harm // it does not count
	h := wire.Header{InitiatorCookie: a.ci, ResponderCookie: a.cr, Version: wire.Version1, Exchange: exchange, MessageID: uint32(1 + w.pick("ID", 9))}
	h.NextPayload = firstTypes[exchange]
	if w.pick("HASH", 2) == 1 {
		rest = append([]byte{byte(h.NextPayload), 0, 0, 24}, append(make([]byte, 20), rest...)...)
		h.NextPayload = wire.TypeHash
	}
	w.land(ike.Datagram{Data: h.Append(nil, rest), Remote: fireboxAddr})
}

// hints are notifies and deletes that nobody has authenticated.
func (w *world) hints() {
	n := wire.Notify{DOI: 1, Protocol: wire.ProtocolISAKMP, NotifyType: notifyTypes[w.pick("notify", len(notifyTypes))]}
	if w.pick("DELETE", 4) == 3 {
		w.land(w.clearly(wire.ExchangeInformational, wire.Delete{DOI: 1, Protocol: wire.ProtocolISAKMP, SPIs: [][]byte{w.cookies()}}))
		return
	}
	w.land(w.clearly(wire.ExchangeInformational, n))
}

// inPieces sends a message in fragments, some twice, some wrong, some not at all.
func (w *world) inPieces() {
	d := w.some()
	if len(d.Data) < wire.HeaderLen {
		return
	}
	parts := pieces(d, max(20, len(d.Data)/(1+w.pick("parts", 17))))
	for range 1 + w.pick("sent", len(parts)+2) {
		part := parts[w.pick("part", len(parts))]
		if w.pick("damaged", 8) == 7 {
			part.Data = bytes.Clone(part.Data)
			part.Data[w.pick("octet", len(part.Data))] ^= 1
		}
		w.land(part)
	}
	for _, part := range parts {
		w.land(part)
	}
}

// noise is a datagram of no meaning under cookies that mean something.
func (w *world) noise() ike.Datagram {
	n := []int{0, 1, 16, 64, 1400}[w.pick("length", 5)]
	c := w.cookies()
	h := wire.Header{
		InitiatorCookie: wire.Cookie(c[:8]), ResponderCookie: wire.Cookie(c[8:]), Version: byte(w.pick("version", 4) << 4),
		NextPayload: wire.PayloadType(w.pick("payload", 22)), Exchange: wire.Exchange(w.pick("exchange", 40)),
		Flags: wire.Flags(w.pick("flags", 8)), MessageID: uint32(w.pick("ID", 3)),
	}
	return ike.Datagram{Data: h.Append(nil, bytes.Repeat([]byte{byte(w.pick("octet", 256))}, n)), Remote: fireboxAddr}
}
