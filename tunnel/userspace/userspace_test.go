package userspace

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/net/dns/dnsmessage"
	"golang.org/x/net/proxy"
	"gvisor.dev/gvisor/pkg/tcpip/adapters/gonet"

	"muvpn/tunnel"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	userIP    = netip.MustParseAddr("192.168.10.201")
	hostIP    = netip.MustParseAddr("192.168.10.2")
	officeNet = netip.MustParsePrefix("192.168.10.0/24")
)

// config is the network of these tests: the LAN's one host is also its DNS.
func config() *tunnel.NetConfig {
	return &tunnel.NetConfig{
		VirtualIP: userIP, Networks: []netip.Prefix{officeNet}, DNS: []netip.Addr{hostIP},
		Search: []string{"example.com"}, MTU: 1400,
	}
}

// open is a stack whose packets reach a LAN with one host, which serves a page
// and the DNS.
func open(t *testing.T) *Stack {
	t.Helper()
	user, host := stackAt(t, config()), stackAt(t, &tunnel.NetConfig{VirtualIP: hostIP, MTU: 1400})
	cable(t, user, host)
	cable(t, host, user)
	page(t, host)
	names(t, host)
	return user
}

func stackAt(t *testing.T, n *tunnel.NetConfig) *Stack {
	t.Helper()
	s, err := New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if err := s.Set(n); err != nil {
		t.Fatal(err)
	}
	return s
}

// cable carries packets from one stack to another until the first is closed.
func cable(t *testing.T, from, to *Stack) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		bufs, sizes := [][]byte{make([]byte, 2000), make([]byte, 2000)}, make([]int, 2)
		for {
			n, err := from.Device().Read(bufs, sizes, 0)
			if err != nil {
				return
			}
			for i := range n {
				to.Device().Write([][]byte{bufs[i][:sizes[i]]}, 0)
			}
		}
	}()
	t.Cleanup(func() { from.Close(); <-done })
}

func page(t *testing.T, s *Stack) {
	t.Helper()
	l, err := gonet.ListenTCP(s.stack, full(netip.AddrPortFrom(hostIP, 80)), protocolOf(hostIP))
	if err != nil {
		t.Fatal(err)
	}
	web := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Proxy-Authorization") != "" {
			http.Error(w, "the proxy's password came through", http.StatusTeapot)
			return
		}
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "intranet of %s got %d octets", r.Host, len(body))
	})}
	go web.Serve(l)
	t.Cleanup(func() { web.Close() })
}

func names(t *testing.T, s *Stack) {
	t.Helper()
	at := full(netip.AddrPortFrom(hostIP, dnsPort))
	c, err := gonet.DialUDP(s.stack, &at, nil, protocolOf(hostIP))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	go func() {
		b := make([]byte, 1500)
		for {
			n, from, err := c.ReadFrom(b)
			if err != nil {
				return
			}
			c.WriteTo(answer(b[:n]), from)
		}
	}()
}

// answer knows www.example.com, inside the LAN, and outside.example.com.
func answer(query []byte) []byte {
	var m dnsmessage.Message
	if m.Unpack(query) != nil {
		return nil
	}
	m.Response = true
	h := dnsmessage.ResourceHeader{Name: m.Questions[0].Name, Class: dnsmessage.ClassINET, Type: dnsmessage.TypeA}
	switch strings.ToLower(h.Name.String()) {
	case "www.example.com.":
		m.Answers = []dnsmessage.Resource{{Header: h, Body: &dnsmessage.AResource{A: hostIP.As4()}}}
	case "outside.example.com.":
		m.Answers = []dnsmessage.Resource{{Header: h, Body: &dnsmessage.AResource{A: [4]byte{127, 0, 0, 1}}}}
	default:
		m.RCode = dnsmessage.RCodeNameError
	}
	b, _ := m.Pack()
	return b
}

