package tunnel

import (
	"context"
	"crypto/rand"
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"

	"muvpn/client/reason"
	"muvpn/profile"
	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/ikev1"
)

// Reach is what knocking at a gateway has found.
type Reach struct {
	Local      netip.Addr // of this computer, towards the gateway
	IKE, Encap Port
	NAT        string         // see ike.NAT.String; empty: the gateway has not said
	Own        bool           // it goes on with what the profile offers
	Refused    *reason.Reason // what it has said to the profile's first message; nil: nothing
	// Passed is how long a packet has passed whole, in octets with its IP header;
	// TooLong, how long one had no answer. 0: none, or it was not tried.
	Passed, TooLong int
}

// Port is one of the gateway's two.
type Port struct {
	Answered bool
	Took     time.Duration // the first answer; 0: it cannot be said
	Hint     string        // what the network has reported, in words
}

// Knock finds out whether a gateway answers on both of its ports, in four
// seconds at the most. It uses ports of its own and no secret, and begins no
// connection: see ikev1.Knock. Of c it needs Profile, Gateway and Prepare. An error is a *reason.Reason: nothing could be
// sent at all.
func Knock(ctx context.Context, c *Config) (Reach, error) {
	e := c.Profile.Effective()
	s := &sockets{gateway: c.Gateway.Unmap(), prepare: prepared(c.Prepare)}
	defer s.close()
	for _, open := range []struct {
		conn *net.Conn
		port uint16
	}{{&s.ike, e.Gateway.IKEPort}, {&s.encapConn, e.Gateway.NATTPort}} {
		conn, err := s.dialUDP(0, open.port)
		if err != nil {
			return Reach{}, whyNoSocket(0, err)
		}
		*open.conn = conn
	}
	cfg, err := knockConfig(&e, s)
	if err != nil {
		return Reach{}, asReason(err)
	}
	k := knocking{sockets: s, knock: ikev1.NewKnock(cfg), in: make(chan ike.Datagram), hints: make(chan portHint, 16)}
	if err := k.run(ctx); err != nil {
		return Reach{}, asReason(err)
	}
	return k.reach(), nil
}

// knockConfig is what a Knock needs to know of the profile.
func knockConfig(p *profile.Profile, s *sockets) (ike.Config, error) {
	c := ike.Config{
		Rand: rand.Reader, Gateway: s.gateway, IKEPort: p.Gateway.IKEPort, NATTPort: p.Gateway.NATTPort,
		Local: s.localIKE(), LocalNATT: s.localEncap(), Aggressive: p.IKE.Exchange == "aggressive",
		Legacy: p.Policy.Security == "legacy", IDPort: p.IKE.IDPort == portIKE, Lifetime: p.IKE.Lifetime.Duration,
		ModeConfig: p.Network.VirtualIP.Mode == "mode-config",
	}
	return c, fillParsed(&c, p)
}

// knocking drives a Knock. Its readers end when the sockets are closed.
type knocking struct {
	*sockets
	knock *ikev1.Knock
	in    chan ike.Datagram
	hints chan portHint
	said  [2]string // by the network, of either port
	local netip.Addr

	passed, tooLong int
}

// portHint is what the network has reported of a port.
type portHint struct {
	encap bool
	err   error
}

// run knocks until everything is said or time is up, then ends the readers.
func (k *knocking) run(ctx context.Context) error {
	stop := make(chan struct{})
	var readers sync.WaitGroup
	defer readers.Wait()
	defer func() { close(stop); k.sockets.close() }()
	k.local = k.localIKE().Addr()
	readers.Go(func() { k.read(k.sockets.ike, false, stop) })
	readers.Go(func() { k.read(k.encapConn, true, stop) })
	if err := k.knock.Start(time.Now()); err != nil {
		return err
	}
	if err := k.listen(ctx); err != nil {
		return err
	}
	k.measure(ctx)
	return nil
}

// listen knocks until everything is said or time is up.
func (k *knocking) listen(ctx context.Context) error {
	for {
		for d, ok := k.knock.NextDatagram(); ok; d, ok = k.knock.NextDatagram() {
			k.note(portHint{d.Encap, k.send(d)})
		}
		at, more := k.knock.NextTimeout(time.Now())
		if !more {
			return nil
		}
		select {
		case d := <-k.in:
			k.knock.HandleDatagram(time.Now(), d)
		case h := <-k.hints:
			k.note(h)
		case <-time.After(time.Until(at)):
			k.knock.HandleTimeout(time.Now())
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// measure finds out whether packets as long as the system believes in pass to
// the gateway: two tries, the second where the network has named a length.
func (k *knocking) measure(ctx context.Context) {
	if !dontFragment(k.sockets.ike) {
		return
	}
	for range 2 {
		mtu := min(pathMTU(k.sockets.ike), 1500)
		if mtu == 0 || mtu == k.tooLong {
			return
		}
		d, ok := k.knock.Long(mtu - overhead(k.gateway))
		if !ok {
			return
		}
		if err := k.send(d); err == nil && k.fits(ctx) {
			k.passed = mtu
			return
		}
		k.tooLong = mtu
	}
}

// overhead is the IP header and that of UDP.
func overhead(a netip.Addr) int {
	if a.Is6() {
		return 40 + 8
	}
	return 20 + 8
}

// fits waits for the answer to a long message.
func (k *knocking) fits(ctx context.Context) bool {
	enough := time.After(1500 * time.Millisecond)
	for !k.knock.Fitted() {
		select {
		case d := <-k.in:
			k.knock.HandleDatagram(time.Now(), d)
		case <-k.hints: // too long, says the network: it is in the system's path MTU
		case <-enough:
			return false
		case <-ctx.Done():
			return false
		}
	}
	return true
}

// note keeps what the network says.
func (k *knocking) note(h portHint) {
	if h.err == nil || errors.Is(h.err, net.ErrClosed) {
		return
	}
	i := 0
	if h.encap {
		i = 1
	}
	k.said[i] = newHint(h.err).String()
}

// read hands over what comes to one socket.
func (k *knocking) read(conn net.Conn, encap bool, stop <-chan struct{}) {
	buf := make([]byte, maxDatagram)
	for {
		n, err := conn.Read(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		data := append([]byte(nil), buf[:n]...)
		if err == nil && encap {
			if n < nonESPMarker || [nonESPMarker]byte(data) != [nonESPMarker]byte{} {
				continue
			}
			data = data[nonESPMarker:]
		}
		if err != nil {
			select {
			case k.hints <- portHint{encap, err}:
			default:
			}
			time.Sleep(10 * time.Millisecond) // a socket that only fails must not spin
			continue
		}
		select {
		case k.in <- ike.Datagram{Data: data, Local: localAddr(conn), Remote: remoteAddr(conn), Encap: encap}:
		case <-stop:
			return
		}
	}
}

// reach is what was found.
func (k *knocking) reach() Reach {
	own, encap := k.knock.Heard(false), k.knock.Heard(true)
	r := Reach{
		Local: k.local, Passed: k.passed, TooLong: k.tooLong,
		IKE:   Port{own.Answered, own.Took, k.said[0]},
		Encap: Port{encap.Answered, encap.Took, k.said[1]},
		Own:   own.Own || encap.Own, Refused: own.Refused,
	}
	for _, h := range []ikev1.Heard{encap, own} {
		if h.Judged {
			r.NAT = h.NAT.String()
		}
		if r.Refused == nil {
			r.Refused = h.Refused
		}
	}
	if r.Own {
		r.Refused = nil // it is the authenticated way that counts, and it goes on
	}
	return r
}
