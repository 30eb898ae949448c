package ikev1

import (
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/wire"
)

// FuzzSession plays a script against a session in one of its states. Each step
// of the script is an octet for what to do, one for how long its data is, and
// the data:
//
//	0 datagram as it is                3 an authentic Informational with the
//	1 datagram under our cookies         data as payloads
//	2 let time pass                    4 an authentic Quick Mode, likewise
//	5 an answer of the user            6 an authentic Transaction message
//
// Nothing may panic, grow without bound, or make an SA without a gateway that
// knows the key.
func FuzzSession(f *testing.F) {
	for state := range byte(6) {
		f.Add(state, []byte{0, 28, 1, 2, 3})
		f.Add(state, []byte("\x01\x20\x0b\x10\x05\x00\x00\x00\x00\x00\x00\x00\x00\x38\x00\x00\x00\x10\x00\x00\x00\x01\x01\x00\x00\x0e"))
		f.Add(state, []byte("\x03\x10\x00\x00\x00\x10\x00\x00\x00\x01\x03\x04\x00\x01\x12\x34\x56\x78\x02\x02\xff\xff"))
		f.Add(state, []byte("\x04\x1c\x0a\x00\x00\x0c12345678\x05\x00\x00\x0c\x01\x00\x00\x00\xc0\xa8\x0a\xc9"))
		f.Add(state, []byte("\x06\x11\x0e\x00\x00\x10\x01\x00\x00\x00\x40\x89\x00\x00\x40\x8a\x00\x00\x05\x03p4w\x06\x0d\x0e\x00\x00\x0c\x03\x00\x00\x00\xc0\x8f\x00\x01"))
		f.Add(state, []byte("\x06\x25\x0e\x00\x00\x24\x03\x00\x00\x00\x00\x01\x00\x04\x0a\x01\x01\x01\x70\x04\x00\x0e\x0a\x01\x00\x00\xff\xff\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x40aaaa"))
		f.Add(state, []byte("\x06\x15\x0e\x00\x00\x14\x01\x00\x00\x07\x40\x8b\x00\x00\x40\x8c\x00\x02hi\x06\x0d\x0e\x00\x00\x0c\x03\x00\x00\x00\xc0\x8f\x00\x00"))
	}
	f.Fuzz(func(t *testing.T, state byte, script []byte) {
		b := inState(t, state)
		authentic := state%6 >= 2
		for steps := 0; len(script) >= 2 && steps < 64; steps++ {
			op, n := script[0], min(int(script[1]), len(script)-2)
			data := script[2 : 2+n]
			script = script[2+n:]
			b.fuzzStep(op, data, authentic)
			b.settleAbused()
			wantBounded(t, b.s, 4)
		}
		if !authentic && (len(all[ike.IKEUp](b)) != 0 || len(all[ike.ChildUp](b)) != 0) {
			t.Fatal("an SA without a gateway")
		}
	})
}

// inState is a session that waits for message 2 of either mode, is up, or waits
// for XAuth.
func inState(t *testing.T, state byte) *bench {
	b := newBench(t, func(c *ike.Config, f *firebox) {
		c.Aggressive = state%2 == 0
		c.Phase1[0] = proposal(t, "aes128-sha1-ecp256") // quick to compute
		if state%6 >= 4 {
			c.Method, c.ModeConfig, c.VirtualIP, f.xauth = ike.MethodXAuthPSK, true, netip.Addr{}, true
		}
		if state%6 < 2 {
			f.silent = func(wire.Header) bool { return true }
		}
	}).start()
	return b
}

func (b *bench) fuzzStep(op byte, data []byte, authentic bool) {
	switch op % 7 {
	case 0:
		b.s.HandleDatagram(b.now, ike.Datagram{Data: data, Remote: fireboxAddr})
	case 1:
		b.s.HandleDatagram(b.now, ike.Datagram{Data: b.underOurCookies(data), Remote: fireboxAddr})
	case 2:
		b.now = b.now.Add(time.Duration(len(data)) * 100 * time.Millisecond)
		b.tell()
		b.s.HandleTimeout(b.now)
		b.wantRest()
	case 3, 4, 6:
		if authentic && len(data) > 0 {
			b.authentic(wire.Exchange(map[byte]uint8{3: 5, 4: 32, 6: 6}[op%7]), data)
		}
	case 5:
		if asked := all[ike.NeedAnswer](b); len(asked) > 0 {
			b.s.Answer(b.now, ike.Answer{ID: asked[len(asked)-1].ID, Value: data})
		}
	}
}

