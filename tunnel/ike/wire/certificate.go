package wire

import "fmt"

// Certificate is the Certificate payload (RFC 2408 section 3.9).
//
//	| Cert Encoding |          Certificate Data                     |
type Certificate struct {
	Encoding CertEncoding
	Data     []byte
}

// CertEncoding says what a certificate (request) payload holds.
type CertEncoding uint8

// The encodings of RFC 2408 section 3.9 that are met.
const (
	CertPKCS7    CertEncoding = 1
	CertX509Sign CertEncoding = 4
	CertCRL      CertEncoding = 7
)

// Type is TypeCert.
func (Certificate) Type() PayloadType { return TypeCert }

func parseCertificate(b []byte) (Certificate, error) {
	if len(b) == 0 {
		return Certificate{}, malformed(0, "no certificate encoding")
	}
	return Certificate{Encoding: CertEncoding(b[0]), Data: b[1:]}, nil
}

func (c Certificate) appendBody(b []byte) []byte {
	return append(append(b, byte(c.Encoding)), c.Data...)
}

// Summary is the encoding and the length.
func (c Certificate) Summary() string {
	return fmt.Sprintf("encoding %d, %d octets", c.Encoding, len(c.Data))
}
