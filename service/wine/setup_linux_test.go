package wine

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	uninstallEntry = `HKLM\Software\Microsoft\Windows\CurrentVersion\Uninstall\muvpn`
	profileClass   = `HKLM\Software\Classes\muvpn.Profile.1`
	extensionClass = `HKLM\Software\Classes\.exp`
	window         = programs + "muvpn-gui.exe"
	uninstaller    = programs + "uninstall.exe"
	first, second  = `C:\first.exe`, `C:\second.exe` // the setup.exe of two versions
)

// buildWindow builds muvpn-gui.exe beside the other programs.
func buildWindow(t *testing.T, kept, folder string) {
	t.Helper()
	compile(t, kept, []string{"CGO_ENABLED=1", "CC=x86_64-w64-mingw32-gcc"}, "build", "-tags", "window,no_emoji", "-trimpath",
		"-ldflags", "-s -w -H windowsgui", "-o", folder+"/", "./gui/muvpn-gui")
}

// makeInstaller makes the installer of a kind and a version out of the programs in
// a folder, with a wintun.dll that is none, and returns its file without the end
// that its kind has.
func makeInstaller(t *testing.T, programs, version, kind string, more ...string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"wintun.dll": "no library", "LICENSE.txt": "no licence"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("go", append([]string{"run", "./installers/windows", "-describe", "v" + version, "-epoch", "1790000000", "-programs", programs,
		"-wintun", filepath.Join(dir, "wintun.dll"), "-wintun-dummy", "-kinds", kind, "-tools", os.Getenv("MUVPN_TOOLS"),
		"-work", filepath.Join(dir, "work"), "-out", filepath.Join(dir, "out")}, more...)...)
	cmd.Dir = "../.."
	run(t, cmd)
	return filepath.Join(dir, "out", "muvpn-"+version+"-amd64-NOT-FOR-USE")
}

// makeSetup makes the setup.exe of a version; signed by the certificate and key in a
// file, if there is one.
func makeSetup(t *testing.T, programs, version, signer string) string {
	t.Helper()
	return makeInstaller(t, programs, version, "setup", "-cert", signer, "-key", signer, "-ca", signer) + "-setup.exe"
}

// setup is a computer on which setup.exe is played.
type setup struct {
	*world
	pictures string   // folder
	signer   string   // file of a certificate and its key, which vouch for themselves
	before   []string // what was there before
}

// TestWineSetup is the life of setup.exe, from its first page to nothing left.
func TestWineSetup(t *testing.T) {
	prepare(t)
	if os.Getenv("MUVPN_PICTURES") == "" {
		t.Skip("wine: skipped, setup.exe is made and played by make test-installers (MUVPN_PICTURES)")
	}
	began, kept := time.Now(), kept(t)
	folder := t.TempDir()
	buildPrograms(t, kept, folder)
	buildWindow(t, kept, folder)
	s := &setup{world: &world{t: t}, pictures: os.Getenv("MUVPN_PICTURES"), signer: filepath.Join(t.TempDir(), "signer.pem")}
	s.makesSigner()
	lower, higher := makeSetup(t, folder, "1.0.0", ""), makeSetup(t, folder, "1.0.1", s.signer)
	fmt.Printf("wine: setup.exe made twice in %v\n", time.Since(began).Round(time.Second))
	s.world = withScreen(t, base(t, kept))
	s.copyIn(lower, "first.exe")
	s.copyIn(higher, "second.exe")
	s.copyIn(filepath.Join(samples, "lisa.exp"), "lisa.exp")
	for step, do := range []struct {
		name string
		play func(*setup)
	}{
		{"an older Windows is refused", (*setup).refusesOld},
		{"its first page, in two languages", (*setup).showsPages},
		{"a file without its whole path is refused", (*setup).refusesRelative},
		{"silent installation", (*setup).installs},
		{"the window starts", (*setup).showsWindow},
		{"silent upgrade of what runs, and the profile stays", (*setup).upgrades},
		{"what it must not do is refused, and said", (*setup).refusesMore},
		{"an upgrade that fails leaves the service running", (*setup).failsUpgrade},
		{"a service that is disabled stays so", (*setup).staysDisabled},
		{"it stays while the kill switch is on", (*setup).staysBlocked},
		{"silent removal keeps what is to stay", (*setup).keeps},
		{"silent removal leaves nothing", (*setup).removes},
	} {
		began := time.Now()
		ok := t.Run(do.name, func(t *testing.T) {
			here, there := *s, *s.world
			here.world, there.t = &there, t
			do.play(&here)
			s.before = here.before
		})
		if !ok {
			t.Fatalf("wine: step %d, %s, failed", step+1, do.name)
		}
		fmt.Printf("wine: %s: ok, %v\n", do.name, time.Since(began).Round(100*time.Millisecond))
	}
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
	s.onARM(func() { s.says("no driver for Windows on ARM", second) })
	folders := `HKCU\Software\Microsoft\Windows\CurrentVersion\Explorer\User Shell Folders`
	s.must("", "reg", "add", folders, "/v", "Local AppData", "/d", `C:\windows\system32\config\systemprofile\AppData\Local`, "/f")
	s.says("not to be run as the system", second)
	s.must("", "reg", "delete", folders, "/v", "Local AppData", "/f")
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

// onARM does something while Windows says that its processor is another one.
func (w *world) onARM(do func()) {
	w.t.Helper()
	const key = `HKLM\System\CurrentControlSet\Control\Session Manager\Environment`
	w.must("", "reg", "add", key, "/v", "PROCESSOR_ARCHITECTURE", "/d", "ARM64", "/f")
	do()
	w.must("", "reg", "add", key, "/v", "PROCESSOR_ARCHITECTURE", "/d", "AMD64", "/f")
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

// makesSigner makes a certificate.
func (s *setup) makesSigner() {
	s.t.Helper()
	run(s.t, exec.Command("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=muvpn test",
		"-addext", "extendedKeyUsage=codeSigning", "-keyout", s.signer, "-out", s.signer+".cert"))
	text, err := os.ReadFile(s.signer + ".cert")
	if err != nil {
		s.t.Fatal(err)
	}
	f, err := os.OpenFile(s.signer, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		s.t.Fatal(err)
	}
	_, err = f.Write(text)
	if err := errors.Join(err, f.Close()); err != nil {
		s.t.Fatal(err)
	}
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
