package ikev1

import (
	"fmt"
	"strings"
	"time"

	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/wire"
)

func (s *Session) say(e ike.Event) { s.events = append(s.events, e) }

func (s *Session) note(level ike.Level, code, text string, fields ...ike.Field) {
	s.say(ike.Note{Level: level, Code: code, Text: text, Fields: fields})
}

// step tells people how far the first connection is.
func (s *Session) step(name string) {
	if !s.connected {
		s.say(ike.Step{Name: name})
	}
}

// gateway is the gateway as it stands in the log.
func (s *Session) gateway() string { return s.cfg.Gateway.String() }

// about are the facts of a header as fields.
func about(h wire.Header) []ike.Field {
	return []ike.Field{
		{Key: "exchange", Value: h.Exchange.String()},
		{Key: "cky_i", Value: h.InitiatorCookie.String()},
		{Key: "cky_r", Value: h.ResponderCookie.String()},
		{Key: "message_id", Value: fmt.Sprintf("%08x", h.MessageID)},
	}
}

// line is a message in the words of the gateway's log; messages of Phase 1
// have their cookies behind.
func (s *Session) line(direction string, m message) string {
	text := direction + " " + s.gateway() + " " + m.summary()
	if m.header.MessageID == 0 {
		text += " CKY-I=" + m.header.InitiatorCookie.String() + " CKY-R=" + m.header.ResponderCookie.String()
	}
	return text
}

// transmit sends a message and notes it.
func (s *Session) transmit(p path, m message) ike.Datagram {
	s.note(ike.Info, "IKE_TX", s.line("TO", m), about(m.header)...)
	s.details(m.payloads)
	d := p.datagram(m.raw)
	s.send(d)
	return d
}

// received notes a message that was taken.
func (s *Session) received(m message) {
	s.note(ike.Info, "IKE_RX", s.line("FROM", m), about(m.header)...)
	s.details(m.payloads)
}

// overheard notes a message that nobody has authenticated, if there were not
// too many of the kind.
func (s *Session) overheard(now time.Time, m message) {
	if s.dropped.allow(now) {
		s.received(m)
	}
}

// details notes what SA, ID, vendor ID, notify and delete payloads say.
func (s *Session) details(p wire.Payloads) {
	var vendors []string
	for _, e := range p {
		switch v := e.Payload.(type) {
		case wire.VendorID:
			vendors = append(vendors, v.Summary())
		case wire.SA, wire.ID, wire.Config:
			s.note(ike.Debug, "IKE_PAYLOAD", e.Type.String()+" "+v.Summary())
		case wire.Notify, wire.Delete:
			s.note(ike.Info, "IKE_PAYLOAD", e.Type.String()+" "+v.Summary())
		}
	}
	if len(vendors) > 0 {
		s.note(ike.Debug, "IKE_VENDOR", "vendor IDs: "+strings.Join(vendors, ", "))
	}
}

// notePeer tells people whose gateway it seems to be.
func (s *Session) notePeer(vendors []wire.VendorID) {
	if product := wire.Product(vendors); product != "" {
		s.note(ike.Info, "IKE_PEER", "gateway looks like "+product, ike.Field{Key: "product", Value: product})
	}
}

// resend sends a request once more and notes it.
func (s *Session) resend(r *ike.Request, what string) {
	s.note(ike.Info, "IKE_RETRANSMIT", fmt.Sprintf("TO %s %s (retransmission %d)", s.gateway(), what, r.Sent-1))
	s.health.Retransmissions++
	s.send(r.Datagram)
}

// drop notes a datagram that was dropped, ten in ten seconds at most: a flood
// of them must not become a flood of lines.
func (s *Session) drop(now time.Time, why string) {
	if s.dropped.allow(now) {
		s.note(ike.Debug, "IKE_DROP", "dropped a datagram: "+why)
	}
}

// limiter lets ten things happen in ten seconds.
type limiter struct {
	until time.Time
	count int
}

func (l *limiter) allow(now time.Time) bool {
	if !now.Before(l.until) {
		l.until, l.count = now.Add(10*time.Second), 0
	}
	l.count++
	return l.count <= 10
}
