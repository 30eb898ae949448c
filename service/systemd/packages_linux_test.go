package systemd

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// The two versions of the packages that make test-installers makes, in folders of
// these names in the one that MUVPN_INSTALLERS names, and its signing key beside
// them.
const (
	older    = "1.0.0"
	newer    = "1.0.1"
	testKey  = "key.asc"
	testRing = "ring.gpg"
)

// repository is an apt repository that is being made, of the packages in a folder
// per version.
type repository struct {
	packages string
	signer   string // a folder of gpg's with the key
}

// TestPackages: apt installs the package out of a signed repository, upgrades it
// under an open connection and takes it away again, and rpm does, too.
func TestPackages(t *testing.T) {
	programs := prepare(t, "test-installers", "MUVPN_INSTALLERS")
	debian := base(t)
	for name, plays := range map[string]func(*testing.T, *machine, string){"deb": lifeByApt, "rpm": lifeByRPM} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plays(t, newMachine(t, name, debian), programs)
		})
	}
}

// lifeByApt is that of the package muvpn, from the first install to the purge.
func lifeByApt(t *testing.T, m *machine, programs string) {
	c := m.boot(t)
	c.copyIn(filepath.Join(programs, "muvpn-testgw"), programFolder+"/muvpn-testgw", "755")
	c.must("useradd", "--create-home", "lisa")
	c.must("sh", "-c", "echo >/etc/apt/sources.list")
	before := c.all()
	from := repository{packages: os.Getenv("MUVPN_INSTALLERS"), signer: signer(t)}
	c.plays(t,
		scene{"what was changed is refused", from.tampered},
		scene{"install", installed},
		scene{"a copied muvpnd leaves the package alone", besides},
		scene{"lisa connects, and the package is upgraded meanwhile", from.upgraded},
		scene{"the package stays while the kill switch is on", kept},
		scene{"remove", removed},
		scene{"install again", back},
		scene{"purge", purged},
	)
	c.must("rm", "-r", "/srv/apt")
	after := c.all()
	if left, lost := missing(before, lines(after)...), missing(after, lines(before)...); len(left)+len(lost) > 0 {
		t.Errorf("what is left: %q\nwhat is lost: %q", left, lost)
	}
}

// lines are those of a text as missing takes them.
func lines(text string) (all []string) {
	for line := range strings.Lines(text) {
		all = append(all, strings.TrimSpace(line))
	}
	return all
}

// all is everything where something of ours may be left: files by their name, and
// whatever else is new; units, groups, users and the network.
func (c *container) all() string {
	c.t.Helper()
	// dpkg, apt and the journal write down what they did.
	const theirs = `-path /proc -o -path /sys -o -path /dev -o -path /tmp -o -path /run -o -path /srv/apt -o -path /var/lib/dpkg -o -path /var/lib/apt ` +
		`-o -path /var/cache -o -path /var/log -o -path /var/lib/systemd -o -path /home/lisa -o -path '/root/.*' -o -path '/etc/*-'`
	return c.files() + c.network() + c.must("sh", "-c", `find / -xdev \( `+theirs+` \) -prune -o -print | sort; `+
		`cat /etc/passwd /etc/group; systemctl list-units --all --no-legend 'muvpn*'; systemctl list-unit-files --no-legend 'muvpn*'; `+
		`find /var/lib/systemd /var/lib/dpkg -name '*muvpn*'; dpkg-query --list 'muvpn*' 2>/dev/null; true`)
}

// signer is a folder of gpg's own with the key that signed the packages.
func signer(t *testing.T) string {
	t.Helper()
	home, err := os.MkdirTemp("/tmp", "gpg") // short: the path of its socket is bounded
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		exec.Command("gpgconf", "--homedir", home, "--kill", "all").Run()
		os.RemoveAll(home)
	})
	host(t, "gpg", "--homedir", home, "--batch", "--quiet", "--import", filepath.Join(os.Getenv("MUVPN_INSTALLERS"), testKey))
	host(t, "gpg", "--homedir", home, "--batch", "--quiet", "--output", filepath.Join(home, testRing), "--export")
	return home
}

// host runs a program of this machine's, in no folder of ours.
func host(t *testing.T, args ...string) string {
	t.Helper()
	said, err := exec.CommandContext(t.Context(), args[0], args[1:]...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v: %s", strings.Join(args, " "), err, said)
	}
	return string(said)
}

// offers puts one version into the repository, which is signed, and has apt read
// it.
func (r repository) offers(t *testing.T, c *container, version string) {
	t.Helper()
	folder := t.TempDir()
	file := filepath.Join(r.packages, version, "muvpn_"+version+"_"+runtime.GOARCH+".deb")
	host(t, "cp", file, folder)
	host(t, "sh", "-c", `cd "$1" && apt-ftparchive packages . >Packages && apt-ftparchive release . >Release &&
		gpg --homedir "$2" --batch --quiet --clearsign --output InRelease Release`, "sh", folder, r.signer)
	c.must("mkdir", "-p", "/srv/apt")
	for _, name := range []string{"Packages", "InRelease", filepath.Base(file)} {
		c.copyIn(filepath.Join(folder, name), "/srv/apt/"+name, "644")
	}
	c.copyIn(filepath.Join(r.signer, testRing), "/srv/apt/"+testRing, "644")
	c.told("deb [signed-by=/srv/apt/"+testRing+"] file:/srv/apt ./\n", "sh", "-c", "cat >/etc/apt/sources.list")
	c.must("apt-get", "update", "--quiet")
}

// apt is apt-get, as an administrator's script calls it.
func apt(args ...string) []string {
	return append([]string{"env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--yes", "--quiet"}, args...)
}

