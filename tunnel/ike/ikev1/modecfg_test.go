package ikev1

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"muvpn/client/reason"
	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/wire"
)

func TestNoAddress(t *testing.T) {
	for _, body := range []string{"0003 0004 0a010002", "0001 0000", "0001 0004 00000000"} {
		b := roadWarrior(t, "silent", nil).pass()
		request := b.f.configs[len(b.f.configs)-1]
		b.f.transact(request.id, "0200 "+request.body[4:8]+body)
		b.settle()
		b.wantDown(reason.NoAddress, "no address")
	}
}

func TestConfigRequestUnanswered(t *testing.T) {
	b := roadWarrior(t, "silent", nil).pass()
	b.advance(29 * time.Second)
	b.wantAlive()
	b.advance(2 * time.Second)
	b.wantDown(reason.NoAddress, "unanswered")
}

// TestManySetsDoNotHideThatNobodyAnswers: our request is not forgotten over them.
func TestManySetsDoNotHideThatNobodyAnswers(t *testing.T) {
	b := roadWarrior(t, "silent", nil).pass()
	for id := range uint32(2 * maxTransactions) {
		b.f.transact(2000+id, "0300 0001 0003 0004 0a010003")
		b.settle()
	}
	b.advance(31 * time.Second)
	b.wantDown(reason.NoAddress, "unanswered")
}

func TestConfigRequestRefused(t *testing.T) {
	b := roadWarrior(t, "silent", nil).pass()
	b.f.inform(wire.Notify{DOI: 1, Protocol: wire.ProtocolISAKMP, NotifyType: wire.NotifyAttributesNotSupported})
	b.settle()
	b.wantDown(reason.NoAddress, "ATTRIBUTES-NOT-SUPPORTED")
}

// asPSK takes XAuth out of a road warrior's profile.
func asPSK(c *ike.Config, _ *firebox) { c.Method = ike.MethodPSK }

// TestModeConfigWithoutXAuth: a pre-shared key, and an address from the gateway.
func TestModeConfigWithoutXAuth(t *testing.T) {
	b := roadWarrior(t, "", asPSK).start()
	b.wantUp()
	b.s.Rekey(b.now)
	b.settle()
	b.wantAlive()
	if n := len(all[ike.ChildUp](b)); n != 2 {
		t.Errorf("%d SA pairs", n)
	}
}

// TestRekeyWithASilentGatewayKeepsTheAddress.
func TestRekeyWithASilentGatewayKeepsTheAddress(t *testing.T) {
	b := roadWarrior(t, "", asPSK).start()
	b.f.configured = nil
	b.s.Rekey(b.now)
	b.settle()
	b.advance(10 * time.Second)
	b.wantAlive()
	if n := len(all[ike.ChildUp](b)); n != 2 {
		t.Errorf("%d SA pairs", n)
	}
}

// TestProfileNamesTheNetworks: its list wins over the gateway's.
func TestProfileNamesTheNetworks(t *testing.T) {
	b := roadWarrior(t, splitTwo, func(c *ike.Config, _ *firebox) { c.Networks = []netip.Prefix{trusted} }).pass()
	b.wantUp()
	if n := last[ike.Up](b).Network.Networks; len(n) != 1 || n[0] != trusted {
		t.Error(n)
	}
}

// TestEverythingOfUnity in one reply.
func TestEverythingOfUnity(t *testing.T) {
	b := roadWarrior(t, "0002 0004 ffffff00 0003 0008 0a010002 0a010003 0004 0004 0a010004"+
		"7000 000e 57656c636f6d650d0a746f210700"+ // "Welcome\r\nto!\a\0"
		"f001 0000 7002 000c 6578616d706c652e636f6d00"+
		"7003 000f 612e6578616d706c652c622e6f7267"+ // a.example,b.org
		"7006 000e c0a80900 ffffff00 000000000000"+
		"f007 0000 7009 0016 67772e6578616d706c652e636f6d 203139322e302e32"+ // "gw.example.com 192.0.2"
		"0007 0003 563139", nil).pass()
	b.wantUp()
	n := last[ike.Up](b).Network
	got := fmt.Sprintf("%v %v %v %v %v %q %v", n.DNS, n.WINS, n.Search, n.SplitDNS, n.Exclude, n.Banner, n.Backups)
	const want = `[10.1.0.2 10.1.0.3] [10.1.0.4] [example.com] [a.example b.org] [192.168.9.0/24] "Welcome\nto!" [gw.example.com 192.0.2]`
	if got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	b.wantLog("it is V19")
	if !b.s.granted.noPFS {
		t.Error("PFS is off")
	}
}

