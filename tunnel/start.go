package tunnel

import (
	"errors"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.zx2c4.com/wireguard/tun"

	"muvpn/client/reason"
	"muvpn/tunnel/esp"
	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/ikev1"
)

// Tunnel is one tunnel, from Start to its Down event. Its methods may be called
// by anybody.
type Tunnel struct {
	device   tun.Device
	first    [][]byte // was read from it before; the outbound loop's
	sockets  *sockets
	local    netip.Addr
	children *children
	mail     *mailbox

	calls     chan call
	datagrams chan ike.Datagram // received, for the session
	faults    chan error        // of the device, which no packet loop can go on with
	wakeup    chan struct{}
	signs     signs
	health    atomic.Pointer[ike.Health] // nil: nothing was seen yet
	trips     *trips                     // through the tunnel and back, under way
	through   atomic.Pointer[RoundTrip]  // of those; nil: none was measured yet

	loops   sync.WaitGroup         // inbound and outbound
	demand  atomic.Pointer[demand] // nil: packets ask for nothing
	opened  chan struct{}          // closed when the first SA pair sends
	stop    chan struct{}          // closed when the packet loops shall end
	closing chan struct{}          // closed by Close
	once    sync.Once
	done    chan struct{} // closed when the control loop has ended
}

// call is something that a method asks of the session.
type call func(s ike.Session, now time.Time)

// signs are what the packet loops leave for the control loop before they wake
// it. Each says something once, until the control loop takes it.
type signs struct {
	hint    atomic.Pointer[hint]
	dropped atomic.Bool // packets were dropped since the last note of them
	sent    atomic.Bool // outbound packets have been sealed
	wanted  atomic.Bool // packets have found no SA that should be there, on demand
	tooLong atomic.Bool // for the outbound loop: packets do not fit the path
	// fresh are inbound SAs that have not authenticated a packet yet.
	fresh atomic.Pointer[[]*esp.Inbound]
}

// Start opens the sockets and begins the key exchange. An error is a
// *reason.Reason: the attempt cannot even begin.
func Start(cfg Config) (*Tunnel, error) {
	return start(cfg, func(c ike.Config) ike.Session { return ikev1.New(c) })
}

func start(cfg Config, newSession func(ike.Config) ike.Session) (*Tunnel, error) {
	if err := readDeadline(cfg.Device, time.Time{}); err != nil {
		return nil, internal("device", err)
	}
	p := cfg.Profile.Effective()
	s, err := openSockets(&p, &cfg)
	if err != nil {
		return nil, asReason(err)
	}
	c, err := ikeConfig(&cfg, &p, s)
	if err != nil {
		s.close()
		return nil, asReason(err)
	}
	s.notes = append(s.notes, ownNotes(c.Own.Chain)...)
	session := newSession(c)
	clear(c.PSK) // the session has its own
	return run(cfg, s, &p, session), nil
}

// asReason is err, made a Reason when it is none.
func asReason(err error) error {
	if r := new(reason.Reason); errors.As(err, &r) {
		return r
	}
	return internal("sockets", err)
}

// internal is the Reason for a fault of ours.
func internal(what string, err error) *reason.Reason {
	return &reason.Reason{Code: reason.Internal, Side: reason.Client, Seen: what + ": " + err.Error()}
}

// deadliner is a device whose Read can be interrupted.
type deadliner interface {
	SetReadDeadline(time.Time) error
}

// readDeadline sets when reads of a device end: its own, or its file's.
func readDeadline(dev tun.Device, t time.Time) error {
	if d, ok := dev.(deadliner); ok {
		return d.SetReadDeadline(t)
	}
	if f := dev.File(); f != nil {
		return f.SetReadDeadline(t)
	}
	return os.ErrNoDeadline
}

// Events are what happens, in order. The channel is closed after Down. Read it
// until then, or call Close: the tunnel itself never waits for the reader.
func (t *Tunnel) Events() <-chan Event { return t.mail.out }

// Answer gives the user's answer to the NeedAnswer with that ID. The tunnel
// wipes value.
func (t *Tunnel) Answer(id int, value []byte) {
	t.ask(func(s ike.Session, now time.Time) {
		s.Answer(now, ike.Answer{ID: id, Value: value})
		clear(value)
	})
}

// Rekey replaces the SAs now, make before break.
func (t *Tunnel) Rekey() {
	t.ask(func(s ike.Session, now time.Time) { s.Rekey(now) })
}

// ask has the control loop do something; a tunnel that is down does nothing.
func (t *Tunnel) ask(c call) {
	select {
	case t.calls <- c:
	case <-t.stop:
	}
}

// Counters are what the tunnel has carried so far.
func (t *Tunnel) Counters() Counters {
	c := t.children.counters()
	if h := t.health.Load(); h != nil {
		c.Retransmissions, c.RoundTrip = h.Retransmissions, RoundTrip(h.RoundTrip)
	}
	if r := t.through.Load(); r != nil {
		c.TunnelRoundTrip = *r
	}
	return c
}

// Local is the address of this computer that the tunnel leaves from. It stays
// the same: on another one there is another tunnel.
func (t *Tunnel) Local() netip.Addr { return t.local }

// Close says goodbye to the gateway and returns when everything has ended,
// after two seconds at the latest. It may be called again.
func (t *Tunnel) Close() {
	t.once.Do(func() { close(t.closing) })
	<-t.done
}

// wake has the control loop look at the signs.
func (t *Tunnel) wake() {
	select {
	case t.wakeup <- struct{}{}:
	default: // it is about to
	}
}

// fault has the control loop end the tunnel, as the device has failed.
func (t *Tunnel) fault(err error) {
	select {
	case t.faults <- err:
	default: // another was first
	}
}
