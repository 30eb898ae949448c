package mobileconfig

import (
	"cmp"
	"strconv"
	"strings"

	"muvpn/profile"
)

// The types of payloads that are read.
const (
	typeVPN    = "com.apple.vpn.managed"
	typePKCS12 = "com.apple.security.pkcs12"
)

// authorities are the types of payloads that hold certificates without key.
var authorities = []string{"com.apple.security.root", "com.apple.security.pkcs1", "com.apple.security.pem"}

const encryptedSentence = "the file is encrypted for one device, and only that can read it: ask your administrator for one that is not encrypted"

// configuration reads the outermost dictionary: a list of payloads, of which
// one is the connection and others may be its certificates.
func (r *reader) configuration(top map[string]any) (profile.Profile, error) {
	d := r.open("", top)
	if _, encrypted := top["EncryptedPayloadContent"]; encrypted {
		return profile.Profile{}, refuse(profile.UnknownFormat, encryptedSentence)
	}
	list, _ := get[[]any](d, "PayloadContent")
	var vpns, others []*dict
	for _, v := range list {
		keys, ok := v.(map[string]any)
		switch {
		case !ok:
			r.warn("PayloadContent has an entry that is no dictionary: it is ignored.")
		case keys["PayloadType"] == typeVPN:
			vpns = append(vpns, &dict{keys: keys})
		default:
			others = append(others, &dict{keys: keys})
		}
	}
	return r.connection(d.text("PayloadDisplayName"), vpns, others)
}

// connection takes the first connection that muvpn can make and names the
// others.
func (r *reader) connection(name string, vpns, others []*dict) (profile.Profile, error) {
	var chosen *dict
	var rest, types []string
	for _, v := range vpns {
		kind := v.text("VPNType")
		types = append(types, kind)
		if chosen == nil && (kind == "IPSec" || kind == "IKEv2") {
			chosen = v
			continue
		}
		rest = append(rest, strconv.Quote(shown(v.text("UserDefinedName")))+" ("+shown(kind)+")")
	}
	if chosen == nil {
		return profile.Profile{}, noConnection(types)
	}
	r.list("The file has more than one connection; these are not taken over: %s.", rest)
	c := r.certificates(others)
	p := r.vpn(chosen.keys, c)
	p.Name = cmp.Or(p.Name, name, strings.Join(p.Gateway.Addresses, ""))
	r.unused(c)
	return p, nil
}

// noConnection says why there is nothing to connect to.
func noConnection(types []string) error {
	ask := "; ask your administrator for a profile of the type IPSec or IKEv2"
	if len(types) == 0 {
		return refuse(profile.UnknownFormat, "the file holds no VPN connection"+ask)
	}
	switch types[0] {
	case "L2TP", "PPTP":
		return refuse(profile.UnknownFormat, "the file is for "+types[0]+", which muvpn does not speak"+ask)
	case "VPN", "TransparentProxy":
		return refuse(profile.UnknownFormat, "the file is for another program, not for the IPsec of the system"+ask)
	case "AlwaysOn":
		return refuse(profile.UnknownFormat, "the file is for Always On VPN of supervised devices"+ask)
	}
	return refuse(profile.UnknownFormat, "the file is for a type of VPN that muvpn does not know"+ask)
}

// vpn translates one connection.
func (r *reader) vpn(keys map[string]any, c *certificates) profile.Profile {
	d := r.open("", keys)
	p := profile.Profile{Name: d.text("UserDefinedName")}
	if d.text("VPNType") == "IKEv2" {
		r.ikev2(&p, d, c)
	} else {
		r.ipsec(&p, d, c)
	}
	if s := d.text("VPNSubType"); s != "" {
		r.warn("VPNSubType is ignored: no program is started.")
	}
	r.nameServers(&p.Network, r.dict(d, "DNS"))
	return p
}

// onDemand reads when to connect and when to disconnect.
func (r *reader) onDemand(p *profile.Policy, d *dict) {
	if d.flag("OnDemandEnabled") {
		p.Connect = "on-demand"
		if _, ok := get[[]any](d, "OnDemandRules"); ok {
			r.warn("OnDemandRules are not taken over: every use of the networks connects.")
		}
	}
	if timer := d.number("DisconnectOnIdleTimer", 0); d.flag("DisconnectOnIdle") && timer > 0 {
		p.IdleTimeout = seconds(timer)
	}
}

// identity guesses the type of an identity from its form, as the system does.
func identity(s string) profile.ID {
	switch a, err := parseAddr(s); {
	case s == "":
		return profile.ID{}
	case err == nil && a.Is4():
		return profile.ID{Type: "ipv4", Value: s}
	case strings.Contains(s, "="):
		return profile.ID{Type: "dn", Value: s}
	case strings.Contains(s, "@"):
		return profile.ID{Type: "user_fqdn", Value: s}
	}
	return profile.ID{Type: "fqdn", Value: s}
}
