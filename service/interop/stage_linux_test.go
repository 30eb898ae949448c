package interop

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"muvpn/client"
	"muvpn/client/reason"
	"muvpn/service/interop/lab"
)

// connectLimit is how long `muvpn up` may take when nothing is wrong.
const connectLimit = 60 * time.Second

// stage is one lab with its cast. Its verbs are what the scenarios are made
// of; each ends the test when the thing does not go as it says.
type stage struct {
	*testing.T
	lab     *lab.Lab
	rawESP  bool // that is what both sides can do
	gateway gateway
	client  *lab.Client
	capture *lab.Capture
	papers  papers
	login   lab.Account // what `muvpn up` is told; empty: nothing
}

// gateway is strongSwan, on this kernel or on one of its own.
type gateway interface {
	Start() error
	Kill()
	Swanctl(args ...string) ([]byte, error)
	SAs() ([]lab.IKESA, error)
	Keys() ([]lab.SAKeys, error)
}

// newStage builds a lab, which ends with the test. When that fails, every log
// is shown.
func newStage(t *testing.T, layout lab.Layout) *stage {
	l, err := lab.New(layout)
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{T: t, lab: l, rawESP: layout == lab.OwnKernel}
	t.Cleanup(func() {
		if t.Failed() {
			s.showLogs()
		}
		l.Close()
	})
	return s
}

// must ends the test when err is not nil.
func (s *stage) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// startsGateway starts strongSwan as the gateway of a connection.
func (s *stage) startsGateway(c connection) {
	s.Helper()
	s.startsGatewayAs(s.equipped(c))
}

// startsGatewayAs starts strongSwan as the gateway.
func (s *stage) startsGatewayAs(peer lab.Peer) {
	s.Helper()
	var err error
	if s.rawESP {
		s.gateway, err = s.lab.StartKernelGateway(peer)
	} else {
		s.gateway, err = s.lab.StartGateway(peer)
	}
	s.must(err)
}

// startsTestGateway starts muvpn-testgw as the gateway.
func (s *stage) startsTestGateway(peer lab.Peer) *lab.TestGateway {
	s.Helper()
	s.rawESP = true
	g, err := s.lab.StartTestGateway(testGateway(s.T), peer)
	s.must(err)
	return g
}

// startsClient starts muvpnd and gives it the connection's .EXP.
func (s *stage) startsClient(c connection) {
	s.Helper()
	var err error
	s.client, err = s.lab.StartClient(programs)
	s.must(err)
	s.prepares(c)
	s.imports(c, s.papers, "Office")
	if c.xauth() {
		s.login = lab.Account{Name: user, Password: s.papers.password}
	}
}

// imports gives the client a connection's .EXP under that name.
func (s *stage) imports(c connection, own papers, name string) {
	s.Helper()
	p, err := c.profile(own)
	s.must(err)
	p.Name = name
	exp, passphrase, err := sealed(p)
	s.must(err)
	s.must(s.client.Import(exp, passphrase))
}

// startsBoth starts gateway and client of a connection.
func (s *stage) startsBoth(c connection) {
	s.Helper()
	s.startsGateway(c)
	s.startsClient(c)
}

// connects says that `muvpn up` succeeds.
func (s *stage) connects() {
	s.Helper()
	s.must(s.client.Up(connectLimit, s.login))
}

// failsWith says that `muvpn up` fails with that Reason, and says what was
// seen, what was expected and what to try.
func (s *stage) failsWith(want reason.Code, profile ...string) {
	s.Helper()
	err := s.client.Up(connectLimit, s.login, profile...)
	var why *lab.Failure
	if !errors.As(err, &why) || why.Code != want {
		s.Fatalf("muvpn up: %v, want %s", err, want)
	}
	if why.Seen == "" || why.Expected == "" || why.Advice == "" {
		s.Errorf("the failure does not say what was seen, expected and what to try: %+v", why)
	}
	s.Logf("%v", why)
}

// disconnects says that `muvpn down` succeeds.
func (s *stage) disconnects() {
	s.Helper()
	s.must(s.client.Down())
}

// records begins to record the outer link.
func (s *stage) records() {
	s.Helper()
	var err error
	s.capture, err = s.lab.StartCapture()
	s.must(err)
}

