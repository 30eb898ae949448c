package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"muvpn/assets"
	"muvpn/installers/scriptstest"
)

// maker makes packages for the tests.
type maker struct {
	*testing.T
	tools, out string
	key        string // of the tests; without a passphrase
	home       string // a folder of gpg's that knows it
}

// versions are those that service/systemd plays with: the folders of their names
// stay in the one that MUVPN_INSTALLERS names, and so does the key.
var versions = []string{"1.0.0", "1.0.1"}

// TestInstallers makes the packages and looks at each with the tools of the systems
// that they are for.
func TestInstallers(t *testing.T) {
	m := &maker{T: t, out: os.Getenv("MUVPN_INSTALLERS"), tools: os.Getenv("MUVPN_TOOLS")}
	if m.out == "" {
		t.Skip("installers: skipped, they are made and looked at by make test-installers (MUVPN_INSTALLERS)")
	}
	m.makesKey()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	m.makes(root, versions[0], versions[0], m.key, "-window")
	m.makes(root, versions[1], versions[1], m.key)
	for _, step := range []struct {
		name string
		look func(*maker)
	}{
		{"two builds are the same", (*maker).looksTwice},
		{"nothing in them may be changed by others", (*maker).looksAtModes},
		{"scripts", (*maker).looksAtScripts},
		{"lintian", (*maker).asksLintian},
		{"desktop", (*maker).looksAtDesktop},
		{"a file is known by what is in it", (*maker).knowsProfiles},
		{"libraries", (*maker).looksAtLibraries},
		{"the list of parts", (*maker).looksAtParts},
		{"the signature of the deb", (*maker).verifiesDeb},
		{"the signature of the rpm", (*maker).verifiesRPM},
	} {
		began := time.Now()
		if t.Run(step.name, func(t *testing.T) { here := *m; here.T = t; step.look(&here) }) {
			fmt.Printf("installers: %s: ok, %v\n", step.name, time.Since(began).Round(100*time.Millisecond))
		}
	}
}

// runs runs a program and returns what it says.
func (m *maker) runs(args ...string) string {
	m.Helper()
	said, err := exec.CommandContext(m.Context(), args[0], args[1:]...).CombinedOutput()
	if err != nil {
		m.Fatalf("%s: %v: %s", strings.Join(args, " "), err, said)
	}
	return string(said)
}

// refuses is runs of what has to fail, with these words among what is said.
func (m *maker) refuses(words string, args ...string) {
	m.Helper()
	said, err := exec.CommandContext(m.Context(), args[0], args[1:]...).CombinedOutput()
	if err == nil || !strings.Contains(string(said), words) {
		m.Errorf("%s: %v: %q does not say %q", strings.Join(args, " "), err, said, words)
	}
}

// makesKey makes the key of the tests, which is worth nothing. rpm knows no
// Ed25519 everywhere.
func (m *maker) makesKey() {
	m.Helper()
	home, err := os.MkdirTemp("", "gpg")
	if err != nil {
		m.Fatal(err)
	}
	m.Cleanup(func() {
		exec.Command("gpgconf", "--homedir", home, "--kill", "all").Run()
		os.RemoveAll(home)
	})
	if err := os.MkdirAll(m.out, 0o755); err != nil {
		m.Fatal(err)
	}
	m.home, m.key = home, filepath.Join(m.out, "key.asc")
	gpg := func(args ...string) string {
		return m.runs(append([]string{"gpg", "--homedir", home, "--batch", "--yes", "--quiet", "--passphrase", "", "--armor"}, args...)...)
	}
	gpg("--quick-generate-key", "muvpn test <test@example.com>", "rsa3072", "sign", "never")
	gpg("--output", m.key, "--export-secret-keys")
	gpg("--output", filepath.Join(home, "public.asc"), "--export")
	gpg("--no-armor", "--output", filepath.Join(home, "public.gpg"), "--export")
}

