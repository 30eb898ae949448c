package gateway_test

import (
	"net/netip"
	"testing"
	"time"

	"muvpn/tunnel/gateway"
	"muvpn/tunnel/gateway/gatewaytest"
	"muvpn/tunnel/ike/wire"
)

// inOffice is a peer of a gateway of today, with some of it changed.
func inOffice(t *testing.T, change func(c *gateway.Config), faults ...string) *peer {
	t.Helper()
	config := gatewaytest.Office()
	if change != nil {
		change(&config)
	}
	for _, s := range faults {
		f, err := gateway.ParseFault(s)
		if err != nil {
			t.Fatal(err)
		}
		config.Faults = append(config.Faults, f)
	}
	return newPeer(t, config)
}

// types are the attributes of a message in their order.
func types(c wire.Config) (all []wire.AttributeType) {
	for _, a := range c.Attributes {
		all = append(all, a.Type)
	}
	return all
}

// gone checks that the gateway ends Phase 1 with a DELETE.
func (p *peer) gone() {
	p.T.Helper()
	if d, ok := wire.Get[wire.Delete](p.Informational()); !ok || d.Protocol != wire.ProtocolISAKMP {
		p.T.Error("no DELETE of Phase 1")
	}
}

// Group key, XAuth, Mode-Config, Quick Mode: a day at the office.
func TestXAuth(t *testing.T) {
	for name, connect := range connections {
		t.Run(name, func(t *testing.T) {
			c := inOffice(t, nil)
			connect(c)
			asked := c.Asked()
			if got := asked.Config.Summary(); got[:12] != "CFG_REQUEST " || len(asked.Config.Attributes) != 3 {
				t.Error(got)
			}
			if a := asked.Config.Attributes[0]; a.Type != wire.AttrXAuthType || !a.Short || string(a.Value) != "\x00\x00" {
				t.Errorf("type: %v", a)
			}
			if c.says(`User "maggie"`) {
				t.Error("she is in without a password")
			}
			c.send(c.Answer(asked, gatewaytest.Text(wire.AttrXAuthUser, "maggie"), gatewaytest.Text(wire.AttrXAuthPassword, gatewaytest.Password)))
			status := c.Asked()
			if gatewaytest.Status(status.Config) != 1 || status.Config.ConfigType != wire.ConfigSet || len(status.Config.Attributes) != 1 {
				t.Error(status.Config.Summary())
			}
			if status.Header.MessageID == asked.Header.MessageID {
				t.Error("both under one message ID")
			}
			c.send(c.Acknowledge(status))
			c.logged("Authentication of MUVPN user [maggie] from 203.0.113.77 was accepted")
			c.logged(`User "maggie" at 203.0.113.77 logged in`)
			c.logged("TO 203.0.113.77 TR-HDR*-")
			c.logged("CFG_REPLY")
			c.Pull(wire.AttrIP4Address)
			c.logged("maggie bound to 10.9.0.1")
			c.Local = wire.Host(netip.MustParseAddr("10.9.0.1"))
			c.Quick()
			if len(c.installs) != 1 || c.installs[0].User != "maggie" {
				t.Errorf("%+v", c.installs)
			}
			c.silent()
		})
	}
}

// Nothing goes on before the user is authenticated.
func TestBeforeXAuth(t *testing.T) {
	c := inOffice(t, nil)
	c.Connect()
	asked := c.Asked()
	c.Local = wire.Host(netip.MustParseAddr("10.9.0.1"))
	_, m := c.Quick1()
	c.send(m)
	if n, _ := wire.Get[wire.Notify](c.Informational()); n.NotifyType != wire.NotifyNoProposalChosen {
		t.Error(n.Summary())
	}
	_, m = c.Request(wire.AttrIP4Address)
	c.send(m)
	c.logged("before the user is authenticated")
	c.send(c.Inform(c.DeleteISAKMP()))
	c.send(c.Answer(asked, gatewaytest.Text(wire.AttrXAuthUser, "maggie"), gatewaytest.Text(wire.AttrXAuthPassword, gatewaytest.Password)))
	c.silent()
	if len(c.installs) != 0 || c.says("logged in") || c.says("logged out") {
		t.Error("somebody was in")
	}
}

