package gateway

import (
	"encoding/binary"
	"time"

	"muvpn/tunnel/ike/wire"
)

// Dead peer detection (RFC 3706): five probes in ten seconds.
const (
	dpdEvery  = 2 * time.Second
	dpdProbes = 5
)

// dpd watches whether a client still answers. The zero value does not.
type dpd struct {
	idle     time.Duration // 0: off
	next     time.Time     // of the next probe
	sequence uint32
	sent     int // probes that are unanswered
}

// newDPD begins to watch, if both sides want that.
func newDPD(now time.Time, idle time.Duration, speaks bool) dpd {
	if !speaks || idle == 0 {
		return dpd{}
	}
	return dpd{idle: idle, next: now.Add(idle), sequence: uint32(now.Unix())}
}

// heard notes that the client is alive.
func (d *dpd) heard(now time.Time) {
	if d.idle > 0 {
		d.next, d.sent = now.Add(d.idle), 0
	}
}

// acknowledged says whether data is the sequence number of the last probe.
func (d *dpd) acknowledged(data []byte) bool {
	return len(data) == 4 && binary.BigEndian.Uint32(data) == d.sequence
}

// due says what to do at now: probe, or take the client for dead.
func (d *dpd) due(now time.Time) (probe, dead bool) {
	switch {
	case d.idle == 0 || now.Before(d.next):
		return false, false
	case d.sent == dpdProbes:
		return false, true
	}
	d.sent, d.sequence, d.next = d.sent+1, d.sequence+1, now.Add(dpdEvery)
	return true, false
}

// probe asks the client whether it is there.
func (p *phase1) probe() {
	p.inform(StepDPD, wire.Notify{DOI: 1, Protocol: wire.ProtocolISAKMP, NotifyType: wire.NotifyRUThere, SPI: p.cookies(),
		Data: binary.BigEndian.AppendUint32(nil, p.dpd.sequence)})
}

// answerProbe says that we are there.
func (p *phase1) answerProbe(n wire.Notify) {
	if p.g.faulty(NoDPDAnswer, stepEverything) {
		return
	}
	n.NotifyType = wire.NotifyRUThereAck
	p.inform(StepDPDAck, n)
}
