package main

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"debug/pe"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"muvpn/installers/making"
	"muvpn/installers/making/makingtest"
)

// maker makes installers for the tests, with a wintun.dll that is none.
type maker struct {
	makingtest.Maker
	out     string
	secrets string // folder of key, certificates and passphrase
	signer  *pair  // who signs programs
}

// TestInstallers makes setup.exe and MSI and looks at them and at what is in them.
func TestInstallers(t *testing.T) {
	if testing.Short() {
		t.Skip("installers: skipped by -short: setup.exe and MSI are made, installed and removed by TestWineInstallers")
	}
	m := &maker{Maker: makingtest.New(t), out: t.TempDir(), secrets: t.TempDir()}
	for _, tool := range []string{compiler, "makensis", "wixl", "msibuild", "msidump", "osslsigncode", "softhsm2-util"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatalf("installers: the machine lacks %s; make test-installers installs it", tool)
		}
	}
	m.makesSecrets()
	makingtest.Plays(t, "Windows", m.in, []makingtest.Step[*maker]{
		{Name: "setup.exe and MSI twice, the same", Look: (*maker).looksTwice},
		{Name: "icon, version and manifest", Look: (*maker).looksAtResources},
		{Name: "the list of parts", Look: (*maker).looksAtParts},
		{Name: "signatures", Look: (*maker).looksAtSignatures},
		{Name: "a signature by a token", Look: (*maker).signsByToken},
	}...)
}

// in is the maker for another test.
func (m *maker) in(t *testing.T) *maker {
	here := *m
	here.T = t
	return &here
}

// makes makes the installers out of the source in root, into a folder of out.
func (m *maker) makes(root, folder string, more ...string) (setup string) {
	m.Helper()
	driver := m.TempDir()
	for name, text := range map[string]string{"wintun.dll": "no library", "LICENSE.txt": "no licence"} {
		m.write(filepath.Join(driver, name), []byte(text))
	}
	m.Makes(root, "windows", "v1.2.3", filepath.Join(m.out, folder), m.work(folder),
		append([]string{"-wintun", filepath.Join(driver, "wintun.dll"), "-wintun-dummy"}, more...)...)
	return filepath.Join(m.out, folder, "muvpn-1.2.3-amd64-NOT-FOR-USE-setup.exe")
}

// msiBeside is the MSI that was made with a setup.exe.
func msiBeside(setup string) string { return strings.TrimSuffix(setup, "-setup.exe") + ".msi" }

// work is the folder of work for one of out.
func (m *maker) work(folder string) string { return filepath.Join(m.out, folder+".work") }

func (m *maker) write(file string, text []byte) {
	m.Helper()
	if err := os.WriteFile(file, text, 0o600); err != nil {
		m.Fatal(err)
	}
}

// looksTwice makes the same version here and out of a copy of the source somewhere
// else, without a signature, which has its own time.
func (m *maker) looksTwice() {
	elsewhere := m.Elsewhere()
	m.Together(
		func(t *testing.T) { m.in(t).makes(m.Root(), "one") },
		func(t *testing.T) { m.in(t).makes(elsewhere, "two") },
	)
	if files := m.Same(filepath.Join(m.out, "one"), filepath.Join(m.out, "two"), elsewhere); files != 3+len(programs) {
		m.Errorf("there are %d files", files)
	}
	m.Same(filepath.Join(m.work("one"), "stage"), filepath.Join(m.work("two"), "stage"), elsewhere)
}

// looksAtResources has go-winres read what it has written.
func (m *maker) looksAtResources() {
	for _, p := range programs {
		file := filepath.Join(m.work("one"), "stage", p.name)
		f, err := pe.Open(file)
		if err != nil {
			m.Fatal(err)
		}
		head, ok := f.OptionalHeader.(*pe.OptionalHeader64)
		if !ok || f.Machine != pe.IMAGE_FILE_MACHINE_AMD64 || (head.Subsystem == pe.IMAGE_SUBSYSTEM_WINDOWS_GUI) != p.cgo {
			m.Errorf("%s: machine %#x, %+v", p.name, f.Machine, head)
		}
		f.Close()
		m.looksInside(p, file)
	}
}

func (m *maker) looksInside(p program, file string) {
	m.Helper()
	folder := m.TempDir()
	m.Runs(folder, filepath.Join(os.Getenv("MUVPN_TOOLS"), "go-winres"), "extract", "--dir", folder, file)
	text, err := os.ReadFile(filepath.Join(folder, "winres.json"))
	if err != nil {
		m.Fatal(err)
	}
	var all struct {
		Icon     map[string]any `json:"RT_GROUP_ICON"`
		Manifest map[string]map[string]struct {
			MinimumOS string `json:"minimum-os"`
			Execution string `json:"execution-level"`
			DPI       string `json:"dpi-awareness"`
			LongPaths bool   `json:"long-path-aware"`
		} `json:"RT_MANIFEST"`
		Version map[string]map[string]struct {
			Fixed map[string]string
			Info  map[string]map[string]string
		} `json:"RT_VERSION"`
	}
	if err := json.Unmarshal(text, &all); err != nil {
		m.Fatalf("%v: %s", err, text)
	}
	manifest, version := all.Manifest["#1"]["0409"], all.Version["#1"]["0409"]
	if len(all.Icon) != 1 || !manifest.LongPaths || manifest.DPI != "per monitor v2" || manifest.Execution != "" || manifest.MinimumOS != "win10" {
		m.Errorf("%s has %s", p.name, text)
	}
	if info := version.Info["0409"]; version.Fixed["file_version"] != "1.2.3.10000" || info["ProductVersion"] != "1.2.3" ||
		info["FileDescription"] != p.about || info["CompanyName"] != publisher {
		m.Errorf("%s is %+v", p.name, version)
	}
}

