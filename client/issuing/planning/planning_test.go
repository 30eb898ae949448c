package planning

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"muvpn/client/issuing"
	"muvpn/client/issuing/roster"
	"muvpn/profile"
)

var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// office is a site of which next to nothing is to be said.
const office = `
[site]
issuer = "Example Ltd"
support = "helpdesk@example.com"
signer = "signer.key"
pool = ["10.83.16.201-10.83.16.220"]
networks = [{ name = "Trusted", network = "10.83.16.0/24", domain = "example.com" }]
[profile]
name = "Office"
[profile.gateway]
addresses = ["10.83.16.1", "firebox.example.com"]
[profile.ike]
exchange = "main"
proposals = ["aes256-sha256-modp2048"]
[profile.esp]
proposals = ["aes256-sha256"]
[profile.network]
networks = ["10.83.16.0/24"]
dns = ["10.83.16.2"]
search = ["example.com"]
`

// users is its roster.
const users = `user,e-mail,virtual IP,secret,networks,expires,OS
lisa,lisa@example.com,,,,,Windows 11
bart,bart@example.com,10.83.16.210,,,2027-12-31,Ubuntu 24.04
`

// check checks a site and a roster in CSV; without one the site alone.
func check(t *testing.T, site, csv string, state issuing.State) Report {
	t.Helper()
	s, _, err := issuing.ParseSite([]byte(site))
	if err != nil {
		t.Fatal(err)
	}
	p := Plan{Site: s, State: state, Now: noon}
	if csv != "" {
		table, err := roster.Read([]byte(csv))
		if err != nil {
			t.Fatal(err)
		}
		p.Roster = new(roster.List)
		*p.Roster, p.Faults = table.Users()
	}
	r, err := Check(p)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// said is every finding in one line.
func said(r Report) (lines []string) {
	for _, f := range r.Findings {
		lines = append(lines, fmt.Sprintf("%s %s %s: %s", f.Severity, f.Kind, f.Place(), f.Wrong))
	}
	return lines
}

// The site and the roster that the others are changed from.
func TestLittleToSay(t *testing.T) {
	for _, csv := range []string{"", users} {
		got := said(check(t, office, csv, issuing.State{}))
		if len(got) != 1 || !strings.HasPrefix(got[0], "advice pool-inside site.pool[0]") {
			t.Errorf("%q", got)
		}
	}
}

// in changes a site or a roster.
func in(text, old, new string) string {
	if !strings.Contains(text, old) {
		panic(old + " is not in it")
	}
	return strings.Replace(text, old, new, 1)
}

// row adds a row to the roster.
func row(cells string) string { return users + cells + "\n" }

// last is the state of a last issue, in which homer was revoked.
func last() issuing.State {
	return issuing.State{Users: map[string]issuing.Record{
		"homer": {UUID: "1", Digest: "x", VirtualIP: netip.MustParseAddr("10.83.16.207"), Revoked: noon.AddDate(0, 0, -9)},
		"marge": {UUID: "2", Digest: "x", VirtualIP: netip.MustParseAddr("10.83.16.208")},
	}}
}

// Every kind of finding, each by a change of its own.
func TestEveryKindOfFinding(t *testing.T) {
	many := "user,e-mail\n"
	for i := range issuing.WiseForCertificates {
		many += fmt.Sprintf("user%d,user%d@example.com\n", i, i)
	}
	large := in(office, "10.83.16.201-10.83.16.220", "10.90.0.0/24")
	legacy := in(office, "[profile.network]", "[profile.policy]\nsecurity = \"legacy\"\n[profile.network]")
	cases := []struct{ name, site, users, want string }{
		{"an address twice", office, row("maggie,m@example.com,10.83.16.210"), "fault refused C4 (virtual IP): 10.83.16.210 is that of C3 already"},
		{"a server's", office, row("maggie,m@example.com,10.83.16.2"), "fault refused C4 (virtual IP): 10.83.16.2 is a server's"},
		{"the broadcast address", office, row("maggie,m@example.com,10.83.16.255"), "fault refused C4 (virtual IP): 10.83.16.255 is the network or broadcast"},
		{"that of a named network", in(office, `"example.com" }]`, `"example.com" }, { name = "Lab", network = "10.84.0.0/24" }]`), row("maggie,m@example.com,10.84.0.255"), "fault in-use C4 (virtual IP): 10.84.0.255 is the network or broadcast address of 10.84.0.0/24"},
		{"a revoked user's", office, row("maggie,m@example.com,10.83.16.207"), "fault in-use C4 (virtual IP): 10.83.16.207 is that of homer, who was revoked on 2026-11-17"},
		{"that of the last issue", office, row("maggie,m@example.com,10.83.16.208"), "advice in-use C4 (virtual IP): 10.83.16.208 was that of marge"},
		{"the gateway's", office, row("maggie,m@example.com,10.83.16.1"), "fault in-use C4 (virtual IP): 10.83.16.1 is the gateway's own address (profile.gateway.addresses[0])"},
		{"the router's", office, row("maggie,m@example.com,10.83.16.254"), "advice router-address C4 (virtual IP): 10.83.16.254"},
		{"outside the pool", office, row("maggie,m@example.com,10.83.16.9\nhomer2,h@example.com,10.83.16.10"), "advice outside-pool C4, C5 (virtual IP)"},

		{"too small", in(office, "201-10.83.16.220", "209-10.83.16.210"), row("maggie,m@example.com"), "fault pool-short site.pool: 2 users need an address of the pool, and it has 1 for them: 2 in all, 0 reserved, 0 of revoked users, 1 by the roster"},
		{"no growth", in(office, "201-10.83.16.220", "209-10.83.16.210"), users, "advice pool-growth site.pool: 0 of 2 addresses are left"},
		{"ranges overlap", in(office, `220"]`, `220", "10.83.16.215-10.83.16.230"]`), "", "advice pool-twice site.pool[1]: 10.83.16.215-10.83.16.230 overlaps"},
		{"over the edge", in(office, "10.83.16.220", "10.83.17.20"), "", "fault pool-edge site.pool[0]: 10.83.16.201-10.83.17.20 is partly in 10.83.16.0/24"},
		{"around it", in(office, "10.83.16.201-10.83.16.220", "10.83.15.1-10.83.17.20"), "", "fault pool-edge site.pool[0]"},
		{"in none", large, "", "advice pool-outside site.pool[0]: 10.90.0.1-10.90.0.254 is in none of the networks"},

		{"networks of users overlap", in(office, "networks = [{", "x-networks = [{"), row("maggie,m@example.com,,,10.85.0.0/16\nhomer2,h@example.com,,,10.85.3.0/24"), "advice overlap E5 (networks): 10.85.3.0/24 overlaps 10.85.0.0/16 (E4 of the roster)"},
		{"all is excluded", office + `exclude = ["10.83.0.0/16"]`, "", "fault excluded profile.network.exclude[0]: 10.83.0.0/16 takes all of 10.83.16.0/24"},
		{"the pool is excluded", office + `exclude = ["10.83.16.192/27"]`, "", "fault excluded profile.network.exclude[0]: 10.83.16.192/27 has virtual IPs of site.pool[0]"},
		{"excluded in vain", office + `exclude = ["10.99.0.0/16"]`, "", "advice excluded profile.network.exclude[0]: 10.99.0.0/16 is in none"},
		{"no name", office, row("maggie,m@example.com,,,10.85.0.0/16 10.83.16.2/32"), "advice unnamed E4 (networks): 10.85.0.0/16 is none of the networks"},
		{"nobody reaches it", in(office, `"example.com" }]`, `"example.com" }, { name = "Lab", network = "10.84.0.0/24" }]`), users, "advice unreached site.networks[1]: nobody reaches Lab, 10.84.0.0/24"},
		{"everybody's home", strings.ReplaceAll(office, "10.83.16.", "192.168.178."), "", "advice home-network profile.network.networks[0]: 192.168.178.0/24 is also a network at home: 192.168.178.0/24 (every FRITZ!Box; factory setting, as its handbook says). Whoever is in it does not connect (LAN_OVERLAP)"},
		{"a user's home", in(office, `"example.com" }]`, `"example.com" }, { name = "Lab", network = "192.168.1.0/24" }]`), row("maggie,m@example.com,,,192.168.1.0/24"), "advice home-network site.networks[1]: 192.168.1.0/24 is also a network at home"},
		{"part of a home", strings.ReplaceAll(office, "10.83.16.", "172.17.16."), "", "advice home-network profile.network.networks[0]: 172.17.16.0/24 is part of a network at home: 172.17.0.0/16 (Docker"},
		{"homes in it", strings.ReplaceAll(office, "10.83.16.0/24", "10.0.0.0/8"), "", "advice home-network profile.network.networks[0]: 10.0.0.0/8 holds networks at home: 10.0.0.0/24"},
		{"a pool at home", in(office, "10.83.16.201-10.83.16.220", "192.168.1.201-192.168.1.220"), "", "advice home-network site.pool[0]: 192.168.1.201-192.168.1.220 has addresses of a network at home"},
		{"a secondary network", in(office, `"example.com" }`, `"example.com", secondary = true }`), "", "advice secondary site.networks[0]: Trusted, 10.83.16.0/24, is a secondary network"},

		{"aging", in(office, "modp2048", "modp1024"), "", "advice weak-algorithm profile.ike.proposals[0]: aes256-sha256-modp1024 is aging, by modp1024"},
		{"broken", in(legacy, `["aes256-sha256"]`, `["aes256-sha256", "des-sha1"]`), "", "advice weak-algorithm profile.esp.proposals[1]: des-sha1 is broken, by des"},
		{"by default", in(office, `proposals = ["aes256-sha256"]`, ""), "", "advice weak-algorithm profile.esp.proposals: 3des-sha1, which stands here by default, is aging, by 3des, sha1"},
		{"PFS", in(office, "[profile.network]", "pfs = \"modp1024\"\n[profile.network]"), "", "advice weak-algorithm profile.esp.pfs: modp1024 is aging"},
		{"Aggressive Mode", in(office, `"main"`, `"aggressive"`), "", "advice aggressive profile.ike.exchange: Aggressive Mode with shared keys"},
		{"a short key", office, row("maggie,m@example.com,,hunter2"), "advice weak-key D4 (secret): The shared key is weak: it has 7 characters"},
		{"no signature", in(office, `"signer.key"`, `""`), "", "advice unsigned site.signer"},

		{"no DNS", in(office, `dns = ["10.83.16.2"]`, ""), "", "advice no-dns profile.network.dns"},
		{"no domain", in(office, `search = ["example.com"]`, ""), "", "advice no-search profile.network.search"},
		{"a domain that is not asked for", in(office, `domain = "example.com"`, `domain = "lab.example"`), "", "advice no-search site.networks[0].domain: names in lab.example"},
		{"DNS elsewhere", in(office, "10.83.16.2\"]", "10.84.0.2\"]"), "", "fault dns-unreached profile.network.dns[0]: the tunnel does not lead to the DNS server 10.84.0.2"},
		{"DNS elsewhere, with users", in(office, "10.83.16.2\"]", "10.84.0.2\"]"), users, "fault dns-unreached profile.network.dns[0]"},
		{"DNS of a user elsewhere", office, row("maggie,m@example.com,,,10.83.16.128/25"), "fault dns-unreached E4 (networks)"},
		{"DNS excluded", office + `exclude = ["10.83.16.0/30"]`, "", "fault dns-unreached profile.network.dns[0]"},
		{"public DNS", in(office, "10.83.16.2\"]", "192.0.2.53\"]"), "", "advice dns-unreached profile.network.dns[0]: the tunnel does not lead to the DNS server 192.0.2.53: it is asked beside"},

		{"a telephone", office, row("maggie,m@example.com,,,,,iPhone 15"), `fault system G4 (OS): "iPhone 15"`},
		{"nobody knows", office, row("maggie,m@example.com,,,,,AmigaOS"), `advice unknown-system G4 (OS): "AmigaOS"`},
		{"over", office, row("maggie,m@example.com,,,,2026-01-01"), "fault refused F4 (expires): 2026-01-01 is over"},
		{"soon", office, row("maggie,m@example.com,,,,2026-12-20"), "advice expiry F4 (expires): the profile ends on 2026-12-20"},
		{"all over", in(office, "[profile]", "expires = \"2026-11-25\"\n[profile]"), "", "fault expiry site.expires: 2026-11-25 is over"},
		{"all soon", in(office, "[profile]", "expires = \"2026-11-30\"\n[profile]"), "", "advice expiry site.expires: the profiles end on 2026-11-30"},
		{"no e-mail", office, row("maggie\nhomer2"), "advice no-e-mail B4, B5 (e-mail)"},
		{"many", large, many, "advice certificates : 100 users, each with a shared key"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			state := issuing.State{}
			if strings.Contains(c.name, "revoked") || strings.Contains(c.name, "last issue") {
				state = last()
			}
			got := said(check(t, c.site, c.users, state))
			if !slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, c.want) }) {
				t.Errorf("no %q in\n%s", c.want, strings.Join(got, "\n"))
			}
			// The change is what is told: without it nothing of the kind is.
			kind := strings.Fields(c.want)[1]
			for _, s := range said(check(t, office, users, issuing.State{})) {
				if strings.Fields(s)[1] == kind {
					t.Errorf("told of the unchanged site: %s", s)
				}
			}
		})
	}
}

