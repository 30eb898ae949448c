package profile

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"muvpn/profile/dn"
)

// The limits of a profile.
const (
	MaxNetworks  = 256 // networks, and as many exceptions
	MaxName      = 256 // octets of any name
	maxAddresses = 16  // gateways, DNS and WINS servers
	maxSearch    = 32
	maxProposals = 32
	maxSecret    = 1024 // octets of a pre-shared key or a password
)

// Validate lists every fault of the profile at once: the error is a Faults,
// nil when there is none. Absent keys count as their defaults.
func (p Profile) Validate() error {
	var f Faults
	e := p.Effective()
	f.names(e)
	f.meta(e.Meta)
	f.gateway(e.Gateway)
	f.auth(e.Auth, e.IKE.Version)
	f.ike(e.IKE)
	f.esp(e.ESP, e.IKE.Version)
	f.network(e.Network, e.IKE.Version)
	f.policy(e)
	if f == nil {
		return nil
	}
	return f
}

func (f *Faults) names(p Profile) {
	if p.Name == "" {
		f.add("name", "missing", `give the connection a name, such as "Office"`)
	}
	f.text("name", p.Name)
	f.text("user", p.User)
}

func (f *Faults) meta(m Meta) {
	if m.UUID != "" && !validUUID(m.UUID) {
		f.add("meta.uuid", "not a UUID", "write 32 lower-case hexadecimal digits as 8-4-4-4-12, or leave it out")
	}
	f.text("meta.issuer", m.Issuer)
	f.text("meta.support", m.Support)
	if m.Support != "" && (strings.Count(m.Support, "@") != 1 || strings.ContainsAny(m.Support, " ,;<>")) {
		f.add("meta.support", "not an e-mail address", "write one address, such as helpdesk@example.com")
	}
}

// vendors are the values of gateway.vendor, each with a preset.
var vendors = []string{"", "watchguard", "cisco", "fritzbox", "sonicwall", "juniper", "fortinet", "zyxel", "strongswan"}

func (f *Faults) gateway(g Gateway) {
	f.oneOf("gateway.vendor", g.Vendor, vendors)
	if len(g.Addresses) == 0 {
		f.add("gateway.addresses", "missing", "give the gateway's name or address")
	}
	f.atMost("gateway.addresses", len(g.Addresses), maxAddresses)
	for i, a := range g.Addresses {
		if !validHost(a) {
			f.add(at("gateway.addresses", i), "neither a host name nor an IP address", "write it without scheme, port or spaces")
		}
	}
	f.identity("gateway.id", g.ID)
	if g.IKEPort == g.NATTPort {
		f.add("gateway.natt_port", "the same as gateway.ike_port", "give them two ports, such as 500 and 4500")
	}
}

// identity checks that the value has the form of its type.
func (f *Faults) identity(key string, id ID) {
	f.text(key, id.Value)
	form := ""
	switch id.Type {
	case "any":
		if id.Value != "" {
			f.add(key, `type "any" has a value`, "take the value away, or name its type")
		}
		return
	case "ipv4":
		if a, err := netip.ParseAddr(id.Value); err != nil || !a.Is4() {
			form = "an IPv4 address"
		}
	case "fqdn", "user_fqdn", "key_id":
		if id.Value == "" {
			form = "a value"
		}
	case "dn":
		if _, err := dn.Parse(id.Value); err != nil {
			form = fmt.Sprintf("a distinguished name such as CN=gateway,O=Example (%v)", err)
		}
	default:
		f.add(key, fmt.Sprintf("unknown type %q", id.Type), "use any, ipv4, fqdn, user_fqdn, key_id or dn")
		return
	}
	if form != "" {
		f.add(key, fmt.Sprintf("type %q without %s", id.Type, form), "give the value, or change the type")
	}
}

func (f *Faults) policy(p Profile) {
	f.oneOf("policy.security", p.Policy.Security, []string{"standard", "legacy"})
	f.oneOf("policy.connect", p.Policy.Connect, []string{"manual", "at-login", "on-demand"})
	if p.Policy.Security != "legacy" {
		f.tooWeak(p)
	}
}

// text checks what is shown to people: its length, and that it is one line.
func (f *Faults) text(key, s string) {
	switch {
	case len(s) > MaxName:
		f.add(key, fmt.Sprintf("longer than %d octets", MaxName), "shorten it")
	case !utf8.ValidString(s), strings.ContainsFunc(s, unicode.IsControl):
		f.add(key, "has characters that cannot be shown", "write one line of text in UTF-8")
	}
}

func (f *Faults) oneOf(key, s string, known []string) {
	if !slices.Contains(known, s) {
		words := slices.DeleteFunc(slices.Clone(known), func(w string) bool { return w == "" })
		f.add(key, fmt.Sprintf("unknown value %q", s), "use one of "+strings.Join(words, ", "))
	}
}

func (f *Faults) atMost(key string, n, most int) {
	if n > most {
		f.add(key, fmt.Sprintf("%d entries, at most %d are allowed", n, most), "take some away")
	}
}

// at is the key of one entry of a list.
func at(key string, i int) string { return fmt.Sprintf("%s[%d]", key, i) }

// validHost says that s is an IP address or a host name (RFC 1123 section
// 2.1; an underscore is let pass, because names with one are in use). A zone
// is refused: it names an interface of one computer, in any octets at all.
func validHost(s string) bool {
	if a, err := netip.ParseAddr(s); err == nil {
		return a.Zone() == ""
	}
	s = strings.TrimSuffix(s, ".")
	if len(s) > 253 {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if !validLabel(label) {
			return false
		}
	}
	// Only digits and dots is a mistyped address.
	return strings.Trim(s, "0123456789.") != ""
}

func validLabel(s string) bool {
	if s == "" || len(s) > 63 || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	return strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == ""
}
