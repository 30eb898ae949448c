package tunnel

import (
	"net/netip"
	"testing"

	"muvpn/profile"
	"muvpn/tunnel/ike"
)

var lisaNetwork = profile.Network{DNS: []netip.Addr{netip.MustParseAddr("192.168.10.2")}}

func TestIdentities(t *testing.T) {
	own := netip.MustParseAddr("203.0.113.9")
	for _, c := range []struct {
		id   profile.ID
		typ  uint8
		data string
	}{
		{profile.ID{}, 0, ""},
		{profile.ID{Type: "any"}, 0, ""},
		{profile.ID{Type: "ipv4"}, 1, "\xcb\x00\x71\x09"},
		{profile.ID{Type: "ipv4", Value: "192.0.2.1"}, 1, "\xc0\x00\x02\x01"},
		{profile.ID{Type: "fqdn", Value: "gw.example.com"}, 2, "gw.example.com"},
		{profile.ID{Type: "user_fqdn", Value: "lisa"}, 3, "lisa"}, // quirk 1: no "@" needed
		{profile.ID{Type: "key_id", Value: "group"}, 11, "group"},
		{profile.ID{Type: "dn", Value: "CN=gw"}, 9, "\x30\x0d\x31\x0b\x30\x09\x06\x03\x55\x04\x03\x13\x02gw"},
	} {
		got, err := identity(c.id, own)
		if err != nil || got.Type != c.typ || string(got.Data) != c.data {
			t.Errorf("%v: %d %q %v", c.id, got.Type, got.Data, err)
		}
	}
	for _, bad := range []profile.ID{{Type: "ipv4", Value: "::1"}, {Type: "ipv4", Value: "x"}, {Type: "dn", Value: "x"}} {
		if _, err := identity(bad, own); err == nil {
			t.Errorf("%v is accepted", bad)
		}
	}
}

func TestFullTunnelAsksForEverything(t *testing.T) {
	p := &profile.Profile{}
	p.Network.FullTunnel = true
	p.Network.VirtualIP.Address = netip.MustParseAddr("192.0.2.1")
	if n := networks(p); len(n) != 1 || n[0].String() != "0.0.0.0/0" {
		t.Errorf("%v", n)
	}
	p.Network.VirtualIP.Address = netip.MustParseAddr("2001:db8::1")
	if n := networks(p); len(n) != 1 || n[0].String() != "::/0" {
		t.Errorf("%v", n)
	}
}

func TestMethodsAndModeConfig(t *testing.T) {
	defaults := profile.Defaults()
	s, err := openSockets(&defaults, &Config{Gateway: netip.MustParseAddr("127.0.0.1")})
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	for _, c := range []struct {
		method, up string
		want       ike.Method
		user       string
	}{{"", "", ike.MethodPSK, "lisa"}, {"psk-xauth", "", ike.MethodXAuthPSK, "lisa"}, {"psk-xauth", "marge", ike.MethodXAuthPSK, "marge"}} {
		p := profile.Profile{Auth: profile.Auth{Method: c.method, XAuth: profile.XAuth{Username: "lisa"}}}
		p.Network.VirtualIP = profile.VirtualIP{Mode: "mode-config", Address: netip.MustParseAddr("192.0.2.1")}
		p = p.Effective()
		got, err := ikeConfig(&Config{User: c.up}, &p, s)
		if err != nil || got.Method != c.want || got.Username != c.user || !got.ModeConfig || got.VirtualIP.IsValid() {
			t.Errorf("%+v: %+v %v", c, got, err)
		}
	}
	p := profile.Profile{Auth: profile.Auth{Method: "rsa"}}.Effective()
	if _, err := ikeConfig(&Config{}, &p, s); err == nil {
		t.Error("a method that is not spoken")
	}
}

func TestNATModes(t *testing.T) {
	for _, c := range []struct {
		nat   string
		force bool
		want  string
	}{{"auto", false, "auto"}, {"auto", true, "force"}, {"force", false, "force"}, {"off", false, "off"}} {
		if got := [...]string{"auto", "force", "off"}[natMode(c.nat, c.force)]; got != c.want {
			t.Errorf("%v: %s", c, got)
		}
	}
}
