package ike

import (
	"testing"
	"time"
)

func TestRoundTripIsSmoothed(t *testing.T) {
	var r RoundTrip
	now := time.Unix(1000, 0)
	r.Add(now, 80*time.Millisecond)
	if r.Last != 80*time.Millisecond || r.Smoothed != r.Last || !r.At.Equal(now) {
		t.Errorf("the first: %+v", r)
	}
	r.Add(now.Add(time.Second), 160*time.Millisecond)
	if r.Last != 160*time.Millisecond || r.Smoothed != 90*time.Millisecond {
		t.Errorf("the second: %+v", r)
	}
}

// What was sent twice is not measured: nobody knows which was answered.
func TestRoundTripOfARequest(t *testing.T) {
	now := time.Unix(1000, 0)
	r := NewRequest(now, Datagram{}, FirstRetry, 0)
	if d, ok := r.RoundTrip(now.Add(30 * time.Millisecond)); !ok || d != 30*time.Millisecond {
		t.Errorf("sent once: %v, %v", d, ok)
	}
	r.Due(now.Add(FirstRetry))
	if d, ok := r.RoundTrip(now.Add(time.Second)); ok {
		t.Errorf("sent twice: %v", d)
	}
	r.Answered()
	if _, ok := r.RoundTrip(now); ok {
		t.Error("nothing is waited for")
	}
}

// A probe has a number, so that its answer is its own.
func TestRoundTripOfAProbe(t *testing.T) {
	now := time.Unix(1000, 0)
	d := NewDPD(now, 10*time.Second, 7)
	d.Outbound()
	now = now.Add(10 * time.Second)
	first, send, _ := d.Due(now)
	if !send {
		t.Fatal("no probe")
	}
	if took, ok := d.RoundTrip(now.Add(25*time.Millisecond), first); !ok || took != 25*time.Millisecond {
		t.Errorf("%v, %v", took, ok)
	}
	now = now.Add(DPDEvery)
	second, _, _ := d.Due(now)
	if _, ok := d.RoundTrip(now, first); ok {
		t.Error("the answer to the first came after the second was sent, and was measured")
	}
	if took, ok := d.RoundTrip(now.Add(time.Millisecond), second); !ok || took != time.Millisecond {
		t.Errorf("%v, %v", took, ok)
	}
	d.Acknowledged(now, second)
	if _, ok := d.RoundTrip(now, second); ok {
		t.Error("an answer was measured twice")
	}
}
