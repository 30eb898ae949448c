package ikev1

import (
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"muvpn/client/reason"
	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/suite"
	"muvpn/tunnel/ike/wire"
)

// sa is an established Phase 1 SA (ISAKMP SA), authenticated by both sides.
type sa struct {
	exchange  wire.Exchange
	cookieI   wire.Cookie
	cookieR   wire.Cookie
	initiator bool // we started it
	keys      *suite.Keys
	last      []byte // last ciphertext block of Phase 1, which message IVs are made of
	proposal  suite.Proposal
	traits    traits
	nat       ike.NAT
	path      path
	life      ike.Lifetime
	retireAt  time.Time // when a replaced one is deleted; zero: in use

	progress     progress
	login        login          // XAuth
	transactions []*transaction // the newest last
	quicks       []*quick       // Quick Modes, running or just done
	used         []uint32       // message IDs that were used, the newest last
	anew         int            // how often the configuration was asked for anew

	third     ike.Datagram // message 3 of Aggressive Mode, until something comes back
	thirdLost bool         // the gateway repeats message 2
	heard     bool         // an authenticated message came under this SA
}

const (
	// retireAfter is how long a replaced Phase 1 SA still receives before it
	// is deleted: the gateway moves its SA pairs to the new one meanwhile.
	retireAfter = 10 * time.Second
	// maxUsed bounds the memory of message IDs.
	maxUsed = 1024
)

// establish makes an SA of a Phase 1 that is authenticated. third is our last
// message of Aggressive Mode.
func (s *Session) establish(now time.Time, h *half, third ike.Datagram) {
	duration := shorter(s.cfg.Lifetime, h.terms.seconds)
	life, err := ike.NewLifetime(now, duration, h.terms.kilobytes, false, s.cfg.Rand)
	if err != nil {
		s.fault(now, err)
		return
	}
	a := &sa{
		exchange: h.exchange, cookieI: h.cookieI, cookieR: h.cookieR, initiator: h.initiator,
		keys: h.keys, last: h.iv, proposal: h.terms.proposal,
		traits: h.traits, nat: h.nat, path: h.path, life: life, third: third,
	}
	replaced := s.current()
	s.finish(h)
	s.probes, s.retryP1, s.failedP1 = probes{}, time.Time{}, nil
	s.sas = append(s.sas, a)
	s.fragmenting = a.traits.fragmentation
	s.noteCertificate(now, h.cert)
	s.noteEstablished(a, h, duration, replaced != nil || s.connected)
	s.watch(now, a)
	if s.ended {
		return
	}
	if !a.path.encap && !s.cfg.RawESP {
		s.down(now, s.noRawESP())
		return
	}
	if s.wondering != nil {
		s.down(now, xauthExpected(s.wondering.Seen+", while the same with XAuth is taken"))
		return
	}
	s.greet(now, a)
	if !s.ended {
		s.lead(now, a)
	}
}

// finish ends the exchange that has brought h about. When both sides had begun
// one, the other goes on if the gateway may hold its SA to be up already.
func (s *Session) finish(h *half) {
	if h.initiator {
		s.attempt = nil
		return
	}
	s.responding = nil
	if a := s.attempt; a != nil && a.stage != message5 {
		s.attempt = nil
	}
}

// noRawESP is the Reason for an SA that would need what this system denies us.
func (s *Session) noRawESP() *reason.Reason {
	return &reason.Reason{
		Code: reason.NoPrivilege, Side: reason.Client,
		Seen:     "there is no UDP encapsulation with this gateway, and IP protocol 50 is not permitted to us",
		Expected: "a gateway that knows NAT traversal, or the privilege to send IP protocol 50",
	}
}

func (s *Session) noteEstablished(a *sa, h *half, life time.Duration, rekey bool) {
	role := "initiator"
	if !a.initiator {
		role = "responder"
	}
	head := wire.Header{Exchange: a.exchange, InitiatorCookie: a.cookieI, ResponderCookie: a.cookieR}
	s.note(ike.Info, "P1_DONE", "Phase 1 completed as "+role, append(about(head),
		ike.Field{Key: "proposal", Value: a.proposal.String()}, ike.Field{Key: "peer_id", Value: h.peerID.Summary()})...)
	s.notePeer(a.traits.vendors)
	s.note(ike.Info, "NAT", fmt.Sprintf("NAT: %s (%s)", a.nat, a.traits.nat), ike.Field{Key: "encap", Value: a.path.encap})
	s.say(ike.IKEUp{
		Version: 1, Exchange: exchangeName(a.exchange),
		InitiatorCookie: a.cookieI, ResponderCookie: a.cookieR,
		Proposal: a.proposal, Lifetime: life, NAT: a.nat.String(), AgingProof: h.aging, Rekey: rekey,
	})
}

func exchangeName(e wire.Exchange) string {
	if e == wire.ExchangeAggressive {
		return "aggressive"
	}
	return "main"
}

