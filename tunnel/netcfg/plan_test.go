package netcfg

import (
	"errors"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"

	"muvpn/client/reason"
)

// home is a computer on a home network, with a tunnel interface that is down.
func home() *Host {
	return &Host{
		Boot: "first",
		Links: []Link{
			{Name: "lo", Index: 1, MTU: 65536, Up: true, Loopback: true, Addresses: nets("127.0.0.1/8", "::1/128")},
			{Name: "wlan0", Index: 2, MTU: 1500, Up: true, Addresses: nets("192.168.1.23/24", "2001:db8:1::23/64")},
			{Name: "eth0", Index: 3, MTU: 1500, Up: true, Addresses: nets("172.16.5.5/16")},
			{Name: "muvpn0", Index: 7, MTU: 1500},
		},
		Routes: []Route{
			{Dst: netip.MustParsePrefix("0.0.0.0/0"), Via: netip.MustParseAddr("192.168.1.1"), Link: 2, Metric: 600},
			{Dst: netip.MustParsePrefix("0.0.0.0/0"), Via: netip.MustParseAddr("172.16.0.1"), Link: 3, Metric: 100},
			{Dst: netip.MustParsePrefix("192.168.1.0/24"), Link: 2, Metric: 600},
			{Dst: netip.MustParsePrefix("172.16.0.0/16"), Src: netip.MustParseAddr("172.16.5.5"), Link: 3},
			{Dst: netip.MustParsePrefix("::/0"), Via: netip.MustParseAddr("fe80::1"), Link: 2, Metric: 1024},
		},
		DNS:     Resolver{How: howFile, Text: "nameserver 192.168.1.1\noptions edns0\n"},
		refusal: refuseBeside,
	}
}

// office is a value as a split tunnel has it.
func office() *Config {
	return &Config{
		Interface: "muvpn0",
		Addresses: nets("192.168.10.201/24"),
		MTU:       1400,
		Routes:    nets("192.168.10.0/24", "10.20.0.0/16"),
		Bypass:    addrs("198.51.100.7"),
		DNS:       addrs("192.168.10.2"),
		Search:    []string{"example.com"},
	}
}

// full is a full tunnel that carries IPv4 only.
func full() *Config {
	c := office()
	c.Routes, c.Refuse = nets("0.0.0.0/0"), nets("::/0")
	return c
}

// words are steps as the log has them.
func words(steps []step) (out []string) {
	for _, s := range steps {
		out = append(out, s.String())
	}
	return out
}

// carried out is the host after a plan, as a kernel would have it.
func carriedOut(h *Host, p plan) *Host {
	out := *h
	out.Links = append([]Link(nil), h.Links...)
	out.Routes = append([]Route(nil), h.Routes...)
	for _, s := range p.add {
		doTo(&out, s)
	}
	for _, s := range p.drop {
		undoTo(&out, s)
	}
	return &out
}

func TestPlanFromNothing(t *testing.T) {
	for _, c := range []struct {
		name   string
		cfg    *Config
		change func(*Host)
		want   []string
	}{
		{name: "split tunnel", cfg: office(), want: []string{
			"MTU 1400 of muvpn0", "interface muvpn0 up", "address 192.168.10.201 on muvpn0",
			"route to 192.168.10.0/24 through muvpn0", "route to 10.20.0.0/16 through muvpn0",
			"DNS 192.168.10.2 for example.com by resolv.conf",
		}},
		{name: "full tunnel", cfg: full(), want: []string{
			"MTU 1400 of muvpn0", "interface muvpn0 up", "address 192.168.10.201 on muvpn0",
			"refusal of 198.51.100.7 while there is no way to it beside the tunnel", "route to 198.51.100.7 by 172.16.0.1 on eth0, beside the tunnel",
			"refusal of ::/1", "refusal of 8000::/1",
			"route to 0.0.0.0/1 through muvpn0", "route to 128.0.0.0/1 through muvpn0",
			"DNS 192.168.10.2 for all names by resolv.conf",
		}},
		{name: "a computer without IPv6 has none to refuse", cfg: &Config{Interface: "muvpn0", Refuse: nets("::/0")},
			change: func(h *Host) { h.NoIPv6 = true }, want: []string{"interface muvpn0 up"}},
		{name: "what is there already is left alone", cfg: office(),
			change: func(h *Host) {
				h.Links[3].Up, h.Links[3].MTU, h.Links[3].Addresses = true, 1400, nets("192.168.10.201/32")
			},
			want: []string{"route to 192.168.10.0/24 through muvpn0", "route to 10.20.0.0/16 through muvpn0",
				"DNS 192.168.10.2 for example.com by resolv.conf"}},
		{name: "resolv.conf that is locked", cfg: office(),
			change: func(h *Host) { h.DNS.Locked = "it is immutable" },
			want: []string{"MTU 1400 of muvpn0", "interface muvpn0 up", "address 192.168.10.201 on muvpn0",
				"route to 192.168.10.0/24 through muvpn0", "route to 10.20.0.0/16 through muvpn0"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := home()
			if c.change != nil {
				c.change(h)
			}
			p, err := makePlan(nil, c.cfg, h)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, words(p.add)); diff != "" || len(p.drop) != 0 || len(p.keep) != 0 {
				t.Errorf("keep %q, drop %q, add %s", words(p.keep), words(p.drop), diff)
			}
		})
	}
}

