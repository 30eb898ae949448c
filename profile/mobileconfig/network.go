package mobileconfig

import (
	"math"
	"net/netip"
	"slices"
	"strings"
	"time"

	"muvpn/profile"
)

func parseAddr(s string) (netip.Addr, error) { return netip.ParseAddr(strings.TrimSpace(s)) }

// seconds is a duration of so many; what none can hold is as good as endless
// and is left to Validate.
func seconds(n int64) profile.Duration {
	return profile.Every(time.Duration(min(n, math.MaxInt32)) * time.Second)
}

// nameServers reads the DNS dictionary. Names are asked for in the tunnel in
// clear; servers that want otherwise are not taken over.
func (r *reader) nameServers(n *profile.Network, d *dict) {
	if protocol := d.text("DNSProtocol"); protocol != "" && protocol != "Cleartext" {
		r.warn("DNS.DNSProtocol: DNS over HTTPS or TLS is not offered, so the DNS servers are not taken over.")
		return
	}
	for _, s := range d.texts("ServerAddresses") {
		a, err := parseAddr(s)
		if err != nil {
			r.warn("DNS.ServerAddresses has something that is no address: it is ignored.")
			continue
		}
		n.DNS = append(n.DNS, a)
	}
	domains := append([]string{d.text("DomainName")}, d.texts("SearchDomains")...)
	d.flag("SupplementalMatchDomainsNoSearch") // here each is both
	for _, s := range append(domains, d.texts("SupplementalMatchDomains")...) {
		s = strings.Trim(s, ". ")
		if s != "" && !slices.Contains(n.Search, s) {
			n.Search = append(n.Search, s)
		}
	}
}
