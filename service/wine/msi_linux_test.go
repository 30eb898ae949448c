package wine

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The MSI of two versions, on the disk.
const lowerMSI, higherMSI = `C:\lower.msi`, `C:\higher.msi`

// runEntry has what starts at everybody's login.
const runEntry = `HKLM\Software\Microsoft\Windows\CurrentVersion\Run`

// msi is a computer on which the MSI is played.
type msi struct {
	*setup
	codes    map[string]string // product codes, by file
	registry []string          // as it was before
}

// lifeOfMSI is that of the MSI, as an administrator's tools have it.
func lifeOfMSI(t *testing.T, i installers) {
	m := &msi{setup: i.computer(t), codes: map[string]string{lowerMSI: productCode(t, i.lower+endMSI)}}
	m.given()
	if testing.Short() {
		m.plays(
			step{"msi: an older Windows is refused", m.refusesOld},
			step{"msi: installation with signers, profile and icon at login", m.installs},
			step{"msi: removal leaves nothing", m.removes},
		)
		return
	}
	m.codes[higherMSI] = productCode(t, i.higher+endMSI)
	m.plays(
		step{"msi: an older Windows is refused", m.refusesOld},
		step{"msi: installation with signers, profile and icon at login", m.installs},
		step{"msi: the window starts", m.showsWindow},
		step{"msi: repair, which takes no files", m.repairs},
		step{"msi: setup.exe respects it", m.refusesSetup},
		step{"msi: removal keeps what is to stay", m.keeps},
		step{"msi: removal leaves nothing", m.removes},
		step{"msi: it respects what setup.exe has installed", m.respectsSetup},
		step{"msi: what is wrong with what was given is said", m.refusesGiven},
		step{"msi: upgrade, while a kill switch is armed and the connection is open", m.upgrades},
		step{"msi: downgrade is refused", m.refusesLower},
		step{"msi: removal after an upgrade leaves nothing", m.removesUpgraded},
		step{"msi: it stays while the kill switch is on", m.staysBlocked},
	)
}

// refusesOld: wine is a Windows 7 until it is told otherwise. Then it is noted what
// was there before. (Why a condition was not met, wine does not write down.)
func (m *msi) refusesOld() {
	m.refusedBy("LaunchConditions", "/i", lowerMSI)
	m.must("", "winecfg", "/v", "win10")
	m.before, m.registry = m.everything(), m.world.registry()
}

// refusesGiven: nothing is left of what was refused, but for what wine itself does
// not take back in its registry.
func (m *msi) refusesGiven() {
	for _, c := range []struct {
		says  string
		given []string
	}{
		{`the profile has to be named by its whole path, and "branch.exp" is none`, []string{"PROFILE=branch.exp"}},
		{`C:\given\spoiled, line 2: not an Ed25519 key in base64`, []string{`SIGNERS=C:\given\spoiled`}},
		{"no profile that it opens", []string{`PASSPHRASEFILE=C:\given\phrase.txt`}},
	} {
		m.refusedBy(c.says, append([]string{"/i", lowerMSI}, c.given...)...)
		m.refused("", "sc", "query", "muvpnd")
		for _, file := range []string{"Program Files/muvpn", "ProgramData/muvpn"} {
			if _, err := os.Stat(m.disk(file)); err == nil {
				m.t.Errorf("after %q there is %s", c.given, file)
			}
		}
	}
}

