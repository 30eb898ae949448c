package gateway_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"muvpn/tunnel/gateway"
	"muvpn/tunnel/gateway/gatewaytest"
	"muvpn/tunnel/ike/wire"
)

var (
	start     = time.Date(2001, 6, 12, 15, 47, 2, 0, time.UTC)
	ikePort   = netip.MustParseAddrPort("198.51.100.1:500")
	nattPort  = netip.MustParseAddrPort("198.51.100.1:4500")
	clientIKE = netip.MustParseAddrPort("203.0.113.77:500")
)

// peer is a client that is wired to a gateway, with a clock of their own.
type peer struct {
	*gatewaytest.Client
	g   *gateway.Gateway
	now time.Time

	at    netip.AddrPort
	encap bool

	log      []string
	received []gateway.Datagram // that were not read yet
	installs []gateway.Child
	removed  []uint32
}

func newPeer(t *testing.T, c gateway.Config) *peer {
	t.Helper()
	g, err := gateway.New(c)
	if err != nil {
		t.Fatal(err)
	}
	p := &peer{Client: gatewaytest.NewClient(t, c), g: g, now: start, at: clientIKE}
	p.Send, p.Receive = p.send, p.next
	return p
}

// send hands a datagram to the gateway.
func (p *peer) send(data []byte) {
	local := ikePort
	if p.encap {
		local = nattPort
	}
	p.g.HandleDatagram(p.now, gateway.Datagram{Data: data, Local: local, Remote: p.at, Encap: p.encap})
	p.collect()
}

// collect takes the gateway's actions.
func (p *peer) collect() {
	for {
		a, ok := p.g.NextAction()
		if !ok {
			return
		}
		switch a := a.(type) {
		case gateway.Send:
			p.received = append(p.received, a.Datagram)
		case gateway.Log:
			p.log = append(p.log, a.Text)
		case gateway.Install:
			p.installs = append(p.installs, a.Child)
		case gateway.Remove:
			p.removed = append(p.removed, a.SPIIn)
		}
	}
}

// wait lets time pass, with all timeouts that come in it.
func (p *peer) wait(d time.Duration) {
	p.T.Helper()
	end := p.now.Add(d)
	for {
		next, ok := p.g.NextTimeout()
		if !ok || next.After(end) {
			p.now = end
			return
		}
		p.now = next
		p.g.HandleTimeout(next)
		p.collect()
		if again, ok := p.g.NextTimeout(); ok && !again.After(next) {
			p.T.Fatalf("the gateway wants to be called at %v again and again", next)
		}
	}
}

// next is the next datagram from the gateway.
func (p *peer) next() []byte {
	p.T.Helper()
	if len(p.received) == 0 {
		p.T.Fatalf("the gateway sends nothing; its log:\n%s", strings.Join(p.log, "\n"))
	}
	d := p.received[0]
	p.received = p.received[1:]
	return d.Data
}

// silent checks that nothing came.
func (p *peer) silent() {
	p.T.Helper()
	for _, d := range p.received {
		h, _, err := wire.ParseHeader(d.Data)
		p.T.Errorf("the gateway sends %s (%v)", h.Summary(), err)
	}
}

// says reports whether the log has a line that contains text.
func (p *peer) says(text string) bool {
	return slices.ContainsFunc(p.log, func(line string) bool { return strings.Contains(line, text) })
}

// logged checks that the log has a line that contains text.
func (p *peer) logged(text string) {
	p.T.Helper()
	if !p.says(text) {
		p.T.Errorf("the log does not say %q:\n%s", text, strings.Join(p.log, "\n"))
	}
}
