package wire

import "fmt"

// CertRequest is the Certificate Request payload (RFC 2408 section 3.10): the
// DER name of an acceptable authority, or nothing.
//
//	|  Cert. Type   |          Certificate Authority                |
type CertRequest struct {
	Encoding  CertEncoding
	Authority []byte
}

// Type is TypeCertRequest.
func (CertRequest) Type() PayloadType { return TypeCertRequest }

func parseCertRequest(b []byte) (CertRequest, error) {
	if len(b) == 0 {
		return CertRequest{}, malformed(0, "no certificate type")
	}
	return CertRequest{Encoding: CertEncoding(b[0]), Authority: b[1:]}, nil
}

func (c CertRequest) appendBody(b []byte) []byte {
	return append(append(b, byte(c.Encoding)), c.Authority...)
}

// Summary is the type and the length of the authority's name.
func (c CertRequest) Summary() string {
	return fmt.Sprintf("encoding %d, authority of %d octets", c.Encoding, len(c.Authority))
}