// installs looks at all that is there afterwards.
func (m *msi) installs() {
	log := m.done("/i", lowerMSI, `SIGNERS=C:\given\signers`, `PROFILE=C:\given\`+branch, `PASSPHRASEFILE=C:\given\phrase.txt`, "ATLOGIN=1")
	if strings.Contains(log, strings.TrimSpace(passphrase)) || !strings.Contains(log, "muvpnd is running") {
		m.t.Errorf("the log is\n%s", log)
	}
	m.must("", muvpn, "status")
	for _, file := range []string{"muvpn.exe", "muvpnd.exe", "muvpn-gui.exe", "wintun.dll", "LICENSE.txt", "wintun-LICENSE.txt"} {
		if _, err := os.Stat(m.disk("Program Files", "muvpn", file)); err != nil {
			m.t.Error(err)
		}
	}
	if _, err := os.Stat(m.shortcut()); err != nil {
		m.t.Error(err)
	}
	for key, words := range map[string]string{
		serviceKey:                           `"C:\Program Files\muvpn\muvpnd.exe" run --managed`,
		profileClass + `\shell\open\command`: `"C:\Program Files\muvpn\muvpn-gui.exe" "%1"`,
		profileClass + `\DefaultIcon`:        `"C:\Program Files\muvpn\muvpn-gui.exe",0`,
		extensionClass:                       "muvpn.Profile.1",
		extensionClass + `\OpenWithProgids`:  "muvpn.Profile.1",
		runEntry:                             `"C:\Program Files\muvpn\muvpn-gui.exe" --tray`,
	} {
		if said := m.must("", "reg", "query", key); !strings.Contains(said, words) {
			m.t.Errorf("%s: %q is not in\n%s", key, words, said)
		}
	}
	m.enteredAs(lowerMSI, "1.0.0")
	m.hasBranch()
	m.copyIn(m.disk("given", "other.exp"), "other.exp")
	if said, err := m.try(passphrase, muvpn, "import", `C:\other.exp`, "--passphrase-stdin", "--yes"); err == nil || !strings.Contains(said, "none of them") {
		m.t.Errorf("a stranger's profile: %v: %s", err, said)
	}
}

// shortcut is the entry in the Start menu: wine takes the user's for everybody's.
func (m *msi) shortcut() string {
	return m.disk("users/root/AppData/Roaming/Microsoft/Windows/Start Menu/Programs/Mobile User VPN.lnk")
}

// enteredAs looks at the entry among the programs that can be removed.
func (m *msi) enteredAs(file, version string) {
	m.t.Helper()
	entry := m.must("", "reg", "query", `HKLM\Software\Microsoft\Windows\CurrentVersion\Uninstall\`+m.codes[file]) + "\r\n"
	for name, value := range map[string]string{"DisplayName": "Mobile User VPN", "DisplayVersion": version, "Publisher": "The muvpn authors"} {
		if !strings.Contains(entry, name+"    REG_SZ    "+value+"\r\n") {
			m.t.Errorf("%s is not %s in\n%s", name, value, entry)
		}
	}
}

// hasBranch says that the profile is there, and its signer pinned.
func (m *msi) hasBranch() {
	m.t.Helper()
	if said := m.must("", muvpn, "profiles"); !strings.Contains(said, "Branch") {
		m.t.Errorf("the profiles are\n%s", said)
	}
	want, err := os.ReadFile(m.disk("given", "signers"))
	if err != nil {
		m.t.Fatal(err)
	}
	if got, err := os.ReadFile(m.disk("ProgramData", "muvpn", "signers")); string(got) != string(want) {
		m.t.Errorf("the signers are %q, %v", got, err)
	}
}

// showsWindow keeps the picture.
func (m *msi) showsWindow() {
	m.shows("msi-window")
	m.must("", "taskkill", "/f", "/im", "muvpn-gui.exe")
}

// repairs puts back what is missing, and listens to nobody.
func (m *msi) repairs() {
	for _, file := range []string{"muvpn.exe", "wintun.dll"} {
		if err := os.Remove(m.disk("Program Files", "muvpn", file)); err != nil {
			m.t.Fatal(err)
		}
	}
	m.must("", "reg", "delete", profileClass, "/f")
	m.done("/i", m.codes[lowerMSI], "REINSTALL=ALL", `SIGNERS=C:\given\spoiled`, `PROFILE=C:\given\other.exp`)
	m.answers()
	m.hasBranch()
	m.must("", "reg", "query", profileClass+`\shell\open\command`)
	if _, err := os.Stat(m.disk("Program Files", "muvpn", "wintun.dll")); err != nil {
		m.t.Error(err)
	}
}

// refusesSetup: setup.exe says why it does nothing in its log, which goes with the MSI.
func (m *msi) refusesSetup() {
	m.refused("", first, "/S")
	if said := m.log(); !strings.Contains(said, "installed here by an MSI") {
		m.t.Errorf("its log is %q", said)
	}
	m.refused("", "reg", "query", uninstallEntry)
	m.answers()
}

// upgrades installs the higher version over a service that runs and whose kill
// switch is armed, which it stays.
func (m *msi) upgrades() {
	m.done("/i", lowerMSI, `SIGNERS=C:\given\signers`, `PROFILE=C:\given\`+branch, `PASSPHRASEFILE=C:\given\phrase.txt`, "ATLOGIN=1")
	m.restarted(m.arm)
	m.gateway(branchGateway...)
	m.holds()
	m.toldOfUpgrade()
	log := m.done("/i", higherMSI)
	m.answers()
	m.resumes("Branch", log)
	m.enteredAs(higherMSI, "1.0.1")
	m.refused("", "reg", "query", `HKLM\Software\Microsoft\Windows\CurrentVersion\Uninstall\`+m.codes[lowerMSI])
	m.hasBranch()
	for _, file := range []string{"muvpn.exe", "muvpnd.exe", "muvpn-gui.exe"} {
		text, err := os.ReadFile(m.disk("Program Files", "muvpn", file))
		if err != nil || !strings.Contains(string(text), "1\x00.\x000\x00.\x001\x00") { // in the version that Windows shows
			m.t.Errorf("%s is not the new one (%v)", file, err)
		}
	}
	if said := m.must("", "reg", "query", runEntry); !strings.Contains(said, "muvpn-gui.exe") {
		m.t.Errorf("the icon does not start any more:\n%s", said)
	}
	if now := m.status(); now.KillSwitch != "unset" {
		m.t.Errorf("it is %+v", now)
	}
	m.restarted(func() error { return os.Remove(m.armed()) })
}

// toldOfUpgrade writes into the MSI that is installed, as it is kept for its removal,
// that this is going to be an upgrade: Windows says so to it, and wine does not. It
// would take away what is stored then, or be refused because of the kill switch.
func (m *msi) toldOfUpgrade() {
	m.t.Helper()
	files, err := filepath.Glob(m.disk("windows/Installer/*.msi"))
	if err != nil || len(files) != 1 {
		m.t.Fatalf("of MSI are kept: %q, %v", files, err)
	}
	run(m.t, exec.Command("msibuild", files[0], "-q",
		"INSERT INTO Property (Property, Value) VALUES ('UPGRADINGPRODUCTCODE', '"+m.codes[higherMSI]+"')"))
}

// armed is the file of a kill switch, and arm arms one that allows nothing. Of wine
// it is `unset`: it has no filtering engine.
func (m *msi) armed() string { return m.disk("ProgramData", "muvpn", "killswitch") }

func (m *msi) arm() error { return os.WriteFile(m.armed(), []byte("spoiled"), 0o600) }

// restarted changes something while the service does not run.
func (m *msi) restarted(change func() error) {
	m.t.Helper()
	m.must("", muvpnd, "stop")
	if err := change(); err != nil {
		m.t.Fatal(err)
	}
	m.must("", muvpnd, "start")
	m.answers()
}

func (m *msi) refusesLower() {
	m.refusedBy("LaunchConditions", "/i", lowerMSI)
	m.enteredAs(higherMSI, "1.0.1")
	m.must("", muvpn, "status")
}

// keeps removes all but what the service has stored, and installs again, this time
// with what is there already.
func (m *msi) keeps() {
	m.done("/x", m.codes[lowerMSI], "KEEP=1")
	if left := m.added(); !slices.ContainsFunc(left, func(path string) bool { return strings.HasPrefix(path, "ProgramData/muvpn/profiles/") }) ||
		slices.ContainsFunc(left, func(path string) bool { return strings.HasPrefix(path, "Program Files/muvpn") }) {
		m.t.Errorf("these are left: %q", left)
	}
	for _, key := range []string{profileClass, serviceKey} {
		m.refused("", "reg", "query", key)
	}
	m.done("/i", lowerMSI, `PROFILE=C:\given\`+branch, `PASSPHRASEFILE=C:\given\phrase.txt`)
	m.hasBranch()
}

func (m *msi) removes() {
	if err := os.RemoveAll(m.disk("other.exp")); err != nil {
		m.t.Fatal(err)
	}
	m.removesAll(lowerMSI)
}

func (m *msi) removesUpgraded() { m.removesAll(higherMSI) }

// removesAll takes all of it away.
func (m *msi) removesAll(file string) {
	m.t.Helper()
	m.done("/x", m.codes[file])
	if left := m.added(); len(left) != 0 {
		m.t.Errorf("these are left: %q", left)
	}
	if _, err := os.Stat(m.shortcut()); !os.IsNotExist(err) {
		m.t.Errorf("the entry in the Start menu is left: %v", err)
	}
	for _, line := range m.world.registry() {
		if _, was := slices.BinarySearch(m.registry, line); !was {
			m.t.Errorf("in the registry is left: %s", line)
		}
	}
}

// respectsSetup: what setup.exe has installed it would neither know nor remove.
func (m *msi) respectsSetup() {
	m.must("", "reg", "add", uninstallEntry, "/v", "UninstallString", "/d", `"C:\Program Files\muvpn\uninstall.exe"`, "/f")
	m.refusedBy("LaunchConditions", "/i", lowerMSI)
	m.must("", "reg", "delete", uninstallEntry, "/f")
}

// staysBlocked: an armed kill switch keeps it from being removed, and what the
// service has stored with it. It is the last step: what wine takes back of a removal
// that was refused is only half of it.
func (m *msi) staysBlocked() {
	m.done("/i", higherMSI)
	m.restarted(m.arm)
	m.refusedBy("the kill switch is on: lift it first", "/x", m.codes[higherMSI])
	if _, err := os.Stat(m.armed()); err != nil {
		m.t.Error(err)
	}
}
