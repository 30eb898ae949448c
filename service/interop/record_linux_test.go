package interop

import (
	"crypto/rand"
	"errors"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"muvpn/profile"
	"muvpn/service/interop/lab"
	"muvpn/tunnel/ike"
	"muvpn/tunnel/ike/ikev1"
	"muvpn/tunnel/ike/recording"
	"muvpn/tunnel/ike/suite"
)

// recorded is one exchange that is kept as a vector.
type recorded struct {
	file   string
	about  string
	layout lab.Layout
	connection
}

var recordings = []recorded{
	{"aggressive", "Aggressive Mode, Quick Mode", lab.Direct, stronger},
	{"aggressive-des", "Aggressive Mode with DES, MD5 and group 1, Quick Mode", lab.Direct, firebox},
	{"aggressive-nat", "Aggressive Mode behind NAT, Quick Mode for two networks", lab.BehindNAT, twoLANs},
	{"aggressive-pfs", "Aggressive Mode, Quick Mode with PFS", lab.Direct, withPFS},
	{"main", "Main Mode, Quick Mode", lab.Direct, mainMode},
	{"main-pfs", "Main Mode behind NAT, Quick Mode with PFS", lab.BehindNAT, mainWithPFS},
	{"xauth", "Aggressive Mode with XAuth, Mode-Config with split networks of 8 octets", lab.Direct, xauth},
	{"xauth-des", "Aggressive Mode with 3DES and MD5, XAuth, Mode-Config", lab.BehindNAT, xauthMD5},
	{"xauth-main", "Main Mode with XAuth, Mode-Config", lab.Direct, xauthMain},
	{"xauth-unity", "Aggressive Mode with XAuth, Mode-Config with split networks of 14 octets", lab.BehindNAT, cisco},
	{"xauth-rounds", "Aggressive Mode with XAuth in two rounds, Mode-Config", lab.Direct, twoRounds},
}

// mainWithPFS has everything that takes a Diffie-Hellman exchange.
var mainWithPFS = connection{main: true, ike: "aes128-sha1-modp1536", esp: "aes128gcm16", pfs: "ecp256"}

// TestRecord records exchanges with strongSwan, with all their secrets, into
// the folder that MUVPN_RECORD names: `make record-vectors`.
func TestRecord(t *testing.T) {
	dir := os.Getenv("MUVPN_RECORD")
	if dir == "" {
		t.Skip("record: skipped, it writes vectors: sudo make record-vectors")
	}
	prepare(t, "strongSwan in network namespaces")
	for _, r := range recordings {
		t.Run(r.file, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, r.layout)
			data, err := s.recordsExchange(r).Marshal()
			s.must(err)
			s.must(os.WriteFile(filepath.Join(dir, r.file+".json"), data, 0o644))
		})
	}
}

// recordsExchange connects, rekeys Phase 2, and disconnects.
func (s *stage) recordsExchange(r recorded) *recording.Recording {
	s.Helper()
	s.startsGateway(r.connection)
	d, err := newDriver(s.lab.Network.Client, s.ikeConfig(r.connection))
	s.must(err)
	defer d.close()
	d.answers = map[string]string{"xauth-user": user, "xauth-password": s.papers.password, "passcode": token}
	s.must(d.connects())
	d.send(d.recorder.Rekey(d.now()))
	s.must(d.rekeys())
	d.send(d.recorder.Close(d.now()))
	out := &d.recorder.Recording
	out.About, out.Gateway = r.about, s.gatewayVersion()
	s.addKeys(out)
	return out
}

// gatewayVersion is the name and version of the gateway's program.
func (s *stage) gatewayVersion() string {
	s.Helper()
	out, err := s.gateway.Swanctl("--version")
	s.must(err)
	return strings.Replace(strings.TrimSpace(string(out)), "swanctl ", "", 1)
}

// addKeys adds what the gateway says of its keys.
func (s *stage) addKeys(r *recording.Recording) {
	s.Helper()
	keys, err := s.gateway.(*lab.Charon).IKEKeys()
	s.must(err)
	for _, k := range keys {
		r.Phase1 = append(r.Phase1, recording.Phase1Keys{
			Shared: k["shared Diffie Hellman secret"], SKEYID: k["SKEYID"],
			SKEYIDd: k["SKEYID_d"], SKEYIDa: k["SKEYID_a"], SKEYIDe: k["SKEYID_e"],
			Encryption: k["encryption key Ka"], IV: k["initial IV"],
		})
	}
	for _, k := range s.gatewayKeys() {
		r.Children = append(r.Children, recording.ChildKeys{SPI: k.SPI, Encryption: k.Encryption, Integrity: k.Integrity})
	}
}

// ikeConfig is a connection in the words of IKE. Its pre-shared key is the
// lab's, made up for this recording.
func (s *stage) ikeConfig(c connection) ike.Config {
	s.Helper()
	phase1, err := profile.ParseIKEProposal(c.ike)
	s.must(err)
	phase2, err := profile.ParseESPProposal(c.esp)
	s.must(err)
	cfg := ike.Config{
		Rand: rand.Reader, Gateway: lab.GatewayAddr, IKEPort: 500, NATTPort: 4500,
		Aggressive: !c.main, PSK: []byte(s.papers.psk),
		LocalID: ike.ID{Type: 3, Data: []byte(c.identity().Value)}, RemoteID: ike.ID{Type: 1, Data: lab.GatewayAddr.AsSlice()},
		Phase1: []suite.Proposal{suite.Proposal(phase1)}, Phase2: []suite.Proposal{suite.Proposal(phase2)},
		Legacy: true, PFS: "none", RawESP: true, GiveUp: 30 * time.Second, Lifetime: hour, ChildLifetime: hour,
		VirtualIP: lab.VirtualIP, Networks: c.lan(),
	}
	if c.pfs != "" {
		cfg.PFS = c.pfs
	}
	if c.xauth() {
		cfg.Method = ike.MethodXAuthPSK
	}
	if c.pool != nil {
		cfg.ModeConfig, cfg.VirtualIP, cfg.Networks = true, netip.Addr{}, nil
	}
	return cfg
}

