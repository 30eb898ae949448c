package netcfg

import (
	"flag"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// firewalls are the values of which golden files are kept: every state of a
// connection, with and without a kill switch.
func firewalls() map[string]Shield {
	h := home()
	h.Links[3].Up = true
	open := func(c *Config) *Config { c.OpenLocal = true; return c }
	covered := full()
	covered.Except = nets("203.0.113.0/24")
	of := func(cfg *Config, block *KillSwitch) Shield {
		s, ok := shieldOf(cfg, block, h)
		if !ok {
			panic("no firewall")
		}
		return s
	}
	strict := &KillSwitch{Profile: "Office"}
	loose := &KillSwitch{Profile: "Office", OpenLocal: true, Inside: nets("192.168.10.0/24")}
	return map[string]Shield{
		"split tunnel":                                     of(open(office()), nil),
		"split tunnel, local network closed":               of(office(), nil),
		"full tunnel":                                      of(covered, nil),
		"full tunnel, local network open":                  of(open(full()), nil),
		"kill switch, no tunnel":                           of(nil, strict),
		"kill switch, no tunnel, local network open":       of(nil, loose),
		"kill switch, split tunnel":                        of(office(), strict),
		"kill switch, split tunnel, local network open":    of(open(office()), loose),
		"kill switch, full tunnel":                         of(covered, strict),
		"kill switch, full tunnel, local network open too": of(open(full()), loose),
		"kill switch, full tunnel, local network closed":   of(full(), loose), // by the connection alone
	}
}

// golden compares with the file of that name, or writes it.
func golden(t *testing.T, folder, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", folder, strings.NewReplacer(" ", "-", ",", "").Replace(name)+".txt")
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s: %s", path, diff)
	}
}

func TestRulesOfEveryState(t *testing.T) {
	for name, s := range firewalls() {
		golden(t, "shield", name, s.text())
		golden(t, "pf", name, s.PF())
		golden(t, "wfp", name, s.WFP())
	}
}

// packet is one for which a firewall is asked.
type packet struct {
	in       bool
	link     string // "lo", "wlan0" or "muvpn0"
	own      bool   // marked, or an answer to what was
	from, to string
	proto    uint8
	sport    uint16
	dport    uint16
	icmp     uint8
}

// passes says what the rules do with a packet.
func (s Shield) passes(p packet) bool {
	for _, r := range s.Rules() {
		if r.fits(p) {
			return r.Pass
		}
	}
	return true
}

func (r Rule) fits(p packet) bool {
	far := p.to
	if p.in {
		far = p.from
	}
	in := func(n netip.Prefix, a string) bool {
		return !n.IsValid() || a != "" && n.Contains(netip.MustParseAddr(a))
	}
	return r.In == p.in && (!r.Loopback || p.link == "lo") && (r.Link == "" || r.Link == p.link) && (!r.Own || p.own) &&
		in(r.Net, far) && in(r.To, p.to) && in(r.As, p.from) && (r.Proto == 0 || r.Proto == p.proto) && (r.ICMP == 0 || r.ICMP == p.icmp) &&
		(r.From == 0 || r.From == p.sport) && (r.At == 0 || r.At == p.dport)
}

// tcp, udp and dns are packets to an address that leave by the Wi-Fi.
func tcp(to string) packet { return packet{link: "wlan0", to: to, proto: protoTCP, dport: 443} }
func dnsTo(to string) packet {
	return packet{link: "wlan0", to: to, proto: protoUDP, sport: 40000, dport: 53}
}

// by is the packet on another interface; ours is it from a socket of our own.
func (p packet) by(link string) packet { p.link = link; return p }
func (p packet) ours() packet          { p.own = true; return p }

