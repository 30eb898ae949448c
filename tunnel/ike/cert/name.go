package cert

import (
	"crypto/x509"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"muvpn/client/reason"
	"muvpn/profile/dn"
	"muvpn/tunnel/ike/wire"
)

// named holds the certificate against who the profile says that the gateway is,
// and against who the gateway says that it is.
func (p Policy) named(c *x509.Certificate, id wire.ID) *reason.Reason {
	if !p.profileNames(c, id) {
		return p.misnamed(c, id)
	}
	if !p.agrees(c, id) {
		return refuse(reason.CertName, "an identity that its certificate has: "+strings.Join(namesOf(c), ", "),
			"the gateway says that it is %s", id.Summary())
	}
	return nil
}

// profileNames says that c is the certificate of the gateway that the profile
// names: any is one of the names by which it was called; an identity must be in
// the certificate, and sent. A KEY_ID, which no certificate holds, must be sent
// beside a name by which it was called.
func (p Policy) profileNames(c *x509.Certificate, id wire.ID) bool {
	switch p.ID.IDType {
	case 0:
		return p.called(c)
	case wire.IDDERASN1DN:
		return dn.Same(p.ID.Data, c.RawSubject)
	case wire.IDKeyID:
		return id.IDType == wire.IDKeyID && string(id.Data) == string(p.ID.Data) && p.called(c)
	}
	return id.IDType == p.ID.IDType && strings.EqualFold(string(id.Data), string(p.ID.Data)) && holds(c, id)
}

// called says that a name or address by which the gateway was called is in
// subjectAltName.
func (p Policy) called(c *x509.Certificate) bool {
	return slices.ContainsFunc(p.Names, func(name string) bool { return c.VerifyHostname(name) == nil })
}

// agrees says that the certificate holds the identity that the gateway sends.
// Its own address claims nothing that the datagrams do not show, and a KEY_ID
// nothing that a certificate could.
func (p Policy) agrees(c *x509.Certificate, id wire.ID) bool {
	switch id.IDType {
	case wire.IDKeyID:
		return true
	case wire.IDIPv4, wire.IDIPv6:
		a, _ := netip.AddrFromSlice(id.Data)
		return a == p.Peer || holds(c, id)
	case wire.IDDERASN1DN:
		return dn.Same(id.Data, c.RawSubject)
	}
	return holds(c, id)
}

// holds says that an identity is in subjectAltName.
func holds(c *x509.Certificate, id wire.ID) bool {
	is := func(name string) bool { return strings.EqualFold(name, string(id.Data)) }
	switch id.IDType {
	case wire.IDFQDN:
		return slices.ContainsFunc(c.DNSNames, is)
	case wire.IDUserFQDN:
		return slices.ContainsFunc(c.EmailAddresses, is)
	case wire.IDIPv4, wire.IDIPv6:
		want, _ := netip.AddrFromSlice(id.Data)
		return slices.ContainsFunc(addressesOf(c), func(a netip.Addr) bool { return a == want })
	}
	return false
}

// addressesOf are the addresses in subjectAltName.
func addressesOf(c *x509.Certificate) []netip.Addr {
	var out []netip.Addr
	for _, octets := range c.IPAddresses {
		if a, ok := netip.AddrFromSlice(octets); ok {
			out = append(out, a.Unmap())
		}
	}
	return out
}

// namesOf are the names of a certificate for people: what is in subjectAltName,
// or, if that is empty, the subject.
func namesOf(c *x509.Certificate) []string {
	names := append(slices.Clone(c.DNSNames), c.EmailAddresses...)
	for _, a := range addressesOf(c) {
		names = append(names, a.String())
	}
	if len(names) == 0 {
		return []string{dn.String(c.RawSubject)}
	}
	for i, n := range names {
		names[i] = strings.Trim(fmt.Sprintf("%q", n), `"`)
	}
	return names
}

// misnamed is the Reason for a certificate of somebody else. One without
// subjectAltName, as they were made in old times, can only be named whole.
func (p Policy) misnamed(c *x509.Certificate, id wire.ID) *reason.Reason {
	seen := fmt.Sprintf("the gateway's certificate is for %s, and the gateway says that it is %s", strings.Join(namesOf(c), ", "), id.Summary())
	if p.ID.IDType == wire.IDDERASN1DN {
		return refuse(reason.CertName, "the subject "+dn.String(p.ID.Data)+" of gateway.id", "%s", seen+"; its subject is "+dn.String(c.RawSubject))
	}
	if p.ID.IDType != 0 && p.ID.IDType != wire.IDKeyID {
		return refuse(reason.CertName, p.ID.Summary()+" of gateway.id, sent and in subjectAltName", "%s", seen)
	}
	called := strings.Join(p.Names, " or ") + " in subjectAltName, by which it was called"
	if p.ID.IDType == wire.IDKeyID {
		return refuse(reason.CertName, p.ID.Summary()+" of gateway.id, and "+called, "%s", seen)
	}
	if len(c.DNSNames)+len(c.IPAddresses) == 0 {
		seen = theirs(c) + " has no name or address in subjectAltName"
		called += fmt.Sprintf(`; or gateway.id = { type = "dn", value = %q } in the profile, if that is the gateway`, dn.String(c.RawSubject))
	}
	return refuse(reason.CertName, called, "%s", seen)
}
