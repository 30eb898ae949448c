package issuing

import (
	"cmp"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"slices"
	"time"
)

// serialText is a serial number as a State has it.
func serialText(n *big.Int) string { return n.Text(16) }

// revoked are the certificates that are good no longer, although their time is
// not over, by their serial numbers.
func (s State) revoked(now time.Time) (list []x509.RevocationListEntry) {
	all := slices.Clone(s.Replaced)
	for _, r := range s.Users {
		all = append(all, r.Certificates...)
	}
	for _, c := range all {
		serial, ok := new(big.Int).SetString(c.Serial, 16)
		if ok && !c.Revoked.IsZero() && now.Before(c.Until) {
			list = append(list, x509.RevocationListEntry{SerialNumber: serial, RevocationTime: c.Revoked})
		}
	}
	slices.SortFunc(list, func(a, b x509.RevocationListEntry) int {
		return cmp.Or(a.RevocationTime.Compare(b.RevocationTime), a.SerialNumber.Cmp(b.SerialNumber))
	})
	return list
}

// outstanding says that some user's certificate has not ended, revoked or not.
func (s State) outstanding(now time.Time) bool {
	for _, r := range s.Users {
		if slices.ContainsFunc(r.Certificates, func(c Certificate) bool { return now.Before(c.Until) }) {
			return true
		}
	}
	return false
}

// listed says that the last list has just the certificates that it should.
func (s State) listed(now time.Time) bool {
	last, err := x509.ParseRevocationList(s.List)
	return err == nil && slices.EqualFunc(last.RevokedCertificateEntries, s.revoked(now), func(a, b x509.RevocationListEntry) bool {
		return a.SerialNumber.Cmp(b.SerialNumber) == 0
	})
}

// newList makes the next list, in DER. It counts until the authority ends: the
// administrator brings the next one when there is something to say, and a
// gateway that takes a list for stale lets nobody in.
func (s State) newList(by Authority, now time.Time) ([]byte, error) {
	number := big.NewInt(1)
	if last, err := x509.ParseRevocationList(s.List); err == nil {
		number.Add(last.Number, number)
	}
	return x509.CreateRevocationList(rand.Reader, &x509.RevocationList{
		Number: number, ThisUpdate: now.Add(-slowClock), NextUpdate: by.Cert.NotAfter, RevokedCertificateEntries: s.revoked(now),
	}, by.Cert, by.Key)
}

// listPEM is a list in PEM.
func listPEM(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: der})
}
