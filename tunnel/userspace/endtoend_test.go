package userspace

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/proxy"

	"muvpn/client/reason"
	"muvpn/profile"
	"muvpn/tunnel"
	"muvpn/tunnel/gateway"
	"muvpn/tunnel/gateway/lan"
	"muvpn/tunnel/gateway/server"
	"muvpn/tunnel/ike/suite"
	"muvpn/tunnel/ike/wire"
)

// The whole way in one process: profile, IKE, ESP over loopback's UDP, a network
// stack at both ends, and the proxy.

// fileSize is small, as single DES under the race detector is slow.
const fileSize = 300 << 10

// both is what client and gateway agree upon.
type both struct {
	exchange, phase1, phase2, pfs string
}

// office starts a gateway for lisa on loopback, and makes her profile.
func office(t *testing.T, b both) (*server.Server, *profile.Profile) {
	t.Helper()
	c, p := officeConfig(t, b)
	s, err := server.Start(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	p.Gateway = profile.Gateway{IKEPort: s.IKE().Port(), NATTPort: s.NATT().Port()}
	return s, p
}

// officeConfig is a gateway for lisa on loopback, and her profile.
func officeConfig(t *testing.T, b both) (server.Config, *profile.Profile) {
	t.Helper()
	c := server.Config{
		Listen: netip.MustParseAddr("127.0.0.1"),
		LAN:    lan.Config{Address: netip.MustParsePrefix("192.168.10.2/24"), FileSize: fileSize},
		Log:    logTo(t),
		Gateway: gateway.Config{
			Networks: []netip.Prefix{officeNet},
			Users: []gateway.User{{
				Name: "lisa", ID: wire.ID{IDType: wire.IDUserFQDN, Data: []byte("lisa")},
				PSK: []byte("a secret of two"), VirtualIP: userIP,
			}},
			Phase1: gateway.Phase1{Proposals: []suite.Proposal{proposal(t, b.phase1)}, NATT: gateway.AllNATT},
			Phase2: gateway.Phase2{Proposals: []suite.Proposal{proposal(t, b.phase2)}, PFS: b.pfs},
		},
	}
	return c, &profile.Profile{
		Name:    "Office",
		Auth:    profile.Auth{LocalID: profile.ID{Type: "user_fqdn", Value: "lisa"}},
		IKE:     profile.IKE{Exchange: b.exchange, Proposals: []string{b.phase1}},
		ESP:     profile.ESP{Proposals: []string{b.phase2}, PFS: b.pfs},
		Network: profile.Network{VirtualIP: profile.VirtualIP{Address: userIP}, Networks: []netip.Prefix{officeNet}},
		Policy:  profile.Policy{Security: "legacy"},
	}
}

func proposal(t *testing.T, words string) suite.Proposal {
	t.Helper()
	p, err := gateway.ParseProposal(words)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// logTo shows the gateway's log when the test runs with MUVPN_TEST_LOG set.
func logTo(t *testing.T) io.Writer {
	if os.Getenv("MUVPN_TEST_LOG") == "" {
		return io.Discard
	}
	return t.Output()
}

// connection is a tunnel over a Stack, with the events that were seen.
type connection struct {
	tunnel *tunnel.Tunnel
	stack  *Stack
	events chan tunnel.Event
}

// dial starts a tunnel over a new stack.
func dial(t *testing.T, p *profile.Profile, psk string) *connection {
	t.Helper()
	stack, err := New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stack.Close() })
	return dialOver(t, stack, p, psk)
}

// dialOver starts a tunnel over a stack that may have served others.
func dialOver(t *testing.T, s *Stack, p *profile.Profile, psk string) *connection {
	t.Helper()
	return dialTo(t, s, p, psk, netip.MustParseAddr("127.0.0.1"))
}

