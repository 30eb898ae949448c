package wire

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// SA is the Security Association payload (RFC 2408 section 3.4, RFC 2407
// section 4.6.1) with the proposals in it. Only the IPsec DOI and the
// situation "identity only" exist in the field; others are refused.
//
//	|              Domain of Interpretation (DOI) = 1               |
//	|              Situation = 1 (identity only)                    |
//	|              Proposals                                        |
type SA struct{ Proposals []Proposal }

// Proposal is one proposal (RFC 2408 section 3.5) of an SA. Proposals of equal
// number belong together.
//
//	| 2 or 0 (last) |   RESERVED    |         Payload Length        |
//	|  Proposal #   |  Protocol-Id  |    SPI Size   |# of Transforms|
//	|                        SPI (variable)                         |
//	|                        Transforms                             |
type Proposal struct {
	Number     uint8
	Protocol   Protocol
	SPI        []byte
	Transforms []Transform
}

// Transform is one transform (RFC 2408 section 3.6) of a proposal.
//
//	| 3 or 0 (last) |   RESERVED    |         Payload Length        |
//	|  Transform #  |  Transform-Id |           RESERVED2           |
//	|                       SA Attributes                           |
type Transform struct {
	Number     uint8
	ID         TransformID
	Attributes []Attribute
}

const (
	doiIPsec              uint32 = 1 // RFC 2407
	situationIdentityOnly uint32 = 1 // RFC 2407 section 4.2.1

	typeProposal  PayloadType = 2 // inside an SA only
	typeTransform PayloadType = 3 // inside a proposal only
)

// Type is TypeSA.
func (SA) Type() PayloadType { return TypeSA }

// parseSA reads the body of an SA payload.
func parseSA(b []byte, left *limits) (SA, error) {
	if len(b) < 8 {
		return SA{}, malformed(0, "%d octets are too few for DOI and situation", len(b))
	}
	if doi := binary.BigEndian.Uint32(b); doi != doiIPsec {
		return SA{}, &Error{Text: fmt.Sprintf("DOI %d", doi), Notify: NotifyDOINotSupported}
	}
	if situation := binary.BigEndian.Uint32(b[4:]); situation != situationIdentityOnly {
		return SA{}, &Error{Offset: 4, Text: fmt.Sprintf("situation %d", situation), Notify: NotifySituationNotSupported}
	}
	proposals, err := parseProposals(b[8:], left)
	if err != nil {
		return SA{}, within(8, err)
	}
	return SA{Proposals: proposals}, nil
}

// parseProposals reads the proposals that fill b.
func parseProposals(b []byte, left *limits) ([]Proposal, error) {
	var proposals []Proposal
	offset := 0
	for more := true; more; {
		part, next, err := cutPart(b[offset:], typeProposal)
		if err != nil {
			return nil, within(offset, err)
		}
		p, err := parseProposal(part, left)
		if err != nil {
			return nil, within(offset, err)
		}
		proposals = append(proposals, p)
		offset, more = offset+len(part), next
	}
	if offset != len(b) {
		return nil, malformed(offset, "%d octets behind the last proposal", len(b)-offset)
	}
	return proposals, nil
}

// parseProposal reads one proposal, generic header included.
func parseProposal(b []byte, left *limits) (Proposal, error) {
	if len(b) < 8 {
		return Proposal{}, malformed(4, "a proposal of %d octets", len(b))
	}
	p := Proposal{Number: b[4], Protocol: Protocol(b[5])}
	spiLen, count := int(b[6]), int(b[7])
	start := 8 + spiLen
	switch {
	case start > len(b):
		return p, malformed(6, "SPI size %d, but only %d octets left", spiLen, len(b)-8)
	case count == 0:
		return p, malformed(7, "a proposal without a transform")
	case !take(&left.transforms, count):
		return p, malformed(7, "too many transforms in one message")
	}
	p.SPI = b[8:start:start]
	transforms, err := parseTransforms(b[start:], count, left)
	if err != nil {
		return p, within(start, err)
	}
	p.Transforms = transforms
	return p, nil
}

