package ikev1

import (
	"bytes"
	"time"

	"muvpn/client/reason"
	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/wire"
)

// Knock asks whether a gateway is there, for a diagnosis. It sends the profile's
// own first message to both ports, and beside it first messages of Main Mode and
// of IKEv2, as a Session does after silence. It proves nothing to the gateway and
// asks for no proof, so that a connection that is up goes on undisturbed. It is
// driven as a Session is.
type Knock struct {
	doors     [2]door // the IKE port, the UDP-encapsulation port
	datagrams []ike.Datagram
	long      wire.Cookie // of the last Long; zero: none was made
	fitted    bool        // that was answered
}

// Heard is what came back from one port.
type Heard struct {
	Answered bool // something that knows IKE is there
	// Took is how long the first answer took; zero if that cannot be said.
	Took time.Duration
	// Own says that the profile's own first message was answered by a choice.
	Own bool
	// NAT is the verdict of NAT detection; Judged says that there is one.
	NAT    ike.NAT
	Judged bool
	// Refused is what the gateway has said to the profile's own message; nil:
	// nothing. Nobody has authenticated it.
	Refused *reason.Reason
}

// The times when an unanswered question is asked, counted from the first, and
// when the last answer is no longer waited for.
var knocks = []time.Duration{0, 700 * time.Millisecond, 2 * time.Second}

const knockPatience = 4 * time.Second

// door is one port that is knocked at.
type door struct {
	s       *Session // never started: its words and its configuration
	encap   bool
	begun   time.Time
	knocked int
	asked   []ike.Datagram
	heard   Heard
}

// NewKnock makes one that does nothing before Start. Of cfg it uses neither the
// key nor our certificate. RawESP says that no NAT is to be pretended.
func NewKnock(cfg ike.Config) *Knock {
	cfg.PSK, cfg.Own, cfg.RawESP, cfg.NAT = nil, ike.Credential{}, true, ike.NATAuto
	if cfg.LocalID.Type == 0 { // it is in the certificate, and Main Mode does not say it yet
		cfg.Aggressive = false
	}
	return &Knock{doors: [2]door{{s: New(cfg)}, {s: New(cfg), encap: true}}}
}

// Start knocks at both doors.
func (k *Knock) Start(now time.Time) error {
	for i := range k.doors {
		if err := k.doors[i].begin(now); err != nil {
			return err
		}
	}
	k.HandleTimeout(now)
	return nil
}

// begin makes the questions of one door.
func (d *door) begin(now time.Time) error {
	s := d.s
	d.begun = now
	if len(s.cfg.Phase1) > 0 {
		s.startPhase1(now, s.path(d.encap))
	}
	if err := s.sendProbes(s.path(d.encap)); err != nil {
		return err
	}
	d.asked, s.datagrams, s.events = s.datagrams, nil, nil
	return nil
}

// HandleDatagram takes what has come to the socket of one door.
func (k *Knock) HandleDatagram(now time.Time, in ike.Datagram) {
	d := &k.doors[0]
	if in.Encap {
		d = &k.doors[1]
	}
	raw := bytes.Clone(in.Data)
	head, body, err := wire.ParseHeader(raw)
	if err != nil {
		return
	}
	if !k.long.IsZero() && head.InitiatorCookie == k.long {
		k.fitted = true
		return
	}
	a := d.s.attempt
	own := a != nil && a.concerns(head)
	if !own && !d.s.probes.concerns(head) {
		return
	}
	if !d.heard.Answered && d.knocked == 1 {
		d.heard.Took = now.Sub(d.begun)
	}
	d.heard.Answered = true
	if own && head.Major() == 1 && !head.Encrypted() {
		d.read(now, a, packet{head: head, body: body, raw: raw[:head.Length:head.Length], encap: in.Encap})
	}
	k.datagrams, d.s.datagrams = append(k.datagrams, d.s.datagrams...), nil
	d.s.events = nil
}

// read takes an answer to the profile's own message.
func (d *door) read(now time.Time, a *attempt, in packet) {
	m, err := parse(in)
	switch {
	case err != nil:
	case in.head.Exchange == wire.ExchangeInformational:
		d.refused(a, m)
	case in.head.Exchange != a.exchange || d.heard.Judged:
	case a.exchange == wire.ExchangeMain:
		d.readMain(now, a, in, m)
	default:
		d.readAggressive(a, in, m)
	}
}