// makes makes the packages of a version out of the source in root.
func (m *maker) makes(root, version, folder, key string, more ...string) string {
	m.Helper()
	out := filepath.Join(m.out, folder)
	if err := os.RemoveAll(out); err != nil {
		m.Fatal(err)
	}
	cmd := exec.CommandContext(m.Context(), "go", append([]string{"run", "./installers/linux", "-describe", "v" + version, "-epoch", "1790000000",
		"-maintainer", "The muvpn authors <muvpn@example.com>", "-key", key, "-tools", m.tools, "-out", out,
		"-work", filepath.Join(m.TempDir(), "work")}, more...)...)
	cmd.Dir = root
	if said, err := cmd.CombinedOutput(); err != nil {
		m.Fatalf("make %s: %v: %s", version, err, said)
	}
	return out
}

// looksTwice makes the same version here and out of a copy of the source somewhere
// else; without a signature, which has its own time.
func (m *maker) looksTwice() {
	root, err := filepath.Abs("../..")
	if err != nil {
		m.Fatal(err)
	}
	elsewhere := filepath.Join(m.TempDir(), "a folder elsewhere")
	m.runs("sh", "-c", `mkdir "$2" && cd "$1" && git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents --target-directory="$2"`, "sh", root, elsewhere)
	one, two := m.makes(root, versions[0], "one", "", "-window"), m.makes(elsewhere, versions[0], "two", "", "-window")
	files, err := os.ReadDir(one)
	if err != nil || len(files) != 2*len(formats)+3 {
		m.Errorf("there are %d files, %v", len(files), err)
	}
	for _, f := range files {
		a, errA := os.ReadFile(filepath.Join(one, f.Name()))
		b, errB := os.ReadFile(filepath.Join(two, f.Name()))
		if errA != nil || errB != nil || sha256.Sum256(a) != sha256.Sum256(b) {
			m.Errorf("%s is not the same out of another folder (%v, %v)", f.Name(), errA, errB)
		}
		for _, trace := range []string{elsewhere, root, os.TempDir()} {
			if bytes.Contains(b, []byte(trace)) {
				m.Errorf("%s names %s", f.Name(), trace)
			}
		}
	}
	if err := os.RemoveAll(two); err != nil {
		m.Error(err)
	}
}

// packages are the files of a kind of the first version, signed.
func (m *maker) packages(kind string) []string {
	m.Helper()
	return m.packagesIn(versions[0], kind)
}

// packagesIn are the files of a kind in a folder of makes.
func (m *maker) packagesIn(folder, kind string) []string {
	m.Helper()
	files, err := filepath.Glob(filepath.Join(m.out, folder, "*."+kind))
	if err != nil || len(files) != 2 {
		m.Fatalf("of %s there are %q, %v", kind, files, err)
	}
	return files
}

// looksAtModes: everything is root's, nobody else may change it, and every path is
// absolute (threats: installer).
func (m *maker) looksAtModes() {
	for _, file := range m.packages("deb") {
		for line := range strings.Lines(m.runs("dpkg-deb", "--contents", file)) {
			f := strings.Fields(line)
			m.looksAt(f[0], f[1], strings.TrimPrefix(f[5], "."))
		}
	}
	for _, file := range m.packages("rpm") {
		for line := range strings.Lines(m.runs("rpm", "--query", "--nosignature", "--package", "--queryformat", "[%{FILEMODES:perms} %{FILEUSERNAME}/%{FILEGROUPNAME} %{FILENAMES}\n]", file)) {
			f := strings.Fields(line)
			m.looksAt(f[0], f[1], f[2])
		}
	}
}

// looksAt looks at one file: a mode as ls writes it.
func (m *maker) looksAt(mode, owner, path string) {
	m.Helper()
	if owner != "root/root" || mode[5] == 'w' || mode[8] == 'w' || strings.ContainsAny(mode[1:], "st") || !slices.Contains([]byte("d-"), mode[0]) {
		m.Errorf("%s %s %s", mode, owner, path)
	}
	if !strings.HasPrefix(path, "/usr/") || strings.Contains(path, "..") {
		m.Errorf("%s is not below /usr", path)
	}
}

