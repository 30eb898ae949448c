package tunnel

import (
	"cmp"
	"errors"
	"time"

	"muvpn/client/reason"
	"muvpn/profile"
	"muvpn/tunnel/ike"
)

// farewell is how long a session may take to end after Close.
const farewell = time.Second

// control is the state of the control loop. It owns the session; every method
// runs on its goroutine.
type control struct {
	*Tunnel
	session ike.Session
	network *profile.Network
	// onDemand: packets ask for the SA pairs.
	onDemand bool
	timer    *time.Timer

	ike     *IKE
	up      *Up  // what was said last; nil: not up
	reading bool // the outbound loop runs
	sending bool // there was an SA pair that sends
	hint    hint
	hintAt  time.Time
	drops   dropReport
	silence silence
	seen    ike.Health // as it was told last
	through ike.RoundTrip
	endBy   time.Time // when a session that was closed is ended anyway; zero: it was not
	reason  *reason.Reason
}

// run starts the loops of a tunnel.
func run(cfg Config, s *sockets, p *profile.Profile, session ike.Session) *Tunnel {
	t := &Tunnel{
		device: cfg.Device, first: cfg.First, sockets: s, local: s.localIKE().Addr(), children: newChildren(s), mail: newMailbox(),
		calls: make(chan call), datagrams: make(chan ike.Datagram, 64),
		faults: make(chan error, 1), wakeup: make(chan struct{}, 1), trips: newTrips(),
		opened: make(chan struct{}), stop: make(chan struct{}), closing: make(chan struct{}), done: make(chan struct{}),
	}
	t.loops.Go(t.inboundIKE)
	encap, raw := s.encap, s.raw // closing the sockets forgets them, perhaps before a loop begins
	t.loops.Go(func() { t.inbound(encap) })
	if raw != nil {
		t.loops.Go(func() { t.inbound(raw) })
	}
	c := &control{Tunnel: t, session: session, network: &p.Network, timer: time.NewTimer(time.Hour)}
	c.onDemand = p.Policy.Connect == onDemand
	go c.run()
	return t
}

// run is the control loop.
func (c *control) run() {
	defer close(c.done)
	for _, n := range c.sockets.notes {
		c.mail.put(n)
	}
	c.session.Start(time.Now())
	for c.drain(); c.reason == nil; c.drain() {
		c.arm()
		c.wait()
	}
	c.finish()
}

// wait waits until something happens and deals with it.
func (c *control) wait() {
	closing := c.closing
	if !c.endBy.IsZero() {
		closing = nil
	}
	out, e := c.mail.next()
	select {
	case d := <-c.datagrams:
		c.hint = hint{} // the gateway is there
		c.session.HandleDatagram(time.Now(), d)
	case <-c.timer.C:
		c.due(time.Now())
	case <-c.wakeup:
		c.look(time.Now())
	case do := <-c.calls:
		do(c.session, time.Now())
	case err := <-c.faults:
		c.fail(err)
	case <-closing:
		c.endBy = time.Now().Add(farewell)
		c.session.Close(time.Now())
	case out <- e:
		c.mail.shift()
	}
}

// arm sets the one timer to whatever is due first.
func (c *control) arm() {
	at, ok := c.session.NextTimeout()
	for _, t := range []time.Time{c.endBy, c.drops.at, c.silence.at} {
		if !t.IsZero() && (!ok || t.Before(at)) {
			at, ok = t, true
		}
	}
	if !ok {
		c.timer.Stop()
		return
	}
	c.timer.Reset(time.Until(at))
}

// due does what time has brought.
func (c *control) due(now time.Time) {
	if !c.endBy.IsZero() && !now.Before(c.endBy) {
		c.reason = &reason.Reason{Code: reason.Cancelled, Side: reason.Client}
		return
	}
	c.look(now)
	c.session.HandleTimeout(now)
}

// look takes in what the packet loops have seen.
func (c *control) look(now time.Time) {
	c.session.HandleTraffic(now, c.children.traffic())
	c.watchArrivals()
	c.takeDemand(now)
	c.takeHint(now)
	c.reportDrops(now)
	c.watchSilence(now)
	c.watchPath()
	c.takeTrip(now)
}

// drain does what the session wants done and sends what it wants sent; in that
// order, as an SA must receive before the peer hears of it. Nothing comes after
// Down but the last datagrams.
func (c *control) drain() {
	for e, ok := c.session.NextEvent(); ok; e, ok = c.session.NextEvent() {
		c.handle(e, time.Now())
	}
	for d, ok := c.session.NextDatagram(); ok; d, ok = c.session.NextDatagram() {
		c.send(d)
	}
	if h := c.session.Health(); h != c.seen {
		c.seen = h
		c.health.Store(&h)
	}
}