// What an issue refuses is told by the same words, and what is said of many cells
// is said once.
func TestRefusedByAnIssue(t *testing.T) {
	csv := row("m/x,m@example.com\nhomer2,h at example,10.83.16.300,,,31.12.2027\nmarge2,,10.83.16.2\npatty,,10.83.16.2,clé")
	r := check(t, office, csv, issuing.State{})
	table, _ := roster.Read([]byte(csv))
	list, found := table.Users()
	s, _, _ := issuing.ParseSite([]byte(office))
	_, faults, err := issuing.Draft(issuing.Order{Site: s, Roster: list, Now: noon}, found)
	if err != nil || len(faults) < 7 {
		t.Fatalf("%v, %v", faults, err)
	}
	for _, f := range faults {
		if !slices.ContainsFunc(r.Findings, func(g Finding) bool {
			return g.Kind == Refused && g.Severity == Fault && slices.Contains(g.Cells, f.Cell) && g.Wrong == f.Wrong && g.Do == f.Do
		}) {
			t.Errorf("%s was not told", f)
		}
	}
	text := r.Text("site.toml", "users.csv")
	if strings.Contains(text, "clé") || !strings.Contains(text, "C6, C7 (virtual IP): 10.83.16.2 is a server's address") {
		t.Error(text)
	}
}

