package ikev1

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"muvpn/tunnel/ike/suite"
	"muvpn/tunnel/ike/wire"
)

// terms are what one transform says: its algorithms and how long they serve.
type terms struct {
	proposal  suite.Proposal
	seconds   uint64 // 0: not said
	kilobytes uint64 // 0: not said
	mode      uint64 // Encapsulation Mode of Phase 2
}

// errNotOffered is a choice that is none of what was offered.
var errNotOffered = errors.New("not one that was offered")

// usable are the proposals that may be offered: without security "legacy"
// nothing broken, and NULL encryption never.
func usable(proposals []suite.Proposal, legacy bool) []suite.Proposal {
	var out []suite.Proposal
	for _, p := range proposals {
		if p.Encryption != "null" && (legacy || !p.Broken()) {
			out = append(out, p)
		}
	}
	return out
}

// batches are what is offered one after the other: in Aggressive Mode, whose
// first message holds a public value, runs of one group (quirk 6), strictly in
// the profile's order; in Main Mode all at once.
func batches(proposals []suite.Proposal, aggressive bool) [][]suite.Proposal {
	var out [][]suite.Proposal
	for _, p := range proposals {
		last := len(out) - 1
		if last < 0 || aggressive && out[last][0].Group != p.Group {
			out = append(out, nil)
			last++
		}
		out[last] = append(out[last], p)
	}
	return out
}

// names joins proposals for people.
func names(proposals []suite.Proposal) string {
	words := make([]string, len(proposals))
	for i, p := range proposals {
		words[i] = p.String()
	}
	return strings.Join(words, ", ")
}

// phase1SA offers the proposals, one transform each, all with one lifetime
// (quirk 10).
func phase1SA(proposals []suite.Proposal, method uint16, lifetime time.Duration) (wire.SA, error) {
	p := wire.Proposal{Number: 1, Protocol: wire.ProtocolISAKMP}
	for i, proposal := range proposals {
		n, err := proposal.Phase1()
		if err != nil {
			return wire.SA{}, err
		}
		p.Transforms = append(p.Transforms, wire.Transform{
			Number: uint8(i + 1), ID: wire.TransformKeyIKE,
			Attributes: phase1Attributes(n, method, lifetime),
		})
	}
	return wire.SA{Proposals: []wire.Proposal{p}}, nil
}

// phase1Attributes says the cipher, then its key length (quirk 8), and the
// rest.
func phase1Attributes(n suite.Phase1Numbers, method uint16, lifetime time.Duration) []wire.Attribute {
	a := []wire.Attribute{wire.TV(wire.AttrEncryption, n.Encryption)}
	if n.KeyLength != 0 {
		a = append(a, wire.TV(wire.AttrKeyLength, n.KeyLength))
	}
	return append(a,
		wire.TV(wire.AttrHash, n.Hash),
		wire.TV(wire.AttrAuthentication, method),
		wire.TV(wire.AttrGroup, n.Group),
		wire.TV(wire.AttrLifeType, wire.LifeSeconds),
		wire.Number(wire.AttrLifeDuration, seconds(lifetime)),
	)
}

// phase2SA offers the proposals as transforms of one ESP SA. A group asks for
// PFS.
func phase2SA(o phase2Offer) (wire.SA, error) {
	p := wire.Proposal{Number: 1, Protocol: wire.ProtocolESP, SPI: spiOctets(o.spi)}
	for i, proposal := range o.proposals {
		proposal.Group = o.group
		n, err := proposal.Phase2()
		if err != nil {
			return wire.SA{}, err
		}
		p.Transforms = append(p.Transforms, wire.Transform{
			Number: uint8(i + 1), ID: wire.TransformID(n.Transform), Attributes: o.attributes(n),
		})
	}
	return wire.SA{Proposals: []wire.Proposal{p}}, nil
}

// phase2Offer is what one Quick Mode offers.
type phase2Offer struct {
	proposals []suite.Proposal
	group     string // PFS; empty: none
	spi       uint32
	mode      uint16 // Encapsulation Mode
	lifetime  time.Duration
	kilobytes uint64 // 0: no limit
}

func (o phase2Offer) attributes(n suite.Phase2Numbers) []wire.Attribute {
	a := []wire.Attribute{
		wire.TV(wire.AttrESPLifeType, wire.LifeSeconds),
		wire.Number(wire.AttrESPLifeDuration, seconds(o.lifetime)),
	}
	if o.kilobytes != 0 {
		a = append(a, wire.TV(wire.AttrESPLifeType, wire.LifeKilobytes),
			wire.Number(wire.AttrESPLifeDuration, uint32(min(o.kilobytes, 1<<32-1))))
	}
	if n.Group != 0 {
		a = append(a, wire.TV(wire.AttrESPGroup, n.Group))
	}
	a = append(a, wire.TV(wire.AttrESPEncapsulation, o.mode))
	if n.Auth != 0 {
		a = append(a, wire.TV(wire.AttrESPAuthentication, n.Auth))
	}
	if n.KeyLength != 0 {
		a = append(a, wire.TV(wire.AttrESPKeyLength, n.KeyLength))
	}
	return a
}

