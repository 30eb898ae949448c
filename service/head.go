package service

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"muvpn/client"
	"muvpn/profile"
	"muvpn/profile/store"
	"muvpn/service/logbook"
	"muvpn/tunnel/netcfg"
)

// logStart begins the log of this run: which program, on what. The profiles'
// private values are named here, so that what an earlier run wrote of them can
// be redacted although the line that named them is gone.
func (s *session) logStart() {
	var private []logbook.Word
	for _, r := range s.store.List() {
		private = append(private, privateOf(r.Profile)...)
	}
	system := osRelease()
	s.book.Add(logbook.Entry{
		Level: logbook.Info, Event: "START", Head: true, Private: private,
		Text:   fmt.Sprintf("muvpnd %s on %s, %s/%s", client.Build(), system, runtime.GOOS, runtime.GOARCH),
		Fields: map[string]any{"program": "muvpnd", "version": client.Build(), "os": system, "system": runtime.GOOS, "arch": runtime.GOARCH},
	})
	if built := buildTime(); time.Now().Before(built) {
		s.noteClock("it is before " + built.Format(time.DateOnly) + ", when this program was made")
	}
}

// buildTime is the time of the commit that the program was built from; zero:
// unknown.
func buildTime() time.Time {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return time.Time{}
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.time" {
			t, _ := time.Parse(time.RFC3339, s.Value) // zero if it is none
			return t
		}
	}
	return time.Time{}
}

func (s *session) noteClock(why string) {
	s.note(logbook.Warn, "CLOCK", nil, "The clock of this computer is wrong: %s", why)
}

// logProfile says which profile is about to be used, and by whose wish.
func (s *session) logProfile(r store.Record, by string) {
	meta := r.Profile.Meta
	s.noteHead(r, "PROFILE", map[string]any{
		"uuid": meta.UUID, "serial": meta.Serial, "issuer": meta.Issuer, "source": r.Source.Digest,
		"format": r.Source.Format, "signer": r.Source.Signer.Fingerprint(), "by": by,
	}, "Profile %s, serial %d, from %s, source %s, signed by %s; asked for by %s", meta.UUID, meta.Serial,
		cmp.Or(meta.Issuer, "an unnamed issuer"), cmp.Or(shortened(r.Source.Digest), "not sealed"), cmp.Or(r.Source.Signer.Fingerprint(), "nobody"), by)
	if issued := r.Source.Issued; time.Now().Add(24 * time.Hour).Before(issued) {
		s.noteClock("the profile was issued on " + issued.Format(time.DateOnly))
	}
}

// shortened is enough of a digest to compare it over the telephone.
func shortened(digest string) string { return digest[:min(len(digest), 16)] }

// noteHead writes a line about a stored profile that belongs to the head of the
// log.
func (s *session) noteHead(r store.Record, event string, fields map[string]any, format string, args ...any) {
	s.book.Add(logbook.Entry{Level: logbook.Info, Event: event, Profile: r.Name, Head: true,
		Text: fmt.Sprintf(format, args...), Fields: fields, Private: privateOf(r.Profile)})
}

// noteProfile writes a line about a stored profile.
func (s *session) noteProfile(r store.Record, event string, fields map[string]any, format string, args ...any) {
	s.book.Add(logbook.Entry{Level: logbook.Info, Event: event, Profile: r.Name,
		Text: fmt.Sprintf(format, args...), Fields: fields, Private: privateOf(r.Profile)})
}

// privateOf are the values of a profile that a redacted log does not show.
func privateOf(p profile.Profile) []logbook.Word {
	var private []logbook.Word
	for _, user := range []string{p.User, p.Auth.LocalID.Value, p.Auth.XAuth.Username} {
		private = append(private, logbook.Word{Kind: logbook.User, Value: user})
	}
	inner := []string{}
	if p.Network.VirtualIP.Address.IsValid() {
		inner = append(inner, p.Network.VirtualIP.Address.String())
	}
	for _, n := range p.Network.Networks {
		inner = append(inner, n.String())
	}
	for _, a := range append(p.Network.DNS, p.Network.WINS...) {
		inner = append(inner, a.String())
	}
	for _, value := range inner {
		private = append(private, logbook.Word{Kind: logbook.Inner, Value: value})
	}
	return private
}

// logHost writes down the computer's own network as it is before connecting.
func (s *session) logHost() {
	h, err := s.host.Look()
	if err != nil {
		s.note(logbook.Warn, "HOST", nil, "The computer's own network cannot be read: %v", err)
		return
	}
	links, private := describeLinks(h)
	routes := describeRoutes(h)
	s.book.Add(logbook.Entry{Level: logbook.Info, Event: "INTERFACES", Profile: s.conn.profile.Name, Head: true,
		Text: "Interfaces: " + joined(links), Fields: map[string]any{"interfaces": links}, Private: private})
	s.book.Add(logbook.Entry{Level: logbook.Info, Event: "ROUTES", Profile: s.conn.profile.Name, Head: true,
		Text: "Routes: " + joined(routes), Fields: map[string]any{"routes": routes}})
}

func joined(list []string) string { return cmp.Or(strings.Join(list, "; "), "none") }

// describeLinks says which interfaces are up, and which addresses are private.
func describeLinks(h *netcfg.Host) (links []string, private []logbook.Word) {
	for _, l := range h.Links {
		if l.Loopback || !l.Up {
			continue
		}
		text := fmt.Sprintf("%s MTU %d", l.Name, l.MTU)
		for _, a := range l.Addresses {
			text += " " + a.String()
			private = append(private, logbook.Word{Kind: logbook.Local, Value: a.String()})
		}
		links = append(links, text)
	}
	return links, private
}

// describeRoutes says where packets go without the tunnel.
func describeRoutes(h *netcfg.Host) []string {
	names := map[int]string{}
	for _, l := range h.Links {
		names[l.Index] = l.Name
	}
	var routes []string
	for _, r := range h.Routes {
		if r.Dst.Addr().IsLoopback() || r.Dst.Addr().IsMulticast() || r.Dst.Addr().IsLinkLocalUnicast() {
			continue
		}
		text := r.Dst.String()
		if r.Dst.Bits() == 0 {
			text = "default"
		}
		if r.Via.IsValid() {
			text += " via " + r.Via.String()
		}
		routes = append(routes, fmt.Sprintf("%s on %s metric %d", text, names[r.Link], r.Metric))
	}
	return routes
}
