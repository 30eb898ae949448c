package systemd

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"muvpn/service/interop/lab"
)

// What lisa may have: the office alone, or everything through the tunnel.
const (
	split = "[network]\nvirtual_ip = { mode = \"static\", address = \"192.168.10.201\" }\n" +
		"networks = [\"192.168.10.0/24\"]\ndns = [\"192.168.10.2\"]\nsearch = [\"office.example.com\"]\n"
	full = "[network]\nvirtual_ip = { mode = \"static\", address = \"192.168.10.201\" }\n" +
		"full_tunnel = true\ndns = [\"192.168.10.2\"]\nsearch = [\"office.example.com\"]\n"
)

// resolved is muvpnd on a machine of systemd-networkd and systemd-resolved: what
// it tells them, and that it is gone afterwards, however muvpnd ends.
func resolved(t *testing.T, m *machine, programs string) {
	m.gateway(programs)
	steering := m.steering(programs)
	c := m.boot(t)
	c.networkd()
	c.installs(programs)
	c.imports(1, "split", split, byName...)
	c.imports(2, "full", full, byName...)
	c.plays(t,
		scene{"resolved gets the office's names in a split tunnel, all in a full one", names},
		scene{"systemd's own services begin anew while connected", othersBeginAnew},
		scene{"muvpnd is stopped while connected", stoppedConnected},
		scene{"muvpnd is killed in every state at random moments", func(t *testing.T, c *container) { killsAtRandom(t, c, steering) }},
		scene{"muvpnd is uninstalled while connected", uninstalledConnected},
	)
}

// names: systemd-resolved has what it was told as long as there is a connection.
func names(t *testing.T, c *container) {
	w, before := c.watches(), c.snapshot()
	for profile, want := range map[string][]string{
		"split": {"dns 192.168.10.2", "domain office.example.com", "default-route no"},
		"full":  {"dns 192.168.10.2", "domain ~. office.example.com", "default-route yes"},
	} {
		c.connects(w, profile)
		said := c.must("sh", "-c", resolvectlOfOurs)
		if lack := missing(said, want...); len(lack) > 0 {
			t.Errorf("in a %s tunnel systemd-resolved has for its link\n%s\nwithout %q", profile, said, lack)
		}
		c.must("muvpn", "down")
		c.asBefore(before, "after a "+profile+" tunnel")
	}
}

// othersBeginAnew: systemd-networkd takes away rules that are not its own when it
// starts, and systemd-resolved forgets. All is as it was a moment later.
func othersBeginAnew(t *testing.T, c *container) {
	before := c.snapshot()
	c.connects(c.watches(), "full")
	connected := c.snapshot()
	for _, unit := range []string{"systemd-networkd", "systemd-resolved"} {
		c.must("systemctl", "restart", unit)
		c.asSoon(connected, "after a restart of "+unit)
	}
	if page := c.page(); !strings.Contains(page, "You have come from 192.168.10.201") {
		t.Errorf("the page is %q", page)
	}
	c.must("muvpn", "down")
	c.asBefore(before, "after the connection")
}

// stoppedConnected: the service ends in good order.
func stoppedConnected(t *testing.T, c *container) {
	before := c.snapshot()
	c.connects(c.watches(), "full")
	c.needsChanges(before)
	c.must("muvpnd", "stop")
	c.asBefore(before, "after muvpnd stop")
	c.must("muvpnd", "start")
}

// uninstalledConnected: so does who uninstalls it.
func uninstalledConnected(t *testing.T, c *container) {
	before := c.snapshot()
	c.connects(c.watches(), "split")
	c.needsChanges(before)
	c.must("muvpnd", "uninstall", "--purge")
	c.asBefore(before, "after muvpnd uninstall")
}

// needsChanges says that all is changed that a connection changes here, or what
// follows would show nothing.
func (c *container) needsChanges(before lab.Snapshot) {
	c.t.Helper()
	_, of := c.snapshot().Differences(before)
	for _, kind := range []string{"link", "address", "route", "nftables", "resolved"} {
		if !of[kind] {
			c.t.Fatalf("no %s is changed, only %v", kind, slices.Sorted(maps.Keys(of)))
		}
	}
}