// phase1Choice reads the gateway's choice: one transform that is, attribute by
// attribute, one of those offered. Numbers do not count (quirk 9), and the
// lifetime may differ (quirk 10).
func phase1Choice(sa wire.SA, offered []suite.Proposal, method uint16) (terms, error) {
	_, t, err := single(sa, wire.ProtocolISAKMP)
	if err != nil {
		return terms{}, fmt.Errorf("%w: %w", errNotOffered, err)
	}
	chosen, err := phase1Terms(t, method)
	if err != nil {
		return terms{}, fmt.Errorf("%w: %w", errNotOffered, err)
	}
	if !slices.Contains(offered, chosen.proposal) {
		return chosen, fmt.Errorf("%s is %w", chosen.proposal, errNotOffered)
	}
	return chosen, nil
}

// phase2Choice reads the gateway's choice in Quick Mode and its SPI.
func phase2Choice(sa wire.SA, o phase2Offer) (terms, uint32, error) {
	p, t, err := single(sa, wire.ProtocolESP)
	if err != nil {
		return terms{}, 0, err
	}
	spi, err := espSPI(p.SPI)
	if err != nil {
		return terms{}, 0, err
	}
	chosen, err := phase2Terms(t)
	if err != nil {
		return terms{}, 0, err
	}
	ours, ok := o.find(chosen)
	if !ok {
		return chosen, spi, fmt.Errorf("%s in mode %s is %w", chosen.proposal, wire.EncapsulationName(chosen.mode), errNotOffered)
	}
	chosen.proposal = ours
	return chosen, spi, nil
}

// find is the offered proposal that t says, if it is one.
func (o phase2Offer) find(t terms) (suite.Proposal, bool) {
	for _, p := range o.proposals {
		p.Group = o.group
		if t.mode == uint64(o.mode) && onWire(p) == t.proposal {
			return p, true
		}
	}
	return suite.Proposal{}, false
}

// onWire is p as its numbers say it: truncation has none.
func onWire(p suite.Proposal) suite.Proposal {
	if p.Integrity == "sha256_96" {
		p.Integrity = "sha256"
	}
	return p
}

// single is the one proposal with one transform that an answer holds.
func single(sa wire.SA, protocol wire.Protocol) (wire.Proposal, wire.Transform, error) {
	if len(sa.Proposals) != 1 || len(sa.Proposals[0].Transforms) != 1 {
		return wire.Proposal{}, wire.Transform{}, errors.New("an answer with more than one transform")
	}
	p := sa.Proposals[0]
	if p.Protocol != protocol {
		return p, p.Transforms[0], fmt.Errorf("an SA of %s instead of %s", p.Protocol, protocol)
	}
	return p, p.Transforms[0], nil
}

// alternative is one transform of the gateway's offer that can be read: its
// terms, and the proposal with that transform only, to be sent back.
type alternative struct {
	terms    terms
	proposal wire.Proposal
}

// alternatives are what an offer of the gateway leaves to choose from, in its
// order. A proposal that goes together with one of another protocol is none.
func alternatives(sa wire.SA, protocol wire.Protocol, read func(wire.Transform) (terms, error)) []alternative {
	var out []alternative
	for _, p := range sa.Proposals {
		if p.Protocol != protocol || bundled(sa, p) {
			continue
		}
		for _, t := range p.Transforms {
			if got, err := read(t); err == nil {
				p.Transforms = []wire.Transform{t}
				out = append(out, alternative{got, p})
			}
		}
	}
	return out
}

// bundled says that p is to be used together with another protocol.
func bundled(sa wire.SA, p wire.Proposal) bool {
	return slices.ContainsFunc(sa.Proposals, func(other wire.Proposal) bool {
		return other.Number == p.Number && other.Protocol != p.Protocol
	})
}

// phase1Terms reads a Phase 1 transform. An attribute that we never offer, or a
// value twice, is an error.
func phase1Terms(t wire.Transform, method uint16) (terms, error) {
	if t.ID != wire.TransformKeyIKE {
		return terms{}, fmt.Errorf("transform %d is not KEY_IKE", t.ID)
	}
	r := reader{life: wire.AttrLifeType, duration: wire.AttrLifeDuration}
	for _, a := range t.Attributes {
		r.take(a)
	}
	said := r.value(wire.AttrAuthentication)
	n := suite.Phase1Numbers{
		Encryption: r.value(wire.AttrEncryption), Hash: r.value(wire.AttrHash),
		Group: r.value(wire.AttrGroup), KeyLength: r.value(wire.AttrKeyLength),
	}
	if err := r.done(); err != nil {
		return terms{}, err
	}
	if said != method {
		return terms{}, fmt.Errorf("authentication %s is not %s", wire.AuthenticationName(uint64(said)), wire.AuthenticationName(uint64(method)))
	}
	p, err := n.Proposal()
	return terms{proposal: p, seconds: r.seconds, kilobytes: r.kilobytes}, err
}

// phase2Terms reads an ESP transform.
func phase2Terms(t wire.Transform) (terms, error) {
	r := reader{life: wire.AttrESPLifeType, duration: wire.AttrESPLifeDuration}
	for _, a := range t.Attributes {
		r.take(a)
	}
	mode := r.value(wire.AttrESPEncapsulation)
	n := suite.Phase2Numbers{
		Transform: uint8(t.ID), Auth: r.value(wire.AttrESPAuthentication),
		Group: r.value(wire.AttrESPGroup), KeyLength: r.value(wire.AttrESPKeyLength),
	}
	if err := r.done(); err != nil {
		return terms{}, err
	}
	p, err := n.Proposal()
	return terms{proposal: p, seconds: r.seconds, kilobytes: r.kilobytes, mode: uint64(mode)}, err
}