// TestNamesThatAreNone are left out, and said.
func TestNamesThatAreNone(t *testing.T) {
	b := roadWarrior(t, "7002 0009 6578616d706c6520 0a 7003 0008 612f622e 2e2e2f63", nil).pass()
	b.wantUp()
	if n := last[ike.Up](b).Network; fmt.Sprint(n.Search, n.SplitDNS) != "[example] []" {
		t.Errorf("%+v", n)
	}
	b.wantLog("cannot read UNITY_SPLITDNS_NAME")
}

// TestAddressExpires: it is asked for again in time, by name, and the session
// ends when the gateway does not give it again.
func TestAddressExpires(t *testing.T) {
	b := roadWarrior(t, "0005 0004 00000258", func(c *ike.Config, _ *firebox) { c.Lifetime = 24 * time.Hour }).pass()
	b.wantUp()
	messages := len(b.f.configs)
	b.advance(9*time.Minute + time.Second)
	if n := len(b.f.configs); n != messages+1 || b.f.configs[n-1].body[8:24] != "000100040a010101" {
		t.Errorf("%+v", b.f.configs[messages:])
	}
	b.f.configured = nil
	b.advance(11 * time.Minute)
	b.wantDown(reason.NoAddress, "is over")
}

// TestAnotherAddress is told, and gets SA pairs of its own.
func TestAnotherAddress(t *testing.T) {
	b := roadWarrior(t, "", nil).pass()
	b.f.transact(30, "0300 0002 0001 0004 0a010109 7004 000e 0a020000 ffff0000 000000000000")
	b.settle()
	b.wantAlive()
	if n := last[ike.Up](b).Network; n.VirtualIP.String() != "10.1.1.9" || n.Networks[0].String() != "10.2.0.0/16" {
		t.Errorf("%+v", n)
	}
	if pair := last[ike.ChildUp](b); pair.Local[0].String() != "10.1.1.9/32" || pair.Remote[0].String() != "10.2.0.0/16" {
		t.Errorf("%+v", pair)
	}
	if len(b.f.deletes) != 1 {
		t.Errorf("%d DELETEs", len(b.f.deletes))
	}
}

// TestNothingOfThisComputerIsLedAway: loopback and multicast are no networks behind
// a gateway, and no servers.
func TestNothingOfThisComputerIsLedAway(t *testing.T) {
	b := roadWarrior(t, "0003 0004 7f000001 7004 002a 7f000000 ff000000 000000000000 e0000000 f0000000 000000000000 0a010000 ffff0000 000000000000", nil).pass()
	b.wantUp()
	if n := last[ike.Up](b).Network; len(n.DNS) != 0 || fmt.Sprint(n.Networks) != "[10.1.0.0/16]" {
		t.Errorf("%+v", n)
	}
}

// TestConfigIsBounded: a gateway cannot make us keep more than a little.
func TestConfigIsBounded(t *testing.T) {
	var c wire.Config
	for i := range 400 {
		c.Attributes = append(c.Attributes,
			wire.TLV(wire.AttrIP4DNS, []byte{10, 0, byte(i >> 8), byte(i)}),
			wire.TLV(wire.AttrUnitySplitInc, []byte{10, byte(i >> 8), byte(i), 0, 255, 255, 255, 0}),
			wire.TLV(wire.AttrUnityDomain, fmt.Appendf(nil, "d%d.example", i)),
			wire.TLV(wire.AttrUnityBanner, make([]byte, 9000)))
	}
	g := readConfig(c)
	if len(g.dns) != maxServers || len(g.include) != maxSplits || len(g.search) != maxNames || len(g.banner) > maxText {
		t.Error(len(g.dns), len(g.include), len(g.search), len(g.banner))
	}
}

// TestGatewayPushesAllTheTime: a new inner network every tenth of a second. What
// is kept, and what is said, stays within bounds.
func TestGatewayPushesAllTheTime(t *testing.T) {
	b := roadWarrior(t, "7004 000e 0a010000 ffff0000 000000000000", func(c *ike.Config, _ *firebox) { c.Lifetime = 24 * time.Hour }).pass()
	for i := range 2000 {
		b.f.transact(uint32(1000+i), fmt.Sprintf("0300 0000 0001 0004 0a0101%02x 7004 000e 0a%02x0000 ffff0000 000000000000", 1+i%2, i%200))
		b.settle()
		b.advance(100 * time.Millisecond)
		wantBounded(t, b.s, 4)
	}
	b.advance(changeEvery)
	b.wantUp()
	ups := all[ike.Up](b)
	if n := ups[len(ups)-1].Network; n.VirtualIP.String() != "10.1.1.2" || n.Networks[0].String() != "10.199.0.0/16" {
		t.Errorf("the last word of the gateway is not obeyed: %+v", n)
	}
	if most := 2000/50 + 3; len(ups) > most || len(all[ike.ChildUp](b)) > most {
		t.Errorf("Up %d times, %d SA pairs", len(ups), len(all[ike.ChildUp](b)))
	}
}
