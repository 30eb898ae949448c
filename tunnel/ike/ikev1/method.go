package ikev1

import (
	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/wire"
)

// methodNumber is the Authentication Method that we offer. The XAuth methods
// come in pairs that say which side's user is to be asked for; as initiator we
// offer our own (draft-beaulieu-ike-xauth-02 section 7).
func methodNumber(m ike.Method) uint16 {
	if m == ike.MethodXAuthPSK {
		return wire.AuthXAuthInitPSK
	}
	return wire.AuthPSK
}

// acceptable says that a gateway that starts a Phase 1 itself may choose this
// method: the plain one, or that of either side's user.
func acceptable(m ike.Method, number uint16) bool {
	switch number {
	case wire.AuthPSK:
		return m.PSK()
	case wire.AuthXAuthInitPSK, wire.AuthXAuthRespPSK:
		return m == ike.MethodXAuthPSK
	}
	return false
}
