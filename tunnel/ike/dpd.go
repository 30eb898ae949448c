package ike

import "time"

// Dead peer detection: how a probe that stays unanswered goes on.
const (
	DPDProbes = 5               // unanswered ones until the peer is dead
	DPDEvery  = 2 * time.Second // between them
)

// DPD is dead peer detection (RFC 3706) by traffic: a peer that has been
// silent for the idle time although something was sent to it gets probes; five
// unanswered ones in ten seconds mean that it is dead. A peer to which nothing
// is sent is not asked. The zero value is off.
type DPD struct {
	idle     time.Duration
	lastIn   time.Time // last sign of life
	wanting  bool      // something was sent since then
	check    time.Time // when to look again
	sequence uint32    // of the last probe
	first    uint32    // of the first unanswered probe
	probes   int       // unanswered
	asked    time.Time // when the last probe was sent
}

// NewDPD starts to watch at now. The first probe has the number sequence+1;
// idle 0 is off.
func NewDPD(now time.Time, idle time.Duration, sequence uint32) DPD {
	return DPD{idle: idle, lastIn: now, check: now.Add(idle), sequence: sequence & (1<<31 - 1)}
}

// Inbound notes a sign of life: an authenticated packet of IKE or ESP.
func (d *DPD) Inbound(now time.Time) {
	d.lastIn, d.wanting, d.probes = now, false, 0
	d.check = now.Add(d.idle)
}

// Outbound notes that something was sent to the peer. Seeing is left to the
// next look, which comes by itself.
func (d *DPD) Outbound() { d.wanting = true }

// Next is when Due must be asked, after the traffic has been told.
func (d *DPD) Next() (time.Time, bool) { return d.check, d.idle > 0 }

// Due says what to do at now: send a probe of this number, or declare the peer
// dead.
func (d *DPD) Due(now time.Time) (probe uint32, send, dead bool) {
	switch {
	case d.idle == 0 || now.Before(d.check):
		return 0, false, false
	case d.probes == DPDProbes:
		return 0, false, true
	case d.probes == 0 && (!d.wanting || now.Before(d.lastIn.Add(d.idle))):
		d.check = now.Add(d.lookAgain())
		return 0, false, false
	}
	d.sequence++
	if d.probes == 0 {
		d.first = d.sequence
	}
	d.probes++
	d.asked, d.check = now, now.Add(DPDEvery)
	return d.sequence, true, false
}

// lookAgain is how often an idle connection looks whether something was sent:
// three times in the idle time, so that a death is noticed soon.
func (d *DPD) lookAgain() time.Duration { return max(d.idle/3, time.Second) }

// RoundTrip is how long the answer to the probe of this number took that has
// come at now; false unless it is the last one, and open.
func (d *DPD) RoundTrip(now time.Time, sequence uint32) (time.Duration, bool) {
	return now.Sub(d.asked), d.probes > 0 && sequence == d.sequence
}

// Acknowledged takes the answer to the probe of this number; false if no such
// probe is open.
func (d *DPD) Acknowledged(now time.Time, sequence uint32) bool {
	if d.probes == 0 || sequence < d.first || sequence > d.sequence {
		return false
	}
	d.Inbound(now)
	return true
}
