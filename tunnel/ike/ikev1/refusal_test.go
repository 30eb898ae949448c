package ikev1

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"muvpn/client/reason"
	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/suite"
	"muvpn/tunnel/ike/wire"
)

// refuseAll makes the gateway refuse every message 1.
func refuseAll(n wire.NotifyType) func(*ike.Config, *firebox) {
	return func(_ *ike.Config, f *firebox) {
		f.choose = func(wire.SA) (wire.Proposal, wire.NotifyType) { return wire.Proposal{}, n }
	}
}

func TestRefusalsOfPhase1(t *testing.T) {
	for _, c := range []struct {
		notify wire.NotifyType
		want   reason.Code
	}{
		{wire.NotifyNoProposalChosen, reason.P1Proposal}, {wire.NotifyAttributesNotSupported, reason.P1Proposal},
		{wire.NotifyInvalidKeyInformation, reason.P1Proposal}, {wire.NotifyPayloadMalformed, reason.P1Proposal},
		{wire.NotifyInvalidIDInformation, reason.IDUnknown}, {wire.NotifyAuthenticationFailed, reason.IDUnknown},
		{wire.NotifyInvalidExchangeType, reason.ModeMismatch}, {wire.NotifyUnsupportedExchangeType, reason.ModeMismatch},
		{wire.NotifyInvalidMajorVersion, reason.ModeMismatch}, {wire.NotifyInvalidHashInformation, reason.PSKWrong},
	} {
		b := newBench(t, refuseAll(c.notify)).start()
		b.advance(7 * time.Second) // with P1_PROPOSAL XAuth is tried, too
		r := b.wantDown(c.want, c.notify.String())
		if r.Side != reason.Gateway || r.Expected == "" {
			t.Errorf("%s: %+v", c.notify, r)
		}
	}
}

// TestXAuthExpected: a gateway that chooses nothing of a plain pre-shared key, or
// refuses who offers it, but takes the same with XAuth, says so to who wonders, in
// either mode. The user is not asked, and no SA comes of it.
func TestXAuthExpected(t *testing.T) {
	for _, c := range []struct {
		aggressive bool
		says       wire.NotifyType
	}{
		{true, wire.NotifyNoProposalChosen}, {false, wire.NotifyNoProposalChosen}, {true, wire.NotifyAuthenticationFailed},
	} {
		b := newBench(t, func(cfg *ike.Config, f *firebox) {
			cfg.Aggressive = c.aggressive
			f.choose = func(offer wire.SA) (wire.Proposal, wire.NotifyType) {
				p := offer.Proposals[0]
				a, _ := wire.Find(p.Transforms[0].Attributes, wire.AttrAuthentication)
				if n, _ := a.Uint(); n != 65001 {
					return p, c.says
				}
				return p, 0
			}
		}).start()
		b.advance(4 * time.Second)
		b.wantDown(reason.XAuthExpected, c.says.String()+" in answer to message 1, while the same with XAuth is taken")
		if len(all[ike.ChildUp](b)) != 0 || len(all[ike.NeedAnswer](b)) != 0 {
			t.Errorf("%+v: something came of it", c)
		}
	}
}

// TestWonderingEndsWithTheRefusal, whatever comes of it.
func TestWonderingEndsWithTheRefusal(t *testing.T) {
	first := true
	b := newBench(t, func(_ *ike.Config, f *firebox) {
		f.silent = func(wire.Header) bool { return !first }
		f.choose = func(wire.SA) (wire.Proposal, wire.NotifyType) {
			first = false
			return wire.Proposal{}, wire.NotifyNoProposalChosen
		}
	}).start()
	b.advance(4 * time.Second)
	b.wantAlive()
	b.advance(time.Minute)
	b.wantDown(reason.P1Proposal, "NO-PROPOSAL-CHOSEN (14)")
}

func TestStatusInClearRefusesNothing(t *testing.T) {
	b := newBench(t, refuseAll(wire.NotifyInitialContact)).start()
	b.advance(10 * time.Second)
	b.wantAlive()
}

func TestWrongPSKInAggressiveMode(t *testing.T) {
	b := newBench(t, func(_ *ike.Config, f *firebox) { f.psk = "another" }).start()
	b.wantAlive()
	b.advance(2900 * time.Millisecond)
	b.wantAlive()
	b.advance(time.Second)
	b.wantDown(reason.PSKWrong, "HASH_R of message 2")
	b.wantLog("FROM 198.51.100.1 AG-HDR ISA_SA") // to be laid beside the gateway's "TO"
	for _, m := range b.f.heard {
		if _, ok := wire.Get[wire.Hash](m.payloads); ok {
			t.Error("our HASH_I went out")
		}
	}
}

