package ikev1

import (
	"fmt"
	"time"

	"muvpn/client/reason"
	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/suite"
	"muvpn/tunnel/ike/wire"
)

// probes find out why message 1 of Phase 1 stays unanswered: one message 1 of
// Main Mode and one IKE_SA_INIT, sent once at half the time. No answer to them
// is ever acted upon but in words. The zero value is none sent.
type probes struct {
	at   time.Time // when to send
	sent bool
	main probe
	v2   probe
}

type probe struct {
	cookie   wire.Cookie
	answered bool
}

// next is when the probes are due.
func (p *probes) next() (time.Time, bool) { return p.at, !p.at.IsZero() }

// probesDue sends the probes if message 1 is still unanswered. In Main Mode
// the first of them is what we send anyway.
func (s *Session) probesDue(now time.Time) {
	if !due(now, s.probes.at) {
		return
	}
	s.probes.at = time.Time{}
	a := s.attempt
	if a == nil || a.stage != message1 || a.hint.reason != nil {
		return
	}
	s.probes.sent = true
	if err := s.sendProbes(s.path(false)); err != nil {
		s.fault(now, err)
	}
}

// sendProbes sends them along p.
func (s *Session) sendProbes(p path) (err error) {
	if s.cfg.Aggressive {
		if s.probes.main.cookie, err = s.cookie(); err != nil {
			return err
		}
		if err := s.probeMain(p); err != nil {
			return err
		}
	}
	if s.probes.v2.cookie, err = s.cookie(); err != nil {
		return err
	}
	return s.probeV2(p)
}

func (s *Session) probeMain(p path) error {
	offer, err := phase1SA(s.cfg.Phase1, method(s.cfg.Method, true), s.cfg.Lifetime)
	if err != nil {
		return err
	}
	h := half{exchange: wire.ExchangeMain, cookieI: s.probes.main.cookie}
	s.note(ike.Info, "PROBE", "no answer yet; does the gateway answer Main Mode?")
	s.transmit(p, h.clear(offer))
	return nil
}

// probeV2 sends an IKE_SA_INIT (RFC 7296 section 1.2) with one proposal, KE and
// nonce. Whether its proposal is accepted does not matter.
func (s *Session) probeV2(p path) error {
	group, err := suite.GroupByKeyword("ecp256")
	if err != nil {
		return err
	}
	key, err := group.Generate(s.cfg.Rand)
	if err != nil {
		return err
	}
	nonce, err := s.random(nonceLen)
	if err != nil {
		return err
	}
	s.note(ike.Info, "PROBE", "no answer yet; does the gateway answer IKEv2?")
	s.send(p.datagram(ikeSAInit(s.probes.v2.cookie, key.Public(), nonce)))
	return nil
}

// ikeSAInit is an IKE_SA_INIT that offers AES-128, SHA-256 and group 19.
func ikeSAInit(spi wire.Cookie, public, nonce []byte) []byte {
	const (
		flagInitiator = 0x08
		payloadSA     = 33
		payloadKE     = 34
		payloadNonce  = 40
	)
	transforms := []byte{
		3, 0, 0, 12, 1, 0, 0, 12, 0x80, 14, 0, 128, // ENCR_AES_CBC, 128 bits
		3, 0, 0, 8, 2, 0, 0, 5, // PRF_HMAC_SHA2_256
		3, 0, 0, 8, 3, 0, 0, 12, // AUTH_HMAC_SHA2_256_128
		0, 0, 0, 8, 4, 0, 0, 19, // 256-bit random ECP group
	}
	proposal := append([]byte{0, 0, 0, byte(8 + len(transforms)), 1, 1, 0, 4}, transforms...)
	generic := func(next byte, body []byte) []byte {
		return append([]byte{next, 0, 0, byte(4 + len(body))}, body...)
	}
	body := generic(payloadKE, proposal)
	body = append(body, generic(payloadNonce, append([]byte{0, 19, 0, 0}, public...))...)
	body = append(body, generic(0, nonce)...)
	h := wire.Header{
		InitiatorCookie: spi, NextPayload: payloadSA, Version: wire.Version2,
		Exchange: wire.ExchangeIKESAInit, Flags: flagInitiator,
	}
	return h.Append(nil, body)
}

// concerns says that a header answers one of the probes.
func (p *probes) concerns(h wire.Header) bool {
	return !h.InitiatorCookie.IsZero() && (h.InitiatorCookie == p.main.cookie || h.InitiatorCookie == p.v2.cookie)
}

// probeAnswered notes that a probe was answered, by whatever. A gateway that
// knows only IKEv1 answers the IKE_SA_INIT in IKEv1.
func (s *Session) probeAnswered(now time.Time, h wire.Header) {
	p := &s.probes
	if !p.concerns(h) {
		s.drop(now, fmt.Sprintf("IKE version %d", h.Major()))
		return
	}
	s.note(ike.Info, "PROBE", "FROM "+s.gateway()+" an answer to the probe: "+h.Summary(), about(h)...)
	switch {
	case h.InitiatorCookie == p.main.cookie:
		p.main.answered = true
	case h.Major() == 2 && h.Exchange == wire.ExchangeIKESAInit:
		p.v2.answered = true
	default:
		p.main.answered = true // somebody is there, and it is not IKEv2
	}
}

// narrow makes more of the silence: somebody who answers the probes has other
// grounds for it.
func (p *probes) narrow(r *reason.Reason, id ike.ID) {
	us := wire.ID{IDType: wire.IDType(id.Type), Data: id.Data}
	switch {
	case p.main.answered:
		r.Code, r.Side = reason.IDUnknown, reason.Gateway
		r.Seen += ", while a probe of Main Mode was answered"
	case p.v2.answered:
		r.Code, r.Side = reason.ModeMismatch, reason.Gateway
		r.Seen += ", while a probe of IKEv2 was answered"
	case p.sent:
		r.Seen += ", as were the probes"
		return
	default:
		return
	}
	r.Expected = fmt.Sprintf("one of: the identity %s known there (ID_UNKNOWN), or the exchange of the profile allowed there (MODE_MISMATCH)", us.Summary())
}
