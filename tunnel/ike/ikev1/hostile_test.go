package ikev1

import (
	"bytes"
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"muvpn/client/reason"
	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/suite"
	"muvpn/tunnel/ike/wire"
)

// TestKeyExchangeValues: CVE-2023-41913 and its like. A public value that no
// honest gateway sends makes no SA, whatever else is right.
func TestKeyExchangeValues(t *testing.T) {
	p, _ := new(big.Int).SetString("FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74"+
		"020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6"+
		"F44C42E9A637ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE649286651ECE65381FFFFFFFFFFFFFFFF", 16)
	value := func(n *big.Int) []byte { return n.FillBytes(make([]byte, 128)) }
	for name, ke := range map[string][]byte{
		"0": value(new(big.Int)), "1": value(big.NewInt(1)), "p": value(p),
		"p-1": value(new(big.Int).Sub(p, big.NewInt(1))), "short": make([]byte, 127), "long": make([]byte, 129),
	} {
		for _, aggressive := range []bool{true, false} {
			b := newBench(t, func(c *ike.Config, f *firebox) {
				c.Aggressive, c.GiveUp = aggressive, 5*time.Second
				f.edit = func(_ wire.Header, p []wire.Payload) []wire.Payload {
					for i := range p {
						if p[i].Type() == wire.TypeKE {
							p[i] = wire.KeyExchange(ke)
						}
					}
					return p
				}
			}).start()
			b.advance(10 * time.Second)
			b.wantLog("public value")
			if len(all[ike.IKEUp](b)) != 0 {
				t.Errorf("%s, aggressive %t: an SA", name, aggressive)
			}
		}
	}
}

// recorded are the datagrams that a gateway sends in a good session of the
// mode, and what it sends later.
func recorded(t *testing.T, aggressive bool) (datagrams []ike.Datagram) {
	b := newBench(t, func(c *ike.Config, _ *firebox) { c.Aggressive = aggressive })
	b.down = func(d ike.Datagram) []ike.Datagram {
		datagrams = append(datagrams, d)
		return []ike.Datagram{d}
	}
	b.start()
	b.f.startQuick("192.168.10.0/24", nil)
	b.settle()
	b.f.inform(wire.Notify{DOI: 1, Protocol: 1, NotifyType: wire.NotifyRUThere, SPI: b.s.sas[0].cookies(), Data: make([]byte, 4)})
	b.f.deleteESP(last[ike.ChildUp](b).SPIOut)
	b.settle()
	b.advance(10 * time.Second)
	b.f.startPhase1(wire.ExchangeMain, proposal(t, "3des-sha1-modp1024"))
	b.settle()
	return datagrams
}

// TestOrderAbuse: CVE-2023-30570, 2023-38711, 2023-38712, 2024-3652, 2014-2338.
// Messages of a good session, in any order, any number of times, some damaged,
// under the same or other cookies: no crash, and never an SA unless it was
// authenticated.
func TestOrderAbuse(t *testing.T) {
	for seed := range uint64(60) {
		random := rand.New(rand.NewPCG(seed, 1))
		aggressive := seed%2 == 0
		pool := recorded(t, aggressive)
		wrong := seed%3 != 0 // the gateway has another key: nothing may come of it
		b := newBench(t, func(c *ike.Config, f *firebox) {
			c.Aggressive = aggressive
			c.Rand = rand.NewChaCha8([32]byte{'x', byte(seed)})
			if wrong {
				f.psk = "another"
			}
		})
		b.down = func(d ike.Datagram) []ike.Datagram {
			pool = append(pool, d)
			return abuse(random, d, pool)
		}
		b.start()
		for range 40 {
			for _, d := range abuse(random, pool[random.IntN(len(pool))], pool) {
				b.s.HandleDatagram(b.now, d)
			}
			b.settleAbused()
			b.advance(time.Duration(random.IntN(1000)) * time.Millisecond)
		}
		if wrong && (len(all[ike.IKEUp](b)) != 0 || len(all[ike.ChildUp](b)) != 0) {
			t.Fatalf("seed %d: an SA without a verified HASH_R", seed)
		}
	}
}

// settleAbused lets the session talk to nobody.
func (b *bench) settleAbused() {
	b.drainEvents()
	for d, ok := b.s.NextDatagram(); ok; d, ok = b.s.NextDatagram() {
		b.sent = append(b.sent, d)
	}
}

