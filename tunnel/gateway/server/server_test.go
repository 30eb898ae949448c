package server_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jlaffaye/ftp"
	"go.uber.org/goleak"
	"golang.zx2c4.com/wireguard/tun"
	"golang.zx2c4.com/wireguard/tun/netstack"

	"muvpn/tunnel/esp"
	"muvpn/tunnel/gateway"
	"muvpn/tunnel/gateway/gatewaytest"
	"muvpn/tunnel/gateway/lan"
	"muvpn/tunnel/gateway/server"
	"muvpn/tunnel/ike/suite"
	"muvpn/tunnel/ike/wire"
)

var loopback = netip.MustParseAddr("127.0.0.1")

// config is a server on free ports of the loopback. Its ESP is quick, so that
// the race detector is not slow.
func config() server.Config {
	g := gatewaytest.Firebox()
	g.RawESP = false
	g.Phase2.Proposals = []suite.Proposal{{Encryption: "aes128gcm16"}}
	return server.Config{
		Gateway: g, Listen: loopback,
		LAN: lan.Config{Address: netip.MustParsePrefix("192.168.10.2/24"), FileSize: 1 << 20},
	}
}

// syncBuffer is a log that may be read while it is written.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// startServer starts a server that ends with the test.
func startServer(t *testing.T, c server.Config) (*server.Server, *syncBuffer) {
	t.Helper()
	log := &syncBuffer{}
	c.Log = log
	s, err := server.Start(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Log(log)
		}
	})
	return s, log
}

// user is a client on a UDP socket, which speaks to the UDP-encapsulation port
// from its first message on.
type user struct {
	*gatewaytest.Client
	conn net.Conn // of IKE
	esp  espConn  // the same one, if ESP goes in UDP
	pair esp.Pair
	tun  tun.Device
	net  *netstack.Net
}

// espConn is a connected socket for ESP.
type espConn interface {
	net.Conn
	ReadFrom(b []byte) (int, net.Addr, error) // without IP header
}

func newUser(t *testing.T, c server.Config, to netip.AddrPort) *user {
	t.Helper()
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(to))
	if err != nil {
		t.Fatal(err)
	}
	u := &user{Client: gatewaytest.NewClient(t, c.Gateway), conn: conn, esp: conn}
	u.Mode = wire.EncapUDPTunnel
	u.talk(t, make([]byte, 4))
	return u
}

// talk lets the client speak over its socket, each message behind a marker. A
// message that stays unanswered is sent again, as on any network.
func (u *user) talk(t *testing.T, marker []byte) {
	var last []byte
	u.Send = func(data []byte) {
		last = append(marker[:len(marker):len(marker)], data...)
		u.conn.Write(last)
	}
	u.Receive = func() []byte {
		t.Helper()
		b := make([]byte, 1<<16)
		for range 5 {
			u.conn.SetReadDeadline(time.Now().Add(3 * time.Second))
			n, err := u.conn.Read(b)
			if err == nil && n >= len(marker) {
				return b[len(marker):n]
			}
			u.conn.Write(last)
		}
		t.Fatal("the gateway does not answer")
		return nil
	}
}

// join connects the user's network stack to the tunnel, where it has an address.
func (u *user) join(t *testing.T, q *gatewaytest.QuickMode, address netip.Addr) {
	t.Helper()
	_, spiOut := u.Chosen(q)
	side := func(spi uint32) esp.Config {
		c := esp.Config{SPI: spi, Encap: u.Mode != wire.EncapTunnel, Encryption: u.Phase2.Encryption, Integrity: u.Phase2.Integrity,
			Local: []netip.Prefix{netip.PrefixFrom(address, 32)}, Remote: []netip.Prefix{gatewaytest.Trusted}}
		c.EncryptionKey, c.IntegrityKey = u.ESPKeys(q, spi)
		return c
	}
	var err error
	if u.pair, err = esp.NewPair(side(q.SPI), side(spiOut)); err != nil {
		t.Fatal(err)
	}
	if u.tun, u.net, err = netstack.CreateNetTUN([]netip.Addr{address}, nil, 1300); err != nil {
		t.Fatal(err)
	}
	u.conn.SetReadDeadline(time.Time{})
	var loops sync.WaitGroup
	loops.Go(u.outbound)
	loops.Go(u.inbound)
	t.Cleanup(func() {
		u.tun.Close()
		u.conn.Close()
		u.esp.Close()
		loops.Wait()
	})
}