// reachesNothing says that without a tunnel nothing gets to the LAN, although
// the gateway gets what is sent there: the guard has dropped it.
func (s *stage) reachesNothing() {
	s.Helper()
	before, err := s.lab.InClear()
	s.must(err)
	if err := s.lab.Fetch(s.lab.Host.Address(lab.TrustedHost), 2*time.Second); err == nil {
		s.Fatal("the page came although there is no tunnel")
	}
	s.must(lab.WaitFor(2*time.Second, func() error {
		after, err := s.lab.InClear()
		if err == nil && after == before {
			err = errors.New("without a tunnel nothing reached the guard: the test would not notice a leak")
		}
		return err
	}))
}

// reaches says that ping, the page and the payload pass both ways between the
// client and one host.
func (s *stage) reaches(host netip.Addr) {
	s.Helper()
	address := s.lab.Host.Address(host)
	s.must(s.lab.Network.Client.Ping(host, 10*time.Second))
	s.must(s.lab.Fetch(address, 10*time.Second))
	s.must(s.lab.Download(address))
	s.must(s.lab.Upload(address))
	s.must(s.lab.Network.LAN.Ping(lab.VirtualIP, 10*time.Second))
}

// resolves says that the client's computer now asks the LAN for names.
func (s *stage) resolves() {
	s.Helper()
	address, err := s.client.Lookup(lab.Intranet)
	s.must(err)
	if address != lab.TrustedHost {
		s.Errorf("%s is %s, want %s", lab.Intranet, address, lab.TrustedHost)
	}
	if !strings.Contains(s.client.ResolvConf(), lab.Search) {
		s.Errorf("resolv.conf does not search %s:\n%s", lab.Search, s.client.ResolvConf())
	}
}

// recordedOnlyIKEAndESP ends the recording and says that nothing else crossed
// the outer link, and of ESP only these SPIs.
func (s *stage) recordedOnlyIKEAndESP(spis ...uint32) {
	s.Helper()
	traffic, err := s.capture.Finish()
	s.must(err)
	if len(traffic.Other) > 0 {
		s.Errorf("on the outer link: %s", strings.Join(traffic.Other, "; "))
	}
	if traffic.IKE == 0 {
		s.Error("no IKE on the outer link: the recording proves nothing")
	}
	esp, otherWay := traffic.UDPESP, traffic.RawESP
	if s.rawESP {
		esp, otherWay = otherWay, esp
	}
	for _, spi := range spis {
		if esp[spi] == 0 {
			s.Errorf("no ESP with SPI %08x on the outer link", spi)
		}
		delete(esp, spi)
	}
	if len(esp)+len(otherWay) > 0 {
		s.Errorf("ESP with SPIs that nobody negotiated, or the other way: in UDP %x, raw %x", traffic.UDPESP, traffic.RawESP)
	}
}

// status is the client's.
func (s *stage) status() client.Status {
	s.Helper()
	status, err := s.client.Status()
	s.must(err)
	return status
}

// hostNetwork is everything of the client's computer that muvpnd may change.
func (s *stage) hostNetwork() lab.Snapshot {
	s.Helper()
	now, err := s.client.Snapshot()
	s.must(err)
	return now
}

// sa is the gateway's only IKE SA, with its children.
func (s *stage) sa() lab.IKESA {
	s.Helper()
	sas, err := s.gateway.SAs()
	s.must(err)
	if len(sas) != 1 {
		s.Fatalf("the gateway has %d IKE SAs: %+v", len(sas), sas)
	}
	return sas[0]
}

// gatewayKeys are the keys of the gateway's SAs.
func (s *stage) gatewayKeys() []lab.SAKeys {
	s.Helper()
	keys, err := s.gateway.Keys()
	s.must(err)
	return keys
}

// showLogs shows the end of every log of the lab.
func (s *stage) showLogs() {
	if s.client != nil && s.client.Running() {
		s.Logf("muvpn log:\n%s", s.client.Log())
	}
	for _, path := range s.lab.Logs() {
		text, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		s.Logf("%s:\n%s", path, tail(string(text), 80))
	}
}

// tail is the last n lines of a text.
func tail(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if len(lines) > n {
		lines = append([]string{fmt.Sprintf("… %d lines before", len(lines)-n)}, lines[len(lines)-n:]...)
	}
	return strings.Join(lines, "\n")
}