// A wrong password ends in STATUS FAIL and a DELETE, whoever it was.
func TestWrongPassword(t *testing.T) {
	for name, answer := range map[string][]wire.Attribute{
		"wrong password": {gatewaytest.Text(wire.AttrXAuthUser, "maggie"), gatewaytest.Text(wire.AttrXAuthPassword, "bottle")},
		"nobody":         {gatewaytest.Text(wire.AttrXAuthUser, "mrs burns"), gatewaytest.Text(wire.AttrXAuthPassword, "x")},
		"no password":    {gatewaytest.Text(wire.AttrXAuthUser, "maggie")},
		"nothing":        nil,
		"a NUL":          {gatewaytest.Text(wire.AttrXAuthUser, "maggie"), gatewaytest.Text(wire.AttrXAuthPassword, gatewaytest.Password+"\x00")},
	} {
		t.Run(name, func(t *testing.T) {
			c := inOffice(t, nil)
			c.Connect()
			c.send(c.Answer(c.Asked(), answer...))
			status := c.Asked()
			if gatewaytest.Status(status.Config) != 0 || gatewaytest.Message(status.Config) != "Authentication failed." {
				t.Error(status.Config.Summary())
			}
			c.logged("was rejected")
			c.send(c.Acknowledge(status))
			c.gone()
			c.silent()
		})
	}
}

// A user who breaks XAuth off is not asked again.
func TestXAuthBrokenOff(t *testing.T) {
	c := inOffice(t, nil)
	c.Connect()
	c.send(c.Answer(c.Asked(), wire.TV(wire.AttrXAuthStatus, 0)))
	c.gone()
}

// One may be wrong more than once before the gateway says no.
func TestRetries(t *testing.T) {
	c := inOffice(t, func(c *gateway.Config) { c.XAuth.Retries = 2 })
	c.Connect()
	for _, password := range []string{"bottle", "dummy", gatewaytest.Password} {
		asked := c.Asked()
		if again := gatewaytest.Message(asked.Config) != ""; again != (password != "bottle") || asked.Config.ConfigType != wire.ConfigRequest {
			t.Errorf("%s: %q", asked.Config.Summary(), gatewaytest.Message(asked.Config))
		}
		c.send(c.Answer(asked, gatewaytest.Text(wire.AttrXAuthUser, "maggie"), gatewaytest.Text(wire.AttrXAuthPassword, password)))
	}
	if gatewaytest.Status(c.Asked().Config) != 1 {
		t.Error("not in")
	}
}

// After so many wrong answers the right one is wrong too, for a while.
func TestLock(t *testing.T) {
	c := inOffice(t, func(c *gateway.Config) { c.XAuth.LockAfter, c.XAuth.LockFor = 2, time.Minute })
	wrong := func(password, message string) {
		t.Helper()
		c.Connect()
		c.send(c.Answer(c.Asked(), gatewaytest.Text(wire.AttrXAuthUser, "maggie"), gatewaytest.Text(wire.AttrXAuthPassword, password)))
		status := c.Asked()
		if gatewaytest.Status(status.Config) != 0 || gatewaytest.Message(status.Config) != message {
			t.Errorf("%q", gatewaytest.Message(status.Config))
		}
		c.send(c.Acknowledge(status))
		c.gone()
	}
	wrong("bottle", "Authentication failed.")
	wrong("bottle", "Your account is locked.")
	wrong(gatewaytest.Password, "Your account is locked.")
	c.logged("was rejected, user is locked")
	c.Connect()
	if !c.LogIn("bart", "eat my shorts") {
		t.Error("bart has to suffer for it")
	}
	c.wait(2 * time.Minute)
	c.Connect()
	if !c.LogIn("maggie", gatewaytest.Password) {
		t.Error("locked for ever")
	}
}