// underOurCookies puts data behind the cookies of the session's Phase 1: the
// rest of the header, length worked out, and a body.
func (b *bench) underOurCookies(data []byte) []byte {
	var head wire.Header
	switch a := b.s.current(); {
	case a != nil:
		head.InitiatorCookie, head.ResponderCookie = a.cookieI, a.cookieR
	case b.s.attempt != nil:
		head.InitiatorCookie, head.ResponderCookie = b.s.attempt.cookieI, wire.Cookie{9}
	}
	head.Version = wire.Version1
	data = append(data, make([]byte, 8)...)
	head.NextPayload, head.Exchange, head.Flags = wire.PayloadType(data[0]), wire.Exchange(data[2]), wire.Flags(data[3])
	head.MessageID = binary.BigEndian.Uint32(data[4:])
	return head.Append(nil, data[8:])
}

// authentic sends a message with right HASH and these payloads; the first octet
// is the type of the first one.
func (b *bench) authentic(exchange wire.Exchange, data []byte) {
	if b.s.current() == nil {
		return
	}
	a := b.f.current()
	id := binary.BigEndian.Uint32(b.f.random(4)) | 1
	h := b.f.header(a, exchange, id)
	h.NextPayload = wire.TypeHash
	hash := a.keys.Hash1(id, data[1:])
	plain := append([]byte{data[0], 0, 0, byte(4 + len(hash))}, hash...)
	body, _ := a.keys.Encrypt(a.keys.MessageIV(a.iv, id), append(plain, data[1:]...))
	b.s.HandleDatagram(b.now, ike.Datagram{Data: h.Append(nil, body), Remote: fireboxAddr})
}

// wantBounded demands that nothing has grown, and no more than most SAs are
// there.
func wantBounded(t rapid.TB, s *Session, most int) {
	t.Helper()
	if len(s.sas) > most || len(s.children) > maxChildren || len(s.fragments.partials) > maxPartial {
		t.Fatalf("%d SAs, %d pairs, %d partial messages", len(s.sas), len(s.children), len(s.fragments.partials))
	}
	for _, a := range s.sas {
		if len(a.quicks) > 2*maxChildren || len(a.used) > maxUsed || len(a.transactions) > maxTransactions {
			t.Fatalf("%d Quick Modes, %d message IDs, %d Transactions", len(a.quicks), len(a.used), len(a.transactions))
		}
	}
	if at, ok := s.NextTimeout(); ok && at.Before(epoch) {
		t.Fatal("a timeout before everything")
	}
}

// wantRest demands that a session which was told the time soon waits for a
// later one.
func (b *bench) wantRest() {
	b.t.Helper()
	for range 100 {
		at, ok := b.s.NextTimeout()
		if !ok || at.After(b.now) {
			return
		}
		b.tell()
		b.s.HandleTimeout(b.now)
		b.settleAbused()
	}
	b.t.Fatal("timers go round in circles")
}

// FuzzReadConfig: whatever a gateway says of the inner network is kept within
// bounds, and is fit to be shown and used; it is the same when it is said again.
func FuzzReadConfig(f *testing.F) {
	for _, body := range []string{
		"00010004 0a010101 7004000e 0a010000 ffff0000 000000000000", "00080011 20010db8000000000000000000000001 40",
		"000d0008 0a020000 ffff0000 00050004 00000e10", "70000003 686900 70020006 612e622c6300 f0070000", "70040008 00000000 00000000",
	} {
		f.Add([]byte(strings.ReplaceAll(body, " ", "")))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if decoded, err := hex.DecodeString(string(body)); err == nil {
			body = decoded
		}
		attributes, err := wire.ParseAttributes(body)
		if err != nil {
			return
		}
		g := readConfig(wire.Config{Attributes: attributes})
		if len(g.include) > maxSplits || len(g.exclude) > maxSplits || len(g.dns) > maxServers || len(g.wins) > maxServers ||
			len(g.search) > maxNames || len(g.splitDNS) > maxNames || len(g.backups) > maxNames || len(g.banner) > 3*maxText {
			t.Fatalf("%+v", g)
		}
		for _, p := range append(g.include, g.exclude...) {
			if !p.IsValid() || p != p.Masked() {
				t.Fatal(p)
			}
		}
		if strings.ContainsFunc(g.banner+g.version, func(r rune) bool { return r != '\n' && unicode.IsControl(r) }) || !utf8.ValidString(g.banner) {
			t.Fatalf("%q", g.banner)
		}
		before := g
		if g.merge(readConfig(wire.Config{Attributes: attributes})); !reflect.DeepEqual(before.network(), g.network()) {
			t.Fatalf("%+v\nis not\n%+v", g, before)
		}
	})
}
