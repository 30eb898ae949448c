package wire

import (
	"encoding/hex"
	"fmt"
	"strings"
)

// product is a make of gateway and the vendor IDs that give it away.
type product struct {
	name string
	any  []string // one vendor ID whose name begins so is enough
	all  []string // or these must all be there
}

// products are tried in this order: what is only sent by one make comes
// before what others send as well.
var products = []product{
	{name: "SonicWALL", any: []string{"SonicWALL"}}, // a TZ 170 sends that of SafeNet too
	{name: "WatchGuard Firebox (SafeNet)", any: []string{"WatchGuard", "SafeNet"}},
	{name: "Fortinet FortiGate", any: []string{"FortiGate"}},
	{name: "Juniper NetScreen or SSG", any: []string{"NetScreen"}},
	{name: "Zyxel ZyWALL", any: []string{"ZyWALL"}},
	{name: "Check Point", any: []string{"Check Point"}},
	{name: "Nortel Contivity", any: []string{"Nortel"}},
	{name: "StoneGate", any: []string{"StoneGate"}},
	{name: "Symantec Raptor", any: []string{"Raptor"}},
	{name: "Timestep", any: []string{"Timestep"}},
	// Sophos and Astaro run strongSwan, which names itself only when told to.
	{name: "strongSwan", any: []string{"strongSwan"}},
	{name: "Libreswan", any: []string{"Libreswan"}},
	{name: "Openswan", any: []string{"Openswan"}},
	{name: "FreeS/WAN", any: []string{"FreeS/WAN"}},
	{name: "OpenBSD isakmpd", any: []string{"OpenBSD"}},
	{name: "racoon (KAME, ipsec-tools)", any: []string{"KAME/racoon"}},
	{name: "Windows", any: []string{"MS NT5 ISAKMPOAKLEY", "MS-Negotiation"}},
	{name: "Cisco ASA, PIX or VPN 3000", any: []string{"Cisco VPN 3000"}},
	{name: "Cisco IOS, or another that speaks Cisco Unity", all: []string{"Cisco Unity", "XAUTH"}},
}

// Product is the make of gateway that sends such vendor IDs, or empty when
// they do not tell. Nobody has authenticated them, and makes copy from each
// other: it is a help for people and decides nothing.
func Product(ids []VendorID) string {
	var names []string
	for _, id := range ids {
		if v, ok := LookupVendor(id); ok {
			names = append(names, v.Name)
		}
	}
	for _, p := range products {
		if p.sends(names) {
			return p.name
		}
	}
	return ""
}

func (p product) sends(names []string) bool {
	for _, begin := range p.any {
		if begins(names, begin) {
			return true
		}
	}
	for _, begin := range p.all {
		if !begins(names, begin) {
			return false
		}
	}
	return len(p.all) > 0
}

func begins(names []string, begin string) bool {
	for _, name := range names {
		if strings.HasPrefix(name, begin) {
			return true
		}
	}
	return false
}

// productVendors are vendor IDs that say nothing but whose they are.
func productVendors() []Vendor {
	out := []Vendor{
		versioned("FortiGate", "1d6e178f6c2c0be284985465450fe9d4", ""),
		versioned("ZyWALL", "b858d1addd08c1e8adafea150608aa4497aa6cc8", ""),
		versioned("ZyWALL", "625027749d5ab97f5616c1602765cf480a3b7d0b", ""),
		versioned("ZyWALL USG", "f758f22668750f03b08df6ebe1d0", ""),
		versioned("StoneGate", "c573b056d7faca36c2fba28374127cbf", ""),
		versioned("StoneGate", "baeb239037e17787d730eed9d95d48aa", ""),
		versioned("Raptor", hex.EncodeToString([]byte("Raptor PowerVpn Server")), ""),
		versioned("Openswan 2.2.0", "4f4548724b6e5e68557c604f", ""),
		versioned("Openswan 2.3.0", "4f4572696f5c77557f746249", ""),
		versioned("FreeS/WAN 2.00", "4f45486b7d44784d42676b5d", ""),
		versioned("FreeS/WAN 2.06", "4f457e4c466e5d427c5c6b52", ""),
	}
	for _, sha1 := range netScreens {
		out = append(out, versioned("NetScreen", sha1, ""))
	}
	for release := 40; release < 80; release++ { // a new one with each OpenBSD
		out = append(out, hashed(fmt.Sprintf("OpenBSD-%d.%d", release/10, release%10)))
	}
	return out
}

// netScreens are vendor IDs of ScreenOS, one a model and release.
var netScreens = []string{
	"166f932d55eb64d8e4df4fd37e2313f0d0fd8451",
	"2a2bcac19b8e91b426107807e02e7249569d6fd3",
	"2c9d7e81995b9967d23f571ac641f9348122f1cc",
	"299ee8289f40a8973bc78687e2e7226b532c3b76",
	"3a15e1f3cf2a63582e3ac82d1c64cbe3b6d779e7",
	"47d2b126bfcd83489760e2cf8c5d4d5a03497c15",
	"4a4340b543e02b84c88a8b96a8af9ebe77d9accc",
	"64405f46f03b7660a23be116a1975058e69e8387",
	"699369228741c6d4ca094c93e242c9de",
	"8c0dc6cf62a0ef1b5c6eabd1b67ba69866adf16a",
	"92d27a9ecb31d99246986d3453d0c3d57a222a61",
	"9436e8d67174ef9aed068d5ad5213f187a3f8ba6",
	"9b096d9ac3275a7d6fe8b91c583111b09efed1a0",
	"a35bfd05ca1ac0b3d2f24e9e82bfcbff9c9e52b5",
	"bf03746108d746c904f1f3547de24f78479fed12",
	"c2e80500f4cc5fbf5daaeed3bb59abaeee56c652",
	"c8660a62b03b1b6130bf781608d32a6a8d0fb89f",
	"f885da40b1e7a9abd17655ec5bbec0f21f0ed52e",
}