// abuse damages, doubles, drops or exchanges a datagram.
func abuse(random *rand.Rand, d ike.Datagram, pool []ike.Datagram) []ike.Datagram {
	damaged := d
	damaged.Data = bytes.Clone(d.Data)
	switch random.IntN(8) {
	case 0:
		return nil
	case 1:
		return []ike.Datagram{d, d}
	case 2:
		damaged.Data[random.IntN(len(damaged.Data))] ^= 1 << random.IntN(8)
	case 3: // the cookies of now on a message of then
		copy(damaged.Data[:16], pool[len(pool)-1].Data[:16])
	case 4:
		damaged.Data[18] = []byte{2, 4, 5, 6, 32, 33}[random.IntN(6)] // another exchange
	case 5:
		damaged.Data[19] ^= 1 // in clear, or as if encrypted
	case 6:
		return []ike.Datagram{pool[random.IntN(len(pool))], d}
	default:
		return []ike.Datagram{d}
	}
	return []ike.Datagram{damaged}
}

func TestStrangersAreIgnored(t *testing.T) {
	b := newBench(t, nil)
	b.down = func(d ike.Datagram) []ike.Datagram {
		d.Remote = clientNATT // the right octets from another address
		return []ike.Datagram{d}
	}
	b.start()
	b.advance(5 * time.Second)
	if len(all[ike.IKEUp](b)) != 0 {
		t.Error("a stranger was believed")
	}
	b.wantLog("not from the gateway")
}

func TestForgedMessagesUnderAnSA(t *testing.T) {
	b := newBench(t, nil).start()
	a := b.s.sas[0]
	for _, head := range []wire.Header{
		a.header(wire.ExchangeInformational, 5), a.header(wire.ExchangeQuick, 6), a.header(wire.ExchangeTransaction, 7),
		a.header(wire.ExchangeQuick, b.s.children[0].up.MessageID), a.header(wire.ExchangeAggressive, 0), a.header(wire.ExchangeNewGroup, 9),
	} {
		for _, size := range []int{0, 4, 8, 64, 1024} {
			head.NextPayload = wire.TypeHash
			b.s.HandleDatagram(b.now, ike.Datagram{Data: head.Append(nil, make([]byte, size)), Remote: fireboxAddr})
			clear := head
			clear.Flags = 0
			b.s.HandleDatagram(b.now, ike.Datagram{Data: wire.AppendMessage(nil, clear, wire.Delete{DOI: 1, Protocol: 1, SPIs: [][]byte{a.cookies()}}), Remote: fireboxAddr})
		}
	}
	b.settle()
	b.wantUp()
	if len(b.s.sas) != 1 || len(b.s.children) != 1 {
		t.Error("a forged message has changed something")
	}
}

// TestAlteredHash: everything in the messages is right but the HASH, of which
// one bit was changed on the way. The chain of payloads still decrypts well.
func TestAlteredHash(t *testing.T) {
	for name, act := range map[string]func(b *bench){
		"DELETE of ESP":     func(b *bench) { b.f.deleteESP(last[ike.ChildUp](b).SPIOut) },
		"DELETE of Phase 1": func(b *bench) { b.f.deletePhase1(b.f.current()) },
		"Quick Mode":        func(b *bench) { b.f.startQuick("192.168.10.0/24", nil) },
	} {
		b := newBench(t, nil).start()
		b.advance(time.Minute)
		b.down = func(d ike.Datagram) []ike.Datagram {
			d.Data[wire.HeaderLen+8] ^= 1 // the second block: hash alone
			return []ike.Datagram{d}
		}
		act(b)
		b.settle()
		b.wantAlive()
		if len(all[ike.ChildUp](b)) != 1 || len(b.s.sas) != 1 {
			t.Errorf("%s: acted upon", name)
		}
	}
}

// TestReplayWithOtherFlags: the flags of a header are under no HASH, so that a
// replay with others is no duplicate. Message IDs tell, also that of a Quick Mode
// under which an Informational may come.
func TestReplayWithOtherFlags(t *testing.T) {
	b := newBench(t, nil).start()
	a := b.f.current()
	for name, id := range map[string]uint32{"of its own": 77, "of Quick Mode": last[ike.ChildUp](b).MessageID} {
		n := wire.Notify{DOI: 1, Protocol: 1, NotifyType: wire.NotifyRUThere, SPI: b.s.sas[0].cookies(), Data: []byte{0, 0, 0, 9}}
		raw := b.f.informAs(a, id, n)
		b.settle()
		before := len(b.f.notifies)
		again := bytes.Clone(raw)
		again[19] |= 2 // the commit bit
		b.advance(2 * time.Second)
		b.s.HandleDatagram(b.now, ike.Datagram{Data: again, Remote: fireboxAddr})
		b.settle()
		if n := len(b.f.notifies) - before; n != 0 || before == 0 {
			t.Errorf("a message ID %s: a replayed R-U-THERE is answered %d times", name, n)
		}
	}
}

