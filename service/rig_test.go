package service

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"golang.zx2c4.com/wireguard/tun"

	"muvpn/client"
	"muvpn/client/pipe"
	"muvpn/client/reason"
	"muvpn/client/serve"
	"muvpn/profile"
	"muvpn/profile/store"
	"muvpn/service/logbook"
	"muvpn/service/policy"
	"muvpn/service/sysbus"
	"muvpn/tunnel"
	"muvpn/tunnel/netcfg"
	"muvpn/tunnel/tuntest"
)

// The secrets of these tests. None may be found anywhere.
const (
	psk      = "psk-Zy8wVuTsRq-secret"
	password = "password-Kl7mNoPq-secret"
)

// office is a profile as an administrator would write it.
const office = `
name = "Office"
user = "lisa"
[meta]
uuid = "0b9f5a3e-2f7e-4a38-9a4c-0d2f6c1b7e55"
serial = 3
issuer = "IT of Example"
[gateway]
addresses = ["firebox.example.com", "198.51.100.7"]
[auth]
local_id = { type = "user_fqdn", value = "lisa" }
psk = { source = "inline", value = "` + psk + `" }
[ike]
proposals = ["3des-sha1-modp1024"]
[esp]
proposals = ["3des-sha1"]
[network]
virtual_ip = { address = "192.168.10.201" }
networks = ["192.168.10.0/24"]
dns = ["192.168.10.2"]
`

// other is a second profile.
const other = `
name = "Lab"
[gateway]
addresses = ["203.0.113.9"]
[auth]
local_id = { type = "user_fqdn", value = "lisa" }
psk = { source = "prompt" }
[network]
virtual_ip = { address = "10.9.0.5" }
networks = ["10.9.0.0/16"]
`

var (
	root  = serve.Caller{Peer: pipe.Peer{User: "0"}, Rights: pipe.Administer}
	user  = serve.Caller{Peer: pipe.Peer{User: "1000"}, Rights: pipe.Use}
	inner = tunnel.NetConfig{
		VirtualIP: netip.MustParseAddr("192.168.10.201"),
		Networks:  []netip.Prefix{netip.MustParsePrefix("192.168.10.0/24")},
		DNS:       []netip.Addr{netip.MustParseAddr("192.168.10.2")}, MTU: 1400,
	}
)

// fakeTunnel does what the test says.
type fakeTunnel struct {
	cfg    tunnel.Config
	local  netip.Addr
	events chan tunnel.Event

	mu       sync.Mutex
	answers  map[int]string
	counters tunnel.Counters
	ended    bool
}

// Local is the computer's address, wherever it is.
func (f *fakeTunnel) Local() netip.Addr { return f.local }

func (f *fakeTunnel) Events() <-chan tunnel.Event { return f.events }

func (f *fakeTunnel) Answer(id int, value []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answers[id] = string(value)
}

func (f *fakeTunnel) Counters() tunnel.Counters {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.counters
}

// Close says goodbye, which takes a while unless everything was said.
func (f *fakeTunnel) Close() {
	f.mu.Lock()
	ended := f.ended
	f.mu.Unlock()
	if ended {
		return
	}
	time.Sleep(100 * time.Millisecond)
	f.end(&reason.Reason{Code: reason.Cancelled, Side: reason.Client})
}

// end is the tunnel's last word.
func (f *fakeTunnel) end(r *reason.Reason) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ended {
		return
	}
	f.ended = true
	f.events <- tunnel.Note{Level: 1, Code: "IKE_TX", Text: "TO 198.51.100.7 IN-HDR* ISA_HASH ISA_DELETE"}
	f.events <- tunnel.Down{Reason: r}
	close(f.events)
}

// down ends it for a reason and waits until the session has dealt with it.
func (f *fakeTunnel) down(c reason.Code) {
	f.end(&reason.Reason{Code: c, Side: reason.Gateway, Seen: "the test said so"})
	synctest.Wait()
}

