package interop

import (
	"crypto/rand"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"muvpn/profile"
	"muvpn/service/interop/lab"
	"muvpn/tunnel/ike"
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

// recordsExchange connects, replaces both phases, and says goodbye.
func (s *stage) recordsExchange(r recorded) *recording.Recording {
	s.Helper()
	s.startsGateway(r.connection)
	d, err := newDriver(s.lab.Network.Client, s.ikeConfig(r.connection))
	s.must(err)
	defer d.close()
	d.answers = map[string]string{"xauth-user": user, "xauth-password": s.papers.password, "passcode": token}
	s.must(d.connects())
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
