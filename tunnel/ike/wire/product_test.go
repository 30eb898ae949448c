package wire

import (
	"encoding/hex"
	"strings"
	"testing"
)

// What gateways have been seen to send, and whose they are taken for.
func TestProducts(t *testing.T) {
	const dpd, natt, xauth, unity = "afcad71368a1f1c96b8696fc77570100", "4a131c81070358455c5728f20e95452f", "09002689dfd6b712", "12f5f28c457168a9702d9fe274cc0100"
	for _, c := range []struct{ ids, want string }{
		{"da8e937880010000 " + dpd, "WatchGuard Firebox (SafeNet)"},
		{"47bbe7c993f1fc13b4e6d0db565c68e5010201", "WatchGuard Firebox (SafeNet)"},
		{"da8e937880010000 404bf439522ca3f6", "SonicWALL"},
		{"5b362bc820f60007", "SonicWALL"},
		{"8299031757a36082c6a621de00050282 " + unity + " " + xauth, "Fortinet FortiGate"},
		{"2c9d7e81995b9967d23f571ac641f9348122f1cc1200000014060000 4865617274426561745f4e6f74696679386b0100", "Juniper NetScreen or SSG"},
		{"f758f22668750f03b08df6ebe1d00403", "Zyxel ZyWALL"},
		{"f4ed19e0c114eb516faaac0ee37daf2807b4381f000000010000138d", "Check Point"},
		{"882fe56d6fd20dbc2251613b2ebe5beb " + xauth + " " + unity, "strongSwan"},
		{"4f452d4c69627265737761" + "6e2d342e3130", "Libreswan"},
		{"4f4572696f5c77557f746249 " + dpd, "Openswan"},
		{"7003cbc1097dbe9c2600ba6983bc8b35 " + unity + " " + xauth, "racoon (KAME, ipsec-tools)"},
		{"6c0dcd481deae8ae0b0a68384b3072f9", "OpenBSD isakmpd"},
		{"1e2b516905991c7d7c96fcbfb587e46100000009", "Windows"},
		{unity + " " + xauth + " 1f07f70eaa6514d3b0fa96542a500100", "Cisco ASA, PIX or VPN 3000"},
		{unity + " " + dpd + " " + xauth, "Cisco IOS, or another that speaks Cisco Unity"},
		{unity, ""},
		{natt + " " + dpd + " " + xauth, ""},
		{"0102", ""},
		{"", ""},
	} {
		var ids []VendorID
		for text := range strings.FieldsSeq(c.ids) {
			octets, err := hex.DecodeString(text)
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, octets)
		}
		if got := Product(ids); got != c.want {
			t.Errorf("%s is taken for %q, want %q", c.ids, got, c.want)
		}
	}
}

// Every product can be found: no name of the table is misspelt.
func TestProductsAreReached(t *testing.T) {
	for _, p := range products {
		for _, begin := range append(p.any, p.all...) {
			found := false
			for _, v := range vendors {
				found = found || strings.HasPrefix(v.Name, begin)
			}
			if !found {
				t.Errorf("%s: no vendor ID begins with %q", p.name, begin)
			}
		}
	}
}
