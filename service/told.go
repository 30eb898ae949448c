package service

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"muvpn/client"
	"muvpn/client/reason"
	"muvpn/service/logbook"
	"muvpn/tunnel"
)

// told deals with what the tunnel tells; without ok it has ended without a
// word.
func (s *session) told(e tunnel.Event, ok bool) {
	if !ok {
		e = tunnel.Down{}
	}
	c := s.conn
	switch e := e.(type) {
	case tunnel.Note:
		s.tunnelNote(e)
	case tunnel.Step:
		s.stepped(e.Name)
	case tunnel.Negotiated:
		c.negotiated = e
	case tunnel.NeedAnswer:
		s.needAnswer(e)
	case tunnel.Up:
		s.setUp(e.NetConfig)
	case tunnel.Down:
		if e.Reason == nil {
			e.Reason = &reason.Reason{Code: reason.Internal, Side: reason.Client, Seen: "the tunnel ended without a reason"}
		}
		s.lost(e.Reason)
	}
}

// steps are the tunnel's steps: what they mean for the session, and in words.
var steps = map[string]struct {
	happening
	words string
}{
	"contacting":     {contacting, "contacting "},
	"authenticating": {authenticating, "authenticating with "},
	"configuring":    {configuring, "agreeing on the networks with "},
	"waiting":        {configuring, "Phase 1 is up, waiting for traffic to "},
}

func (s *session) stepped(name string) {
	step, known := steps[name]
	if !known || s.state == client.Connected {
		return // a rekey goes through the same steps and is nobody's business
	}
	s.happen(step.happening)
	s.conn.step = step.words + s.conn.gateway.String()
}

// setUp makes the inner network what the gateway and the profile say. The
// tunnel says so again when something has changed.
func (s *session) setUp(n tunnel.NetConfig) {
	c := s.conn
	first := c.since.IsZero()
	if first {
		s.happen(configuring)
		c.step = "setting up the network"
		s.publish() // setting it may take seconds
	}
	if err := c.link.Set(&n); err != nil && first {
		s.lost(asReason(err))
		return
	} else if err != nil {
		s.note(logbook.Warn, "NET_LEFT", nil, "The network could not be changed: %v", err)
		return
	}
	c.network, c.setOn, c.backups = &n, c.way, n.Backups
	if first {
		s.established()
	}
}

// established is the moment when packets can pass.
func (s *session) established() {
	c := s.conn
	s.happen(established)
	c.since, c.was, c.last, c.step = time.Now(), true, nil, ""
	c.limits.establish(c.since, c.packets())
	c.asleep.over()
	c.hosts, c.addrs = nil, nil // a later loss begins with the first address again
	c.login.accepted()
	s.keepLogin()
	c.spendPassword()
	n := c.network
	s.write(logbook.Entry{Level: logbook.Info, Event: "CONNECTED", Private: innerWords(n), Fields: map[string]any{
		"gateway": c.gateway, "virtual_ip": n.VirtualIP, "networks": n.Networks, "dns": n.DNS, "mtu": n.MTU,
		"strength": strengthOf(c),
	}, Text: fmt.Sprintf("Connected to %s: virtual IP %s, networks %s, DNS %s, MTU %s, strength %s",
		c.gateway, n.VirtualIP, list(n.Networks), list(n.DNS), mtuOf(n), strengthOf(c))})
	if n.Banner != "" {
		s.note(logbook.Info, "BANNER", nil, "The gateway says: %s", strings.Join(strings.Fields(n.Banner), " "))
	}
	s.checkLimits() // it may be the end of the connection
}

// mtuOf writes the MTU for a line of the log: on demand it comes with the first
// SA pair.
func mtuOf(n *tunnel.NetConfig) string {
	if n.MTU == 0 {
		return "not known yet"
	}
	return strconv.Itoa(n.MTU)
}

// innerWords are the inner addresses, which a redacted log does not show; they
// may be the gateway's and in no profile. Everything is no network of anybody.
func innerWords(n *tunnel.NetConfig) []logbook.Word {
	var words []logbook.Word
	if n.VirtualIP.IsValid() {
		words = append(words, logbook.Word{Kind: logbook.Inner, Value: n.VirtualIP.String()})
	}
	for _, p := range n.Networks {
		if p.Bits() > 0 {
			words = append(words, logbook.Word{Kind: logbook.Inner, Value: p.String()})
		}
	}
	for _, a := range slices.Concat(n.DNS, n.WINS) {
		words = append(words, logbook.Word{Kind: logbook.Inner, Value: a.String()})
	}
	return words
}

// list writes values for a line of the log.
func list[T interface{ String() string }](values []T) string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = v.String()
	}
	if len(words) == 0 {
		return "none"
	}
	return strings.Join(words, ", ")
}
