package issuing

import (
	"cmp"
	_ "embed"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"

	"muvpn/client/issuing/roster"
	"muvpn/profile"
)

// SampleSite is a site file in which everything is explained: what
// `muvpn admin init` writes.
//
//go:embed site.toml
var SampleSite []byte

// Site is what all users of one gateway have in common.
type Site struct {
	Issuer  string `toml:"issuer"`  // who makes the profiles, in ASCII
	Support string `toml:"support"` // e-mail address
	// Signer names the signer's file, beside the site file unless it is
	// absolute; empty: profiles are not signed.
	Signer string `toml:"signer"`
	// Authority names the file of the authority, as Signer does; empty: ca.p12.
	// It is there only if somebody has a certificate.
	Authority string  `toml:"authority"`
	Pool      []Range `toml:"pool"` // for users whose virtual IP is blank
	// Expires is the last day of the profiles, in UTC; zero: never.
	Expires roster.Day `toml:"expires"`
	// Languages are those of the users' sheets; the first one is also that of
	// the passphrases and receipts. Empty: all.
	Languages []string `toml:"languages"`
	// Networks are names for what is behind the gateway: for people, and for
	// what is checked and drawn.
	Networks []Network `toml:"networks"`

	// Profile is the template. {user}, {name} and {email} in its texts are the
	// user's; key and virtual IP are filled in.
	Profile profile.Profile `toml:"-"`
}

// placeholders stand in the template where a value has another type than text.
var placeholders = regexp.MustCompile(`"\{(virtual_ip|psk)\}"`)

// ParseSite reads a site file and checks it by making a profile of it. All that
// is wrong is told at once, and no secret is quoted. It returns the keys that
// start with "x-", which are ignored.
func ParseSite(text []byte) (s Site, ignored []string, err error) {
	var file struct {
		Site    *Site            `toml:"site"`
		Profile *profile.Profile `toml:"profile"`
	}
	file.Site, file.Profile = &s, &s.Profile
	text = placeholders.ReplaceAll(text, []byte(`""`))
	if ignored, err = profile.DecodeTOML(text, &file); err != nil {
		return Site{}, nil, err
	}
	if f := s.faults(); f != nil {
		return Site{}, nil, f
	}
	return s, ignored, nil
}

// languages are those that we have words for.
var languages = []string{"en", "de", "fr", "es", "ja"}

func (s *Site) faults() profile.Faults {
	var f profile.Faults
	add := func(wrong bool, key, what, do string) {
		if wrong {
			f = append(f, profile.Fault{Key: key, Wrong: what, Do: do})
		}
	}
	p := s.Profile
	add(s.Issuer == "" || !headerText(s.Issuer), "site.issuer", "missing, longer than 60 characters, or not plain ASCII", "name whoever makes the profiles")
	add(s.Support == "", "site.support", "missing", "give the address that users write to")
	add(s.static() && len(s.Pool) == 0, "site.pool", "missing", `list the virtual IPs, such as "192.168.10.201-192.168.10.250"`)
	add(!s.static() && len(s.Pool) > 0, "site.pool", "addresses here, although the gateway gives them out", "take the pool away, or the line virtual_ip.mode")
	for _, l := range s.Languages {
		add(!slices.Contains(languages, l), "site.languages", fmt.Sprintf("unknown language %q", l), "use "+strings.Join(languages, ", "))
	}
	add(!slices.Contains([]string{"", "psk", "rsa"}, p.Auth.Method), "profile.auth.method", fmt.Sprintf("%q is not made from a roster", p.Auth.Method),
		`write "psk", and each user has a key, or "rsa", and each has a certificate`)
	add(p.Auth.CA != "" || !p.Auth.PKCS12.Empty() || !p.Auth.PKCS12Password.Empty(), "profile.auth", "has a certificate for everybody", "leave out ca, pkcs12 and pkcs12_password: each user is given one")
	add(p.Auth.Method == "rsa" && slices.Contains([]string{"key_id", "ipv4"}, p.Auth.LocalID.Type), "profile.auth.local_id", p.Auth.LocalID.Type+" does not fit into a certificate", "use user_fqdn, fqdn or dn")
	add(s.Authority != "" && !strings.HasSuffix(s.Authority, authoritySuffix), "site.authority", "does not end in "+authoritySuffix, `name a file such as "ca.p12"`)
	add(!p.Auth.PSK.Value.Empty(), "profile.auth.psk", "a key for everybody", "leave it out: each user is given one")
	add(p.Auth.PSK.Source != "" && p.Auth.PSK.Source != "inline", "profile.auth.psk.source", fmt.Sprintf("%q is not made from a roster", p.Auth.PSK.Source), "leave it out")
	add(p.Network.VirtualIP.Address.IsValid(), "profile.network.virtual_ip", "an address for everybody", "leave it out: each user is given one")
	add(p.Meta != profile.Meta{}, "profile.meta", "is not written here", "take it away: [site] has it")
	if f = append(f, s.nameFaults()...); f == nil {
		f = s.sampleFaults()
	}
	return f
}

