package wine

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	uninstallEntry = `HKLM\Software\Microsoft\Windows\CurrentVersion\Uninstall\muvpn`
	profileClass   = `HKLM\Software\Classes\muvpn.Profile.1`
	extensionClass = `HKLM\Software\Classes\.exp`
	window         = programs + "muvpn-gui.exe"
	uninstaller    = programs + "uninstall.exe"
	first, second  = `C:\first.exe`, `C:\second.exe` // the setup.exe of two versions
)

// setup is a computer on which setup.exe is played.
type setup struct {
	*world
	installers
	before []string // what was there before
}

// lifeOfSetup is that of setup.exe, from its first page to nothing left.
func lifeOfSetup(t *testing.T, i installers) {
	s := i.computer(t)
	if testing.Short() {
		s.plays(
			step{"setup: an older Windows is refused", s.refusesOld},
			step{"setup: silent installation", s.installs},
			step{"setup: silent removal leaves nothing", s.removes},
		)
		return
	}
	s.plays(
		step{"setup: an older Windows is refused", s.refusesOld},
		step{"setup: its first page, in two languages", s.showsPages},
		step{"setup: a file without its whole path is refused", s.refusesRelative},
		step{"setup: silent installation", s.installs},
		step{"setup: the window starts", s.showsWindow},
		step{"setup: silent upgrade of what runs, and the profile stays", s.upgrades},
		step{"setup: what it must not do is refused, and said", s.refusesMore},
		step{"setup: an upgrade that fails leaves the service running", s.failsUpgrade},
		step{"setup: a service that is disabled stays so", s.staysDisabled},
		step{"setup: it stays while the kill switch is on", s.staysBlocked},
		step{"setup: silent removal keeps what is to stay", s.keeps},
		step{"setup: silent removal leaves nothing", s.removes},
	)
}

// refusesOld: wine is a Windows 7 until it is told otherwise. Then it is noted what
// was there before.
func (s *setup) refusesOld() {
	s.refused("", first, "/S")
	if _, err := os.Stat(s.disk("Program Files", "muvpn")); err == nil {
		s.t.Error("something was installed all the same")
	}
	s.must("", "reg", "add", `HKCU\Software\Wine`, "/v", "Version", "/d", "win10", "/f")
	s.before = s.everything()
}

// showsPages keeps a picture of the first page.
func (s *setup) showsPages() {
	for name, number := range map[string]string{"english": "1033", "german": "1031"} {
		s.background("wine", first, "/LANG="+number)
		s.seen("Mobile User VPN")
		s.picture("setup-" + name)
		s.must("", "taskkill", "/f", "/im", "first.exe")
	}
}

func (s *setup) refusesRelative() {
	for _, option := range []string{"/PROFILE=lisa.exp", `/SIGNERS=..\signers`, `/PASSPHRASEFILE=\x`} {
		s.refused("", first, "/S", option)
	}
	if got := s.added(); len(got) != 0 {
		s.t.Errorf("these are there: %q", got)
	}
}

// installs looks at all that is there afterwards.
func (s *setup) installs() {
	s.must("", first, "/S", `/D=C:\elsewhere`)
	s.answers()
	for _, file := range []string{"muvpn.exe", "muvpnd.exe", "muvpn-gui.exe", "wintun.dll", "LICENSE.txt", "wintun-LICENSE.txt", "uninstall.exe"} {
		if _, err := os.Stat(s.disk("Program Files", "muvpn", file)); err != nil {
			s.t.Error(err)
		}
	}
	if _, err := os.Stat(s.disk("elsewhere")); err == nil {
		s.t.Error("its folder could be chosen")
	}
	if _, err := os.Stat(s.disk("ProgramData/Microsoft/Windows/Start Menu/Programs/Mobile User VPN.lnk")); err != nil {
		s.t.Error(err)
	}
	s.entered("1.0.0")
	for key, words := range map[string]string{
		serviceKey:                           `"C:\Program Files\muvpn\muvpnd.exe" run --managed`,
		profileClass + `\shell\open\command`: `"C:\Program Files\muvpn\muvpn-gui.exe" "%1"`,
		profileClass + `\DefaultIcon`:        `"C:\Program Files\muvpn\muvpn-gui.exe",0`,
		extensionClass:                       "muvpn.Profile.1",
		extensionClass + `\OpenWithProgids`:  "muvpn.Profile.1",
	} {
		if said := s.must("", "reg", "query", key); !strings.Contains(said, words) {
			s.t.Errorf("%s: %q is not in\n%s", key, words, said)
		}
	}
}

