package netcfg

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"muvpn/client/reason"
)

func TestConflicts(t *testing.T) {
	lan := func(local, tunnel string, hidden bool) []Conflict {
		return []Conflict{{Code: reason.LANOverlap, Link: "wlan0", Local: nets(local)[0], Tunnel: nets(tunnel)[0], Hidden: hidden}}
	}
	for _, c := range []struct {
		name   string
		cfg    Config
		change func(*Host)
		want   []Conflict
	}{
		{name: "none", cfg: *office()},
		{name: "a full tunnel covers everything on purpose", cfg: *full()},
		{name: "the same network", cfg: Config{Routes: nets("192.168.1.0/24")}, want: lan("192.168.1.0/24", "192.168.1.0/24", true)},
		{name: "a larger one: the local network stays", cfg: Config{Routes: nets("192.168.0.0/16")}, want: lan("192.168.1.0/24", "192.168.0.0/16", false)},
		{name: "a part of the local network is hidden", cfg: Config{Routes: nets("192.168.1.128/25")}, want: lan("192.168.1.0/24", "192.168.1.128/25", true)},
		{name: "an exception", cfg: Config{Routes: nets("192.168.0.0/16"), Except: nets("192.168.1.0/24")}},
		{name: "an exception for a part only", cfg: Config{Routes: nets("192.168.0.0/16"), Except: nets("192.168.1.0/25")}, want: lan("192.168.1.0/24", "192.168.0.0/16", false)},
		{name: "IPv6", cfg: Config{Routes: nets("2001:db8::/32")}, want: lan("2001:db8:1::/64", "2001:db8::/32", false)},
		{name: "the virtual IP is taken", cfg: Config{Addresses: nets("192.168.1.23/32")},
			want: []Conflict{{Code: reason.IPConflict, Link: "wlan0", Local: nets("192.168.1.23/24")[0], Tunnel: nets("192.168.1.23/32")[0]}}},
		{name: "our own interface is no conflict", cfg: Config{Interface: "wlan0", Routes: nets("192.168.1.0/24"), Addresses: nets("192.168.1.23/32")}},
		{name: "an interface that is down is none", cfg: Config{Routes: nets("192.168.1.0/24")}, change: func(h *Host) { h.Links[1].Up = false }},
		{name: "link-local addresses are none", cfg: Config{Routes: nets("fe80::/10")},
			change: func(h *Host) { h.Links[1].Addresses = nets("fe80::5/64") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := home()
			if c.change != nil {
				c.change(h)
			}
			got := Conflicts(&c.cfg, h)
			if diff := cmp.Diff(c.want, got, values); diff != "" {
				t.Error(diff)
			}
			for _, f := range got {
				if r := f.Reason(); r.Code != f.Code || r.Side != reason.Network || r.Seen == "" || r.Expected == "" {
					t.Errorf("the reason does not say all: %v", r)
				}
			}
		})
	}
}
