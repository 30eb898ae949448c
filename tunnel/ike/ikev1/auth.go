package ikev1

import (
	"bytes"
	"crypto/hmac"
	"errors"
	"time"

	"muvpn/client/reason"
	"muvpn/profile/dn"
	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/wire"
)

// How Phase 1 is authenticated (RFC 2409 section 5, draft-zegman-ike-hybrid-
// auth-01). Both exchanges go the same way whatever the method: each side has
// HASH_I or HASH_R to prove, and its proof is the hash itself, made with the
// pre-shared key, or its certificate and its signature of the hash. In hybrid
// mode the gateway signs; we, who have no key, send the hash, which proves
// nothing but that we are the one who began, and the user follows in XAuth.

// unproved is a peer that has not proved who it is. Anybody can send such a
// message, so it ends nothing: the right one may follow.
type unproved struct {
	what string // for the log
	why  *reason.Reason
}

func (u unproved) Error() string { return u.what }

// doubt keeps why a message of the gateway did not prove who it is, and waits
// for another.
func (s *Session) doubt(now time.Time, a *attempt, head wire.Header, u unproved) {
	a.hint.replace(now, u.why)
	s.note(ike.Warn, "P1_HASH", u.what+"; waiting for another", append(about(head), ike.Field{Key: "seen", Value: u.why.Seen})...)
}

// ourHash is what we prove: HASH_I or HASH_R.
func (h *half) ourHash() []byte {
	if h.initiator {
		return h.keys.HashI(h.sa, h.idI)
	}
	return h.keys.HashR(h.sa, h.idR)
}

// peerHash is what the peer proves.
func (h *half) peerHash() []byte {
	if h.initiator {
		return h.keys.HashR(h.sa, h.idR)
	}
	return h.keys.HashI(h.sa, h.idI)
}

// proofMessage is the gateway's message that holds its proof.
func (h *half) proofMessage() string {
	switch {
	case h.exchange == wire.ExchangeMain && h.initiator:
		return "message 6"
	case h.exchange == wire.ExchangeMain:
		return "message 5"
	case h.initiator:
		return "message 2"
	}
	return "message 3"
}

// prove is our proof.
func (s *Session) prove(h *half) ([]wire.Payload, error) {
	if s.cfg.Method.Own() {
		return s.sign(h)
	}
	return []wire.Payload{wire.Hash(h.ourHash())}, nil
}

// authenticate verifies the peer's proof, which may stand anywhere in the
// message (quirk 4).
func (s *Session) authenticate(now time.Time, h *half, p wire.Payloads) error {
	if !s.cfg.Method.PSK() {
		return s.checkSignature(now, h, p)
	}
	hash, ok := wire.Get[wire.Hash](p)
	if !ok {
		return errors.New("without HASH")
	}
	if !hmac.Equal(hash, h.peerHash()) {
		return unproved{"wrong HASH_R in " + h.proofMessage(), pskWrong("HASH_R of " + h.proofMessage() + " does not fit the pre-shared key")}
	}
	return nil
}

// identity is our ID payload, with 0/0 or 17/500 (quirk 2).
func (s *Session) identity() wire.ID {
	id := wire.ID{IDType: wire.IDType(s.cfg.LocalID.Type), Data: s.cfg.LocalID.Data}
	if s.cfg.IDPort {
		id.Protocol, id.Port = 17, 500
	}
	return id
}

// checkID compares the identity that the peer has proved with the profile's.
// Where a certificate proved it, that was judged by it already.
func (s *Session) checkID(id wire.ID) bool {
	want := s.cfg.RemoteID
	same := id.IDType == wire.IDType(want.Type)
	switch wire.IDType(want.Type) {
	case 0:
		return true
	case wire.IDFQDN, wire.IDUserFQDN: // names are compared without regard to case
		return same && bytes.EqualFold(want.Data, id.Data)
	case wire.IDDERASN1DN:
		return !s.cfg.Method.PSK() || same && dn.Same(want.Data, id.Data)
	}
	return same && bytes.Equal(want.Data, id.Data)
}
