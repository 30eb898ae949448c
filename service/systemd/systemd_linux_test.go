package systemd

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

const (
	programFolder = "/usr/local/sbin"
	passphrase    = "correct-horse-battery\n"
	samples       = "../../assets/samples"
	// maxExposure is what systemd-analyze may say of the unit, out of 10.
	maxExposure = 2.5
)

// prepare says plainly what is skipped and why. With the variable set, as the
// target of make does, root skips nothing.
func prepare(t *testing.T, target, variable string) (programs string) {
	t.Helper()
	switch wanted := os.Getenv(variable) != ""; {
	case os.Geteuid() != 0:
		t.Skipf("systemd: skipped, booting a container needs root: sudo make %s", target)
	case !wanted:
		t.Skipf("systemd: skipped, it is played by make %s (%s)", target, variable)
	}
	for _, tool := range []string{"debootstrap", "systemctl", "systemd-nspawn", "nsenter", "unshare", "nft"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatalf("systemd: the machine lacks %s; make %s installs it", tool, target)
		}
	}
	if _, err := os.Stat("/dev/net/tun"); err != nil {
		t.Fatal("systemd: the machine lacks /dev/net/tun")
	}
	if programs = os.Getenv("MUVPN_PROGRAMS"); programs == "" {
		t.Fatal("systemd: MUVPN_PROGRAMS does not name the folder of the programs")
	}
	return programs
}

// TestSystemd plays what machines live through, each on one of its own and all at
// the same time: most of it is waiting.
func TestSystemd(t *testing.T) {
	programs := prepare(t, "systemd", "MUVPN_SYSTEMD")
	debian := base(t)
	for name, plays := range map[string]func(*testing.T, *machine, string){
		"life": life, "names": resolved, "boots": boots, "portal": portal,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plays(t, newMachine(t, name, debian), programs)
		})
	}
}

// life is that of an installed service, from install to uninstall.
func life(t *testing.T, m *machine, programs string) {
	c := m.boot(t)
	before := c.files()
	all := []string{"muvpnd", "muvpn", "muvpn-testgw"}
	for _, name := range all {
		c.copyIn(filepath.Join(programs, name), programFolder+"/"+name, "755")
	}
	c.plays(t,
		scene{"a program that others may change is not installed", exposedProgram},
		scene{"install", install},
		scene{"start", startService},
		scene{"who may use it", whoMayUse},
		scene{"lisa connects, and disconnects", lisaConnects},
		scene{"muvpnd is killed while it has changed resolv.conf", killed},
		scene{"stop", stopService},
		scene{"uninstall", uninstall},
		scene{"purge", purge},
	)
	for _, name := range all {
		c.must("rm", programFolder+"/"+name)
	}
	if after := c.files(); after != before {
		t.Errorf("systemd: of the folders before\n%s\nthere is left\n%s", before, after)
	}
}

// files are the names of all files where we may have left one, links, sockets and folders.
func (c *container) files() string {
	c.t.Helper()
	return c.must("sh", "-c", `find / -xdev \( -path /proc -o -path /sys -o -path /var/log/journal -o -path /tmp \) -prune -o -name '*muvpn*' -print; `+
		`find /run -name '*muvpn*' -not -path '/run/host/*' -not -path '/run/log/*'; grep muvpn /etc/group /etc/passwd; true`)
}

// exposedProgram: others could put another program in its place (CVE-2023-50446).
func exposedProgram(t *testing.T, c *container) {
	c.must("install", "-d", "-m", "777", "/opt/open")
	c.must("cp", programFolder+"/muvpnd", "/opt/open/muvpnd")
	c.refused("may be changed by everybody", "/opt/open/muvpnd", "install")
	c.must("cp", programFolder+"/muvpnd", "/root/muvpnd")
	c.refused("/root, which is kept from the service", "/root/muvpnd", "install")
	c.must("rm", "-r", "/opt/open", "/root/muvpnd")
	c.refused("not installed", "muvpnd", "status")
	c.refused("not installed", "muvpnd", "start")
}

// install enters a unit that systemd has no doubts about, by its absolute
// quoted path.
func install(t *testing.T, c *container) {
	c.must("muvpnd", "install")
	c.refused("installed already", "muvpnd", "install")
	c.refused("stopped", "muvpnd", "status")
	if said, err := c.try("", "systemd-analyze", "verify", "muvpnd.service"); err != nil || said != "" {
		t.Errorf("systemd-analyze verify: %v: %s", err, said)
	}
	unit := c.must("systemctl", "cat", "muvpnd")
	if !strings.Contains(unit, `ExecStart="`+programFolder+`/muvpnd" run`) {
		t.Errorf("the unit is\n%s", unit)
	}
	if said := c.must("systemctl", "is-enabled", "muvpnd"); said != "enabled" {
		t.Errorf("it is %s", said)
	}
	c.must("getent", "group", "muvpn")
	c.exposure()
}

