package ikev1

import (
	"bytes"
	"net/netip"
	"time"

	"muvpn/client/reason"
	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/wire"
)

// Session is one IKEv1 session with one gateway; see ike.Session.
type Session struct {
	cfg ike.Config

	datagrams []ike.Datagram // to be sent
	events    []ike.Event    // to be told
	ended     bool           // Down was said

	answers ike.Answers
	dropped limiter

	fragments   reassembly
	fragmenting bool   // the gateway takes fragments
	fragmentID  uint16 // of the last message that we cut

	attempt      *attempt    // Phase 1 that we started
	responding   *responding // Phase 1 that the gateway started
	respondAgain time.Time   // when another may be started
	probes       probes      // after silence
	sas          []*sa       // established, the newest last
	children     []*child    // SA pairs, the newest last

	granted    granted     // what the gateway says of the inner network
	inner      ike.Network // what comes of it and of the profile
	unity      bool        // the gateway is of Cisco's kind
	perNetwork bool        // it wants one SA pair a network all the same
	renewAt    time.Time   // when the virtual IP is asked for again; zero: never
	expiresAt  time.Time   // when it is ours no longer
	changedAt  time.Time   // when the inner network changed last
	changeAt   time.Time   // when it will again; zero: as said
	user       user
	questions  int            // asked so far
	wondering  *reason.Reason // see wonder; nil: no

	connected bool   // every network had its SA pair once
	rekeyAll  bool   // SA pairs are to be replaced once Phase 1 is
	greeted   bool   // INITIAL-CONTACT was sent
	pfs       string // group of PFS in use
	pfsTried  bool   // the other way was tried, too (quirk 33)

	dpd       ike.DPD
	keepalive ike.Keepalive
	unheard   unheard
	health    ike.Health
	retryP1   time.Time      // when a failed rekey of Phase 1 is tried again
	failedP1  *reason.Reason // why it failed
}

var _ ike.Session = (*Session)(nil)

// New makes a session; Start begins it. A configuration that cannot work ends
// the session with its Reason at Start.
func New(cfg ike.Config) *Session {
	cfg.PSK = bytes.Clone(cfg.PSK)
	if cfg.LocalID.Type == 0 && len(cfg.Own.Chain) > 0 {
		cfg.LocalID = ike.ID{Type: uint8(wire.IDDERASN1DN), Data: cfg.Own.Chain[0].RawSubject}
	}
	cfg.LocalID.Data = bytes.Clone(cfg.LocalID.Data)
	cfg.RemoteID.Data = bytes.Clone(cfg.RemoteID.Data)
	cfg.Networks = append([]netip.Prefix(nil), cfg.Networks...)
	cfg.Gateway = cfg.Gateway.Unmap()
	cfg.Phase1 = usable(cfg.Phase1, cfg.Legacy)
	cfg.Phase2 = usable(cfg.Phase2, cfg.Legacy)
	cfg.Lifetime = orElse(cfg.Lifetime, time.Hour)
	cfg.ChildLifetime = orElse(cfg.ChildLifetime, time.Hour)
	cfg.GiveUp = orElse(cfg.GiveUp, ike.GiveUp)
	return &Session{cfg: cfg}
}

func orElse(d, otherwise time.Duration) time.Duration {
	if d <= 0 {
		return otherwise
	}
	return d
}

// Start begins Phase 1.
func (s *Session) Start(now time.Time) {
	if s.ended || s.attempt != nil || len(s.sas) > 0 {
		return
	}
	if len(s.cfg.Phase1) == 0 || len(s.cfg.Phase2) == 0 {
		s.down(now, &reason.Reason{
			Code: reason.ProfileTooWeak, Side: reason.Client,
			Seen:     "every proposal of a phase has DES, MD5 or group 1",
			Expected: `stronger proposals, or security = "legacy"`,
		})
		return
	}
	if r := s.unfit(now); r != nil {
		s.down(now, r)
		return
	}
	s.step("contacting")
	s.startPhase1(now, s.path(false))
}

