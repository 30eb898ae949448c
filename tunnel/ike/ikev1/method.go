package ikev1

import (
	"slices"

	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/wire"
)

// methodNumbers are the Authentication Methods that stand for a method, that
// which we offer first. The XAuth methods come in pairs that say which side's
// user is to be asked for (draft-beaulieu-ike-xauth-02 section 7,
// draft-zegman-ike-hybrid-auth-01 section 3.2).
var methodNumbers = map[ike.Method][]uint16{
	ike.MethodPSK:         {wire.AuthPSK},
	ike.MethodXAuthPSK:    {wire.AuthXAuthInitPSK, wire.AuthXAuthRespPSK, wire.AuthPSK},
	ike.MethodRSA:         {wire.AuthRSASignature},
	ike.MethodXAuthRSA:    {wire.AuthXAuthInitRSA, wire.AuthXAuthRespRSA, wire.AuthRSASignature},
	ike.MethodHybridXAuth: {wire.AuthHybridInitRSA, wire.AuthHybridRespRSA},
}

// methodNumber is the Authentication Method that we offer.
func methodNumber(m ike.Method) uint16 { return methodNumbers[m][0] }

// acceptable says that a gateway that starts a Phase 1 itself may choose this
// method: the plain one, or that of either side's user.
func acceptable(m ike.Method, number uint16) bool { return slices.Contains(methodNumbers[m], number) }