func TestFloodIsQuiet(t *testing.T) {
	b := newBench(t, nil).start()
	before := len(b.events)
	for i := range 10000 {
		b.s.HandleDatagram(b.now, ike.Datagram{Data: []byte(fmt.Sprint(i)), Remote: fireboxAddr})
	}
	b.settle()
	if n := len(b.events) - before; n > 20 {
		t.Errorf("%d lines about a flood", n)
	}
}

// TestFloodOfChoicesIsQuiet: whoever sees message 1 can answer it in ever new
// ways.
func TestFloodOfChoicesIsQuiet(t *testing.T) {
	for _, aggressive := range []bool{true, false} {
		b := newBench(t, func(c *ike.Config, f *firebox) {
			c.Aggressive = aggressive
			f.silent = func(wire.Header) bool { return true }
		}).start()
		h := wire.Header{InitiatorCookie: b.s.attempt.cookieI, Version: wire.Version1, Exchange: b.s.attempt.exchange}
		answer := wire.SA{Proposals: []wire.Proposal{{Protocol: wire.ProtocolISAKMP, Transforms: []wire.Transform{{ID: wire.TransformKeyIKE}}}}}
		before := len(b.events)
		for i := range 1000 {
			h.ResponderCookie = wire.Cookie{1, byte(i), byte(i >> 8)}
			b.s.HandleDatagram(b.now, ike.Datagram{Data: wire.AppendMessage(nil, h, answer), Remote: fireboxAddr})
		}
		b.settle()
		if n := len(b.events) - before; n > 20 {
			t.Errorf("%d lines about a flood", n)
		}
	}
}

func TestUnusedFragmentsAreForgotten(t *testing.T) {
	var r reassembly
	head := wire.Header{InitiatorCookie: wire.Cookie{1}}
	for id := range uint16(100) {
		if r.add(epoch, head, wire.Fragment{ID: id, Number: 1, Data: make([]byte, 60000)}) != nil {
			t.Fatal("complete")
		}
	}
	if len(r.partials) > maxPartial {
		t.Errorf("%d messages are being collected", len(r.partials))
	}
	r.add(epoch, head, wire.Fragment{ID: 99, Number: 2, Data: make([]byte, 60000)})
	for _, p := range r.partials {
		if p.size > wire.MaxMessage {
			t.Errorf("%d octets", p.size)
		}
	}
	r.add(epoch, head, wire.Fragment{ID: 7, Number: maxFragments + 1, Last: true, Data: []byte{1}})
	r.add(epoch.Add(31*time.Second), head, wire.Fragment{ID: 7, Number: 1, Data: []byte{1}})
	if len(r.partials) != 1 {
		t.Errorf("%d messages are kept for ever", len(r.partials))
	}
}

func TestFragmentInFragments(t *testing.T) {
	b := newBench(t, nil).start()
	h := b.s.sas[0].header(wire.ExchangeQuick, 0)
	inner := wire.AppendMessage(nil, h, wire.Fragment{ID: 1, Number: 1, Last: true, Data: []byte("x")})
	for range 3 {
		inner = wire.AppendMessage(nil, h, wire.Fragment{ID: 1, Number: 1, Last: true, Data: inner})
	}
	b.s.HandleDatagram(b.now, ike.Datagram{Data: inner, Remote: fireboxAddr})
	b.s.HandleDatagram(b.now, ike.Datagram{Data: wire.AppendMessage(nil, h, wire.Fragment{ID: 2, Number: 1, Last: true, Data: []byte("short")}), Remote: fireboxAddr})
	two := wire.AppendMessage(nil, h, wire.Fragment{ID: 3, Number: 1, Data: []byte("x")}, wire.Nonce(make([]byte, 8)))
	b.s.HandleDatagram(b.now, ike.Datagram{Data: two, Remote: fireboxAddr})
	b.settle()
	b.wantUp()
	b.wantLog("fragments of no message")
	b.wantLog("a fragment is not alone")
}