func TestWrongHashRNeverMakesAnSA(t *testing.T) {
	for _, aggressive := range []bool{true, false} {
		b := newBench(t, func(c *ike.Config, f *firebox) { c.Aggressive, f.wrongHash = aggressive, true }).start()
		b.advance(time.Minute)
		b.wantDown(reason.PSKWrong, "HASH_R")
		if len(all[ike.IKEUp](b)) != 0 || len(all[ike.ChildUp](b)) != 0 {
			t.Errorf("aggressive %t: an SA without a verified HASH_R", aggressive)
		}
	}
}

func TestRightHashRStillWins(t *testing.T) {
	// Somebody else answers first, with a hash that does not fit.
	b := newBench(t, nil)
	b.down = func(d ike.Datagram) []ike.Datagram {
		if h, _, _ := wire.ParseHeader(d.Data); h.Exchange != wire.ExchangeAggressive {
			return []ike.Datagram{d}
		}
		forged := d
		forged.Data = bytes.Clone(d.Data)
		forged.Data[len(forged.Data)-1] ^= 1
		return []ike.Datagram{forged, forged, d}
	}
	b.start().wantUp()
	b.wantLog("wrong HASH_R in message 2; waiting for another")
}

func TestAtMostFourDiffieHellmans(t *testing.T) {
	b := newBench(t, func(_ *ike.Config, f *firebox) { f.wrongHash = true })
	b.down = func(d ike.Datagram) []ike.Datagram {
		var out []ike.Datagram
		for i := range byte(40) {
			forged := d
			forged.Data = bytes.Clone(d.Data)
			forged.Data[len(forged.Data)-1] ^= i
			out = append(out, forged)
		}
		return out
	}
	b.start()
	if n := b.s.attempt.computed; n != maxComputed {
		t.Errorf("%d shared secrets were computed", n)
	}
	b.wantAlive()
}

func TestWrongPSKInMainMode(t *testing.T) {
	b := newBench(t, func(c *ike.Config, f *firebox) { c.Aggressive, f.psk = false, "another" }).start()
	b.advance(time.Minute)
	b.wantDown(reason.PSKWrong, "PAYLOAD-MALFORMED (16) in answer to message 5")
}

func TestWrongPSKInMainModeSilently(t *testing.T) {
	b := newBench(t, func(c *ike.Config, f *firebox) {
		c.Aggressive = false
		f.silent = func(h wire.Header) bool { return h.Encrypted() }
	}).start()
	b.advance(time.Minute)
	b.wantDown(reason.PSKWrong, "message 5 of Main Mode unanswered")
}

func TestWrongPSKAnsweredWithOtherKeys(t *testing.T) {
	b := newBench(t, func(c *ike.Config, f *firebox) {
		c.Aggressive = false
		f.silent = func(h wire.Header) bool { return h.Encrypted() }
	}).start()
	h := b.f.header(b.f.sas[0], wire.ExchangeInformational, 0x1234)
	h.NextPayload = wire.TypeHash
	b.f.send(b.f.sas[0], h.Append(nil, make([]byte, 64)))
	b.settle()
	b.wantAlive()
	b.advance(4 * time.Second)
	b.wantDown(reason.PSKWrong, "our keys do not decrypt")
}

func TestRefusalUnderTheKeysOfMainMode(t *testing.T) {
	b := newBench(t, func(c *ike.Config, f *firebox) {
		c.Aggressive = false
		f.silent = func(h wire.Header) bool { return h.Encrypted() }
	}).start()
	a := b.f.sas[0]
	last := b.sent[len(b.sent)-1].Data
	a.iv = last[len(last)-8:] // the last block of message 5
	b.f.informAs(a, 99, wire.Notify{DOI: 1, Protocol: 1, NotifyType: wire.NotifyAuthenticationFailed})
	b.settle()
	b.wantDown(reason.IDUnknown, "AUTHENTICATION-FAILED (24) in answer to message 5")
}

