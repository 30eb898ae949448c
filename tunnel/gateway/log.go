package gateway

import (
	"fmt"

	"muvpn/tunnel/ike/wire"
)

// The processes of a Firebox that write the log.
const (
	processIKE    = "iked[90]"
	processKernel = "kernel"
)

// logf writes a line of the key exchange.
func (g *Gateway) logf(format string, a ...any) {
	g.actions = append(g.actions, Log{Process: processIKE, Text: fmt.Sprintf(format, a...)})
}

// logRefusal writes a line with its number in Fireware's catalogue.
func (g *Gateway) logRefusal(m *message, r *refusal) {
	g.logf("msg_id=\"%s\" (%s<->%s) %s", r.id, m.Local.Addr(), m.Remote.Addr(), r.text)
}

// logReceived writes down a message that can be read, and the vendor IDs in it.
func (g *Gateway) logReceived(m *message) {
	g.logf("FROM %s %s%s", m.Remote.Addr(), wire.Summary(m.header, m.payloads), cookies(m.header))
	for id := range wire.All[wire.VendorID](m.payloads) {
		g.logf("Vendor ID %s", id.Summary())
	}
	for n := range wire.All[wire.Notify](m.payloads) {
		g.logf("Notification %s", n.Summary())
	}
}

// logSent writes down a message that leaves.
func (g *Gateway) logSent(o outgoing) {
	g.logf("TO %s %s%s", o.to.remote.Addr(), o.words, cookies(o.header))
}

// cookies stand behind each message: with them two logs are laid side by side.
func cookies(h wire.Header) string {
	return fmt.Sprintf(" CKY-I=%s CKY-R=%s", h.InitiatorCookie, h.ResponderCookie)
}

// logLoaded writes down both SAs of a pair as a Firebox does.
func (g *Gateway) logLoaded(c *child) {
	for _, sa := range []struct {
		direction string
		spi       uint32
	}{{"outbound", c.SPIOut}, {"inbound", c.SPIIn}} {
		g.logf("Load %s ESP SA, Algs=%s Life=%dsec/%dKB SPI=%08x", sa.direction, c.Proposal.Algs(),
			int(c.Lifetime.Seconds()), c.LifetimeKB, sa.spi)
		g.logf("Load %s ESP SA, local %s remote %s", sa.direction, c.Address, c.Peer.Addr())
	}
}

// bundle is what the kernel of a Firebox says of a tunnel's SAs.
func bundle(channel, n int) string {
	return fmt.Sprintf("ipsec: make bundle for channel %d, %d in SA's, %d out SA's", channel, n, n)
}
