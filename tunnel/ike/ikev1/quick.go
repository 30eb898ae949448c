package ikev1

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"muvpn/client/reason"
	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/suite"
	"muvpn/tunnel/ike/wire"
)

// Quick Mode (RFC 2409 section 5.5), as initiator:
//
//	HDR*, HASH(1), SA, Ni [, KE ], IDci, IDcr  -->
//	                                           <--  HDR*, HASH(2), SA, Nr [, KE ], IDci, IDcr
//	HDR*, HASH(3)                              -->

// quick is one Quick Mode, ours or the gateway's. It stays a while after it is
// done, for what may still come under its message ID.
type quick struct {
	sa        *sa
	id        uint32 // message ID
	initiator bool
	network   netip.Prefix // the remote network that it is for
	replaces  *child       // in a rekey
	offer     phase2Offer
	key       *suite.PrivateKey // PFS; nil: none
	ni, nr    []byte
	iv        []byte // of the next message

	request  ike.Request // ours that is unanswered
	sent     string      // its summary
	hint     hint
	informed bool     // an Informational has come under its message ID
	held     [][]byte // SPIs of DELETEs that came meanwhile
	child    *child   // what came of it
	diagnose *diagnosis
	anew     int       // how often the same was asked before, and lost
	forgetAt time.Time // zero while it runs
}

// quickKept is how long a Quick Mode is remembered when it is done.
const quickKept = 30 * time.Second

// continueWithPhase2 asks for what is missing once there is a Phase 1: an SA
// pair per network, or in a rekey of everything new ones.
func (s *Session) continueWithPhase2(now time.Time) {
	if s.ended {
		return
	}
	if s.cfg.OnDemand && len(s.children) == 0 && !s.rekeyAll {
		s.step("waiting")
		s.up()
		return
	}
	s.step("configuring")
	if s.rekeyAll {
		s.rekeyAll = false
		s.rekeyChildren(now)
	}
	s.askMissing(now)
}

// askMissing starts a Quick Mode for the first network that has neither an SA
// pair nor a Quick Mode; the next one follows when it is done.
func (s *Session) askMissing(now time.Time) {
	if s.carrier() == nil || s.negotiating() {
		return
	}
	for _, n := range s.targets() {
		if s.serving(n) == nil {
			s.startQuick(now, n, nil)
			return
		}
	}
}

// negotiating says that a Quick Mode of ours is unanswered.
func (s *Session) negotiating() bool {
	for _, a := range s.sas {
		if slices.ContainsFunc(a.quicks, func(q *quick) bool { return q.initiator && q.request.Waiting() }) {
			return true
		}
	}
	return false
}

// startQuick asks for an SA pair for a network, in the place of replaces if
// that is not nil. Without a Phase 1 that is ready it waits for one.
func (s *Session) startQuick(now time.Time, network netip.Prefix, replaces *child) {
	if a := s.carrier(); a != nil {
		s.begin(now, &quick{sa: a, initiator: true, network: network, replaces: replaces}, s.pfsGroup(a))
	}
}

// pfsGroup is the group of PFS to offer. Where the gateway decides, the one of
// Phase 1 comes first (quirk 33).
func (s *Session) pfsGroup(a *sa) string {
	switch s.cfg.PFS {
	case "", "none":
		return ""
	case "gateway":
		if !s.pfsTried && s.granted.noPFS {
			return ""
		}
		if !s.pfsTried {
			return a.proposal.Group
		}
		return s.pfs
	}
	return s.cfg.PFS
}

// begin sends the first message of q.
func (s *Session) begin(now time.Time, q *quick, group string) {
	if err := s.prepare(q, group); err != nil {
		s.fault(now, err)
		return
	}
	m, err := s.quickFirst(q)
	if err != nil {
		s.fault(now, err)
		return
	}
	q.sa.quicks = append(q.sa.quicks, q)
	d := s.transmit(q.sa.path, m)
	q.sent = m.summary()
	q.request = ike.NewRequest(now, d, ike.BusyRetry, s.cfg.GiveUp)
	if q.diagnose != nil {
		q.request = ike.NewRequest(now, d, ike.BusyRetry, hintWait)
	}
}

// prepare draws everything random and settles the offer.
func (s *Session) prepare(q *quick, group string) (err error) {
	if q.id, err = s.messageID(q.sa); err != nil {
		return err
	}
	if q.ni, err = s.random(nonceLen); err != nil {
		return err
	}
	spi, err := s.newSPI()
	if err != nil {
		return err
	}
	q.offer = phase2Offer{
		proposals: s.cfg.Phase2, group: group, spi: spi,
		mode:     q.sa.traits.nat.TunnelMode(q.sa.path.encap),
		lifetime: s.cfg.ChildLifetime, kilobytes: s.cfg.ChildLifetimeKB,
	}
	q.iv = q.sa.keys.MessageIV(q.sa.last, q.id)
	q.key, err = s.pfsKey(group)
	return err
}