func TestMessage5DoesNotArrive(t *testing.T) {
	b := newBench(t, func(c *ike.Config, f *firebox) {
		c.Aggressive = false
		f.silent = func(h wire.Header) bool { return h.Encrypted() }
	}).start()
	fourth := ike.Datagram{}
	b.f.clear(b.f.sas[0], wire.KeyExchange(b.f.sas[0].gxr), wire.Nonce(b.f.sas[0].nr))
	fourth = b.f.out[0]
	b.f.out = nil
	// The very octets of message 4 again: the gateway has not seen message 5.
	b.s.answers.Put(b.now, fourth.Data, ike.Datagram{})
	b.s.HandleDatagram(b.now, fourth)
	b.advance(time.Minute)
	b.wantDown(reason.NoReply, "repeats message 4")
}

func TestSilence(t *testing.T) {
	b := newBench(t, func(_ *ike.Config, f *firebox) { f.silent = func(wire.Header) bool { return true } }).start()
	b.advance(29 * time.Second)
	b.wantAlive()
	b.advance(time.Second)
	r := b.wantDown(reason.NoReply, "message 1 of Aggressive Mode unanswered, as were the probes")
	if r.Side != reason.Network {
		t.Error(r)
	}
	kinds := map[string]int{}
	for _, d := range b.sent {
		h, _, _ := wire.ParseHeader(d.Data)
		kinds[h.Summary()]++
	}
	if kinds["AG-HDR"] != 7 || kinds["MM-HDR"] != 1 || kinds["IKE_SA_INIT-HDR"] != 1 || len(kinds) != 3 {
		t.Errorf("sent %v", kinds)
	}
}

func TestProbesNarrowTheSilence(t *testing.T) {
	for _, c := range []struct {
		name   string
		main   bool // Main Mode is answered
		v2     uint8
		expect reason.Code
	}{
		{"Main Mode is answered", true, 0, reason.IDUnknown},
		{"IKEv2 is answered", false, 2, reason.ModeMismatch},
		{"IKEv2 is refused in IKEv1", false, 1, reason.IDUnknown},
	} {
		b := newBench(t, func(_ *ike.Config, f *firebox) {
			f.silent = func(h wire.Header) bool { return h.Exchange != wire.ExchangeMain || !c.main }
		})
		b.up = func(d ike.Datagram) []ike.Datagram {
			h, _, _ := wire.ParseHeader(d.Data)
			if h.Major() == 2 && c.v2 != 0 {
				answer := wire.Header{InitiatorCookie: h.InitiatorCookie, ResponderCookie: wire.Cookie{1}, Version: c.v2 << 4, Exchange: h.Exchange}
				b.f.out = append(b.f.out, ike.Datagram{Data: answer.Append(nil, nil), Remote: fireboxAddr})
			}
			return []ike.Datagram{d}
		}
		b.start()
		b.advance(time.Minute)
		r := b.wantDown(c.expect, "message 1 of Aggressive Mode unanswered, while a probe")
		if !strings.Contains(r.Expected, "ID_UNKNOWN") || !strings.Contains(r.Expected, "MODE_MISMATCH") || !strings.Contains(r.Expected, "lisa") {
			t.Errorf("%s: %s", c.name, r.Expected)
		}
	}
}

func TestSilenceInMainModeIsProbedByIKEv2Alone(t *testing.T) {
	b := newBench(t, func(c *ike.Config, f *firebox) {
		c.Aggressive = false
		f.silent = func(wire.Header) bool { return true }
	}).start()
	b.advance(time.Minute)
	b.wantDown(reason.NoReply, "message 1 of Main Mode unanswered, as were the probes")
}

// The IKE_SA_INIT is compared with its layout in RFC 7296 sections 3.1 to 3.9.
func TestProbeOfIKEv2(t *testing.T) {
	raw := ikeSAInit(wire.Cookie{1, 2, 3, 4, 5, 6, 7, 8}, bytes.Repeat([]byte{0xaa}, 64), bytes.Repeat([]byte{0xbb}, 20))
	want := octets(t, "0102030405060708 0000000000000000 21 20 22 08 00000000 000000b4"+
		"22 00 0030 00 00 002c 01 01 00 04"+
		"03 00 000c 01 00 000c 800e0080 03 00 0008 02 00 0005 03 00 0008 03 00 000c 00 00 0008 04 00 0013"+
		"28 00 0048 0013 0000"+strings.Repeat("aa", 64)+"00 00 0018"+strings.Repeat("bb", 20))
	want[27] = byte(len(want))
	if !bytes.Equal(raw, want) {
		t.Errorf("\n got %x\nwant %x", raw, want)
	}
}

