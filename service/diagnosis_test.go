package service

import (
	"errors"
	"io/fs"
	"net/netip"
	"strings"
	"testing"
	"time"

	"muvpn/client"
	"muvpn/client/reason"
	"muvpn/profile"
	"muvpn/tunnel"
	"muvpn/tunnel/netcfg"
)

// allWell are facts in which nothing is wrong.
func allWell() facts {
	gw := netip.MustParseAddr("198.51.100.1")
	f := facts{
		now: time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC), built: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), system: "linux",
		profile: profile.Profile{Name: "Office", Gateway: profile.Gateway{Addresses: []string{"vpn.example.com"}, IKEPort: 500, NATTPort: 4500},
			IKE: profile.IKE{Exchange: "aggressive", NATTraversal: "auto"}},
		ports:   []portFact{{port: 500}, {port: 4500}},
		names:   []nameFact{{name: "vpn.example.com", addrs: []netip.Addr{gw}}},
		gateway: gw, way: netcfg.Way{Known: true, Link: "eth0", Via: netip.MustParseAddr("192.168.1.1")},
		reach: tunnel.Reach{Local: netip.MustParseAddr("192.168.1.23"), IKE: tunnel.Port{Answered: true, Took: 23 * time.Millisecond},
			Encap: tunnel.Port{Answered: true}, NAT: "here", Own: true, Passed: 1500},
	}
	f.source.Expires = time.Date(2027, 1, 2, 12, 0, 0, 0, time.Local)
	return f
}

// up is a connection that is up.
func up(f *facts) {
	f.live = &liveFacts{negotiated: negotiated, network: inner, since: f.now.Add(-time.Minute), inspected: true,
		counters: tunnel.Counters{PacketsIn: 3, PacketsOut: 5}}
}

