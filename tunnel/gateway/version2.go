package gateway

import (
	"slices"

	"muvpn/tunnel/ike/wire"
)

// What IKEv2 has other numbers for (RFC 7296 sections 3.1 and 3.10).
const (
	flagResponse      wire.Flags       = 0x20
	typeNotify2       wire.PayloadType = 41
	noProposalChosen2                  = 14
)

// version2 answers IKE_SA_INIT with NO_PROPOSAL_CHOSEN if the configuration
// wants IKEv2 to be there, which is enough for a client that asks which version
// the gateway speaks.
func (g *Gateway) version2(m *message) {
	h := m.header
	g.logf("FROM %s %s%s", m.Remote.Addr(), h.Summary(), cookies(h))
	if h.Exchange != wire.ExchangeIKESAInit || !slices.Contains(g.c.Phase1.Exchanges, wire.ExchangeIKESAInit) {
		g.logRefusal(m, refuse(msgVersion, 0, "Received IKEv2, expecting IKEv1"))
		return
	}
	h.ResponderCookie, h.NextPayload, h.Flags = g.cookie(), typeNotify2, flagResponse
	notify := []byte{0, 0, 0, 8, 0, 0, 0, noProposalChosen2}
	g.reply(m, outgoing{step: StepSAInit, words: h.Summary() + " NO_PROPOSAL_CHOSEN", header: h, to: m.origin(), data: h.Append(nil, notify)})
}
