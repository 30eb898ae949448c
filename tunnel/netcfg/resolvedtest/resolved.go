package resolvedtest

import (
	"fmt"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

const (
	name      = "org.freedesktop.resolve1"
	object    = "/org/freedesktop/resolve1"
	linkPaths = object + "/link/"

	networkName   = "org.freedesktop.network1"
	networkObject = "/org/freedesktop/network1"
)

// Link is what was set for one interface.
type Link struct {
	DNS          []netip.Addr
	Domains      []Domain
	DefaultRoute bool
}

// Domain is a search domain or, when RouteOnly, one that only draws names.
type Domain struct {
	Name      string
	RouteOnly bool
}

// Resolved is the stand-in.
type Resolved struct {
	Address string // of its bus

	conn  *dbus.Conn
	mu    sync.Mutex
	links map[int32]Link
	calls []string
	fail  string
	deaf  int  // so many calls know no interface
	busy  bool // interfaces are managed by systemd-networkd
	slow  time.Duration
}

// Start starts a bus with a Resolved on it that both end with the test. A
// machine without dbus-daemon skips the test, unless MUVPN_INTEROP is 1.
func Start(t testing.TB) *Resolved {
	t.Helper()
	r := &Resolved{Address: StartBus(t), links: map[int32]Link{}}
	var err error
	if r.conn, err = dbus.Connect(r.Address); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.conn.Close() })
	r.offer(t, (*calls)(r), name, object)
	r.offer(t, (*networkd)(r), networkName, networkObject)
	return r
}

// offer puts the Manager interface of a service on the bus.
func (r *Resolved) offer(t testing.TB, service any, name, object string) {
	t.Helper()
	if err := r.conn.Export(service, dbus.ObjectPath(object), name+".Manager"); err != nil {
		t.Fatal(err)
	}
	if _, err := r.conn.RequestName(name, dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
}

// Link is what is set for an interface now; false: nothing.
func (r *Resolved) Link(index int) (Link, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	l, ok := r.links[int32(index)]
	return l, ok
}

// Links is for how many interfaces something is set.
func (r *Resolved) Links() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.links)
}

// Calls are the names of the calls that changed something, in order.
func (r *Resolved) Calls() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.calls...)
}

// Fail has every following call of that name refused; "" ends it.
func (r *Resolved) Fail(call string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fail = call
}

// Manage has every interface managed by systemd-networkd, which then must be
// asked instead.
func (r *Resolved) Manage() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.busy = true
}

// Deaf has so many of the following calls know no interface.
func (r *Resolved) Deaf(calls int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.deaf = calls
}

// Slow has every following call that changes something take so long.
func (r *Resolved) Slow(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.slow = d
}

// idle lets the time pass that a call takes.
func (r *Resolved) idle() {
	r.mu.Lock()
	d := r.slow
	r.mu.Unlock()
	time.Sleep(d)
}

// refusal is what a call to systemd-resolved is refused with, or nil.
func (r *Resolved) refusal() *dbus.Error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.deaf > 0 {
		r.deaf--
		return dbus.NewError(name+".NoSuchLink", []any{"link not known"})
	}
	if r.busy {
		return dbus.NewError(name+".LinkBusy", []any{"link is managed"})
	}
	return nil
}

// change notes a call and carries it out, unless it is to be refused.
func (r *Resolved) change(call string, index int32, f func(*Link)) *dbus.Error {
	r.idle()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, call)
	if call == r.fail {
		return dbus.NewError("org.freedesktop.DBus.Error.AccessDenied", []any{"refused by the test"})
	}
	l := r.links[index]
	f(&l)
	r.links[index] = l
	return nil
}

// A server is (iay), its family and its octets.
type server struct {
	Family  int32
	Address []byte
}

func (r *Resolved) setDNS(index int32, servers []server) *dbus.Error {
	return r.change("SetLinkDNS", index, func(l *Link) {
		l.DNS = nil
		for _, s := range servers {
			a, _ := netip.AddrFromSlice(s.Address)
			l.DNS = append(l.DNS, a)
		}
	})
}

