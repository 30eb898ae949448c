package netcfg

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/windows"
	"golang.zx2c4.com/wireguard/windows/tunnel/winipcfg"
)

// hop is a family on an interface: each has a metric of its own.
type hop struct {
	index int
	is4   bool
}

// lookFamilies returns the metric of each family on each interface, and notes
// the MTU of IPv4 in the links.
func lookFamilies(h *Host) (map[hop]int, error) {
	metrics := map[hop]int{}
	for _, family := range families {
		rows, err := winipcfg.GetIPInterfaceTable(family)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			index := int(row.InterfaceIndex)
			metrics[hop{index, family == windows.AF_INET}] = int(row.Metric)
			for i := range h.Links {
				if h.Links[i].Index == index && family == windows.AF_INET {
					h.Links[i].MTU = int(row.NLMTU)
				}
			}
		}
	}
	return metrics, nil
}

// lookRoutes takes down all routes; one's metric is its own and that of its
// interface together.
func lookRoutes(metrics map[hop]int) ([]Route, error) {
	var out []Route
	for _, family := range families {
		rows, err := winipcfg.GetIPForwardTable2(family)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			dst := row.DestinationPrefix.Prefix()
			r := Route{Dst: dst, Via: row.NextHop.Addr().WithZone(""), Link: int(row.InterfaceIndex)}
			r.Metric = int(row.Metric) + metrics[hop{r.Link, dst.Addr().Is4()}]
			if r.Via.IsUnspecified() {
				r.Via = netip.Addr{}
			}
			out = append(out, r)
		}
	}
	return out, nil
}

// nextHop is the next hop of a step as Windows has it: the unspecified address
// for none, and the interface as the zone of a link-local one.
func nextHop(s step) netip.Addr {
	switch {
	case !s.Via.IsValid() && s.Dst.Addr().Is4():
		return netip.IPv4Unspecified()
	case !s.Via.IsValid():
		return netip.IPv6Unspecified()
	case s.Via.Is6() && s.Via.IsLinkLocalUnicast():
		return s.Via.WithZone(strconv.Itoa(s.Index))
	}
	return s.Via
}

// setMTU sets the MTU of both families. The interface also becomes the one
// that is preferred, as Windows asks the servers of that one for names, and
// waits for no router and no other holder of its address.
func setMTU(luid winipcfg.LUID, mtu int) error {
	for _, family := range families {
		row, err := luid.IPInterface(family)
		if err != nil {
			if unless(windows.ERROR_NOT_FOUND, err) == nil && family == windows.AF_INET6 {
				continue // IPv6 is switched off
			}
			return err
		}
		row.NLMTU = uint32(mtu)
		row.UseAutomaticMetric, row.Metric = false, 0
		row.DadTransmits = 0
		row.RouterDiscoveryBehavior = winipcfg.RouterDiscoveryDisabled
		row.SitePrefixLength = 0 // as SetIpInterfaceEntry asks for
		if err := row.Set(); err != nil {
			return err
		}
	}
	return nil
}

// setAdapterDNS gives the adapter its servers and search list; empty ones take
// them away. Windows has no way of asking one adapter for some names only here:
// the adapter with the lowest metric is asked first.
func setAdapterDNS(luid winipcfg.LUID, d *dns) error {
	for _, family := range families {
		err := luid.SetDNS(family, d.Servers, d.Search)
		if family == windows.AF_INET6 && err != nil && len(d.Servers) == 0 {
			continue // IPv6 is switched off
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// siteLocal are the addresses under which Windows lists servers of IPv6 where
// none are set.
var siteLocal = netip.MustParsePrefix("fec0::/10")

// adapterDNS is what is set for an adapter, as far as Windows tells: the
// servers, in the form in which a summary begins.
func adapterDNS(index int) (string, error) {
	luid, err := winipcfg.LUIDFromIndex(uint32(index))
	if err != nil {
		return "", fmt.Errorf("DNS: %w", err)
	}
	servers, err := luid.DNS()
	if err != nil {
		return "", fmt.Errorf("DNS: %w", err)
	}
	servers = slices.DeleteFunc(servers, siteLocal.Contains)
	text, _, _ := strings.Cut(summary(servers, nil, nil, false), ";")
	return text + ";", nil
}
