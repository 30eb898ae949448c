package mobileconfig

import (
	"strings"

	"muvpn/profile"
)

// ipsec translates "Cisco IPSec", which is IKEv1: with a group name the system
// uses Aggressive Mode, else Main Mode. It has no keys for algorithms; the
// profile's defaults are offered.
func (r *reader) ipsec(p *profile.Profile, payload *dict, c *certificates) {
	d := r.dict(payload, "IPSec")
	p.Gateway.Addresses = nonEmpty(d.text("RemoteAddress"))
	p.Auth.XAuth.Username = d.text("XAuthName")
	d.text("XAuthPasswordEncryption") // "Prompt": what is done anyway
	r.notKept(d, "XAuthPassword")
	if d.flag("PromptForVPNPIN") {
		r.warn("PromptForVPNPIN is ignored: the gateway says what it wants to know.")
	}
	xauth := d.flag("XAuthEnabled")
	switch method := d.text("AuthenticationMethod"); method {
	case "", "SharedSecret":
		r.group(p, d, xauth, c)
	case "Certificate":
		p.IKE.Exchange, p.Auth.Method = "main", withXAuth("rsa", xauth)
		r.user(&p.Auth, c, d.text("PayloadCertificateUUID"))
		trust(&p.Auth, c)
	default:
		p.Auth.Method = method // Validate names it
	}
	p.Network.VirtualIP.Mode = "mode-config"
	p.Network.FullTunnel = r.dict(payload, "IPv4").flag("OverridePrimary")
	r.onDemand(&p.Policy, d)
}

// group reads a shared key and whose it is. A name that ends with [hybrid]
// means that the gateway has a certificate and the user a password.
func (r *reader) group(p *profile.Profile, d *dict, xauth bool, c *certificates) {
	if kind := d.text("LocalIdentifierType"); kind != "" && kind != "KeyID" {
		r.warn("LocalIdentifierType %q is not known here: KeyID is taken.", shown(kind))
	}
	name, hybrid := strings.CutSuffix(d.text("LocalIdentifier"), "[hybrid]")
	p.IKE.Exchange, p.Auth.LocalID = "aggressive", profile.ID{Type: "key_id", Value: name}
	if name == "" {
		p.IKE.Exchange, p.Auth.LocalID = "main", profile.ID{Type: "ipv4"}
	}
	if hybrid {
		p.Auth.Method = "hybrid-xauth"
		trust(&p.Auth, c)
		return
	}
	p.Auth.Method = withXAuth("psk", xauth)
	p.Auth.PSK = r.psk(d)
}

func withXAuth(method string, xauth bool) string {
	if xauth {
		return method + "-xauth"
	}
	return method
}

// psk is the shared key.
func (r *reader) psk(d *dict) profile.PSK {
	key := d.data("SharedSecret")
	if len(key) == 0 {
		r.warn("The file holds no shared key: it is asked for.")
		return profile.PSK{Source: "prompt"}
	}
	return profile.PSK{Source: "inline", Value: profile.NewSecret(key)}
}

// notKept says that the user's password is in the file and stays there.
func (r *reader) notKept(d *dict, key string) {
	if d.text(key) != "" {
		r.warn("%s is not taken over: a profile holds no password of a user, it is asked for.", d.path+key)
	}
}

func nonEmpty(s string) []string {
	if s = strings.TrimSpace(s); s == "" {
		return nil
	}
	return []string{s}
}
