package service

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"time"

	"muvpn/client"
	"muvpn/client/serve"
	"muvpn/profile/store"
	"muvpn/service/logbook"
	"muvpn/service/policy"
	"muvpn/service/sysbus"
	"muvpn/tunnel"
)

// Config is what a Service works with. It becomes the owner of all of it, but
// closes nothing.
type Config struct {
	Book  *logbook.Book
	Store *store.Store
	Host  Host
	// Start starts a tunnel; LookUp resolves the gateway's names. nil: the real
	// ones.
	Start  func(tunnel.Config) (Tunnel, error)
	LookUp Resolver
	// System tells what the system does, as sysbus.Watch; Probe looks for a
	// captive portal. nil: the real ones.
	System func(ctx context.Context, tell func(sysbus.Event)) error
	Probe  func(ctx context.Context, gateway netip.Addr, own []string) bool
	// SettingsFile is where the users' settings are kept; empty: nowhere.
	SettingsFile string
	Knock        Knocker // asks for a diagnosis whether a gateway answers; nil: tunnel.Knock
	// Policy is what the administrator of this computer demands; nil: nothing.
	Policy policy.Source
	// LastFile is where the UUID of the last profile is kept; empty: nowhere.
	LastFile string
}

// Service is the session and what may be asked of it.
type Service struct {
	book         *logbook.Book
	store        *store.Store // used on the loop only
	host         Host         // used on the loop only, but for Proxy
	start        func(tunnel.Config) (Tunnel, error)
	lookUp       Resolver
	chance       func() float64
	system       func(context.Context, func(sysbus.Event)) error
	probe        probe
	lastFile     string
	settingsFile string
	knock        Knocker
	demanded     policy.Source

	board      *board
	hostEvents *hostEvents
	calls      chan func(*session)
	ended      chan struct{} // closed when the loop has ended
	diagnosing sync.Mutex    // held by the one diagnosis that is under way
}

var _ serve.Service = (*Service)(nil)

// New makes a Service that does nothing before Run.
func New(cfg Config) *Service {
	s := &Service{
		book: cfg.Book, store: cfg.Store, host: cfg.Host, start: cfg.Start, lookUp: cfg.LookUp, knock: cfg.Knock,
		system: cfg.System, probe: cfg.Probe, demanded: cfg.Policy,
		chance: rand.Float64, lastFile: cfg.LastFile, settingsFile: cfg.SettingsFile,
		board: newBoard(), hostEvents: newHostEvents(), calls: make(chan func(*session)), ended: make(chan struct{}),
	}
	if s.start == nil {
		s.start = func(c tunnel.Config) (Tunnel, error) { return tunnel.Start(c) }
	}
	if s.lookUp == nil {
		s.lookUp = s.host.LookUp
	}
	if s.system == nil {
		s.system = func(ctx context.Context, tell func(sysbus.Event)) error { return sysbus.Watch(ctx, "", tell) }
	}
	if s.probe == nil {
		s.probe = asking((&net.Dialer{Control: s.host.Prepare}).DialContext) // the firewall lets our own pass
	}
	if s.knock == nil {
		s.knock = tunnel.Knock
	}
	return s
}

// Run is the session's loop. It first undoes what a crash has left behind, and
// returns when ctx has ended, the connection with it, and everything is undone.
func (s *Service) Run(ctx context.Context) {
	defer close(s.ended)
	loop := &session{Service: s, state: client.Disconnected, timer: stopped(), limit: stopped(), again: stopped(), heed: stopped(),
		found: make(chan resolution), portals: make(chan portalAnswer), seated: map[string]bool{}}
	loop.logStart()
	loop.recall()
	if err := s.host.Recover(); err != nil { // a kill switch that is armed comes first
		loop.note(logbook.Error, "NET_LEFT", nil, "What an earlier run has left in the network could not be undone: %v", err)
	}
	loop.watchOver()
	loop.heedPolicy()
	var watching sync.WaitGroup
	watching.Go(func() { s.watchHost(ctx) })
	watching.Go(func() { s.watchSystem(ctx) })
	watching.Go(func() { s.measure(ctx) })
	loop.run(ctx)
	watching.Wait()
	loop.note(logbook.Info, "STOP", nil, "The service ends")
}

// stopped is a timer that nobody has armed.
func stopped() *time.Timer {
	t := time.NewTimer(time.Hour)
	t.Stop()
	return t
}

// Ready returns when what a crash has left behind is undone and the loop
// answers; an error means that ctx or the service has ended before.
func (s *Service) Ready(ctx context.Context) error { return s.do(ctx, func(*session) {}) }

// errEnded is what is asked of a service that ends.
var errEnded = errors.New("the service is ending")

// do has the loop call f, and waits for it.
func (s *Service) do(ctx context.Context, f func(*session)) error {
	done := make(chan struct{})
	select {
	case s.calls <- func(loop *session) { defer close(done); f(loop) }:
		<-done
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-s.ended:
		return errEnded
	}
}

// ask has the loop call f, and returns what f does.
func ask[T any](ctx context.Context, s *Service, f func(*session) (T, error)) (T, error) {
	var result T
	var failed error
	err := s.do(ctx, func(loop *session) { result, failed = f(loop) })
	return result, errors.Join(err, failed)
}