// entered looks at the entry among the programs that can be removed.
func (s *setup) entered(version string) {
	s.t.Helper()
	entry := s.must("", "reg", "query", uninstallEntry) + "\r\n"
	for name, value := range map[string]string{
		"DisplayName": "Mobile User VPN", "DisplayVersion": version, "Publisher": "The muvpn authors", "InstallLocation": `C:\Program Files\muvpn`,
		"UninstallString": `"C:\Program Files\muvpn\uninstall.exe"`, "QuietUninstallString": `"C:\Program Files\muvpn\uninstall.exe" /S`,
	} {
		if !strings.Contains(entry, name+"    REG_SZ    "+value+"\r\n") {
			s.t.Errorf("%s is not %s in\n%s", name, value, entry)
		}
	}
	if !strings.Contains(entry, "EstimatedSize    REG_DWORD    0x") {
		s.t.Errorf("no size in\n%s", entry)
	}
}

// showsWindow opens a profile's file as Windows would, and keeps the picture.
func (s *setup) showsWindow() {
	s.must(passphrase, muvpn, "import", `C:\lisa.exp`, "--passphrase-stdin", "--yes", "--legacy")
	s.shows("window")
}

// upgrades installs the higher version over service and window that run.
func (s *setup) upgrades() {
	s.gateway()
	s.holds()
	s.background("wine", window)
	s.seen("Mobile User VPN")
	s.must("", second, "/S")
	s.answers()
	s.resumes("Office", s.log())
	s.entered("1.0.1")
	if said := s.must("", muvpn, "profiles"); !strings.Contains(said, "Office") {
		s.t.Errorf("the profiles are\n%s", said)
	}
	if said, _ := s.try("", "tasklist"); strings.Contains(said, "muvpn-gui.exe") {
		s.t.Errorf("the old window still runs\n%s", said)
	}
	for _, file := range []string{"muvpn.exe", "muvpnd.exe", "muvpn-gui.exe", "uninstall.exe"} { // of which the last is written by makensis
		run(s.t, exec.Command("osslsigncode", "verify", "-CAfile", s.signer, "-in", s.disk("Program Files", "muvpn", file)))
	}
}

// refusesMore: each says why, and the service runs on.
func (s *setup) refusesMore() {
	s.says("newer version is installed", first)
	folders := `HKCU\Software\Microsoft\Windows\CurrentVersion\Explorer\User Shell Folders`
	s.must("", "reg", "add", folders, "/v", "Local AppData", "/d", `C:\windows\system32\config\systemprofile\AppData\Local`, "/f")
	s.says("not to be run as the system", second)
	s.must("", "reg", "delete", folders, "/v", "Local AppData", "/f")
	if err := os.RemoveAll(s.disk("windows/system32/config")); err != nil { // which wine has made of it
		s.t.Fatal(err)
	}
	s.answers()
}

// says is a silent setup.exe that refuses, and what its log has of it.
func (s *setup) says(words, file string, options ...string) {
	s.t.Helper()
	before := len(s.log())
	s.refused("", append([]string{file, "/S"}, options...)...)
	if said := s.log()[before:]; !strings.Contains(said, words) {
		s.t.Errorf("the log does not say %q: %s", words, said)
	}
}

// failsUpgrade: what cannot be set up leaves nobody without the service.
func (s *setup) failsUpgrade() {
	s.says("could not import the profile", second, `/PROFILE=C:\none.exp`)
	s.answers()
}

// staysDisabled: an upgrade respects that an administrator does not want the service.
func (s *setup) staysDisabled() {
	s.entersAnew("disabled", "")
	s.must("", second, "/S")
	if said := s.log(); !strings.Contains(said, "The service is disabled, and stays so") {
		s.t.Errorf("the log is %q", said)
	}
	s.refused("stopped", muvpnd, "status")
	s.must("", "sc", "delete", "muvpnd")
	s.must("", second, "/S")
	s.answers()
}

