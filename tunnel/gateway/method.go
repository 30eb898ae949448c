package gateway

import (
	"slices"

	"muvpn/tunnel/ike/wire"
)

// Method is a way in which Phase 1 and the user behind it prove who they are.
type Method string

// The methods.
const (
	MethodPSK         Method = "psk"
	MethodPSKXAuth    Method = "psk-xauth"
	MethodRSA         Method = "rsa"
	MethodRSAXAuth    Method = "rsa-xauth"
	MethodHybridXAuth Method = "hybrid-xauth" // only the gateway has a certificate
)

// AllMethods are all that a gateway can be told to accept.
var AllMethods = []Method{MethodPSK, MethodPSKXAuth, MethodRSA, MethodRSAXAuth, MethodHybridXAuth}

// number is the method's in a transform. XAuth has two for each: the one in
// which the initiator of Phase 1 is the user is the one for a gateway that
// never begins a Phase 1.
func (m Method) number() uint16 {
	return map[Method]uint16{
		MethodPSK:         wire.AuthPSK,
		MethodPSKXAuth:    wire.AuthXAuthInitPSK,
		MethodRSA:         wire.AuthRSASignature,
		MethodRSAXAuth:    wire.AuthXAuthInitRSA,
		MethodHybridXAuth: wire.AuthHybridInitRSA,
	}[m]
}

// xauth says that the user is asked by XAuth.
func (m Method) xauth() bool {
	return m == MethodPSKXAuth || m == MethodRSAXAuth || m == MethodHybridXAuth
}

// psk says that both sides prove themselves with a pre-shared key.
func (m Method) psk() bool { return m == MethodPSK || m == MethodPSKXAuth }

// certified says that the client has a certificate too.
func (m Method) certified() bool { return m == MethodRSA || m == MethodRSAXAuth }

// methodByNumber is the configured method of a transform; false if it is none.
func (g *Gateway) methodByNumber(n uint16) (Method, bool) {
	i := slices.IndexFunc(g.c.Phase1.Methods, func(m Method) bool { return m.number() == n })
	if i < 0 {
		return "", false
	}
	return g.c.Phase1.Methods[i], true
}
