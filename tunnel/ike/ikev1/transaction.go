package ikev1

import (
	"encoding/binary"
	"errors"
	"slices"
	"time"

	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/wire"
)

// Transaction Exchange (draft-dukes-ike-mode-cfg-02 section 3.1), which carries
// XAuth and Mode-Config. Either side starts one:
//
//	HDR*, HASH, ATTR(CFG_REQUEST)  -->
//	                               <--  HDR*, HASH, ATTR(CFG_REPLY)
//	HDR*, HASH, ATTR(CFG_SET)      -->
//	                               <--  HDR*, HASH, ATTR(CFG_ACK)
//
// HASH is HASH(1) of Quick Mode: prf(SKEYID_a, M-ID | ATTR).

// transaction is what happens under one message ID. A gateway may take a new ID
// for each request, or one for all of them (quirk 24): then their IVs go on from
// one message to the next.
type transaction struct {
	id      uint32
	iv      []byte      // of the next message
	request ike.Request // ours, while it is unanswered
	sent    string      // its summary
}

// maxTransactions bounds how many message IDs a gateway can make us keep; those
// forgotten are still known as used.
const maxTransactions = 32

// transaction is the one with this message ID, or nil.
func (a *sa) transaction(id uint32) *transaction {
	i := slices.IndexFunc(a.transactions, func(t *transaction) bool { return t.id == id })
	if i < 0 {
		return nil
	}
	return a.transactions[i]
}

// begin remembers t; the oldest that waits for nothing gives way when there are
// too many.
func (a *sa) begin(t *transaction) {
	if len(a.transactions) == maxTransactions {
		i := slices.IndexFunc(a.transactions, func(t *transaction) bool { return !t.request.Waiting() })
		a.transactions = slices.Delete(a.transactions, max(i, 0), max(i, 0)+1)
	}
	a.transactions = append(a.transactions, t)
}

// handleTransaction takes a message of a Transaction Exchange. Nothing in it
// counts before its HASH is verified. One that comes again does not fit the IV
// any more: it changes nothing, however long the user has been typing.
func (s *Session) handleTransaction(now time.Time, a *sa, in packet) {
	t, m, err := openTransaction(a, in)
	if err != nil {
		s.drop(now, in.head.Summary()+" "+err.Error())
		return
	}
	if a.use(t.id) {
		a.begin(t)
	}
	t.iv = m.next
	s.answers.Put(now, in.raw, ike.Datagram{})
	s.alive(now, a)
	s.received(m)
	c, ok := wire.Get[wire.Config](m.payloads)
	if !ok {
		s.drop(now, in.head.Summary()+" without attributes")
		return
	}
	s.takeConfig(now, a, t, m, c)
}

// openTransaction decrypts and verifies a message. One under a message ID that
// is not known any more is refused: its like was here before.
func openTransaction(a *sa, in packet) (*transaction, message, error) {
	t := a.transaction(in.head.MessageID)
	if t == nil {
		if slices.Contains(a.used, in.head.MessageID) {
			return nil, message{}, errors.New("uses a message ID again")
		}
		t = &transaction{id: in.head.MessageID, iv: a.keys.MessageIV(a.last, in.head.MessageID)}
	}
	m, err := protected(a.keys, t.iv, in)
	if err == nil && !m.verify(a.keys.Hash1(t.id, m.rest)) {
		err = errWrongHash
	}
	return t, m, err
}

// takeConfig gives a message to whom it concerns. Every CFG_SET is acknowledged,
// whatever it holds (quirk 23).
func (s *Session) takeConfig(now time.Time, a *sa, t *transaction, m message, c wire.Config) {
	switch c.ConfigType {
	case wire.ConfigRequest:
		s.asked(now, a, t, m, c)
	case wire.ConfigSet:
		s.respondConfig(now, a, t, m.raw, acknowledgement(c))
		s.setByGateway(now, a, c)
	case wire.ConfigReply:
		if t.request.Waiting() {
			s.answered(now, &t.request)
			s.configReplied(now, a, c)
		}
	}
}

