package wire

import (
	"net/netip"
	"testing"
)

// An ID is a network if it is a host, a subnet with a contiguous mask or a
// range that is exactly one network.
func TestIDPrefix(t *testing.T) {
	for _, test := range []struct {
		id   ID
		want string
	}{
		{Host(netip.MustParseAddr("192.168.10.201")), "192.168.10.201/32"},
		{Host(netip.MustParseAddr("2001:db8::1")), "2001:db8::1/128"},
		{Subnet(netip.MustParsePrefix("192.168.10.0/24")), "192.168.10.0/24"},
		{Subnet(netip.MustParsePrefix("192.168.10.7/24")), "192.168.10.0/24"},
		{Subnet(netip.MustParsePrefix("0.0.0.0/0")), "0.0.0.0/0"},
		{Subnet(netip.MustParsePrefix("2001:db8::/33")), "2001:db8::/33"},
		{ID{IDType: IDIPv4Subnet, Data: []byte{10, 0, 0, 0, 255, 0, 255, 0}}, ""},
		{ID{IDType: IDIPv4Range, Data: []byte{10, 0, 0, 0, 10, 0, 0, 255}}, "10.0.0.0/24"},
		{ID{IDType: IDIPv4Range, Data: []byte{10, 0, 0, 5, 10, 0, 0, 5}}, "10.0.0.5/32"},
		{ID{IDType: IDIPv4Range, Data: []byte{0, 0, 0, 0, 255, 255, 255, 255}}, "0.0.0.0/0"},
		{ID{IDType: IDIPv4Range, Data: []byte{10, 0, 0, 1, 10, 0, 0, 9}}, ""},
		{ID{IDType: IDIPv4, Data: []byte{10}}, ""},
		{ID{IDType: IDUserFQDN, Data: []byte("lisa")}, ""},
	} {
		p, ok := test.id.Prefix()
		if ok != (test.want != "") || ok && p.String() != test.want {
			t.Errorf("%s is %v %v, want %q", test.id.Summary(), p, ok, test.want)
		}
	}
}

func TestIDSummary(t *testing.T) {
	for want, id := range map[string]ID{
		"IPV4_ADDR_RANGE 10.0.0.1-10.0.0.9": {IDType: IDIPv4Range, Data: []byte{10, 0, 0, 1, 10, 0, 0, 9}},
		"IPV4_ADDR_SUBNET 0a000000ff00ff00": {IDType: IDIPv4Subnet, Data: []byte{10, 0, 0, 0, 255, 0, 255, 0}},
		`FQDN "a\nb"`:                       {IDType: IDFQDN, Data: []byte("a\nb")},
		"200 00":                            {IDType: 200, Data: []byte{0}},
		"IPV4_ADDR_RANGE 0a":                {IDType: IDIPv4Range, Data: []byte{10}},
	} {
		if got := id.Summary(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
