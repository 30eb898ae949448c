package interop

import (
	"errors"
	"net"
	"net/netip"
	"time"

	"muvpn/service/interop/lab"
	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/ikev1"
	"muvpn/tunnel/ike/recording"
)

// driver is what tunnel is to a session in the product, without packets: two
// sockets and a timer.
type driver struct {
	recorder *recording.Recorder
	born     time.Time
	sockets  [2]net.PacketConn // IKE, and UDP encapsulation
	inbound  chan ike.Datagram
	events   []ike.Event       // that nobody has looked at yet
	answers  map[string]string // to the kinds of questions
}

// newDriver opens the sockets on the client's computer and begins a recording.
func newDriver(client *lab.Namespace, cfg ike.Config) (*driver, error) {
	d := &driver{inbound: make(chan ike.Datagram, 64)}
	for i := range d.sockets {
		socket, err := client.ListenPacket("udp4", ":0")
		if err != nil {
			return nil, err
		}
		d.sockets[i] = socket
		go d.receive(socket, i == 1)
	}
	own, err := client.Address(lab.ClientLink)
	if err != nil {
		return nil, err
	}
	cfg.Local, cfg.LocalNATT = netip.AddrPortFrom(own, port(d.sockets[0])), netip.AddrPortFrom(own, port(d.sockets[1]))
	d.born = time.Now()
	d.recorder = recording.New(cfg, func(c ike.Config) ike.Session { return ikev1.New(c) })
	return d, nil
}

// port is the local port of a socket.
func port(c net.PacketConn) uint16 { return c.LocalAddr().(*net.UDPAddr).AddrPort().Port() }

// receive passes on what a socket receives until it is closed: IKE, without
// the non-ESP marker.
func (d *driver) receive(socket net.PacketConn, encap bool) {
	buf := make([]byte, 1<<16)
	for {
		n, from, err := socket.ReadFrom(buf)
		if err != nil {
			return
		}
		data := append([]byte(nil), buf[:n]...)
		if encap {
			if len(data) < 4 || [4]byte(data) != [4]byte{} {
				continue // ESP
			}
			data = data[4:]
		}
		d.inbound <- ike.Datagram{Data: data, Encap: encap, Remote: from.(*net.UDPAddr).AddrPort()}
	}
}

// close ends the driver.
func (d *driver) close() {
	for _, socket := range d.sockets {
		socket.Close()
	}
}

// now is the time since the recording began.
func (d *driver) now() time.Duration { return time.Since(d.born) }

// send sends what the last call of the session brought out, and keeps its
// events.
func (d *driver) send(events []ike.Event) {
	for _, out := range d.recorder.Sent() {
		socket, data := d.sockets[0], out.Data
		switch {
		case out.Keepalive:
			socket, data = d.sockets[1], []byte{0xff}
		case out.Encap:
			socket, data = d.sockets[1], append(make([]byte, 4), out.Data...)
		}
		socket.WriteTo(data, net.UDPAddrFromAddrPort(out.Remote))
	}
	d.events = append(d.events, events...)
	for _, e := range events {
		if q, ok := e.(ike.NeedAnswer); ok {
			d.send(d.recorder.Answer(d.now(), ike.Answer{ID: q.ID, Value: []byte(d.answers[q.Kind])}))
		}
	}
}

// connects drives the session until it is up.
func (d *driver) connects() error {
	d.send(d.recorder.Start(d.now()))
	return d.until(func(e ike.Event) bool { _, ok := e.(ike.Up); return ok })
}

// rekeys has the session replace both phases.
func (d *driver) rekeys() error {
	d.send(d.recorder.Rekey(d.now()))
	return d.until(func(e ike.Event) bool {
		up, ok := e.(ike.ChildUp)
		return ok && up.Replaces != 0
	})
}

// settle lets both sides finish what they have begun.
func (d *driver) settle() {
	for end := time.Now().Add(3 * time.Second); time.Now().Before(end); {
		d.step(100 * time.Millisecond)
	}
}

// until drives the session until there is such an event, and a little further.
func (d *driver) until(is func(ike.Event) bool) error {
	defer d.settle()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); d.step(time.Second) {
		for len(d.events) > 0 {
			e := d.events[0]
			d.events = d.events[1:]
			if down, ended := e.(ike.Down); ended {
				return down.Reason
			}
			if is(e) {
				return nil
			}
		}
	}
	return errors.New("the session does not get on")
}

// step waits for a datagram or the session's next time, at most so long.
func (d *driver) step(limit time.Duration) {
	timeout := false
	if next, ok := d.recorder.NextTimeout(); ok && next-d.now() < limit {
		// Times are cut to milliseconds: one more, or it would be too early.
		limit, timeout = max(next-d.now()+time.Millisecond, 0), true
	}
	select {
	case in := <-d.inbound:
		d.send(d.recorder.HandleDatagram(d.now(), in))
	case <-time.After(limit):
		if timeout {
			d.send(d.recorder.HandleTimeout(d.now()))
		}
	}
}
