package wine

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// installers are those of two versions, the higher one signed, as files of this
// machine's.
type installers struct {
	lower, higher string // without the ends that setup.exe and MSI have
	signer        string // file of a certificate and its key, which vouch for themselves
	windows       string // folder of a Windows as it comes
	pictures      string // folder of what is to be kept of windows
}

// The ends of the names.
const endSetup, endMSI = "-setup.exe", ".msi"

// TestWineInstallers plays setup.exe and MSI at the same time, each in a Windows of
// its own. With -short each is installed and removed, and no more.
func TestWineInstallers(t *testing.T) {
	prepare(t)
	if os.Getenv("MUVPN_PICTURES") == "" {
		t.Skip("wine: skipped, setup.exe and MSI are made and played by make test-installers (MUVPN_PICTURES)")
	}
	i := makeInstallers(t)
	for name, plays := range map[string]func(*testing.T, installers){"setup": lifeOfSetup, "msi": lifeOfMSI} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plays(t, i)
		})
	}
}

func makeInstallers(t *testing.T) installers {
	t.Helper()
	began, kept, folder := time.Now(), kept(t), t.TempDir()
	buildPrograms(t, kept, folder)
	buildWindow(t, kept, folder)
	i := installers{signer: makeSigner(t), pictures: os.Getenv("MUVPN_PICTURES"), lower: makeInstaller(t, folder, "1.0.0")}
	if !testing.Short() {
		i.higher = makeInstaller(t, folder, "1.0.1", "-cert", i.signer, "-key", i.signer, "-ca", i.signer)
	}
	fmt.Printf("wine: setup.exe and MSI made in %v\n", time.Since(began).Round(time.Second))
	i.windows = base(t, kept)
	return i
}

// computer is a Windows with the installers of both versions on its disk.
func (i installers) computer(t *testing.T) *setup {
	t.Helper()
	s := &setup{world: withScreen(t, i.windows), installers: i}
	s.copyIn(i.lower+endSetup, "first.exe")
	s.copyIn(i.lower+endMSI, "lower.msi")
	if i.higher != "" {
		s.copyIn(i.higher+endSetup, "second.exe")
		s.copyIn(i.higher+endMSI, "higher.msi")
	}
	s.copyIn(filepath.Join(samples, "lisa.exp"), "lisa.exp")
	return s
}

// buildWindow builds muvpn-gui.exe beside the other programs.
func buildWindow(t *testing.T, kept, folder string) {
	t.Helper()
	compile(t, kept, []string{"CGO_ENABLED=1", "CC=x86_64-w64-mingw32-gcc"}, "build", "-tags", "window,no_emoji", "-trimpath",
		"-ldflags", "-s -w -H windowsgui", "-o", folder+"/", "./gui/muvpn-gui")
}

// makeInstaller makes setup.exe and MSI of a version out of the programs in a folder,
// with a wintun.dll that is none, and returns their files without the ends.
func makeInstaller(t *testing.T, programs, version string, more ...string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"wintun.dll": "no library", "LICENSE.txt": "no licence"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("go", append([]string{"run", "./installers/windows", "-describe", "v" + version, "-epoch", "1790000000", "-programs", programs,
		"-wintun", filepath.Join(dir, "wintun.dll"), "-wintun-dummy", "-tools", os.Getenv("MUVPN_TOOLS"),
		"-work", filepath.Join(dir, "work"), "-out", filepath.Join(dir, "out")}, more...)...)
	cmd.Dir = "../.."
	run(t, cmd)
	return filepath.Join(dir, "out", "muvpn-"+version+"-amd64-NOT-FOR-USE")
}

// makeSigner makes a certificate, with its key in the same file.
func makeSigner(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "signer.pem")
	run(t, exec.Command("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=muvpn test",
		"-addext", "extendedKeyUsage=codeSigning", "-keyout", file, "-out", file+".cert"))
	text, err := os.ReadFile(file + ".cert")
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.Write(text)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	return file
}
