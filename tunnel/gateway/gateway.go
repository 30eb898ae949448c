package gateway

import (
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"time"

	"muvpn/tunnel/ike/wire"
)

// Gateway is the responder. See the package's comment for how it is driven.
type Gateway struct {
	c   Config
	now time.Time // of the call under way

	phase1s  []*phase1  // in the order in which they began
	sessions []*session // of users who have proved who they are
	answers  answers
	pieces   pieces // of fragmented messages
	accounts accounts

	faults  []Fault
	silent  bool       // of Silence, once its step has come
	held    []outgoing // of Reorder
	delayed []delayed  // of Late

	actions []Action
}

// New makes a gateway that has met nobody.
func New(c Config) (*Gateway, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return &Gateway{c: c.withDefaults(), faults: slices.Clone(c.Faults), accounts: accounts{}}, nil
}

// NextAction returns what is to be done next; false when there is nothing.
func (g *Gateway) NextAction() (Action, bool) {
	if len(g.actions) == 0 {
		return nil, false
	}
	a := g.actions[0]
	g.actions = g.actions[1:]
	return a, true
}

// message is a datagram that is being handled.
type message struct {
	Datagram
	header   wire.Header
	body     []byte // behind the header, in clear or encrypted
	payloads wire.Payloads
	plain    []byte // the payloads in clear
	next     []byte // IV that follows it, valid once it is verified
}

// end is where the chain ends in plain; padding follows.
func (m *message) end() int { return m.payloads.Len() }

// HandleDatagram takes an IKE datagram that arrived at now. The Gateway keeps
// its octets.
func (g *Gateway) HandleDatagram(now time.Time, d Datagram) {
	g.now = now
	if len(d.Data) == 1 && d.Data[0] == 0xff {
		return // a NAT keepalive on the wrong socket
	}
	if a, ok := g.answers.find(now, d.Data); ok {
		g.repeat(d, a)
		return
	}
	h, body, err := wire.ParseHeader(d.Data)
	if err != nil {
		g.logf("Drop a datagram of %d octets from %s: %v", len(d.Data), d.Remote, err)
		return
	}
	m := &message{Datagram: d, header: h, body: body}
	switch {
	case h.Major() == 2:
		g.version2(m)
	case h.NextPayload == wire.TypeFragment:
		g.fragment(m)
	case h.ResponderCookie.IsZero():
		g.begin(m)
	default:
		g.proceed(m)
	}
}

// repeat answers a duplicate with the same octets again, to where it came from.
func (g *Gateway) repeat(d Datagram, a answer) {
	g.logf("Received a duplicate from %s", d.Remote.Addr())
	if a.answered {
		a.out.to = d.origin()
		g.send(a.out)
	}
}

// begin takes the first message of a Phase 1.
func (g *Gateway) begin(m *message) {
	if !g.readClear(m) {
		return
	}
	var err error
	switch m.header.Exchange {
	case wire.ExchangeAggressive:
		err = g.aggressive1(m)
	case wire.ExchangeMain:
		err = g.main1(m)
	case wire.ExchangeInformational:
		g.clearInformational(m)
	default:
		err = errors.New("no exchange begins so")
	}
	if err != nil {
		g.refuseClear(m, err)
	}
}

// readClear reads and logs a message in clear.
func (g *Gateway) readClear(m *message) bool {
	if m.header.Encrypted() {
		g.logf("Drop %s from %s: encrypted, but there is no Phase 1", m.header.Summary(), m.Remote.Addr())
		return false
	}
	var err error
	if m.payloads, _, err = wire.ParsePayloads(m.header.NextPayload, m.body); err != nil {
		g.logf("Drop %s from %s: %v", m.header.Summary(), m.Remote.Addr(), err)
		return false
	}
	m.plain = m.body
	g.logReceived(m)
	return true
}

// proceed takes a message of a Phase 1 that has begun, or under it.
func (g *Gateway) proceed(m *message) {
	p := g.phase1(m.header)
	if p == nil {
		g.logf("Drop %s from %s: unknown cookies CKY-I=%s CKY-R=%s", m.header.Summary(), m.Remote.Addr(),
			m.header.InitiatorCookie, m.header.ResponderCookie)
		return
	}
	if err := p.handle(m); err != nil {
		p.refuse(m, err)
	}
}

// phase1 finds the Phase 1 of a message by both cookies.
func (g *Gateway) phase1(h wire.Header) *phase1 {
	for _, p := range g.phase1s {
		if p.cookieI == h.InitiatorCookie && p.cookieR == h.ResponderCookie {
			return p
		}
	}
	return nil
}

// octets are n random octets.
func (g *Gateway) octets(n int) []byte {
	b := make([]byte, n)
	if _, err := io.ReadFull(g.c.Rand, b); err != nil {
		panic("gateway: no random octets: " + err.Error())
	}
	return b
}

// messageID is a random message ID; zero belongs to Phase 1.
func (g *Gateway) messageID() uint32 { return max(1, binary.BigEndian.Uint32(g.octets(4))) }

// cookie is a random cookie.
func (g *Gateway) cookie() wire.Cookie { return wire.Cookie(g.octets(8)) }