// TestChoiceThatWasNotOffered: a downgrade by the gateway, or on the way.
func TestChoiceThatWasNotOffered(t *testing.T) {
	for name, edit := range map[string]func(*wire.Transform){
		"another cipher":       func(tr *wire.Transform) { tr.Attributes[0] = wire.TV(wire.AttrEncryption, 1) },
		"another hash":         func(tr *wire.Transform) { tr.Attributes[1] = wire.TV(wire.AttrHash, 1) },
		"another group":        func(tr *wire.Transform) { tr.Attributes[3] = wire.TV(wire.AttrGroup, 1) },
		"a foreign attribute":  func(tr *wire.Transform) { tr.Attributes = append(tr.Attributes, wire.TV(16384, 1)) },
		"a key length":         func(tr *wire.Transform) { tr.Attributes = append(tr.Attributes, wire.TV(wire.AttrKeyLength, 64)) },
		"an attribute twice":   func(tr *wire.Transform) { tr.Attributes = append(tr.Attributes, wire.TV(wire.AttrHash, 2)) },
		"another method":       func(tr *wire.Transform) { tr.Attributes[2] = wire.TV(wire.AttrAuthentication, 3) },
		"a number too long":    func(tr *wire.Transform) { tr.Attributes[1] = wire.TLV(wire.AttrHash, []byte{1, 0, 2}) },
		"another transform ID": func(tr *wire.Transform) { tr.ID = 2 },
	} {
		for _, aggressive := range []bool{true, false} {
			b := newBench(t, func(c *ike.Config, f *firebox) {
				c.Aggressive = aggressive
				f.edit = func(h wire.Header, p []wire.Payload) []wire.Payload {
					if sa, ok := p[0].(wire.SA); ok {
						tr := sa.Proposals[0].Transforms[0]
						tr.Attributes = append([]wire.Attribute(nil), tr.Attributes...)
						edit(&tr)
						sa.Proposals[0].Transforms = []wire.Transform{tr}
					}
					return p
				}
			}).start()
			b.advance(time.Minute)
			if len(all[ike.IKEUp](b)) != 0 {
				t.Errorf("%s, aggressive %t: accepted", name, aggressive)
			}
			b.wantDown(reason.P1Proposal, "not one that was offered")
		}
	}
}

func TestChoiceOutsideTheOfferSaysSo(t *testing.T) {
	b := newBench(t, func(c *ike.Config, f *firebox) {
		f.choose = func(offer wire.SA) (wire.Proposal, wire.NotifyType) {
			p := offer.Proposals[0]
			p.Transforms = []wire.Transform{{Number: 1, ID: 1, Attributes: append([]wire.Attribute{wire.TV(wire.AttrEncryption, 1)}, p.Transforms[0].Attributes[1:]...)}}
			return p, 0
		}
	}).start()
	b.advance(4 * time.Second)
	r := b.wantDown(reason.P1Proposal, "des-sha1-modp1024 is not one that was offered")
	if r.Side != reason.Client {
		t.Error(r)
	}
}

func TestMessagesWithoutAPart(t *testing.T) {
	for _, missing := range []wire.PayloadType{wire.TypeSA, wire.TypeKE, wire.TypeNonce, wire.TypeID, wire.TypeHash} {
		for _, aggressive := range []bool{true, false} {
			b := newBench(t, func(c *ike.Config, f *firebox) {
				c.Aggressive, c.GiveUp = aggressive, 5*time.Second
				f.edit = func(_ wire.Header, p []wire.Payload) (out []wire.Payload) {
					for _, one := range p {
						if one.Type() != missing {
							out = append(out, one)
						}
					}
					return out
				}
			}).start()
			b.advance(time.Minute)
			if len(all[ike.IKEUp](b)) != 0 {
				t.Errorf("without %s, aggressive %t: an SA", missing, aggressive)
			}
			last[ike.Down](b)
		}
	}
}