func (u *user) outbound() {
	p := []esp.Packet{{Buf: make([]byte, 1<<16)}}
	sizes := []int{0}
	for {
		if _, err := u.tun.Read([][]byte{p[0].Buf}, sizes, esp.Headroom); err != nil {
			return
		}
		p[0].Start, p[0].End, p[0].Drop = esp.Headroom, esp.Headroom+sizes[0], esp.Kept
		if u.pair.Out.Seal(p); p[0].Drop == esp.Kept {
			u.esp.Write(p[0].Data())
		}
	}
}

func (u *user) inbound() {
	p := []esp.Packet{{Buf: make([]byte, 1<<16)}}
	for {
		n, _, err := u.esp.ReadFrom(p[0].Buf)
		if err != nil {
			return
		}
		if esp.Classify(p[0].Buf[:n]) != esp.KindESP {
			continue
		}
		p[0].Start, p[0].End, p[0].Drop = 0, n, esp.Kept
		if u.pair.In.Open(p); p[0].Drop == esp.Kept {
			u.tun.Write([][]byte{p[0].Data()}, 0)
		}
	}
}

// A user comes in and uses everything that the office has; an SA of which the
// gateway knows nothing lets nobody in.
func TestUserReachesTheOffice(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	t.Run("office", func(t *testing.T) {
		c := config()
		s, log := startServer(t, c)
		u := newUser(t, c, s.NATT())
		u.Connect()
		u.join(t, u.Quick(), gatewaytest.VirtualIP)
		t.Run("page", func(t *testing.T) { u.fetchPage(t) })
		t.Run("file", func(t *testing.T) { u.fetchFile(t, s.File()) })
		t.Run("upload", func(t *testing.T) { u.upload(t) })
		t.Run("ftp", func(t *testing.T) { u.fetchByFTP(t, s.File(), false) })
		t.Run("ftp by PASV", func(t *testing.T) { u.fetchByFTP(t, s.File(), true) })
		t.Run("echo", func(t *testing.T) { u.echo(t, "tcp"); u.echo(t, "udp") })
		for _, line := range []string{"Listening on 127.0.0.1:", "iked[90] Phase 1 completed as responder",
			"kernel ipsec: make bundle for channel 0, 1 in SA's, 1 out SA's"} {
			if !strings.Contains(log.String(), line) {
				t.Errorf("the log does not say %q", line)
			}
		}
	})
}

func (u *user) http() *http.Client {
	return &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{DisableKeepAlives: true, DialContext: u.net.DialContext}}
}

func (u *user) get(t *testing.T, path string) []byte {
	t.Helper()
	r, err := u.http().Get("http://192.168.10.2" + path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != http.StatusOK {
		t.Fatal(r.Status, err)
	}
	return b
}

func (u *user) fetchPage(t *testing.T) {
	if page := string(u.get(t, "/")); !strings.Contains(page, "Welcome to the office network") || !strings.Contains(page, "192.168.10.201") {
		t.Error(page)
	}
}

func (u *user) fetchFile(t *testing.T, f *lan.File) {
	sum := fmt.Sprintf("%x", sha256.Sum256(u.get(t, "/random.bin")))
	if said := string(u.get(t, "/random.bin.sha256")); sum != f.SHA256() || said != sum+"  random.bin\n" {
		t.Errorf("%s, the office says %s", sum, said)
	}
}

func (u *user) upload(t *testing.T) {
	data := bytes.Repeat([]byte("upload"), 100000)
	r, err := u.http().Post("http://192.168.10.2/sum", "application/octet-stream", bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if b, _ := io.ReadAll(r.Body); string(b) != fmt.Sprintf("%x\n", sha256.Sum256(data)) {
		t.Errorf("%s", b)
	}
}

// dialPatiently opens a connection that ends after a while whatever happens.
func (u *user) dialPatiently(network, address string) (net.Conn, error) {
	c, err := u.net.DialContext(context.Background(), network, address)
	if err == nil {
		err = c.SetDeadline(time.Now().Add(30 * time.Second))
	}
	return c, err
}

func (u *user) fetchByFTP(t *testing.T, f *lan.File, pasv bool) {
	c, err := ftp.Dial("192.168.10.2:21", ftp.DialWithTimeout(10*time.Second), ftp.DialWithDisabledEPSV(pasv),
		ftp.DialWithDialFunc(u.dialPatiently))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Quit()
	if err := c.Login("anonymous", "lisa@example.com"); err != nil {
		t.Fatal(err)
	}
	entries, err := c.List("/")
	if err != nil || len(entries) != 1 || entries[0].Name != "random.bin" || int64(entries[0].Size) != f.Size {
		t.Errorf("%+v, %v", entries, err)
	}
	if n, err := c.FileSize("random.bin"); err != nil || n != f.Size {
		t.Error(n, err)
	}
	r, err := c.Retr("random.bin")
	if err != nil {
		t.Fatal(err)
	}
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil || fmt.Sprintf("%x", h.Sum(nil)) != f.SHA256() {
		t.Errorf("another file, or %v", err)
	}
	r.Close()
	if _, err := c.Retr("other.bin"); err == nil {
		t.Error("there is another file")
	}
}

func (u *user) echo(t *testing.T, network string) {
	c, err := u.net.DialContext(context.Background(), network, "192.168.10.2:7")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(10 * time.Second))
	b := make([]byte, 5)
	if _, err := c.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(c, b); err != nil || string(b) != "hello" {
		t.Errorf("%s: %q, %v", network, b, err)
	}
}

// Garbage on any socket harms nobody.
func TestGarbageIsDropped(t *testing.T) {
	c := config()
	s, _ := startServer(t, c)
	for _, to := range []netip.AddrPort{s.IKE(), s.NATT()} {
		conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(to))
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range [][]byte{nil, {0xff}, {1}, {0, 0, 0, 0}, {0, 0, 0, 0, 1, 2}, {1, 2, 3, 4}, make([]byte, 60000), bytes.Repeat([]byte{7}, 1400)} {
			conn.Write(b)
		}
		conn.Close()
	}
	newUser(t, c, s.NATT()).Connect()
}