// pfsKey makes the key of PFS; nil without a group.
func (s *Session) pfsKey(group string) (*suite.PrivateKey, error) {
	if group == "" {
		return nil, nil
	}
	g, err := suite.GroupByKeyword(group)
	if err != nil {
		return nil, err
	}
	return g.Generate(s.cfg.Rand)
}

// newSPI is an SPI of our own that is not in use.
func (s *Session) newSPI() (uint32, error) {
	for {
		b, err := s.random(4)
		if err != nil {
			return 0, err
		}
		spi := binary.BigEndian.Uint32(b)
		if _, err := espSPI(b); err == nil && s.childOf(b) == nil {
			return spi, nil
		}
	}
}

// quickFirst is message 1.
func (s *Session) quickFirst(q *quick) (message, error) {
	offer, err := phase2SA(q.offer)
	if err != nil {
		return message{}, err
	}
	p := []wire.Payload{offer, wire.Nonce(q.ni)}
	if q.key != nil {
		p = append(p, wire.KeyExchange(q.key.Public()))
	}
	p = append(p, localSelector(s.inner.VirtualIP, s.cfg.IDSubnet), remoteSelector(q.network))
	hash := q.sa.keys.Hash1(q.id, wire.AppendPayloads(nil, p...))
	return q.seal(hash, p...), nil
}

// seal is a message of q; its IV moves on.
func (q *quick) seal(hash []byte, p ...wire.Payload) message {
	m, next := q.sa.seal(q.sa.header(wire.ExchangeQuick, q.id), q.iv, hash, p...)
	q.iv = next
	return m
}

// quick is the Quick Mode with this message ID, or nil.
func (a *sa) quick(id uint32) *quick {
	for _, q := range a.quicks {
		if q.id == id {
			return q
		}
	}
	return nil
}

// asked is the unanswered Quick Mode of ours that a notify is about: the one
// whose SPI it names, or the only one.
func (a *sa) asked(spi []byte) *quick {
	var only *quick
	for _, q := range a.quicks {
		if q.initiator && string(spi) == string(spiOctets(q.offer.spi)) {
			return q
		}
		if q.initiator && q.request.Waiting() {
			only = q
		}
	}
	return only
}

// handleQuick takes a message of Quick Mode.
func (s *Session) handleQuick(now time.Time, a *sa, in packet) {
	q := a.quick(in.head.MessageID)
	if q == nil {
		s.quickAsked(now, a, in)
		return
	}
	m, err := protected(a.keys, q.iv, in)
	if err != nil {
		s.drop(now, in.head.Summary()+" "+err.Error())
		return
	}
	if !m.verify(q.expected(m)) {
		s.drop(now, in.head.Summary()+" has a wrong HASH")
		return
	}
	q.iv = m.next
	s.alive(now, a)
	s.received(m)
	switch {
	case q.initiator && q.request.Waiting():
		s.quickAnswered(now, q, m)
	case !q.initiator && q.request.Waiting():
		s.quickConfirmed(now, q, m)
	default: // a fourth message, such as INITIAL-CONTACT (quirk 17) or CONNECTED
		s.answers.Put(now, m.raw, ike.Datagram{})
		s.takeInformational(now, a, q, m)
	}
}

// expected is the HASH that the next message of the gateway must have.
func (q *quick) expected(m message) []byte {
	switch {
	case !q.request.Waiting():
		return q.sa.keys.Hash1(q.id, m.rest)
	case q.initiator:
		return q.sa.keys.Hash2(q.id, q.ni, m.rest)
	}
	return q.sa.keys.Hash3(q.id, q.ni, q.nr)
}

// quickAnswered takes message 2, sends message 3 and hands the SA pair over.
func (s *Session) quickAnswered(now time.Time, q *quick, m message) {
	if _, ok := m.payloads.First(wire.TypeSA); !ok { // a refusal in the shape of Quick Mode
		s.takeInformational(now, q.sa, q, m)
		return
	}
	if q.diagnose != nil {
		s.quickFailed(now, q, q.diagnose.answered)
		return
	}
	up, err := s.agree(q, m.payloads)
	if err != nil {
		s.quickFailed(now, q, s.disagreement(q, err))
		return
	}
	s.answered(now, &q.request)
	third := s.transmit(q.sa.path, q.seal(q.sa.keys.Hash3(q.id, q.ni, q.nr)))
	s.answers.Put(now, m.raw, third)
	s.quickDone(now, q, up, m, third)
}