// say tells the session something and waits until it has dealt with it.
func (f *fakeTunnel) say(events ...tunnel.Event) {
	for _, e := range events {
		f.events <- e
	}
	synctest.Wait()
}

// comeUp goes through all steps.
func (f *fakeTunnel) comeUp() {
	n := inner
	n.Gateway = f.cfg.Gateway
	f.say(tunnel.Step{Name: "authenticating"}, negotiated, tunnel.Step{Name: "configuring"}, tunnel.Up{NetConfig: n})
}

var negotiated = tunnel.Negotiated{
	IKE: &tunnel.IKE{Version: 1, Exchange: "aggressive", Encryption: "3des", Hash: "sha1", Group: "modp1024",
		InitiatorCookie: "0011223344556677", ResponderSPI: "8899aabbccddeeff", NAT: "none"},
	ESP: []tunnel.ESP{{Encryption: "3des", Authentication: "sha1", SPIIn: 0x4a135, SPIOut: 0x6985177e, Encapsulation: "udp"}},
}

// fakeHost is a computer that remembers what was done to it.
type fakeHost struct {
	opened, closed int
	device         *tuntest.Device // of the link that was opened last
	set            []*tunnel.NetConfig
	openErr        error
	setErr         error
	prepareErr     error
	prepared       int
	recovered      bool

	armed, killSwitch *netcfg.KillSwitch // on the disk, and in force
	blockErr          error
	guarded           int
	unblocked         int
	unset             error // until Guard was called so often:
	heals             int

	mu      sync.Mutex
	at      *netcfg.Host // nil: home
	lookErr error
	tell    func(netcfg.Event)
}

func (h *fakeHost) Recover() error       { h.recovered = true; h.killSwitch = h.armed; return nil }
func (h *fakeHost) Proxy() *client.Proxy { return nil }
func (h *fakeHost) Close() error         { return nil }
func (h *fakeHost) Device() tun.Device   { return h.device }

func (h *fakeHost) Prepare(string, string, syscall.RawConn) error { h.prepared++; return h.prepareErr }
func (h *fakeHost) KillSwitch() *netcfg.KillSwitch                { return h.killSwitch }
func (h *fakeHost) Unset() error                                  { return h.unset }
func (h *fakeHost) LookUp(context.Context, string, string) ([]netip.Addr, error) {
	return nil, errors.New("the rig has a resolver of its own")
}

// home and cafe are where the computer may be.
var (
	home = netcfg.Host{
		Links:  []netcfg.Link{{Name: "eth0", Index: 2, MTU: 1500, Up: true, Addresses: []netip.Prefix{netip.MustParsePrefix("192.168.1.23/24")}}},
		Routes: []netcfg.Route{{Dst: netip.MustParsePrefix("0.0.0.0/0"), Via: netip.MustParseAddr("192.168.1.1"), Link: 2, Metric: 100}},
	}
	cafe = netcfg.Host{
		Links:  []netcfg.Link{{Name: "wlan0", Index: 3, MTU: 1500, Up: true, Addresses: []netip.Prefix{netip.MustParsePrefix("10.0.0.7/24")}}},
		Routes: []netcfg.Route{{Dst: netip.MustParsePrefix("0.0.0.0/0"), Via: netip.MustParseAddr("10.0.0.1"), Link: 3, Metric: 600}},
	}
)

func (h *fakeHost) Look() (*netcfg.Host, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.at == nil {
		return &home, h.lookErr
	}
	return h.at, h.lookErr
}

// unreadable has the computer not let itself be looked at; nil ends it.
func (h *fakeHost) unreadable(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lookErr = err
}

func (h *fakeHost) Watch(ctx context.Context, tell func(netcfg.Event)) error {
	h.mu.Lock()
	h.tell = tell
	h.mu.Unlock()
	<-ctx.Done()
	return nil
}

