package server

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"strings"
)

// The attributes of a distinguished name by their short names (RFC 4514 section
// 3, and e-mail as PKCS #9 has it).
var dnTypes = map[string]asn1.ObjectIdentifier{
	"CN": {2, 5, 4, 3}, "C": {2, 5, 4, 6}, "L": {2, 5, 4, 7}, "ST": {2, 5, 4, 8}, "O": {2, 5, 4, 10}, "OU": {2, 5, 4, 11},
	"emailAddress": {1, 2, 840, 113549, 1, 9, 1},
}

// parseDN reads a distinguished name in the order of the certificate: "C=XX,
// O=Example, CN=lisa". A comma cannot be part of a value.
func parseDN(text string) ([]byte, error) {
	var name pkix.RDNSequence
	for part := range strings.SplitSeq(text, ",") {
		key, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		oid, known := dnTypes[key]
		if !known || value == "" {
			return nil, fmt.Errorf("%q is no part of a distinguished name", part)
		}
		name = append(name, pkix.RelativeDistinguishedNameSET{{Type: oid, Value: value}})
	}
	return asn1.Marshal(name)
}
