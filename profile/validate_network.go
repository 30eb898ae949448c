package profile

import (
	"fmt"
	"net/netip"
)

func (f *Faults) network(n Network, version int) {
	f.virtualIP(n.VirtualIP, version)
	f.reach(n)
	f.prefixes("network.networks", n.Networks)
	f.prefixes("network.exclude", n.Exclude)
	f.overlaps(n.Networks)
	if n.VirtualIP.Address.IsValid() {
		f.family(n)
		f.notNetworkItself(n)
	}
	f.servers("network.dns", n.DNS)
	f.servers("network.wins", n.WINS)
	f.atMost("network.search", len(n.Search), maxSearch)
	for i, d := range n.Search {
		if !validHost(d) {
			f.add(at("network.search", i), "not a domain name", "write it as example.com")
		}
	}
	if n.MTU != 0 && (n.MTU < 576 || n.MTU > 9216) {
		f.add("network.mtu", fmt.Sprintf("%d octets", n.MTU), "use 576 to 9216, or 0 to have it worked out")
	}
}

func (f *Faults) virtualIP(v VirtualIP, version int) {
	const key = "network.virtual_ip"
	f.oneOf(key+".mode", v.Mode, []string{"static", "mode-config", "address-pool"})
	switch {
	case v.Mode == "static" && !v.Address.IsValid():
		f.add(key+".address", "missing", "give the address that the gateway has for this user")
	case v.Mode == "address-pool" && version == 1:
		f.add(key+".mode", "address-pool is of IKEv2", `use "mode-config", or ike.version = 2`)
	case v.Mode == "mode-config" && version == 2:
		f.add(key+".mode", "mode-config is of IKEv1", `use "address-pool", or ike.version = 1`)
	case v.Address.IsValid() && !usable(v.Address):
		f.add(key+".address", v.Address.String()+" is no host's address", "give the address that the gateway has for this user")
	}
}

// usable says that a host may have the address.
func usable(a netip.Addr) bool {
	broadcast := a == netip.AddrFrom4([4]byte{255, 255, 255, 255})
	return a.IsValid() && !a.IsUnspecified() && !a.IsMulticast() && !a.IsLoopback() && !a.IsLinkLocalUnicast() &&
		!broadcast && !a.Is4In6() && a.Zone() == ""
}

// reach checks that the tunnel leads somewhere, and says so in one way.
func (f *Faults) reach(n Network) {
	switch {
	case n.FullTunnel && len(n.Networks) > 0:
		f.add("network.full_tunnel", "networks are listed as well", "keep one of the two")
	case !n.FullTunnel && len(n.Networks) == 0 && n.VirtualIP.Mode == "static":
		f.add("network.networks", "missing", "list the networks behind the gateway, or say full_tunnel = true")
	}
}

func (f *Faults) prefixes(key string, list []netip.Prefix) {
	f.atMost(key, len(list), MaxNetworks)
	for i, p := range list {
		switch {
		case !p.IsValid() || p.Addr().Is4In6():
			f.add(at(key, i), "not a network", "write it as 192.168.10.0/24")
		case p != p.Masked():
			f.add(at(key, i), p.String()+" has bits beyond its mask", "write "+p.Masked().String())
		case p.Bits() == 0:
			f.add(at(key, i), p.String()+" is every address", "say full_tunnel = true instead")
		case p.Addr().IsMulticast() || p.Addr().IsLoopback():
			f.add(at(key, i), p.String()+" is no network behind a gateway", "take it away")
		}
	}
}

// overlaps finds networks of which one holds the other: each network gets an
// SA pair of its own, so that a packet would have two.
func (f *Faults) overlaps(list []netip.Prefix) {
	if len(list) > MaxNetworks {
		return
	}
	for i, p := range list {
		for _, q := range list[:i] {
			if p.Overlaps(q) {
				f.add(at("network.networks", i), fmt.Sprintf("%s overlaps %s", p, q), "keep the larger of the two")
				break
			}
		}
	}
}

// family checks that the virtual IP can reach every network.
func (f *Faults) family(n Network) {
	for i, p := range n.Networks {
		if p.IsValid() && p.Addr().Is4() != n.VirtualIP.Address.Is4() {
			f.add(at("network.networks", i), fmt.Sprintf("%s cannot be reached from %s", p, n.VirtualIP.Address), "use one IP version for both")
		}
	}
}

// notNetworkItself refuses the first and the last address of an IPv4 network
// as the virtual IP.
func (f *Faults) notNetworkItself(n Network) {
	v := n.VirtualIP.Address
	for _, p := range n.Networks {
		if !p.IsValid() || !p.Addr().Is4() || p.Bits() > 30 || !p.Contains(v) {
			continue
		}
		if v == p.Masked().Addr() || v == lastAddress(p) {
			f.add("network.virtual_ip.address", fmt.Sprintf("%s is the network or broadcast address of %s", v, p), "give a host's address")
		}
	}
}

// lastAddress is the broadcast address of an IPv4 network.
func lastAddress(p netip.Prefix) netip.Addr {
	a := p.Masked().Addr().As4()
	for bit := p.Bits(); bit < 32; bit++ {
		a[bit/8] |= 0x80 >> (bit % 8)
	}
	return netip.AddrFrom4(a)
}

func (f *Faults) servers(key string, list []netip.Addr) {
	f.atMost(key, len(list), maxAddresses)
	for i, a := range list {
		if !usable(a) {
			f.add(at(key, i), a.String()+" is no server's address", "give the server's address behind the gateway")
		}
	}
}
