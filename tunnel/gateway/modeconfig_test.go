package gateway_test

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"muvpn/tunnel/gateway"
	"muvpn/tunnel/gateway/gatewaytest"
	"muvpn/tunnel/ike/wire"
)

// everything is a ModeConfig with all that there is.
func everything(c *gateway.Config) {
	m := &c.ModeConfig
	m.Pool6, m.Expiry = netip.MustParsePrefix("2001:db8:9::/64"), time.Hour
	m.WINS = []netip.Addr{netip.MustParseAddr("192.168.10.3")}
	m.SplitExclude = []netip.Prefix{netip.MustParsePrefix("192.168.10.128/25")}
	m.SplitDNS, m.Backup = []string{"example.com", "example.org"}, []string{"198.51.100.2", "198.51.100.3"}
	m.Banner, m.SavePassword, m.PFS = "No loitering.", true, true
}

// logIn brings maggie through XAuth.
func (p *peer) logIn() {
	p.T.Helper()
	p.Connect()
	if !p.LogIn("maggie", gatewaytest.Password) {
		p.T.Fatal("not in")
	}
}

// value is the value of an attribute.
func value(c wire.Config, t wire.AttributeType) string {
	a, _ := wire.Find(c.Attributes, t)
	return string(a.Value)
}

// The client asks, and gets what there is of it.
func TestPull(t *testing.T) {
	c := inOffice(t, everything)
	c.logIn()
	got := c.Pull(wire.AttrIP4Address, wire.AttrIP4DNS, wire.AttrIP4DHCP)
	if want := []wire.AttributeType{wire.AttrIP4Address, wire.AttrIP4DNS}; !slices.Equal(types(got), want) {
		t.Errorf("%s", got.Summary())
	}
	got = c.Pull()
	for a, want := range map[wire.AttributeType]string{
		wire.AttrIP4Address: "\x0a\x09\x00\x01", wire.AttrIP4Netmask: "\xff\xff\xff\xff", wire.AttrAddressExpiry: "\x00\x00\x0e\x10",
		wire.AttrIP4DNS: "\xc0\xa8\x0a\x02", wire.AttrIP4NBNS: "\xc0\xa8\x0a\x03",
		wire.AttrIP6Address:  "\x20\x01\x0d\xb8\x00\x09\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x40",
		wire.AttrUnityDomain: "office.example.com", wire.AttrUnitySplitDNS: "example.com,example.org",
		wire.AttrUnitySplitInc: "\xc0\xa8\x0a\x00\xff\xff\xff\x00\x00\x00\x00\x00\x00\x00",
		wire.AttrUnitySplitExc: "\xc0\xa8\x0a\x80\xff\xff\xff\x80\x00\x00\x00\x00\x00\x00",
		wire.AttrUnityBanner:   "No loitering.", wire.AttrUnityBackup: "198.51.100.2,198.51.100.3",
		wire.AttrUnitySavePasswd: "\x00\x01", wire.AttrUnityPFS: "\x00\x01",
	} {
		if value(got, a) != want {
			t.Errorf("%s: %x, want %x", a.ConfigName(), value(got, a), want)
		}
	}
}

// What gateways do otherwise (quirks 27, 28, 29, 45).
func TestModeConfigQuirks(t *testing.T) {
	c := inOffice(t, func(c *gateway.Config) {
		everything(c)
		c.ModeConfig.Split8, c.ModeConfig.SplitAll, c.ModeConfig.Short6, c.ModeConfig.Unasked, c.ModeConfig.Padding = true, true, true, true, 3
	})
	c.logIn()
	got := c.Pull(wire.AttrIP4Address)
	if got.Padding != 3 || value(got, wire.AttrUnityBanner) == "" {
		t.Errorf("%s and %d octets", got.Summary(), got.Padding)
	}
	if len(value(got, wire.AttrIP6Address)) != 16 || value(got, wire.AttrUnitySplitInc) != "\xc0\xa8\x0a\x00\xff\xff\xff\x00\x00\x00\x00\x00\x00\x00\x00\x00" {
		t.Errorf("%x, %x", value(got, wire.AttrIP6Address), value(got, wire.AttrUnitySplitInc))
	}
}

// The gateway begins, and does not answer those who ask.
func TestPush(t *testing.T) {
	for name, c := range map[string]*peer{
		"configured": inOffice(t, func(c *gateway.Config) { c.ModeConfig.Mode = "push" }),
		"as a fault": inOffice(t, nil, "push"),
	} {
		t.Run(name, func(t *testing.T) {
			c.T = t
			c.logIn()
			set := c.Asked()
			if set.Config.ConfigType != wire.ConfigSet || value(set.Config, wire.AttrIP4Address) == "" {
				t.Error(set.Config.Summary())
			}
			c.send(c.Acknowledge(set))
			_, m := c.Request(wire.AttrIP4Address)
			c.send(m)
			c.wait(time.Minute)
			c.silent()
		})
	}
}

