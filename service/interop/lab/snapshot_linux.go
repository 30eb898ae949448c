package lab

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// Snapshot is every link, address, route of every table and routing rule of
// the namespace as sorted lines, so that two can be compared.
func (n *Namespace) Snapshot() (string, error) {
	var lines []string
	links, err := n.links.LinkList()
	if err != nil {
		return "", err
	}
	for _, link := range links {
		a := link.Attrs()
		lines = append(lines, fmt.Sprintf("link %s mtu %d %s", a.Name, a.MTU, a.Flags))
	}
	addresses, err := n.links.AddrList(nil, netlink.FAMILY_ALL)
	if err != nil {
		return "", err
	}
	for _, address := range addresses {
		lines = append(lines, fmt.Sprintf("address %d %s", address.LinkIndex, address.IPNet))
	}
	routes, err := n.links.RouteListFiltered(netlink.FAMILY_ALL, &netlink.Route{Table: unix.RT_TABLE_UNSPEC}, netlink.RT_FILTER_TABLE)
	if err != nil {
		return "", err
	}
	for _, route := range routes {
		lines = append(lines, "route "+route.String())
	}
	rules, err := n.links.RuleList(netlink.FAMILY_ALL)
	if err != nil {
		return "", err
	}
	for _, rule := range rules {
		lines = append(lines, "rule "+rule.String())
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n"), nil
}