func TestWhatPasses(t *testing.T) {
	all := firewalls()
	dhcp := packet{link: "wlan0", to: "255.255.255.255", proto: protoUDP, sport: 68, dport: 67}
	neighbour := packet{link: "wlan0", to: "ff02::1:ff00:1", proto: protoICMPv6, icmp: 135}
	for _, c := range []struct {
		what string
		packet
		pass, drop []string // names of firewalls, or how they begin
	}{
		{"loopback", tcp("127.0.0.1").by("lo"), []string{""}, nil},
		{"through the tunnel", tcp("192.168.10.2").by("muvpn0"), []string{"split", "full", "kill switch, split", "kill switch, full"}, []string{"kill switch, no tunnel"}},
		{"an office packet beside it", tcp("192.168.10.2"), nil, []string{""}},
		{"our own to the gateway", tcp("198.51.100.7").ours(), []string{""}, nil},
		{"another's to the gateway (TunnelCrack ServerIP)", tcp("198.51.100.7"), []string{"split"}, []string{"full", "kill switch"}},
		{"to the internet", tcp("8.8.8.8"), []string{"split"}, []string{"full", "kill switch"}},
		{"to the internet by IPv6", tcp("2606:4700::1111"), []string{"split"}, []string{"full", "kill switch"}},
		{"to what stays outside on purpose", tcp("203.0.113.9"), []string{"full tunnel"}, []string{"full tunnel, local network open", "kill switch"}},
		{"to the local network", tcp("192.168.1.40"),
			[]string{"split tunnel", "full tunnel, local network open", "kill switch, no tunnel, local network open", "kill switch, full tunnel, local network open too"},
			[]string{"split tunnel, local network closed", "full tunnel", "kill switch, no tunnel", "kill switch, full tunnel"}},
		{"to a public address of the local network (TunnelCrack LocalNet)", tcp("2001:db8:1::77"), []string{"split"}, []string{"full", "kill switch"}},
		{"names of the local router", dnsTo("192.168.1.1"), []string{"split"}, []string{"full", "kill switch"}},
		{"names of the office beside the tunnel", dnsTo("192.168.10.2"), nil, []string{""}},
		{"our own question for a name", dnsTo("192.168.1.1").ours(), []string{""}, nil},
		{"DHCP", dhcp, []string{""}, nil},
		{"neighbours", neighbour, []string{""}, nil},
		{"from the virtual IP beside the tunnel", packet{link: "wlan0", from: "192.168.10.201", to: "8.8.8.8", proto: protoTCP},
			nil, []string{"split", "full", "kill switch"}},
		{"to the virtual IP through the tunnel", packet{in: true, link: "muvpn0", from: "192.168.10.2", to: "192.168.10.201", proto: protoTCP},
			[]string{"split", "full", "kill switch, split", "kill switch, full"}, []string{"kill switch, no tunnel"}},
		{"to the virtual IP from outside (CVE-2019-14899)", packet{in: true, link: "wlan0", from: "192.168.10.2", to: "192.168.10.201", proto: protoTCP},
			nil, []string{"split", "full", "kill switch"}},
		{"from the internet", packet{in: true, link: "wlan0", from: "8.8.8.8", to: "192.168.1.23", proto: protoTCP}, []string{"split", "full"}, []string{"kill switch"}},
		{"an answer to our own", packet{in: true, link: "wlan0", own: true, from: "198.51.100.7", to: "192.168.1.23", proto: protoUDP}, []string{""}, nil},
	} {
		for name, s := range all {
			if must(c.pass, name, c.drop) && !s.passes(c.packet) {
				t.Errorf("%s: %s is dropped", name, c.what)
			}
			if must(c.drop, name, c.pass) && s.passes(c.packet) {
				t.Errorf("%s: %s passes", name, c.what)
			}
		}
	}
}

// must says that a name is in a list: itself, or the longest of its beginnings
// that either list has.
func must(list []string, name string, other []string) bool {
	best := func(list []string) int {
		n := -1
		for _, begin := range list {
			if strings.HasPrefix(name, begin) {
				n = max(n, len(begin))
			}
		}
		return n
	}
	return best(list) > best(other)
}
