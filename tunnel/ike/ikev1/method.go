package ikev1

import (
	"time"

	"muvpn/client/reason"
	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/wire"
)

// methods are the Authentication Methods that we offer, and that the gateway
// offers when it begins: the XAuth methods say which side's user is to be asked
// for (draft-beaulieu-ike-xauth-02 section 7, draft-zegman-ike-hybrid-auth-01
// section 3.2).
var methods = map[ike.Method]struct{ ours, theirs uint16 }{
	ike.MethodPSK:         {wire.AuthPSK, wire.AuthPSK},
	ike.MethodXAuthPSK:    {wire.AuthXAuthInitPSK, wire.AuthXAuthRespPSK},
	ike.MethodRSA:         {wire.AuthRSASignature, wire.AuthRSASignature},
	ike.MethodXAuthRSA:    {wire.AuthXAuthInitRSA, wire.AuthXAuthRespRSA},
	ike.MethodHybridXAuth: {wire.AuthHybridInitRSA, wire.AuthHybridRespRSA},
}

// method is the number of a method when we, or the gateway, begin.
func method(m ike.Method, ours bool) uint16 {
	if ours {
		return methods[m].ours
	}
	return methods[m].theirs
}

// wonder asks, after a gateway has chosen nothing of what a profile without XAuth
// offers, or has no use for the identity (strongSwan says so, then), whether it
// takes the same with XAuth. It is to know what to say: no SA
// comes of it. False if there is nothing to ask.
func (s *Session) wonder(now time.Time, refusal *reason.Reason) bool {
	asks := (refusal.Code == reason.P1Proposal || refusal.Code == reason.IDUnknown) && refusal.Side == reason.Gateway
	if !asks || s.cfg.Method != ike.MethodPSK || s.current() != nil {
		return false
	}
	s.note(ike.Info, "P1_XAUTH", "refused: "+refusal.Seen+"; does the gateway want XAuth?")
	s.cfg.Method, s.wondering = ike.MethodXAuthPSK, refusal
	s.cfg.GiveUp = 2 * hintWait // the user waits for bad news
	s.startPhase1(now, s.path(false))
	s.probes = probes{}
	return true
}

// xauthExpected is the Reason for a gateway that wants to know the user, too.
func xauthExpected(seen string) *reason.Reason {
	return &reason.Reason{
		Code: reason.XAuthExpected, Side: reason.Gateway,
		Seen: seen, Expected: "a gateway that takes the pre-shared key alone, or a profile with XAuth",
	}
}
