package ikev1

import (
	"bytes"
	"time"

	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/wire"
)

// Limits of reassembly (quirk 34).
const (
	maxFragments = 16
	maxPartial   = 4 // messages that are being collected at once
	partialKept  = 30 * time.Second
)

// reassembly collects the fragments of messages.
type reassembly struct{ partials []partial }

// partial is a message of which fragments have come.
type partial struct {
	cookieI, cookieR wire.Cookie
	id               uint16
	began            time.Time
	parts            [maxFragments][]byte
	last             int // number of the last fragment; 0: not come
	size             int // octets
}

// add takes a fragment and returns the whole message once it is complete.
func (r *reassembly) add(now time.Time, head wire.Header, f wire.Fragment) []byte {
	r.expire(now)
	if f.Number > maxFragments {
		return nil
	}
	i := r.find(now, head, f.ID)
	p := &r.partials[i]
	if !p.add(f) {
		return nil
	}
	whole := p.join()
	r.partials = append(r.partials[:i], r.partials[i+1:]...)
	return whole
}

// find is where the message of this ID is collected; the oldest gives way when
// there are too many.
func (r *reassembly) find(now time.Time, head wire.Header, id uint16) int {
	for i := range r.partials {
		p := &r.partials[i]
		if p.id == id && p.cookieI == head.InitiatorCookie && p.cookieR == head.ResponderCookie {
			return i
		}
	}
	if len(r.partials) == maxPartial {
		r.partials = append(r.partials[:0], r.partials[1:]...)
	}
	r.partials = append(r.partials, partial{cookieI: head.InitiatorCookie, cookieR: head.ResponderCookie, id: id, began: now})
	return len(r.partials) - 1
}

func (r *reassembly) expire(now time.Time) {
	for len(r.partials) > 0 && now.Sub(r.partials[0].began) >= partialKept {
		r.partials = r.partials[1:]
	}
}

// add says whether the message is complete with f. A second fragment of a
// number that differs begins another message: some peers never change the ID.
func (p *partial) add(f wire.Fragment) bool {
	slot := &p.parts[f.Number-1]
	if *slot != nil && !bytes.Equal(*slot, f.Data) {
		p.parts, p.size, p.last = [maxFragments][]byte{}, 0, 0
	}
	if *slot != nil || len(f.Data) == 0 || p.size+len(f.Data) > wire.MaxMessage {
		return false
	}
	*slot = f.Data
	p.size += len(f.Data)
	if f.Last && p.last == 0 {
		p.last = int(f.Number)
	}
	return p.complete()
}

func (p *partial) complete() bool {
	for _, part := range p.parts[:p.last] {
		if part == nil {
			return false
		}
	}
	return p.last > 0
}

func (p *partial) join() []byte {
	whole := make([]byte, 0, p.size)
	for _, part := range p.parts[:p.last] {
		whole = append(whole, part...)
	}
	return whole
}

const (
	// maxWhole is the longest message that is sent whole to a peer that takes
	// fragments: with the headers of IPv6 and UDP and the non-ESP marker it fits
	// a path of 1,000 octets. IPv4 promises no more than 576, but no peer must
	// take as many fragments as that would make of a chain of certificates.
	maxWhole = 1000 - 40 - 8 - 4
	// fragmentData is what fits a fragment besides ISAKMP header, generic
	// header, and the fragment's own four octets.
	fragmentData = maxWhole - wire.HeaderLen - 8
)

// learnFragments notes that the gateway takes fragments, before Phase 1 is
// authenticated: its last messages are long when they have certificates. What is
// known from an established Phase 1 stands against strangers.
func (s *Session) learnFragments(h *half) {
	if s.current() == nil {
		s.fragmenting = h.traits.fragmentation
	}
}

// send sends a datagram, in fragments if it is long and the peer takes them
// (quirk 34).
func (s *Session) send(d ike.Datagram) {
	if len(d.Data) <= maxWhole || !s.fragmenting {
		s.datagrams = append(s.datagrams, d)
		return
	}
	s.fragmentID++
	for _, part := range fragments(d.Data, s.fragmentID) {
		f := d
		f.Data = part
		s.datagrams = append(s.datagrams, f)
	}
}

// fragments cuts a message. Their message ID is 0, as everybody sends it.
func fragments(raw []byte, id uint16) [][]byte {
	head, _, err := wire.ParseHeader(raw)
	if err != nil {
		panic("ikev1: our own message has no header")
	}
	head.Flags, head.MessageID = 0, 0
	var out [][]byte
	for number := uint8(1); len(raw) > 0; number++ {
		n := min(fragmentData, len(raw))
		f := wire.Fragment{ID: id, Number: number, Last: n == len(raw), Data: raw[:n]}
		out = append(out, wire.AppendMessage(nil, head, f))
		raw = raw[n:]
	}
	return out
}