// HandleDatagram takes one datagram from the gateway.
func (s *Session) HandleDatagram(now time.Time, d ike.Datagram) {
	if s.ended || len(d.Data) == 0 || len(d.Data) == 1 && d.Data[0] == 0xff { // a keepalive: quirk 15
		return
	}
	if d.Remote.Addr().Unmap() != s.cfg.Gateway {
		s.drop(now, "it is not from the gateway but from "+d.Remote.Addr().String())
		return
	}
	s.handle(now, bytes.Clone(d.Data), d.Encap)
}

// handle takes one message, whole or a fragment of one. Parsed payloads point
// into raw, which is nobody else's.
func (s *Session) handle(now time.Time, raw []byte, encap bool) {
	head, body, err := wire.ParseHeader(raw)
	if err != nil {
		s.drop(now, err.Error())
		return
	}
	raw = raw[:head.Length:head.Length] // what is behind it is not of the message (quirk 16)
	in := packet{head: head, body: body, raw: raw, encap: encap}
	if head.Major() != 1 {
		s.probeAnswered(now, head)
		return
	}
	if head.NextPayload == wire.TypeFragment {
		s.handleFragment(now, in)
		return
	}
	if d, send, duplicate := s.answers.Find(now, raw); duplicate {
		s.repeat(now, head, d, send)
		return
	}
	s.route(now, in)
}

// handleFragment collects fragments and takes the message that they make.
func (s *Session) handleFragment(now time.Time, in packet) {
	m, err := parse(in)
	if err != nil {
		s.drop(now, err.Error())
		return
	}
	f, ok := wire.Get[wire.Fragment](m.payloads)
	if !ok || len(m.payloads) != 1 {
		s.drop(now, "a fragment is not alone in its message")
		return
	}
	whole := s.fragments.add(now, in.head, f)
	if whole == nil {
		return
	}
	if inner, _, err := wire.ParseHeader(whole); err != nil || inner.NextPayload == wire.TypeFragment {
		s.drop(now, "fragments of no message")
		return
	}
	s.handle(now, whole, in.encap)
}

// repeat answers a duplicate once more with the same octets (quirk 41).
func (s *Session) repeat(now time.Time, head wire.Header, d ike.Datagram, send bool) {
	if s.dropped.allow(now) {
		s.note(ike.Debug, "IKE_DUPLICATE", "FROM "+s.gateway()+" "+head.Summary()+" again", about(head)...)
	}
	for _, a := range s.sas {
		a.thirdLost = a.thirdLost || head.MessageID == 0 && a.is(head)
	}
	if s.attempt != nil && s.attempt.cookieI == head.InitiatorCookie {
		s.attempt.repeated = true
	}
	if send {
		s.send(d)
	}
}

// route gives a message to whom it concerns, found by its cookies.
func (s *Session) route(now time.Time, in packet) {
	if a := s.established(in.head); a != nil {
		s.handleEstablished(now, a, in)
		return
	}
	switch a, r := s.attempt, s.responding; {
	case a != nil && a.concerns(in.head):
		s.handleAttempt(now, a, in)
	case r != nil && r.concerns(in.head):
		s.handleResponding(now, r, in)
	case s.probes.concerns(in.head):
		s.probeAnswered(now, in.head)
	case in.head.ResponderCookie.IsZero():
		s.handleFirst(now, in)
	default:
		s.drop(now, "unknown cookies "+in.head.InitiatorCookie.String()+" "+in.head.ResponderCookie.String())
	}
}

// established is the Phase 1 SA that the header names, or nil.
func (s *Session) established(head wire.Header) *sa {
	for _, a := range s.sas {
		if a.is(head) {
			return a
		}
	}
	return nil
}

// current is the newest Phase 1 SA, or nil.
func (s *Session) current() *sa {
	if len(s.sas) == 0 {
		return nil
	}
	return s.sas[len(s.sas)-1]
}

