package ike

import (
	"bytes"
	"testing"
	"time"
)

var start = time.Date(2001, 6, 12, 15, 47, 2, 0, time.UTC)

// sendTimes lets r run to its end and tells, in milliseconds from the start,
// when it was sent again and when it was given up.
func sendTimes(r *Request) (sent []int64, gaveUp int64) {
	for {
		at, ok := r.Next()
		if !ok {
			return sent, gaveUp
		}
		send, end := r.Due(at)
		if send {
			sent = append(sent, at.Sub(start).Milliseconds())
		}
		if end {
			gaveUp = at.Sub(start).Milliseconds()
		}
	}
}

func TestRetransmissionDoublesToEightSeconds(t *testing.T) {
	r := NewRequest(start, Datagram{}, FirstRetry, 0)
	sent, gaveUp := sendTimes(&r)
	want := []int64{500, 1500, 3500, 7500, 15500, 23500}
	if !equalTimes(sent, want) || gaveUp != 30000 {
		t.Errorf("sent at %v, gave up at %d; want %v, 30000", sent, gaveUp, want)
	}
}

func equalTimes(a, b []int64) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// TestQuirk38GiveUpAfterThirtySeconds: a Firebox retransmits every 10 s.
func TestQuirk38GiveUpAfterThirtySeconds(t *testing.T) {
	r := NewRequest(start, Datagram{}, FirstRetry, 0)
	if _, gaveUp := sendTimes(&r); gaveUp < 30000 {
		t.Error("gave up after", gaveUp, "ms")
	}
}

func TestProfileSaysWhenToGiveUp(t *testing.T) {
	r := NewRequest(start, Datagram{}, FirstRetry, 4*time.Second)
	if sent, gaveUp := sendTimes(&r); gaveUp != 4000 || len(sent) != 3 {
		t.Errorf("%v, %d", sent, gaveUp)
	}
}

// TestQuirk43FirstQuickModeRetransmission: within 0.3 to 0.5 s.
func TestQuirk43FirstQuickModeRetransmission(t *testing.T) {
	r := NewRequest(start, Datagram{}, BusyRetry, 0)
	at, _ := r.Next()
	if d := at.Sub(start); d < 300*time.Millisecond || d > 500*time.Millisecond {
		t.Error("first retransmission after", d)
	}
}

func TestAnsweredRequestIsSilent(t *testing.T) {
	r := NewRequest(start, Datagram{}, FirstRetry, 0)
	r.Answered()
	if _, ok := r.Next(); ok || r.Waiting() {
		t.Error("an answered request still waits")
	}
	if send, end := r.Due(start.Add(time.Hour)); send || end {
		t.Error("an answered request does something")
	}
}

func TestNothingIsDueEarly(t *testing.T) {
	r := NewRequest(start, Datagram{}, FirstRetry, 0)
	if send, end := r.Due(start.Add(499 * time.Millisecond)); send || end {
		t.Error("due before its time")
	}
}

func TestQuirk41DuplicateGetsTheSameAnswerForAMinute(t *testing.T) {
	var a Answers
	request, data := []byte("request"), []byte("answer")
	a.Put(start, request, Datagram{Data: data})
	for at := time.Second; at <= time.Minute; at += time.Second {
		d, send, duplicate := a.Find(start.Add(at), request)
		if !send || !duplicate || !bytes.Equal(d.Data, data) {
			t.Fatal("no answer after", at)
		}
	}
	if _, _, duplicate := a.Find(start.Add(2*time.Minute), request); duplicate {
		t.Error("kept for ever")
	}
}

func TestDuplicateIsAnsweredOncePerSecond(t *testing.T) {
	var a Answers
	a.Put(start, []byte("request"), Datagram{Data: []byte("answer")})
	sent := 0
	for ms := 0; ms < 5000; ms += 10 {
		_, send, duplicate := a.Find(start.Add(time.Duration(ms)*time.Millisecond), []byte("request"))
		if !duplicate {
			t.Fatal("not known as a duplicate")
		}
		if send {
			sent++
		}
	}
	if sent > 4 {
		t.Error("answered", sent, "times in five seconds")
	}
}

func TestRequestWithoutAnswerIsKnownToo(t *testing.T) {
	var a Answers
	a.Put(start, []byte("delete"), Datagram{})
	if _, send, duplicate := a.Find(start.Add(5*time.Second), []byte("delete")); send || !duplicate {
		t.Error(send, duplicate)
	}
	if _, _, duplicate := a.Find(start, []byte("other")); duplicate {
		t.Error("another request is taken for a duplicate")
	}
}

func TestAnswersAreBounded(t *testing.T) {
	var a Answers
	for i := range 1000 {
		a.Put(start, []byte{byte(i), byte(i >> 8)}, Datagram{Data: []byte{1}})
	}
	if len(a.known) > answersMax {
		t.Error(len(a.known), "answers kept")
	}
	if _, _, duplicate := a.Find(start, []byte{byte(999 & 0xff), 999 >> 8}); !duplicate {
		t.Error("the newest was forgotten")
	}
	a.Put(start.Add(time.Hour), []byte("late"), Datagram{})
	if len(a.known) != 1 {
		t.Error(len(a.known), "answers outlived their minute")
	}
}
