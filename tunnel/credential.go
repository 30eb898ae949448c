package tunnel

import (
	"bytes"
	"cmp"
	"crypto/x509"
	"time"

	"muvpn/client/reason"
	"muvpn/profile"
	"muvpn/profile/dn"
	"muvpn/tunnel/ike"
)

// methods are the profile's words for how Phase 1 is authenticated.
var methods = map[string]ike.Method{
	"psk": ike.MethodPSK, "psk-xauth": ike.MethodXAuthPSK,
	"rsa": ike.MethodRSA, "rsa-xauth": ike.MethodXAuthRSA, "hybrid-xauth": ike.MethodHybridXAuth,
}

// fillCertificates fills in what the method has in the place of a key: whom we
// trust, and our own certificate.
func fillCertificates(c *ike.Config, cfg *Config, p *profile.Profile) error {
	if c.Method.PSK() {
		return nil
	}
	var err error
	if c.Trust, err = trust(p, cmp.Or(cfg.Host, cfg.Gateway.String())); err != nil {
		return err
	}
	if !c.Method.Own() {
		return nil
	}
	if c.Own.Chain, c.Own.Key, err = p.Auth.Credential(); err != nil {
		return unusable("the user's certificate (pkcs12)", err)
	}
	// The gateway compares octets, perhaps: its own certificate's.
	if own := c.Own.Chain[0].RawSubject; c.LocalID.Type == idDN && dn.Same(c.LocalID.Data, own) {
		c.LocalID.Data = bytes.Clone(own)
	}
	return nil
}

// ownNotes say which certificate the user is to show. Its subject is in a field of
// its own: a redacted log does not show it.
func ownNotes(chain []*x509.Certificate) []Note {
	if len(chain) == 0 {
		return nil
	}
	subject := dn.String(chain[0].RawSubject)
	return []Note{{Level: 1, Code: "CERT_OWN", Fields: map[string]any{FieldSubject: subject},
		Text: "our certificate is " + subject + ", issued by " + dn.String(chain[0].RawIssuer) +
			", until " + chain[0].NotAfter.UTC().Format(time.DateOnly)}}
}

// FieldSubject is the field of a Note that names the user's certificate.
const FieldSubject = "own_subject"

// trust is what a gateway that was called by this name must show.
func trust(p *profile.Profile, name string) (ike.Trust, error) {
	cas, err := p.Auth.Authorities()
	if err != nil {
		return ike.Trust{}, unusable("the authorities (ca)", err)
	}
	t := ike.Trust{Roots: x509.NewCertPool(), Authorities: cas, Names: []string{name}}
	for _, c := range cas {
		t.Roots.AddCert(c)
	}
	if len(cas) == 0 {
		if t.Roots, err = x509.SystemCertPool(); err != nil {
			return ike.Trust{}, unusable("the authorities of this computer", err)
		}
	}
	return t, nil
}

// unusable is the Reason for a part of the profile that cannot be used.
func unusable(what string, err error) error {
	return &reason.Reason{
		Code: reason.Internal, Side: reason.Client,
		Seen: what + ": " + err.Error(), Expected: "a profile as it was when it was imported",
	}
}
