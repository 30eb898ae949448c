package netcfg

import (
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// The computer's own servers are asked, not the tunnel's and no stub.
func TestUpstream(t *testing.T) {
	const stub, own = "nameserver 127.0.0.53\n", "nameserver 192.0.2.53\nnameserver 2001:db8::53\n"
	const ours = marker + " for the tunnel muvpn0.\nnameserver 192.168.10.2\n"
	for name, c := range map[string]struct {
		file, kept, behind string
		want               []netip.Addr
	}{
		"the computer's own file":                {file: own},
		"a stub":                                 {file: stub, behind: own, want: addrs("192.0.2.53", "2001:db8::53")},
		"a stub, and nobody says what is behind": {file: stub},
		"ours":                                   {file: ours, kept: own, behind: "nameserver 10.0.0.1\n", want: addrs("192.0.2.53", "2001:db8::53")},
		"ours, there was a stub":                 {file: ours, kept: stub, behind: own, want: addrs("192.0.2.53", "2001:db8::53")},
		"ours, and there was no file":            {file: ours},
		"no file":                                {},
		"a stub beside a server on another machine": {file: stub + own},
	} {
		dir := t.TempDir()
		conf, kept, behind := filepath.Join(dir, "resolv.conf"), filepath.Join(dir, "kept"), filepath.Join(dir, "behind")
		for path, text := range map[string]string{conf: c.file, kept: c.kept, behind: c.behind} {
			if text == "" {
				continue
			}
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got := upstream(conf, kept, []string{filepath.Join(dir, "none"), behind}); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// A server is asked outside only where a route of ours would win.
func TestOutside(t *testing.T) {
	h := Host{
		Links: []Link{{Name: "eth0", Index: 2, Addresses: nets("198.51.100.7/24")}, {Name: "muvpn0", Index: 3}},
		Routes: []Route{
			{Dst: nets("0.0.0.0/0")[0], Via: addrs("198.51.100.1")[0], Link: 2},
			{Dst: nets("198.51.100.0/24")[0], Link: 2},
			{Dst: nets("0.0.0.0/1")[0], Link: 3, Ours: true},
			{Dst: nets("128.0.0.0/1")[0], Link: 3, Ours: true},
			{Dst: nets("203.0.113.1/32")[0], Via: addrs("198.51.100.1")[0], Link: 2, Ours: true},
		},
	}
	for server, want := range map[string]string{
		"192.0.2.53": "eth0", "9.9.9.9": "eth0", "203.0.113.1": "eth0",
		"198.51.100.1": "", "198.51.100.7": "", "127.0.0.53": "", "2001:db8::53": "",
	} {
		if got := h.outside(netip.MustParseAddr(server)); got != want {
			t.Errorf("%s: %q, want %q", server, got, want)
		}
	}
	h.Routes = h.Routes[:2]
	if got := h.outside(netip.MustParseAddr("192.0.2.53")); got != "" {
		t.Errorf("without a tunnel: %q", got)
	}
}