func TestPlanFromOneValueToTheNext(t *testing.T) {
	for _, c := range []struct {
		name      string
		old, new  *Config
		change    func(*Host) // between the two
		add, drop []string
	}{
		{name: "the same value", old: full(), new: full()},
		{name: "nothing any more", old: office(), drop: []string{
			"DNS 192.168.10.2 for example.com by resolv.conf",
			"route to 10.20.0.0/16 through muvpn0", "route to 192.168.10.0/24 through muvpn0",
			"address 192.168.10.201 on muvpn0", "interface muvpn0 up", "MTU 1400 of muvpn0"}},
		{name: "another MTU, one network less, another DNS server", old: office(),
			new: &Config{Interface: "muvpn0", Addresses: nets("192.168.10.201/32"), MTU: 1380,
				Routes: nets("192.168.10.0/24"), DNS: addrs("192.168.10.3"), Search: []string{"example.com"}},
			add:  []string{"MTU 1380 of muvpn0", "DNS 192.168.10.3 for example.com by resolv.conf"},
			drop: []string{"route to 10.20.0.0/16 through muvpn0"}},
		{name: "from the cable to the air: the gateway's way follows", old: full(), new: full(),
			change: func(h *Host) { h.Routes = h.Routes[:0:0]; h.Routes = append(h.Routes, home().Routes[0]) },
			add: []string{"refusal of 198.51.100.7 while there is no way to it beside the tunnel", "route to 198.51.100.7 by 192.168.1.1 on wlan0, beside the tunnel",
				"refusal of ::/1", "refusal of 8000::/1", "route to 0.0.0.0/1 through muvpn0", "route to 128.0.0.0/1 through muvpn0"},
			drop: []string{"route to 198.51.100.7 by 172.16.0.1 on eth0, beside the tunnel"}},
		{name: "no network any more: only the refusal stays", old: full(), new: full(),
			change: func(h *Host) { dropRoutes(h, func(r Route) bool { return r.Link == 2 || r.Link == 3 }) },
			drop:   []string{"route to 198.51.100.7 by 172.16.0.1 on eth0, beside the tunnel"}},
		{name: "somebody took a route away", old: office(), new: office(),
			change: func(h *Host) { dropRoutes(h, func(r Route) bool { return r.Dst.Bits() == 16 && r.Link == 7 }) },
			add:    []string{"route to 10.20.0.0/16 through muvpn0"}},
		{name: "somebody wrote resolv.conf", old: office(), new: office(),
			change: func(h *Host) { h.DNS.Text = "nameserver 172.16.0.1\n" },
			add:    []string{"DNS 192.168.10.2 for example.com by resolv.conf"}},
		{name: "the interface is a new one of the same name", old: &Config{Interface: "muvpn0", Routes: nets("10.0.0.0/8")},
			new: &Config{Interface: "muvpn0", Routes: nets("10.0.0.0/8")},
			change: func(h *Host) {
				h.Links[3] = Link{Name: "muvpn0", Index: 9, MTU: 1500}
				dropRoutes(h, func(r Route) bool { return r.Link == 7 })
			},
			add:  []string{"interface muvpn0 up", "route to 10.0.0.0/8 through muvpn0"},
			drop: []string{"route to 10.0.0.0/8 through muvpn0", "interface muvpn0 up"}},
		{name: "somebody else routes the gateway now", old: full(), new: full(),
			change: func(h *Host) {
				h.Routes = append(h.Routes, Route{Dst: netip.MustParsePrefix("198.51.100.7/32"), Via: netip.MustParseAddr("172.16.0.9"), Link: 3})
			},
			drop: []string{"route to 198.51.100.7 by 172.16.0.1 on eth0, beside the tunnel"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := makePlan(nil, c.old, home())
			if err != nil {
				t.Fatal(err)
			}
			h := carriedOut(home(), p)
			if c.change != nil {
				c.change(h)
			}
			p, err = makePlan(p.after(), c.new, h)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.add, words(p.add)); diff != "" {
				t.Error("add", diff)
			}
			if diff := cmp.Diff(c.drop, words(p.drop)); diff != "" {
				t.Error("drop", diff)
			}
		})
	}
}

