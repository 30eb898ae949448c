package gateway

import (
	"bytes"
	"net/netip"
	"time"

	"muvpn/tunnel/ike/wire"
)

// outgoing is a message that leaves.
type outgoing struct {
	step   Step
	words  string // payloads in the words of the log
	header wire.Header
	data   []byte
	to     endpoint
}

// endpoint is where a client is, and where it is talked to from.
type endpoint struct {
	local, remote netip.AddrPort
	encap         bool
}

// origin is where a message came from.
func (d Datagram) origin() endpoint {
	return endpoint{local: d.Local, remote: d.Remote, encap: d.Encap}
}

// clearMessage is a message in clear.
func clearMessage(step Step, h wire.Header, to endpoint, payloads ...wire.Payload) outgoing {
	h.Version, h.NextPayload = wire.Version1, wire.First(payloads...)
	return outgoing{step: step, words: wire.SummaryOf(h, payloads...), header: h, to: to,
		data: wire.AppendMessage(nil, h, payloads...)}
}

// delayed is a message that Late holds back.
type delayed struct {
	at  time.Time
	out outgoing
}

// send sends a message, or does to it what the faults want.
func (g *Gateway) send(o outgoing) {
	if g.silent || g.faulty(Silence, o.step) {
		g.silent = true
		return
	}
	if f, ok := g.fault(Drop, o.step); ok && f.Count > 0 {
		g.logf("Misbehaving: %s", f)
		f.Count--
		return
	}
	if g.faulty(Reorder, o.step) {
		g.held = append(g.held, o)
		return
	}
	if f, ok := g.fault(Late, o.step); ok {
		g.logf("Misbehaving: %s", f)
		g.delayed = append(g.delayed, delayed{g.now.Add(f.After), o})
		return
	}
	g.sendNow(o)
}

// sendNow sends a message, with what the faults put before or behind it.
func (g *Gateway) sendNow(o outgoing) {
	if g.faulty(Garbage, o.step) {
		g.emit(o.to, g.octets(len(o.data)))
	}
	if f, ok := g.fault(ClearNotify, o.step); ok {
		g.logf("Misbehaving: %s", f)
		n := g.clearNotify(o.header, o.to, wire.NotifyType(f.Count))
		g.emit(n.to, n.data)
	}
	if g.faulty(WrongCookie, o.step) {
		o.data = bytes.Clone(o.data)
		o.data[8] ^= 0xff
	}
	g.logSent(o)
	g.transmit(o)
	if g.faulty(Duplicate, o.step) {
		g.transmit(o)
	}
	held := g.held
	g.held = nil
	for _, h := range held {
		g.sendNow(h)
	}
}

// emit sends octets as they are.
func (g *Gateway) emit(to endpoint, data []byte) {
	g.actions = append(g.actions, Send{Datagram{Data: data, Local: to.local, Remote: to.remote, Encap: to.encap}})
}

// sendDelayed sends what Late has held back long enough.
func (g *Gateway) sendDelayed() {
	waiting := g.delayed
	g.delayed = nil
	for _, d := range waiting {
		if d.at.After(g.now) {
			g.delayed = append(g.delayed, d)
		} else {
			g.sendNow(d.out)
		}
	}
}

// waiting is a message of ours that waits for the client's answer. The zero
// value waits for nothing.
type waiting struct {
	out  outgoing
	next time.Time
	left int // how often it is sent again
}

// await starts to wait for the answer to o.
func (g *Gateway) await(o outgoing) waiting {
	return waiting{out: o, next: g.now.Add(g.c.Retransmit), left: g.c.Tries - 1}
}

// open says that the answer has not come.
func (w *waiting) open() bool { return !w.next.IsZero() }

// resend sends what is due again; false when nothing is left to try.
func (g *Gateway) resend(w *waiting) bool {
	if !w.open() || g.now.Before(w.next) {
		return true
	}
	if w.left == 0 {
		return false
	}
	w.left--
	w.next = g.now.Add(g.c.Retransmit)
	g.logf("No answer from %s, sending again", w.out.to.remote.Addr())
	g.send(w.out)
	return true
}
