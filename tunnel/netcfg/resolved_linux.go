package netcfg

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// systemd-resolved, by its D-Bus interface (org.freedesktop.resolve1(5)). A
// connection is made for each piece of work and closed after it.
const (
	resolvedName   = "org.freedesktop.resolve1"
	resolvedObject = "/org/freedesktop/resolve1"
	manager        = resolvedName + ".Manager."
)

// systemd-networkd, which answers for the interfaces that it manages
// (org.freedesktop.network1(5)).
const (
	networkdName   = "org.freedesktop.network1"
	networkdObject = "/org/freedesktop/network1"
)

// busTime is how long one piece of work may take.
const busTime = 5 * time.Second

// linkDNS is a server as D-Bus has it: signature (iay).
type linkDNS struct {
	Family  int32
	Address []byte
}

// linkDomain is a domain as D-Bus has it: signature (sb). RouteOnly ones are
// not tried as a suffix of short names.
type linkDomain struct {
	Name      string
	RouteOnly bool
}

// onBus connects to the bus of that address, or the system's, and does work.
func onBus(address string, work func(ctx context.Context, c *dbus.Conn) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), busTime)
	defer cancel()
	connect := dbus.ConnectSystemBus
	if address != "" {
		connect = func(opts ...dbus.ConnOption) (*dbus.Conn, error) { return dbus.Connect(address, opts...) }
	}
	c, err := connect(dbus.WithContext(ctx))
	if err != nil {
		return fmt.Errorf("D-Bus: %w", err)
	}
	defer c.Close()
	return work(ctx, c)
}

// resolvedRuns says that systemd-resolved is on the bus. It is not started.
func resolvedRuns(bus string) bool {
	if bus == "-" {
		return false
	}
	runs := false
	err := onBus(bus, func(ctx context.Context, c *dbus.Conn) error {
		return c.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.NameHasOwner", 0, resolvedName).Store(&runs)
	})
	return err == nil && runs
}

// setResolved gives an interface its servers and domains. "~." as a domain
// draws every name to them; otherwise they get only what is below the search
// domains and the routing domains ("~"), and DefaultRoute off keeps other names away.
func setResolved(bus string, index int, d *dns) error {
	servers, domains := resolvedValues(d)
	return onBus(bus, func(ctx context.Context, c *dbus.Conn) error {
		calls := []struct {
			method string
			value  any
		}{{"SetLinkDNS", servers}, {"SetLinkDomains", domains}, {"SetLinkDefaultRoute", d.All}}
		for _, call := range calls {
			err := onLink(ctx, c, call.method, int32(index), call.value)
			for noSuchLink(err) && ctx.Err() == nil {
				time.Sleep(newLinkPause)
				err = onLink(ctx, c, call.method, int32(index), call.value)
			}
			if err != nil {
				return fmt.Errorf("%s: %w", call.method, err)
			}
		}
		return nil
	})
}

// newLinkPause is between two questions whether systemd-resolved has heard of a
// new interface by now.
const newLinkPause = 20 * time.Millisecond

// onLink makes a call about an interface; args begin with its index. What
// systemd-networkd manages must be set there, by a method of the same form.
func onLink(ctx context.Context, c *dbus.Conn, method string, args ...any) error {
	err := c.Object(resolvedName, resolvedObject).CallWithContext(ctx, manager+method, 0, args...).Err
	if !isBusError(err, resolvedName+".LinkBusy") {
		return err
	}
	if method == "RevertLink" {
		method = "RevertLinkDNS"
	}
	return c.Object(networkdName, networkdObject).CallWithContext(ctx, networkdName+".Manager."+method, 0, args...).Err
}

// resolvedValues are a setting's servers and domains as D-Bus has them.
func resolvedValues(d *dns) ([]linkDNS, []linkDomain) {
	var servers []linkDNS
	for _, s := range d.Servers {
		family := int32(unix.AF_INET)
		if s.Is6() {
			family = unix.AF_INET6
		}
		servers = append(servers, linkDNS{family, s.AsSlice()})
	}
	domains := []linkDomain{}
	if d.All {
		domains = append(domains, linkDomain{".", true})
	}
	for _, name := range d.Search {
		domains = append(domains, linkDomain{name, false})
	}
	for _, name := range d.Match {
		domains = append(domains, linkDomain{name, true})
	}
	return servers, domains
}

// revertResolved takes the settings of an interface away, unless it is gone and
// they with it.
func revertResolved(bus string, index int, name string) error {
	link, err := netlink.LinkByIndex(index)
	if vanished(err) || (err == nil && link.Attrs().Name != name) || !resolvedRuns(bus) {
		return nil
	}
	if err != nil {
		return err
	}
	return onBus(bus, func(ctx context.Context, c *dbus.Conn) error {
		err := onLink(ctx, c, "RevertLink", int32(index))
		if noSuchLink(err) {
			return nil
		}
		return err
	})
}

// resolvedText is what is set for an interface now, as a summary; index 0 and
// an interface unknown to systemd-resolved have nothing.
func resolvedText(bus string, index int) (string, error) {
	if index == 0 {
		return "", nil
	}
	var text string
	err := onBus(bus, func(ctx context.Context, c *dbus.Conn) error {
		var path dbus.ObjectPath
		err := c.Object(resolvedName, resolvedObject).CallWithContext(ctx, manager+"GetLink", 0, int32(index)).Store(&path)
		if noSuchLink(err) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("GetLink: %w", err)
		}
		var all map[string]dbus.Variant
		err = c.Object(resolvedName, path).CallWithContext(ctx, "org.freedesktop.DBus.Properties.GetAll", 0, resolvedName+".Link").Store(&all)
		text = linkSummary(all)
		return err
	})
	return text, err
}

// linkSummary reads the properties of an interface.
func linkSummary(all map[string]dbus.Variant) string {
	var servers []linkDNS
	var domains []linkDomain
	var isDefault bool
	for name, to := range map[string]any{"DNS": &servers, "Domains": &domains, "DefaultRoute": &isDefault} {
		if v, ok := all[name]; ok && v.Store(to) != nil {
			return "" // not as documented: set again
		}
	}
	var addrs []netip.Addr
	for _, s := range servers {
		if a, ok := netip.AddrFromSlice(s.Address); ok {
			addrs = append(addrs, a)
		}
	}
	var search, match []string
	every := false
	for _, d := range domains {
		switch {
		case d.RouteOnly && d.Name == ".":
			every = true
		case d.RouteOnly:
			match = append(match, d.Name)
		default:
			search = append(search, d.Name)
		}
	}
	if every != isDefault {
		return "" // not as we set it
	}
	return summary(addrs, search, match, every)
}

// noSuchLink is the answer to an interface that systemd-resolved does not know.
func noSuchLink(err error) bool { return isBusError(err, resolvedName+".NoSuchLink") }

// isBusError says that an answer was the error of that name.
func isBusError(err error, name string) bool {
	var e dbus.Error
	return errors.As(err, &e) && e.Name == name
}
