package server

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"os"
	"time"

	"golang.zx2c4.com/wireguard/tun"

	"muvpn/tunnel/esp"
	"muvpn/tunnel/gateway"
)

// offset is where a received packet starts in its buffer, and where the office's
// device finds the inner packet: room for what a TUN writes in front of it.
const offset = 16

// newPackets are packets with a buffer each. A TUN joins TCP segments in them
// and wants long ones.
func (s *Server) newPackets() []esp.Packet {
	size := esp.Headroom + maxDatagram + esp.Tailroom
	if s.c.LAN.Device == "netstack" {
		size = esp.Headroom + max(s.c.PathMTU, s.c.LAN.MTU) + esp.Tailroom
	}
	slab := make([]byte, batch*size)
	pkts := make([]esp.Packet, batch)
	for i := range pkts {
		pkts[i].Buf = slab[i*size : (i+1)*size : (i+1)*size]
	}
	return pkts
}

// arrivals are ESP packets that have come over one socket.
type arrivals struct {
	s    *Server
	k    *socket
	pkts []esp.Packet
	spis [batch]uint32
	from [batch]netip.AddrPort
	n    int
	bufs [][]byte
}

// inbound reads a socket until it is closed.
func (s *Server) inbound(k *socket) {
	r := newReader(k)
	a := &arrivals{s: s, k: k, bufs: make([][]byte, 0, batch)}
	if k != s.ike {
		a.pkts = s.newPackets()
	}
	for {
		err := r.read(a.take)
		a.flush()
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil:
			// The network reports an earlier packet; a socket that stays
			// broken must not take a core.
			time.Sleep(time.Millisecond)
		}
	}
}

// take takes one datagram.
func (a *arrivals) take(from netip.AddrPort, datagram []byte) {
	if a.k == a.s.ike {
		a.key(from, datagram)
		return
	}
	kind := esp.KindESP
	if a.k.marker {
		kind = esp.Classify(datagram)
	}
	switch {
	case kind == esp.KindIKE:
		a.key(from, datagram[len(nonESPMarker):])
	case kind == esp.KindESP && len(datagram) >= 4 && len(datagram) <= len(a.pkts[0].Buf)-offset:
		a.add(from, datagram)
	}
}

// key hands an IKE message to the gateway.
func (a *arrivals) key(from netip.AddrPort, datagram []byte) {
	a.flush() // in the order in which they came: the SA may be about to go
	d := gateway.Datagram{Data: bytes.Clone(datagram), Local: a.k.local, Remote: from, Encap: a.k.marker}
	a.s.do(func(g *gateway.Gateway, now time.Time) { g.HandleDatagram(now, d) })
}

// add puts an ESP packet into the batch.
func (a *arrivals) add(from netip.AddrPort, datagram []byte) {
	if a.n == batch {
		a.flush()
	}
	p := &a.pkts[a.n]
	p.Start, p.Drop, p.ECN = offset, esp.Kept, 0
	p.End = offset + copy(p.Buf[offset:], datagram)
	a.spis[a.n], a.from[a.n] = binary.BigEndian.Uint32(datagram), from
	a.n++
}

// flush opens the batch and gives what is in it to the office.
func (a *arrivals) flush() {
	if a.n == 0 {
		return
	}
	pkts := a.pkts[:a.n]
	now := a.s.sas.Load()
	now.table.Open(pkts, a.k.marker)
	a.bufs = a.bufs[:0]
	for i := range pkts {
		if p := &pkts[i]; p.Drop == esp.Kept {
			a.bufs = append(a.bufs, p.Buf[p.Start-offset:p.End])
			now.follow(a.spis[i], a.from[i])
		}
	}
	if len(a.bufs) > 0 {
		a.s.inside.Write(a.bufs, offset)
	}
	a.n = 0
}

// follow sends to where a user's genuine packets come from: a NAT may have
// changed its mind.
func (s *sas) follow(spiIn uint32, from netip.AddrPort) {
	if r := s.in[spiIn]; r != nil && r.encap && r.to.Load().port != from {
		r.aim(from)
	}
}

// outbound reads the office's device until it is closed.
func (s *Server) outbound() {
	device := s.inside
	pkts, sizes := s.newPackets(), make([]int, batch)
	bufs := make([][]byte, min(batch, device.BatchSize()))
	for i := range bufs {
		bufs[i] = pkts[i].Buf[:len(pkts[i].Buf)-esp.Tailroom]
	}
	w := s.newWriters()
	for {
		n, err := device.Read(bufs, sizes, esp.Headroom)
		switch {
		case errors.Is(err, os.ErrClosed):
			return
		case err != nil && !errors.Is(err, tun.ErrTooManySegments):
			s.log.write("kernel", "The office network is gone: "+err.Error())
			return
		}
		for i := range n {
			pkts[i].Start, pkts[i].End, pkts[i].Drop = esp.Headroom, esp.Headroom+sizes[i], esp.Kept
		}
		s.seal(pkts[:n], w)
	}
}

// writers send over the socket that a route takes.
type writers struct{ natt, raw *writer }

func (s *Server) newWriters() writers {
	w := writers{natt: newWriter(s.natt)}
	if s.raw != nil {
		w.raw = newWriter(s.raw)
	}
	return w
}

// of is the writer for a route; nil if it has none.
func (w writers) of(r *route) *writer {
	if r.encap {
		return w.natt
	}
	return w.raw
}

// seal seals a batch and sends it.
func (s *Server) seal(pkts []esp.Packet, w writers) {
	now := s.sas.Load()
	now.seal(pkts)
	for i := range pkts {
		p := &pkts[i]
		switch p.Drop {
		case esp.Kept:
			r := now.out[binary.BigEndian.Uint32(p.Data())]
			if r == nil {
				continue
			}
			if to := w.of(r); to != nil {
				to.add(p.Data(), r.to.Load().addr)
			}
		case esp.DropTooBig:
			s.tooBig(p)
		}
	}
	w.natt.flush()
	if w.raw != nil {
		w.raw.flush()
	}
}

// tooBig tells the office that a packet does not fit.
func (s *Server) tooBig(p *esp.Packet) {
	if b := esp.AppendTooBig(make([]byte, offset), p); len(b) > offset {
		s.inside.Write([][]byte{b}, offset)
	}
}
