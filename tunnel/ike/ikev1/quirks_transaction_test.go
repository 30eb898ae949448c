package ikev1

import (
	"bytes"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"muvpn/client/reason"
	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/wire"
)

// The bodies of configuration payloads that a gateway sends, by hand: type,
// reserved, identifier, attributes.
const (
	askUser    = "0100 0000 4089 0000 408a 0000"       // CFG_REQUEST: name, password
	statusOK   = "0300 0000 c08f 0001"                 // CFG_SET: XAUTH_STATUS OK
	statusFail = "0300 0000 c08f 0000"                 // CFG_SET: XAUTH_STATUS FAIL
	giveIP     = "0200 %s 0001 0004 0a010101 %s"       // CFG_REPLY: 10.1.1.1, and more
	lisaSecret = "4089 0004 6c697361 408a 0003 703477" // lisa, p4w
)

// roadWarrior is a bench whose profile has XAuth and Mode-Config, and a gateway
// that answers CFG_REQUEST with 10.1.1.1 and what else is said, if that is not
// "silent".
func roadWarrior(t *testing.T, more string, edit func(*ike.Config, *firebox)) *bench {
	t.Helper()
	return newBench(t, func(c *ike.Config, f *firebox) {
		c.Method, c.Username = ike.MethodXAuthPSK, "lisa"
		c.ModeConfig, c.VirtualIP, c.Networks = true, netip.Addr{}, nil
		f.configured = func(got boxConfig) {
			if strings.HasPrefix(got.body, "0100") && more != "silent" {
				f.transact(got.id, fmt.Sprintf(giveIP, got.body[4:8], more))
			}
		}
		if edit != nil {
			edit(c, f)
		}
		f.xauth = c.Method.XAuth()
	})
}

// login has the gateway ask for the user, and the user answer p4w.
func (b *bench) login() *bench {
	b.t.Helper()
	b.start()
	b.f.transact(7, askUser)
	b.settle()
	b.answer("p4w")
	return b
}

// pass is a login that the gateway accepts.
func (b *bench) pass() *bench {
	b.t.Helper()
	b.login()
	b.f.transact(8, statusOK)
	b.settle()
	return b
}

// answer answers the newest question.
func (b *bench) answer(value string) {
	b.t.Helper()
	b.s.Answer(b.now, ike.Answer{ID: last[ike.NeedAnswer](b).ID, Value: []byte(value)})
	b.settle()
}

// wantConfig demands the client's newest Transaction message.
func (b *bench) wantConfig(id uint32, body string) {
	b.t.Helper()
	if len(b.f.configs) == 0 {
		b.t.Fatalf("no Transaction message\n%s", b.log())
	}
	got := b.f.configs[len(b.f.configs)-1]
	if want := strings.ReplaceAll(body, " ", ""); got.id != id || got.body != want {
		b.t.Errorf("message ID %x says\n%s, want %x\n%s", got.id, got.body, id, want)
	}
}

// TestQuirk22TypeOf16BitsAndTrailingNUL: XAUTH_TYPE 0 comes and goes as a short
// attribute, or with a length, as it was asked; a NUL behind a text is none of it.
func TestQuirk22TypeOf16BitsAndTrailingNUL(t *testing.T) {
	for _, kind := range []string{"c088 0000", "4088 0002 0000"} {
		b := roadWarrior(t, "", nil).start()
		b.f.transact(7, "0100 0005 "+kind+" 4089 0000 408a 0000 408c 0006 48656c6c6f00") // "Hello\0"
		b.settle()
		if q := last[ike.NeedAnswer](b); q.Kind != "xauth-password" || q.Prompt != "Password of lisa (Hello)" || q.Name != "lisa" || q.Said != "Hello" {
			t.Errorf("%+v", q)
		}
		b.answer("p4w")
		b.wantConfig(7, "0200 0005 "+kind+lisaSecret)
	}
}

// TestQuirk23EverySetIsAcknowledged: with the same attributes, without values.
func TestQuirk23EverySetIsAcknowledged(t *testing.T) {
	b := roadWarrior(t, "silent", nil).login()
	b.f.transact(9, "0300 0102 0001 0004 0a010105 0003 0004 0a010002") // NetScreen: first the configuration
	b.settle()
	b.wantConfig(9, "0400 0102 0001 0000 0003 0000")
	b.f.transact(10, "0300 0000 c08f 0001 7000 0002 6869") // Firebox: more than the status
	b.settle()
	b.wantConfig(10, "0400 0000 c08f 0000 7000 0000")
	b.wantUp()
	if n := last[ike.Up](b).Network; n.VirtualIP.String() != "10.1.1.5" || n.DNS[0].String() != "10.1.0.2" || n.Banner != "hi" {
		t.Errorf("%+v", n)
	}
}

