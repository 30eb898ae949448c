package main

import (
	"bytes"
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
	"muvpn/installers/making/makingtest"
	"muvpn/installers/scriptstest"
)

// maker makes packages for the tests.
type maker struct {
	makingtest.Maker
	out       string
	elsewhere string // a copy of the source
	works     string // folder of what comes and goes
	key       string // of the tests; without a passphrase
	home      string // a folder of gpg's that knows it
}

// versions are those that service/systemd plays with: the folders of their names
// stay in the one that MUVPN_INSTALLERS names, and so does the key.
var versions = []string{"1.0.0", "1.0.1"}

// TestInstallers makes the packages and looks at each with the tools of the systems
// that they are for. With -short there is no window.
func TestInstallers(t *testing.T) {
	m := &maker{Maker: makingtest.New(t), out: os.Getenv("MUVPN_INSTALLERS"), works: t.TempDir()}
	m.makesKey()
	began := time.Now()
	m.elsewhere = m.Elsewhere()
	m.Together(
		func(t *testing.T) { m.in(t).makes(m.elsewhere, versions[0], "two", "") },
		func(t *testing.T) {
			m.in(t).makes(m.Root(), versions[0], "one", "")
			m.in(t).makes(m.Root(), versions[0], versions[0], m.key, "-programs", m.work("one"))
			m.in(t).makes(m.Root(), versions[1], versions[1], m.key)
		},
	)
	fmt.Printf("installers: Linux: made in %v\n", time.Since(began).Round(time.Second))
	steps := []makingtest.Step[*maker]{
		{Name: "two builds are the same", Look: (*maker).looksTwice},
		{Name: "nothing in them may be changed by others", Look: (*maker).looksAtModes},
		{Name: "scripts", Look: (*maker).looksAtScripts},
		{Name: "lintian", Look: (*maker).asksLintian},
		{Name: "the list of parts", Look: (*maker).looksAtParts},
		{Name: "the signature of the deb", Look: (*maker).verifiesDeb},
		{Name: "the signature of the rpm", Look: (*maker).verifiesRPM},
	}
	if !testing.Short() {
		steps = append(steps, []makingtest.Step[*maker]{
			{Name: "desktop", Look: (*maker).looksAtDesktop},
			{Name: "a file is known by what is in it", Look: (*maker).knowsProfiles},
			{Name: "libraries", Look: (*maker).looksAtLibraries},
		}...)
	}
	makingtest.Plays(t, "Linux", m.in, steps...)
}

// in is the maker for another test.
func (m *maker) in(t *testing.T) *maker {
	here := *m
	here.T = t
	return &here
}

// names are those of the packages that are made of a version.
func names(version string) []string {
	if testing.Short() || version != versions[0] {
		return []string{"muvpn"}
	}
	return []string{"muvpn", "muvpn-gui"}
}

// runs runs a program and returns what it says.
func (m *maker) runs(args ...string) string {
	m.Helper()
	return m.Runs("", args...)
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
	if len(names(version)) == 2 {
		more = append(more, "-window")
	}
	m.Makes(root, "linux", "v"+version, out, filepath.Join(m.works, folder),
		append([]string{"-maintainer", "The muvpn authors <muvpn@example.com>", "-key", key}, more...)...)
	return out
}

// work is where makes has left what it has built.
func (m *maker) work(folder string) string { return filepath.Join(m.works, folder, runtime.GOARCH) }

// looksTwice: the packages of the copy of the source are the same; without a
// signature, which has its own time.
func (m *maker) looksTwice() {
	one, two := filepath.Join(m.out, "one"), filepath.Join(m.out, "two")
	if files, n := m.Same(one, two, m.elsewhere), len(names(versions[0])); files != n*len(formats)+n+1 {
		m.Errorf("there are %d files", files)
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
	if err != nil || len(files) != len(names(versions[0])) {
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
	parts := map[string]string{"muvpn": "github.com/spf13/cobra", "muvpnd": "github.com/vishvananda/netlink"}
	if !testing.Short() {
		parts["muvpn-gui"] = "fyne.io/fyne/v2"
	}
	for program, part := range parts {
		m.HasPart(filepath.Join(m.out, versions[0], program+"_"+versions[0]+"_"+runtime.GOARCH+".cdx.json"), part)
	}
}
