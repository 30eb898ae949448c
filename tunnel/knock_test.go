package tunnel_test

import (
	"context"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"muvpn/client/reason"
	"muvpn/profile"
	"muvpn/tunnel"
	fire "muvpn/tunnel/gateway/server"
)

// firebox is a gateway of the given exchange.
func firebox(t *testing.T, exchange string) *fire.Server {
	t.Helper()
	c, err := fire.ParseConfig([]byte(strings.ReplaceAll(`
listen    = "127.0.0.1"
ike_port  = 1
natt_port = 2
raw_esp   = false
networks  = ["192.168.10.0/24"]
[[users]]
name       = "lisa"
id         = { type = "user_fqdn", value = "lisa" }
psk        = "Hn4-secret-kQ7vTz2LpXw9"
virtual_ip = "192.168.10.201"
[phase1]
exchanges = ["EXCHANGE"]
proposals = ["aes128-sha1-modp1024"]
natt      = ["rfc3947"]
[phase2]
proposals = ["aes128-sha1"]
[lan]
device    = "netstack"
address   = "192.168.10.2/24"
file_size = "1MB"
`, "EXCHANGE", exchange)))
	if err != nil {
		t.Fatal(err)
	}
	c.IKEPort, c.NATTPort = 0, 0
	g, err := fire.Start(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Kill() })
	return g
}

// knockAt knocks at loopback with lisa's profile in that exchange.
func knockAt(t *testing.T, exchange string, ike, natt uint16, changes ...func(*profile.Profile)) tunnel.Reach {
	t.Helper()
	p := lisa(ike, natt)
	p.IKE.Exchange, p.IKE.Proposals, p.Gateway.Addresses = exchange, []string{"aes128-sha1-modp1024"}, []string{"127.0.0.1"}
	for _, change := range changes {
		change(p)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	r, err := tunnel.Knock(ctx, &tunnel.Config{Profile: p, Gateway: netip.MustParseAddr("127.0.0.1")})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestKnock(t *testing.T) {
	for _, exchange := range []string{"aggressive", "main"} {
		t.Run(exchange, func(t *testing.T) {
			t.Parallel()
			g := firebox(t, exchange)
			r := knockAt(t, exchange, g.IKE().Port(), g.NATT().Port())
			for tries := 1; r.Passed != 1500 && tries < 5; tries++ { // a busy machine may answer late
				r = knockAt(t, exchange, g.IKE().Port(), g.NATT().Port())
			}
			if !r.IKE.Answered || !r.Encap.Answered || !r.Own || r.Refused != nil || r.NAT != "none" || r.Local != netip.MustParseAddr("127.0.0.1") {
				t.Errorf("%+v", r)
			}
			if runtime.GOOS == "linux" && r.Passed != 1500 {
				t.Errorf("on loopback packets of %d octets pass", r.Passed)
			}
		})
	}
}

func TestKnockWhereSomethingDiffers(t *testing.T) {
	g := firebox(t, "aggressive")
	for name, c := range map[string]struct {
		change func(*profile.Profile)
		want   reason.Code
	}{
		"proposal": {func(p *profile.Profile) { p.IKE.Proposals = []string{"aes256-sha1-modp1024"} }, reason.P1Proposal},
	} {
		t.Run(name, func(t *testing.T) {
			r := knockAt(t, "aggressive", g.IKE().Port(), g.NATT().Port(), c.change)
			if r.Own || r.Refused == nil || r.Refused.Code != c.want {
				t.Errorf("%+v, %v", r, r.Refused)
			}
		})
	}
}

// shut is a port that is not open to anybody but one socket, and that nobody else
// can open meanwhile.
func shut(t *testing.T, but *net.UDPConn) uint16 {
	t.Helper()
	c, err := net.DialUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)}, but.LocalAddr().(*net.UDPAddr))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return port(c)
}

func TestKnockAtNobody(t *testing.T) {
	deaf := listen(t, "127.0.0.1") // open, and says nothing
	r := knockAt(t, "main", port(deaf), shut(t, deaf))
	if r.IKE.Answered || r.Encap.Answered || r.Own || r.Refused != nil || r.NAT != "" || r.Passed != 0 || r.IKE.Hint != "" {
		t.Errorf("%+v", r)
	}
	if !strings.Contains(r.Encap.Hint, "not open") {
		t.Errorf("of a port that is shut it says %q", r.Encap.Hint)
	}
}