func TestGatewayOfAnotherName(t *testing.T) {
	for _, c := range []struct {
		want ike.ID
		is   wire.ID
		up   bool
	}{
		{ike.ID{Type: 2, Data: []byte("firebox.example.com")}, wire.ID{IDType: 2, Data: []byte("FireBox.Example.COM")}, true},
		{ike.ID{Type: 2, Data: []byte("firebox.example.com")}, wire.ID{IDType: 2, Data: []byte("firebox.example.org")}, false},
		{ike.ID{Type: 2, Data: []byte("firebox")}, wire.ID{IDType: 3, Data: []byte("firebox")}, false},
		{ike.ID{Type: 1, Data: []byte{198, 51, 100, 1}}, wire.Host(fireboxAddr.Addr()), true},
		{ike.ID{Type: 11, Data: []byte("Key")}, wire.ID{IDType: 11, Data: []byte("key")}, false},
		{ike.ID{}, wire.ID{IDType: 11, Data: []byte("anybody")}, true},
	} {
		for _, aggressive := range []bool{true, false} {
			b := newBench(t, func(cfg *ike.Config, f *firebox) { cfg.RemoteID, cfg.Aggressive, f.id = c.want, aggressive, c.is }).start()
			if c.up {
				b.wantUp()
				continue
			}
			r := b.wantDown(reason.IDUnknown, "the gateway says that it is")
			if r.Side != reason.Client {
				t.Error(r)
			}
		}
	}
}

func TestProfileTooWeak(t *testing.T) {
	for _, weak := range []string{"des-sha1-modp1024", "3des-md5-modp1024", "3des-sha1-modp768", "null-sha1-modp1024"} {
		b := newBench(t, func(c *ike.Config, _ *firebox) { c.Phase1 = []suite.Proposal{proposal(t, weak)} }).start()
		b.wantDown(reason.ProfileTooWeak, "DES, MD5 or group 1")
	}
	b := newBench(t, func(c *ike.Config, _ *firebox) {
		c.Phase2 = []suite.Proposal{proposal(t, "des-md5"), proposal(t, "null-sha1")}
	}).start()
	b.wantDown(reason.ProfileTooWeak, "")
	if len(b.sent) != 0 {
		t.Error("something was sent")
	}
}

func TestWeakProposalsAreLeftOut(t *testing.T) {
	b := newBench(t, func(c *ike.Config, f *firebox) {
		c.Phase1 = append(c.Phase1, proposal(t, "des-md5-modp768"))
		f.choose = func(wire.SA) (wire.Proposal, wire.NotifyType) { return wire.Proposal{}, wire.NotifyNoProposalChosen }
	}).start()
	b.advance(time.Minute)
	b.wantDown(reason.P1Proposal, "")
	if strings.Contains(b.log(), "fell to") {
		t.Error("fell below the profile's security")
	}
}

func TestNoPrivilegeForRawESP(t *testing.T) {
	b := newBench(t, func(c *ike.Config, f *firebox) { c.RawESP, f.vendors = false, nil }).start()
	b.wantDown(reason.NoPrivilege, "IP protocol 50")
	b = newBench(t, func(c *ike.Config, _ *firebox) { c.RawESP = false }).start()
	b.wantUp()
	if up := last[ike.ChildUp](b); !up.Encap || last[ike.IKEUp](b).NAT != "forced" {
		t.Errorf("%+v", up)
	}
}

func TestForcedEncapsulation(t *testing.T) {
	b := newBench(t, func(c *ike.Config, _ *firebox) { c.NAT = ike.NATForce }).start()
	b.wantUp()
	third := b.f.messages(wire.ExchangeAggressive)[1]
	a := b.f.current()
	sha1, _ := suite.HashByKeyword("sha1")
	if bytes.Equal(third.payloads[2].Body, ike.NATHash(sha1, a.ci, a.cr, clientAddr)) {
		t.Error("the source's NAT-D is right, so that the gateway sees no NAT")
	}
	b.advance(time.Minute)
	keepalives := 0
	for _, d := range b.sent {
		if d.Keepalive {
			keepalives++
			if len(d.Data) != 0 || !d.Encap || d.Remote.Port() != 4500 {
				t.Errorf("%+v", d)
			}
		}
	}
	if keepalives != 3 {
		t.Errorf("%d keepalives in a minute", keepalives)
	}
}

func TestNATTraversalOff(t *testing.T) {
	b := newBench(t, func(c *ike.Config, f *firebox) { c.NAT, f.natAt = ike.NATOff, fireboxAddr }).start()
	b.wantUp()
	if bytes.Contains(b.sent[0].Data, octets(t, "4a131c81070358455c5728f20e95452f")) || last[ike.ChildUp](b).Encap {
		t.Error("NAT traversal is offered")
	}
}
