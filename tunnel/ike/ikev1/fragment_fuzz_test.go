package ikev1

import (
	"bytes"
	"testing"
	"time"

	"muvpn/tunnel/ike/wire"
)

// FuzzFragments has strangers put fragments between those of a message, in any
// order and at any time. What is kept is bounded, and the message comes out
// whole, or, when a stranger took its place, not at all; never is anything else
// under its cookies and its ID taken for it.
func FuzzFragments(f *testing.F) {
	f.Add([]byte{1, 1, 1, 'x', 0, 9, 1, 'y'}, uint16(3000), byte(1))
	f.Add([]byte{0, 200, 0, 'x', 16, 0, 1, 'y', 7, 255, 3, 'z'}, uint16(15000), byte(7))
	f.Add([]byte{}, uint16(937), byte(0))
	f.Fuzz(func(t *testing.T, strangers []byte, size uint16, turn byte) {
		head := wire.Header{InitiatorCookie: wire.Cookie{1}, ResponderCookie: wire.Cookie{2}, Version: wire.Version1,
			Exchange: wire.ExchangeMain, NextPayload: wire.TypeID}
		whole := head.Append(nil, bytes.Repeat([]byte{byte(size)}, int(size)%(maxFragments*fragmentData-wire.HeaderLen)))
		var r reassembly
		now, done := epoch, 0
		for i, part := range fragments(whole, 7) {
			if len(strangers) >= 4 && (i+int(turn))%2 == 0 {
				now = stranger(t, &r, now, strangers[:4])
				strangers = strangers[4:]
			}
			if got := r.add(now, head, fragmentOf(t, part)); got != nil {
				if done++; !bytes.Equal(got, whole) {
					t.Fatalf("%d octets came out as %d others", len(whole), len(got))
				}
			}
			bounded(t, &r)
		}
		if done != 1 && now.Sub(epoch) < partialKept {
			t.Errorf("a message of %d octets came out %d times", len(whole), done)
		}
	})
}

// stranger sends one fragment of other cookies, some time later.
func stranger(t *testing.T, r *reassembly, now time.Time, say []byte) time.Time {
	now = now.Add(time.Duration(say[1]) * 10 * time.Millisecond)
	head := wire.Header{InitiatorCookie: wire.Cookie{9, say[2] % 3}, ResponderCookie: wire.Cookie{2}}
	raw := wire.AppendPayloads(nil, wire.Fragment{ID: 7, Number: say[0], Last: say[2]&1 == 1, Data: bytes.Repeat(say[3:4], int(say[1])*8)})
	p, _, err := wire.ParsePayloads(wire.TypeFragment, raw)
	if err != nil {
		return now
	}
	if fragment, ok := wire.Get[wire.Fragment](p); ok {
		r.add(now, head, fragment)
		bounded(t, r)
	}
	return now
}

// fragmentOf reads a datagram of ours.
func fragmentOf(t *testing.T, raw []byte) wire.Fragment {
	head, body, err := wire.ParseHeader(raw)
	if err != nil {
		t.Fatal(err)
	}
	p, _, err := wire.ParsePayloads(head.NextPayload, body)
	if err != nil {
		t.Fatal(err)
	}
	f, ok := wire.Get[wire.Fragment](p)
	if !ok {
		t.Fatal("no fragment")
	}
	return f
}

// bounded holds what is kept against its limits.
func bounded(t *testing.T, r *reassembly) {
	if len(r.partials) > maxPartial {
		t.Fatalf("%d messages are being collected", len(r.partials))
	}
	for i := range r.partials {
		size := 0
		for _, part := range r.partials[i].parts {
			size += len(part)
		}
		if size > wire.MaxMessage || size != r.partials[i].size {
			t.Fatalf("%d octets are kept, counted as %d", size, r.partials[i].size)
		}
	}
}