// send sends one IKE datagram. A failure is the session's to find out, by the
// answer that does not come; here it is only noted.
func (c *control) send(d ike.Datagram) {
	err := c.sockets.send(d)
	if err != nil {
		c.addHint(newHint(err), time.Now())
	} else if c.hint.noRoute { // there is a way again
		c.hint = hint{}
	}
}

// handle does what one event of the session says.
func (c *control) handle(e ike.Event, now time.Time) {
	switch e := e.(type) {
	case ike.Note:
		c.mail.put(ikeNote(e))
	case ike.Step:
		c.mail.put(Step{Name: e.Name})
	case ike.NeedAnswer:
		c.mail.put(NeedAnswer(e))
	case ike.IKEUp:
		c.ike = ikeState(e, now)
		c.negotiated()
	case ike.ChildUp:
		c.install(e, now)
	case ike.SwitchOutbound:
		c.switchTo(e.SPIIn)
	case ike.ChildDown:
		c.children.remove(e.SPIIn)
		c.watchArrivals()
		c.negotiated()
	case ike.Up:
		c.connected(e.Network)
	case ike.Down:
		c.down(e.Reason)
	}
}

// install takes over an SA pair.
func (c *control) install(e ike.ChildUp, now time.Time) {
	if e.Encap || c.sockets.raw != nil {
		if err := c.children.install(e, now); err != nil {
			c.down(internal("ESP", err))
			return
		}
		c.watchArrivals()
		return
	}
	c.down(internal("ESP", errors.New("raw ESP was negotiated, which is not possible here")))
}

// switchTo moves outbound packets to an SA pair. With the first one the device
// begins to be read: before it, packets are better off waiting.
func (c *control) switchTo(spiIn uint32) {
	if !c.children.switchTo(spiIn) {
		return
	}
	c.negotiated()
	if !c.sending {
		c.sending = true
		close(c.opened)
		c.watchPath()
	}
	c.read()
}

// read begins to read the device, once.
func (c *control) read() {
	if !c.reading {
		c.reading = true
		c.loops.Go(c.outbound)
	}
}

// negotiated tells which SAs are in use.
func (c *control) negotiated() {
	c.mail.put(Negotiated{IKE: c.ike, ESP: c.children.sending()})
}

// connected tells that the inner network can be set up: what the profile lists
// wins, and the gateway fills in what it leaves out.
func (c *control) connected(n ike.Network) {
	p := c.network
	up := Up{NetConfig: NetConfig{
		Gateway:   c.sockets.gateway,
		VirtualIP: n.VirtualIP, Networks: n.Networks, Exclude: first(p.Exclude, n.Exclude),
		DNS: first(p.DNS, n.DNS), SplitDNS: n.SplitDNS, Search: first(p.Search, n.Search), WINS: first(p.WINS, n.WINS),
		MTU: c.mtu(), Banner: n.Banner, Backups: n.Backups,
	}}
	if len(p.DNS) > 0 { // the gateway's domains are for the gateway's servers
		up.NetConfig.SplitDNS = nil
	}
	c.up = &up
	c.mail.put(up)
	c.awaitDemand(&up.NetConfig)
}

// first is own, or other where that has nothing.
func first[T any](own, other []T) []T {
	if len(own) > 0 {
		return own
	}
	return other
}

// mtu is that of the inner interface: what the SAs can carry whole, or less when
// the profile says so.
func (c *control) mtu() int {
	mtu := c.children.setPath()
	if own := c.network.MTU; own > 0 {
		mtu = min(mtu, own)
	}
	return mtu
}

// watchPath tells of a way to the gateway that carries less (or more) than it
// did.
func (c *control) watchPath() {
	if c.up == nil {
		return
	}
	if mtu := c.mtu(); mtu > 0 && mtu != c.up.NetConfig.MTU {
		if c.up.NetConfig.MTU > 0 {
			c.note(1, "PATH_MTU", map[string]any{"mtu": mtu}, "The way to the gateway has changed: inner MTU %d", mtu)
		}
		c.up.NetConfig.MTU = mtu
		c.mail.put(*c.up)
	}
}

// fail ends the tunnel because the device has failed.
func (c *control) fail(err error) {
	c.session.Close(time.Now())
	c.down(noTUN(err))
}

// noTUN is the Reason for a device that has failed.
func noTUN(err error) *reason.Reason {
	return &reason.Reason{Code: reason.NoTUN, Side: reason.Client, Seen: "network interface: " + err.Error()}
}

// down ends the tunnel for a reason. The network's hints go with it.
func (c *control) down(r *reason.Reason) {
	if c.reason == nil {
		c.reason = explained(cmp.Or(r, &reason.Reason{Code: reason.Internal, Side: reason.Client}), c.hint)
	}
}

// finish stops the packet loops and gives the last events.
func (c *control) finish() {
	c.timer.Stop()
	close(c.stop)
	c.sockets.close()
	readDeadline(c.device, time.Unix(1, 0))
	c.loops.Wait()
	c.mail.put(Down{Reason: c.reason})
	c.mail.finish(c.closing)
}
