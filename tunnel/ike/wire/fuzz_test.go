package wire

import (
	"bytes"
	"runtime"
	"testing"
)

// allocated is how many octets f allocates on the heap: the least of some
// runs, as the fuzzing engine allocates beside us.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	least := ^uint64(0)
	for range 3 {
		runtime.ReadMemStats(&before)
		f()
		runtime.ReadMemStats(&after)
		if least = min(least, after.TotalAlloc-before.TotalAlloc); least <= maxAllocated {
			break
		}
	}
	return least
}

// maxAllocated is what reading one message may cost.
const maxAllocated = 64 << 10

// FuzzMessage: whatever parses is, when written again, the same octets up to
// the header's length.
func FuzzMessage(f *testing.F) {
	for _, c := range captures(f) {
		for _, d := range c.Datagrams {
			f.Add([]byte(d.Hex))
		}
	}
	for _, p := range samples() {
		f.Add(AppendMessage(nil, Header{Version: Version1, Exchange: ExchangeInformational, MessageID: 1}, p))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var m Message
		var err error
		if n := allocated(func() { m, err = ParseMessage(b) }); n > maxAllocated {
			t.Fatalf("%d octets allocated for %d", n, len(b))
		}
		if err != nil {
			checkError(t, err, len(b))
			return
		}
		body := append(AppendPayloads(nil, contents(m.Payloads)...), m.Padding...)
		if again := m.Header.Append(nil, body); !bytes.Equal(again, b[:m.Header.Length]) {
			t.Fatalf("written again\n%x\nwas\n%x", again, b)
		}
		m.Summary()
	})
}

// checkError holds that an error is ours and points into the message.
func checkError(t *testing.T, err error, length int) {
	t.Helper()
	e, ok := err.(*Error)
	if !ok || e.Offset < 0 || e.Offset > length || e.Notify == 0 || e.Error() == "" {
		t.Fatalf("error %#v for %d octets", err, length)
	}
}

// fuzzPayload: a body of type t that parses is the same octets when it is
// written again, and its summary stays short.
func fuzzPayload(f *testing.F, types ...PayloadType) {
	kind := types[0]
	for _, c := range captures(f) {
		for _, d := range c.Datagrams {
			for _, p := range d.Payloads {
				if p.Type == kind {
					f.Add(Body(p.payload()))
				}
			}
		}
	}
	for _, p := range samples() {
		if p.Type() == kind {
			f.Add(Body(p))
		}
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if len(body) > MaxMessage {
			return
		}
		for _, kind := range types {
			checkBody(t, kind, body)
		}
	})
}

func checkBody(t *testing.T, kind PayloadType, body []byte) {
	t.Helper()
	var p Payload
	var err error
	if n := allocated(func() { p, err = parseBody(kind, body, fullLimits()) }); n > maxAllocated {
		t.Fatalf("%d octets allocated for %d", n, len(body))
	}
	if err != nil {
		checkError(t, err, len(body))
		return
	}
	if again := Body(p); !bytes.Equal(again, body) || p.Type() != kind {
		t.Fatalf("%s written again\n%x\nwas\n%x", p.Type(), again, body)
	}
	p.Summary()
}

func FuzzSA(f *testing.F)          { fuzzPayload(f, TypeSA) }
func FuzzKeyExchange(f *testing.F) { fuzzPayload(f, TypeKE) }
func FuzzID(f *testing.F)          { fuzzPayload(f, TypeID) }
func FuzzCertificate(f *testing.F) { fuzzPayload(f, TypeCert) }
func FuzzCertRequest(f *testing.F) { fuzzPayload(f, TypeCertRequest) }
func FuzzHash(f *testing.F)        { fuzzPayload(f, TypeHash) }
func FuzzSignature(f *testing.F)   { fuzzPayload(f, TypeSignature) }
func FuzzNonce(f *testing.F)       { fuzzPayload(f, TypeNonce) }
func FuzzNotify(f *testing.F)      { fuzzPayload(f, TypeNotify) }
func FuzzDelete(f *testing.F)      { fuzzPayload(f, TypeDelete) }
func FuzzVendorID(f *testing.F)    { fuzzPayload(f, TypeVendorID) }
func FuzzConfig(f *testing.F)      { fuzzPayload(f, TypeConfig) }
func FuzzNATD(f *testing.F)        { fuzzPayload(f, TypeNATD, TypeNATDDraft) }
func FuzzNATOA(f *testing.F)       { fuzzPayload(f, TypeNATOA, TypeNATOADraft) }
func FuzzFragment(f *testing.F)    { fuzzPayload(f, TypeFragment) }

// FuzzAttributes is the data of a RESPONDER-LIFETIME notification.
func FuzzAttributes(f *testing.F) {
	f.Add([]byte{0x80, 0x0b, 0, 1, 0, 0x0c, 0, 4, 0, 1, 0x51, 0x80})
	f.Fuzz(func(t *testing.T, b []byte) {
		var a []Attribute
		var err error
		if n := allocated(func() { a, err = ParseAttributes(b) }); n > maxAllocated {
			t.Fatalf("%d octets allocated for %d", n, len(b))
		}
		if err != nil {
			checkError(t, err, len(b))
			return
		}
		if again := AppendAttributes(nil, a...); !bytes.Equal(again, b) {
			t.Fatalf("written again\n%x\nwas\n%x", again, b)
		}
	})
}
