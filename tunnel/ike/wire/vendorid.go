package wire

import (
	"crypto/md5"
	"encoding/hex"
	"slices"
	"strings"
)

// Vendor is a vendor ID that is known.
type Vendor struct {
	Name   string
	octets string // as we send it
	prefix int    // how many octets tell it; what follows is a version
}

// Payload is the vendor ID to be sent.
func (v Vendor) Payload() VendorID { return VendorID(v.octets) }

// Matches says that the received id is this one, whatever its version.
func (v Vendor) Matches(id VendorID) bool {
	return strings.HasPrefix(string(id), v.octets[:v.prefix])
}

// The vendor IDs that change behaviour. Most are the MD5 of a public string.
var (
	VendorRFC3947       = hashed("RFC 3947")
	VendorNATTDraft03   = hashed("draft-ietf-ipsec-nat-t-ike-03")
	VendorNATTDraft02n  = hashed("draft-ietf-ipsec-nat-t-ike-02\n")
	VendorNATTDraft02   = hashed("draft-ietf-ipsec-nat-t-ike-02")
	VendorDPD           = versioned("Dead Peer Detection (RFC 3706)", "afcad71368a1f1c96b8696fc7757", "0100")
	VendorXAuth         = versioned("XAUTH", "09002689dfd6b712", "")
	VendorCiscoUnity    = versioned("Cisco Unity", "12f5f28c457168a9702d9fe274cc", "0100")
	VendorFragmentation = versioned("FRAGMENTATION", "4048b7d56ebce88525e7de7f00d6c2d3", "80000000")
	VendorWatchGuard    = versioned("WatchGuard / SafeNet", "da8e9378", "80010000")
)

// vendors are all that are known, those above and those that only have a name.
var vendors = slices.Concat([]Vendor{
	VendorRFC3947,
	VendorNATTDraft03, VendorNATTDraft02n, VendorNATTDraft02,
	hashed("draft-ietf-ipsec-nat-t-ike-00"),
	hashed("draft-ietf-ipsec-nat-t-ike-01"),
	hashed("draft-ietf-ipsec-nat-t-ike-04"),
	hashed("draft-ietf-ipsec-nat-t-ike-05"),
	hashed("draft-ietf-ipsec-nat-t-ike-06"),
	hashed("draft-ietf-ipsec-nat-t-ike-07"),
	hashed("draft-ietf-ipsec-nat-t-ike-08"),
	versioned("draft-huttunen-ipsec-esp-in-udp-00", "6a7434c19d7e36348090a02334c9c805", ""),
	hashed("ESPThruNAT"),
	VendorDPD, VendorXAuth, VendorCiscoUnity, VendorFragmentation, VendorWatchGuard,
	versioned("SafeNet SoftRemote", "47bbe7c993f1fc13b4e6d0db565c68e5", ""),
	hashed("strongSwan"),
	versioned("Libreswan", hex.EncodeToString([]byte("OE-Libreswan")), ""),
	hashed("KAME/racoon"),
	hashed("MS NT5 ISAKMPOAKLEY"),
	hashed("Vid-Initial-Contact"),
	hashed("IKE CGA version 1"),
	hashed("MS-Negotiation Discovery Capable"),
	hashed("NLBS_PRESENT"),
	hashed("GSSAPI"),
	hashed("A GSS-API Authentication Method for IKE"),
	hashed("SSH Sentinel"),
	versioned("Cisco VPN 3000 concentrator", "1f07f70eaa6514d3b0fa96542a", ""),
	versioned("FortiGate", "8299031757a36082c6a621de", ""),
	versioned("Check Point", "f4ed19e0c114eb516faaac0ee37daf2807b4381f", ""),
	versioned("SonicWALL", "404bf439522ca3f6", ""),
	versioned("SonicWALL", "5b362bc820f6", ""),
	versioned("SonicWALL Global VPN Client", "975b7816f69789600dda89040576e0db", ""),
	versioned("Nortel Contivity", "424e4553", ""),
	versioned("Shrew Soft", "f14b94b7bff1fef02773b8c49feded26", ""),
	versioned("NetScreen heartbeat", hex.EncodeToString([]byte("HeartBeat_Notify")), ""),
	versioned("Timestep", hex.EncodeToString([]byte("TIMESTEP")), ""),
	versioned("OpenPGP", hex.EncodeToString([]byte("OpenPGP")), ""),
}, productVendors())

// hashed is a vendor ID that is the MD5 of its name, and sometimes a version
// behind it.
func hashed(text string) Vendor {
	sum := md5.Sum([]byte(text))
	return Vendor{Name: strings.ReplaceAll(text, "\n", `\n`), octets: string(sum[:]), prefix: len(sum)}
}

// versioned is a vendor ID that starts with prefix and is sent with version
// behind it; both are hexadecimal.
func versioned(name, prefix, version string) Vendor {
	octets, err := hex.DecodeString(prefix + version)
	if err != nil {
		panic("wire: vendor ID " + name + ": " + err.Error())
	}
	return Vendor{Name: name, octets: string(octets), prefix: len(prefix) / 2}
}

// LookupVendor tells which known vendor ID a received one is.
func LookupVendor(id VendorID) (Vendor, bool) {
	for _, v := range vendors {
		if v.Matches(id) {
			return v, true
		}
	}
	return Vendor{}, false
}

// Summary is the vendor ID by name, with the octets behind the part that has
// one, or in hexadecimal.
func (v VendorID) Summary() string {
	known, ok := LookupVendor(v)
	switch {
	case !ok:
		return hexBrief(v)
	case len(v) > known.prefix:
		return known.Name + " " + hexBrief(v[known.prefix:])
	}
	return known.Name
}