// The gateway starts a rekey and logs users out when it is told to.
func TestAdministration(t *testing.T) {
	c := config()
	s, log := startServer(t, c)
	u := newUser(t, c, s.NATT())
	u.Connect()
	u.Quick()
	for !strings.Contains(log.String(), "make bundle") {
		time.Sleep(time.Millisecond)
	}
	s.Rekey()
	q, m := u.Accept(u.Receive())
	u.Send(m)
	if !u.Accepted(q, u.Receive()) {
		t.Error("HASH(3) is wrong")
	}
	s.LogOut()
	for range 3 { // two SA pairs and Phase 1
		if d, ok := wire.Get[wire.Delete](u.Informational()); !ok {
			t.Error("no DELETE")
		} else if d.Protocol == wire.ProtocolESP && binary.BigEndian.Uint32(d.SPIs[0]) == 0 {
			t.Error(d.Summary())
		}
	}
}

// What falls due is done: the timer is armed for the gateway. Faults can be
// changed while it runs.
func TestTimer(t *testing.T) {
	c := config()
	c.Gateway.Phase2.RekeyAfter = 50 * time.Millisecond
	s, log := startServer(t, c)
	u := newUser(t, c, s.NATT())
	u.Connect()
	u.Quick()
	q, m := u.Accept(u.Receive())
	s.Misbehave(gateway.Fault{Kind: gateway.WrongHash, Step: gateway.StepQM2}, gateway.Fault{Kind: gateway.Garbage, Step: gateway.StepQM3})
	u.Send(m)
	if _, _, err := wire.ParseHeader(u.Receive()); err == nil {
		t.Error("no garbage in front of the third message")
	}
	if !u.Accepted(q, u.Receive()) {
		t.Error("HASH(3) is wrong")
	}
	if text := log.String(); !strings.Contains(text, "Rekeying ESP SAs") || !strings.Contains(text, "Misbehaving: garbage=QM3") {
		t.Error(text)
	}
}

// A taken port is said, with what to do about it.
func TestTakenPort(t *testing.T) {
	c := config()
	s, _ := startServer(t, c)
	c.IKEPort = s.IKE().Port()
	_, err := server.Start(c)
	want := fmt.Sprintf("UDP port %d on 127.0.0.1 is taken by another program: end that one (`ss -ulpn 'sport = :%[1]d'` names it), or set ike_port to another port", c.IKEPort)
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	c.Listen = netip.MustParseAddr("192.0.2.77")
	if _, err := server.Start(c); err == nil || err.Error() != "listen: 192.0.2.77 is no address of this computer" {
		t.Error(err)
	}
}