// A SET may come at any time (quirk 26).
func TestPushAgain(t *testing.T) {
	c := inOffice(t, nil)
	c.logIn()
	c.Pull(wire.AttrIP4Address)
	c.g.PushConfig(c.now)
	c.collect()
	c.send(c.Acknowledge(c.Asked()))
	c.wait(time.Minute)
	c.silent()
}

// Mode-Config needs no XAuth, and a user who has an address of his own gets
// that one.
func TestFixedAddress(t *testing.T) {
	config := gatewaytest.Firebox()
	config.ModeConfig = gatewaytest.Office().ModeConfig
	c := newPeer(t, config)
	c.Connect()
	if got := c.Pull(wire.AttrIP4Address); value(got, wire.AttrIP4Address) != "\xc0\xa8\x0a\xc9" {
		t.Error(got.Summary())
	}
	c.Quick()
}

// An address stays with its user until he logs out. Who finds none left gets
// none.
func TestPool(t *testing.T) {
	homer := func(c *gateway.Config) {
		c.Users = append(c.Users, gateway.User{Name: "homer", Group: "office", Password: []byte("doh")})
	}
	c := inOffice(t, homer)
	address := func(user, password string) string {
		t.Helper()
		c.Connect()
		if !c.LogIn(user, password) {
			t.Fatalf("%s is not in", user)
		}
		return value(c.Pull(wire.AttrIP4Address, wire.AttrIP4DNS), wire.AttrIP4Address)
	}
	if a, b := address("maggie", gatewaytest.Password), address("maggie", gatewaytest.Password); a != "\x0a\x09\x00\x01" || a != b {
		t.Errorf("%x and then %x", a, b)
	}
	if a := address("bart", "eat my shorts"); a != "\x0a\x09\x00\x02" {
		t.Errorf("%x", a)
	}
	bart := *c.Client
	if a := address("homer", "doh"); a != "" {
		t.Errorf("%x", a)
	}
	c.logged("No virtual IP address is left for homer")
	c.Local = wire.Host(netip.MustParseAddr("10.9.0.2"))
	_, m := c.Quick1()
	c.send(m)
	if n, _ := wire.Get[wire.Notify](c.Informational()); n.NotifyType != wire.NotifyInvalidIDInformation {
		t.Error("homer has bart's address")
	}
	c.send(bart.Inform(bart.DeleteISAKMP()))
	c.logged(`User "bart" logged out`)
	if a := value(c.Pull(wire.AttrIP4Address), wire.AttrIP4Address); a != "\x0a\x09\x00\x02" {
		t.Errorf("%x", a)
	}
}

// What can go wrong with the user.
func TestXAuthFaults(t *testing.T) {
	c := inOffice(t, nil, "xauth-failure")
	c.Connect()
	if c.LogIn("maggie", gatewaytest.Password) {
		t.Error("in")
	}
	c.gone()

	c = inOffice(t, nil, "early-xauth")
	c.send(c.Aggressive1())
	c.Aggressive2(c.Clear())
	early, _, err := wire.ParseHeader(c.next())
	if err != nil || early.Exchange != wire.ExchangeTransaction || !early.Encrypted() {
		t.Errorf("%s, %v", early.Summary(), err)
	}
	c.send(c.Aggressive3())
	c.send(c.Answer(c.Asked(), gatewaytest.Text(wire.AttrXAuthUser, "maggie"), gatewaytest.Text(wire.AttrXAuthPassword, gatewaytest.Password)))
	if gatewaytest.Status(c.Asked().Config) != 1 {
		t.Error("not in")
	}

	c = inOffice(t, nil, "no-status")
	c.Connect()
	c.send(c.Answer(c.Asked(), gatewaytest.Text(wire.AttrXAuthUser, "maggie"), gatewaytest.Text(wire.AttrXAuthPassword, gatewaytest.Password)))
	c.wait(time.Minute)
	c.silent()

	c = inOffice(t, nil, "no-xauth")
	c.Connect()
	c.silent()
	c.Pull(wire.AttrIP4Address)

	c = inOffice(t, nil, "no-address")
	c.logIn()
	if got := c.Pull(wire.AttrIP4Address, wire.AttrIP4DNS); !slices.Equal(types(got), []wire.AttributeType{wire.AttrIP4DNS}) {
		t.Error(got.Summary())
	}

	c = inOffice(t, nil, "duplicate=XAUTH-REQ", "late=XAUTH-STATUS,2s", "drop=CFG-REPLY")
	c.Connect()
	asked := c.next()
	if string(asked) != string(c.received[0].Data) {
		t.Error("no duplicate")
	}
	c.send(c.Answer(c.Asked(), gatewaytest.Text(wire.AttrXAuthUser, "maggie"), gatewaytest.Text(wire.AttrXAuthPassword, gatewaytest.Password)))
	c.silent()
	c.wait(3 * time.Second)
	c.send(c.Acknowledge(c.Asked()))
	_, m := c.Request(wire.AttrIP4Address)
	c.send(m)
	c.silent()
	c.send(m)
	c.next()
}