// What is gone back to is how the computer was before the first value, also
// after several of them; a change by others in between counts as theirs.
func TestPlanRemembersHowItWas(t *testing.T) {
	first, second := office(), office()
	second.MTU, second.DNS = 1380, addrs("192.168.10.3")
	p, _ := makePlan(nil, first, home())
	h := carriedOut(home(), p)
	p, _ = makePlan(p.after(), second, h)
	mtu, dns := p.add[0], p.add[1].DNS
	if mtu.WasMTU != 1500 || mtu.FormerMTU != 1400 {
		t.Errorf("MTU: was %d, former %d; want 1500, 1400", mtu.WasMTU, mtu.FormerMTU)
	}
	if dns.Backup || dns.Former == "" {
		t.Errorf("our own resolv.conf is kept as if it were the computer's")
	}
	if after := p.after(); after[len(after)-2].FormerMTU != 0 || after[len(after)-1].DNS.Former != "" {
		t.Errorf("the former value is still ours after it was replaced: %+v", after)
	}

	h.Links[3].MTU, h.DNS.Text = 1492, "nameserver 9.9.9.9\n"
	p, _ = makePlan(p.after(), first, h)
	if p.add[0].WasMTU != 1492 || !p.add[1].DNS.Backup {
		t.Errorf("what others set in between is not kept: MTU %d, backup %t", p.add[0].WasMTU, p.add[1].DNS.Backup)
	}
}

func TestPlanWithoutTheInterface(t *testing.T) {
	cfg := office()
	cfg.Interface = "muvpn1"
	_, err := makePlan(nil, cfg, home())
	var r *reason.Reason
	if !errors.As(err, &r) || r.Code != reason.NoTUN {
		t.Errorf("got %v, want %s", err, reason.NoTUN)
	}
}

func TestBypass(t *testing.T) {
	gateways := func(words ...string) *Config {
		return &Config{Interface: "muvpn0", Routes: nets("0.0.0.0/0", "192.168.1.0/24"), Refuse: nets("::/0"), Bypass: addrs(words...)}
	}
	for _, c := range []struct {
		name    string
		gw      string
		refusal refusal
		change  func(*Host)
		want    []string
	}{
		{"by the best route", "203.0.113.9", refuseBeside, nil,
			[]string{"refusal of 203.0.113.9 while there is no way to it beside the tunnel", "route to 203.0.113.9 by 172.16.0.1 on eth0, beside the tunnel"}},
		{"on the link itself", "172.16.9.9", refuseBeside, nil,
			[]string{"refusal of 172.16.9.9 while there is no way to it beside the tunnel", "route to 172.16.9.9 on eth0, beside the tunnel"}},
		{"inside a routed network", "192.168.1.1", refuseBeside, nil,
			[]string{"refusal of 192.168.1.1 while there is no way to it beside the tunnel", "route to 192.168.1.1 on wlan0, beside the tunnel"}},
		{"IPv6 that is refused otherwise", "2001:db8:9::1", refuseBeside, nil,
			[]string{"refusal of 2001:db8:9::1 while there is no way to it beside the tunnel", "route to 2001:db8:9::1 by fe80::1 on wlan0, beside the tunnel"}},
		{"on this computer itself", "127.0.0.1", refuseBeside, nil, nil},
		{"an address of this computer", "172.16.5.5", refuseBeside, nil, nil},
		{"no way there, Linux", "203.0.113.9", refuseBeside, func(h *Host) { h.Routes = nil }, []string{"refusal of 203.0.113.9 while there is no way to it beside the tunnel"}},
		{"no way there, macOS", "203.0.113.9", refuseAlone, func(h *Host) { h.Routes = nil }, []string{"refusal of 203.0.113.9/32"}},
		{"no way there, Windows", "203.0.113.9", refuseInTunnel, func(h *Host) { h.Routes = nil }, nil},
		{"macOS has one route for one destination", "203.0.113.9", refuseAlone, nil,
			[]string{"route to 203.0.113.9 by 172.16.0.1 on eth0, beside the tunnel"}},
		{"a host route of others", "203.0.113.9", refuseAlone, func(h *Host) {
			h.Routes = append(h.Routes, Route{Dst: netip.MustParsePrefix("203.0.113.9/32"), Link: 3})
		}, nil},
		{"the computer refuses it", "203.0.113.9", refuseAlone, func(h *Host) {
			h.Routes = append(h.Routes, Route{Dst: netip.MustParsePrefix("203.0.113.0/24")})
		}, []string{"refusal of 203.0.113.9/32"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := home()
			h.refusal = c.refusal
			if c.change != nil {
				c.change(h)
			}
			steps, err := wanted(gateways(c.gw), h)
			if err != nil {
				t.Fatal(err)
			}
			var got []step
			for _, s := range steps {
				if s.Dst.IsSingleIP() {
					got = append(got, s)
				}
			}
			if diff := cmp.Diff(c.want, words(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A gateway that nothing covers needs no way of its own.
func TestNoBypassInASplitTunnel(t *testing.T) {
	steps, err := wanted(office(), home())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range steps {
		if s.Kind == kindBypass || s.Kind == kindRefuse {
			t.Errorf("unexpected %s", s)
		}
	}
}