// HandleTimeout does what is due.
func (s *Session) HandleTimeout(now time.Time) {
	steps := []func(time.Time){
		s.attemptDue, s.probesDue, s.respondingDue, s.transactionsDue, s.quicksDue, s.childrenDue, s.phase1Due,
		s.dpdDue, s.keepaliveDue, s.unheardDue,
	}
	for _, step := range steps {
		if s.ended {
			return
		}
		step(now)
	}
}

// NextTimeout is the earliest of what the parts wait for.
func (s *Session) NextTimeout() (time.Time, bool) {
	if s.ended {
		return time.Time{}, false
	}
	var next earliest
	s.attempt.next(&next)
	s.responding.next(&next)
	next.add(s.probes.next())
	for _, a := range s.sas {
		a.next(&next)
	}
	for _, c := range s.children {
		c.next(&next)
	}
	s.nextRekey(&next)
	s.nextRenewal(&next)
	next.at(s.changeAt)
	next.add(s.dpd.Next())
	next.add(s.keepalive.Next())
	next.at(s.unheard.look)
	return next.time, !next.time.IsZero()
}

// earliest is the earliest of the times given to it.
type earliest struct{ time time.Time }

func (e *earliest) add(t time.Time, ok bool) {
	if ok && (e.time.IsZero() || t.Before(e.time)) {
		e.time = t
	}
}

// at adds a time that is zero when there is none.
func (e *earliest) at(t time.Time) { e.add(t, !t.IsZero()) }

// due says that the time t, if there is one, has come.
func due(now, t time.Time) bool { return !t.IsZero() && !now.Before(t) }

// Health is what was seen of the way to the gateway.
func (s *Session) Health() ike.Health { return s.health }

// answered ends a request whose authenticated answer has come, or one that as
// good as proves itself, and measures how long it took.
func (s *Session) answered(now time.Time, r *ike.Request) {
	if took, ok := r.RoundTrip(now); ok {
		s.health.RoundTrip.Add(now, took)
	}
	r.Answered()
}

// NextDatagram returns the next datagram to send.
func (s *Session) NextDatagram() (ike.Datagram, bool) { return shift(&s.datagrams) }

// NextEvent returns the next event.
func (s *Session) NextEvent() (ike.Event, bool) { return shift(&s.events) }

// shift takes the first of a queue.
func shift[T any](queue *[]T) (first T, ok bool) {
	if len(*queue) == 0 {
		*queue = nil
		return first, false
	}
	first = (*queue)[0]
	*queue = (*queue)[1:]
	return first, true
}

// Close says goodbye.
func (s *Session) Close(now time.Time) {
	if !s.ended {
		s.down(now, &reason.Reason{Code: reason.Cancelled, Side: reason.Client})
	}
}

// down ends the session: the gateway is told by DELETEs, if it may still
// listen.
func (s *Session) down(now time.Time, r *reason.Reason) {
	if s.ended {
		return
	}
	s.ended = true
	if r.Code != reason.PeerDead && r.Code != reason.GWClosed {
		s.goodbye(now)
	}
	for _, c := range s.children {
		s.say(ike.ChildDown{SPIIn: c.up.SPIIn})
	}
	level := ike.Warn
	if r.Code == reason.Cancelled {
		level = ike.Info
	}
	s.note(level, "DOWN", r.Error(), ike.Field{Key: "reason", Value: string(r.Code)}, ike.Field{Key: "side", Value: string(r.Side)})
	s.say(ike.Down{Reason: r})
	for _, a := range s.sas {
		a.login.forget()
		a.keys.Wipe()
	}
	s.attempt, s.responding, s.sas, s.children = nil, nil, nil, nil
	clear(s.cfg.PSK)
	s.cfg.Own.Key = nil
	s.user.forget()
}

// fault ends the session because of ourselves: randomness or an algorithm
// failed.
func (s *Session) fault(now time.Time, err error) {
	s.down(now, &reason.Reason{Code: reason.Internal, Side: reason.Client, Seen: err.Error()})
}
