package service

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"

	"muvpn/client"
	"muvpn/client/reason"
	"muvpn/client/serve"
	"muvpn/profile"
	"muvpn/profile/store"
	"muvpn/service/logbook"
	"muvpn/tunnel"
	"muvpn/tunnel/netcfg"
)

// Knocker finds out whether a gateway answers, as tunnel.Knock.
type Knocker func(ctx context.Context, c *tunnel.Config) (tunnel.Reach, error)

// lookUpTime bounds the look-up of one name for a diagnosis; what follows needs
// the rest of the time.
const lookUpTime = 6 * time.Second

// maxLookUps bounds how many of a profile's names are looked up.
const maxLookUps = 6

// inspected is a link that can say what of its settings is there no longer.
type inspected interface{ Missing() ([]string, error) }

// facts are what a diagnosis is made from.
type facts struct {
	now       time.Time
	built     time.Time // when this program was made; zero: unknown
	system    string    // runtime.GOOS
	source    store.Source
	profile   profile.Profile // with its defaults, without its secrets
	unusable  *reason.Reason
	warnings  []string // of certificates
	host      netcfg.Host
	hostErr   error
	conflicts []netcfg.Conflict
	userspace bool
	tun       error // why there can be no interface
	ports     []portFact
	names     []nameFact
	way       netcfg.Way
	reach     tunnel.Reach
	reachErr  error
	gateway   netip.Addr         // that was knocked at; invalid: none is known
	block     *netcfg.KillSwitch // nil: none is armed
	unset     error              // why that is not in force
	live      *liveFacts         // nil: not connected with this profile
}

// portFact is a local UDP port, and who has it.
type portFact struct {
	port   uint16
	taken  bool
	holder string // empty: not known
}

// nameFact is one of the profile's gateways.
type nameFact struct {
	name  string
	addrs []netip.Addr
	err   error
}

// liveFacts are those of a connection that is up.
type liveFacts struct {
	negotiated tunnel.Negotiated
	network    tunnel.NetConfig
	local      netip.Addr
	counters   tunnel.Counters
	since      time.Time
	missing    []string // of what was set
	missingErr error
	inspected  bool
}

// Diagnose looks at what a connection with a profile needs. The session is asked
// for what it knows; everything that takes time is done here, on the goroutine of
// the one who asks.
func (s *Service) Diagnose(ctx context.Context, who serve.Caller, d client.Diagnose) (client.Diagnosis, error) {
	if !s.diagnosing.TryLock() {
		return client.Diagnosis{}, &client.Refusal{Kind: client.Busy, Text: "another diagnosis is under way: wait for its end, twenty seconds at the most"}
	}
	defer s.diagnosing.Unlock()
	f, err := ask(ctx, s, func(loop *session) (facts, error) { return loop.facts(d.Profile) })
	if err != nil {
		return client.Diagnosis{}, err
	}
	s.lookAround(&f)
	s.lookUpAll(ctx, &f)
	if f.live == nil && f.gateway.IsValid() {
		f.way = f.host.Way(f.gateway, interfaceName)
		f.reach, f.reachErr = s.knock(ctx, &tunnel.Config{Profile: &f.profile, Gateway: f.gateway, Prepare: s.host.Prepare})
	}
	found := diagnosis(f)
	_, private := describeLinks(&f.host)
	s.noteDiagnosis(who, found, append(private, privateOf(f.profile)...))
	return found, nil
}

// facts are what the session knows; no secret is among them.
func (s *session) facts(name string) (facts, error) {
	r, err := s.find(name)
	if err != nil {
		return facts{}, err
	}
	f := facts{now: time.Now(), built: buildTime(), system: runtime.GOOS, source: r.Source, userspace: s.host.Proxy() != nil, block: s.host.KillSwitch(), unset: s.host.Unset()}
	f.profile = r.Profile.Effective()
	f.profile.Name = r.Name
	if p, err := s.store.Unlock(r); err != nil {
		f.unusable = asReason(err)
	} else {
		f.unusable, f.warnings = usable(r, p, f.now), p.CertificateWarnings(f.now)
		p.Auth.Wipe()
	}
	if h, err := s.host.Look(); err != nil {
		f.hostErr = err
	} else {
		f.host = *h
	}
	f.live = s.liveFacts(r.Profile.Meta.UUID)
	return f, nil
}