// looksAtScripts: shellcheck finds nothing, and every program is named by its whole
// path.
func (m *maker) looksAtScripts() {
	deb, _ := filepath.Glob("deb/p*")
	rpm, _ := filepath.Glob("rpm/p*")
	scripts := append(deb, rpm...)
	if len(scripts) != 6 {
		m.Errorf("the scripts are %q", scripts)
	}
	m.runs(append([]string{"shellcheck", "--enable=all", "--exclude=SC2250"}, scripts...)...) // braces around every variable: a matter of taste
	for _, script := range scripts {
		text, err := os.ReadFile(script)
		if err != nil {
			m.Fatal(err)
		}
		if fault := scriptstest.Unqualified(string(text)); fault != "" {
			m.Errorf("%s runs a program that PATH chooses: %s", script, fault)
		}
	}
}

// asksLintian: no error and no warning. It takes a signature, which Debian's own
// archive has elsewhere, for a part that does not belong there.
func (m *maker) asksLintian() {
	said := m.runs(append([]string{"lintian", "--allow-root", "--fail-on", "error,warning", "--tag-display-limit", "0"}, m.packagesIn("one", "deb")...)...)
	if said = strings.TrimSpace(said); said != "" {
		fmt.Println("installers: lintian:", said)
	}
}

// unpacked is the content of the window's deb.
func (m *maker) unpacked() string {
	m.Helper()
	folder := m.TempDir()
	for _, file := range m.packages("deb") {
		m.runs("dpkg-deb", "--extract", file, folder)
	}
	return folder
}

// looksAtDesktop asks the desktop's own tools. There is no domain of ours that the
// component's name could begin with.
func (m *maker) looksAtDesktop() {
	share := filepath.Join(m.unpacked(), "usr/share")
	m.runs("desktop-file-validate", filepath.Join(share, "applications/muvpn.desktop"))
	m.runs("appstreamcli", "validate", "--no-net", "--override=cid-desktopapp-is-not-rdns=info", filepath.Join(share, "metainfo/muvpn.metainfo.xml"))
	m.runs("man", "--warnings", "--local-file", filepath.Join(share, "man/man1/muvpn-gui.1.gz"))
	icon, err := os.ReadFile(filepath.Join(share, "icons/hicolor/scalable/apps/muvpn.svg"))
	if err != nil || !bytes.Equal(icon, assets.AppIcon()) {
		m.Errorf("the icon is %s, %v", icon, err)
	}
}

// knowsProfiles: a profile is ours whatever it is called, and what else is called
// .exp is not.
func (m *maker) knowsProfiles() {
	share := filepath.Join(m.unpacked(), "usr/share")
	m.runs("update-mime-database", filepath.Join(share, "mime"))
	sample, err := os.ReadFile("../../assets/samples/lisa.exp")
	if err != nil {
		m.Fatal(err)
	}
	const ours = "application/x-muvpn-profile"
	for name, c := range map[string]struct {
		text string
		ours bool
	}{
		"lisa.exp":   {string(sample), true},
		"LISA.EXP":   {string(sample), true},
		"mailed.exp": {"Dear Lisa,\r\nhere it is:\r\n\r\n" + string(sample), true},
		"expect.exp": {"#!/usr/bin/expect\nspawn telnet\n", false},
		"linker.exp": {"LIBRARY office\nEXPORTS\n  connect\n", false},
	} {
		file := filepath.Join(m.TempDir(), name)
		if err := os.WriteFile(file, []byte(c.text), 0o644); err != nil {
			m.Fatal(err)
		}
		said := m.runs("env", "XDG_DATA_HOME="+share, "gio", "info", "--attributes=standard::content-type", file)
		if strings.Contains(said, ours) != c.ours {
			m.Errorf("%s is %s", name, said)
		}
	}
}

// looksAtParts: the list names what is in the program.
func (m *maker) looksAtParts() {
	for program, part := range map[string]string{"muvpn": "github.com/spf13/cobra", "muvpnd": "github.com/vishvananda/netlink", "muvpn-gui": "fyne.io/fyne/v2"} {
		list, err := os.ReadFile(filepath.Join(m.out, versions[0], program+"_"+versions[0]+"_"+runtime.GOARCH+".cdx.json"))
		if err != nil || !bytes.Contains(list, []byte(`"`+part+`"`)) || !bytes.Contains(list, []byte(`"CycloneDX"`)) {
			m.Errorf("the list of parts of %s does not name %s (%v)", program, part, err)
		}
	}
}