// errSelector is an ID in an answer that goes beyond what we asked for.
var errSelector = errors.New("wider than asked for")

// errPFS is an answer with KE where none was offered, or the reverse.
var errPFS = errors.New("PFS differs from the offer")

// agree reads message 2 and derives the keys.
func (s *Session) agree(q *quick, p wire.Payloads) (ike.ChildUp, error) {
	sa, _ := wire.Get[wire.SA](p)
	chosen, spi, err := phase2Choice(sa, q.offer)
	if err != nil {
		return ike.ChildUp{}, err
	}
	nonce, ok := wire.Get[wire.Nonce](p)
	if !ok {
		return ike.ChildUp{}, errors.New("message 2 without nonce")
	}
	q.nr = nonce
	local, remote, err := s.agreedSelectors(q, p)
	if err != nil {
		return ike.ChildUp{}, err
	}
	shared, err := q.shared(p)
	if err != nil {
		return ike.ChildUp{}, err
	}
	up := ike.ChildUp{SPIIn: q.offer.spi, SPIOut: spi, MessageID: q.id, Local: local, Remote: remote}
	err = s.fill(q, &up, chosen, shared)
	return up, err
}

// shared is g^xy of PFS; nil without.
func (q *quick) shared(p wire.Payloads) ([]byte, error) {
	ke, ok := wire.Get[wire.KeyExchange](p)
	if ok != (q.key != nil) {
		return nil, errPFS
	}
	if !ok {
		return nil, nil
	}
	return q.key.Shared(ke)
}

// agreedSelectors are the networks of an SA pair: what we asked for, or the
// narrower IDs that came back (quirk 30).
func (s *Session) agreedSelectors(q *quick, p wire.Payloads) (local, remote []netip.Prefix, err error) {
	host := hostPrefix(s.inner.VirtualIP)
	var ids []wire.ID
	for id := range wire.All[wire.ID](p) {
		ids = append(ids, id)
	}
	if len(ids) < 2 {
		return []netip.Prefix{host}, s.split([]netip.Prefix{q.network}), nil
	}
	local, ok1 := prefixes(ids[0])
	remote, ok2 := prefixes(ids[1])
	if !ok1 || !ok2 || !within(local, host) || !within(remote, q.network) {
		return nil, nil, fmt.Errorf("%s and %s are %w", ids[0].Summary(), ids[1].Summary(), errSelector)
	}
	if remote = s.split(remote); len(remote) == 0 {
		return nil, nil, fmt.Errorf("%s is %w: none of the networks", ids[1].Summary(), errSelector)
	}
	return local, remote, nil
}

// fill completes an SA pair with what was negotiated and the keys.
func (s *Session) fill(q *quick, up *ike.ChildUp, t terms, shared []byte) (err error) {
	up.Proposal = t.proposal
	if up.Proposal.Integrity == "sha256" && s.cfg.SHA256Truncation == 96 {
		up.Proposal.Integrity = "sha256_96"
	}
	child := suite.Child{Proposal: up.Proposal, Ni: q.ni, Nr: q.nr, GXY: shared}
	if up.KeyIn.Encryption, up.KeyIn.Integrity, err = q.sa.keys.ESPKeys(child, up.SPIIn); err != nil {
		return err
	}
	if up.KeyOut.Encryption, up.KeyOut.Integrity, err = q.sa.keys.ESPKeys(child, up.SPIOut); err != nil {
		return err
	}
	up.Encap, up.Peer = q.sa.path.encap, q.sa.path.remote
	up.Lifetime = shorter(s.cfg.ChildLifetime, t.seconds)
	up.LifetimeKB = fewer(s.cfg.ChildLifetimeKB, t.kilobytes)
	return nil
}

// disagreement is the Reason for an answer of the gateway that cannot be.
func (s *Session) disagreement(q *quick, err error) *reason.Reason {
	r := &reason.Reason{Code: reason.P2Proposal, Side: reason.Client, Seen: err.Error(), Expected: q.offered()}
	switch {
	case errors.Is(err, errSelector):
		return s.selectorRefused(q, err.Error())
	case errors.Is(err, errPFS):
		r.Code = reason.P2PFS
	}
	return r
}

// offered is what q offers, for people.
func (q *quick) offered() string {
	return fmt.Sprintf("one of %s %s", names(q.offer.proposals), pfsWords(q.offer.group))
}

func pfsWords(group string) string {
	if group == "" {
		return "without PFS"
	}
	return "with PFS " + group
}