// liveFacts are those of the connection, if it is up and with this profile.
func (s *session) liveFacts(uuid string) *liveFacts {
	c := s.conn
	if s.state != client.Connected || c.profile.Meta.UUID != uuid || c.network == nil || c.tunnel == nil {
		return nil
	}
	live := &liveFacts{negotiated: c.negotiated, network: *c.network, local: c.tunnel.Local(), since: c.since,
		counters: sum(c.carried, c.tunnel.Counters())}
	if l, ok := c.link.(inspected); ok {
		live.inspected = true
		live.missing, live.missingErr = l.Missing()
	}
	return live
}

// lookAround looks at this computer.
func (s *Service) lookAround(f *facts) {
	inner := tunnel.NetConfig{VirtualIP: f.profile.Network.VirtualIP.Address, Networks: f.profile.Network.Networks, Exclude: f.profile.Network.Exclude}
	if f.live != nil {
		inner = f.live.network
	}
	if inner.VirtualIP.IsValid() {
		f.conflicts = netcfg.Conflicts(network(interfaceName, &inner), &f.host)
	}
	if !f.userspace {
		f.tun = tunnel.HaveTUN()
	}
	own := fmt.Sprintf("(process %d)", os.Getpid())
	for _, port := range portsOf(&f.profile) {
		p := portFact{port: port}
		if p.holder, p.taken = tunnel.PortHolder(port); !strings.HasSuffix(p.holder, own) {
			f.ports = append(f.ports, p)
		}
	}
}

// portsOf are the local ports that a connection wants to have.
func portsOf(p *profile.Profile) []uint16 {
	if p.IKE.LocalPort != 0 {
		return []uint16{p.IKE.LocalPort}
	}
	return []uint16{500, 4500}
}

// lookUpAll looks up the names of the gateways, all at once, and finds the address
// to knock at: that of the connection, or the first.
func (s *Service) lookUpAll(ctx context.Context, f *facts) {
	names := f.profile.Gateway.Addresses
	f.names = make([]nameFact, min(len(names), maxLookUps))
	var lookUps sync.WaitGroup
	for i := range f.names {
		lookUps.Go(func() { f.names[i] = s.lookUpOne(ctx, names[i]) })
	}
	lookUps.Wait()
	for _, n := range f.names {
		if len(n.addrs) > 0 && !f.gateway.IsValid() {
			f.gateway = n.addrs[0]
		}
	}
	if f.live != nil {
		f.gateway = f.live.network.Gateway
	}
}

func (s *Service) lookUpOne(ctx context.Context, name string) nameFact {
	if a, err := netip.ParseAddr(name); err == nil {
		return nameFact{name: name, addrs: []netip.Addr{a}}
	}
	ctx, cancel := context.WithTimeout(ctx, lookUpTime)
	defer cancel()
	addrs, err := s.lookUp(ctx, "ip", name)
	n := nameFact{name: name, err: err}
	for _, a := range addrs[:min(len(addrs), maxAddresses)] {
		n.addrs = append(n.addrs, a.Unmap())
	}
	return n
}

// noteDiagnosis writes down what was found, for the helpdesk.
func (s *Service) noteDiagnosis(who serve.Caller, d client.Diagnosis, private []logbook.Word) {
	for _, c := range d.Checks {
		level := logbook.Info
		if c.Verdict == client.Wrong {
			level = logbook.Warn
		}
		s.book.Add(logbook.Entry{Level: level, Event: "DIAGNOSIS", Profile: d.Profile,
			Text: fmt.Sprintf("%s: %s: %s", c.Name, c.Verdict, c.Text), Private: private,
			Fields: map[string]any{"check": c.Name, "verdict": c.Verdict, "by": who.Peer.String()}})
		private = nil // said once is enough
	}
}