// refused keeps a refusal, unless there is something else left to offer.
func (d *door) refused(a *attempt, m message) {
	for n := range wire.All[wire.Notify](m.payloads) {
		if r := d.s.refusal(a, n.NotifyType); n.NotifyType.IsError() && (r.Code != reason.P1Proposal || len(a.rest) == 0) {
			d.heard.Refused = r
		}
	}
}

// readMain takes message 2, which is answered by a key exchange without any
// proof, or message 4, in which the gateway says from where it sees us.
func (d *door) readMain(now time.Time, a *attempt, in packet, m message) {
	h := a.half
	h.cookieR = in.head.ResponderCookie
	if a.stage == message1 {
		d.heard.Own = d.s.mainChosen(now, a, &h, m) == nil
		return
	}
	h.traits.learn(m.payloads, d.s.cfg.NAT)
	d.judge(&h, m)
}

// readAggressive takes message 2, in which everything is.
func (d *door) readAggressive(a *attempt, in packet, m message) {
	h := a.half
	h.cookieR = in.head.ResponderCookie
	sa, ok := wire.Get[wire.SA](m.payloads)
	if !ok {
		return
	}
	var err error
	if h.terms, err = phase1Choice(sa, a.offered, method(d.s.cfg.Method, true)); err != nil {
		d.heard.Refused = notChosen(a, err)
		return
	}
	d.heard.Own = true
	h.traits.learn(m.payloads, d.s.cfg.NAT)
	d.judge(&h, m)
}

// judge is the verdict on address translation, if the gateway knows of it.
func (d *door) judge(h *half, m message) {
	if h.traits.nat != ike.NATNone {
		d.s.detectNAT(h, m.payloads)
		d.heard.NAT, d.heard.Judged = h.nat, true
	}
}

// HandleTimeout asks again where nothing has come.
func (k *Knock) HandleTimeout(now time.Time) {
	for i := range k.doors {
		d := &k.doors[i]
		for d.waits() && !now.Before(d.begun.Add(knocks[d.knocked])) {
			k.datagrams = append(k.datagrams, d.asked...)
			d.knocked++
		}
	}
}

// waits says that the door is to be knocked at again.
func (d *door) waits() bool { return !d.heard.Answered && d.knocked < len(knocks) }

// NextTimeout is when HandleTimeout is due; false when nothing is to be expected
// any more.
func (k *Knock) NextTimeout(now time.Time) (time.Time, bool) {
	end := k.doors[0].begun.Add(knockPatience)
	if !now.Before(end) || k.doors[0].told() && k.doors[1].told() {
		return time.Time{}, false
	}
	next := end
	for i := range k.doors {
		if d := &k.doors[i]; d.waits() {
			if at := d.begun.Add(knocks[d.knocked]); at.Before(next) {
				next = at
			}
		}
	}
	return next, true
}

// told says that a door has said all that is of interest.
func (d *door) told() bool { return d.heard.Judged || d.heard.Refused != nil }

// Long is the profile's first message to the IKE port once more, as another
// exchange and filled up to so many octets by a vendor ID that nobody knows; what
// is answered (Fitted) has passed whole. False unless the short one was answered.
func (k *Knock) Long(octets int) (ike.Datagram, bool) {
	d := &k.doors[0]
	a := d.s.attempt
	if !d.heard.Own || len(d.asked) == 0 {
		return ike.Datagram{}, false
	}
	raw := d.asked[0].Data
	head, body, err := wire.ParseHeader(raw)
	if err != nil {
		return ike.Datagram{}, false
	}
	m, err := parse(packet{head: head, body: body, raw: raw})
	const generic = 4 // octets of a payload's header
	if err != nil || octets < len(raw)+generic {
		return ike.Datagram{}, false
	}
	if k.long, err = d.s.cookie(); err != nil {
		return ike.Datagram{}, false
	}
	k.fitted, head.InitiatorCookie = false, k.long
	var all []wire.Payload
	for _, e := range m.payloads {
		all = append(all, e.Payload)
	}
	all = append(all, wire.VendorID(make([]byte, octets-len(raw)-generic)))
	return a.path.datagram(wire.AppendMessage(nil, head, all...)), true
}

// Fitted says that the last Long was answered.
func (k *Knock) Fitted() bool { return k.fitted }

// NextDatagram returns the next datagram to send.
func (k *Knock) NextDatagram() (ike.Datagram, bool) { return shift(&k.datagrams) }

// Heard is what has come from the IKE port, or from that of UDP encapsulation.
func (k *Knock) Heard(encap bool) Heard {
	if encap {
		return k.doors[1].heard
	}
	return k.doors[0].heard
}