// TestQuirk24OneMessageIDForAll: the IV goes on from message to message, and
// every reply has the message ID and the identifier of its request.
func TestQuirk24OneMessageIDForAll(t *testing.T) {
	b := roadWarrior(t, "", nil).start()
	b.f.transact(7, "0100 abcd 4089 0000 408a 0000")
	b.settle()
	b.answer("p4w")
	b.wantConfig(7, "0200 abcd "+lisaSecret)
	b.f.transact(7, "0100 abce 408b 0000") // and the passcode
	b.settle()
	b.answer("123456")
	b.wantConfig(7, "0200 abce 408b 0006 313233343536")
	b.f.transact(7, "0300 abcf c08f 0001")
	b.settle()
	b.wantUp()
	if ack := b.f.configs[2]; ack.id != 7 || ack.body != "0400abcfc08f0000" {
		t.Errorf("%+v", ack)
	}
}

func TestQuirk24MessageIDPerRequest(t *testing.T) {
	b := roadWarrior(t, "", nil).pass()
	b.wantUp()
	for i, want := range []boxConfig{{7, "02000000" + strings.ReplaceAll(lisaSecret, " ", "")}, {8, "04000000c08f0000"}} {
		if b.f.configs[i] != want {
			t.Errorf("%+v", b.f.configs[i])
		}
	}
}

// TestQuirk25CiscoDoesNotRepeat: after a rekey of Phase 1 nothing is asked, and
// the SA pairs are replaced all the same.
func TestQuirk25CiscoDoesNotRepeat(t *testing.T) {
	b := roadWarrior(t, "", nil).pass()
	b.wantUp()
	messages := len(b.f.configs)
	b.s.Rekey(b.now)
	b.settle()
	b.advance(20 * time.Second)
	b.wantAlive()
	if len(b.f.configs) != messages || len(all[ike.NeedAnswer](b)) != 1 {
		t.Errorf("%d messages more, %d questions", len(b.f.configs)-messages, len(all[ike.NeedAnswer](b)))
	}
	if ups := all[ike.ChildUp](b); len(ups) != 2 || ups[1].Replaces != ups[0].SPIIn || len(all[ike.Up](b)) != 1 {
		t.Errorf("%+v", ups)
	}
}

// TestQuirk25OthersRepeat: strongSwan asks for the user and is asked for the
// address again. The password is known; nobody is asked.
func TestQuirk25OthersRepeat(t *testing.T) {
	b := roadWarrior(t, "", nil).pass()
	before := len(b.f.configs)
	b.s.Rekey(b.now)
	b.settle()
	b.f.transact(17, askUser)
	b.settle()
	b.f.transact(18, statusOK)
	b.settle()
	b.wantAlive()
	got := b.f.configs[before:]
	if len(got) != 3 || got[0].body != "02000000"+strings.ReplaceAll(lisaSecret, " ", "") || got[2].body[8:24] != "000100040a010101" {
		t.Errorf("%+v", got)
	}
	if len(all[ike.NeedAnswer](b)) != 1 || len(all[ike.ChildUp](b)) != 2 || len(all[ike.Up](b)) != 1 {
		t.Errorf("%d questions, %d pairs, %d times up", len(all[ike.NeedAnswer](b)), len(all[ike.ChildUp](b)), len(all[ike.Up](b)))
	}
}

// TestQuirk26PushAtAnyTime: instead of an answer, and long after.
func TestQuirk26PushAtAnyTime(t *testing.T) {
	b := roadWarrior(t, "silent", nil).pass()
	b.wantConfigRequest()
	b.f.transact(9, "0300 0001 0001 0004 0a010105")
	b.settle()
	b.wantUp()
	if n := last[ike.Up](b).Network; n.VirtualIP.String() != "10.1.1.5" || n.Networks[0].String() != "0.0.0.0/0" {
		t.Errorf("%+v", n)
	}
	b.advance(time.Minute)
	b.f.transact(10, "0300 0002 0003 0004 0a010002")
	b.settle()
	b.wantConfig(10, "0400 0002 0003 0000")
	if ups := all[ike.Up](b); len(ups) != 2 || ups[1].Network.DNS[0].String() != "10.1.0.2" || ups[1].Network.VirtualIP != ups[0].Network.VirtualIP {
		t.Errorf("%+v", ups)
	}
	if n := len(all[ike.ChildUp](b)); n != 1 {
		t.Errorf("%d SA pairs for another DNS server", n)
	}
	b.f.transact(10, "0300 0003 0003 0004 0a010002") // nothing new
	b.settle()
	if n := len(all[ike.Up](b)); n != 2 {
		t.Errorf("said %d times", n)
	}
}