// looksAtParts: the list names what is in the program.
func (m *maker) looksAtParts() {
	for program, part := range map[string]string{"muvpn": "github.com/spf13/cobra", "muvpnd": "golang.org/x/sys", "muvpn-gui": "fyne.io/fyne/v2"} {
		m.HasPart(filepath.Join(m.out, "one", program+"_1.2.3_windows_amd64.cdx.json"), part)
	}
}

// looksAtSignatures makes a signed one, of the programs that there are, and changes
// an octet of all that is signed.
func (m *maker) looksAtSignatures() {
	in := func(name string) string { return filepath.Join(m.secrets, name) }
	sign := []string{"-ca", in("ca.pem"), "-cert", in("signer.p12"), "-passphrase-file", in("phrase")}
	said := "Signature verification: ok"
	if help, _ := exec.CommandContext(m.Context(), "osslsigncode", "sign", "--help").CombinedOutput(); bytes.Contains(help, []byte("-TSA-certs")) {
		sign, said = append(sign, "-timestamp-by", in("time.pem")), "Timestamp Server Signature verification: ok"
	} else {
		fmt.Println("installers: Windows: this osslsigncode makes no time stamps of its own, so none is tried")
	}
	setup := m.makes(m.Root(), "signed", append(sign, "-programs", filepath.Join(m.work("one"), "stage"))...)
	signed := []string{setup, msiBeside(setup), filepath.Join(m.work("signed"), actionFile)}
	for _, p := range programs {
		signed = append(signed, filepath.Join(m.work("signed"), "stage", p.name))
	}
	for _, file := range signed {
		verify := func(file, ca string) (string, error) {
			said, err := exec.CommandContext(m.Context(), "osslsigncode", "verify", "-CAfile", ca, "-TSA-CAfile", ca, "-in", file).CombinedOutput()
			return string(said), err
		}
		if got, err := verify(file, in("ca.pem")); err != nil || !strings.Contains(got, said) {
			m.Errorf("%s: %v: %s", file, err, got)
		}
		if said, err := verify(m.Changed(file), in("ca.pem")); err == nil {
			m.Errorf("a changed octet of %s is not noticed: %s", file, said)
		}
		if said, err := verify(file, in("stranger.pem")); err == nil {
			m.Errorf("the authority of %s is not asked for: %s", file, said)
		}
	}
	o := &order{Order: making.Order{Work: m.TempDir()}, signer: signer{cert: in("signer.p12"), phrase: in("phrase"), ca: in("stranger.pem")}}
	if err := o.sign(m.Changed(setup)); err == nil || !strings.Contains(err.Error(), "SIGN_CA=") {
		m.Errorf("a signature that goes back to nobody we know: %v", err)
	}
}

// makesSecrets makes an authority, whom it lets sign programs and times, and
// another that has nothing to do with it.
func (m *maker) makesSecrets() {
	m.Helper()
	in := func(name string) string { return filepath.Join(m.secrets, name) }
	authority := m.certificate("authority", nil, nil)
	m.write(in("ca.pem"), encoded(authority.cert, nil))
	m.write(in("stranger.pem"), encoded(m.certificate("stranger", nil, nil).cert, nil))
	stamper := m.certificate("time", authority, []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping})
	m.write(in("time.pem"), encoded(stamper.cert, stamper.key))
	m.signer = m.certificate("signer", authority, []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning})
	box, err := pkcs12.Modern.Encode(m.signer.key, m.signer.cert, []*x509.Certificate{authority.cert}, "a passphrase")
	if err != nil {
		m.Fatal(err)
	}
	m.write(in("signer.p12"), box)
	m.write(in("phrase"), []byte("a passphrase\n"))
}

// pair is a certificate and its key.
type pair struct {
	cert *x509.Certificate
	key  *rsa.PrivateKey
}

// certificate makes one by an authority, or one that is an authority.
func (m *maker) certificate(name string, by *pair, usage []x509.ExtKeyUsage) *pair {
	m.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		m.Fatal(err)
	}
	form := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "muvpn test " + name},
		NotBefore: time.Now().Add(-24 * time.Hour), NotAfter: time.Now().Add(24 * time.Hour), ExtKeyUsage: usage, KeyUsage: x509.KeyUsageDigitalSignature}
	if by == nil {
		form.IsCA, form.BasicConstraintsValid, form.KeyUsage = true, true, x509.KeyUsageCertSign
		by = &pair{form, key}
	}
	if len(usage) == 1 && usage[0] == x509.ExtKeyUsageTimeStamping { // has to be critical, which Go's are not
		form.ExtKeyUsage = nil
		form.ExtraExtensions = []pkix.Extension{{Id: []int{2, 5, 29, 37}, Critical: true,
			Value: []byte{0x30, 0x0a, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x08}}}
	}
	der, err := x509.CreateCertificate(rand.Reader, form, by.cert, &key.PublicKey, by.key)
	if err != nil {
		m.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		m.Fatal(err)
	}
	return &pair{cert, key}
}

// encoded are both as PEM; without a key the certificate alone.
func encoded(cert *x509.Certificate, key *rsa.PrivateKey) []byte {
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})
	if key == nil {
		return text
	}
	return append(text, pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})...)
}
