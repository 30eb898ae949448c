package main

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
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
)

// maker makes installers for the tests, with a wintun.dll that is none.
type maker struct {
	*testing.T
	root, out, tools string
	secrets          string // folder of key, certificates and passphrase
}

// TestInstallers makes setup.exe and MSI and looks at them and at what is in them.
func TestInstallers(t *testing.T) {
	m := &maker{T: t, tools: os.Getenv("MUVPN_TOOLS"), secrets: t.TempDir()}
	if os.Getenv("MUVPN_INSTALLERS") == "" {
		t.Skip("installers: skipped, they are made and looked at by make test-installers (MUVPN_INSTALLERS)")
	}
	for _, tool := range []string{compiler, "makensis", "wixl", "msibuild", "msidump", "osslsigncode"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatalf("installers: the machine lacks %s; make test-installers installs it", tool)
		}
	}
	var err error
	if m.root, err = filepath.Abs("../.."); err != nil {
		t.Fatal(err)
	}
	m.out = t.TempDir()
	m.makesSecrets()
	for _, step := range []struct {
		name string
		look func(*maker)
	}{
		{"setup.exe and MSI twice, the same", (*maker).looksTwice},
		{"icon, version and manifest", (*maker).looksAtResources},
		{"the list of parts", (*maker).looksAtParts},
		{"signatures", (*maker).looksAtSignatures},
	} {
		began := time.Now()
		if t.Run(step.name, func(t *testing.T) { here := *m; here.T = t; step.look(&here) }) {
			fmt.Printf("installers: Windows: %s: ok, %v\n", step.name, time.Since(began).Round(100*time.Millisecond))
		}
	}
}

// makes makes the installers out of the source in root, into a folder of out.
func (m *maker) makes(root, folder string, more ...string) (setup string) {
	m.Helper()
	for name, text := range map[string]string{"wintun.dll": "no library", "LICENSE.txt": "no licence"} {
		m.write(filepath.Join(m.out, name), []byte(text))
	}
	m.runs(root, append([]string{"go", "run", "./installers/windows", "-describe", "v1.2.3", "-epoch", "1790000000", "-tools", m.tools,
		"-wintun", filepath.Join(m.out, "wintun.dll"), "-wintun-dummy", "-out", filepath.Join(m.out, folder), "-work", m.work(folder)}, more...)...)
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

// runs runs a program in a folder and returns what it says.
func (m *maker) runs(folder string, args ...string) string {
	m.Helper()
	cmd := exec.CommandContext(m.Context(), args[0], args[1:]...)
	cmd.Dir = folder
	said, err := cmd.CombinedOutput()
	if err != nil {
		m.Fatalf("%s: %v: %s", strings.Join(args, " "), err, said)
	}
	return string(said)
}

// looksTwice makes the same version here and out of a copy of the source somewhere
// else, without a signature, which has its own time.
func (m *maker) looksTwice() {
	elsewhere := filepath.Join(m.TempDir(), "a folder elsewhere")
	m.runs(m.root, "sh", "-c", `mkdir "$1" && git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents --target-directory="$1"`, "sh", elsewhere)
	one, two := m.makes(m.root, "one"), m.makes(elsewhere, "two")
	for _, name := range []string{filepath.Base(one), filepath.Base(msiBeside(one)), strings.Replace(filepath.Base(one), "-setup.exe", "-policy.zip", 1), "muvpn_1.2.3_windows_amd64.cdx.json", "muvpn-gui_1.2.3_windows_amd64.cdx.json"} {
		a, errA := os.ReadFile(filepath.Join(filepath.Dir(one), name))
		b, errB := os.ReadFile(filepath.Join(filepath.Dir(two), name))
		if errA != nil || errB != nil || sha256.Sum256(a) != sha256.Sum256(b) {
			m.Errorf("%s is not the same out of another folder (%v, %v)", name, errA, errB)
		}
	}
	for _, p := range programs {
		text, err := os.ReadFile(filepath.Join(m.work("two"), "stage", p.name))
		if err != nil {
			m.Fatal(err)
		}
		for _, trace := range []string{elsewhere, m.root, os.TempDir()} {
			if bytes.Contains(text, []byte(trace)) {
				m.Errorf("%s names %s", p.name, trace)
			}
		}
	}
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
	m.runs(folder, filepath.Join(m.tools, "go-winres"), "extract", "--dir", folder, file)
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
		list, err := os.ReadFile(filepath.Join(m.out, "one", program+"_1.2.3_windows_amd64.cdx.json"))
		if err != nil || !bytes.Contains(list, []byte(`"`+part+`"`)) || !bytes.Contains(list, []byte(`"CycloneDX"`)) {
			m.Errorf("the list of parts of %s does not name %s (%v)", program, part, err)
		}
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
	setup := m.makes(m.root, "signed", append(sign, "-programs", filepath.Join(m.work("one"), "stage"))...)
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
		if said, err := verify(m.changed(file), in("ca.pem")); err == nil {
			m.Errorf("a changed octet of %s is not noticed: %s", file, said)
		}
		if said, err := verify(file, in("stranger.pem")); err == nil {
			m.Errorf("the authority of %s is not asked for: %s", file, said)
		}
	}
	o := &order{work: m.TempDir(), signer: signer{cert: in("signer.p12"), phrase: in("phrase"), ca: in("stranger.pem")}}
	if err := o.sign(m.changed(setup)); err == nil || !strings.Contains(err.Error(), "SIGN_CA=") {
		m.Errorf("a signature that goes back to nobody we know: %v", err)
	}
}

// changed is a copy of a file with one octet changed in its middle.
func (m *maker) changed(file string) string {
	m.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		m.Fatal(err)
	}
	text[len(text)/2] ^= 1
	other := filepath.Join(m.TempDir(), filepath.Base(file))
	m.write(other, text)
	return other
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
	signer := m.certificate("signer", authority, []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning})
	box, err := pkcs12.Modern.Encode(signer.key, signer.cert, []*x509.Certificate{authority.cert}, "a passphrase")
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