func TestGatewayCannotFillUs(t *testing.T) {
	b := newBench(t, nil).start()
	for range 200 {
		b.f.startQuick("192.168.10.0/24", nil)
		b.settle()
	}
	if n := len(b.s.children); n > maxChildren {
		t.Errorf("%d pairs", n)
	}
	for range 2000 {
		b.f.inform(wire.Notify{DOI: 1, Protocol: 1, NotifyType: wire.NotifyInitialContact})
		b.settle()
	}
	if n := len(b.s.sas[0].used); n > maxUsed {
		t.Errorf("%d message IDs", n)
	}
	b.wantAlive()
}

// TestSameSeedSameBytes replays a session with everything in it.
func TestSameSeedSameBytes(t *testing.T) {
	events1, sent1 := replay(t)
	events2, sent2 := replay(t)
	if !bytes.Equal(sent1, sent2) {
		t.Error("the same seed sends other octets")
	}
	if events1 != events2 {
		t.Error("the same seed tells other events")
	}
	if len(sent1) < 2000 {
		t.Error("that was no session")
	}
}

func replay(t *testing.T) (events string, sent []byte) {
	b := newBench(t, func(c *ike.Config, f *firebox) {
		c.PFS, c.DPD = "gateway", 10*time.Second
		c.Networks = append(c.Networks, trustedToo)
		f.natAt = fireboxAddr
	}).start()
	b.carry(last[ike.ChildUp](b).SPIIn, 1, 1)
	b.advance(50 * time.Minute)
	b.s.Rekey(b.now)
	b.settle()
	b.advance(time.Minute)
	b.s.Close(b.now)
	b.settle()
	for _, e := range b.events {
		if down, ok := e.(ike.Down); ok {
			events += down.Reason.Error()
			continue
		}
		events += fmt.Sprintf("%T%+v\n", e, e)
	}
	for _, d := range b.sent {
		sent = append(sent, d.Data...)
	}
	return events, sent
}

func TestNoSecretsInNotes(t *testing.T) {
	for _, aggressive := range []bool{true, false} {
		b := newBench(t, func(c *ike.Config, f *firebox) { c.Aggressive, c.PFS = aggressive, "modp1024" }).start()
		b.s.Rekey(b.now)
		b.settle()
		b.advance(time.Minute)
		var text strings.Builder
		for _, n := range all[ike.Note](b) {
			fmt.Fprintf(&text, "%s %+v\n", n.Text, n.Fields)
		}
		secrets := [][]byte{[]byte("correct horse battery staple")}
		for _, a := range b.f.sas {
			secrets = append(secrets, a.ni, a.nr, a.gxi, a.gxr, a.keys.EncryptionKey())
		}
		for _, up := range all[ike.ChildUp](b) {
			secrets = append(secrets, up.KeyIn.Encryption, up.KeyIn.Integrity, up.KeyOut.Encryption, up.KeyOut.Integrity)
		}
		for _, s := range secrets {
			if strings.Contains(text.String(), string(s)) || strings.Contains(text.String(), fmt.Sprintf("%x", s[:8])) {
				t.Errorf("a secret is in the log: %x", s)
			}
		}
	}
}

// dry is a source of randomness that ends.
type dry struct{ left int }

func (d *dry) Read(b []byte) (int, error) {
	if d.left < len(b) {
		return 0, fmt.Errorf("no randomness left")
	}
	d.left -= len(b)
	for i := range b {
		b[i] = byte(d.left + i*7)
	}
	return len(b), nil
}

// TestRandomnessEnds tries every point at which the random source can fail: the
// session ends with INTERNAL or goes on, and never panics.
func TestRandomnessEnds(t *testing.T) {
	for _, aggressive := range []bool{true, false} {
		for left := 0; left < 400; left += 4 {
			b := newBench(t, func(c *ike.Config, f *firebox) {
				c.Aggressive, c.Rand, c.GiveUp = aggressive, &dry{left: left}, 5*time.Second
				c.NAT, c.PFS = ike.NATForce, "ecp256"
				c.Phase1 = []suite.Proposal{proposal(t, "aes128-sha1-ecp256")}
			}).start()
			b.advance(20 * time.Second)
			b.s.Rekey(b.now)
			b.settle()
			if downs := all[ike.Down](b); len(downs) > 0 && downs[0].Reason.Code != reason.Internal && downs[0].Reason.Code != reason.NoReply {
				t.Errorf("%d octets: %v", left, downs[0].Reason)
			}
		}
	}
}