// parseTransforms reads the count transforms that fill b.
func parseTransforms(b []byte, count int, left *limits) ([]Transform, error) {
	transforms := make([]Transform, 0, count)
	offset := 0
	for more := true; more; {
		if len(transforms) == count {
			return nil, malformed(offset, "more transforms than the %d that the proposal counts", count)
		}
		part, next, err := cutPart(b[offset:], typeTransform)
		if err != nil {
			return nil, within(offset, err)
		}
		t, err := parseTransform(part, left)
		if err != nil {
			return nil, within(offset, err)
		}
		transforms = append(transforms, t)
		offset, more = offset+len(part), next
	}
	switch {
	case len(transforms) != count:
		return nil, malformed(offset, "%d transforms, but the proposal counts %d", len(transforms), count)
	case offset != len(b):
		return nil, malformed(offset, "%d octets behind the last transform", len(b)-offset)
	}
	return transforms, nil
}

// parseTransform reads one transform, generic header included.
func parseTransform(b []byte, left *limits) (Transform, error) {
	if len(b) < 8 {
		return Transform{}, malformed(4, "a transform of %d octets", len(b))
	}
	if b[6]|b[7] != 0 {
		return Transform{}, malformed(6, "RESERVED2 is not zero")
	}
	attributes, err := parseAttributes(b[8:], left)
	if err != nil {
		return Transform{}, within(8, err)
	}
	return Transform{Number: b[4], ID: TransformID(b[5]), Attributes: attributes}, nil
}

// cutPart cuts the proposal or transform at the start of b, whose generic
// header says by t that another one follows.
func cutPart(b []byte, t PayloadType) (part []byte, more bool, err error) {
	if len(b) < genericLen {
		return nil, false, malformed(0, "%d octets are too few for a generic header", len(b))
	}
	length := int(binary.BigEndian.Uint16(b[2:]))
	switch next := PayloadType(b[0]); {
	case next != t && next != None:
		return nil, false, malformed(0, "next payload %d, neither %d nor 0", next, t)
	case b[1] != 0:
		return nil, false, malformed(1, "RESERVED is %#02x instead of zero", b[1])
	case length < genericLen:
		return nil, false, malformed(2, "length %d is shorter than the generic header", length)
	case length > len(b):
		return nil, false, malformed(2, "length %d, but only %d octets left", length, len(b))
	}
	return b[:length:length], b[0] != 0, nil
}

func (s SA) appendBody(b []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, doiIPsec)
	b = binary.BigEndian.AppendUint32(b, situationIdentityOnly)
	for i, p := range s.Proposals {
		b = p.append(b, i+1 < len(s.Proposals))
	}
	return b
}

// append appends the proposal; more says that another one follows.
func (p Proposal) append(b []byte, more bool) []byte {
	start := len(b)
	b = append(b, nextPart(typeProposal, more), 0, 0, 0,
		p.Number, byte(p.Protocol), byte(len(p.SPI)), byte(len(p.Transforms)))
	b = append(b, p.SPI...)
	for i, t := range p.Transforms {
		b = t.append(b, i+1 < len(p.Transforms))
	}
	putLength(b[start+2:], len(b)-start)
	return b
}

// append appends the transform; more says that another one follows.
func (t Transform) append(b []byte, more bool) []byte {
	start := len(b)
	b = append(b, nextPart(typeTransform, more), 0, 0, 0, t.Number, byte(t.ID), 0, 0)
	b = AppendAttributes(b, t.Attributes...)
	putLength(b[start+2:], len(b)-start)
	return b
}

// nextPart is the next-payload octet of a proposal or transform.
func nextPart(t PayloadType, more bool) byte {
	if more {
		return byte(t)
	}
	return byte(None)
}

// Summary lists the proposals: "ISAKMP #1: DES_CBC MD5 PSK MODP_768 3600sec".
func (s SA) Summary() string {
	var parts []string
	for _, p := range s.Proposals {
		parts = append(parts, p.Summary())
	}
	return strings.Join(parts, "; ")
}

// Summary is the proposal with its transforms.
func (p Proposal) Summary() string {
	var parts []string
	for _, t := range p.Transforms {
		parts = append(parts, t.Summary(p.Protocol))
	}
	s := fmt.Sprintf("%s #%d", p.Protocol, p.Number)
	if len(p.SPI) > 0 {
		s += " SPI=" + hexBrief(p.SPI)
	}
	return s + ": " + strings.Join(parts, ", ")
}