// sampleFaults are those of a profile as it will be made.
func (s *Site) sampleFaults() (f profile.Faults) {
	u := roster.User{Name: "user", FullName: "User", Email: "user@example.com"}
	if s.static() {
		u.VirtualIP, _ = nextFree(s.Pool, s.reserved)
	}
	p := s.fill(u, profile.NewSecret([]byte("in the place of a user's key")))
	if wild(p.Auth.LocalID) {
		f = append(f, profile.Fault{Key: "profile.auth.local_id", Wrong: wildText(p.Auth.LocalID), Do: "put {user} into it, and no asterisk"})
	}
	if certified(p) {
		f = append(f, s.certificateFaults(nil, time.Time{})...)
	}
	if err, ok := p.Validate().(profile.Faults); ok {
		for _, each := range withoutCertificate(err) {
			each.Key = "profile." + each.Key
			f = append(f, each)
		}
	}
	return f
}

// withoutCertificate are the faults but for what is only made later.
func withoutCertificate(f profile.Faults) profile.Faults {
	return slices.DeleteFunc(f, func(each profile.Fault) bool { return each.Key == "auth.pkcs12" })
}

// The names of an authority's files.
const (
	authorityName   = "ca.p12"
	authoritySuffix = ".p12"
)

// AuthorityFiles are the file of the authority's key and, beside it, that of its
// certificate, as Authority names them.
func (s *Site) AuthorityFiles() (key, certificate string) {
	key = cmp.Or(s.Authority, authorityName)
	return key, strings.TrimSuffix(key, authoritySuffix) + ".pem"
}

func headerText(s string) bool {
	return len(s) <= 60 && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) && strings.TrimSpace(s) == s
}

// static says that each user has a virtual IP of his own, which is the rule here
// whatever the gateway's make expects.
func (s *Site) static() bool {
	m := s.Profile.Network.VirtualIP.Mode
	return m == "" || m == "static"
}

// reserved says that no user may have the address: a server of the profile's, or
// the first or last address of one of its networks.
func (s *Site) reserved(a netip.Addr) bool {
	n := s.Profile.Network
	if slices.Contains(n.DNS, a) || slices.Contains(n.WINS, a) || slices.Contains(s.Profile.Gateway.Addresses, a.String()) {
		return true
	}
	return slices.ContainsFunc(n.Networks, func(p netip.Prefix) bool {
		return p.Contains(a) && !contains([]Range{Hosts(p)}, a)
	})
}

// fill makes the profile of one user, without UUID and serial.
func (s *Site) fill(u roster.User, psk profile.Secret) profile.Profile {
	p := s.Profile.Clone()
	put := strings.NewReplacer("{user}", u.Name, "{name}", u.FullName, "{email}", u.Email)
	putID := put // each text is filled once, so that a value is never taken for a place to fill
	if p.Auth.LocalID.Type == "dn" {
		putID = strings.NewReplacer("{user}", escapeName(u.Name), "{name}", escapeName(u.FullName), "{email}", escapeName(u.Email))
	}
	p.Auth.LocalID.Value = putID.Replace(p.Auth.LocalID.Value)
	for _, text := range []*string{&p.Name, &p.User, &p.Auth.XAuth.Username} {
		*text = put.Replace(*text)
	}
	if p.User == "" {
		p.User = u.Name
	}
	if (p.Auth.LocalID == profile.ID{}) {
		p.Auth.LocalID = profile.ID{Type: "user_fqdn", Value: u.Name}
	}
	if p.Auth.Method = s.method(u); certified(p) {
		p.IKE.Exchange = "main" // which hides who comes; Aggressive Mode is what shared keys need
	} else {
		p.Auth.PSK = profile.PSK{Source: "inline", Value: psk}
	}
	if s.static() {
		p.Network.VirtualIP = profile.VirtualIP{Mode: "static", Address: u.VirtualIP}
	}
	if len(u.Networks) > 0 {
		p.Network.Networks, p.Network.FullTunnel = u.Networks, false
	}
	p.Meta.Issuer, p.Meta.Support = s.Issuer, s.Support
	return p
}

// expires is when the user's profile ends.
func (s *Site) expires(u roster.User) time.Time {
	if !u.Expires.IsZero() {
		return u.Expires.End()
	}
	return s.Expires.End()
}