// moves takes the computer somewhere else; nil is home.
func (h *fakeHost) moves(to *netcfg.Host, e netcfg.Event) {
	h.mu.Lock()
	h.at = to
	tell := h.tell
	h.mu.Unlock()
	tell(e)
	synctest.Wait()
}

func (h *fakeHost) Open(*profile.Profile, func(tunnel.Note)) (tunnel.Link, error) {
	if h.openErr != nil {
		return nil, h.openErr
	}
	h.opened++
	h.device = tuntest.New(10)
	return fakeLink{h}, nil
}

// fakeLink is the interface of fakeHost.
type fakeLink struct{ *fakeHost }

func (l fakeLink) Set(n *tunnel.NetConfig) error {
	time.Sleep(time.Second) // as on Windows
	if l.setErr != nil {
		return l.setErr
	}
	l.fakeHost.set = append(l.fakeHost.set, n)
	return nil
}

func (l fakeLink) Close() error {
	l.fakeHost.set = append(l.fakeHost.set, nil)
	l.fakeHost.closed++
	return nil
}

// rig is a service among fakes, in virtual time.
type rig struct {
	*Service
	t       *testing.T
	host    *fakeHost
	tunnels chan *fakeTunnel // each as it is started
	startAs error            // what starting a tunnel ends in
	dir     string
	names   map[string][]netip.Addr
	portal  bool          // there is a captive portal
	probing time.Duration // how long it takes to find out
	probes  int           // how often that was done
	probed  string        // whom that asked last
	stop    func()

	telling sync.Mutex
	tell    func(sysbus.Event) // nil: nobody listens
	noBus   chan error         // what listening ends in
}

// run plays a test with the profile office in the store.
func run(t *testing.T, test func(*testing.T, *rig)) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		defer r.stop()
		r.imported(office)
		test(t, r)
	})
}

func newRig(t *testing.T) *rig {
	t.Helper()
	return rigIn(t, t.TempDir())
}

// rigIn is one that finds what another has left in its folder.
func rigIn(t *testing.T, dir string) *rig {
	t.Helper()
	return rigOn(t, dir, &fakeHost{})
}

// rigOn is one on a computer that has a past.
func rigOn(t *testing.T, dir string, host *fakeHost) *rig {
	t.Helper()
	return rigWith(t, dir, host, nil)
}