// watch starts dead peer detection, if the peer knows it (quirk 19), and
// keepalives, if we are behind a NAT or pretend it.
func (s *Session) watch(now time.Time, a *sa) {
	first, err := s.random(4)
	if err != nil {
		s.fault(now, err)
		return
	}
	if s.dpd = (ike.DPD{}); a.traits.dpd {
		s.dpd = ike.NewDPD(now, s.cfg.DPD, binary.BigEndian.Uint32(first))
	}
	if s.keepalive = (ike.Keepalive{}); a.nat.Here || a.nat.Forced {
		s.keepalive.Start(now)
	}
}

// retire lets every SA older than a go, after a while in which it still
// receives.
func (s *Session) retire(now time.Time, a *sa) {
	for _, old := range s.sas[:slices.Index(s.sas, a)] {
		if soon := now.Add(retireAfter); old.retireAt.IsZero() || old.retireAt.After(soon) {
			old.retireAt = soon
		}
	}
}

// greet sends INITIAL-CONTACT, once and not at a rekey (quirk 17).
func (s *Session) greet(now time.Time, a *sa) {
	if s.greeted || !a.initiator {
		return
	}
	s.greeted = true
	s.inform(now, a, wire.Notify{
		DOI: 1, Protocol: wire.ProtocolISAKMP, NotifyType: wire.NotifyInitialContact, SPI: a.cookies(),
	})
}

// is says that a header belongs to the SA.
func (a *sa) is(h wire.Header) bool {
	return h.InitiatorCookie == a.cookieI && h.ResponderCookie == a.cookieR
}

// cookies are both cookies, the SPI of an ISAKMP SA.
func (a *sa) cookies() []byte { return slices.Concat(a.cookieI[:], a.cookieR[:]) }

// header is the header of a message under the SA, encrypted.
func (a *sa) header(exchange wire.Exchange, id uint32) wire.Header {
	return wire.Header{
		InitiatorCookie: a.cookieI, ResponderCookie: a.cookieR, Version: wire.Version1,
		Exchange: exchange, Flags: wire.FlagEncryption, MessageID: id,
	}
}

// seal is a message under the SA: HASH, then the payloads. It returns the IV
// of the next message, too.
func (a *sa) seal(h wire.Header, iv, hash []byte, p ...wire.Payload) (message, []byte) {
	all := append([]wire.Payload{wire.Hash(hash)}, p...)
	h.NextPayload = wire.First(all...)
	data, next := a.keys.Encrypt(iv, wire.AppendPayloads(nil, all...))
	return message{header: h, payloads: elements(all), raw: h.Append(nil, data)}, next
}

// use notes that a message ID was used; false if it was before.
func (a *sa) use(id uint32) bool {
	if slices.Contains(a.used, id) {
		return false
	}
	if len(a.used) == maxUsed {
		a.used = append(a.used[:0], a.used[1:]...)
	}
	a.used = append(a.used, id)
	return true
}

// messageID is a new message ID.
func (s *Session) messageID(a *sa) (uint32, error) {
	for {
		b, err := s.random(4)
		if err != nil {
			return 0, err
		}
		if id := binary.BigEndian.Uint32(b); id != 0 && a.use(id) {
			return id, nil
		}
	}
}

// next adds what the SA and its exchanges wait for.
func (a *sa) next(e *earliest) {
	e.at(a.retireAt)
	e.at(a.login.until)
	e.add(a.login.nudge.Next())
	for _, t := range a.transactions {
		e.add(t.request.Next())
	}
	for _, q := range a.quicks {
		q.next(e)
	}
}

// handleEstablished takes a message that has the cookies of an SA.
func (s *Session) handleEstablished(now time.Time, a *sa, in packet) {
	switch {
	case !in.head.Encrypted():
		s.handleClear(now, a, in)
	case in.head.MessageID == 0:
		s.drop(now, in.head.Summary()+" after Phase 1")
	case in.head.Exchange == wire.ExchangeQuick:
		s.handleQuick(now, a, in)
	case in.head.Exchange == wire.ExchangeInformational:
		s.handleInformational(now, a, in)
	case in.head.Exchange == wire.ExchangeTransaction:
		s.handleTransaction(now, a, in)
	default:
		s.drop(now, in.head.Summary()+" is not expected")
	}
}

// alive notes an authenticated message of the gateway.
func (s *Session) alive(now time.Time, a *sa) {
	a.heard, a.third = true, ike.Datagram{}
	s.dpd.Inbound(now)
}

// remove forgets the SA. Quick Modes that it leaves unfinished are begun again
// under another one, which stays even if it was to be retired; DELETEs that were
// held for them count now.
func (s *Session) remove(now time.Time, a *sa) {
	s.sas = slices.DeleteFunc(s.sas, func(b *sa) bool { return a == b })
	if left := s.current(); left != nil && !left.retireAt.IsZero() {
		left.retireAt, s.retryP1 = time.Time{}, now.Add(retryRekey)
	}
	for _, q := range a.quicks {
		switch {
		case !q.request.Waiting():
		case !q.initiator:
			s.quickUnconfirmed(now, q)
		case q.replaces != nil:
			q.replaces.rekeying, q.replaces.retryAt = false, now
		}
		s.release(now, q)
	}
	a.keys.Wipe()
	if s.current() != nil && !s.cfg.OnDemand {
		s.askMissing(now)
	}
}
