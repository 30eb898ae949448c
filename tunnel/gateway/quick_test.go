package gateway_test

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"time"

	"muvpn/tunnel/esp"
	"muvpn/tunnel/gateway"
	"muvpn/tunnel/gateway/gatewaytest"
	"muvpn/tunnel/ike/wire"
)

// pairUp makes the client's SAs from a Quick Mode and checks that the last pair
// of the gateway opens what they seal, and the reverse.
func (p *peer) pairUp(q *gatewaytest.QuickMode) {
	p.T.Helper()
	if len(p.installs) == 0 {
		p.T.Fatal("the gateway installs nothing")
	}
	c := p.installs[len(p.installs)-1]
	side := func(spi uint32, k gateway.Key, local, remote netip.Prefix) esp.Config {
		return esp.Config{SPI: spi, Encryption: c.Proposal.Encryption, Integrity: c.Proposal.Integrity,
			EncryptionKey: k.Encryption, IntegrityKey: k.Integrity, Local: []netip.Prefix{local}, Remote: []netip.Prefix{remote}}
	}
	key := func(spi uint32) gateway.Key {
		e, i := p.ESPKeys(q, spi)
		return gateway.Key{Encryption: e, Integrity: i}
	}
	theirs, err := esp.NewPair(side(c.SPIIn, c.KeyIn, c.Local, c.Remote), side(c.SPIOut, c.KeyOut, c.Local, c.Remote))
	if err != nil {
		p.T.Fatal(err)
	}
	ours, err := esp.NewPair(side(c.SPIOut, key(c.SPIOut), c.Remote, c.Local), side(c.SPIIn, key(c.SPIIn), c.Remote, c.Local))
	if err != nil {
		p.T.Fatal(err)
	}
	p.passes(ours, theirs, c.Remote.Addr(), c.Local.Addr())
	p.passes(theirs, ours, c.Local.Addr(), c.Remote.Addr())
}

// passes sends one packet through a pair of SAs.
func (p *peer) passes(from, to esp.Pair, src, dst netip.Addr) {
	p.T.Helper()
	inner := append([]byte{0x45, 0, 0, 20, 0, 0, 0, 0, 64, 17, 0, 0}, append(src.AsSlice(), dst.AsSlice()...)...)
	b := []esp.Packet{{Buf: make([]byte, 200), Start: esp.Headroom, End: esp.Headroom + len(inner)}}
	copy(b[0].Data(), inner)
	from.Out.Seal(b)
	to.In.Open(b)
	if b[0].Drop != esp.Kept || string(b[0].Data()[12:]) != string(inner[12:]) {
		p.T.Errorf("a packet from %s to %s is dropped: %s", src, dst, b[0].Drop)
	}
}

// Every ESP proposal gives both sides the same keys, with and without perfect
// forward secrecy.
func TestQuickModeKeys(t *testing.T) {
	for _, s := range []string{"3des-sha1", "des-md5", "aes128-sha1", "aes256-sha256", "aes256-sha256_96", "aes128gcm16",
		"3des-sha1-modp1024", "aes256-sha512-ecp256"} {
		t.Run(s, func(t *testing.T) {
			p, err := gateway.ParseProposal(s)
			if err != nil {
				t.Fatal(err)
			}
			config := gatewaytest.Firebox()
			config.Phase2.Proposals[0], config.Phase2.PFS = p, p.Group
			c := newPeer(t, config)
			c.Connect()
			q := c.Quick()
			c.silent()
			c.pairUp(q)
		})
	}
}