// driver is what tunnel is to a session in the product, without packets: two
// sockets and a timer.
type driver struct {
	recorder *recording.Recorder
	born     time.Time
	sockets  [2]net.PacketConn // IKE, and UDP encapsulation
	inbound  chan ike.Datagram
	events   []ike.Event       // that nobody has looked at yet
	answers  map[string]string // to the kinds of questions
}

// newDriver opens the sockets on the client's computer and begins a recording.
func newDriver(client *lab.Namespace, cfg ike.Config) (*driver, error) {
	d := &driver{inbound: make(chan ike.Datagram, 64)}
	for i := range d.sockets {
		socket, err := client.ListenPacket("udp4", ":0")
		if err != nil {
			return nil, err
		}
		d.sockets[i] = socket
		go d.receive(socket, i == 1)
	}
	own, err := client.Address(lab.ClientLink)
	if err != nil {
		return nil, err
	}
	cfg.Local, cfg.LocalNATT = netip.AddrPortFrom(own, port(d.sockets[0])), netip.AddrPortFrom(own, port(d.sockets[1]))
	d.born = time.Now()
	d.recorder = recording.New(cfg, func(c ike.Config) ike.Session { return ikev1.New(c) })
	return d, nil
}

// port is the local port of a socket.
func port(c net.PacketConn) uint16 { return c.LocalAddr().(*net.UDPAddr).AddrPort().Port() }

// receive passes on what a socket receives until it is closed: IKE, without
// the non-ESP marker.
func (d *driver) receive(socket net.PacketConn, encap bool) {
	buf := make([]byte, 1<<16)
	for {
		n, from, err := socket.ReadFrom(buf)
		if err != nil {
			return
		}
		data := append([]byte(nil), buf[:n]...)
		if encap {
			if len(data) < 4 || [4]byte(data) != [4]byte{} {
				continue // ESP
			}
			data = data[4:]
		}
		d.inbound <- ike.Datagram{Data: data, Encap: encap, Remote: from.(*net.UDPAddr).AddrPort()}
	}
}

// close ends the driver.
func (d *driver) close() {
	for _, socket := range d.sockets {
		socket.Close()
	}
}

// now is the time since the recording began.
func (d *driver) now() time.Duration { return time.Since(d.born) }

// send sends what the last call of the session brought out, and keeps its
// events.
func (d *driver) send(events []ike.Event) {
	for _, out := range d.recorder.Sent() {
		socket, data := d.sockets[0], out.Data
		switch {
		case out.Keepalive:
			socket, data = d.sockets[1], []byte{0xff}
		case out.Encap:
			socket, data = d.sockets[1], append(make([]byte, 4), out.Data...)
		}
		socket.WriteTo(data, net.UDPAddrFromAddrPort(out.Remote))
	}
	d.events = append(d.events, events...)
	for _, e := range events {
		if q, ok := e.(ike.NeedAnswer); ok {
			d.send(d.recorder.Answer(d.now(), ike.Answer{ID: q.ID, Value: []byte(d.answers[q.Kind])}))
		}
	}
}

// connects drives the session until it is up, and a little further.
func (d *driver) connects() error {
	d.send(d.recorder.Start(d.now()))
	return errors.Join(d.until(func(e ike.Event) bool { _, ok := e.(ike.Up); return ok }), d.settle())
}

// rekeys drives the session until one pair has followed another.
func (d *driver) rekeys() error {
	return errors.Join(d.until(func(e ike.Event) bool {
		up, ok := e.(ike.ChildUp)
		return ok && up.Replaces != 0
	}), d.settle())
}

// settle lets both sides finish what they have begun.
func (d *driver) settle() error {
	end := time.After(3 * time.Second)
	for {
		select {
		case <-end:
			return nil
		default:
			d.step(100 * time.Millisecond)
		}
	}
}

// until drives the session until there is such an event.
func (d *driver) until(is func(ike.Event) bool) error {
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); d.step(time.Second) {
		for len(d.events) > 0 {
			e := d.events[0]
			d.events = d.events[1:]
			if down, ended := e.(ike.Down); ended {
				return down.Reason
			}
			if is(e) {
				return nil
			}
		}
	}
	return errors.New("the session does not get on")
}

// step waits for a datagram or the session's next time, at most so long.
func (d *driver) step(limit time.Duration) {
	timeout := false
	if next, ok := d.recorder.NextTimeout(); ok && next-d.now() < limit {
		// Times are cut to milliseconds: one more, or it would be too early.
		limit, timeout = max(next-d.now()+time.Millisecond, 0), true
	}
	select {
	case in := <-d.inbound:
		d.send(d.recorder.HandleDatagram(d.now(), in))
	case <-time.After(limit):
		if timeout {
			d.send(d.recorder.HandleTimeout(d.now()))
		}
	}
}
