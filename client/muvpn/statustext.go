package main

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"muvpn/client"
	"muvpn/client/explain"
	"muvpn/client/figures"
)

// statusText is a status for people: a sentence, then one fact a line.
func statusText(s client.Status, now time.Time, colours bool) string {
	var b strings.Builder
	b.WriteString(coloured(headline(s, now), s.State, colours) + "\n")
	for _, fact := range facts(s, now) {
		if fact[1] != "" {
			fmt.Fprintf(&b, "  %-12s %s\n", fact[0], fact[1])
		}
	}
	if r := s.Failure(); r != nil {
		b.WriteString("\n" + explain.Text(r))
	}
	return b.String()
}

// headline is the state in one sentence.
func headline(s client.Status, now time.Time) string {
	if s.Ended != nil {
		return s.Ended.Text + ", at " + s.Ended.At.Local().Format("15:04 on 2 January")
	}
	sentence := strings.ToUpper(string(s.State[:1])) + string(s.State[1:])
	if s.Profile != "" && (s.State != client.Disconnected || s.OnDemand) {
		sentence += ": " + s.Profile
	}
	if s.State == client.Connected && s.Since != nil {
		return sentence + ", for " + figures.Age(now.Sub(*s.Since))
	}
	if s.Step != "" && s.State != client.Disconnected && s.State != client.Failed {
		sentence += ", " + s.Step
	}
	return sentence
}

