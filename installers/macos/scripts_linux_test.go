package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"muvpn/installers/scriptstest"
)

// asRoot are the scripts that run as root.
var asRoot = []string{"scripts/preinstall", "scripts/postinstall", "muvpn-uninstall"}

// shellcheck finds nothing, and every program that runs as root is named by its whole
// path (threats: installer).
func TestScripts(t *testing.T) {
	for _, script := range asRoot {
		text, err := os.ReadFile(script)
		if err != nil {
			t.Fatal(err)
		}
		if fault := scriptstest.Unqualified(string(text)); fault != "" {
			t.Errorf("%s runs a program that PATH chooses: %s", script, fault)
		}
	}
	shellcheck, err := exec.LookPath("shellcheck")
	if err != nil {
		t.Skip("this system has no shellcheck")
	}
	args := append([]string{"--enable=all", "--exclude=SC2250"}, append(asRoot, "build-on-a-mac.sh")...) // braces around every variable: a matter of taste
	if said, err := exec.Command(shellcheck, args...).CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, said)
	}
}

// mac is a root folder of its own, with programs of this system where macOS has them,
// too, and with stand-ins for muvpnd and pkgutil. The first argument is the folder, the
// second how it is made ready, the rest a script. At the end it lists what is left.
const mac = `set -eu
root=$1 ready=$2; shift 2
mount -t tmpfs -o mode=755 tmpfs "$root"
mkdir -p "$root/usr" "$root/opt/muvpn/bin" "$root/private/etc/paths.d" "$root/scripts" "$root/dev"
mount --bind /usr "$root/usr"
mount -t tmpfs tmpfs "$root/usr/sbin"
ln -s usr/bin "$root/bin"; ln -s usr/lib "$root/lib"; ln -s usr/lib64 "$root/lib64"
cp scripts/* muvpn-uninstall "$root/scripts"
: >"$root/dev/null"
for program in /opt/muvpn/bin/muvpnd /usr/sbin/pkgutil; do
	printf '#!/bin/sh\necho "ran: $0 $*"\n' >"$root$program"
	chmod 755 "$root$program"
done
chroot "$root" /bin/sh -euc "umask 022; $ready"
code=0
chroot "$root" "$@" || code=$?
find "$root" -xdev -mindepth 1 \( -path "$root/scripts" -o -path "$root/dev" -o -path "$root/usr" -o -type l \) -prune -o -type f -printf 'left: /%P\n'
exit "$code"
`

// runs runs a script as root of such a folder, which is gone afterwards.
func runs(t *testing.T, ready string, script ...string) (said string, ok bool) {
	t.Helper()
	args := append([]string{"--mount", "--propagation", "private", "/bin/sh", "-c", mac, "sh", t.TempDir(), ready}, script...)
	out, err := exec.CommandContext(t.Context(), "unshare", args...).CombinedOutput()
	return string(out), err == nil
}

// needsRoot skips where there is none.
func needsRoot(t *testing.T) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("it takes root to have a root folder of one's own")
	}
	if said, err := exec.CommandContext(t.Context(), "unshare", "--mount", "true").CombinedOutput(); err != nil {
		t.Skipf("this root may not have one: %s", said)
	}
}

// The package is refused where somebody could put another program in the place of
// what runs as root, and says so.
func TestPreinstall(t *testing.T) {
	needsRoot(t)
	for name, c := range map[string]struct {
		ready, volume string
		says          string // empty: it is installed
	}{
		"a new Mac":                   {"rm -r /opt /private", "/", ""},
		"an upgrade":                  {":", "/", ""},
		"admin may write":             {"chgrp 80 /opt; chmod 775 /opt", "/", ""},
		"everybody may write":         {"chmod 777 /opt", "/", "others than root may change /opt,"},
		"another group may write":     {"chgrp 20 /opt/muvpn; chmod 775 /opt/muvpn", "/", "others than root may change /opt/muvpn,"},
		"a folder is somebody's":      {"chown 501 /opt/muvpn/bin", "/", "others than root may change /opt/muvpn/bin,"},
		"a folder is a link":          {"rm -r /opt/muvpn; ln -s /tmp /opt/muvpn", "/", "others than root may change /opt/muvpn,"},
		"a link that leads nowhere":   {"rm -r /opt/muvpn; ln -s /none /opt/muvpn", "/", "others than root may change /opt/muvpn,"},
		"the path is somebody's":      {"chown 501 /private/etc/paths.d", "/", "others than root may change /private/etc/paths.d,"},
		"a macOS that does not run":   {":", "/Volumes/Other Mac", "not /Volumes/Other Mac"},
		"a file in place of a folder": {"rm -r /opt/muvpn; : >/opt/muvpn", "/", "or it is no folder"},
	} {
		t.Run(name, func(t *testing.T) {
			said, ok := runs(t, c.ready, "/scripts/preinstall", "/a.pkg", "/", c.volume, "/")
			if ok != (c.says == "") || !strings.Contains(said, c.says) {
				t.Errorf("it is let in: %v: %s", ok, said)
			}
		})
	}
}

