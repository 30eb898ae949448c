package lab

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// guardRules let only IKE and ESP cross the outer link of the gateway; what
// would pass between there and the LAN in clear is dropped and counted, so
// that a broken tunnel cannot look like a working one.
//
//go:embed guard.nft
var guardRules []byte

// natRules hide everything behind the router's outer address and change every
// source port.
//
//go:embed nat.nft
var natRules []byte

// NATMemory is how long the NAT router remembers a quiet UDP mapping: just
// longer than the 20 s between RFC 3948's keepalives.
const NATMemory = 24 * time.Second

// nft loads a ruleset into the namespace.
func (n *Namespace) nft(rules []byte) error {
	_, err := Program{Name: "nft", Namespace: n, Args: []string{toolPath("nft"), "-f", "-"}}.Run(rules)
	return err
}

// OwnFirewall gives the client's computer a ruleset that is not ours.
func (n *Network) OwnFirewall() error {
	return n.Client.nft([]byte("table inet own {\n set names { type ipv4_addr; elements = { 192.0.2.53 } }\n" +
		" chain input {\n  type filter hook input priority 0; policy accept;\n  tcp dport 23 drop\n }\n}\n"))
}

// Ruleset is the namespace's whole firewall as nft shows it.
func (n *Namespace) Ruleset() (string, error) {
	out, err := Program{Name: "nft", Namespace: n, Args: []string{toolPath("nft"), "list", "ruleset"}}.Run(nil)
	return string(out), err
}

// FlushRuleset takes the namespace's whole firewall away.
func (n *Namespace) FlushRuleset() error { return n.nft([]byte("flush ruleset\n")) }

// masquerade makes the NAT router hide the client, and forget it soon.
func (n *Network) masquerade() error {
	if err := n.NAT.nft(natRules); err != nil {
		return err
	}
	seconds := strconv.Itoa(int(NATMemory.Seconds()))
	for _, name := range []string{"nf_conntrack_udp_timeout", "nf_conntrack_udp_timeout_stream"} {
		if err := n.NAT.Sysctl("net/netfilter/"+name, seconds); err != nil {
			return err
		}
	}
	return nil
}

// Block drops what matches, in nft's words, on its way into the gateway.
func (n *Network) Block(match string) error {
	return n.Gateway.nft([]byte(fmt.Sprintf("insert rule inet guard input iifname %q %s drop\n", outerLink, match)))
}

// Trouble drops what matches any of these, in nft's words, on its way into the
// gateway, in the place of what it dropped before; none: everything passes.
func (n *Network) Trouble(matches ...string) error {
	return n.Gateway.Trouble(outerLink+"*", matches...)
}

// Trouble does so on the way into a namespace by these links, which are a name
// that may end in *.
func (n *Namespace) Trouble(links string, matches ...string) error {
	rules := "table inet trouble\ndelete table inet trouble\n"
	if len(matches) > 0 {
		rules += "table inet trouble {\n chain input {\n  type filter hook input priority -10;\n"
		for _, match := range matches {
			rules += fmt.Sprintf("  iifname %q %s drop\n", links, match)
		}
		rules += " }\n}\n"
	}
	return n.nft([]byte(rules))
}

// What Trouble may drop. IKE's message says its exchange in the 19th octet
// (RFC 2408 section 3.1), behind the UDP header and, on port 4500, four octets of
// zero: 2 is Main Mode, 32 Quick Mode.
const (
	AllIKEAndESP = "meta l4proto { udp, esp }"
	PlainIKE     = "udp dport 500"
	LateMainMode = "udp dport 4500 @th,64,32 0 @th,240,8 2"
	QuickMode    = "udp dport 4500 @th,64,32 0 @th,240,8 32"
)

// Lose drops so many of a hundred packets between client and gateway, each
// way.
func (n *Network) Lose(percent int) error {
	return n.Gateway.nft([]byte(fmt.Sprintf("insert rule inet guard input iifname %q numgen random mod 100 < %d drop\n"+
		"insert rule inet guard output oifname %[1]q numgen random mod 100 < %[2]d drop\n", outerLink, percent)))
}

// narrow bounds the packets of a link and drops fragments that come by it,
// before the kernel joins them.
func (n *Namespace) narrow(name string, mtu int) error {
	link, err := n.links.LinkByName(name)
	if err != nil {
		return err
	}
	if err := n.links.LinkSetMTU(link, mtu); err != nil {
		return err
	}
	return n.nft([]byte(fmt.Sprintf("table ip narrow {\n chain prerouting {\n  type filter hook prerouting priority -500;\n"+
		"  iifname %q ip frag-off & 0x3fff != 0 drop\n }\n}\n", name)))
}

// inClear counts the packets that met the guard.
func (n *Network) inClear() (int, error) {
	args := []string{toolPath("nft"), "-j", "list", "counter", "inet", "guard", "clear"}
	out, err := Program{Name: "nft", Namespace: n.Gateway, Args: args}.Run(nil)
	if err != nil {
		return 0, err
	}
	return parseCounter(out)
}

// parseCounter reads the packets of the one counter in nft's JSON.
func parseCounter(text []byte) (int, error) {
	var list struct {
		Nftables []struct {
			Counter *struct{ Packets int }
		}
	}
	if err := json.Unmarshal(text, &list); err != nil {
		return 0, fmt.Errorf("nft: %w", err)
	}
	for _, entry := range list.Nftables {
		if entry.Counter != nil {
			return entry.Counter.Packets, nil
		}
	}
	return 0, fmt.Errorf("nft: no counter in %s", text)
}