// Token and PIN: a challenge, a passcode that is good once, a password of the
// user's own choice.
func TestRounds(t *testing.T) {
	c := inOffice(t, func(c *gateway.Config) {
		c.XAuth.Rounds = []gateway.Round{
			{Ask: []gateway.Ask{gateway.AskUser, gateway.AskPassword}, Message: "Welcome."},
			{Ask: []gateway.Ask{gateway.AskPasscode}, Message: "What does your token say?"},
			{Ask: []gateway.Ask{gateway.AskAnswer}, Challenge: "1234"},
			{Ask: []gateway.Ask{gateway.AskNextPIN}},
		}
		c.Users = c.Users[:1]
		c.Users[0].Passcodes, c.Users[0].Answer = [][]byte{[]byte("111111"), []byte("222222")}, []byte("4321")
	})
	dialogue := func(password, passcode string) (status uint64) {
		t.Helper()
		c.Connect()
		for _, answer := range [][]wire.Attribute{
			{gatewaytest.Text(wire.AttrXAuthUser, "maggie"), gatewaytest.Text(wire.AttrXAuthPassword, password)},
			{gatewaytest.Text(wire.AttrXAuthPasscode, passcode)},
			{gatewaytest.Text(wire.AttrXAuthAnswer, "4321")},
			{gatewaytest.Text(wire.AttrXAuthNextPIN, "a bottle")},
		} {
			asked := c.Asked()
			if asked.Config.ConfigType == wire.ConfigSet {
				c.send(c.Acknowledge(asked))
				return gatewaytest.Status(asked.Config)
			}
			if a, ok := wire.Find(asked.Config.Attributes, wire.AttrXAuthChallenge); ok != (answer[0].Type == wire.AttrXAuthAnswer) || ok && string(a.Value) != "1234" {
				t.Errorf("the challenge is %q", a.Value)
			}
			if answer[0].Type == wire.AttrXAuthPasscode && gatewaytest.Message(asked.Config) != "What does your token say?" {
				t.Errorf("%q", gatewaytest.Message(asked.Config))
			}
			c.send(c.Answer(asked, answer...))
		}
		asked := c.Asked()
		c.send(c.Acknowledge(asked))
		return gatewaytest.Status(asked.Config)
	}
	if dialogue(gatewaytest.Password, "111111") != 1 {
		t.Fatal("not in")
	}
	if dialogue("a bottle", "111111") != 0 {
		t.Error("a passcode is good twice")
	}
	c.gone()
	if dialogue(gatewaytest.Password, "222222") != 0 {
		t.Error("the old password is good")
	}
	c.gone()
	if dialogue("a bottle", "222222") != 1 {
		t.Error("the new password is not good")
	}
}

// A user with a key of his own cannot become another one by XAuth.
func TestOwnKeyAndXAuth(t *testing.T) {
	own := func(c *gateway.Config) {
		c.Groups = nil
		c.Users[0].Group, c.Users[1].Group = "", ""
		c.Users[0].ID, c.Users[0].PSK = wire.ID{IDType: wire.IDUserFQDN, Data: []byte("maggie")}, []byte("her own")
		c.Users[1].ID, c.Users[1].PSK = wire.ID{IDType: wire.IDUserFQDN, Data: []byte("bart")}, []byte("his own")
	}
	c := inOffice(t, own)
	c.Method = wire.AuthXAuthInitPSK
	c.Connect()
	if c.LogIn("bart", "eat my shorts") {
		t.Error("bart in the place of maggie")
	}
	c.gone()
	c.Connect()
	if !c.LogIn("maggie", gatewaytest.Password) {
		t.Error("not in")
	}
}

