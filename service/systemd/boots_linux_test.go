package systemd

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"muvpn/client"
	"muvpn/service/interop/lab"
)

// guarded is the office at login and nothing beside the tunnel, ever.
const guarded = split + "[policy]\nconnect = \"at-login\"\nkill_switch = true\nallow_local_lan = false\n"

// The machine's own units: one sends as early as it can, to everybody whom a
// leak would reach; the other is lisa, who sits down at the screen.
const (
	early = `[Unit]
DefaultDependencies=no
[Service]
StandardError=null
ExecStart=/bin/bash -c 'while sleep 0.02; do for to in 203.0.113.77/9 198.51.100.1/53 198.51.100.1/9 192.168.10.2/9 2001:db8:77::7/9 ; \
do printf "in clear" >/dev/udp/$to; done; done'
[Install]
WantedBy=sysinit.target
`
	lisaSits = `[Unit]
After=systemd-user-sessions.service
[Service]
User=lisa
PAMName=login
Environment=XDG_SEAT=seat0 XDG_SESSION_CLASS=user
ExecStart=/bin/sleep infinity
[Install]
WantedBy=multi-user.target
`
	// slowStart makes muvpnd late: what has to wait for it waits, and what does
	// not comes first for sure.
	slowStart = "[Service]\nExecStartPre=/bin/sleep 2\n"
)

// leaks are the sights that must not be while the kill switch is armed.
var leaks = []lab.Sight{lab.SightInner, lab.SightDNS, lab.SightIPv6, lab.SightLocal, lab.SightOutside}

// boots are those of a machine with an armed kill switch: the firewall is there
// before the network, nothing leaves before the user who logs in is connected, and
// nothing beside the tunnel afterwards.
func boots(t *testing.T, m *machine, programs string) {
	m.gateway(programs)
	monitor := m.watch()
	c := m.boot(t)
	c.networkd()
	c.installs(programs)
	c.must("useradd", "--create-home", "lisa")
	c.must("usermod", "--append", "--groups", "muvpn", "lisa")
	for name, text := range map[string]string{"early.service": early, "lisa.service": lisaSits, "muvpnd.service.d/slow.conf": slowStart} {
		c.writes("/etc/systemd/system/"+name, text, "644")
	}
	c.must("systemctl", "--quiet", "enable", "--now", "early")
	c.plays(t,
		scene{"without a kill switch the monitor sees what leaves", func(t *testing.T, c *container) { seesAll(t, monitor) }},
		scene{"the secrets of a profile are sealed", sealed},
		scene{"a kill switch is armed, and the machine powers off", func(t *testing.T, c *container) { armedAndOff(t, c, monitor) }},
	)
	c = m.boot(t)
	c.plays(t,
		scene{"booted: the firewall before the network, then lisa is connected", func(t *testing.T, c *container) { bootedArmed(t, c, monitor) }},
		scene{"the key of the secrets is lost, and the machine powers off", func(t *testing.T, c *container) { keyLostAndOff(t, c, monitor) }},
	)
	c = m.boot(t)
	c.plays(t,
		scene{"booted without the key: no service, but the firewall", func(t *testing.T, c *container) { bootedKeyless(t, c, monitor) }},
		scene{"unblocked, the monitor sees all again", func(t *testing.T, c *container) { unblocked(t, c, monitor) }},
	)
}

