package netcfg

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// The computer's own servers are asked, not the tunnel's and no stub.
func TestUpstream(t *testing.T) {
	const stub, own = "nameserver 127.0.0.53\n", "nameserver 192.0.2.53\nnameserver 2001:db8::53\n"
	const ours = marker + " for the tunnel muvpn0.\nnameserver 192.168.10.2\n"
	for name, c := range map[string]struct {
		file, kept, behind string
		want               servers
	}{
		"the computer's own file":                {file: own},
		"a stub":                                 {file: stub, behind: own, want: servers{addrs("192.0.2.53", "2001:db8::53"), addrs("127.0.0.53"), true}},
		"a stub, and nobody says what is behind": {file: stub},
		"ours":                                   {file: ours, kept: own, behind: "nameserver 10.0.0.1\n", want: servers{outside: addrs("192.0.2.53", "2001:db8::53")}},
		"ours, there was a stub":                 {file: ours, kept: stub, behind: own, want: servers{addrs("192.0.2.53", "2001:db8::53"), addrs("127.0.0.53"), false}},
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
		if got := upstream(conf, kept, []string{filepath.Join(dir, "none"), behind}); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

// nameServer is a name server on the loopback interface, which knows one name.
type nameServer struct {
	conn *net.UDPConn

	mu    sync.Mutex
	asked int
}

// answer is what a nameServer does with a question.
type answer int

const (
	silent answer = iota // as one that speaks DNS over TLS only, behind a firewall
	refuses
	knowsNone
	knows
)

var gatewayAddr = netip.MustParseAddr("203.0.113.7")

// serve starts one.
func serve(t *testing.T, a answer) *nameServer {
	t.Helper()
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:0")))
	if err != nil {
		t.Fatal(err)
	}
	s := &nameServer{conn: conn}
	done := make(chan struct{})
	go func() { defer close(done); s.run(a) }()
	t.Cleanup(func() { conn.Close(); <-done })
	return s
}

// run answers until the socket is closed.
func (s *nameServer) run(a answer) {
	for b := make([]byte, 512); ; {
		n, from, err := s.conn.ReadFromUDPAddrPort(b)
		if err != nil {
			return
		}
		s.mu.Lock()
		s.asked++
		s.mu.Unlock()
		if text := reply(b[:n], a); text != nil {
			s.conn.WriteToUDPAddrPort(text, from)
		}
	}
}

// reply is the answer to a question; nil: none.
func reply(question []byte, a answer) []byte {
	var m dnsmessage.Message
	if m.Unpack(question) != nil || a == silent {
		return nil
	}
	m.Response, m.RecursionAvailable, m.Additionals = true, true, nil
	m.RCode = map[answer]dnsmessage.RCode{refuses: dnsmessage.RCodeRefused, knowsNone: dnsmessage.RCodeNameError}[a]
	if q := m.Questions[0]; a == knows && q.Type == dnsmessage.TypeA {
		m.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 60},
			Body: &dnsmessage.AResource{A: gatewayAddr.As4()}}}
	}
	text, err := m.Pack()
	if err != nil {
		panic(err)
	}
	return text
}

func (s *nameServer) wasAsked() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked > 0
}

// The servers behind a stub are asked first; when none of them answers, the stub
// is, and has time left for it. Whoever knows that there is no such name is
// believed.
func TestStubIsAskedLast(t *testing.T) {
	for name, c := range map[string]struct {
		outside, stub answer
		alone         bool // there is no stub to ask
		want, asked   bool
	}{
		"the servers know the name":       {outside: knows, stub: knows, want: true},
		"the servers are silent":          {outside: silent, stub: knows, want: true, asked: true},
		"the servers refuse":              {outside: refuses, stub: knows, want: true, asked: true},
		"the servers know of no such":     {outside: knowsNone, stub: knows},
		"the servers and the stub refuse": {outside: refuses, stub: refuses, asked: true},
		"the stub would ask the tunnel's": {outside: refuses, stub: knows, alone: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			outside, stub := serve(t, c.outside), serve(t, c.stub)
			s := servers{outside: addrs("192.0.2.53"), stub: addrs("127.0.0.53")}
			if c.alone {
				s.stub = nil
			}
			dial := func(ctx context.Context, network, address string) (net.Conn, error) {
				to := map[string]*nameServer{"192.0.2.53:53": outside, "127.0.0.53:53": stub}[address]
				if to == nil {
					return nil, errors.New("nobody is at " + address)
				}
				return new(net.Dialer).DialContext(ctx, network, to.conn.LocalAddr().String())
			}
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			got, err := lookUp(ctx, "ip4", "firebox.example.com", s, dial)
			if found := err == nil && slices.Equal(got, []netip.Addr{gatewayAddr}); found != c.want || !outside.wasAsked() || stub.wasAsked() != c.asked {
				t.Errorf("%v, %v; the servers were asked: %t, the stub: %t", got, err, outside.wasAsked(), stub.wasAsked())
			}
		})
	}
}

// Which names the tunnel's servers are asked for.
func TestTunnelAnswers(t *testing.T) {
	office, all, silent := office(), full(), office()
	silent.DNS = nil
	everywhere := *office
	everywhere.Search = nil
	domains := *office
	domains.SplitDNS = []string{"corp.example."}
	for _, c := range []struct {
		set  *Config
		name string
		want bool
	}{
		{nil, "firebox.example.com", false},
		{silent, "firebox.example.com", false},
		{office, "firebox.example.com", true},
		{office, "EXAMPLE.com.", true},
		{office, "firebox.myexample.com", false},
		{office, "firebox.example.net", false},
		{&domains, "vpn.corp.example", true},
		{&everywhere, "firebox.example.net", true},
		{all, "firebox.example.net", true},
	} {
		if got := c.set.answers(c.name); got != c.want {
			t.Errorf("%s: %t", c.name, got)
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