// coloured adds the colour of the state; the words say it as well.
func coloured(text string, state client.State, colours bool) string {
	code := "33" // yellow: under way
	switch state {
	case client.Connected:
		code = "32"
	case client.Failed:
		code = "31"
	case client.Disconnected:
		code = "0"
	}
	if !colours {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// facts are the lines of a status; empty ones are left out.
func facts(s client.Status, now time.Time) [][2]string {
	list := [][2]string{
		{"On demand", demand(s, now)},
		{"Gateway", s.Gateway},
		{"Virtual IP", address(s.VirtualIP)},
		{"Networks", join(s.Networks)},
		{"DNS", join(s.DNS)},
		{"Strength", strength(s.Strength)},
		{"Phase 1", phase1(s.IKE)},
	}
	for _, sa := range sas(s) {
		list = append(list, [2]string{"Phase 2", phase2(sa)})
	}
	return append(list, [][2]string{
		{"Traffic", traffic(s)},
		{"Round trip", roundTrips(s, now)},
		{"Lost", lost(s)},
		{"Rekey in", seconds(s.RekeyIn)},
		{"Kill switch", killSwitch(s.KillSwitch)},
		{"Policy", machinePolicy(s.Policy)},
		{"SOCKS5 proxy", proxy(s.Proxy, func(p *client.Proxy) string { return p.SOCKS5 })},
		{"HTTP proxy", proxy(s.Proxy, func(p *client.Proxy) string { return p.HTTP })},
		{"Gateway says", strings.ReplaceAll(s.Banner, "\n", "\n"+strings.Repeat(" ", 15))},
		{"Asked for", askedFor(s.Prompt)},
	}...)
}

// demand says what a packet leads to while nothing is connected.
func demand(s client.Status, now time.Time) string {
	switch {
	case !s.OnDemand:
		return ""
	case s.RetryAt != nil:
		return s.Step + ", in " + figures.Age(max(s.RetryAt.Sub(now), 0))
	}
	return s.Step + "; muvpn down ends that"
}

// killSwitch says what the word means; off is no news.
func killSwitch(k client.KillSwitch) string {
	switch k {
	case client.KillSwitchOn:
		return "on: nothing leaves this computer beside the tunnel"
	case client.KillSwitchBlocking:
		return "on: nothing leaves this computer until it is connected, or until muvpn unblock"
	case client.KillSwitchUnset:
		return "armed but could NOT be set: packets leave this computer beside the tunnel (muvpn log says why)"
	}
	return ""
}

// machinePolicy is what the administrator of this computer demands, and what is
// wrong with it.
func machinePolicy(p *client.Policy) string {
	if p == nil {
		return ""
	}
	var words []string
	for _, rule := range []struct {
		demanded bool
		words    string
	}{{p.PinnedSigners, "pinned signers"}, {p.KillSwitch, "the kill switch"}, {p.ReadOnly, "read-only profiles"}} {
		if rule.demanded {
			words = append(words, rule.words)
		}
	}
	lines := append([]string{"this computer demands " + strings.Join(words, ", ")}, p.Faults...)
	return strings.Join(lines, "\n"+strings.Repeat(" ", 15))
}

// askedFor is what waits for an answer, and who asks it.
func askedFor(p *client.Prompt) string {
	if p == nil {
		return ""
	}
	return p.Text + " (answer it with muvpn up)"
}

func sas(s client.Status) []client.ESP {
	if len(s.SAs) == 0 && s.ESP != nil {
		return []client.ESP{*s.ESP}
	}
	return slices.Clone(s.SAs)
}

func phase1(p *client.IKE) string {
	if p == nil {
		return ""
	}
	return fmt.Sprintf("IKEv%d %s, %s %s %s (%s), cookies %s %s, NAT %s", p.Version, p.Exchange,
		p.Encryption, p.Hash, p.Group, p.Strength, p.Cookies.Initiator, p.Cookies.Responder, p.NAT)
}

func phase2(p client.ESP) string {
	how := "IP protocol 50"
	if p.Encapsulation == "udp" {
		how = "in UDP"
	}
	return fmt.Sprintf("ESP %s (%s), SPI in %s out %s, %s", strings.TrimSpace(p.Encryption+" "+p.Authentication),
		p.Strength, p.SPIIn, p.SPIOut, how)
}

// strength says what the word means.
func strength(s client.Strength) string {
	switch s {
	case client.Broken:
		return "broken: others can read what passes (DES, MD5 or group 1)"
	case client.Aging:
		return "aging: good enough for now (3DES, SHA-1, group 2 or 5, or Aggressive Mode with a shared key)"
	}
	return string(s)
}

func traffic(s client.Status) string {
	if s.Since == nil {
		return ""
	}
	text := figures.Octets(s.BytesIn) + " in, " + figures.Octets(s.BytesOut) + " out"
	if s.RateIn+s.RateOut > 0 {
		text += fmt.Sprintf("; now %s/s in, %s/s out", figures.Octets(s.RateIn), figures.Octets(s.RateOut))
	}
	return text
}

// roundTrips are how long it takes through the tunnel and back, and to the gateway
// and back, and how old that is.
func roundTrips(s client.Status, now time.Time) string {
	var words []string
	for _, r := range []struct {
		is    *client.RoundTrip
		where string
	}{{s.TunnelRoundTrip, "through the tunnel"}, {s.RoundTrip, "to the gateway"}} {
		if r.is != nil {
			words = append(words, fmt.Sprintf("%s %s and back, %s ago", figures.Milliseconds(r.is.LastMS), r.where, figures.Age(max(now.Sub(r.is.At), 0))))
		}
	}
	return strings.Join(words, "; ")
}

// lost is what has not arrived: packets that were dropped, by why, and messages
// of IKE that had to be sent again.
func lost(s client.Status) string {
	var words []string
	for _, why := range slices.Sorted(maps.Keys(s.Drops)) {
		if n := s.Drops[why]; n > 0 && why != "dummy" {
			words = append(words, fmt.Sprintf("%d dropped (%s)", n, why))
		}
	}
	if s.Retransmissions > 0 {
		words = append(words, fmt.Sprintf("%d IKE messages sent again", s.Retransmissions))
	}
	return strings.Join(words, ", ")
}

func seconds(n int64) string {
	if n <= 0 {
		return ""
	}
	return figures.Age(time.Duration(n) * time.Second)
}

func address(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

func proxy(p *client.Proxy, url func(*client.Proxy) string) string {
	if p == nil {
		return ""
	}
	return url(p)
}

func join[T fmt.Stringer](list []T) string {
	words := make([]string, len(list))
	for i, item := range list {
		words[i] = item.String()
	}
	return strings.Join(words, ", ")
}
