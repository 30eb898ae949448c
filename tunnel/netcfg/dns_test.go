package netcfg

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestResolvConfText(t *testing.T) {
	head := resolvConf("muvpn0", &dns{}, "")
	for _, c := range []struct {
		name string
		cfg  Config
		was  string
		want string
	}{
		{"servers and search", Config{DNS: addrs("192.168.10.2", "fd00::2"), Search: []string{"Example.com.", "example.net"}},
			"nameserver 192.168.1.1\nsearch home\n", "nameserver 192.168.10.2\nnameserver fd00::2\nsearch example.com example.net\n"},
		{"options stay", Config{DNS: addrs("10.0.0.1"), Search: []string{"a.b"}},
			"nameserver 1.1.1.1\n  options edns0 timeout:2\nsortlist 10.0.0.0\n", "nameserver 10.0.0.1\nsearch a.b\noptions edns0 timeout:2\nsortlist 10.0.0.0\n"},
		{"the computer's search stays when the tunnel has none", Config{DNS: addrs("10.0.0.1")},
			"domain home\nnameserver 1.1.1.1\n", "nameserver 10.0.0.1\ndomain home\n"},
		{"no more servers than are read", Config{DNS: addrs("10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4")},
			"", "nameserver 10.0.0.1\nnameserver 10.0.0.2\nnameserver 10.0.0.3\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.cfg.Interface = "muvpn0"
			got := newDNS(&c.cfg, Resolver{How: howFile, Text: c.was})
			if diff := cmp.Diff(head+c.want, got.Text); diff != "" {
				t.Error(diff)
			}
			if again := newDNS(&c.cfg, Resolver{How: howFile, Text: got.Text}); again.Text != got.Text {
				t.Errorf("made from our own file another text comes out: %q", again.Text)
			}
			if !strings.HasPrefix(got.Text, marker) {
				t.Error("the file does not say whose it is")
			}
		})
	}
}

func TestWhichNamesGoThroughTheTunnel(t *testing.T) {
	split, whole, noSearch, badSearch := office(), full(), office(), office()
	noSearch.Search, badSearch.Search = nil, []string{"a b"}
	for name, c := range map[string]struct {
		cfg *Config
		all bool
	}{
		"split tunnel with search": {split, false},
		"full tunnel":              {whole, true},
		"no search":                {noSearch, true},
		"no search that is usable": {badSearch, true},
	} {
		if d := newDNS(c.cfg, Resolver{How: howResolved}); d.All != c.all {
			t.Errorf("%s: all %t", name, d.All)
		}
	}
}

func TestSplitDNS(t *testing.T) {
	cfg := office()
	cfg.SplitDNS = []string{"example.org", "Example.com", "a b"} // one is searched, too, and one is none
	d := newDNS(cfg, Resolver{How: howResolved})
	if d.All || strings.Join(d.Match, " ") != "example.org" || !strings.HasSuffix(d.Text, "all false; match example.org") {
		t.Errorf("%+v", d)
	}
	cfg.Search = nil
	if d := newDNS(cfg, Resolver{How: howResolved}); d.All || strings.Join(d.Match, " ") != "example.org example.com" {
		t.Errorf("%+v", d)
	}
	whole := full()
	whole.SplitDNS = []string{"example.org"}
	if d := newDNS(whole, Resolver{How: howResolved}); !d.All || d.Match != nil {
		t.Errorf("a full tunnel leaves names outside: %+v", d)
	}
}

func TestWhatCannotBeSplitIsSaid(t *testing.T) {
	cfg := office()
	cfg.SplitDNS, cfg.WINS = []string{"example.org"}, addrs("192.168.10.3")
	for how, want := range map[string]int{howResolved: 1, howScutil: 1, howFile: 2, howResolvconf: 2, howAdapter: 2} {
		if notes := warnings(cfg, &Host{DNS: Resolver{How: how}}); len(notes) != want {
			t.Errorf("%s: %v", how, notes)
		}
	}
}

func TestDomainNames(t *testing.T) {
	long := strings.Repeat("a", 63)
	for name, good := range map[string]bool{
		"example.com": true, "example.com.": true, "EXAMPLE": true, "_ldap._tcp.x-1.org": true, long + ".com": true,
		"": false, ".": false, "a..b": false, "a b": false, "a\nb": false, "a;b": false, "x/../y": false,
		"-m": false, "é.fr": false, long + "a.com": false, strings.Repeat(long+".", 4): false, "a\x00": false,
	} {
		if goodDomain(name) != good {
			t.Errorf("%q: %t", name, !good)
		}
	}
}

func TestServersNamed(t *testing.T) {
	d := &dns{Servers: addrs("10.0.0.1", "10.0.0.2")}
	for text, want := range map[string]bool{
		"nameserver 10.0.0.1\nnameserver 10.0.0.2\nnameserver 1.1.1.1\n": true,
		"nameserver 10.0.0.1\n":                            false,
		"#nameserver 10.0.0.1\nnameserver 10.0.0.2\n":      false,
		"search 10.0.0.1 10.0.0.2\nnameserver\nnameserver": false,
	} {
		if hasServers(text, d) != want {
			t.Errorf("%q: %t", text, !want)
		}
	}
}