// tampered: apt takes neither a package nor a list of them that was changed.
func (r repository) tampered(t *testing.T, c *container) {
	r.offers(t, c, older)
	c.must("sh", "-c", "cp -a /srv/apt /srv/good; printf x | dd of=$(ls /srv/apt/*.deb) bs=1 seek=100000 conv=notrunc 2>/dev/null")
	c.refused("Hash Sum mismatch", apt("install", "muvpn")...)
	c.must("sh", "-c", "rm -r /srv/apt; mv /srv/good /srv/apt; cp /srv/apt/InRelease /srv/good; sed -i 's/^Date: .*/&x/' /srv/apt/InRelease")
	c.refused("BADSIG", "apt-get", "update", "--error-on=any")
	c.must("mv", "/srv/good", "/srv/apt/InRelease")
	c.must("apt-get", "update", "--error-on=any")
}

// installed: the service runs as its unit says.
func installed(t *testing.T, c *container) {
	c.must(apt("install", "muvpn")...)
	c.runs(older)
	if said, err := c.try("", "systemd-analyze", "verify", "muvpnd.service"); err != nil || said != "" {
		t.Errorf("systemd-analyze verify: %v: %s", err, said)
	}
	c.must("getent", "group", "muvpn")
	c.must("test", "-s", "/etc/credstore.encrypted/muvpn-state-key")
	c.exposure()
	c.must("usermod", "--append", "--groups", "muvpn", "lisa")
	c.lisa("", "status")
	// dpkg's own list: every file is as it was packed.
	if said := c.must("dpkg", "--verify", "muvpn"); said != "" {
		t.Errorf("dpkg --verify: %s", said)
	}
}

// runs says that the service runs in that version, and at the next start, too.
func (c *container) runs(version string) {
	c.t.Helper()
	if said := c.must("systemctl", "is-active", "muvpnd") + " " + c.must("systemctl", "is-enabled", "muvpnd"); said != "active enabled" {
		c.t.Errorf("it is %s", said)
	}
	if said := c.must("muvpn", "version"); strings.Count(said, version) != 2 {
		c.t.Errorf("muvpn and muvpnd are not both %s:\n%s", version, said)
	}
}

// besides: a copied muvpnd enters nothing beside the package.
func besides(t *testing.T, c *container) {
	c.refused("belongs to the package muvpn", "muvpnd", "install")
	c.refused("apt remove muvpn", "muvpnd", "uninstall", "--purge")
	c.must("muvpnd", "stop")
	c.refused("stopped", "muvpnd", "status")
	c.must("muvpnd", "start")
}

// upgraded: apt upgrades the package while lisa is connected.
func (r repository) upgraded(t *testing.T, c *container) {
	c.crosses(func() string {
		r.offers(t, c, newer)
		return c.must(apt("upgrade")...)
	})
}

// crosses: profiles, settings, the kill switch and the connection are there after
// the upgrade, as they were before.
func (c *container) crosses(upgrade func() string) {
	c.t.Helper()
	c.gateway("gateway.toml")
	c.copyIn(filepath.Join(samples, "lisa.exp"), "/home/lisa/lisa.exp", "644")
	c.lisa(passphrase, "import", "/home/lisa/lisa.exp", "--passphrase-stdin", "--yes", "--legacy")
	c.lisa("", "set", "kill-switch", "on")
	c.lisa("", "up", "--wait", "90s")
	settings := c.lisa("", "set")
	if said := upgrade(); !strings.Contains(said, "is connected again") {
		c.t.Errorf("the upgrade says\n%s", said)
	}
	c.runs(newer)
	c.await("connected again by itself", 2*time.Minute, func() bool {
		return strings.Contains(c.page(), "You have come from 192.168.10.201")
	})
	if after := c.lisa("", "set"); after != settings {
		c.t.Errorf("the settings were\n%s\nand are\n%s", settings, after)
	}
	c.must("test", "-e", "/var/lib/muvpn/killswitch")
	c.must("nft", "list", "table", "inet", "muvpn")
}

// kept: nobody could lift the kill switch without the program.
func kept(t *testing.T, c *container) {
	c.refused("the kill switch is on: lift it first", apt("remove", "muvpn")...)
	c.runs(newer)
	c.must("nft", "list", "table", "inet", "muvpn")
	c.must("muvpn", "unblock")
}

// removed: nothing runs, nothing is left in the network; what was stored stays.
func removed(t *testing.T, c *container) {
	c.hasLeft(c.must(apt("remove", "muvpn")...))
}

// hasLeft says that the package is gone, and what it said.
func (c *container) hasLeft(said string) {
	c.t.Helper()
	if !strings.Contains(said, "stay in /var/lib/muvpn") {
		c.t.Errorf("the removal says\n%s", said)
	}
	c.refused("", "systemctl", "is-active", "muvpnd")
	c.refused("", "ls", "/usr/sbin/muvpnd", "/run/muvpn")
	c.must("test", "-d", "/var/lib/muvpn/profiles")
	if said := c.network(); strings.Contains(said, "muvpn") || strings.Contains(said, "192.168.10.") {
		c.t.Errorf("the network is\n%s", said)
	}
}

// back: the profiles are there, and open.
func back(t *testing.T, c *container) {
	c.must(apt("install", "muvpn")...)
	c.runs(newer)
	c.lisa("", "up", "--wait", "90s")
	c.lisa("", "down")
	c.must("muvpn", "unblock")
}

// purged: the group goes when nobody is in it any more.
func purged(t *testing.T, c *container) {
	c.must("gpasswd", "--delete", "lisa", "muvpn")
	c.must("systemctl", "stop", "gateway")
	c.must(apt("purge", "muvpn")...)
	c.refused("", "getent", "group", "muvpn")
	c.must("sh", "-c", "echo >/etc/apt/sources.list; rm -rf /tmp/*")
}