// Nobody is sent to certificates whose gateway takes none.
func TestFireboxTakesNoCertificates(t *testing.T) {
	many := "user,e-mail\n"
	for i := range issuing.WiseForCertificates {
		many += fmt.Sprintf("user%d,user%d@example.com\n", i, i)
	}
	site := in(in(in(office, "10.83.16.201-10.83.16.220", "10.90.0.0/24"), "[profile.gateway]", "[profile.gateway]\nvendor = \"watchguard\""), `"main"`, `"aggressive"`)
	for _, f := range check(t, site, many, issuing.State{}).Findings {
		if strings.Contains(f.Wrong+f.Do, "certificate") {
			t.Errorf("%+v", f)
		}
	}
}

// What keeps certificates from being made keeps nothing else from being told.
func TestGatewayThatNoCertificateHolds(t *testing.T) {
	site := in(office, "[profile.ike]", "id = { type = \"key_id\", value = \"box\" }\n[profile.ike]")
	s, _, err := issuing.ParseSite([]byte(site))
	if err != nil {
		t.Fatal(err)
	}
	text, _, err := issuing.NewAuthority("Example Ltd", []byte("correct horse battery"), noon)
	if err != nil {
		t.Fatal(err)
	}
	authority, err := issuing.ParseAuthority(text)
	if err != nil {
		t.Fatal(err)
	}
	table, _ := roster.Read([]byte("user,e-mail,method\nlisa,,rsa\nbart\n"))
	list, _ := table.Users()
	report, err := Check(Plan{Site: s, Roster: &list, Authority: authority, Now: noon})
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(said(report), "\n")
	for _, want := range []string{"fault refused profile.gateway.id: an identity of type key_id", "advice no-e-mail B2, B3", "advice pool-inside"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

func TestOfSite(t *testing.T) {
	_, _, err := issuing.ParseSite([]byte(in(office, `issuer = "Example Ltd"`, "")))
	list := OfSite(err)
	if len(list) != 1 || list[0].Where != "site.issuer" || list[0].Severity != Fault || list[0].Do == "" {
		t.Errorf("%+v", list)
	}
	_, _, err = issuing.ParseSite([]byte("[site\n"))
	if list = OfSite(err); len(list) != 1 || !strings.Contains(list[0].Wrong, "line 1") {
		t.Errorf("%+v", list)
	}
	var none profile.Faults
	if len(OfSite(none)) != 0 {
		t.Error("no faults are a finding")
	}
}

// What people write for their systems.
func TestSystems(t *testing.T) {
	for want, cells := range map[string][]string{
		"": {"Windows 10", "windows 11 pro", "Win11", "Win 10 (64-bit)", "Windows Server 2022", "Windows 10 x86_64", "macOS 12", "macOS 15.1 Sequoia", "macOS Sonoma", "Sonoma",
			"Mac OS 26", "MacBook Air, macOS 14", "Linux", "Ubuntu 22.04 LTS", "Debian 12 (bookworm)", "GNU/Linux", "Fedora 43", "RHEL 9.4", "Linux Mint 22", "Arch", "iPhone and Windows 11", "Windows 10/11"},
		"fault": {"Windows 7", "Windows XP", "win8.1", "Windows Vista", "Windows Server 2012 R2", "Windows 98", "Windows 2000", "Windows 10 32-bit", "Windows 10 (x86)", "macOS 11 Big Sur",
			"Mac OS X 10.15", "OS X El Capitan", "Catalina", "iPhone", "iPad Pro", "Android 14", "ChromeOS", "Chromebook", "Windows Phone", "FreeBSD 14", "Debian 12 i386", "Windows 7, iPad"},
		"advice":  {"Ubuntu 20.04", "Debian 11", "Red Hat Enterprise Linux 8", "Linux Mint 20", "CentOS 7", "Windows 11 ARM64"},
		"unknown": {"AmigaOS", "Windows", "macOS", "MacBook", "iMac 27", "?", "notebook", "BeOS"},
	} {
		for _, cell := range cells {
			f := judge(cell)
			got := string(f.verdict)
			if f.unknown {
				got = "unknown"
			}
			if got != want || (want != "") != (f.why != "" && f.do != "") {
				t.Errorf("%q: %q, %s", cell, got, f.why)
			}
		}
	}
}

// A profile that goes by itself through a full tunnel, or to a gateway that gives
// addresses and names, has nothing to be said of what it has not.
func TestNothingToSay(t *testing.T) {
	full := in(office, `networks = ["10.83.16.0/24"]`, "full_tunnel = true")
	given := in(in(in(office, `pool = ["10.83.16.201-10.83.16.220"]`, ""), `dns = ["10.83.16.2"]`, `virtual_ip = { mode = "mode-config" }`), `search = ["example.com"]`, "")
	home := strings.ReplaceAll(full, "10.83.16.", "192.168.178.") // everybody's, but no tunnel has a route to it
	for name, site := range map[string]string{"full tunnel": full, "at home": home, "gateway gives": given} {
		for _, f := range check(t, site, in(users, "10.83.16.210", ""), issuing.State{}).Findings {
			if f.Kind != PoolInside {
				t.Errorf("%s: %+v", name, f)
			}
		}
	}
}

// The text has every finding with what to do, faults first, and ends with the sum.
func TestText(t *testing.T) {
	got := check(t, office, row("maggie,m@example.com,10.83.16.9,,,,iPad"), issuing.State{}).Text("site.toml", "users.csv")
	at := -1
	for _, want := range []string{"Site site.toml\n", "  advice  site.pool[0]: ", "\n          Have the gateway answer ARP", "Roster users.csv\n", "  FAULT   G4 (OS): ", "  advice  C4 (virtual IP): ",
		"1 fault, 2 pieces of advice. 3 users. Pool: 20 addresses, 2 used, 18 free.\n"} {
		next := strings.Index(got, want)
		if next <= at {
			t.Errorf("%q is not where it should be in\n%s", want, got)
		}
		at = next
	}
	got = check(t, in(office, "201-10.83.16.220", "209-10.83.16.212"), "", issuing.State{}).Text("site.toml", "")
	if strings.Contains(got, "Roster") || !strings.HasSuffix(got, "Nothing is wrong, 1 piece of advice. Pool: 4 addresses, 4 free.\n") {
		t.Error(got)
	}
}
