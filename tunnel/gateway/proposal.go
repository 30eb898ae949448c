package gateway

import (
	"fmt"
	"strings"

	"muvpn/tunnel/ike/suite"
	"muvpn/tunnel/ike/wire"
)

// ParseProposal reads keywords such as "3des-sha1-modp1024", with or without a
// group.
func ParseProposal(s string) (suite.Proposal, error) {
	var p suite.Proposal
	for _, word := range strings.Split(s, "-") {
		place := placeOf(&p, word)
		if place == nil || *place != "" {
			return p, fmt.Errorf("proposal %q: %q is unknown or said twice", s, word)
		}
		*place = word
	}
	if p.Encryption == "" {
		return p, fmt.Errorf("proposal %q names no cipher", s)
	}
	return p, nil
}

// placeOf is the field of p that a keyword belongs into; nil if it is none.
func placeOf(p *suite.Proposal, word string) *string {
	if _, err := suite.EncryptionByKeyword(word); err == nil {
		return &p.Encryption
	}
	if _, err := suite.HashByKeyword(word); err == nil {
		return &p.Integrity
	}
	if _, err := suite.GroupByKeyword(word); err == nil {
		return &p.Group
	}
	return nil
}

// life is the lifetime that a transform asks for; zero: it does not say.
type life struct{ seconds, kilobytes uint64 }

// readLife collects the pairs of life type and life duration, whatever the
// length and the encoding of the durations (quirk 10).
func readLife(attributes []wire.Attribute, lifeType, duration wire.AttributeType) (l life) {
	unit := uint64(wire.LifeSeconds)
	for _, a := range attributes {
		n, ok := a.Uint()
		switch {
		case !ok:
		case a.Type == lifeType:
			unit = n
		case a.Type == duration && unit == wire.LifeSeconds:
			l.seconds = n
		case a.Type == duration && unit == wire.LifeKilobytes:
			l.kilobytes = n
		}
	}
	return l
}

// number is the value of the first attribute of type t; 0 if there is none.
func number(attributes []wire.Attribute, t wire.AttributeType) uint16 {
	a, _ := wire.Find(attributes, t)
	n, ok := a.Uint()
	if !ok || n > 0xffff {
		return 0
	}
	return uint16(n)
}

// choice is one transform of an offer.
type choice struct {
	offered   wire.Proposal // with all its transforms
	transform wire.Transform
	proposal  suite.Proposal
	method    Method // Phase 1
	life      life
	mode      uint16 // Phase 2: encapsulation mode
}

// answer is the SA payload that accepts the choice: the one transform as it
// was offered, under our SPI.
func (c choice) answer(spi []byte) wire.SA {
	p := c.offered
	p.SPI, p.Transforms = spi, []wire.Transform{c.transform}
	return wire.SA{Proposals: []wire.Proposal{p}}
}

// choosePhase1 takes the first transform of the offer that the configuration
// allows. The refusal names what the first one has wrong.
func (g *Gateway) choosePhase1(sa wire.SA) (choice, error) {
	var first error
	for _, offered := range sa.Proposals {
		for _, t := range offered.Transforms {
			p, err := g.allowPhase1(offered.Protocol, t)
			if err == nil {
				l := readLife(t.Attributes, wire.AttrLifeType, wire.AttrLifeDuration)
				m, _ := g.methodByNumber(number(t.Attributes, wire.AttrAuthentication))
				return choice{offered: offered, transform: t, proposal: p, method: m, life: l}, nil
			}
			if first == nil {
				first = err
			}
		}
	}
	return choice{}, first
}

// allowPhase1 says whether the configuration has the transform t.
func (g *Gateway) allowPhase1(protocol wire.Protocol, t wire.Transform) (suite.Proposal, error) {
	if protocol != wire.ProtocolISAKMP || t.ID != wire.TransformKeyIKE {
		return suite.Proposal{}, refuse(msgP1Proposal, wire.NotifyNoProposalChosen, "Received a proposal for %s, expecting ISAKMP", protocol)
	}
	method := number(t.Attributes, wire.AttrAuthentication)
	if _, ok := g.methodByNumber(method); !ok {
		return suite.Proposal{}, refuse(msgP1Method, wire.NotifyNoProposalChosen, "Received authentication method %s, expecting %s",
			wire.AuthenticationName(uint64(method)), wire.AuthenticationName(uint64(g.c.Phase1.Methods[0].number())))
	}
	got := suite.Phase1Numbers{
		Encryption: number(t.Attributes, wire.AttrEncryption),
		Hash:       number(t.Attributes, wire.AttrHash),
		Group:      number(t.Attributes, wire.AttrGroup),
		KeyLength:  number(t.Attributes, wire.AttrKeyLength),
	}
	p, err := got.Proposal()
	if err != nil {
		return p, refuse(msgP1Proposal, wire.NotifyNoProposalChosen, "Received %v", err)
	}
	for _, want := range g.c.Phase1.Proposals {
		if want == p {
			return p, nil
		}
	}
	return p, mismatchPhase1(p, g.c.Phase1.Proposals[0])
}

