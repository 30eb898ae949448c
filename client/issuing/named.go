package issuing

import (
	"cmp"
	"fmt"
	"net/netip"
	"strings"
	"unicode"

	"muvpn/client/issuing/roster"
	"muvpn/profile"
)

// Network is a network behind the gateway as people call it. It opens nothing:
// who reaches what, the template and the roster say.
type Network struct {
	Name   string       `toml:"name"`
	Prefix netip.Prefix `toml:"network"`
	Domain string       `toml:"domain"` // of the names in it; may be empty
	// Secondary says that it shares an interface of the gateway with another
	// network, and was added to it later.
	Secondary bool `toml:"secondary"`
}

// nameFaults are those of the names for networks.
func (s *Site) nameFaults() (f profile.Faults) {
	if len(s.Networks) > profile.MaxNetworks {
		return profile.Faults{{Key: "site.networks", Wrong: fmt.Sprintf("%d networks, at most %d are allowed", len(s.Networks), profile.MaxNetworks), Do: "take some away"}}
	}
	for i, n := range s.Networks {
		key := fmt.Sprintf("site.networks[%d]", i)
		switch {
		case n.Name == "":
			f = append(f, profile.Fault{Key: key + ".name", Wrong: "missing", Do: "say what people call the network"})
		case strings.ContainsFunc(n.Name, func(r rune) bool { return unicode.In(r, unicode.Zl, unicode.Zp) }): // line ends that are no control characters
			f = append(f, profile.Fault{Key: key + ".name", Wrong: "has line ends", Do: "write one line of text"})
		}
		f = append(f, n.faults(key)...)
		for _, other := range s.Networks[:i] {
			if n.Name != "" && strings.EqualFold(n.Name, other.Name) {
				f = append(f, profile.Fault{Key: key + ".name", Wrong: fmt.Sprintf("%q is the name of %s already", n.Name, other.Prefix), Do: "give each network a name of its own"})
			}
			if n.Prefix.IsValid() && n.Prefix.Overlaps(other.Prefix) {
				f = append(f, profile.Fault{Key: key + ".network", Wrong: fmt.Sprintf("%s overlaps %s", n.Prefix, other.Prefix), Do: "write each network once, as the gateway has it"})
			}
		}
	}
	return f
}

// faults has a profile that leads to this network alone judge it.
func (n Network) faults(key string) (f profile.Faults) {
	s := Site{}
	s.Profile.Name, s.Profile.Network.VirtualIP.Mode = n.Name, "mode-config"
	s.Profile.Network.Networks, s.Profile.Network.Search = []netip.Prefix{n.Prefix}, []string{cmp.Or(n.Domain, "example.com")}
	list, _ := s.fill(roster.User{}, profile.Secret{}).Validate().(profile.Faults)
	for _, each := range list {
		mine, is := map[string]string{"name": ".name", "network.networks[0]": ".network", "network.search[0]": ".domain"}[each.Key]
		if is && (n.Name != "" || mine != ".name") {
			f = append(f, profile.Fault{Key: key + mine, Wrong: each.Wrong, Do: each.Do})
		}
	}
	return f
}
