package ikev1

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"muvpn/client/reason"
	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/suite"
	"muvpn/tunnel/ike/wire"
)

// captured are the payloads of one decrypted datagram of the foreign Main Mode
// capture.
func captured(t *testing.T, index int) wire.Payloads {
	t.Helper()
	var file struct {
		Datagrams []struct {
			Index     int
			Plaintext string
		}
	}
	data, err := os.ReadFile("../suite/testdata/ikev1-main-quick.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	for _, d := range file.Datagrams {
		if d.Index == index {
			p, _, err := wire.ParsePayloads(wire.TypeHash, octets(t, d.Plaintext))
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
	}
	t.Fatal("no datagram", index)
	return nil
}

func TestQuirk08And09CapturedChoice(t *testing.T) {
	// The answer has the content of transform 5 of the offer, but the number 1
	// and its attributes in another order.
	sent, _ := wire.Get[wire.SA](captured(t, 14))
	answer, _ := wire.Get[wire.SA](captured(t, 15))
	offer := phase2Offer{mode: wire.EncapTunnel}
	for _, tr := range sent.Proposals[0].Transforms {
		if terms, err := phase2Terms(tr); err == nil {
			offer.proposals = append(offer.proposals, terms.proposal)
		}
	}
	chosen, spi, err := phase2Choice(answer, offer)
	if err != nil {
		t.Fatal(err)
	}
	if chosen.proposal.String() != "aes128-sha1" || spi == 0 {
		t.Errorf("%s, %08x", chosen.proposal, spi)
	}
	offer.proposals = slices.DeleteFunc(offer.proposals, func(p suite.Proposal) bool { return p.String() == "aes128-sha1" })
	if _, _, err := phase2Choice(answer, offer); err == nil {
		t.Error("accepted although it was not offered")
	}
}

func TestQuirk30CapturedSelectors(t *testing.T) {
	var ids []wire.ID
	for id := range wire.All[wire.ID](captured(t, 14)) {
		ids = append(ids, id)
	}
	host, ok1 := prefixes(ids[0])
	subnet, ok2 := prefixes(ids[1])
	if !ok1 || !ok2 || host[0].Bits() != 32 || subnet[0].Bits() == 32 {
		t.Errorf("%v %v", host, subnet)
	}
}

func TestQuirk10ResponderLifetime(t *testing.T) {
	for _, c := range []struct {
		name string
		data []byte
		want time.Duration
	}{
		{"two octets", octets(t, "80010001 80020708"), 30 * time.Minute},
		{"four octets", octets(t, "80010001 00020004 00000708"), 30 * time.Minute},
		{"none", nil, time.Hour},
		{"longer", octets(t, "80010001 00020004 00015180"), time.Hour},
		{"a broken one", octets(t, "80010001 00020000"), time.Hour},
		{"not attributes", octets(t, "0708"), time.Hour},
	} {
		b := newBench(t, func(_ *ike.Config, f *firebox) {
			f.edit = func(h wire.Header, p []wire.Payload) []wire.Payload {
				if h.Exchange == wire.ExchangeQuick {
					p = append(p, wire.Notify{DOI: 1, Protocol: wire.ProtocolESP, NotifyType: wire.NotifyResponderLifetime, Data: c.data})
				}
				return p
			}
		}).start()
		b.wantUp()
		if d := b.s.children[0].life.Hard.Sub(b.now); d != c.want {
			t.Errorf("%s: %s, want %s", c.name, d, c.want)
		}
	}
}

func TestQuirk10ResponderLifetimeLater(t *testing.T) {
	b := newBench(t, nil).start()
	b.f.inform(wire.Notify{
		DOI: 1, Protocol: wire.ProtocolESP, NotifyType: wire.NotifyResponderLifetime,
		SPI: spiOctets(last[ike.ChildUp](b).SPIOut), Data: octets(t, "80010001 80020258 80010002 800203e8"),
	})
	b.settle()
	life := b.s.children[0].life
	if life.Hard.Sub(b.now) != 10*time.Minute || life.HardBytes != 1000<<10 {
		t.Errorf("%+v", life)
	}
	b.f.inform(wire.Notify{
		DOI: 1, Protocol: wire.ProtocolISAKMP, NotifyType: wire.NotifyResponderLifetime,
		SPI: b.s.sas[0].cookies(), Data: octets(t, "800b0001 800c0384"),
	})
	b.settle()
	if d := b.s.sas[0].life.Hard.Sub(b.now); d != 15*time.Minute {
		t.Error("Phase 1", d)
	}
}

func TestQuirk10ResponderLifetimeNeverLengthens(t *testing.T) {
	b := newBench(t, nil).start()
	b.advance(45 * time.Minute)
	end := b.s.children[0].life.Hard
	b.f.inform(wire.Notify{
		DOI: 1, Protocol: wire.ProtocolESP, NotifyType: wire.NotifyResponderLifetime,
		SPI: spiOctets(last[ike.ChildUp](b).SPIOut), Data: octets(t, "80010001 80020708 80010002 800203e8"),
	})
	b.settle()
	if life := b.s.children[0].life; life.Hard.After(end) || life.HardBytes != 1000<<10 {
		t.Errorf("%+v, the end was %s", life, end)
	}
}

func TestQuirk17InitialContactAsFourthMessage(t *testing.T) {
	b := newBench(t, nil).start()
	a := b.f.current()
	id := last[ike.ChildUp](b).MessageID
	contact := wire.Notify{DOI: 1, Protocol: wire.ProtocolISAKMP, NotifyType: wire.NotifyInitialContact, SPI: append(a.ci[:], a.cr[:]...)}
	raw, _ := b.f.protect(a, b.f.header(a, wire.ExchangeQuick, id), a.quicks[id].iv, a.keys.Hash1(id, wire.AppendPayloads(nil, contact)), contact)
	b.f.send(a, raw)
	b.settle()
	b.wantUp()
	b.wantLog("ISA_HASH ISA_NOTIFY")
	b.wantLog("INITIAL-CONTACT (24578)")
}

func TestQuirk18CommitBitWithoutConnected(t *testing.T) {
	b := newBench(t, func(_ *ike.Config, f *firebox) { f.commit = true }).start()
	if n := len(all[ike.SwitchOutbound](b)); n != 0 {
		t.Fatal("outbound packets do not wait for CONNECTED")
	}
	b.advance(time.Second)
	if b.sending() != last[ike.ChildUp](b).SPIIn {
		t.Error("nothing is sent after a second")
	}
	b.wantUp()
}

func TestQuirk18Connected(t *testing.T) {
	for name, exchange := range map[string]wire.Exchange{"Informational": wire.ExchangeInformational, "Quick Mode": wire.ExchangeQuick} {
		b := newBench(t, func(_ *ike.Config, f *firebox) { f.commit = true }).start()
		up, a := last[ike.ChildUp](b), b.f.current()
		n := wire.Notify{DOI: 1, Protocol: wire.ProtocolESP, NotifyType: wire.NotifyConnected, SPI: spiOctets(up.SPIOut)}
		raw, _ := b.f.protect(a, b.f.header(a, exchange, up.MessageID), a.quicks[up.MessageID].iv,
			a.keys.Hash1(up.MessageID, wire.AppendPayloads(nil, n)), n)
		b.f.send(a, raw)
		b.settle()
		if len(all[ike.SwitchOutbound](b)) != 1 {
			t.Errorf("%s: outbound packets still wait", name)
		}
	}
}

func TestQuirk19DPDFromTheGateway(t *testing.T) {
	b := newBench(t, nil).start()
	spi := b.s.sas[0].cookies()
	raw := b.f.inform(wire.Notify{DOI: 1, Protocol: wire.ProtocolISAKMP, NotifyType: wire.NotifyRUThere, SPI: spi, Data: []byte{0, 0, 0, 7}})
	b.settle()
	ack := b.f.notifies[len(b.f.notifies)-1]
	if ack.NotifyType != wire.NotifyRUThereAck || !bytes.Equal(ack.SPI, spi) || !bytes.Equal(ack.Data, []byte{0, 0, 0, 7}) {
		t.Errorf("%+v", ack)
	}
	answer := b.sent[len(b.sent)-1].Data
	b.advance(2 * time.Second)
	b.s.HandleDatagram(b.now, ike.Datagram{Data: raw, Remote: fireboxAddr})
	b.settle()
	if !bytes.Equal(b.sent[len(b.sent)-1].Data, answer) {
		t.Error("a duplicate gets another answer")
	}
}

func TestQuirk19ProbesOnlyAfterTheVendorID(t *testing.T) {
	for _, known := range []bool{true, false} {
		b := newBench(t, func(c *ike.Config, f *firebox) {
			c.DPD = 10 * time.Second
			f.noDPD = true
			if !known {
				f.vendors = f.vendors[:1]
			}
		}).start()
		b.carry(last[ike.ChildUp](b).SPIIn, 1, 1)
		b.advance(time.Minute)
		b.carry(last[ike.ChildUp](b).SPIIn, 0, 1)
		b.advance(time.Minute)
		probes := 0
		for _, n := range b.f.notifies {
			if n.NotifyType == wire.NotifyRUThere {
				probes++
			}
		}
		if known && probes != 5 || !known && probes != 0 {
			t.Errorf("known %t: %d probes", known, probes)
		}
	}
}

func TestQuirk20DeletesAreSeparate(t *testing.T) {
	b := newBench(t, nil).start()
	up := last[ike.ChildUp](b)
	b.s.Close(b.now)
	b.settle()
	b.wantDown(reason.Cancelled, "")
	d := b.f.deletes
	if len(d) != 2 || d[0].Protocol != wire.ProtocolESP || d[1].Protocol != wire.ProtocolISAKMP {
		t.Fatalf("%+v", d)
	}
	if !bytes.Equal(d[0].SPIs[0], spiOctets(up.SPIIn)) || len(d[1].SPIs[0]) != 16 {
		t.Errorf("%+v", d)
	}
}

func TestQuirk20SPIOfTheWrongSide(t *testing.T) {
	for name, spi := range map[string]func(ike.ChildUp) uint32{
		"theirs": func(up ike.ChildUp) uint32 { return up.SPIOut },
		"ours":   func(up ike.ChildUp) uint32 { return up.SPIIn },
	} {
		b := newBench(t, nil).start()
		up := last[ike.ChildUp](b)
		b.carry(up.SPIIn, 1, 1)
		b.f.deleteESP(spi(up))
		b.settle()
		if len(all[ike.ChildUp](b)) != 2 {
			t.Errorf("%s: not understood\n%s", name, b.log())
		}
		b.wantAlive()
	}
}

func TestQuirk20UnknownSPIsAreIgnored(t *testing.T) {
	b := newBench(t, nil).start()
	b.f.deleteESP(0x12345678)
	b.f.inform(wire.Delete{DOI: 1, Protocol: wire.ProtocolISAKMP, SPIs: [][]byte{make([]byte, 16)}})
	b.f.inform(wire.Delete{DOI: 1, Protocol: wire.ProtocolAH, SPIs: [][]byte{make([]byte, 4)}})
	b.settle()
	b.wantUp()
	if len(all[ike.ChildDown](b)) != 0 {
		t.Error("something was removed")
	}
}

func TestQuirk21DeleteOvertakesTheAnswer(t *testing.T) {
	b := newBench(t, nil).start()
	old := last[ike.ChildUp](b)
	b.carry(old.SPIIn, 1, 1)
	var held []ike.Datagram // the answer is late
	b.down = func(d ike.Datagram) []ike.Datagram {
		if h, _, _ := wire.ParseHeader(d.Data); h.Exchange == wire.ExchangeQuick {
			held = append(held, d)
			return nil
		}
		return []ike.Datagram{d}
	}
	b.s.rekeyChild(b.now, b.s.children[0])
	b.settle()
	b.f.deleteESP(old.SPIOut)
	b.settle()
	if len(all[ike.ChildUp](b)) != 1 || len(b.s.sas[0].quicks) != 2 {
		t.Fatalf("the DELETE was not held: %s", b.log())
	}
	b.down = nil
	b.f.out = append(b.f.out, held...)
	b.settle()
	b.wantUp()
	if n := len(all[ike.ChildUp](b)); n != 2 {
		t.Errorf("%d pairs", n)
	}
	if b.sending() == old.SPIIn {
		t.Error("still sending over the deleted pair")
	}
}

func TestQuirk30SelectorsBySetting(t *testing.T) {
	for _, c := range []struct {
		subnet bool
		want   string
	}{{false, "0000000c 01 00 0000 c0a80ac9"}, {true, "00000010 04 00 0000 c0a80ac9 ffffffff"}} {
		b := newBench(t, func(cfg *ike.Config, _ *firebox) { cfg.IDSubnet = c.subnet }).start()
		b.wantUp()
		ids := []wire.Payload{}
		for id := range wire.All[wire.ID](b.f.messages(wire.ExchangeQuick)[0].payloads) {
			ids = append(ids, id)
		}
		wantOctets(t, wire.AppendPayloads(nil, ids[0]), c.want)
		wantOctets(t, wire.AppendPayloads(nil, ids[1]), "00000010 04 00 0000 c0a80a00 ffffff00")
	}
}

// withIDs makes the gateway answer with other IDs.
func withIDs(ids ...wire.Payload) func(h wire.Header, p []wire.Payload) []wire.Payload {
	return func(h wire.Header, p []wire.Payload) []wire.Payload {
		if h.Exchange != wire.ExchangeQuick {
			return p
		}
		p = slices.DeleteFunc(slices.Clone(p), func(one wire.Payload) bool { return one.Type() == wire.TypeID })
		return append(p, ids...)
	}
}

func TestQuirk30NarrowedSelectors(t *testing.T) {
	host := wire.Host(virtualIP)
	rangeID := wire.ID{IDType: wire.IDIPv4Range, Data: octets(t, "c0a80a01 c0a80a06")}
	for _, c := range []struct {
		name string
		ids  []wire.Payload
		want string // the networks, or "" for a refusal
	}{
		{"none", nil, "192.168.10.0/24"},
		{"equal", []wire.Payload{host, wire.Subnet(trusted)}, "192.168.10.0/24"},
		{"a part", []wire.Payload{host, wire.Subnet(netip.MustParsePrefix("192.168.10.64/26"))}, "192.168.10.64/26"},
		{"a range", []wire.Payload{host, rangeID}, "192.168.10.1/32 192.168.10.2/31 192.168.10.4/31 192.168.10.6/32"},
		{"us as a subnet", []wire.Payload{wire.Subnet(hostPrefix(virtualIP)), wire.Subnet(trusted)}, "192.168.10.0/24"},
		{"wider", []wire.Payload{host, wire.Subnet(netip.MustParsePrefix("192.168.0.0/16"))}, ""},
		{"everything", []wire.Payload{host, wire.Subnet(netip.MustParsePrefix("0.0.0.0/0"))}, ""},
		{"somebody else", []wire.Payload{wire.Host(virtualIP.Next()), wire.Subnet(trusted)}, ""},
		{"a name", []wire.Payload{host, wire.ID{IDType: wire.IDFQDN, Data: []byte("office")}}, ""},
	} {
		b := newBench(t, func(_ *ike.Config, f *firebox) { f.edit = withIDs(c.ids...) }).start()
		if c.want == "" {
			b.wantDown(reason.P2Selector, "wider than asked for")
			continue
		}
		b.wantUp()
		var got []string
		for _, p := range last[ike.ChildUp](b).Remote {
			got = append(got, p.String())
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestQuirk31OneQuickModePerNetwork(t *testing.T) {
	second := netip.MustParsePrefix("10.1.0.0/16")
	b := newBench(t, func(c *ike.Config, _ *firebox) { c.Networks = append(c.Networks, second) }).start()
	b.wantUp()
	ups := all[ike.ChildUp](b)
	if len(ups) != 2 || ups[0].Remote[0] != trusted || ups[1].Remote[0] != second || len(all[ike.SwitchOutbound](b)) != 2 {
		t.Errorf("%+v", ups)
	}
	if got := last[ike.Up](b).Network.Networks; len(got) != 2 {
		t.Error(got)
	}
}

func TestQuirk32CollidingRekeys(t *testing.T) {
	for _, oursFirst := range []bool{true, false} {
		b := newBench(t, nil).start()
		old := last[ike.ChildUp](b)
		b.carry(old.SPIIn, 1, 1)
		if oursFirst {
			b.s.rekeyChild(b.now, b.s.children[0])
			b.f.startQuick("192.168.10.0/24", nil) // the messages cross
		} else {
			b.f.startQuick("192.168.10.0/24", nil)
			b.s.rekeyChild(b.now, b.s.children[0])
		}
		b.settle()
		b.wantUp()
		ups := all[ike.ChildUp](b)
		if len(ups) != 3 {
			t.Fatalf("%d pairs\n%s", len(ups), b.log())
		}
		b.advance(2 * time.Second)
		newest := b.s.children[len(b.s.children)-1].up.SPIIn
		if b.sending() != newest {
			t.Error("outbound packets do not take the newest pair")
		}
		if len(all[ike.ChildDown](b)) != 0 {
			t.Error("a pair was removed at once")
		}
		b.advance(time.Minute)
		if len(b.s.children) != 1 || b.s.children[0].up.SPIIn != newest {
			t.Errorf("%d pairs are left", len(b.s.children))
		}
	}
}