// wantConfigRequest demands that the newest Transaction message asks for the
// inner network, all without values.
func (b *bench) wantConfigRequest() {
	b.t.Helper()
	got := b.f.configs[len(b.f.configs)-1]
	const body = "0001 0000 0002 0000 0003 0000 0004 0000 0005 0000 7000 0000 7001 0000 7002 0000 7003 0000" +
		"7004 0000 7006 0000 7007 0000 7009 0000 0007 0000"
	b.wantConfig(got.id, "0100"+got.body[4:8]+body)
}

func TestQuirk27ZeroPaddingIsNoAttribute(t *testing.T) {
	b := roadWarrior(t, "0003 0004 0a010002 0000 0000 0000", nil).pass()
	b.wantUp()
	if n := last[ike.Up](b).Network; len(n.DNS) != 1 || strings.Contains(b.log(), "CONFIG_ODD") {
		t.Errorf("%+v\n%s", n, b.log())
	}
}

// TestQuirk28LengthsThatAreValid: an IPv6 address with the length of its prefix,
// and a subnet of address and mask.
func TestQuirk28LengthsThatAreValid(t *testing.T) {
	b := roadWarrior(t, "0008 0011 20010db8000000000000000000000001 40 000d 0008 0a020000 ffff0000", nil).pass()
	b.wantUp()
	if n := last[ike.Up](b).Network; n.VirtualIP.String() != "10.1.1.1" || len(n.Networks) != 1 || n.Networks[0].String() != "10.2.0.0/16" {
		t.Errorf("%+v", n)
	}
	var g granted
	if !g.take(wire.TLV(8, octets(t, "20010db8000000000000000000000001 40"))) || g.address.String() != "2001:db8::1" {
		t.Error(g.address)
	}
}

// TestQuirk29SplitInclude: entries of 14 octets or of 8, padded, and a /0 among
// others.
func TestQuirk29SplitInclude(t *testing.T) {
	for list, want := range map[string]string{
		"0a010000 ffff0000 000000000000":                                           "10.1.0.0/16",
		"0a010000 ffff0000 000000000000 c0a80a00 ffffff00 000600500000":            "10.1.0.0/16 192.168.10.0/24",
		"0a010000 ffff0000":                                                        "10.1.0.0/16",
		"0a010000 ffff0000 c0a80a00 ffffff00":                                      "10.1.0.0/16 192.168.10.0/24",
		"0a010000 ffff0000 000000000000 0000":                                      "10.1.0.0/16",
		"00000000 00000000 000000000000 0a010000 ffff0000 000000000000":            "10.1.0.0/16",
		"00000000 00000000 000000000000":                                           "0.0.0.0/0",
		"0a010203 ffff0000 000000000000":                                           "10.1.0.0/16",
		"0a010000 ffff00ff 000000000000":                                           "0.0.0.0/0",   // no mask: not read, so everything
		strings.Repeat("0a010000 ffff0000 ", 7):                                    "10.1.0.0/16", // 56 octets are seven of 8
		"0a010000 ffff0000 000000000000 0a010000 ffff0000 000000000000 0000000000": "10.1.0.0/16",
	} {
		value := octets(t, list)
		b := roadWarrior(t, fmt.Sprintf("7004 %04x %s", len(value), list), nil).pass()
		b.wantUp()
		if got := fmt.Sprint(last[ike.Up](b).Network.Networks); got != "["+want+"]" {
			t.Errorf("%s: %s, want %s", list, got, want)
		}
	}
}

const splitTwo = "7004 001c 0a010000 ffff0000 000000000000 c0a80a00 ffffff00 000000000000"

// TestQuirk31OneQuickModeANetwork: with a gateway that is not of Cisco's kind.
func TestQuirk31OneQuickModeANetwork(t *testing.T) {
	b := roadWarrior(t, splitTwo, nil).pass()
	b.wantUp()
	q := b.f.messages(wire.ExchangeQuick)
	if len(q) != 4 {
		t.Fatalf("%d messages of Quick Mode", len(q))
	}
	wantOctets(t, q[0].payloads[3].Body, "01 00 0000 0a010101")
	wantOctets(t, q[0].payloads[4].Body, "04 00 0000 0a010000 ffff0000")
	wantOctets(t, q[2].payloads[4].Body, "04 00 0000 c0a80a00 ffffff00")
}