// What does not fit is refused, encrypted, with its number in the log, and the
// next try can succeed.
func TestQuickModeRefusals(t *testing.T) {
	for name, test := range map[string]struct {
		pfs    string
		change func(*gatewaytest.Client)
		notify wire.NotifyType
		log    string
	}{
		"other cipher":   {"none", func(c *gatewaytest.Client) { c.Phase2.Encryption = "aes128" }, wire.NotifyNoProposalChosen, `0205-0003" (198.51.100.1<->203.0.113.77) Received aes128, expecting 3des`},
		"other hash":     {"none", func(c *gatewaytest.Client) { c.Phase2.Integrity = "md5" }, wire.NotifyNoProposalChosen, "0205-0004"},
		"transport mode": {"none", func(c *gatewaytest.Client) { c.Mode = wire.EncapTransport }, wire.NotifyNoProposalChosen, "0205-0005"},
		"PFS unwanted":   {"none", func(c *gatewaytest.Client) { c.Phase2.Group = "modp1024" }, wire.NotifyNoProposalChosen, "Received PFS modp1024, expecting none"},
		"PFS missing":    {"modp1024", func(c *gatewaytest.Client) {}, wire.NotifyNoProposalChosen, "0205-000D"},
		"other PFS":      {"modp1024", func(c *gatewaytest.Client) { c.Phase2.Group = "modp1536" }, wire.NotifyNoProposalChosen, "Received PFS modp1536, expecting modp1024"},
		"other address":  {"none", func(c *gatewaytest.Client) { c.Local = wire.Host(netip.MustParseAddr("192.168.10.9")) }, wire.NotifyInvalidIDInformation, `0205-000A" (198.51.100.1<->203.0.113.77) Received raddr=192.168.10.9, expecting 192.168.10.201`},
		"other network":  {"none", func(c *gatewaytest.Client) { c.Remote = wire.Subnet(netip.MustParsePrefix("10.0.0.0/8")) }, wire.NotifyInvalidIDInformation, "Received laddr=10.0.0.0/8, expecting one of [192.168.10.0/24]"},
	} {
		t.Run(name, func(t *testing.T) {
			config := gatewaytest.Firebox()
			config.Phase2.PFS = test.pfs
			c := newPeer(t, config)
			c.Connect()
			test.change(c.Client)
			_, m := c.Quick1()
			c.send(m)
			if n, ok := wire.Get[wire.Notify](c.Informational()); !ok || n.NotifyType != test.notify {
				t.Errorf("%s", n.Summary())
			}
			c.logged(test.log)
			if len(c.installs) != 0 {
				t.Error("an SA all the same")
			}
		})
	}
}

// The client's networks come back as they were sent, or narrowed.
func TestNetworks(t *testing.T) {
	everything := netip.MustParsePrefix("0.0.0.0/0")
	for name, test := range map[string]struct {
		networks []string
		narrow   bool
		local    wire.ID
		remote   wire.ID
		want     string
	}{
		"host as a subnet":     {[]string{"192.168.10.0/24"}, false, wire.Subnet(netip.PrefixFrom(gatewaytest.VirtualIP, 32)), wire.Subnet(gatewaytest.Trusted), "192.168.10.0/24"},
		"host as a range":      {[]string{"192.168.10.0/24"}, false, wire.ID{IDType: wire.IDIPv4Range, Data: []byte{192, 168, 10, 201, 192, 168, 10, 201}}, wire.Subnet(gatewaytest.Trusted), "192.168.10.0/24"},
		"part of a network":    {[]string{"192.168.0.0/16"}, false, wire.Host(gatewaytest.VirtualIP), wire.Subnet(gatewaytest.Trusted), "192.168.10.0/24"},
		"second network":       {[]string{"10.0.0.0/8", "192.168.10.0/24"}, false, wire.Host(gatewaytest.VirtualIP), wire.Subnet(gatewaytest.Trusted), "192.168.10.0/24"},
		"everything":           {[]string{"0.0.0.0/0"}, false, wire.Host(gatewaytest.VirtualIP), wire.Subnet(everything), "0.0.0.0/0"},
		"everything, narrowed": {[]string{"192.168.10.0/24"}, true, wire.Host(gatewaytest.VirtualIP), wire.Subnet(everything), "192.168.10.0/24"},
	} {
		t.Run(name, func(t *testing.T) {
			config := gatewaytest.Firebox()
			config.Networks = nil
			for _, n := range test.networks {
				config.Networks = append(config.Networks, netip.MustParsePrefix(n))
			}
			config.Phase2.Narrow = test.narrow
			c := newPeer(t, config)
			c.Local, c.Remote = test.local, test.remote
			c.Connect()
			c.Quick()
			if len(c.installs) != 1 || c.installs[0].Local.String() != test.want || c.installs[0].Remote.String() != "192.168.10.201/32" {
				t.Errorf("%+v", c.installs)
			}
		})
	}
}

// A forged message leaves a Quick Mode as it is: the IV moves on only with a
// verified HASH (quirk 42).
func TestForgedQuickMode(t *testing.T) {
	c := newPeer(t, gatewaytest.Firebox())
	c.Connect()
	q, one := c.Quick1()
	forged := append([]byte(nil), one...)
	forged[len(forged)-1] ^= 1
	c.send(forged)
	c.silent()
	c.send(one)
	c.Quick2(q, c.next())
	three := c.Quick3(q)
	forged = append([]byte(nil), three...)
	forged[len(forged)-1] ^= 1
	c.send(forged)
	c.logged("0203-0020")
	c.silent()
	c.send(three)
	c.pairUp(q)
}

