package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// msiMaker makes MSIs for the tests, of programs that do nothing.
type msiMaker struct {
	*testing.T
	folder string // of the programs, the library and the certificate
}

// TestMSI makes MSIs and looks at them with what there is on Linux; service/wine
// installs them.
func TestMSI(t *testing.T) {
	if os.Getenv("MUVPN_INSTALLERS") == "" {
		t.Skip("installers: skipped, the MSI is made and looked at by make test-installers (MUVPN_INSTALLERS)")
	}
	m := &msiMaker{T: t, folder: t.TempDir()}
	m.prepares()
	for _, step := range []struct {
		name string
		look func(*msiMaker)
	}{
		{"msi: two builds are the same", (*msiMaker).looksTwice},
		{"msi: the signature", (*msiMaker).verifies},
	} {
		began := time.Now()
		if t.Run(step.name, func(t *testing.T) { here := *m; here.T = t; step.look(&here) }) {
			fmt.Printf("installers: %s: ok, %v\n", step.name, time.Since(began).Round(100*time.Millisecond))
		}
	}
}

// runs runs a program in the folder and returns what it says.
func (m *msiMaker) runs(args ...string) string {
	m.Helper()
	cmd := exec.CommandContext(m.Context(), args[0], args[1:]...)
	cmd.Dir, cmd.Env = m.folder, append(os.Environ(), "TZ=UTC")
	said, err := cmd.CombinedOutput()
	if err != nil {
		m.Fatalf("%s: %v: %s", strings.Join(args, " "), err, said)
	}
	return string(said)
}

// prepares makes the programs, and a certificate that is worth nothing.
func (m *msiMaker) prepares() {
	m.Helper()
	for name, text := range map[string]string{"main.go": "package main\n\nfunc main() {}\n", "go.mod": "module nothing\n", "wintun.dll": "no library", "LICENSE.txt": "no licence"} {
		if err := os.WriteFile(filepath.Join(m.folder, name), []byte(text), 0o600); err != nil {
			m.Fatal(err)
		}
	}
	for _, p := range programs {
		m.runs("env", "GOOS=windows", "GOARCH="+arch, "CGO_ENABLED=0", "go", "build", "-trimpath", "-o", p.name)
	}
	m.runs("openssl", "req", "-x509", "-newkey", "rsa:3072", "-nodes", "-days", "2", "-subj", "/CN=muvpn test", "-addext", "extendedKeyUsage=codeSigning",
		"-keyout", "key.pem", "-out", "cert.pem")
}

// makes makes an MSI, and returns its file.
func (m *msiMaker) makes(more ...string) string {
	m.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		m.Fatal(err)
	}
	dir := m.TempDir()
	cmd := exec.CommandContext(m.Context(), "go", append([]string{"run", "./installers/windows", "-kinds", "msi", "-describe", "v1.2.3", "-epoch", "1790000000",
		"-programs", m.folder, "-wintun", filepath.Join(m.folder, "wintun.dll"), "-wintun-dummy", "-tools", os.Getenv("MUVPN_TOOLS"),
		"-work", filepath.Join(dir, "work"), "-out", filepath.Join(dir, "out")}, more...)...)
	cmd.Dir = root
	if said, err := cmd.CombinedOutput(); err != nil {
		m.Fatalf("%v: %s", err, said)
	}
	return filepath.Join(dir, "out", "muvpn-1.2.3-amd64-NOT-FOR-USE.msi")
}

// looksTwice makes the same in other folders, and later.
func (m *msiMaker) looksTwice() {
	file := m.makes()
	one, err := os.ReadFile(file)
	if err != nil {
		m.Fatal(err)
	}
	time.Sleep(2100 * time.Millisecond) // the times in a cabinet know even seconds alone
	two, err := os.ReadFile(m.makes())
	if err != nil || !bytes.Equal(one, two) {
		m.Errorf("they differ (%v): %d and %d octets", err, len(one), len(two))
	}
	if bytes.Contains(two, []byte(os.TempDir())) {
		m.Errorf("it names %s", os.TempDir())
	}
	if said := m.runs("msiinfo", "suminfo", file); !strings.Contains(said, "Created: Mon Sep 21 14:13:20 2026") {
		m.Errorf("the summary is\n%s", said)
	}
}

// verifies signs by the certificate of the tests, and notices a changed octet.
func (m *msiMaker) verifies() {
	cert := filepath.Join(m.folder, "cert.pem")
	file := m.makes("-cert", cert, "-key", filepath.Join(m.folder, "key.pem"), "-ca", cert)
	m.runs("osslsigncode", "verify", "-CAfile", cert, "-in", file)
	text, err := os.ReadFile(file)
	if err != nil {
		m.Fatal(err)
	}
	at := bytes.Index(text, []byte("MSCF")) // where the cabinet begins, with the programs
	if at < 0 {
		m.Fatal("there is no cabinet in it")
	}
	text[at+100] ^= 1
	changed := filepath.Join(m.folder, "changed.msi")
	if err := os.WriteFile(changed, text, 0o600); err != nil {
		m.Fatal(err)
	}
	cmd := exec.CommandContext(m.Context(), "osslsigncode", "verify", "-CAfile", cert, "-in", changed)
	if said, err := cmd.CombinedOutput(); err == nil {
		m.Errorf("a changed octet is not noticed: %s", said)
	}
}
