package service

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"muvpn/client/reason"
	"muvpn/tunnel"
	"muvpn/tunnel/netcfg"
)

func prefixes(list ...string) (out []netip.Prefix) {
	for _, p := range list {
		out = append(out, netip.MustParsePrefix(p))
	}
	return out
}

func TestNetworkOfASplitTunnel(t *testing.T) {
	n := inner
	n.Gateway = netip.MustParseAddr("198.51.100.7")
	n.Search, n.SplitDNS = []string{"example.com"}, []string{"example.org"}
	n.Exclude, n.WINS = prefixes("192.168.10.128/25"), inner.DNS
	want := &netcfg.Config{
		Interface: "muvpn0", Addresses: prefixes("192.168.10.201/32"), MTU: 1400,
		Routes: prefixes("192.168.10.0/24"), Except: prefixes("192.168.10.128/25"),
		Bypass: []netip.Addr{n.Gateway}, DNS: inner.DNS, Search: []string{"example.com"},
		SplitDNS: []string{"example.org"}, WINS: inner.DNS,
	}
	got := network("muvpn0", &n)
	if diff := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Addr{}, netip.Prefix{})); diff != "" {
		t.Error(diff)
	}
}

// A full tunnel of IPv4 leaves no way open for IPv6.
func TestNetworkOfAFullTunnel(t *testing.T) {
	n := inner
	n.Networks = prefixes("0.0.0.0/0")
	if got := network("muvpn0", &n); fmt.Sprint(got.Refuse) != "[::/0]" {
		t.Errorf("refused is %v", got.Refuse)
	}
}

func TestObstacles(t *testing.T) {
	office := netip.MustParsePrefix("192.168.10.0/24")
	for name, c := range map[string]struct {
		netcfg.Conflict
		want bool
	}{
		"our address elsewhere":        {netcfg.Conflict{Code: reason.IPConflict}, true},
		"the same network at home":     {netcfg.Conflict{Code: reason.LANOverlap, Local: office, Tunnel: office}, true},
		"a part of the office at home": {netcfg.Conflict{Code: reason.LANOverlap, Local: office, Tunnel: netip.MustParsePrefix("192.168.0.0/16")}, false},
		"the office is a part of ours": {netcfg.Conflict{Code: reason.LANOverlap, Local: netip.MustParsePrefix("192.168.0.0/16"), Tunnel: office}, false},
	} {
		if got := obstacle(c.Conflict); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestMissingPrivileges(t *testing.T) {
	var r *reason.Reason
	if err := asPrivilege(fmt.Errorf("route: %w", fs.ErrPermission)); !errors.As(err, &r) || r.Code != reason.NoPrivilege {
		t.Errorf("%v", err)
	}
	other := errors.New("other")
	if asPrivilege(other) != other || asPrivilege(nil) != nil {
		t.Error("another error became one of privileges")
	}
}

// The stack and its password outlive connections; what a connection has set
// does not.
func TestUserspaceIsLent(t *testing.T) {
	u, err := NewUserspace(netip.MustParseAddrPort("127.0.0.1:0"))
	if err != nil {
		t.Fatal(err)
	}
	defer u.Close()
	before := u.Proxy()
	if !strings.HasPrefix(before.SOCKS5, "socks5://") || !strings.HasPrefix(before.HTTP, "http://") {
		t.Errorf("%+v", before)
	}
	for range 2 {
		link, err := u.Open(nil, func(tunnel.Note) {})
		if err != nil {
			t.Fatal(err)
		}
		n := inner
		if err := link.Set(&n); err != nil {
			t.Fatal(err)
		}
		if err := link.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if after := u.Proxy(); *after != *before {
		t.Errorf("the proxy changed from %+v to %+v", before, after)
	}
	if h, err := u.Look(); err != nil || len(h.Links) == 0 {
		t.Errorf("the computer's network is %+v, %v", h, err)
	}
}

func TestUserspaceStaysOnLoopback(t *testing.T) {
	if u, err := NewUserspace(netip.MustParseAddrPort("192.0.2.1:1080")); err == nil {
		u.Close()
		t.Error("a proxy for everybody")
	}
}