// What muvpnd refuses fails the package.
func TestPostinstall(t *testing.T) {
	needsRoot(t)
	said, ok := runs(t, ":", "/scripts/postinstall", "/a.pkg", "/", "/", "/")
	if !ok || !strings.Contains(said, "ran: /opt/muvpn/bin/muvpnd package enter\n") {
		t.Errorf("%v: %s", ok, said)
	}
	said, ok = runs(t, "printf '#!/bin/sh\\nexit 1\\n' >/opt/muvpn/bin/muvpnd", "/scripts/postinstall", "/a.pkg", "/", "/", "/")
	if ok || !strings.Contains(said, "the service is not in use") {
		t.Errorf("%v: %s", ok, said)
	}
}

// What is installed goes again, and nothing else.
func TestUninstall(t *testing.T) {
	needsRoot(t)
	const (
		full = `mkdir -p /Library/LaunchDaemons "/Library/Application Support/muvpn/state" "/Library/Application Support/other" "/Applications/Mobile User VPN.app/Contents" /opt/muvpn/share
: >/Library/LaunchDaemons/muvpnd.plist; : >"/Library/Application Support/muvpn/signers"; : >"/Library/Application Support/other/file"
: >"/Applications/Mobile User VPN.app/Contents/Info.plist"; : >/private/etc/paths.d/muvpn; : >/private/etc/paths.d/other; : >/opt/muvpn/share/LICENSE; : >/opt/other
cp /scripts/muvpn-uninstall /opt/muvpn/bin
`
		own    = "/opt/muvpn/bin/muvpn-uninstall"
		others = "left: /Library/Application Support/other/file\nleft: /opt/other\nleft: /private/etc/paths.d/other\n"
		forget = "ran: /usr/sbin/pkgutil --forget muvpn\n"
		signer = "left: /Library/Application Support/muvpn/signers\n"
		job    = "left: /Library/LaunchDaemons/muvpnd.plist\n" // muvpnd's to remove, and this one does nothing
	)
	for name, c := range map[string]struct {
		ready string
		args  []string
		want  string // every line; empty: it fails and everything stays
	}{
		"profiles stay":             {full, []string{own}, "ran: /opt/muvpn/bin/muvpnd uninstall\n" + forget + signer + job + others},
		"nothing stays":             {full, []string{own, "--purge"}, "ran: /opt/muvpn/bin/muvpnd uninstall --purge\n" + forget + job + others},
		"the service was gone":      {full + "rm /Library/LaunchDaemons/muvpnd.plist", []string{own}, forget + signer + others},
		"no package has brought it": {full + `printf '#!/bin/sh\nexit 1\n' >/usr/sbin/pkgutil`, []string{own}, "ran: /opt/muvpn/bin/muvpnd uninstall\n" + signer + job + others},
		"a kill switch is armed":    {full + `printf '#!/bin/sh\nexit 1\n' >/opt/muvpn/bin/muvpnd`, []string{own, "--purge"}, ""},
		"something else is asked":   {full, []string{own, "--all"}, ""},
		"something more is asked":   {full, []string{own, "--purge", "x"}, ""},
		"an empty word is asked":    {full, []string{own, ""}, ""},
		"not root, but user nobody": {full, []string{"/usr/bin/setpriv", "--reuid=65534", "--clear-groups", own}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			said, ok := runs(t, c.ready, c.args...)
			if c.want == "" {
				if ok || strings.Contains(said, "forget") || strings.Count(said, "left:") != 9+1 {
					t.Errorf("%v: %s", ok, said)
				}
				return
			}
			if !ok || !sameLines(said, c.want) {
				t.Errorf("%v:\n%swant:\n%s", ok, said, c.want)
			}
		})
	}
}

// sameLines compares lines in any order.
func sameLines(a, b string) bool {
	count := map[string]int{}
	for line := range strings.Lines(a) {
		count[line]++
	}
	for line := range strings.Lines(b) {
		count[line]--
	}
	for _, n := range count {
		if n != 0 {
			return false
		}
	}
	return true
}

// The folder that the package is checked for is the one that its programs are in.
func TestScriptsKnowThePackage(t *testing.T) {
	paths, err := os.ReadFile("paths")
	if err != nil {
		t.Fatal(err)
	}
	bin := strings.TrimSpace(string(paths))
	for _, script := range asRoot {
		text, err := os.ReadFile(script)
		if err != nil || !strings.Contains(string(text), bin) {
			t.Errorf("%s does not know %s, %v", filepath.Base(script), bin, err)
		}
	}
}