// asked takes a CFG_REQUEST: XAuth, or a question about ourselves, to which
// there is nothing to say.
func (s *Session) asked(now time.Time, a *sa, t *transaction, m message, c wire.Config) {
	if isXAuth(c) {
		s.xauthAsked(now, a, t, m, c)
		return
	}
	s.respondConfig(now, a, t, m.raw, wire.Config{ConfigType: wire.ConfigReply, Identifier: c.Identifier})
}

// setByGateway takes what a CFG_SET says. NetScreen sends the configuration
// before the verdict on the user, Firebox both at once (quirk 23).
func (s *Session) setByGateway(now time.Time, a *sa, c wire.Config) {
	if s.cfg.ModeConfig && !s.ended {
		s.grant(now, c)
	}
	if status, ok := wire.Find(c.Attributes, wire.AttrXAuthStatus); ok {
		s.xauthVerdict(now, a, status, textOf(c, wire.AttrXAuthMessage))
		return
	}
	s.configPushed(now, a)
}

// acknowledgement is the CFG_ACK of a CFG_SET: the same attributes without
// values; those that have no room for a length say 0.
func acknowledgement(set wire.Config) wire.Config {
	ack := wire.Config{ConfigType: wire.ConfigAck, Identifier: set.Identifier}
	for _, a := range set.Attributes {
		if a.Short {
			ack.Attributes = append(ack.Attributes, wire.TV(a.Type, 0))
			continue
		}
		ack.Attributes = append(ack.Attributes, wire.TLV(a.Type, nil))
	}
	return ack
}

// respondConfig answers the gateway's message request, under its message ID.
func (s *Session) respondConfig(now time.Time, a *sa, t *transaction, request []byte, c wire.Config) {
	s.answers.Put(now, request, s.transmit(a.path, t.seal(a, c)))
}

// askConfig starts an exchange of our own.
func (s *Session) askConfig(now time.Time, a *sa, giveUp time.Duration, attributes ...wire.Attribute) {
	id, err := s.messageID(a)
	if err != nil {
		s.fault(now, err)
		return
	}
	identifier, err := s.random(2)
	if err != nil {
		s.fault(now, err)
		return
	}
	t := &transaction{id: id, iv: a.keys.MessageIV(a.last, id)}
	a.begin(t)
	m := t.seal(a, wire.Config{
		ConfigType: wire.ConfigRequest, Identifier: binary.BigEndian.Uint16(identifier), Attributes: attributes,
	})
	t.sent = m.summary()
	t.request = ike.NewRequest(now, s.transmit(a.path, m), ike.FirstRetry, giveUp)
}

// seal is a message of t; its IV moves on.
func (t *transaction) seal(a *sa, c wire.Config) message {
	hash := a.keys.Hash1(t.id, wire.AppendPayloads(nil, c))
	m, next := a.seal(a.header(wire.ExchangeTransaction, t.id), t.iv, hash, c)
	t.iv = next
	return m
}

// asking says that a request of ours is unanswered.
func (a *sa) asking() bool {
	return slices.ContainsFunc(a.transactions, func(t *transaction) bool { return t.request.Waiting() })
}

// stopAsking ends the waiting for an answer.
func (a *sa) stopAsking() {
	for _, t := range a.transactions {
		t.request.Answered()
	}
}

// transactionsDue repeats requests and gives up waiting.
func (s *Session) transactionsDue(now time.Time) {
	for _, a := range slices.Clone(s.sas) {
		for _, t := range slices.Clone(a.transactions) {
			switch send, gaveUp := t.request.Due(now); {
			case s.ended:
				return
			case gaveUp:
				s.configSilent(now, a)
			case send:
				s.resend(&t.request, t.sent)
			}
		}
		if !s.ended {
			s.xauthDue(now, a)
		}
	}
	s.renewalDue(now)
	s.changeDue(now)
}
