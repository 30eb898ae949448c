package netcfg

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// addrs and nets read lists written as words.
func addrs(words ...string) (out []netip.Addr) {
	for _, w := range words {
		out = append(out, netip.MustParseAddr(w))
	}
	return out
}

func nets(words ...string) (out []netip.Prefix) {
	for _, w := range words {
		out = append(out, netip.MustParsePrefix(w))
	}
	return out
}

// values lets cmp compare addresses and networks.
var values = cmp.Options{
	cmp.Comparer(func(a, b netip.Addr) bool { return a == b }),
	cmp.Comparer(func(a, b netip.Prefix) bool { return a == b }),
}

func TestNetworksLedIntoTheTunnel(t *testing.T) {
	for _, c := range []struct {
		name           string
		routes, except []netip.Prefix
		want           []netip.Prefix
	}{
		{"one network", nets("192.168.10.0/24"), nil, nets("192.168.10.0/24")},
		{"host bits are cleared", nets("192.168.10.7/24"), nil, nets("192.168.10.0/24")},
		{"twice the same", nets("10.0.0.0/8", "10.1.1.1/8"), nil, nets("10.0.0.0/8")},
		{"a full tunnel never takes the default route's place", nets("0.0.0.0/0"), nil, nets("0.0.0.0/1", "128.0.0.0/1")},
		{"IPv6 likewise", nets("::/0"), nil, nets("::/1", "8000::/1")},
		{"an exception within", nets("10.0.0.0/8"), nets("10.64.0.0/10"), nets("10.0.0.0/10", "10.128.0.0/9")},
		{"an exception of one address", nets("10.0.0.0/30"), nets("10.0.0.1/32"), nets("10.0.0.0/32", "10.0.0.2/31")},
		{"an exception outside", nets("10.0.0.0/8"), nets("192.168.0.0/16"), nets("10.0.0.0/8")},
		{"an exception around it", nets("10.1.0.0/16"), nets("10.0.0.0/8"), nil},
		{"of the other family", nets("10.1.0.0/16"), nets("::/0"), nets("10.1.0.0/16")},
		{"full but for a half", nets("0.0.0.0/0"), nets("128.0.0.0/1"), nets("0.0.0.0/1")},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, led(c.routes, c.except), values); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// An address is led into the tunnel exactly when a route holds it and no
// exception does.
func TestSubtractionIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		network := func(label string) netip.Prefix {
			octets := rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, label)
			bits := rapid.IntRange(0, 32).Draw(t, label+" bits")
			return netip.PrefixFrom(netip.AddrFrom4([4]byte(octets)), bits).Masked()
		}
		route, hole := network("route"), network("hole")
		addr := network("address").Addr()
		parts := subtract(route, []netip.Prefix{hole})
		want := route.Contains(addr) && !hole.Contains(addr)
		if covers(parts, addr) != want {
			t.Fatalf("%s without %s is %s; holds %s: want %t", route, hole, parts, addr, want)
		}
	})
}