// mismatchPhase1 names the first algorithm that differs.
func mismatchPhase1(got, want suite.Proposal) error {
	id, what := msgP1Group, [2]string{got.Group, want.Group}
	switch {
	case got.Encryption != want.Encryption:
		id, what = msgP1Encryption, [2]string{got.Encryption, want.Encryption}
	case got.Integrity != want.Integrity:
		id, what = msgP1Hash, [2]string{got.Integrity, want.Integrity}
	}
	return refuse(id, wire.NotifyNoProposalChosen, "Received %s, expecting %s", what[0], what[1])
}

// choosePhase2 takes the first ESP transform of the offer that the
// configuration allows.
func (g *Gateway) choosePhase2(sa wire.SA, ke bool) (choice, error) {
	first := error(refuse(msgP2Proposal, wire.NotifyNoProposalChosen, "Received no ESP proposal with an SPI of 4 octets"))
	tried := false
	for _, offered := range sa.Proposals {
		if offered.Protocol != wire.ProtocolESP || len(offered.SPI) != 4 {
			continue
		}
		for _, t := range offered.Transforms {
			c, err := g.allowPhase2(t, ke)
			if err == nil {
				c.offered = offered
				return c, nil
			}
			if !tried {
				first, tried = err, true
			}
		}
	}
	return choice{}, first
}

// allowPhase2 says whether the configuration has the ESP transform t, offered
// with or without a KE payload.
func (g *Gateway) allowPhase2(t wire.Transform, ke bool) (choice, error) {
	c := choice{
		transform: t,
		life:      readLife(t.Attributes, wire.AttrESPLifeType, wire.AttrESPLifeDuration),
		mode:      number(t.Attributes, wire.AttrESPEncapsulation),
	}
	got, err := suite.Phase2Numbers{
		Transform: uint8(t.ID),
		Group:     number(t.Attributes, wire.AttrESPGroup),
		Auth:      number(t.Attributes, wire.AttrESPAuthentication),
		KeyLength: number(t.Attributes, wire.AttrESPKeyLength),
	}.Proposal()
	if err != nil {
		return c, refuse(msgP2Proposal, wire.NotifyNoProposalChosen, "Received %v", err)
	}
	if err := g.allowPFS(got.Group, ke); err != nil {
		return c, err
	}
	if !tunnelMode(c.mode) {
		return c, refuse(msgP2Mode, wire.NotifyNoProposalChosen, "Received mode %s, expecting Tunnel", wire.EncapsulationName(uint64(c.mode)))
	}
	for _, want := range g.c.Phase2.Proposals {
		if sameESP(want, got) {
			c.proposal = want
			c.proposal.Group = got.Group
			return c, nil
		}
	}
	return c, mismatchPhase2(got, g.c.Phase2.Proposals[0])
}

// sameESP compares the numbers that go over the wire: a truncation that is
// configured is not among them.
func sameESP(a, b suite.Proposal) bool {
	a.Group, b.Group = "", ""
	m, errA := a.Phase2()
	n, errB := b.Phase2()
	return errA == nil && errB == nil && m == n
}

// mismatchPhase2 names the first algorithm that differs.
func mismatchPhase2(got, want suite.Proposal) error {
	id, what := msgP2Authentication, [2]string{got.Integrity, want.Integrity}
	if got.Encryption != want.Encryption {
		id, what = msgP2Encryption, [2]string{got.Encryption, want.Encryption}
	}
	return refuse(id, wire.NotifyNoProposalChosen, "Received %s, expecting %s", what[0], what[1])
}

// allowPFS compares the group that the client asks for with the configured one.
func (g *Gateway) allowPFS(group string, ke bool) error {
	want := g.c.Phase2.PFS
	switch {
	case (group != "") != ke:
		return refuse(msgP2PFS, wire.NotifyNoProposalChosen, "Received a group without KE payload, or the reverse")
	case want == "any", want == group, want == "none" && group == "":
		return nil
	}
	if group == "" {
		group = "none"
	}
	return refuse(msgP2PFS, wire.NotifyNoProposalChosen, "Received PFS %s, expecting %s", group, want)
}

// tunnelMode says that the encapsulation mode is tunnel, in UDP or not.
func tunnelMode(mode uint16) bool { return mode == wire.EncapTunnel || udpMode(mode) }

// udpMode says that the encapsulation mode is tunnel in UDP.
func udpMode(mode uint16) bool {
	return mode == wire.EncapUDPTunnel || mode == wire.EncapUDPTunnelDraft
}