func TestDiagnosis(t *testing.T) {
	gw2 := netip.MustParseAddr("203.0.113.1")
	lan := netcfg.Conflict{Code: reason.LANOverlap, Link: "eth0", Local: netip.MustParsePrefix("192.168.10.0/24"), Tunnel: netip.MustParsePrefix("192.168.10.0/24")}
	part := netcfg.Conflict{Code: reason.LANOverlap, Link: "eth0", Local: netip.MustParsePrefix("192.168.10.0/24"), Tunnel: netip.MustParsePrefix("192.168.0.0/16")}
	silent := func(f *facts) { f.reach = tunnel.Reach{Local: f.reach.Local} }
	for name, c := range map[string]struct {
		change func(*facts)
		check  string
		want   client.Verdict
		worst  reason.Code // empty: nothing is wrong
		says   string
	}{
		"all well":                 {func(*facts) {}, "udp-500", client.Good, "", "answers, in 23ms"},
		"profile":                  {func(*facts) {}, "profile", client.Good, "", "until 2027-01-02"},
		"profile expired":          {func(f *facts) { f.unusable = &reason.Reason{Code: reason.ProfileExpired, Seen: "it was"} }, "profile", client.Wrong, reason.ProfileExpired, "it was"},
		"certificate ends soon":    {func(f *facts) { f.warnings = []string{"It ends."} }, "profile", client.Doubt, "", "It ends."},
		"clock before the program": {func(f *facts) { f.now = f.built.Add(-time.Hour) }, "clock", client.Wrong, reason.Clock, "before this program was made"},
		"clock before the profile": {func(f *facts) { f.source.Issued = f.now.Add(48 * time.Hour) }, "clock", client.Wrong, reason.Clock, "before the profile was issued (2026-11-28)"},
		"no driver":                {func(f *facts) { f.tun = errors.New("no such device") }, "interface", client.Wrong, reason.NoTUN, "no such device"},
		"no privileges":            {func(f *facts) { f.tun = fs.ErrPermission }, "interface", client.Wrong, reason.NoPrivilege, "permission"},
		"userspace":                {func(f *facts) { f.tun, f.userspace = fs.ErrPermission, true }, "interface", client.Skipped, "", "proxy"},
		"port taken":               {func(f *facts) { f.ports[0] = portFact{500, true, "charon (process 7)"} }, "ports", client.Doubt, "", "500 of this computer is held by charon (process 7): another port"},
		"port that is needed": {func(f *facts) {
			f.ports[0], f.profile.IKE.NATTraversal = portFact{500, true, ""}, "off"
		}, "ports", client.Wrong, reason.PortTaken, "held by another program"},
		"ports elsewhere":     {func(f *facts) { f.system = "windows" }, "ports", client.Skipped, "", "does not tell"},
		"same network":        {func(f *facts) { f.conflicts = []netcfg.Conflict{lan} }, "overlap", client.Wrong, reason.LANOverlap, "192.168.10.0/24"},
		"part of it":          {func(f *facts) { f.conflicts = []netcfg.Conflict{part} }, "overlap", client.Doubt, "", "192.168.0.0/16"},
		"same, but userspace": {func(f *facts) { f.conflicts, f.userspace = []netcfg.Conflict{lan}, true }, "overlap", client.Doubt, "", "192.168.10.0/24"},
		"host unreadable":     {func(f *facts) { f.hostErr = errors.New("no") }, "overlap", client.Skipped, "", "cannot be read"},
		"name not found": {func(f *facts) {
			f.names[0] = nameFact{name: "x", err: errors.New("no answer")}
			f.gateway = netip.Addr{}
		}, "name", client.Wrong, reason.DNSFailed, "looking up x: no answer"},
		"nobody to call":                 {func(f *facts) { f.gateway = netip.Addr{} }, "gateway", client.Skipped, "", "not called"},
		"another name is":                {func(f *facts) { f.names = append([]nameFact{{name: "x", err: errors.New("no")}}, f.names...) }, "name", client.Doubt, "", "x is not found (no), others are"},
		"an address":                     {func(f *facts) { f.names[0] = nameFact{name: gw2.String(), addrs: []netip.Addr{gw2}} }, "name", client.Good, "", "given by its address"},
		"no route":                       {func(f *facts) { f.reachErr = &reason.Reason{Code: reason.NoRoute, Seen: "network is unreachable"} }, "route", client.Wrong, reason.NoRoute, "unreachable"},
		"route":                          {func(*facts) {}, "route", client.Good, "", "to 198.51.100.1 from 192.168.1.23 by eth0 via 192.168.1.1"},
		"silence":                        {silent, "udp-500", client.Wrong, reason.NoReply, "no answer from 198.51.100.1, UDP port 500"},
		"silence, what the network says": {func(f *facts) { silent(f); f.reach.IKE.Hint = "port is not open" }, "udp-500", client.Wrong, reason.NoReply, "; port is not open"},
		"silence on 4500, too":           {silent, "udp-4500", client.Wrong, reason.NoReply, "UDP port 4500"},
		"silence, no offer":              {silent, "offer", client.Skipped, reason.NoReply, "without an answer"},
		"only 500":                       {func(f *facts) { f.reach.Encap = tunnel.Port{} }, "udp-4500", client.Doubt, "", "not every gateway"},
		"only 4500":                      {func(f *facts) { f.reach.IKE = tunnel.Port{} }, "udp-500", client.Wrong, reason.NoReply, "UDP port 500"},
		"refused": {func(f *facts) {
			f.reach.Own = false
			f.reach.Refused = &reason.Reason{Code: reason.P1Proposal, Seen: "notify"}
		}, "offer", client.Wrong, reason.P1Proposal, "notify"},
		"only others answered": {func(f *facts) { f.reach.Own = false }, "offer", client.Wrong, reason.IDUnknown, "not the first message"},
		"nat":                  {func(*facts) {}, "nat", client.Good, "", "behind address translation, as at home"},
		"nat unknown":          {func(f *facts) { f.reach.NAT = "" }, "nat", client.Skipped, "", "has not said"},
		"mtu":                  {func(*facts) {}, "mtu", client.Good, "", "1500 octets"},
		"mtu short":            {func(f *facts) { f.reach.Passed = 1200 }, "mtu", client.Doubt, "", "only packets of up to 1200"},
		"mtu, a black hole":    {func(f *facts) { f.reach.Passed, f.reach.TooLong = 0, 1500 }, "mtu", client.Doubt, "", "1500 octets had no answer"},
		"mtu not tried":        {func(f *facts) { f.reach.Passed = 0 }, "mtu", client.Skipped, "", "not tried"},
		"connected":            {up, "gateway", client.Good, "", "connected to 198.51.100.1"},
		"connected, settings":  {up, "settings", client.Good, "", "as they were set: virtual IP 192.168.10.201"},
		"settings gone":        {func(f *facts) { up(f); f.live.missing = []string{"DNS 192.168.10.2 for all names"} }, "settings", client.Doubt, "", "missing is: DNS 192.168.10.2"},
		"traffic":              {up, "traffic", client.Good, "", "3 packets in, 5 out"},
		"kill switch":          {func(f *facts) { f.block = &netcfg.KillSwitch{Profile: "Home"} }, "killswitch", client.Doubt, "", "the profile Home has armed"},
		"kill switch not set": {func(f *facts) {
			f.block, f.unset = &netcfg.KillSwitch{Profile: "Home"}, errors.New("no nftables")
		}, "killswitch", client.Doubt, "", "it could NOT be set: no nftables"},
		"nothing comes back": {func(f *facts) { up(f); f.live.counters.PacketsIn = 0 }, "traffic", client.Doubt, "", "nothing comes back"},
	} {
		t.Run(name, func(t *testing.T) {
			f := allWell()
			c.change(&f)
			d := diagnosis(f)
			found := false
			for _, check := range d.Checks {
				if check.Verdict == client.Wrong && check.Reason == nil || check.Text == "" || strings.Contains(check.Text, "\n") {
					t.Errorf("%+v", check)
				}
				found = found || check.Name == c.check && check.Verdict == c.want && strings.Contains(check.Text, c.says)
			}
			if !found {
				t.Errorf("no check %s is %s and says %q: %+v", c.check, c.want, c.says, d.Checks)
			}
			var worst reason.Code
			if r := d.Worst(); r != nil {
				worst = r.Code
			}
			if worst != c.worst {
				t.Errorf("the worst is %q, want %q", worst, c.worst)
			}
		})
	}
}