func (r *Resolved) setDomains(index int32, domains []Domain) *dbus.Error {
	return r.change("SetLinkDomains", index, func(l *Link) { l.Domains = domains })
}

func (r *Resolved) setDefaultRoute(index int32, enable bool) *dbus.Error {
	return r.change("SetLinkDefaultRoute", index, func(l *Link) { l.DefaultRoute = enable })
}

func (r *Resolved) revert(index int32) *dbus.Error {
	err := r.change("RevertLink", index, func(*Link) {})
	if err == nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.links, index)
	}
	return err
}

// calls are the methods of org.freedesktop.resolve1.Manager, with the
// signatures of org.freedesktop.resolve1(5).
type calls Resolved

// SetLinkDNS takes ia(iay).
func (c *calls) SetLinkDNS(index int32, servers []server) *dbus.Error {
	return firstError((*Resolved)(c).refusal, func() *dbus.Error { return (*Resolved)(c).setDNS(index, servers) })
}

// SetLinkDomains takes ia(sb).
func (c *calls) SetLinkDomains(index int32, domains []Domain) *dbus.Error {
	return firstError((*Resolved)(c).refusal, func() *dbus.Error { return (*Resolved)(c).setDomains(index, domains) })
}

// SetLinkDefaultRoute takes ib.
func (c *calls) SetLinkDefaultRoute(index int32, enable bool) *dbus.Error {
	return firstError((*Resolved)(c).refusal, func() *dbus.Error { return (*Resolved)(c).setDefaultRoute(index, enable) })
}

// RevertLink takes i.
func (c *calls) RevertLink(index int32) *dbus.Error {
	return firstError((*Resolved)(c).refusal, func() *dbus.Error { return (*Resolved)(c).revert(index) })
}

// firstError does one after the other until one fails.
func firstError(steps ...func() *dbus.Error) *dbus.Error {
	for _, s := range steps {
		if err := s(); err != nil {
			return err
		}
	}
	return nil
}

// networkd are the methods of org.freedesktop.network1.Manager for the same.
type networkd Resolved

// SetLinkDNS takes ia(iay).
func (n *networkd) SetLinkDNS(index int32, servers []server) *dbus.Error {
	return (*Resolved)(n).setDNS(index, servers)
}

// SetLinkDomains takes ia(sb).
func (n *networkd) SetLinkDomains(index int32, domains []Domain) *dbus.Error {
	return (*Resolved)(n).setDomains(index, domains)
}

// SetLinkDefaultRoute takes ib.
func (n *networkd) SetLinkDefaultRoute(index int32, enable bool) *dbus.Error {
	return (*Resolved)(n).setDefaultRoute(index, enable)
}

// RevertLinkDNS takes i.
func (n *networkd) RevertLinkDNS(index int32) *dbus.Error { return (*Resolved)(n).revert(index) }

// GetLink takes i and gives the object of the interface.
func (c *calls) GetLink(index int32) (dbus.ObjectPath, *dbus.Error) {
	path := dbus.ObjectPath(fmt.Sprintf("%s%d", linkPaths, index))
	err := c.conn.Export(&properties{(*Resolved)(c), index}, path, "org.freedesktop.DBus.Properties")
	if err != nil {
		return "", dbus.MakeFailedError(err)
	}
	return path, nil
}

// properties is the object of one interface.
type properties struct {
	r     *Resolved
	index int32
}

// GetAll gives the properties of org.freedesktop.resolve1.Link.
func (p *properties) GetAll(string) (map[string]dbus.Variant, *dbus.Error) {
	l, _ := p.r.Link(int(p.index))
	servers := []server{}
	for _, a := range l.DNS {
		servers = append(servers, server{map[bool]int32{true: 2, false: 10}[a.Is4()], a.AsSlice()})
	}
	domains := append([]Domain{}, l.Domains...)
	return map[string]dbus.Variant{
		"DNS": dbus.MakeVariant(servers), "Domains": dbus.MakeVariant(domains),
		"DefaultRoute": dbus.MakeVariant(l.DefaultRoute),
	}, nil
}