// dialTo starts a tunnel. What Up says is set, as the service does.
func dialTo(t *testing.T, s *Stack, p *profile.Profile, psk string, gateway netip.Addr) *connection {
	t.Helper()
	tn, err := tunnel.Start(tunnel.Config{
		Profile: p, PSK: profile.NewSecret([]byte(psk)), Gateway: gateway, Device: s.Device(),
	})
	if err != nil {
		t.Fatal(err)
	}
	c := &connection{tunnel: tn, stack: s, events: make(chan tunnel.Event, 10000)}
	done := make(chan struct{})
	go func() { defer close(done); c.serve(logTo(t)) }()
	t.Cleanup(func() { tn.Close(); <-done })
	return c
}

func (c *connection) serve(log io.Writer) {
	defer close(c.events)
	for e := range c.tunnel.Events() {
		switch e := e.(type) {
		case tunnel.Up:
			c.stack.Set(&e.NetConfig)
		case tunnel.Note:
			fmt.Fprintf(log, "client %s %s\n", e.Code, e.Text)
		}
		c.events <- e
	}
}

// seen waits for an event of a type.
func seen[E tunnel.Event](t *testing.T, c *connection) E {
	t.Helper()
	return seenWith(t, c, func(E) bool { return true })
}

// seenWith waits for an event of a type that is like this.
func seenWith[E tunnel.Event](t *testing.T, c *connection, like func(E) bool) E {
	t.Helper()
	patience := time.After(time.Minute)
	for {
		select {
		case e, ok := <-c.events:
			if !ok {
				t.Fatal("the tunnel has ended")
			}
			if e, ok := e.(E); ok && like(e) {
				return e
			}
			if d, ok := e.(tunnel.Down); ok {
				t.Fatal(d.Reason)
			}
		case <-patience:
			t.Fatalf("no %T", *new(E))
		}
	}
}

func TestPageThroughTheTunnel(t *testing.T) {
	for name, b := range map[string]both{
		"Firebox of 2001": {"aggressive", "des-md5-modp768", "3des-sha1", "none"},
		"aggressive":      {"aggressive", "3des-sha1-modp1024", "des-md5", "none"},
		"main, PFS":       {"main", "aes256-sha256-modp2048", "aes256-sha256", "modp1024"},
		"GCM":             {"main", "aes128-sha256-ecp256", "aes128gcm16", "none"},
	} {
		t.Run(name, func(t *testing.T) {
			s, p := office(t, b)
			c := dial(t, p, "a secret of two")
			seen[tunnel.Up](t, c)
			proxy := listen(t, c.stack)
			page := fetch(t, viaHTTP(proxy, proxy.Password()), "http://192.168.10.2/")
			if !strings.Contains(string(page), "Welcome to the office network") || !strings.Contains(string(page), "192.168.10.201") {
				t.Errorf("%s", page)
			}
			checkFile(t, s, c)
			if n := c.tunnel.Counters(); n.BytesIn < fileSize || n.PacketsOut == 0 || len(n.Drops) != 0 {
				t.Errorf("%+v", n)
			}
		})
	}
}

// checkFile fetches the office's file and compares it.
func checkFile(t *testing.T, s *server.Server, c *connection) {
	t.Helper()
	p := listen(t, c.stack)
	file := fetch(t, viaSOCKS(t, p, p.Password()), "http://192.168.10.2/"+lan.FileName)
	if sum := sha256.Sum256(file); hex.EncodeToString(sum[:]) != s.File().SHA256() {
		t.Errorf("the file of %d octets has come through changed", len(file))
	}
}

func fetch(t *testing.T, tr *http.Transport, url string) []byte {
	t.Helper()
	tr.DisableKeepAlives = true
	r, err := (&http.Client{Transport: tr, Timeout: 30 * time.Second}).Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != 200 {
		t.Fatalf("%s: %d %v", url, r.StatusCode, err)
	}
	return b
}

