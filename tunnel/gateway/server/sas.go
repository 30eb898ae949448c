package server

import (
	"maps"
	"net"
	"net/netip"
	"sync/atomic"

	"muvpn/tunnel/esp"
	"muvpn/tunnel/gateway"
)

// sas are the SA pairs in use at one moment. It never changes; another one
// takes its place.
type sas struct {
	table *esp.Table        // all of them, to receive over
	ways  []way             // to send over, the smaller networks first
	in    map[uint32]*route // by inbound SPI
	out   map[uint32]*route // by outbound SPI
}

// route is the way of a pair's ESP to the user.
type route struct {
	spiOut uint32
	encap  bool
	to     atomic.Pointer[target]
}

// target is an address in both forms that are needed.
type target struct {
	port netip.AddrPort
	addr net.Addr
}

func newSAs() *sas {
	return &sas{table: esp.NewTable(), in: map[uint32]*route{}, out: map[uint32]*route{}}
}

// add returns sas with one more pair, which carries everything from a network
// of the office to the pair's user from now on.
func (s *sas) add(spiIn uint32, r *route, p esp.Pair, office, user netip.Prefix) *sas {
	n := &sas{table: s.table.Add(p), ways: addWay(s.ways, office, user, p), in: maps.Clone(s.in), out: maps.Clone(s.out)}
	n.in[spiIn], n.out[r.spiOut] = r, r
	return n
}

// remove returns sas without a pair.
func (s *sas) remove(spiIn uint32) *sas {
	n := &sas{table: s.table.Remove(spiIn), ways: removeWay(s.ways, spiIn), in: maps.Clone(s.in), out: maps.Clone(s.out)}
	if r, ok := n.in[spiIn]; ok {
		delete(n.in, spiIn)
		delete(n.out, r.spiOut)
	}
	return n
}

// aim sets where ESP goes.
func (r *route) aim(to netip.AddrPort) {
	t := &target{port: to, addr: net.UDPAddrFromAddrPort(to)}
	if !r.encap {
		t.addr = &net.IPAddr{IP: to.Addr().AsSlice()}
	}
	r.to.Store(t)
}

// install puts a pair into use.
func (s *Server) install(c gateway.Child) error {
	config := func(spi uint32, k gateway.Key) esp.Config {
		return esp.Config{
			SPI: spi, Encap: c.Encap, Encryption: c.Proposal.Encryption, Integrity: c.Proposal.Integrity,
			EncryptionKey: k.Encryption, IntegrityKey: k.Integrity,
			Local: []netip.Prefix{c.Local}, Remote: []netip.Prefix{c.Remote},
		}
	}
	pair, err := esp.NewPair(config(c.SPIIn, c.KeyIn), config(c.SPIOut, c.KeyOut))
	if err != nil {
		return err
	}
	if err := writeKeys(c); err != nil {
		return err
	}
	pair.SetPath(esp.Path{MTU: s.c.PathMTU, IPv6: c.Peer.Addr().Is6(), Encap: c.Encap})
	r := &route{spiOut: c.SPIOut, encap: c.Encap}
	r.aim(c.Peer)
	s.sas.Store(s.sas.Load().add(c.SPIIn, r, pair, c.Local, c.Remote))
	return nil
}

// traffic is what the pairs have carried.
func (s *Server) traffic() (all []gateway.Traffic) {
	for _, p := range s.sas.Load().table.Pairs() {
		counters := p.In.Counters()
		all = append(all, gateway.Traffic{SPIIn: p.In.SPI(), PacketsIn: counters.Authenticated()})
	}
	return all
}
