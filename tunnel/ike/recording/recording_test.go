package recording

import (
	"bytes"
	"io"
	"net/netip"
	"strings"
	"testing"
	"time"

	"muvpn/tunnel/ike"
)

// echo is a session that sends back what it is given, behind one random octet.
type echo struct {
	ike.Session
	random io.Reader
	out    []ike.Datagram
	events []ike.Event
}

func openEcho(c ike.Config) ike.Session { return &echo{random: c.Rand} }

func (e *echo) Start(time.Time) {
	e.events = append(e.events, ike.Step{Name: "contacting"}, ike.Note{})
}

func (e *echo) HandleDatagram(_ time.Time, d ike.Datagram) {
	salt := make([]byte, 1)
	io.ReadFull(e.random, salt)
	d.Data = append(salt, d.Data...)
	e.out = append(e.out, d)
}

func (e *echo) NextDatagram() (d ike.Datagram, ok bool) {
	if len(e.out) > 0 {
		d, e.out, ok = e.out[0], e.out[1:], true
	}
	return d, ok
}

func (e *echo) NextEvent() (v ike.Event, ok bool) {
	if len(e.events) > 0 {
		v, e.events, ok = e.events[0], e.events[1:], true
	}
	return v, ok
}

// recorded is a recording of an echo, written and read again.
func recorded(t *testing.T) *Recording {
	t.Helper()
	r := New(ike.Config{Rand: bytes.NewReader([]byte{1, 2}), PSK: []byte("made up")}, openEcho)
	r.Start(0)
	r.HandleDatagram(1500*time.Microsecond, ike.Datagram{Remote: netip.MustParseAddrPort("192.0.2.1:500"), Data: []byte("hello")})
	if sent := r.Sent(); len(sent) != 1 || string(sent[0].Data) != "\x01hello" {
		t.Fatalf("sent %+v", sent)
	}
	text, err := r.Recording.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	again, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return again
}

func look(ike.Session, []ike.Event) {}

func TestARecordingReplays(t *testing.T) {
	r := recorded(t)
	if err := r.Replay(openEcho, look); err != nil {
		t.Error(err)
	}
	if at := time.Duration(r.Calls[1].At); at != time.Millisecond {
		t.Errorf("the call was at %v, not at a whole millisecond", at)
	}
}

func TestEveryDifferenceIsNoticed(t *testing.T) {
	for name, change := range map[string]func(*Recording){
		"datagram 0 is":        func(r *Recording) { r.Calls[1].Out[0].Data[3] ^= 1 },
		"0 datagrams instead":  func(r *Recording) { r.Calls[0].Out = r.Calls[1].Out },
		"1 datagrams instead":  func(r *Recording) { r.Calls[1].Out = nil },
		"event ":               func(r *Recording) { r.Calls[0].Events[0] = "step waiting" },
		"events ":              func(r *Recording) { r.Calls[0].Events = nil },
		"1 octets of randomne": func(r *Recording) { r.Random = append(r.Random, 0) },
	} {
		r := recorded(t)
		change(r)
		if err := r.Replay(openEcho, look); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOnlyRecordingsAreRead(t *testing.T) {
	for _, text := range []string{"", "[]", `{"calls": 1}`, `{"unheard_of": 1}`, `{"random": "0"}`} {
		if _, err := Parse([]byte(text)); err == nil {
			t.Errorf("%q was read", text)
		}
	}
}