// TestPassiveFTPThroughSOCKS fetches a file as curl --socks5 does: the server
// names a port for the data, which is reached by a second connection.
func TestPassiveFTPThroughSOCKS(t *testing.T) {
	s, p := office(t, both{"aggressive", "aes128-sha1-modp1024", "aes128-sha1", "none"})
	c := dial(t, p, "a secret of two")
	seen[tunnel.Up](t, c)
	px := listen(t, c.stack)
	via, err := proxy.SOCKS5("tcp", px.Addr().String(), &proxy.Auth{User: px.User(), Password: px.Password()}, nil)
	if err != nil {
		t.Fatal(err)
	}
	control, err := via.Dial("tcp", "192.168.10.2:21")
	if err != nil {
		t.Fatal(err)
	}
	defer control.Close()
	control.SetDeadline(time.Now().Add(20 * time.Second))
	lines := bufio.NewReader(control)
	say := func(command, want string) string {
		t.Helper()
		if command != "" {
			fmt.Fprintf(control, "%s\r\n", command)
		}
		line, err := lines.ReadString('\n')
		if err != nil || !strings.HasPrefix(line, want) {
			t.Fatalf("%s: %q %v", command, line, err)
		}
		return line
	}
	say("", "220")
	say("USER anonymous", "331")
	say("PASS guest", "230")
	say("TYPE I", "200")
	data, err := via.Dial("tcp", passive(t, say("PASV", "227")))
	if err != nil {
		t.Fatal(err)
	}
	defer data.Close()
	say("RETR "+lan.FileName, "150")
	h := sha256.New()
	if _, err := io.Copy(h, data); err != nil || hex.EncodeToString(h.Sum(nil)) != s.File().SHA256() {
		t.Errorf("the file came through changed: %v", err)
	}
	say("", "226")
}

// passive reads "227 … (h1,h2,h3,h4,p1,p2)" (RFC 959).
func passive(t *testing.T, reply string) string {
	t.Helper()
	var a [4]byte
	var hi, lo int
	_, in, _ := strings.Cut(reply, "(")
	if _, err := fmt.Sscanf(in, "%d,%d,%d,%d,%d,%d", &a[0], &a[1], &a[2], &a[3], &hi, &lo); err != nil {
		t.Fatalf("%q: %v", reply, err)
	}
	return netip.AddrPortFrom(netip.AddrFrom4(a), uint16(hi<<8|lo)).String()
}

func TestWrongKeyIsNamed(t *testing.T) {
	_, p := office(t, both{"aggressive", "3des-sha1-modp1024", "3des-sha1", "none"})
	c := dial(t, p, "another secret")
	if r := seen[tunnel.Down](t, c).Reason; r.Code != reason.PSKWrong {
		t.Error(r)
	}
}

func TestConnectionInsideSurvivesRekeyAndReconnect(t *testing.T) {
	s, p := office(t, both{"aggressive", "aes128-sha1-modp1024", "aes128-sha1", "none"})
	c := dial(t, p, "a secret of two")
	first := over(t, c, 0)
	seen[tunnel.Up](t, c)
	echo, err := c.stack.Dial(t.Context(), "192.168.10.2", 7)
	if err != nil {
		t.Fatal(err)
	}
	defer echo.Close()
	ping := func(text string) {
		t.Helper()
		echo.SetDeadline(time.Now().Add(15 * time.Second))
		b := make([]byte, len(text))
		if _, err := io.WriteString(echo, text); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(echo, b); err != nil || string(b) != text {
			t.Fatalf("%q %v", b, err)
		}
	}
	ping("before")
	c.tunnel.Rekey()
	ping("during our rekey")
	second := over(t, c, first)
	ping("after it")
	s.Rekey()
	ping("during the gateway's rekey")
	over(t, c, second)
	ping("after it")
	c.tunnel.Close()
	again := dialOver(t, c.stack, p, "a secret of two")
	seen[tunnel.Up](t, again)
	ping("after a reconnect")
}

// over waits until packets are sent over another SA pair than was.
func over(t *testing.T, c *connection, was uint32) uint32 {
	t.Helper()
	n := seenWith(t, c, func(n tunnel.Negotiated) bool { return len(n.ESP) == 1 && n.ESP[0].SPIIn != was })
	return n.ESP[0].SPIIn
}
