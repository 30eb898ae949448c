package mobileconfig

import (
	"cmp"
	"fmt"
	"math"
	"strings"
	"time"

	"muvpn/profile"
)

func (r *reader) ikev2(p *profile.Profile, payload *dict, c *certificates) {
	d := r.dict(payload, "IKEv2")
	p.Gateway.Addresses = nonEmpty(d.text("RemoteAddress"))
	p.Gateway.ID = identity(d.text("RemoteIdentifier"))
	p.IKE.Version = 2
	p.IKE.DPD = dpd(d.text("DeadPeerDetectionRate"))
	r.ikev2Auth(&p.Auth, d, c)
	r.suites(p, d)
	p.Network.VirtualIP.Mode = "address-pool"
	p.Network.MTU = int(min(d.number("MTU", 0), math.MaxUint16))
	if d.flag("IncludeAllNetworks") {
		p.Network.FullTunnel = true
		p.Policy.AllowLocalLAN = new(d.flag("ExcludeLocalNetworks"))
	}
	r.onDemand(&p.Policy, d)
}

// dpd is the silence before the gateway is probed, by Apple's words for it.
func dpd(rate string) profile.Duration {
	switch rate {
	case "None":
		return profile.Off
	case "Low":
		return profile.Every(30 * time.Minute)
	case "Medium":
		return profile.Every(10 * time.Minute)
	case "High":
		return profile.Every(time.Minute)
	}
	return profile.Duration{}
}

func (r *reader) ikev2Auth(a *profile.Auth, d *dict, c *certificates) {
	a.LocalID = identity(d.text("LocalIdentifier"))
	a.XAuth.Username = d.text("AuthName")
	r.notKept(d, "AuthPassword")
	a.Method = r.ikev2Method(d)
	if a.Method == "psk" {
		a.PSK = r.psk(d)
	} else {
		trust(a, c)
	}
	if uuid := d.text("PayloadCertificateUUID"); uuid != "" {
		r.user(a, c, uuid)
	}
	if a.LocalID == (profile.ID{}) && (a.Method == "psk" || a.Method == "eap-mschapv2") {
		a.LocalID.Type = "ipv4"
	}
}

// ikev2Method is the profile's word for how the user proves who he is. EAP
// comes before what else is there: then the other method is the gateway's.
func (r *reader) ikev2Method(d *dict) string {
	method := d.text("AuthenticationMethod")
	if d.flag("ExtendedAuthEnabled") {
		if method == "SharedSecret" {
			r.warn("The shared key is not used: with EAP the gateway must show a certificate.")
		}
		if d.text("PayloadCertificateUUID") != "" {
			return "eap-tls"
		}
		return "eap-mschapv2"
	}
	switch method {
	case "", "None", "SharedSecret":
		return "psk"
	case "Certificate":
		return "rsa"
	}
	return method // Validate names it
}

// suites reads both tables of algorithms. The first counts for both when the
// second is not there; without both the profile's defaults are offered.
func (r *reader) suites(p *profile.Profile, d *dict) {
	ike, child := r.dict(d, "IKESecurityAssociationParameters"), r.dict(d, "ChildSecurityAssociationParameters")
	pfs := d.flag("EnablePFS")
	if ike != nil {
		s := readSuite(ike)
		p.IKE.Proposals, p.IKE.Lifetime = []string{s.ike()}, s.lifetime
		if child == nil {
			child = ike
		}
	}
	switch {
	case child != nil:
		s := readSuite(child)
		p.ESP.Proposals, p.ESP.Lifetime, p.ESP.PFS = []string{s.esp()}, s.lifetime, "none"
		if pfs {
			p.ESP.PFS = s.group
		}
	case pfs:
		p.ESP.PFS = "modp2048" // Apple's default
	}
}

// suite is one table of algorithms in the profile's keywords.
type suite struct {
	cipher, hash, group string
	lifetime            profile.Duration
}

var ciphers = map[string]string{
	"DES": "des", "3DES": "3des", "AES-128": "aes128", "AES-256": "aes256",
	"AES-128-GCM": "aes128gcm16", "AES-256-GCM": "aes256gcm16", "ChaCha20Poly1305": "chacha20poly1305",
}

var hashes = map[string]string{
	"SHA1-96": "sha1", "SHA1-160": "sha1", "SHA2-256": "sha256", "SHA2-384": "sha384", "SHA2-512": "sha512",
}

var groups = map[int64]string{
	1: "modp768", 2: "modp1024", 5: "modp1536", 14: "modp2048", 15: "modp3072", 16: "modp4096", 18: "modp8192",
	19: "ecp256", 20: "ecp384", 21: "ecp521", 31: "curve25519",
}

// readSuite fills in Apple's defaults. What muvpn does not have stays as it
// is, so that Validate names it.
func readSuite(d *dict) suite {
	cipher, hash := cmp.Or(d.text("EncryptionAlgorithm"), "AES-256"), cmp.Or(d.text("IntegrityAlgorithm"), "SHA2-256")
	group := d.number("DiffieHellmanGroup", 14)
	return suite{
		cipher:   cmp.Or(ciphers[cipher], cipher),
		hash:     cmp.Or(hashes[hash], hash),
		group:    cmp.Or(groups[group], fmt.Sprintf("group%d", group)),
		lifetime: seconds(60 * min(d.number("LifeTimeInMinutes", 1440), math.MaxInt32)),
	}
}

// aead says that the cipher authenticates by itself.
func (s suite) aead() bool {
	return strings.Contains(s.cipher, "gcm") || strings.Contains(s.cipher, "poly1305")
}

func (s suite) ike() string {
	if s.aead() {
		return s.cipher + "-prf" + s.hash + "-" + s.group
	}
	return s.cipher + "-" + s.hash + "-" + s.group
}

func (s suite) esp() string {
	if s.aead() {
		return s.cipher
	}
	return s.cipher + "-" + s.hash
}
