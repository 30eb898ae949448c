package systemd

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"muvpn/client"
	"muvpn/service/interop/lab"
)

// programs are what is installed on a machine.
var programs = []string{"muvpnd", "muvpn"}

// socket is where muvpnd listens.
const socket = "/run/muvpn/muvpnd.sock"

// lisaProfile is who lisa is; a profile is this, and what it does.
const lisaProfile = "testdata/lisa.toml"

// resolvectl says everything that systemd-resolved has of the links, and nothing
// of what it has asked by now.
const resolvectl = `for what in dns domain default-route llmnr mdns dnssec dnsovertls; do
resolvectl --no-pager $what | grep -E '^(Global|Link)' | sed "s/^/$what /"; done`

// resolvectlOfOurs says what it has of the tunnel's link, without its name.
const resolvectlOfOurs = `for what in dns domain default-route; do echo $what $(resolvectl --no-pager $what muvpn0 | cut -d: -f2-); done`

// installs puts the programs on the machine and has systemd run muvpnd.
func (c *container) installs(from string) {
	c.t.Helper()
	for _, name := range programs {
		c.copyIn(filepath.Join(from, name), programFolder+"/"+name, "755")
	}
	c.must("muvpnd", "install")
	c.must("muvpnd", "start")
}

// networkd has systemd-networkd run the machine's link, and systemd-resolved
// answer names, from now on.
func (c *container) networkd() {
	c.t.Helper()
	text := fmt.Sprintf("[Match]\nName=%s\n[Network]\nAddress=%s\nGateway=%s\nAddress=%s\nGateway=%s\nDNS=%s\nDomains=home.example\nIPv6AcceptRA=no\n",
		ownEnd, ownAddr, router.Addr(), ownAddr6, router6.Addr(), router.Addr())
	c.writes("/etc/systemd/network/10-own.network", text, "644")
	c.must("ln", "-sf", "../run/systemd/resolve/stub-resolv.conf", "/etc/resolv.conf")
	c.must("systemctl", "--quiet", "enable", "--now", "systemd-networkd", "systemd-resolved")
	c.await("on the network", time.Minute, c.routable)
}

// routable says that systemd-networkd has set up the machine's link.
func (c *container) routable() bool {
	said, _ := c.try("", "networkctl", "--no-legend", "list", ownEnd)
	return strings.Contains(said, "routable") && strings.Contains(said, "configured")
}

// writes writes a file there.
func (c *container) writes(path, text, mode string) {
	c.t.Helper()
	c.told(text, "sh", "-c", `mkdir -p "$(dirname "$1")" && cat >"$1" && chmod "$2" "$1"`, "sh", path, mode)
}

// imports stores a profile of lisa's that says this, too, from where its [ike]
// goes on. Of several each has a number of its own. The pairs in otherwise are what
// it has in the place of what lisa's has.
func (c *container) imports(number int, name, says string, otherwise ...string) {
	c.t.Helper()
	text, err := os.ReadFile(lisaProfile)
	if err != nil {
		c.t.Fatal(err)
	}
	profile := strings.NewReplacer(append(otherwise, "NUMBER", fmt.Sprintf("%012d", number), "NAME", name)...).Replace(string(text)) + says
	c.writes("/root/profile.toml", profile, "600")
	c.must("muvpn", "import", "/root/profile.toml", "--yes")
	c.must("rm", "/root/profile.toml")
}

// path is a file of the machine's as this process sees it.
func (c *container) path(name string) string { return fmt.Sprintf("/proc/%d/root%s", c.init, name) }

// watches begins to watch the service, which must be there or come back.
func (c *container) watches() *lab.Watcher {
	c.t.Helper()
	var w *lab.Watcher
	err := lab.WaitFor(time.Minute, func() (err error) {
		w, err = lab.WatchAt(c.path(socket))
		return err
	})
	if err != nil {
		c.t.Fatalf("systemd: %v\n%s", err, c.journal())
	}
	c.t.Cleanup(w.Close)
	return w
}

// connects asks for a connection and waits until there is one.
func (c *container) connects(w *lab.Watcher, profile string) {
	c.t.Helper()
	_, err := w.Up(c.t.Context(), client.Up{Profile: profile})
	if err == nil {
		err = w.Until(client.Connected, time.Minute)
	}
	if err != nil {
		c.t.Fatalf("systemd: %v\n%s\n%s", err, c.log(), c.journal())
	}
}

// snapshot is all that muvpnd may change of the machine's network.
func (c *container) snapshot() lab.Snapshot {
	c.t.Helper()
	now := c.kernel()
	for line := range strings.Lines(c.must("sh", "-c", resolvectl)) {
		now = append(now, "resolved "+strings.TrimSpace(line))
	}
	return now
}

// kernel is all of it but what systemd-resolved has.
func (c *container) kernel() lab.Snapshot {
	c.t.Helper()
	network, err := lab.NamespaceOf("machine", c.init)
	if err != nil {
		c.t.Fatal(err)
	}
	defer network.Close()
	now, err := network.Snapshot(c.path("/etc"))
	if err != nil {
		c.t.Fatal(err)
	}
	return now
}

// asBefore says that the machine's network is what it was.
func (c *container) asBefore(before lab.Snapshot, after string) {
	c.t.Helper()
	if differences, _ := c.snapshot().Differences(before); len(differences) > 0 {
		c.t.Errorf("%s the network is another:\n%s", after, strings.Join(differences, "\n"))
	}
}

// asSoon waits until the machine's network is what it was, but for the files in
// which systemd-resolved names the domains in any order.
func (c *container) asSoon(before lab.Snapshot, after string) {
	c.t.Helper()
	err := lab.WaitFor(time.Minute, func() error {
		differences, _ := without("file", c.snapshot()).Differences(without("file", before))
		if len(differences) > 0 {
			return fmt.Errorf("%s the network is another:\n%s", after, strings.Join(differences, "\n"))
		}
		return nil
	})
	if err != nil {
		c.t.Errorf("%v\n%s", err, c.log())
	}
}

// without is a snapshot without what is of one kind.
func without(kind string, s lab.Snapshot) lab.Snapshot {
	return slices.DeleteFunc(slices.Clone(s), func(line string) bool { return strings.HasPrefix(line, kind+" ") })
}

// log is the end of muvpnd's log.
func (c *container) log() string {
	said, _ := c.try("", "muvpn", "log")
	return last(said, 40)
}

// scene is one step of a machine's life.
type scene struct {
	name string
	play func(*testing.T, *container)
}

// plays plays the scenes one after another, as each begins where the one before
// has ended.
func (c *container) plays(t *testing.T, scenes ...scene) {
	t.Helper()
	for i, s := range scenes {
		began := time.Now()
		ok := t.Run(s.name, func(t *testing.T) {
			here := *c
			here.t = t
			s.play(t, &here)
		})
		if !ok {
			t.Fatalf("systemd: step %d, %s, failed", i+1, s.name)
		}
		fmt.Printf("systemd: %s: ok, %v\n", s.name, time.Since(began).Round(100*time.Millisecond))
	}
}

// missing are those of the lines that the text has nowhere.
func missing(text string, lines ...string) []string {
	all := strings.Split(text, "\n")
	for i := range all {
		all[i] = strings.TrimSpace(all[i])
	}
	return slices.DeleteFunc(lines, func(line string) bool { return slices.Contains(all, line) })
}
