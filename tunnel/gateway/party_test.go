package gateway_test

import (
	"testing"

	"muvpn/tunnel/gateway"
	"muvpn/tunnel/gateway/gatewaytest"
	"muvpn/tunnel/ike/wire"
)

// Who belongs to another group does not come in by this one's key.
func TestOtherGroup(t *testing.T) {
	c := inOffice(t, func(c *gateway.Config) {
		c.Groups = append(c.Groups, gateway.Group{Name: "bullies", ID: wire.ID{IDType: wire.IDKeyID, Data: []byte("bullies")}, PSK: []byte("haw-haw")})
		c.Users[1].Group = "bullies"
	})
	c.Connect()
	if c.LogIn("bart", "eat my shorts") {
		t.Error("in")
	}
	c.logged("user does not exist")
}

// A group that nobody asks who has come does not come in.
func TestGroupWithoutXAuth(t *testing.T) {
	c := inOffice(t, func(c *gateway.Config) {
		c.Phase1.Methods = []gateway.Method{gateway.MethodPSK, gateway.MethodPSKXAuth}
	})
	c.Method = wire.AuthPSK
	c.send(c.Aggressive1())
	if n, _ := wire.Get[wire.Notify](c.Clear().Payloads); n.NotifyType != wire.NotifyInvalidIDInformation {
		t.Error(n.Summary())
	}
}

// A right answer makes the wrong ones before it forgotten.
func TestLockCountsInARow(t *testing.T) {
	c := inOffice(t, func(c *gateway.Config) { c.XAuth.LockAfter = 2 })
	for _, password := range []string{"bottle", gatewaytest.Password, "bottle", gatewaytest.Password} {
		c.Connect()
		if in := c.LogIn("maggie", password); in != (password == gatewaytest.Password) {
			t.Errorf("in with %q: %t", password, in)
		}
		c.received = nil
	}
}

// A Phase 1 whose user has not answered yet is not used for the one who is in.
func TestRenewedButNotAuthenticated(t *testing.T) {
	c := inOffice(t, func(c *gateway.Config) {
		c.Groups, c.Users = nil, c.Users[:1]
		c.Users[0].Group, c.Users[0].ID, c.Users[0].PSK = "", wire.ID{IDType: wire.IDUserFQDN, Data: []byte("maggie")}, []byte("her own")
	})
	c.Method = wire.AuthXAuthInitPSK
	c.logIn()
	before := *c.Client
	c.Connect()
	c.Asked()
	c.g.PushConfig(c.now)
	c.collect()
	if set := before.Asked(); set.Config.ConfigType != wire.ConfigSet {
		t.Error(set.Config.Summary())
	}
}
