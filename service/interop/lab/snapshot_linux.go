package lab

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// Snapshot is everything of a computer's network that a VPN may change, as
// lines that begin with what they are of: "link", "address", "route", "rule",
// "nftables", "file" or "resolved". Two can be compared.
type Snapshot []string

// String is all the lines.
func (s Snapshot) String() string { return strings.Join(s, "\n") }

// Differences are the lines that only one of two has, with + or - before them,
// and what they are of.
func (s Snapshot) Differences(before Snapshot) (lines []string, of map[string]bool) {
	of = map[string]bool{}
	only := func(sign string, these, others Snapshot) {
		for _, line := range these {
			if !slices.Contains(others, line) {
				lines = append(lines, sign+" "+line)
				of[strings.Fields(line)[0]] = true
			}
		}
	}
	only("-", before, s)
	only("+", s, before)
	if len(lines) == 0 && !slices.Equal(s, before) {
		lines = []string{"the same lines in another order, or not as often"}
	}
	return lines, of
}

// Snapshot is the client's computer: what its kernel, its files and its
// systemd-resolved, if there is one, have.
func (c *Client) Snapshot() (Snapshot, error) {
	lines, err := c.lab.Network.Client.Snapshot(c.etc(""))
	if err != nil {
		return nil, err
	}
	names, err := c.resolvedLinks()
	return append(lines, names...), err
}

// Snapshot is what the kernel has of a computer whose network is this namespace,
// and the files of its folder /etc, which lies at etc, that say whom to ask for
// names.
func (n *Namespace) Snapshot(etc string) (Snapshot, error) {
	lines, err := n.links4and6()
	if err != nil {
		return nil, err
	}
	rules, err := n.firewall()
	if err != nil {
		return nil, err
	}
	files, err := resolverFiles(etc)
	return slices.Concat(lines, rules, files), err
}

// links4and6 is every link, address, route of every table and routing rule of
// both families, sorted.
func (n *Namespace) links4and6() (lines []string, err error) {
	links, err := n.links.LinkList()
	if err != nil {
		return nil, err
	}
	for _, link := range links {
		a := link.Attrs()
		lines = append(lines, fmt.Sprintf("link %d %s mtu %d %s", a.Index, a.Name, a.MTU, a.Flags))
	}
	addresses, err := n.links.AddrList(nil, netlink.FAMILY_ALL)
	if err != nil {
		return nil, err
	}
	for _, address := range addresses {
		lines = append(lines, fmt.Sprintf("address %d %s", address.LinkIndex, address.IPNet))
	}
	routes, err := n.links.RouteListFiltered(netlink.FAMILY_ALL, &netlink.Route{Table: unix.RT_TABLE_UNSPEC}, netlink.RT_FILTER_TABLE)
	if err != nil {
		return nil, err
	}
	for _, route := range routes {
		lines = append(lines, "route "+route.String())
	}
	rules, err := n.links.RuleList(netlink.FAMILY_ALL)
	if err != nil {
		return nil, err
	}
	for _, rule := range rules {
		lines = append(lines, "rule "+rule.String())
	}
	slices.Sort(lines)
	return lines, nil
}

// firewall is `nft -j list ruleset`, one line for each thing, in nft's order
// and without its handles, which are other numbers whenever something comes
// back.
func (n *Namespace) firewall() (lines []string, err error) {
	out, err := Program{Name: "nft", Namespace: n, Args: []string{toolPath("nft"), "-j", "list", "ruleset"}}.Run(nil)
	if err != nil {
		return nil, err
	}
	return parseRuleset(out)
}

// parseRuleset reads nft's JSON.
func parseRuleset(text []byte) (lines []string, err error) {
	var list struct {
		Nftables []map[string]map[string]any
	}
	numbers := json.NewDecoder(bytes.NewReader(text))
	numbers.UseNumber()
	if err := numbers.Decode(&list); err != nil {
		return nil, fmt.Errorf("nft: %w", err)
	}
	for _, entry := range list.Nftables {
		if _, version := entry["metainfo"]; version {
			continue
		}
		for _, thing := range entry {
			delete(thing, "handle")
		}
		line, err := json.Marshal(entry) // with sorted keys
		if err != nil {
			return nil, err
		}
		lines = append(lines, "nftables "+string(line))
	}
	return lines, nil
}

// resolverFiles are the names, kinds, modes and contents of all that begins as
// resolv.conf does.
func resolverFiles(etc string) (lines []string, err error) {
	entries, err := os.ReadDir(etc)
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), "resolv") {
			continue
		}
		info, err := entry.Info()
		if err != nil {
			return nil, err
		}
		path := filepath.Join(etc, entry.Name())
		target, _ := os.Readlink(path)
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		lines = append(lines, fmt.Sprintf("file %s %s %q %q", entry.Name(), info.Mode(), target, text))
	}
	return lines, nil
}

// resolvedLinks is what systemd-resolved has for the links that there are. For
// those that are gone the real one has nothing any more.
func (c *Client) resolvedLinks() (lines []string, err error) {
	if c.resolved == nil {
		return nil, nil
	}
	links, err := c.lab.Network.Client.links.LinkList()
	if err != nil {
		return nil, err
	}
	for _, link := range links {
		if set, ok := c.resolved.Link(link.Attrs().Index); ok {
			lines = append(lines, fmt.Sprintf("resolved %s %+v", link.Attrs().Name, set))
		}
	}
	slices.Sort(lines)
	return lines, nil
}
