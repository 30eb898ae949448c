package issuing

import (
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"unicode/utf8"

	"muvpn/profile"
	"muvpn/profile/dn"
)

// ipsecIKE is the extended key usage of RFC 4945 section 5.1.3.12: a certificate
// that names any usage has to name this one, too.
var ipsecIKE = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 17}

// bearer is whom a certificate is for. It is called by what it says and nothing
// else: an e-mail address from the roster, say, may be somebody else's identity.
type bearer struct {
	Name, Issuer string       // CN and O of the subject
	IDs          []profile.ID // a dn is the subject; the others are in subjectAltName
	Usage        x509.ExtKeyUsage
}

// userBearer is the user of a profile.
func (s *Site) userBearer(name string, id profile.ID) bearer {
	return bearer{Name: name, Issuer: s.Issuer, IDs: []profile.ID{id}, Usage: x509.ExtKeyUsageClientAuth}
}

// gatewayBearer is the gateway, by all names that a profile calls it.
func (s *Site) gatewayBearer() bearer {
	g := s.Profile.Gateway
	b := bearer{Name: commonName(g.Addresses), Issuer: s.Issuer, Usage: x509.ExtKeyUsageServerAuth}
	for _, a := range g.Addresses {
		id := profile.ID{Type: "fqdn", Value: strings.TrimSuffix(a, ".")}
		if _, err := netip.ParseAddr(a); err == nil {
			id.Type = "ipv4"
		}
		b.IDs = append(b.IDs, id)
	}
	if g.ID.Type != "" && g.ID.Type != "any" {
		b.IDs = append(b.IDs, g.ID)
	}
	return b
}

// mark names what a certificate of an authority says of its bearer.
func (b bearer) mark(authority *x509.Certificate) string {
	text, _ := json.Marshal(b) // strings and a number
	sum := sha256.Sum256(append(text, fingerprint(authority)...))
	return hex.EncodeToString(sum[:])
}

// template is the certificate but for its time.
func (b bearer) template() (*x509.Certificate, error) {
	c := &x509.Certificate{
		Subject:  pkix.Name{CommonName: b.Name, Organization: []string{b.Issuer}},
		KeyUsage: x509.KeyUsageDigitalSignature, BasicConstraintsValid: true,
		ExtKeyUsage: []x509.ExtKeyUsage{b.Usage}, UnknownExtKeyUsage: []asn1.ObjectIdentifier{ipsecIKE},
	}
	for _, id := range b.IDs {
		switch id.Type {
		case "user_fqdn":
			c.EmailAddresses = append(c.EmailAddresses, id.Value)
		case "fqdn":
			c.DNSNames = append(c.DNSNames, id.Value)
		case "ipv4": // of either family: the gateway's address
			a, err := netip.ParseAddr(id.Value)
			if err != nil {
				return nil, err
			}
			c.IPAddresses = append(c.IPAddresses, a.AsSlice())
		case "dn":
			subject, err := dn.Parse(id.Value)
			if err != nil {
				return nil, err
			}
			c.RawSubject = subject
		}
	}
	if c.RawSubject != nil {
		return c, nil
	}
	var err error
	c.RawSubject, err = asn1.Marshal(c.Subject.ToRDNSequence())
	return c, err
}

// mistakable says that somebody may take one certificate for the other: by the
// whole subject, or by any name in it.
func mistakable(a, b *x509.Certificate) bool {
	theirs := namesIn(b)
	return dn.Same(a.RawSubject, b.RawSubject) || slices.ContainsFunc(namesIn(a), func(mine string) bool {
		return slices.ContainsFunc(theirs, func(name string) bool { return strings.EqualFold(mine, name) })
	})
}

var (
	oidCommonName = asn1.ObjectIdentifier{2, 5, 4, 3}
	oidEmail      = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 1}
)

// namesIn are the names by which a certificate may be known: those of
// subjectAltName, and of the subject what programs look at that know no other.
func namesIn(c *x509.Certificate) (names []string) {
	names = slices.Concat(c.DNSNames, c.EmailAddresses)
	for _, a := range c.IPAddresses {
		names = append(names, a.String())
	}
	for _, a := range attributes(c.RawSubject) {
		if text, ok := a.Value.(string); ok && (a.Type.Equal(oidCommonName) || a.Type.Equal(oidEmail)) {
			names = append(names, text)
		}
	}
	for i, name := range names {
		names[i] = strings.TrimSuffix(strings.Join(strings.Fields(name), " "), ".")
	}
	return names
}

