package netcfg

import (
	"net/netip"
	"strings"
	"testing"

	"golang.org/x/net/route"
	"golang.org/x/sys/unix"
)

func TestMasks(t *testing.T) {
	for _, p := range nets("0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/9", "192.0.2.0/31", "::/1", "2001:db8::/47") {
		if got := maskLength(inet(mask(p), 0)); got != p.Bits() {
			t.Errorf("%s: %d", p, got)
		}
	}
	if maskLength(nil) != 0 {
		t.Error("the default route's mask is not nothing")
	}
}

func TestRoutesOfMessages(t *testing.T) {
	message := func(flags int, dst, via string, maskOf string) *route.RouteMessage {
		m := &route.RouteMessage{Flags: unix.RTF_UP | flags, Index: 5, Addrs: make([]route.Addr, unix.RTAX_MAX)}
		m.Addrs[unix.RTAX_DST] = inet(netip.MustParseAddr(dst), 0)
		if maskOf != "" {
			m.Addrs[unix.RTAX_NETMASK] = inet(mask(netip.MustParsePrefix(maskOf)), 0)
		}
		m.Addrs[unix.RTAX_GATEWAY] = &route.LinkAddr{Index: 5}
		if via != "" {
			m.Addrs[unix.RTAX_GATEWAY] = inet(netip.MustParseAddr(via), 0)
		}
		return m
	}
	for name, c := range map[string]struct {
		m    route.Message
		want Route
		ok   bool
	}{
		"default":   {message(unix.RTF_GATEWAY, "0.0.0.0", "192.0.2.1", ""), Route{Dst: nets("0.0.0.0/0")[0], Via: addrs("192.0.2.1")[0], Link: 5}, true},
		"on a link": {message(0, "192.0.2.0", "", "192.0.2.0/24"), Route{Dst: nets("192.0.2.0/24")[0], Link: 5}, true},
		"ours":      {message(unix.RTF_HOST|ourFlag, "192.0.2.9", "", ""), Route{Dst: nets("192.0.2.9/32")[0], Link: 5, Ours: true}, true},
		"refused":   {message(unix.RTF_GATEWAY|unix.RTF_REJECT, "::", "::1", "::/1"), Route{Dst: nets("::/1")[0]}, true},
		"scoped":    {message(unix.RTF_IFSCOPE, "0.0.0.0", "", ""), Route{}, false},
	} {
		if got, ok := routeOf(c.m); ok != c.ok || got != c.want {
			t.Errorf("%s: %+v, %t", name, got, ok)
		}
	}
}

func TestOrdersForScutil(t *testing.T) {
	script := dnsScript("utun7", newDNS(office(), Resolver{How: howScutil}))
	for _, line := range []string{
		"d.add ServerAddresses * 192.168.10.2\n", "d.add SearchDomains * example.com\n",
		"d.add SupplementalMatchDomains * example.com\n", "set State:/Network/Service/muvpn-utun7/DNS\n",
	} {
		if !strings.Contains(script, line) {
			t.Errorf("%q is missing in %q", line, script)
		}
	}
}
