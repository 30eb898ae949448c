package tunnel

import (
	"hash/maphash"
	"sync/atomic"
	"time"

	"muvpn/tunnel/esp"
)

// How long packets take to a host behind the gateway and back is measured by
// those that pass anyway: nothing is sent for it. The outbound loop notes when a
// trip began, in a table as small as this; whichever inbound loop meets its end
// leaves how long it took as a sign for the control loop.
const (
	tripSlots = 8
	// tripPause is between two trips that are measured: enough is known then, and
	// whoever floods the tunnel with them wakes nobody.
	tripPause = 100 * time.Millisecond
	// tripLimit is how long a trip is waited for, from the last time its packet was
	// sent: mostly longer than TCP waits before it sends a SYN again.
	tripLimit = 10 * time.Second
)

// trips are those under way. What does not fit in is not measured.
type trips struct {
	seed  maphash.Seed
	began time.Time // times are durations since then
	slots [tripSlots]struct {
		trip atomic.Uint64 // hash of an esp.Trip; 0: the slot is free
		left atomic.Int64  // when it began; sentAgain: nobody can tell
	}
	took atomic.Int64 // of a trip that has ended, until the control loop takes it; 0: none

	// The outbound loop's own:
	until [tripSlots]time.Duration // when a slot is free in any case
	next  time.Duration            // when another trip may be measured
}

// sentAgain is in the place of when a trip began whose packet was sent again:
// nobody knows which of the two is answered (Karn's rule).
const sentAgain = -1

func newTrips() *trips { return &trips{seed: maphash.MakeSeed(), began: time.Now()} }

// sent looks at a packet that goes into the tunnel. It belongs to the outbound
// loop.
func (t *trips) sent(packet []byte) {
	if trip, ok := esp.Departs(packet); ok {
		t.begins(t.hash(trip), time.Since(t.began))
	}
}

// received looks at a packet that has come out of the tunnel, and says whether
// the control loop has something to take.
func (t *trips) received(packet []byte) bool {
	trip, ok := esp.Returns(packet)
	return ok && t.ends(t.hash(trip), time.Since(t.began))
}

// hash is a trip in one word, not 0. Who sends packets does not know the seed.
func (t *trips) hash(trip esp.Trip) uint64 { return maphash.Comparable(t.seed, trip) | 1 }

// begins notes that a trip has begun, if there is room.
func (t *trips) begins(trip uint64, now time.Duration) {
	free := -1
	for i := range t.slots {
		switch t.slots[i].trip.Load() {
		case trip:
			t.slots[i].left.Store(sentAgain)
			t.until[i] = now + tripLimit
			return
		case 0:
			free = i
		default:
			if now >= t.until[i] {
				free = i
			}
		}
	}
	if free < 0 || now < t.next {
		return
	}
	s := &t.slots[free]
	s.trip.Store(0) // or its end would be taken for that of the next
	s.left.Store(int64(now))
	s.trip.Store(trip)
	t.until[free], t.next = now+tripLimit, now+tripPause
}

// ends notes that a trip has ended, and says whether that was news.
func (t *trips) ends(trip uint64, now time.Duration) bool {
	for i := range t.slots {
		s := &t.slots[i]
		if s.trip.Load() != trip {
			continue
		}
		left := s.left.Load()
		return s.trip.CompareAndSwap(trip, 0) && left != sentAgain && t.took.CompareAndSwap(0, max(int64(now)-left, 1))
	}
	return false
}

// forget forgets the trips under way: their packets were held up on this
// computer. It belongs to the outbound loop.
func (t *trips) forget() {
	for i := range t.slots {
		t.slots[i].trip.Store(0)
	}
}

// take is how long the latest trip took; false: there was none since.
func (t *trips) take() (time.Duration, bool) {
	d := t.took.Swap(0)
	return time.Duration(d), d != 0
}