// attributes are those of a name in DER; of what is no name there are none.
func attributes(name []byte) (list []pkix.AttributeTypeAndValue) {
	var sets pkix.RDNSequence
	if _, err := asn1.Unmarshal(name, &sets); err != nil {
		return nil
	}
	for _, set := range sets {
		list = append(list, set...)
	}
	return list
}

// wild says that a gateway may take an identity for that of many users. strongSwan
// has * for any part of it, and %any and, in newer versions, an expression that
// begins with ^ for the whole.
func wild(id profile.ID) bool {
	value := plain(id)
	return id.Type == "any" || value == "0.0.0.0" || strings.Contains(value, "*") || strings.HasPrefix(value, "%") || strings.HasPrefix(value, "^")
}

// wildText says what is wrong with a wild identity.
func wildText(id profile.ID) string {
	return fmt.Sprintf("the identity %q has an asterisk, or is one that stands for any: a gateway may let everybody in by it", id.Value)
}

// unfit says why a certificate cannot hold an identity; empty: it can.
func unfit(id profile.ID) string {
	beyond := strings.ContainsFunc(id.Value, func(r rune) bool { return r <= ' ' || r > '~' })
	switch id.Type {
	case "user_fqdn":
		if beyond {
			return fmt.Sprintf("%q has blanks or letters beyond ASCII, and so does not fit into a certificate as user_fqdn", id.Value)
		}
	case "fqdn": // no wildcard, which would be many names
		odd := strings.ContainsFunc(id.Value, func(r rune) bool { return !strings.ContainsRune(hostLetters, r) })
		if odd || len(id.Value) > 253 {
			return fmt.Sprintf("%q is no host name, and so does not fit into a certificate as fqdn", id.Value)
		}
	case "dn":
		return unfitName(id.Value)
	default:
		return "an identity of type " + id.Type + " does not fit into a certificate"
	}
	return ""
}

// maxCommon is how many characters a common name, an organization or a unit of one
// may have (X.520, RFC 5280 appendix A.1).
const maxCommon = 64

var oidsCommon = []asn1.ObjectIdentifier{oidCommonName, {2, 5, 4, 10}, {2, 5, 4, 11}}

// unfitName is unfit for a distinguished name.
func unfitName(value string) string {
	name, err := dn.Parse(value)
	if err != nil {
		return "" // the profile's own fault
	}
	for _, a := range attributes(name) {
		text, _ := a.Value.(string)
		if utf8.RuneCountInString(text) > maxCommon && slices.ContainsFunc(oidsCommon, a.Type.Equal) {
			return fmt.Sprintf("%q is longer than the %d characters that CN, O and OU of a certificate may have", text, maxCommon)
		}
	}
	return ""
}

// commonName is the first of some names that is short enough for one.
func commonName(names []string) string {
	for _, n := range names {
		if len(n) <= maxCommon {
			return n
		}
	}
	return "VPN gateway"
}

const hostLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-."

// sameIdentity is equal for identities that somebody may take for the same one,
// whatever their types.
func sameIdentity(id profile.ID) string {
	return strings.ToLower(strings.Join(strings.Fields(plain(id)), " "))
}

// plain is the value of an identity; a name is written as it stands in the
// certificate, whatever was escaped.
func plain(id profile.ID) string {
	if name, err := dn.Parse(id.Value); id.Type == "dn" && err == nil {
		return dn.String(name)
	}
	return id.Value
}

// escapeName escapes a value that is put into a distinguished name (RFC 2253
// section 2.4), so that no user's name adds an attribute.
func escapeName(s string) string {
	return strings.NewReplacer(`\`, `\\`, ",", `\,`, "+", `\+`, `"`, `\"`, "<", `\<`, ">", `\>`, ";", `\;`, "=", `\=`, "#", `\#`).
		Replace(strings.TrimSpace(s))
}