// TestQuirk31UnitySplitsHere: one Quick Mode for everything, and packets to the
// split networks only.
func TestQuirk31UnitySplitsHere(t *testing.T) {
	unity := wire.VendorID(octets(t, "12f5f28c457168a9702d9fe274cc0100"))
	b := roadWarrior(t, splitTwo, func(_ *ike.Config, f *firebox) { f.vendors = append(f.vendors, unity) }).pass()
	b.wantUp()
	q := b.f.messages(wire.ExchangeQuick)
	if len(q) != 2 {
		t.Fatalf("%d messages of Quick Mode", len(q))
	}
	wantOctets(t, q[0].payloads[4].Body, "04 00 0000 00000000 00000000")
	const networks = "[10.1.0.0/16 192.168.10.0/24]"
	if got := fmt.Sprint(last[ike.ChildUp](b).Remote, last[ike.Up](b).Network.Networks); got != networks+" "+networks {
		t.Error(got)
	}
}

// TestQuirk31UnityThatRefusesEverything falls back to one a network.
func TestQuirk31UnityThatRefusesEverything(t *testing.T) {
	unity := wire.VendorID(octets(t, "12f5f28c457168a9702d9fe274cc0100"))
	b := roadWarrior(t, splitTwo, func(_ *ike.Config, f *firebox) {
		f.vendors = append(f.vendors, unity)
		f.chooseESP = func(offer wire.SA, _ bool) (wire.Proposal, wire.NotifyType) {
			if len(f.messages(wire.ExchangeQuick)) == 1 {
				return wire.Proposal{}, wire.NotifyInvalidIDInformation
			}
			return offer.Proposals[0], 0
		}
	}).pass()
	b.wantUp()
	if ups := all[ike.ChildUp](b); len(ups) != 2 || ups[0].Remote[0].String() != "10.1.0.0/16" || ups[1].Remote[0].String() != "192.168.10.0/24" {
		t.Errorf("%+v", ups)
	}
}

// TestQuirk36XAuthVendorIDOnlyWithXAuth: and Cisco Unity's with Mode-Config only.
func TestQuirk36XAuthVendorIDOnlyWithXAuth(t *testing.T) {
	xauth, unity := octets(t, "09002689dfd6b712"), octets(t, "12f5f28c457168a9702d9fe274cc0100")
	for _, aggressive := range []bool{true, false} {
		for _, used := range []bool{true, false} {
			b := newBench(t, func(c *ike.Config, f *firebox) {
				if c.Aggressive = aggressive; used {
					c.Method, c.ModeConfig, f.xauth = ike.MethodXAuthPSK, true, true
				}
			}).start()
			for _, vendor := range [][]byte{xauth, unity} {
				sent := slices.ContainsFunc(b.f.heard[0].payloads, func(e wire.Element) bool {
					return e.Type == wire.TypeVendorID && bytes.Equal(e.Body, vendor)
				})
				if sent != used {
					t.Errorf("aggressive %t, used %t: vendor ID %x sent %t", aggressive, used, vendor, sent)
				}
			}
		}
	}
}

// TestQuirk45AttributesThatNobodyAskedFor: of kinds known and unknown.
func TestQuirk45AttributesThatNobodyAskedFor(t *testing.T) {
	b := roadWarrior(t, "0006 0004 0a010009 c123 0005 6fff 0003 010203 7008 0004 00000001 7005 0002 1194 0000", nil).pass()
	b.wantUp()
}

// The method that is offered is XAuthInitPreShared, and another one in the answer
// is none that was offered.
func TestXAuthMethodOnTheWire(t *testing.T) {
	b := roadWarrior(t, "", nil).start()
	e, _ := b.f.heard[0].payloads.First(wire.TypeSA)
	if !bytes.Contains(e.Body, octets(t, "8003 fde9")) {
		t.Errorf("%x", e.Body)
	}
	b = roadWarrior(t, "", func(_ *ike.Config, f *firebox) {
		f.choose = func(offer wire.SA) (wire.Proposal, wire.NotifyType) {
			p := offer.Proposals[0]
			for i, a := range p.Transforms[0].Attributes {
				if a.Type == wire.AttrAuthentication {
					p.Transforms[0].Attributes[i] = wire.TV(a.Type, wire.AuthPSK)
				}
			}
			return p, 0
		}
	}).start()
	b.advance(5 * time.Second)
	b.wantDown(reason.P1Proposal, "authentication PSK")
}