// seesAll says that everything that the machine sends in clear is seen.
func seesAll(t *testing.T, monitor *lab.Monitor) {
	seen := map[lab.Sight]int{}
	err := lab.WaitFor(time.Minute, func() error {
		now, err := monitor.Take()
		for _, sight := range leaks {
			if seen[sight] += now.Count[sight]; seen[sight] == 0 {
				err = fmt.Errorf("no %s is seen among %v", sight, seen)
			}
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// sealed: the key of the profile is nowhere on the disk in clear.
func sealed(t *testing.T, c *container) {
	c.imports(1, "guarded", guarded)
	if said := c.must("systemctl", "cat", "muvpnd"); !strings.Contains(said, "LoadCredentialEncrypted=muvpn-state-key") {
		t.Errorf("the unit is\n%s", said)
	}
	if said, err := c.try("", "grep", "-rlF", "sample-psk", "/var/lib/muvpn"); err == nil {
		t.Errorf("the key is in clear in %s", said)
	}
}

// armedAndOff: from the first attempt on nothing leaves, to the very end.
func armedAndOff(t *testing.T, c *container, monitor *lab.Monitor) {
	c.must("systemctl", "--quiet", "enable", "lisa") // from the next start on
	c.connects(c.watches(), "guarded")
	if _, err := monitor.Take(); err != nil {
		t.Error(err)
	}
	c.powerOff()
	noLeak(t, monitor, "while the machine powered off")
}

// noLeak says that nothing was seen that must not be.
func noLeak(t *testing.T, monitor *lab.Monitor, when string) {
	t.Helper()
	seen, err := monitor.Take()
	if err != nil {
		t.Error(err)
	}
	if bad := seen.Of(leaks...); bad != "" {
		t.Errorf("%s there left %s", when, bad)
	}
	fmt.Printf("systemd:   %s there left: %s\n", when, seen)
}

// powerOff ends the machine as its administrator would.
func (c *container) powerOff() {
	c.t.Helper()
	c.try("", "systemctl", "poweroff") // which may not live to hear the answer
	select {
	case <-c.ended:
	case <-time.After(commandTime):
		c.t.Fatalf("systemd: it does not power off:\n%s", c.console())
	}
}

// bootedArmed: lisa is connected by nobody's hand.
func bootedArmed(t *testing.T, c *container, monitor *lab.Monitor) {
	if err := c.watches().Until(client.Connected, time.Minute); err != nil {
		t.Fatalf("%v\n%s\n%s", err, c.log(), c.journal())
	}
	noLeak(t, monitor, "from the boot to the connection")
	if log := c.must("muvpn", "log"); !strings.Contains(log, "Connecting with guarded for ") {
		t.Errorf("the log is\n%s", log)
	}
	c.inOrder("early.service started", "muvpnd.service ready", "network-pre.target ready", "systemd-networkd.service started", "network.target ready")
	if page := c.page(); !strings.Contains(page, "You have come from 192.168.10.201") {
		t.Errorf("the page is %q", page)
	}
	noLeak(t, monitor, "while connected")
}

// inOrder says that these things happened one after the other, and prints how long
// after the first.
func (c *container) inOrder(things ...string) {
	c.t.Helper()
	property := map[string]string{"started": "InactiveExitTimestampMonotonic", "ready": "ActiveEnterTimestampMonotonic"}
	var first, before int64
	for _, thing := range things {
		unit, what, _ := strings.Cut(thing, " ")
		said := c.must("systemctl", "show", "--value", "--property="+property[what], unit)
		at, err := strconv.ParseInt(said, 10, 64)
		if err != nil || at == 0 || at < before {
			c.t.Errorf("%s was %s at %q, and something that has to come first at %d", unit, what, said, before)
		}
		first, before = cmp.Or(first, at), at
		fmt.Printf("systemd:   %s: %+.3f s\n", thing, float64(at-first)/1e6)
	}
}

// keyLostAndOff: the computer becomes one for which the key was not sealed.
func keyLostAndOff(t *testing.T, c *container, monitor *lab.Monitor) {
	c.must("muvpn", "down")
	c.must("rm", "/var/lib/systemd/credential.secret")
	c.must("rm", "-r", "/etc/systemd/system/muvpnd.service.d")
	c.powerOff()
	noLeak(t, monitor, "while the machine powered off")
}

// bootedKeyless: systemd does not start a service whose credentials it cannot
// open. The kill switch is set all the same, and who asks is told the way out.
func bootedKeyless(t *testing.T, c *container, monitor *lab.Monitor) {
	c.await("on the network", time.Minute, c.routable)
	c.refused("cannot be opened on this computer", "muvpnd", "start")
	c.inOrder("early.service started", "network-pre.target ready", "systemd-networkd.service started", "network.target ready")
	noLeak(t, monitor, "without the service")
	c.must("rm", "/etc/credstore.encrypted/muvpn-state-key")
	c.must("muvpnd", "start")
	c.refused("import the profile again", "muvpn", "up")
	noLeak(t, monitor, "until the kill switch is lifted")
}

// unblocked: what follows shows that all of it was there to be stopped.
func unblocked(t *testing.T, c *container, monitor *lab.Monitor) {
	c.must("muvpn", "unblock")
	seesAll(t, monitor)
}
