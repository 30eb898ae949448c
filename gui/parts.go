package gui

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"muvpn/client"
	"muvpn/client/figures"
	"muvpn/client/reason"
)

// rows are the profiles, in the order of the service.
func rows(s Seen, w Words) []Row {
	chosen := choice(s)
	list := make([]Row, 0, len(s.Profiles))
	for _, p := range s.Profiles {
		r := Row{UUID: p.UUID, Name: p.Name, Below: p.Gateway, Chosen: p.UUID == chosen, Tone: Quiet}
		if p.UUID == s.Status.UUID {
			r.Tone, _ = state(s.Status.State, w)
		}
		if p.Expires != nil && p.Expires.Before(s.Now) {
			r.Below = w("Expired: ask your administrator for a new file")
		}
		list = append(list, r)
	}
	return list
}

// choice is the UUID of the profile that the large button is about: the one in
// use, else the one that was chosen, else the last one used.
func choice(s Seen) string {
	if active(s.Status.State) {
		return s.Status.UUID
	}
	pick := ""
	for i, p := range s.Profiles {
		switch {
		case p.UUID == s.Chosen:
			return p.UUID
		case p.Last, i == 0:
			pick = p.UUID
		}
	}
	return pick
}

// active says that there is a connection, or one is being made or ended.
func active(s client.State) bool {
	return s != client.Disconnected && s != client.Failed && s != ""
}

// button is what the large button does now.
func button(s Seen, w Words) Button {
	switch st := s.Status.State; {
	case st == client.Connected || st == client.Reconnecting:
		return Button{w("Disconnect"), Disconnect}
	case st == client.Disconnecting:
		return Button{Label: w("Disconnect")}
	case active(st):
		return Button{w("Cancel"), Cancel}
	case len(s.Profiles) == 0:
		return Button{Label: w("Connect")}
	}
	return Button{w("Connect"), Connect}
}

// notices are what the user should know beside the state.
func notices(s Seen, w Words) []Notice {
	var list []Notice
	switch s.Status.KillSwitch {
	case client.KillSwitchBlocking:
		n := Notice{Tone: Warn, Text: w("The kill switch is on: nothing leaves this computer until it is connected.")}
		if !active(s.Status.State) {
			n.Button = Button{w("Unblock"), Unblock}
		}
		list = append(list, n)
	case client.KillSwitchUnset:
		list = append(list, Notice{Tone: Bad, Text: w("The kill switch could NOT be set: packets leave this computer beside the tunnel.")})
	}
	if s.Status.OnDemand {
		list = append(list, Notice{Tone: Quiet, Text: w("It connects by itself as soon as something wants to reach the office network."),
			Button: Button{w("Stop waiting"), Disconnect}})
	}
	return list
}

// stepNames are the parts of an attempt as they are read aloud.
func stepNames(w Words) []string {
	return []string{w("Find the gateway"), w("Reach the gateway"), w("Prove who we are"), w("Set up the tunnel"), w("Connected")}
}

// steps are shown while an attempt is under way and after it has failed.
func steps(s Seen, w Words) []Step {
	at := step(s.Status.State)
	failed := s.Status.State == client.Failed
	if failed {
		at = brokeAt(s)
	}
	if at < 0 || s.Status.State == client.Connected {
		return nil
	}
	list := make([]Step, len(way))
	for i, name := range stepNames(w) {
		list[i] = Step{name, mark(i, at, failed)}
	}
	return list
}

// brokeAt is the step at which an attempt has failed. A gateway that refuses was
// reached.
func brokeAt(s Seen) int {
	at := step(s.Trail.Furthest)
	if why := s.Status.Failure(); at == step(client.Contacting) && why != nil && why.Side == reason.Gateway {
		at++
	}
	return at
}

func mark(i, at int, failed bool) Mark {
	switch {
	case i < at:
		return Done
	case i > at:
		return Coming
	case failed:
		return Broke
	}
	return Doing
}

// facts are the details; those of which nothing is known are left out.
func facts(s Seen, w Words) []Fact {
	now := s.Status
	if !active(now.State) {
		return nil
	}
	all := []Fact{
		{w("Gateway"), now.Gateway},
		{w("Virtual IP"), address(now.VirtualIP)},
		{w("Networks"), join(now.Networks)},
		{w("Name servers"), join(now.DNS)},
		{w("Search domains"), strings.Join(now.Search, ", ")},
		{w("Phase 1"), phase1(now.IKE)},
		{w("Phase 2"), phase2(now.ESP)},
		{w("Next rekey"), soon(now.RekeyIn, w)},
		{w("Received"), carried(now.BytesIn, now.PacketsIn, now.RateIn, w)},
		{w("Sent"), carried(now.BytesOut, now.PacketsOut, now.RateOut, w)},
		{w("Round trip"), roundTrips(now, w)},
		{w("Lost"), lost(now, w)},
	}
	if now.Since == nil {
		all = all[:7]
	}
	return slices.DeleteFunc(all, func(f Fact) bool { return f.Value == "" })
}

func phase1(p *client.IKE) string {
	if p == nil {
		return ""
	}
	return fmt.Sprintf("IKEv%d %s, %s", p.Version, p.Exchange, joinWords(p.Encryption, p.Hash, p.Group))
}

func phase2(p *client.ESP) string {
	if p == nil {
		return ""
	}
	how := "IP 50"
	if p.Encapsulation == "udp" {
		how = "UDP"
	}
	return fmt.Sprintf("ESP %s, %s", joinWords(p.Encryption, p.Authentication), how)
}

// soon is when the keys are renewed, in whole minutes.
func soon(seconds int64, w Words) string {
	switch {
	case seconds <= 0:
		return ""
	case seconds < 60:
		return w("in less than a minute")
	}
	n := map[string]any{"Hours": seconds / 3600, "Minutes": seconds / 60}
	if seconds < 3600 {
		return w("in {{.Minutes}} min", n)
	}
	n["Minutes"] = seconds / 60 % 60
	return w("in {{.Hours}} h {{.Minutes}} min", n)
}

func carried(octets, packets, rate uint64, w Words) string {
	text := w("{{.Size}} in {{.Packets}} packets", map[string]any{"Size": figures.Octets(octets), "Packets": packets})
	if rate > 0 {
		text += ", " + figures.Octets(rate) + "/s"
	}
	return text
}

// roundTrips are how long it takes through the tunnel and to the gateway, as far as
// that was measured.
func roundTrips(s client.Status, w Words) string {
	var texts []string
	if r := s.TunnelRoundTrip; r != nil {
		texts = append(texts, w("{{.Time}} through the tunnel", map[string]any{"Time": figures.Milliseconds(r.LastMS)}))
	}
	if r := s.RoundTrip; r != nil {
		texts = append(texts, w("{{.Time}} to the gateway", map[string]any{"Time": figures.Milliseconds(r.LastMS)}))
	}
	return strings.Join(texts, ", ")
}

// lost counts what was thrown away; dummies of the other end are not.
func lost(s client.Status, w Words) string {
	var n uint64
	for why, count := range s.Drops {
		if why != "dummy" {
			n += count
		}
	}
	if n == 0 {
		return ""
	}
	return w("{{.Packets}} packets", map[string]any{"Packets": n})
}

func address(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

func join[T fmt.Stringer](list []T) string {
	words := make([]string, len(list))
	for i, item := range list {
		words[i] = item.String()
	}
	return strings.Join(words, ", ")
}

func joinWords(words ...string) string {
	return strings.Join(slices.DeleteFunc(words, func(s string) bool { return s == "" }), " ")
}