func listen(t *testing.T, s *Stack) *Proxy {
	t.Helper()
	p, err := s.Listen(netip.MustParseAddrPort("127.0.0.1:0"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

// get fetches a page through a transport.
func get(tr *http.Transport, target string, body io.Reader) (int, string, error) {
	tr.DisableKeepAlives = true
	c := http.Client{Transport: tr, Timeout: 10 * time.Second}
	r, err := c.Post(target, "text/plain", body)
	if err != nil {
		return 0, "", err
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	return r.StatusCode, string(b), err
}

func viaHTTP(p *Proxy, password string) *http.Transport {
	u := &url.URL{Scheme: "http", Host: p.Addr().String(), User: url.UserPassword(p.User(), password)}
	return &http.Transport{Proxy: http.ProxyURL(u)}
}

func viaSOCKS(t *testing.T, p *Proxy, password string) *http.Transport {
	t.Helper()
	d, err := proxy.SOCKS5("tcp", p.Addr().String(), &proxy.Auth{User: p.User(), Password: password}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Transport{DialContext: func(_ context.Context, n, a string) (net.Conn, error) { return d.Dial(n, a) }}
}

func TestPageByNameAndAddress(t *testing.T) {
	p := listen(t, open(t))
	for _, host := range []string{"192.168.10.2", "www.example.com", "www"} {
		for how, tr := range map[string]*http.Transport{"http": viaHTTP(p, p.Password()), "socks": viaSOCKS(t, p, p.Password())} {
			status, body, err := get(tr, "http://"+host+"/", strings.NewReader("hello"))
			if want := "intranet of " + host + " got 5 octets"; status != 200 || body != want || err != nil {
				t.Errorf("%s by %s: %d %q %v, want %q", host, how, status, body, err, want)
			}
		}
	}
}

func TestLargeBodyCrosses(t *testing.T) {
	p := listen(t, open(t))
	body := bytes.Repeat([]byte("x"), 1<<20)
	_, got, err := get(viaSOCKS(t, p, p.Password()), "http://www/", bytes.NewReader(body))
	if err != nil || !strings.HasSuffix(got, fmt.Sprintf("got %d octets", len(body))) {
		t.Fatalf("%q %v", got, err)
	}
}

func TestOutsideTheNetworksIsRefused(t *testing.T) {
	s := open(t)
	p := listen(t, s)
	for _, host := range []string{"127.0.0.1", "8.8.8.8", "outside.example.com", "[::1]"} {
		status, _, err := get(viaHTTP(p, p.Password()), "http://"+host+"/", nil)
		if status != http.StatusForbidden || err != nil {
			t.Errorf("%s by http: %d %v, want 403", host, status, err)
		}
		if _, _, err := get(viaSOCKS(t, p, p.Password()), "http://"+host+"/", nil); err == nil {
			t.Errorf("%s by socks: connected", host)
		}
	}
	if _, err := s.Dial(t.Context(), "unknown.example.com", 80); !errors.Is(err, errNoName) {
		t.Errorf("unknown name: %v", err)
	}
}

func TestConnectMethod(t *testing.T) {
	p := listen(t, open(t))
	for target, want := range map[string]string{"www:80": "200", "127.0.0.1:22": "403", "www:81": "502"} {
		c, err := net.Dial("tcp", p.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		r, _ := http.NewRequest(http.MethodConnect, "http://"+target, nil)
		r.SetBasicAuth(p.User(), p.Password())
		fmt.Fprintf(c, "CONNECT %s HTTP/1.1\r\nHost: %[1]s\r\nProxy-Authorization: %s\r\n\r\n", target, r.Header.Get("Authorization"))
		b := make([]byte, 12)
		io.ReadFull(c, b)
		if string(b[9:]) != want {
			t.Errorf("CONNECT %s: %q, want %s", target, b, want)
		}
		c.Close()
	}
}

func TestWrongPasswordIsRefused(t *testing.T) {
	p := listen(t, open(t))
	if status, _, _ := get(viaHTTP(p, "guess"), "http://www/", nil); status != http.StatusProxyAuthRequired {
		t.Errorf("http: %d, want 407", status)
	}
	if _, _, err := get(viaSOCKS(t, p, "guess"), "http://www/", nil); err == nil {
		t.Error("socks: let in")
	}
	if other := listen(t, p.stack); other.Password() == p.Password() || len(p.Password()) < 20 {
		t.Error("the password is not made anew, or short")
	}
}

func TestOnlyLoopback(t *testing.T) {
	s := stackAt(t, config())
	for _, addr := range []string{"0.0.0.0:0", "192.0.2.1:1080", "[::]:0"} {
		if _, err := s.Listen(netip.MustParseAddrPort(addr)); !errors.Is(err, ErrNotLoopback) {
			t.Errorf("%s: %v", addr, err)
		}
	}
}

func TestDownEndsConnections(t *testing.T) {
	s := open(t)
	c, err := s.Dial(t.Context(), "www", 80)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Set(config()); err != nil { // an equal value breaks nothing
		t.Fatal(err)
	}
	if _, err := io.WriteString(c, "GET / HTTP/1.0\r\nHost: www\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(c); err != nil || !bytes.Contains(b, []byte("intranet")) {
		t.Fatalf("%q %v", b, err)
	}
	held, err := s.Dial(t.Context(), "www", 80)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Set(nil); err != nil {
		t.Fatal(err)
	}
	if _, err := held.Read(make([]byte, 1)); err == nil {
		t.Error("a connection outlived the tunnel's address")
	}
	if _, err := s.Dial(t.Context(), "www", 80); !errors.Is(err, ErrDown) {
		t.Errorf("%v, want ErrDown", err)
	}
}

func TestReadIsInterrupted(t *testing.T) {
	s := stackAt(t, config())
	d := s.device
	result := make(chan error)
	read := func() {
		_, err := d.Read([][]byte{make([]byte, 2000)}, []int{0}, 0)
		result <- err
	}
	go read()
	d.SetReadDeadline(time.Now())
	if err := <-result; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("deadline: %v", err)
	}
	d.SetReadDeadline(time.Time{})
	go read()
	s.Close()
	if err := <-result; !errors.Is(err, os.ErrClosed) {
		t.Errorf("close: %v", err)
	}
}

func TestNobodyReadsAndNothingBlocks(t *testing.T) {
	s := stackAt(t, config())
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	for range 3 * queue {
		go s.Dial(ctx, hostIP.String(), 80)
	}
	if _, err := s.Dial(ctx, hostIP.String(), 80); err == nil {
		t.Error("connected to nobody")
	}
}

// A connection by the proxy is a packet like any other: it wakes a tunnel that
// is wanted on demand, and goes on when the tunnel is there.
func TestDialWakes(t *testing.T) {
	user, host := stackAt(t, config()), stackAt(t, &tunnel.NetConfig{VirtualIP: hostIP, MTU: 1400})
	page(t, host)
	sentry, err := tunnel.Await(user.Device(), userIP, []netip.Prefix{officeNet})
	if err != nil {
		t.Fatal(err)
	}
	dialled := make(chan error, 1)
	go func() {
		c, err := user.Dial(t.Context(), hostIP.String(), 80)
		if err == nil {
			c.Close()
		}
		dialled <- err
	}()
	alarm := <-sentry.Alarm()
	sentry.Close()
	if alarm.Err != nil || alarm.To != hostIP {
		t.Fatalf("%+v", alarm)
	}
	user.Device().(*device).SetReadDeadline(time.Time{}) // as a tunnel does that takes the device
	for _, p := range alarm.Packets {
		if _, err := host.Device().Write([][]byte{p}, 0); err != nil {
			t.Fatal(err)
		}
	}
	cable(t, user, host)
	cable(t, host, user)
	if err := <-dialled; err != nil {
		t.Error(err)
	}
}
