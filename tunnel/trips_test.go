package tunnel

import (
	"encoding/binary"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// echo is the echo request of this number to the office, or its answer.
func echo(number uint16, back bool) []byte {
	b := make([]byte, 28)
	copy(b, "\x45\x00\x00\x1c\x00\x00\x00\x00\x40\x01\x00\x00\xc0\xa8\x0a\xc9\xc0\xa8\x0a\x02\x08")
	if back {
		copy(b[12:], "\xc0\xa8\x0a\x02\xc0\xa8\x0a\xc9\x00")
	}
	binary.BigEndian.PutUint16(b[26:], number)
	return b
}

// tripTaken is what the control loop would take now.
func tripTaken(t *testing.T, tr *trips, want time.Duration) {
	t.Helper()
	if took, _ := tr.take(); took != want {
		t.Errorf("a trip took %v, want %v", took, want)
	}
}

func TestTripIsMeasured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := newTrips()
		tr.sent(echo(1, false))
		time.Sleep(23 * time.Millisecond)
		if tr.received(echo(2, true)) {
			t.Error("the answer to another is one")
		}
		if !tr.received(echo(1, true)) {
			t.Error("the answer is none")
		}
		if tr.received(echo(1, true)) {
			t.Error("it is answered twice")
		}
		tripTaken(t, tr, 23*time.Millisecond)
		tripTaken(t, tr, 0)
	})
}

// It is not known which of two is answered, nor whether what was held up was lost.
func TestTripsInDoubt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := newTrips()
		for _, pause := range []time.Duration{0, 1, 3, 7, 15} { // as TCP does
			time.Sleep(pause * time.Second / 2)
			tr.sent(echo(1, false))
		}
		if tr.received(echo(1, true)) {
			t.Error("what was sent again is measured")
		}
		time.Sleep(time.Second)
		tr.sent(echo(2, false))
		tr.forget()
		if tr.received(echo(2, true)) {
			t.Error("what was forgotten is measured")
		}
	})
}

// Trips that nobody ends make room after a while; until then a flood of them is
// not measured, and in no case oftener than is of use.
func TestTripsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := newTrips()
		tr.sent(echo(1, false))
		tr.sent(echo(2, false))
		if tr.received(echo(2, true)) || !tr.received(echo(1, true)) {
			t.Error("of two at a time it is the first that is measured")
		}
		tripTaken(t, tr, 1) // in no time
		for n := range uint16(tripSlots) {
			time.Sleep(tripPause)
			tr.sent(echo(100+n, false))
		}
		time.Sleep(tripPause)
		if tr.sent(echo(200, false)); tr.received(echo(200, true)) {
			t.Error("there is no end to the table")
		}
		time.Sleep(tripLimit)
		if tr.sent(echo(201, false)); !tr.received(echo(201, true)) {
			t.Error("the table stays full")
		}
	})
}

// One trip is taken at a time: the loops never wait for the control loop.
func TestTripNotTakenYet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := newTrips()
		for n := range uint16(2) {
			tr.sent(echo(n, false))
			time.Sleep(time.Duration(n+1) * tripPause)
			if news := tr.received(echo(n, true)); news != (n == 0) {
				t.Errorf("trip %d is news: %v", n, news)
			}
		}
		tripTaken(t, tr, tripPause)
	})
}

// The loops run at the same time. Each trip is ended once, whoever meets its
// answer; run it with -race.
func TestTripsOfManyLoops(t *testing.T) {
	tr := newTrips()
	var loops sync.WaitGroup
	for range 2 {
		loops.Go(func() {
			for n := range uint16(20_000) {
				tr.received(echo(n%16, true))
			}
		})
	}
	for n := range uint16(20_000) {
		tr.next = 0
		tr.sent(echo(n%16, false))
	}
	loops.Wait()
	if took, ok := tr.take(); ok && (took <= 0 || took > time.Minute) {
		t.Errorf("a trip took %v", took)
	}
}

// Nor does a trip cost anything on the packets' path.
func TestTripsAllocateNothing(t *testing.T) {
	tr, there, back := newTrips(), echo(1, false), echo(1, true)
	n := testing.AllocsPerRun(100, func() {
		tr.next = 0
		tr.sent(there)
		tr.received(back)
		tr.take()
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}
