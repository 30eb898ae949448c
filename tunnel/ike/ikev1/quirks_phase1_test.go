package ikev1

import (
	"bytes"
	"encoding/hex"
	"slices"
	"strings"
	"testing"
	"time"

	"muvpn/client/reason"
	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/suite"
	"muvpn/tunnel/ike/wire"
)

// octets reads hexadecimal with spaces between.
func octets(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// wantOctets demands that a message holds these octets.
func wantOctets(t *testing.T, data []byte, want string) {
	t.Helper()
	if !bytes.Contains(data, octets(t, want)) {
		t.Errorf("no %s in\n%x", want, data)
	}
}

func TestQuirk01UserFQDNWithoutAt(t *testing.T) {
	b := newBench(t, nil).start()
	b.wantUp()
	wantOctets(t, b.sent[0].Data, "000c 03 00 0000 6c697361")
}

func TestQuirk02ProtocolAndPortOfTheID(t *testing.T) {
	b := newBench(t, func(c *ike.Config, f *firebox) {
		c.IDPort = true
		f.id.Protocol, f.id.Port = 99, 12345 // anything comes back
	}).start()
	b.wantUp()
	wantOctets(t, b.sent[0].Data, "000c 03 11 01f4 6c697361")
}

func TestQuirk03HashesCoverWhatWasSent(t *testing.T) {
	// The gateway's ID has a type that nobody can encode again: raw octets of
	// an unknown kind. Both hashes still fit.
	b := newBench(t, func(_ *ike.Config, f *firebox) {
		f.id = wire.ID{IDType: 200, Protocol: 7, Port: 9, Data: []byte{0, 0, 1, 0xff, 0}}
	}).start()
	b.wantUp()
}

func TestQuirk04OrderOfTheSecondMessage(t *testing.T) {
	for name, order := range map[string]func([]wire.Payload){
		"HASH first": func(p []wire.Payload) { p[0], p[len(p)-1] = p[len(p)-1], p[0] },
		"reversed":   slices.Reverse[[]wire.Payload],
		"HASH last":  func([]wire.Payload) {},
	} {
		b := newBench(t, func(_ *ike.Config, f *firebox) {
			f.edit = func(h wire.Header, p []wire.Payload) []wire.Payload {
				if h.Exchange == wire.ExchangeAggressive {
					order(p)
				}
				return p
			}
		}).start()
		if len(all[ike.Up](b)) != 1 {
			t.Errorf("%s: not up\n%s", name, b.log())
		}
	}
}

func TestQuirk04HashIsFirstInQuickMode(t *testing.T) {
	b := newBench(t, nil)
	b.f.silent = func(h wire.Header) bool { return h.Exchange == wire.ExchangeQuick }
	b.start()
	// Everything is right about this message 2 but the place of HASH.
	a := b.f.current()
	q := b.s.sas[0].quicks[0]
	p := []wire.Payload{wire.Nonce(make([]byte, 16))}
	hash := a.keys.Hash2(q.id, q.ni, wire.AppendPayloads(nil, p...))
	p = append(p, wire.Hash(hash))
	h := b.f.header(a, wire.ExchangeQuick, q.id)
	h.NextPayload = wire.First(p...)
	data, _ := a.keys.Encrypt(q.iv, wire.AppendPayloads(nil, p...))
	b.s.HandleDatagram(b.now, ike.Datagram{Data: h.Append(nil, data), Remote: fireboxAddr})
	b.settle()
	b.wantAlive()
	b.wantLog("HASH is not the first payload")
}

func TestQuirk05ThirdMessageClearOrEncrypted(t *testing.T) {
	for _, clear := range []bool{false, true} {
		b := newBench(t, func(c *ike.Config, _ *firebox) { c.ClearThird = clear }).start()
		b.wantUp()
		third := b.f.messages(wire.ExchangeAggressive)[1]
		if third.header.Encrypted() == clear {
			t.Errorf("clear %t: %s", clear, third.summary())
		}
		if third.payloads.Count(wire.TypeNATD) != 2 {
			t.Errorf("clear %t: NAT-D are missing in %s", clear, third.summary())
		}
	}
}

func TestQuirk06OneGroupPerOffer(t *testing.T) {
	b := newBench(t, func(c *ike.Config, f *firebox) {
		c.Legacy = true
		c.Phase1 = []suite.Proposal{
			proposal(t, "aes256-sha256-modp2048"), proposal(t, "aes128-sha1-modp2048"),
			proposal(t, "3des-sha1-modp1024"), proposal(t, "des-md5-modp768"),
		}
		f.choose = func(offer wire.SA) (wire.Proposal, wire.NotifyType) {
			if s := offer.Summary(); !strings.Contains(s, "MODP_768") {
				return wire.Proposal{}, wire.NotifyNoProposalChosen
			}
			return offer.Proposals[0], 0
		}
	}).start()
	b.advance(10 * time.Second)
	b.wantUp()
	var offers []string
	for _, m := range b.f.messages(wire.ExchangeAggressive) {
		if sa, ok := wire.Get[wire.SA](m.payloads); ok {
			offers = append(offers, sa.Summary())
		}
	}
	groups := strings.Join(slices.Compact(offers), "\n")
	for _, line := range strings.Split(groups, "\n") {
		if n := strings.Count(line, "MODP_"); strings.Count(line, "MODP_2048") != n && n != 1 {
			t.Errorf("a mix of groups: %s", line)
		}
	}
	b.wantLog("offered aes256-sha256-modp2048, aes128-sha1-modp2048, fell to 3des-sha1-modp1024 after an unauthenticated refusal")
	b.wantLog("offered 3des-sha1-modp1024, fell to des-md5-modp768 after an unauthenticated refusal")
}

func TestQuirk07RefusalsInClearAreHints(t *testing.T) {
	b := newBench(t, nil)
	b.f.silent = func(h wire.Header) bool { return true }
	b.start()
	first := b.sent[0].Data
	// A refusal with zero responder cookie and a nonsense SPI, as bytes.
	refusal := append(bytes.Clone(first[:8]), octets(t, "0000000000000000 0b 10 05 00 00000000 0000002c"+
		"00000010 00000001 01 04 000e deadbeef")...)
	refusal[27] = byte(len(refusal))
	b.s.HandleDatagram(b.now, ike.Datagram{Data: refusal, Remote: fireboxAddr})
	b.advance(2900 * time.Millisecond)
	b.wantAlive()
	b.f.silent = nil // the real gateway speaks up just in time, at the retransmission
	b.f.handle(b.sent[0])
	b.settle()
	b.advance(10 * time.Second)
	b.wantUp()
}

func TestQuirk07HintIsBelievedAfterThreeSeconds(t *testing.T) {
	b := newBench(t, func(_ *ike.Config, f *firebox) {
		f.choose = func(wire.SA) (wire.Proposal, wire.NotifyType) {
			return wire.Proposal{}, wire.NotifyInvalidExchangeType
		}
	}).start()
	b.advance(2999 * time.Millisecond)
	b.wantAlive()
	if n := len(b.f.messages(wire.ExchangeAggressive)); n < 3 {
		t.Errorf("only %d messages: two retransmissions are part of the waiting", n)
	}
	b.advance(time.Millisecond)
	b.wantDown(reason.ModeMismatch, "INVALID-EXCHANGE-TYPE (7) in answer to message 1")
}

func TestQuirk08CipherThenKeyLength(t *testing.T) {
	b := newBench(t, func(c *ike.Config, f *firebox) {
		c.Phase1[0] = proposal(t, "aes256-sha256-modp1024")
		f.choose = func(offer wire.SA) (wire.Proposal, wire.NotifyType) {
			p := offer.Proposals[0]
			p.Transforms = []wire.Transform{{Number: 1, ID: 1, Attributes: slices.Clone(p.Transforms[0].Attributes)}}
			slices.Reverse(p.Transforms[0].Attributes[:5]) // any order, but the lifetime's
			return p, 0
		}
	}).start()
	b.wantUp()
	wantOctets(t, b.sent[0].Data, "80010007 800e0100 80020004 80030001 80040002 800b0001 800c0e10")
}

func TestQuirk09NumbersDoNotCount(t *testing.T) {
	b := newBench(t, func(c *ike.Config, f *firebox) {
		c.Phase1 = []suite.Proposal{proposal(t, "aes256-sha1-modp1024"), proposal(t, "3des-sha1-modp1024")}
		f.choose = func(offer wire.SA) (wire.Proposal, wire.NotifyType) {
			p := offer.Proposals[0]
			p.Number = 0
			p.Transforms = slices.Clone(p.Transforms[1:])
			p.Transforms[0].Number = 0
			return p, 0
		}
	}).start()
	b.wantUp()
	if up := last[ike.IKEUp](b); up.Proposal.String() != "3des-sha1-modp1024" {
		t.Error(up.Proposal)
	}
}

func TestQuirk10OneLifetimeForAll(t *testing.T) {
	b := newBench(t, func(c *ike.Config, _ *firebox) {
		c.Phase1 = append(c.Phase1, proposal(t, "aes128-sha1-modp1024"))
		c.Lifetime = 28 * time.Hour // does not fit two octets
	}).start()
	b.wantUp()
	if n := bytes.Count(b.sent[0].Data, octets(t, "800b0001 000c0004 000189c0")); n != 2 {
		t.Errorf("%d lifetimes of 100800 seconds", n)
	}
}

func TestQuirk10LifetimesThatComeBack(t *testing.T) {
	for _, c := range []struct {
		name       string
		attributes []wire.Attribute
		want       time.Duration
	}{
		{"none", nil, time.Hour},
		{"two octets", []wire.Attribute{wire.TV(11, 1), wire.TV(12, 1800)}, 30 * time.Minute},
		{"four octets", []wire.Attribute{wire.TV(11, 1), wire.TLV(12, []byte{0, 0, 7, 8})}, 30 * time.Minute},
		{"longer than ours", []wire.Attribute{wire.TV(11, 1), wire.TV(12, 7200)}, time.Hour},
		{"broken", []wire.Attribute{wire.TV(11, 1), wire.TLV(12, nil)}, time.Hour},
		{"absurd", []wire.Attribute{wire.TV(11, 1), wire.TV(12, 1)}, time.Hour},
		{"kilobytes", []wire.Attribute{wire.TV(11, 2), wire.TV(12, 1000)}, time.Hour},
	} {
		b := newBench(t, func(_ *ike.Config, f *firebox) {
			f.choose = func(offer wire.SA) (wire.Proposal, wire.NotifyType) {
				p := offer.Proposals[0]
				a := slices.Clone(p.Transforms[0].Attributes[:4])
				p.Transforms = []wire.Transform{{Number: 1, ID: 1, Attributes: append(a, c.attributes...)}}
				return p, 0
			}
		}).start()
		if up := last[ike.IKEUp](b); up.Lifetime != c.want {
			t.Errorf("%s: %s, want %s", c.name, up.Lifetime, c.want)
		}
	}
}

func TestQuirk11NATVendorIDs(t *testing.T) {
	b := newBench(t, nil).start()
	for _, vid := range []string{
		"000014 4a131c81070358455c5728f20e95452f", "000014 7d9419a65310ca6f2c179d9215529d56",
		"000014 90cb80913ebb696e086381b5ec427b1f", "000014 cd60464335df21f87cfdb2fc68b6a448",
	} {
		wantOctets(t, b.sent[0].Data, vid)
	}
	for _, c := range []struct {
		name  string
		hex   []string
		want  string
		encap string // the Encapsulation Mode of Quick Mode
	}{
		{"RFC over the drafts", []string{"90cb80913ebb696e086381b5ec427b1f", "4a131c81070358455c5728f20e95452f"}, "RFC 3947", "80040003"},
		{"draft 03 over 02", []string{"cd60464335df21f87cfdb2fc68b6a448", "7d9419a65310ca6f2c179d9215529d56"}, "draft-03", "8004f003"},
		{"draft 02 with a line feed", []string{"90cb80913ebb696e086381b5ec427b1f"}, "draft-02\\n", "8004f003"},
		{"draft 02", []string{"cd60464335df21f87cfdb2fc68b6a448"}, "draft-02", "8004f003"},
		{"drafts 00 and 08 are not spoken", []string{"4485152d18b6bbcd0be8a8469579ddcc", "8f8d83826d246b6fc7a8a6a428c11de8"}, "none", "80040001"},
	} {
		b := newBench(t, func(_ *ike.Config, f *firebox) {
			f.vendors = nil
			for _, v := range c.hex {
				f.vendors = append(f.vendors, wire.VendorID(octets(t, v)))
			}
			f.natAt = clientAddr
			f.natHere = true
		}).start()
		b.wantUp()
		b.wantLog("(" + c.want + ")")
		wantOctets(t, wire.AppendPayloads(nil, b.f.messages(wire.ExchangeQuick)[0].payloads[1].Payload), c.encap)
	}
}

func TestQuirk12TwoSetsOfNATD(t *testing.T) {
	b := newBench(t, func(_ *ike.Config, f *firebox) {
		f.edit = func(h wire.Header, p []wire.Payload) []wire.Payload {
			var out []wire.Payload
			for _, one := range p {
				if n, ok := one.(wire.NATD); ok { // the draft's set is nonsense
					out = append(out, n, wire.NATD{Draft: true, Hash: make([]byte, len(n.Hash))})
					continue
				}
				out = append(out, one)
			}
			return out
		}
	}).start()
	b.wantUp()
	b.wantLog("NAT: none (RFC 3947)")
}

func TestQuirk12FirstConsistentSet(t *testing.T) {
	good, short := bytes.Repeat([]byte{1}, 20), []byte{1, 2}
	set := func(draft bool, hashes ...[]byte) (p wire.Payloads) {
		for _, h := range hashes {
			p = append(p, wire.Element{Payload: wire.NATD{Draft: draft, Hash: h}})
		}
		return p
	}
	for _, c := range []struct {
		name string
		p    wire.Payloads
		want int
	}{
		{"RFC", set(false, good, good), 2},
		{"draft", set(true, good, good, good), 3},
		{"a draft and an RFC one", append(set(true, good), set(false, good, good)...), 2},
		{"draft with wrong lengths", append(set(true, short, short), set(false, good, good)...), 2},
		{"one only", set(false, good), 0},
		{"none", nil, 0},
	} {
		if got := natHashes(c.p, 20); len(got) != c.want {
			t.Errorf("%s: %d hashes, want %d", c.name, len(got), c.want)
		}
	}
}

func TestQuirk13NATDDestinationFirst(t *testing.T) {
	b := newBench(t, nil).start()
	third := b.f.messages(wire.ExchangeAggressive)[1]
	var order []wire.PayloadType
	for _, e := range third.payloads {
		order = append(order, e.Type)
	}
	if !slices.Equal(order, []wire.PayloadType{wire.TypeHash, wire.TypeNATD, wire.TypeNATD}) {
		t.Error(order)
	}
	sha1, _ := suite.HashByKeyword("sha1")
	a := b.f.current()
	input := slices.Concat(a.ci[:], a.cr[:], octets(t, "c6336401 01f4")) // 198.51.100.1, 500
	if !bytes.Equal(third.payloads[1].Body, sha1.Sum(input)) {
		t.Error("the first NAT-D is not the destination's")
	}
	input = slices.Concat(a.ci[:], a.cr[:], octets(t, "cb00714d 01f4")) // 203.0.113.77, 500
	if !bytes.Equal(third.payloads[2].Body, sha1.Sum(input)) {
		t.Error("the second NAT-D is not the source's")
	}
}

func TestQuirk14FloatWithTheThirdMessage(t *testing.T) {
	for _, aggressive := range []bool{true, false} {
		b := newBench(t, func(c *ike.Config, f *firebox) {
			c.Aggressive = aggressive
			f.natAt = fireboxAddr // it sees us elsewhere
		}).start()
		b.wantUp()
		floatAt := map[bool]int{true: 1, false: 2}[aggressive]
		for i, d := range b.sent {
			if float := i >= floatAt; d.Encap != float || (d.Remote.Port() == 4500) != float {
				t.Errorf("aggressive %t: datagram %d goes to %s, encap %t", aggressive, i, d.Remote, d.Encap)
			}
		}
		up := last[ike.ChildUp](b)
		if !up.Encap || up.Peer.Port() != 4500 || last[ike.IKEUp](b).NAT != "here" {
			t.Errorf("%+v", up)
		}
	}
}

func TestQuirk15KeepaliveOnTheIKESocket(t *testing.T) {
	b := newBench(t, nil).start()
	before := len(b.events)
	b.s.HandleDatagram(b.now, ike.Datagram{Data: []byte{0xff}, Remote: fireboxAddr})
	b.settle()
	if len(b.events) != before {
		t.Error("a keepalive is not silent")
	}
}

func TestQuirk16HeaderLengthCounts(t *testing.T) {
	b := newBench(t, nil)
	b.down = func(d ike.Datagram) []ike.Datagram {
		d.Data = append(bytes.Clone(d.Data), "behind the message"...)
		return []ike.Datagram{d}
	}
	b.start().wantUp()
}

// TestQuirk16DuplicateWithMoreBehindIt is a duplicate all the same.
func TestQuirk16DuplicateWithMoreBehindIt(t *testing.T) {
	b := newBench(t, nil).start()
	raw := b.f.inform(wire.Notify{DOI: 1, Protocol: 1, NotifyType: wire.NotifyRUThere, SPI: b.s.sas[0].cookies(), Data: []byte{0, 0, 0, 1}})
	b.settle()
	b.advance(2 * time.Second)
	before := b.sent
	b.s.HandleDatagram(b.now, ike.Datagram{Data: append(raw, "behind"...), Remote: fireboxAddr})
	b.settle()
	if len(b.sent) != len(before)+1 || !bytes.Equal(b.sent[len(before)].Data, before[len(before)-1].Data) {
		t.Errorf("%d answers to a duplicate", len(b.sent)-len(before))
	}
}

func TestQuirk17InitialContactOnce(t *testing.T) {
	b := newBench(t, nil).start()
	b.s.Rekey(b.now)
	b.settle()
	b.advance(time.Minute)
	b.wantUp()
	if n := len(all[ike.IKEUp](b)); n != 2 {
		t.Fatalf("%d Phase 1", n)
	}
	count := 0
	for _, n := range b.f.notifies {
		if n.NotifyType == wire.NotifyInitialContact {
			count++
		}
	}
	if count != 1 {
		t.Errorf("INITIAL-CONTACT %d times", count)
	}
}

func TestQuirk36And37VendorIDs(t *testing.T) {
	b := newBench(t, func(_ *ike.Config, f *firebox) {
		f.vendors = append(f.vendors,
			wire.VendorID(octets(t, "da8e937880010000")), wire.VendorID(octets(t, "47bbe7c993f1fc13b4e6d0db565c68e5 01020304")))
	}).start()
	b.wantUp()
	if bytes.Contains(b.sent[0].Data, octets(t, "09002689dfd6b712")) {
		t.Error("the XAUTH vendor ID is sent without XAuth")
	}
	b.wantLog("WatchGuard")
	b.wantLog("SoftRemote")
}

func TestQuirk39FritzBox(t *testing.T) {
	b := newBench(t, func(c *ike.Config, _ *firebox) {
		c.Phase1 = []suite.Proposal{proposal(t, "aes256-sha1-modp1024")}
		c.Phase2 = []suite.Proposal{proposal(t, "aes256-sha1")}
		c.LocalID = ike.ID{Type: 11, Data: []byte("lisa")} // KEY_ID
	}).start()
	b.wantUp()
	if _, pfs := wire.Get[wire.KeyExchange](b.f.messages(wire.ExchangeQuick)[0].payloads); pfs {
		t.Error("PFS")
	}
}

func TestQuirk40ResponderCookies(t *testing.T) {
	b := newBench(t, nil).start()
	used := b.s.sas[0].cookieR
	for _, cookie := range []wire.Cookie{{}, used} {
		b.s.startPhase1(b.now, b.s.path(false))
		b.down = func(d ike.Datagram) []ike.Datagram {
			copy(d.Data[8:16], cookie[:])
			return []ike.Datagram{d}
		}
		b.settle()
		if len(all[ike.IKEUp](b)) != 1 {
			t.Errorf("the responder cookie %s has started something", cookie)
		}
		b.s.attempt = nil
	}
	b.wantLog("responder cookie " + used.String())
}

func TestQuirk41DuplicateOfTheSecondMessage(t *testing.T) {
	var second ike.Datagram
	b := newBench(t, nil)
	b.down = func(d ike.Datagram) []ike.Datagram {
		if second.Data == nil {
			second = d
		}
		return []ike.Datagram{d}
	}
	b.start().wantUp()
	third := b.sent[1].Data
	for range 6 {
		b.advance(10 * time.Second) // as a Firebox does: quirk 38
		before := len(b.sent)
		b.s.HandleDatagram(b.now, second)
		b.s.HandleDatagram(b.now, second)
		b.settle()
		if len(b.sent) != before+1 || !bytes.Equal(b.sent[before].Data, third) {
			t.Fatalf("answers to a duplicate: %d", len(b.sent)-before)
		}
	}
	b.wantUp()
}