// What gateways do otherwise (quirks 22, 23, 24, 27).
func TestXAuthQuirks(t *testing.T) {
	c := inOffice(t, func(c *gateway.Config) {
		c.XAuth.TrailingNUL, c.XAuth.OneMessageID, c.XAuth.StatusMore, c.XAuth.Type = true, true, true, "long"
		c.XAuth.Welcome, c.ModeConfig.Padding = "Good morning.", 5
	})
	c.Connect()
	asked := c.Asked()
	if a := asked.Config.Attributes[0]; a.Short || len(a.Value) != 2 {
		t.Errorf("type: %v", a)
	}
	if asked.Config.Padding != 5 {
		t.Errorf("%d octets of padding", asked.Config.Padding)
	}
	c.send(c.Answer(asked, gatewaytest.Text(wire.AttrXAuthUser, "maggie\x00"), gatewaytest.Text(wire.AttrXAuthPassword, gatewaytest.Password+"\x00")))
	status := c.Asked()
	if status.Header.MessageID != asked.Header.MessageID {
		t.Error("another message ID")
	}
	if a, ok := wire.Find(status.Config.Attributes, wire.AttrIP4Address); !ok || gatewaytest.Message(status.Config) != "Good morning." {
		t.Error(status.Config.Summary(), a)
	}
	c.send(c.Acknowledge(status))
	c.logged("maggie bound to 10.9.0.1")

	c = inOffice(t, func(c *gateway.Config) { c.XAuth.Type = "none" })
	c.Connect()
	if a := c.Asked().Config.Attributes[0]; a.Type != wire.AttrXAuthUser {
		t.Errorf("%v", a)
	}
}

// NetScreen sends the configuration before it says that all is well.
func TestConfigFirst(t *testing.T) {
	c := inOffice(t, func(c *gateway.Config) { c.XAuth.ConfigFirst = true })
	c.Connect()
	c.send(c.Answer(c.Asked(), gatewaytest.Text(wire.AttrXAuthUser, "maggie"), gatewaytest.Text(wire.AttrXAuthPassword, gatewaytest.Password)))
	set := c.Asked()
	if _, ok := wire.Find(set.Config.Attributes, wire.AttrIP4Address); !ok || gatewaytest.Status(set.Config) != 9 {
		t.Error(set.Config.Summary())
	}
	c.send(c.Acknowledge(set))
	if status := c.Asked(); gatewaytest.Status(status.Config) != 1 {
		t.Error(status.Config.Summary())
	}
}

// Cisco does not ask again when the client renews its Phase 1 (quirk 25), unless
// it has begun anew.
func TestXAuthOnce(t *testing.T) {
	c := inOffice(t, func(c *gateway.Config) { c.XAuth.Once = true })
	c.Connect()
	c.LogIn("maggie", gatewaytest.Password)
	c.Connect()
	c.logged("XAuth is not repeated for maggie")
	c.silent()
	c.Connect(c.Status(wire.NotifyInitialContact, nil))
	if !c.LogIn("maggie", gatewaytest.Password) {
		t.Error("not in")
	}
	c.logged("INITIAL-CONTACT of maggie")
	c.at = netip.MustParseAddrPort("203.0.113.78:500")
	c.Connect()
	c.Asked()
}

// A question that is lost comes again; the answer to it too. What never comes
// ends Phase 1.
func TestXAuthRetransmission(t *testing.T) {
	c := inOffice(t, nil)
	c.Connect()
	c.received = nil
	c.wait(11 * time.Second)
	answer := c.Answer(c.Asked(), gatewaytest.Text(wire.AttrXAuthUser, "maggie"), gatewaytest.Text(wire.AttrXAuthPassword, gatewaytest.Password))
	c.send(answer)
	status := c.Asked()
	c.send(answer)
	c.silent()
	c.send(c.Acknowledge(status))
	c.wait(time.Minute)
	c.silent()

	c = inOffice(t, nil)
	c.Connect()
	c.wait(time.Minute)
	if len(c.received) != 4 {
		t.Errorf("%d messages, not three questions and a DELETE", len(c.received))
	}
	c.logged("No answer to CFG_REQUEST, giving up")
}

// An answer with another identifier is none.
func TestOtherIdentifier(t *testing.T) {
	c := inOffice(t, nil)
	c.Connect()
	asked := c.Asked()
	asked.Config.Identifier++
	c.send(c.Answer(asked, gatewaytest.Text(wire.AttrXAuthUser, "maggie"), gatewaytest.Text(wire.AttrXAuthPassword, gatewaytest.Password)))
	c.silent()
	c.logged("0206-0003")
}