// staysBlocked: an armed kill switch outlives an upgrade, and keeps the uninstaller
// from its work. Of wine it is `unset`: it has no filtering engine.
func (s *setup) staysBlocked() {
	s.must("", muvpnd, "stop")
	armed := s.disk("ProgramData", "muvpn", "killswitch")
	if err := os.WriteFile(armed, []byte("spoiled"), 0o600); err != nil { // is one with nothing allowed
		s.t.Fatal(err)
	}
	s.must("", second, "/S")
	s.answers()
	if now := s.status(); now.KillSwitch != "unset" {
		s.t.Errorf("after an upgrade it is %+v", now)
	}
	s.background("wine", uninstaller, "/S")
	s.await("refused", startTime, func() bool { return strings.Contains(s.log(), "the kill switch is on") })
	s.answers()
	s.entered("1.0.1")
	s.must("", muvpnd, "stop")
	if err := os.Remove(armed); err != nil {
		s.t.Fatal(err)
	}
}

// keeps removes all but what the service has stored, and installs again.
func (s *setup) keeps() {
	s.uninstalls("/KEEP")
	left := s.added()
	for _, key := range []string{uninstallEntry, profileClass, extensionClass, serviceKey, eventKey} {
		s.refused("", "reg", "query", key)
	}
	if !slices.ContainsFunc(left, func(path string) bool { return strings.HasPrefix(path, "ProgramData/muvpn/profiles/") }) {
		s.t.Errorf("no profile is left: %q", left)
	}
	s.must("", second, "/S")
	s.answers()
	if said := s.must("", muvpn, "profiles"); !strings.Contains(said, "Office") {
		s.t.Errorf("the profiles are\n%s", said)
	}
}

// removes takes all of it away.
func (s *setup) removes() {
	s.uninstalls()
	if left := s.added(); len(left) != 0 {
		s.t.Errorf("these are left: %q", left)
	}
}

// uninstalls runs the uninstaller, which ends while a copy of it is at work: that
// would keep a pipe of ours open.
func (s *setup) uninstalls(options ...string) {
	s.t.Helper()
	s.background(append([]string{"wine", uninstaller, "/S"}, options...)...)
	s.await("uninstalled", startTime, func() bool {
		_, err := os.Stat(s.disk("Program Files", "muvpn"))
		return os.IsNotExist(err)
	})
}

// log is what setup.exe and its uninstaller have written down.
func (s *setup) log() string {
	text, err := os.ReadFile(s.disk("Program Files", "muvpn", "setup.log"))
	if err != nil {
		s.t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), "\x00", "") // UTF-16, of which we look for ASCII alone
}

// added is what is there now and was not before.
func (s *setup) added() (list []string) {
	for _, item := range s.everything() {
		if _, was := slices.BinarySearch(s.before, item); !was {
			list = append(list, item)
		}
	}
	return list
}

// passing are files that are the user's, or go by themselves: settings of the
// window, and what NSIS has Windows remove at its next start.
var passing = []string{"users/root/AppData/", "users/root/Temp/"}

// everything are the files of the disk, and the keys and values of the computer's
// registry that have to do with us, sorted.
func (s *setup) everything() (list []string) {
	s.t.Helper()
	disk := s.disk()
	err := filepath.WalkDir(disk, func(path string, _ os.DirEntry, err error) error {
		name := strings.TrimPrefix(path, disk+"/")
		if !slices.ContainsFunc(passing, func(p string) bool { return strings.HasPrefix(name+"/", p) }) {
			list = append(list, name)
		}
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.must("", "reg", "export", "HKLM", `C:\registry`, "/y")
	text, err := os.ReadFile(s.disk("registry"))
	if err != nil {
		s.t.Fatal(err)
	}
	if err := os.Remove(s.disk("registry")); err != nil {
		s.t.Fatal(err)
	}
	for line := range strings.Lines(strings.ReplaceAll(string(text), "\x00", "")) {
		if lower := strings.ToLower(line); strings.Contains(lower, "muvpn") || strings.Contains(lower, `\.exp`) {
			list = append(list, line)
		}
	}
	slices.Sort(list)
	return list
}
