package gateway

import (
	"crypto/x509/pkix"
	"encoding/asn1"

	"muvpn/tunnel/ike/wire"
)

// sameID compares identities; protocol and port do not count (quirk 2), nor
// does how a distinguished name writes its texts.
func sameID(a, b wire.ID) bool {
	if a.IDType != b.IDType {
		return false
	}
	if a.IDType == wire.IDDERASN1DN {
		return distinguishedName(a.Data) == distinguishedName(b.Data)
	}
	return string(a.Data) == string(b.Data)
}

// distinguishedName is a name in words, or what it is if it is none.
func distinguishedName(der []byte) string {
	var name pkix.RDNSequence
	if rest, err := asn1.Unmarshal(der, &name); err != nil || len(rest) > 0 {
		return string(der)
	}
	return name.String()
}
