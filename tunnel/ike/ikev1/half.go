package ikev1

import (
	"crypto/x509"
	"errors"
	"io"
	"net/netip"

	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/suite"
	"muvpn/tunnel/ike/wire"
)

// half is a Phase 1 in the making: what both sides have said so far. What is
// hashed is kept as it was on the wire (quirk 3). A message is tried on a copy,
// so that a forged one leaves nothing behind.
type half struct {
	exchange  wire.Exchange
	initiator bool
	cookieI   wire.Cookie
	cookieR   wire.Cookie
	offered   []suite.Proposal
	terms     terms  // what was chosen
	sa        []byte // body of SAi
	idI, idR  []byte // bodies of IDii and IDir
	peerID    wire.ID
	cert      *x509.Certificate // that proved it; nil: none did
	aging     bool              // a certificate has a short key or an old signature
	ni, nr    []byte
	gxi, gxr  []byte
	key       *suite.PrivateKey
	traits    traits
	nat       ike.NAT
	path      path
	keys      *suite.Keys
	iv        []byte // of the next encrypted message of Phase 1
}

// nonceLen is the length of our nonces.
const nonceLen = 20

// random is n octets of the session's randomness.
func (s *Session) random(n int) ([]byte, error) {
	b := make([]byte, n)
	_, err := io.ReadFull(s.cfg.Rand, b)
	return b, err
}

// cookie is a new cookie; it is never zero.
func (s *Session) cookie() (wire.Cookie, error) {
	for {
		b, err := s.random(len(wire.Cookie{}))
		if c := wire.Cookie(b); err != nil || !c.IsZero() {
			return c, err
		}
	}
}

// header is the header of a message of this Phase 1.
func (h *half) header() wire.Header {
	return wire.Header{InitiatorCookie: h.cookieI, ResponderCookie: h.cookieR, Version: wire.Version1, Exchange: h.exchange}
}

// clear is a message in clear.
func (h *half) clear(p ...wire.Payload) message {
	head := h.header()
	return message{header: head, payloads: elements(p), raw: wire.AppendMessage(nil, head, p...)}
}

// sealed is an encrypted message; the IV moves on.
func (h *half) sealed(p ...wire.Payload) message {
	head := h.header()
	head.Flags |= wire.FlagEncryption
	head.NextPayload = wire.First(p...)
	var data []byte
	data, h.iv = h.keys.Encrypt(h.iv, wire.AppendPayloads(nil, p...))
	return message{header: head, payloads: elements(p), raw: head.Append(nil, data)}
}

func (h *half) natHash(a netip.AddrPort) []byte {
	hash, err := suite.HashByKeyword(h.terms.proposal.Integrity)
	if err != nil {
		return nil
	}
	return ike.NATHash(hash, h.cookieI, h.cookieR, a)
}

// exchangeKeys reads the peer's KE and nonce.
func (h *half) exchangeKeys(p wire.Payloads) error {
	ke, ok1 := wire.Get[wire.KeyExchange](p)
	nonce, ok2 := wire.Get[wire.Nonce](p)
	if !ok1 || !ok2 {
		return errors.New("without KE or nonce")
	}
	if h.initiator {
		h.gxr, h.nr = ke, nonce
	} else {
		h.gxi, h.ni = ke, nonce
	}
	return nil
}

// derive computes g^xy and the key schedule.
func (s *Session) derive(h *half) error {
	peer := h.gxr
	if !h.initiator {
		peer = h.gxi
	}
	shared, err := h.key.Shared(peer)
	if err != nil {
		return err
	}
	h.keys, err = suite.NewKeys(suite.Exchange{
		Proposal: h.terms.proposal, PSK: s.cfg.PSK, Signatures: !s.cfg.Method.PSK(), Ni: h.ni, Nr: h.nr,
		GXI: h.gxi, GXR: h.gxr, GXY: shared, CookieI: h.cookieI, CookieR: h.cookieR,
	})
	if err != nil {
		return err
	}
	h.iv = h.keys.IV()
	return nil
}

// identify reads the peer's ID.
func (h *half) identify(p wire.Payloads) error {
	e, ok := p.First(wire.TypeID)
	if !ok {
		return errors.New("without ID")
	}
	h.peerID, _ = wire.Get[wire.ID](p)
	if h.initiator {
		h.idR = e.Body
	} else {
		h.idI = e.Body
	}
	return nil
}
