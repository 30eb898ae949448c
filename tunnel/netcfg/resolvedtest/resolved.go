package resolvedtest

import (
	"bufio"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/godbus/dbus/v5"
)

const (
	name      = "org.freedesktop.resolve1"
	object    = "/org/freedesktop/resolve1"
	linkPaths = object + "/link/"
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
}

// Start starts a bus with a Resolved on it that both end with the test. A
// machine without dbus-daemon skips the test, unless MUVPN_INTEROP is 1.
func Start(t testing.TB) *Resolved {
	t.Helper()
	r := &Resolved{Address: startBus(t), links: map[int32]Link{}}
	var err error
	if r.conn, err = dbus.Connect(r.Address); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.conn.Close() })
	if err := r.conn.Export((*calls)(r), object, name+".Manager"); err != nil {
		t.Fatal(err)
	}
	if _, err := r.conn.RequestName(name, dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	return r
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

// change notes a call and carries it out, unless it is to be refused.
func (r *Resolved) change(call string, index int32, f func(*Link)) *dbus.Error {
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

// calls are the methods of the Manager interface, with the signatures of
// org.freedesktop.resolve1(5).
type calls Resolved

// SetLinkDNS takes ia(iay).
func (c *calls) SetLinkDNS(index int32, servers []struct {
	Family  int32
	Address []byte
}) *dbus.Error {
	return (*Resolved)(c).change("SetLinkDNS", index, func(l *Link) {
		l.DNS = nil
		for _, s := range servers {
			a, _ := netip.AddrFromSlice(s.Address)
			l.DNS = append(l.DNS, a)
		}
	})
}

// SetLinkDomains takes ia(sb).
func (c *calls) SetLinkDomains(index int32, domains []Domain) *dbus.Error {
	return (*Resolved)(c).change("SetLinkDomains", index, func(l *Link) { l.Domains = domains })
}

// SetLinkDefaultRoute takes ib.
func (c *calls) SetLinkDefaultRoute(index int32, enable bool) *dbus.Error {
	return (*Resolved)(c).change("SetLinkDefaultRoute", index, func(l *Link) { l.DefaultRoute = enable })
}

// RevertLink takes i.
func (c *calls) RevertLink(index int32) *dbus.Error {
	r := (*Resolved)(c)
	err := r.change("RevertLink", index, func(*Link) {})
	if err == nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.links, index)
	}
	return err
}

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
	type server struct {
		Family  int32
		Address []byte
	}
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

// startBus starts a dbus-daemon that the test ends, and returns its address.
func startBus(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("dbus-daemon")
	if err != nil && os.Getenv("MUVPN_INTEROP") == "1" {
		t.Fatal("dbus-daemon is not installed (Debian package dbus-daemon)")
	} else if err != nil {
		t.Skip("skipped: dbus-daemon is not installed (Debian package dbus-daemon)")
	}
	folder, err := os.MkdirTemp("", "bus") // short: the name of a socket has at most 107 octets
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	conf := filepath.Join(folder, "bus.conf")
	if err := os.WriteFile(conf, []byte(strings.ReplaceAll(busConf, "FOLDER", folder)), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "--nofork", "--nopidfile", "--print-address", "--config-file="+conf)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("dbus-daemon did not say its address: %v", err)
	}
	return strings.TrimSpace(address)
}

const busConf = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <listen>unix:path=FOLDER/bus</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
    <allow user="*"/>
  </policy>
</busconfig>
`