// exposure prints what systemd-analyze makes of the unit, and holds it to a
// figure.
func (c *container) exposure() {
	c.t.Helper()
	text := c.must("systemd-analyze", "security", "--no-pager", "muvpnd")
	for line := range strings.Lines(text) {
		if strings.Contains(line, "✗") {
			fmt.Println("systemd:  ", strings.Join(strings.Fields(line), " "))
		}
	}
	found := regexp.MustCompile(`Overall exposure level for muvpnd.service: ([0-9.]+)`).FindStringSubmatch(text)
	if found == nil {
		c.t.Fatalf("no exposure level in\n%s", text)
	}
	fmt.Println("systemd:", found[0])
	if level, err := strconv.ParseFloat(found[1], 64); err != nil || level >= maxExposure {
		c.t.Errorf("the exposure level is %s, the aim is below %v", found[1], maxExposure)
	}
}

// timed is must that prints how long it took: start and stop are to return at
// once, which no machine with other work could be held to.
func (c *container) timed(args ...string) string {
	c.t.Helper()
	began := time.Now()
	said := c.must(args...)
	fmt.Printf("systemd:   %s returned after %v\n", strings.Join(args, " "), time.Since(began).Round(100*time.Millisecond))
	return said
}

// startService returns when muvpnd has told systemd that it is ready.
func startService(t *testing.T, c *container) {
	c.timed("muvpnd", "start")
	if said := c.must("systemctl", "is-active", "muvpnd"); said != "active" {
		t.Errorf("it is %s", said)
	}
	if said := c.must("muvpnd", "status"); said != "running" {
		t.Errorf("muvpnd says %s", said)
	}
	c.must("muvpn", "status")
	if said := c.must("stat", "--format=%a %U %n", "/var/lib/muvpn", "/run/muvpn"); said != "700 root /var/lib/muvpn\n755 root /run/muvpn" {
		t.Error(said)
	}
}

// whoMayUse: a stranger may not, who sits at the computer may, and so may a
// member of the group from anywhere.
func whoMayUse(t *testing.T, c *container) {
	c.must("useradd", "--create-home", "lisa")
	if said, err := c.session("lisa", "", "", "muvpn", "status"); err == nil || !strings.Contains(said, "NO_PRIVILEGE") {
		t.Errorf("a stranger: %v: %s", err, said)
	}
	c.await("of use to who sits at the computer", time.Minute, func() bool { // an answer about a user is remembered for a second
		_, err := c.session("lisa", "seat0", "", "muvpn", "status")
		return err == nil
	})
	c.must("usermod", "--append", "--groups", "muvpn", "lisa")
	c.lisa("", "status")
}

// lisa runs muvpn as lisa.
func (c *container) lisa(input string, args ...string) string {
	c.t.Helper()
	said, err := c.session("lisa", "", input, append([]string{"muvpn"}, args...)...)
	if err != nil {
		c.t.Fatalf("muvpn %s: %v: %s\n%s", strings.Join(args, " "), err, said, c.journal())
	}
	return said
}

// gateway runs muvpn-testgw until the function that it returns.
func (c *container) gateway(config string) (stop func()) {
	c.t.Helper()
	c.copyIn(filepath.Join(samples, config), "/tmp/"+config, "600")
	c.must("systemd-run", "--quiet", "--unit=gateway", "--collect", programFolder+"/muvpn-testgw", "run", "--config", "/tmp/"+config, "--log", "/tmp/gateway.log")
	c.await("with a gateway", time.Minute, func() bool {
		said, _ := c.try("", "ss", "--udp", "--listening", "--numeric", "--no-header")
		return strings.Contains(said, ":10500 ")
	})
	return func() { c.must("systemctl", "stop", "gateway") }
}

// network is what muvpnd changes, but for what the kernel counts.
func (c *container) network() string {
	c.t.Helper()
	return c.must("sh", "-c", "ip -brief address; ip rule; ip route show table all; ip -6 route show table all; nft list ruleset; ls -l /etc/resolv*; cat /etc/resolv.conf")
}

// page fetches the office's page.
func (c *container) page() string {
	said, _ := c.try("", "bash", "-c", `exec 3<>/dev/tcp/192.168.10.2/80 && printf 'GET / HTTP/1.0\r\n\r\n' >&3 && timeout 30 cat <&3`)
	return said
}