// The commit bit makes the client wait for CONNECTED, in either form.
func TestCommitBit(t *testing.T) {
	for commit, exchange := range map[string]wire.Exchange{"quick": wire.ExchangeQuick, "informational": wire.ExchangeInformational} {
		config := gatewaytest.Firebox()
		config.Phase2.Commit = commit
		c := newPeer(t, config)
		c.Connect()
		q, m := c.Quick1()
		c.send(m)
		second := c.next()
		if h, _, _ := wire.ParseHeader(second); h.Flags&wire.FlagCommit == 0 {
			t.Error("no commit bit")
		}
		c.Quick2(q, second)
		c.send(c.Quick3(q))
		h, payloads := c.Connected(q, c.next())
		n, ok := wire.Get[wire.Notify](payloads)
		if !ok || n.NotifyType != wire.NotifyConnected || h.Exchange != exchange || h.MessageID != q.Header.MessageID {
			t.Errorf("%s: %s", commit, wire.Summary(h, payloads))
		}
	}
}

// A lifetime longer than the gateway's is cut short, and the client is told.
func TestResponderLifetime(t *testing.T) {
	config := gatewaytest.Firebox()
	config.Phase1.Lifetime, config.Phase2.Lifetime = 30*time.Minute, 10*time.Minute
	c := newPeer(t, config)
	c.Seconds = 100000
	c.Connect()
	checkLifetime(t, c.Informational(), wire.ProtocolISAKMP, wire.AttrLifeDuration, 1800)
	q := c.Quick()
	checkLifetime(t, q.Answer, wire.ProtocolESP, wire.AttrESPLifeDuration, 600)
	if c.installs[0].Lifetime != 10*time.Minute {
		t.Error(c.installs[0].Lifetime)
	}
}

func checkLifetime(t *testing.T, payloads wire.Payloads, protocol wire.Protocol, duration wire.AttributeType, want uint64) {
	t.Helper()
	n, ok := wire.Get[wire.Notify](payloads)
	if !ok || n.NotifyType != wire.NotifyResponderLifetime || n.Protocol != protocol {
		t.Fatalf("%s is no RESPONDER-LIFETIME", n.Summary())
	}
	attributes, err := wire.ParseAttributes(n.Data)
	if err != nil {
		t.Fatal(err)
	}
	a, _ := wire.Find(attributes, duration)
	if got, _ := a.Uint(); got != want {
		t.Errorf("%d s, want %d", got, want)
	}
}

// Without a raw socket ESP without UDP encapsulation is accepted and deleted at
// once (quirk 46).
func TestESPNeedsEncapsulation(t *testing.T) {
	config := gatewaytest.Firebox()
	config.RawESP = false
	c := newPeer(t, config)
	c.Connect()
	q := c.Quick()
	_, spi := c.Chosen(q)
	d, ok := wire.Get[wire.Delete](c.Informational())
	if !ok || d.Protocol != wire.ProtocolESP || binary.BigEndian.Uint32(d.SPIs[0]) != spi {
		t.Errorf("%s", d.Summary())
	}
	if len(c.removed) != 1 || c.removed[0] != spi {
		t.Errorf("removed %08x", c.removed)
	}
	c.Mode = wire.EncapUDPTunnel
	c.Quick()
	c.silent()
	if last := c.installs[len(c.installs)-1]; !last.Encap {
		t.Error("no UDP encapsulation")
	}
}

// The gateway replaces an SA by itself: new first, then a DELETE of the old.
func TestGatewayRekeys(t *testing.T) {
	for _, pfs := range []string{"", "modp1024"} {
		config := gatewaytest.Firebox()
		config.Phase2.RekeyAfter, config.Phase2.PFS = 20*time.Second, "any"
		c := newPeer(t, config)
		c.Phase2.Group = pfs
		c.Connect()
		first := c.Quick()
		_, oldSPI := c.Chosen(first)
		c.wait(20 * time.Second)
		q, m := c.Accept(c.next())
		c.send(m)
		if !c.Accepted(q, c.next()) {
			t.Error("HASH(3) is wrong")
		}
		if len(c.installs) != 2 || len(c.removed) != 0 {
			t.Fatalf("%d pairs installed, %d removed", len(c.installs), len(c.removed))
		}
		c.pairUp(q)
		c.wait(10 * time.Second)
		if d, ok := wire.Get[wire.Delete](c.Informational()); !ok || binary.BigEndian.Uint32(d.SPIs[0]) != oldSPI {
			t.Errorf("%s", d.Summary())
		}
		if len(c.removed) != 1 || c.removed[0] != oldSPI {
			t.Errorf("removed %08x", c.removed)
		}
	}
}

// The gateway's rekey is sent again while nobody answers, and given up.
func TestGatewayRekeyIsGivenUp(t *testing.T) {
	c := newPeer(t, gatewaytest.Firebox())
	c.Connect()
	c.Quick()
	c.g.Rekey(c.now)
	c.collect()
	c.g.Rekey(c.now)
	c.collect()
	c.wait(time.Minute)
	if len(c.received) != 3 || string(c.received[0].Data) != string(c.received[2].Data) {
		t.Errorf("%d datagrams", len(c.received))
	}
	c.logged("No answer in Quick Mode message_id=")
}