// rigWith is one whose computer has a policy.
func rigWith(t *testing.T, dir string, host *fakeHost, demands policy.Source) *rig {
	t.Helper()
	book, err := logbook.Open(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	profiles, warnings, err := store.Open(filepath.Join(dir, "profiles"), nil)
	if err != nil || warnings != nil {
		t.Fatal(err, warnings)
	}
	r := &rig{t: t, dir: dir, host: host, tunnels: make(chan *fakeTunnel, 10), noBus: make(chan error), names: map[string][]netip.Addr{
		"firebox.example.com": {netip.MustParseAddr("198.51.100.1")},
	}}
	r.Service = New(Config{Book: book, Store: profiles, Host: r.host, LastFile: filepath.Join(dir, "last"),
		SettingsFile: filepath.Join(dir, "settings.toml"), System: r.watchSystem, Probe: r.lookForPortal,
		Start: r.startTunnel, LookUp: r.lookUpName, Policy: demands})
	r.chance = func() float64 { return 0 }
	ctx, cancel := context.WithCancel(context.Background())
	go r.Run(ctx)
	r.stop = sync.OnceFunc(func() {
		cancel()
		<-r.ended
		book.Close()
	})
	return r
}

func (r *rig) startTunnel(cfg tunnel.Config) (Tunnel, error) {
	if r.startAs != nil {
		return nil, r.startAs
	}
	at, _ := r.host.Look()
	if len(at.Links) == 0 {
		return nil, &reason.Reason{Code: reason.NoRoute, Side: reason.Client, Seen: "network is unreachable"}
	}
	f := &fakeTunnel{cfg: cfg, local: at.Links[0].Addresses[0].Addr(), events: make(chan tunnel.Event, 100), answers: map[int]string{}}
	r.tunnels <- f
	return f, nil
}

// lookUpName takes a second, and ten when it does not know the name.
func (r *rig) lookUpName(ctx context.Context, _, host string) ([]netip.Addr, error) {
	wait := time.Second
	if r.names[host] == nil {
		wait = time.Hour
	}
	select {
	case <-time.After(wait):
		return r.names[host], nil
	case <-ctx.Done():
		return nil, errors.New("no answer")
	}
}

// imported stores a profile.
func (r *rig) imported(toml string) client.Plan {
	r.t.Helper()
	plan, err := r.Import(r.t.Context(), root, client.Import{Plain: []byte(toml), Source: "plain TOML",
		Accept: []client.Consent{client.ConsentNew, client.ConsentUpdate, client.ConsentLegacy}})
	if err != nil {
		r.t.Fatal(err)
	}
	return plan
}

// up asks for a connection and returns the tunnel that it leads to.
func (r *rig) up(u client.Up) *fakeTunnel {
	r.t.Helper()
	if _, err := r.Up(r.t.Context(), user, u); err != nil {
		r.t.Fatal(err)
	}
	return r.next()
}

// next is the next tunnel to be started.
func (r *rig) next() *fakeTunnel {
	r.t.Helper()
	select {
	case f := <-r.tunnels:
		synctest.Wait()
		return f
	case <-time.After(time.Hour):
		r.t.Fatal("no tunnel was started")
		return nil
	}
}

// connected is a tunnel that is up.
func (r *rig) connected() *fakeTunnel {
	r.t.Helper()
	return r.connectedTo("")
}

// connectedTo is one with a profile.
func (r *rig) connectedTo(name string) *fakeTunnel {
	r.t.Helper()
	f := r.up(client.Up{Profile: name})
	f.comeUp()
	time.Sleep(2 * time.Second) // setting the network takes one
	r.is(client.Connected)
	return f
}

// is checks the state and returns the status.
func (r *rig) is(want client.State) client.Status {
	r.t.Helper()
	synctest.Wait()
	now, _ := r.Status()
	if now.State != want {
		r.t.Fatalf("the state is %s (%s, %s), want %s", now.State, now.Reason, now.Step, want)
	}
	return now
}

// because checks that the connection has failed for a reason.
func (r *rig) because(want reason.Code) client.Status {
	r.t.Helper()
	now := r.is(client.Failed)
	if now.Reason != want {
		r.t.Fatalf("it failed because of %s: %s, want %s", now.Reason, now.Seen, want)
	}
	return now
}

// log is the whole log as text.
func (r *rig) log(o client.LogOptions) string {
	r.t.Helper()
	var b bytes.Buffer
	if err := r.Log(r.t.Context(), &b, o); err != nil {
		r.t.Fatal(err)
	}
	return b.String()
}

// tells checks that the log has these events in this order.
func (r *rig) tells(events ...string) {
	r.t.Helper()
	log := r.log(client.LogOptions{})
	rest := log
	for _, e := range events {
		_, after, found := strings.Cut(rest, " "+e+" ")
		if !found {
			r.t.Fatalf("the log does not tell of %s in its place:\n%s", e, log)
		}
		rest = after
	}
}

// sprint is everything that can be seen of a value: as Go prints it and as the
// wire has it.
func sprint(v any) string {
	b, _ := json.Marshal(v)
	return fmt.Sprintf("%+v %#v %s", v, v, b)
}

// files are the log's files themselves.
func (r *rig) files() (texts []string) {
	r.t.Helper()
	names, err := filepath.Glob(filepath.Join(r.dir, "log", "*"))
	if err != nil || len(names) < 2 {
		r.t.Fatal(names, err)
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			r.t.Fatal(err)
		}
		texts = append(texts, string(b))
	}
	return texts
}
