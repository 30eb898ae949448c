package netcfg

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// The ways to say to a computer who answers names.
const (
	howResolved   = "resolved"   // systemd-resolved, by D-Bus
	howResolvconf = "resolvconf" // resolvconf(8) of Debian
	howOpenresolv = "openresolv" // resolvconf(8) of openresolv
	howFile       = "file"       // resolv.conf itself
	howScutil     = "scutil"     // the dynamic store of macOS
	howAdapter    = "adapter"    // the settings of the adapter on Windows
)

// dns is what a step of kindDNS sets.
type dns struct {
	How     string       `json:"how"`
	Servers []netip.Addr `json:"servers"`
	Search  []string     `json:"search,omitempty"`
	Match   []string     `json:"match,omitempty"` // other domains that they answer for
	All     bool         `json:"all,omitempty"`   // for every name, not only below Search and Match
	Text    string       `json:"text"`            // the value in the form of How, to compare and to write

	// For howFile: how it was before.
	Backup  bool   `json:"backup,omitempty"`  // the file that is there must be kept first
	Missing bool   `json:"missing,omitempty"` // there was no file
	Former  string `json:"former,omitempty"`  // ours too, while one text of ours replaces another
}

// slot: resolv.conf is one for the whole computer, the others have one setting
// for each interface.
func (d *dns) slot(s step) string {
	if d.How == howFile {
		return "dns file"
	}
	return fmt.Sprintf("dns %s %s %d", d.How, s.Link, s.Index)
}

// String says the setting in words.
func (d *dns) String() string {
	names := "all names"
	if !d.All {
		names = strings.Join(d.below(), " ")
	}
	by := map[string]string{howResolved: "systemd-resolved", howFile: "resolv.conf", howAdapter: "the adapter"}[d.How]
	if by == "" {
		by = d.How
	}
	return fmt.Sprintf("DNS %s for %s by %s", join(d.Servers), names, by)
}

// newDNS is the setting that cfg asks for on a host.
func newDNS(cfg *Config, r Resolver) *dns {
	d := &dns{How: r.How, Servers: slices.Clone(cfg.DNS), Search: goodDomains(cfg.Search)}
	for _, name := range goodDomains(cfg.SplitDNS) {
		if !slices.Contains(d.below(), name) {
			d.Match = append(d.Match, name)
		}
	}
	d.All = len(d.below()) == 0 || fullTunnel(cfg)
	if d.All {
		d.Match = nil
	}
	switch r.How {
	case howFile:
		d.Text = resolvConf(cfg.Interface, d, r.Text)
	case howResolvconf, howOpenresolv:
		d.Text = resolvLines(d)
	default:
		d.Text = summary(d.Servers, d.Search, d.Match, d.All)
	}
	return d
}

// fullTunnel says that the value leads everything of one family through the
// tunnel.
func fullTunnel(cfg *Config) bool {
	for _, r := range cfg.Routes {
		if r.Bits() == 0 {
			return true
		}
	}
	return false
}

// summary is a setting in one line, for the systems that keep it as data.
func summary(servers []netip.Addr, search, match []string, all bool) string {
	text := fmt.Sprintf("servers %s; search %s; all %t", join(servers), strings.Join(search, " "), all)
	if len(match) > 0 {
		text += "; match " + strings.Join(match, " ")
	}
	return text
}

// below are the domains whose names the servers answer for, unless for all.
func (d *dns) below() []string { return slices.Concat(d.Search, d.Match) }

// splits says that a system can ask different servers for different names.
func (r Resolver) splits() bool { return r.How == howResolved || r.How == howScutil }

// marker begins every resolv.conf of ours.
const marker = "# Written by muvpn"

// maxServers is how many nameserver lines resolvers read (MAXNS).
const maxServers = 3

// resolvConf is a resolv.conf for the setting. Options of the file that was
// there are kept, and its search list when the setting has none; made from our
// own file, the same text comes out again.
func resolvConf(link string, d *dns, was string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s for the tunnel %s. The file as it was is kept beside this one\n"+
		"# and comes back when the tunnel is closed, unless this one is changed by then.\n", marker, link)
	b.WriteString(resolvLines(d))
	for line := range strings.Lines(was) {
		word, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		isSearch := word == "search" || word == "domain"
		if word == "options" || word == "sortlist" || (isSearch && len(d.Search) == 0) {
			b.WriteString(strings.TrimSpace(line) + "\n")
		}
	}
	return b.String()
}

// resolvLines are the nameserver and search lines of a setting.
func resolvLines(d *dns) string {
	var b strings.Builder
	for _, s := range d.Servers[:min(len(d.Servers), maxServers)] {
		fmt.Fprintf(&b, "nameserver %s\n", s)
	}
	if len(d.Search) > 0 {
		fmt.Fprintf(&b, "search %s\n", strings.Join(d.Search, " "))
	}
	return b.String()
}

// hasServers says that a resolv.conf names all the servers of a setting.
func hasServers(text string, d *dns) bool {
	named := nameservers(text)
	for _, s := range d.Servers[:min(len(d.Servers), maxServers)] {
		if !slices.Contains(named, s.String()) {
			return false
		}
	}
	return true
}

// nameservers are the servers that a resolv.conf names.
func nameservers(text string) (out []string) {
	for line := range strings.Lines(text) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "nameserver" {
			out = append(out, f[1])
		}
	}
	return out
}

// inPlace says that the setting is what the host has now.
func (d *dns) inPlace(r Resolver) bool {
	switch {
	case d.How != r.How:
		return false
	case d.How == howResolvconf || d.How == howOpenresolv:
		return hasServers(r.Text, d)
	case d.How == howAdapter: // Windows tells the servers only
		return r.Text != "" && strings.HasPrefix(d.Text, r.Text)
	}
	return d.Text == r.Text
}

// goodDomains are the names that may be written into files and given to other
// programs. They may come from the gateway: a line break among them would let
// it write settings of its own.
func goodDomains(names []string) []string {
	var good []string
	for _, n := range names {
		if goodDomain(n) {
			good = append(good, strings.ToLower(strings.TrimSuffix(n, ".")))
		}
	}
	return good
}

// goodDomain says that a name is a domain name (RFC 1035 section 2.3.4: at most
// 253 octets, labels of 1 to 63) of letters, digits, hyphens and underscores.
func goodDomain(name string) bool {
	name = strings.TrimSuffix(name, ".")
	if name == "" || len(name) > 253 || name[0] == '-' {
		return false
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 || strings.Trim(label, letters) != "" {
			return false
		}
	}
	return true
}

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