// lisaConnects from a file that she was sent to the office's page and back.
func lisaConnects(t *testing.T, c *container) {
	c.told("nameserver 192.0.2.53\n", "sh", "-c", "cat >/etc/resolv.conf")
	defer c.gateway("gateway.toml")()
	before := c.network()
	c.copyIn(filepath.Join(samples, "lisa.exp"), "/home/lisa/lisa.exp", "644")
	c.lisa(passphrase, "import", "/home/lisa/lisa.exp", "--passphrase-stdin", "--yes", "--legacy")
	c.lisa("", "up", "--wait", "90s")
	if said := c.lisa("", "status"); !strings.Contains(said, "192.168.10.201") {
		t.Errorf("the status is\n%s", said)
	}
	if page := c.page(); !strings.Contains(page, "You have come from 192.168.10.201") {
		t.Errorf("the page is %q", page)
	}
	c.lisa("", "down")
	if after := c.network(); after != before {
		t.Errorf("the network was\n%s\nand is\n%s", before, after)
	}
}

// killed: systemd starts muvpnd again, which first puts back what it had
// changed; resolv.conf, too, in a folder that is read-only but for it.
func killed(t *testing.T, c *container) {
	defer c.gateway("office.toml")()
	before := c.network()
	c.copyIn(filepath.Join(samples, "maggie.exp"), "/home/lisa/maggie.exp", "644")
	c.lisa(passphrase, "import", "/home/lisa/maggie.exp", "--passphrase-stdin", "--yes", "--legacy", "--name", "maggie")
	c.lisa("sample-password-of-maggie\n", "up", "maggie", "--wait", "90s", "--password-stdin")
	if text := c.must("cat", "/etc/resolv.conf"); !strings.Contains(text, "nameserver 192.168.10.2") {
		t.Errorf("resolv.conf is\n%s", text)
	}
	c.must("systemctl", "kill", "--signal=KILL", "muvpnd")
	c.await("started again", time.Minute, func() bool {
		said, _ := c.try("", "systemctl", "show", "--property=NRestarts,ActiveState", "muvpnd")
		return strings.Contains(said, "NRestarts=1") && strings.Contains(said, "ActiveState=active")
	})
	if after := c.network(); after != before {
		t.Errorf("the network was\n%s\nand is\n%s", before, after)
	}
	c.lisa("", "status")
}

// stopService leaves no process and no socket.
func stopService(t *testing.T, c *container) {
	c.timed("muvpnd", "stop")
	c.must("muvpnd", "stop") // which changes nothing
	c.refused("stopped", "muvpnd", "status")
	if said, err := c.try("", "systemctl", "is-active", "muvpnd"); err == nil || said != "inactive" {
		t.Errorf("it is %s", said)
	}
	if said, err := c.try("", "ls", "/run/muvpn"); err == nil {
		t.Errorf("in /run/muvpn there is %q", said)
	}
	if said := c.must("journalctl", "--no-pager", "--output=cat", "--unit=muvpnd"); strings.Contains(said, "timed out") || strings.Contains(said, "panic") {
		t.Errorf("the journal says\n%s", said)
	}
}

// uninstall stops a running service, keeps what it has stored and says where;
// but not while a kill switch is armed, which goes without the service, too.
func uninstall(t *testing.T, c *container) {
	c.must("muvpnd", "start")
	c.must("touch", "/var/lib/muvpn/killswitch")
	c.refused("the kill switch is on", "muvpnd", "uninstall")
	c.refused("ask it by muvpn unblock", "muvpnd", "unblock")
	if said := c.must("muvpnd", "stop"); !strings.Contains(said, "The kill switch stays on") {
		t.Errorf("muvpnd stop says %q", said)
	}
	c.refused("the service is stopped, so: muvpnd unblock", "muvpnd", "uninstall")
	c.must("muvpnd", "unblock")
	c.refused("No such file", "ls", "/var/lib/muvpn/killswitch")
	c.must("muvpnd", "start")
	if said := c.timed("muvpnd", "uninstall"); !strings.Contains(said, "stay in /var/lib/muvpn") || !strings.Contains(said, "lisa") {
		t.Errorf("it says %q", said)
	}
	c.refused("not installed", "muvpnd", "status")
	c.refused("not installed", "muvpnd", "uninstall")
	if said := c.must("systemctl", "list-units", "--all", "--no-legend", "muvpn*"); said != "" {
		t.Errorf("units are left: %s", said)
	}
	c.must("test", "-d", "/var/lib/muvpn/profiles")
}

// purge takes the rest away: the next install makes the group that had a member
// before, and none now.
func purge(t *testing.T, c *container) {
	c.try("", "loginctl", "terminate-user", "lisa") // none of her sessions may be left
	c.await("without lisa, whose last programs end a while after her sessions", 3*time.Minute, func() bool {
		_, err := c.try("", "userdel", "--remove", "lisa")
		return err == nil
	})
	c.must("muvpnd", "install")
	c.must("muvpnd", "uninstall", "--purge")
	c.refused("No such file", "ls", "/var/lib/muvpn")
	c.refused("", "getent", "group", "muvpn")
	c.must("sh", "-c", "rm -rf /tmp/*")
}
