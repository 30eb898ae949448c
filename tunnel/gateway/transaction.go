package gateway

import (
	"encoding/binary"
	"errors"
	"time"

	"muvpn/tunnel/ike/wire"
)

// transaction is a REQUEST or SET of the gateway that waits for its answer
// (draft-dukes-ike-mode-cfg-02 section 3.1).
type transaction struct {
	id       uint32 // message ID
	iv       []byte // last block that was verified or sent
	sent     wire.Config
	answered func(wire.Config) // what is done with the answer
	lost     func()            // what is done when none comes
	waiting  waiting
}

// transactionHeader is the header of a Transaction message.
func transactionHeader(id uint32) wire.Header {
	return wire.Header{Exchange: wire.ExchangeTransaction, MessageID: id}
}

// ask sends a REQUEST or SET and waits. One is under way at a time.
func (p *phase1) ask(step Step, kind wire.ConfigType, attributes []wire.Attribute, answered func(wire.Config), lost func()) {
	t := p.newTransaction()
	t.sent = p.padded(wire.Config{ConfigType: kind, Identifier: binary.BigEndian.Uint16(p.g.octets(2)), Attributes: attributes})
	t.answered, t.lost = answered, lost
	var o outgoing
	o, t.iv = p.hashed(step, transactionHeader(t.id), t.iv, p.hash1(t.id), t.sent)
	p.asking = t
	p.g.send(o)
	p.g.logf("%s", t.sent.Summary())
	t.waiting = p.g.await(o)
}

// newTransaction begins an exchange under a message ID of its own, or goes on
// with the last one (quirk 24).
func (p *phase1) newTransaction() *transaction {
	if last := p.asking; last != nil && p.g.c.XAuth.OneMessageID {
		return &transaction{id: last.id, iv: last.iv}
	}
	id := p.g.messageID()
	return &transaction{id: id, iv: p.keys.MessageIV(p.iv, id)}
}

// padded puts the zero octets behind the attributes that some gateways send
// (quirk 27).
func (p *phase1) padded(c wire.Config) wire.Config {
	c.Padding = p.g.c.ModeConfig.Padding
	return c
}

// transactionMessage takes an answer, or a request of the client.
func (p *phase1) transactionMessage(m *message) error {
	if t := p.asking; t != nil && t.id == m.header.MessageID {
		return p.answer(t, m)
	}
	return p.request(m)
}

// answer takes the answer to t.
func (p *phase1) answer(t *transaction, m *message) error {
	c, err := p.openConfig(m, t.iv)
	if err != nil {
		return err
	}
	want := map[wire.ConfigType]wire.ConfigType{wire.ConfigRequest: wire.ConfigReply, wire.ConfigSet: wire.ConfigAck}[t.sent.ConfigType]
	switch {
	case !t.waiting.open():
		return errors.New("the transaction is over")
	case c.ConfigType != want || c.Identifier != t.sent.Identifier:
		return refuse(msgTransaction, 0, "Received %s id=%d, expecting %s id=%d", c.ConfigType, c.Identifier, want, t.sent.Identifier)
	}
	p.g.done(m)
	t.iv, t.waiting = m.next, waiting{}
	t.answered(c)
	return nil
}

// openConfig decrypts and verifies a Transaction message.
func (p *phase1) openConfig(m *message, iv []byte) (c wire.Config, err error) {
	if err := p.openHashed(m, iv, p.hash1(m.header.MessageID)); err != nil {
		return c, err
	}
	c, ok := wire.Get[wire.Config](m.payloads)
	if !ok {
		return c, errors.New("no configuration payload in it")
	}
	p.g.logf("%s", c.Summary())
	return c, nil
}

// request answers what the client asks for (Mode-Config, pull).
func (p *phase1) request(m *message) error {
	id := m.header.MessageID
	c, err := p.openConfig(m, p.keys.MessageIV(p.iv, id))
	switch {
	case err != nil:
		return err
	case c.ConfigType != wire.ConfigRequest:
		return errors.New("no transaction is waiting for it")
	case !p.in:
		return refuse(msgXAuthMissing, 0, "Received %s before the user is authenticated", c.ConfigType)
	case !p.g.answersRequests():
		return errors.New("Mode-Config requests are not answered here")
	}
	reply := p.padded(wire.Config{ConfigType: wire.ConfigReply, Identifier: c.Identifier, Attributes: p.configuration(c.Attributes)})
	o, _ := p.hashed(StepConfigReply, transactionHeader(id), m.next, p.hash1(id), reply)
	p.g.reply(m, o)
	p.g.logf("%s", reply.Summary())
	return nil
}

// transactionTimeout sends again what is not answered, or gives up.
func (p *phase1) transactionTimeout() {
	t := p.asking
	if t == nil || p.g.resend(&t.waiting) {
		return
	}
	p.g.logRefusal(p.asMessage(), refuse(msgNoReply, 0, "No answer to %s, giving up", t.sent.ConfigType))
	t.waiting = waiting{}
	t.lost()
}

// due is when something is to be done for t; zero: never.
func (t *transaction) due() time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.waiting.next
}
