package main

import (
	"crypto/x509"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"muvpn/installers/making"
)

const (
	tokenModule = "/usr/lib/softhsm/libsofthsm2.so"
	tokenPIN    = "73194628"
)

// signsByToken signs a program by a key that is in a token and nowhere else.
func (m *maker) signsByToken() {
	in := func(name string) string { return filepath.Join(m.secrets, name) }
	m.makesToken()
	program := m.copyOf(filepath.Join(m.work("one"), "stage", programs[0].name))
	by := signer{cert: in("signer.pem"), key: "pkcs11:token=muvpn;object=signer;type=private", phrase: in("pin"), module: tokenModule, ca: in("ca.pem")}
	o := &order{Order: making.Order{Work: m.TempDir()}, signer: by}
	before, err := os.ReadFile(program)
	if err != nil {
		m.Fatal(err)
	}
	m.write(in("pin"), []byte("11111111\n"))
	if err := o.sign(program); err == nil || strings.Contains(err.Error(), "11111111") {
		m.Errorf("with a wrong PIN: %v", err)
	}
	if now, err := os.ReadFile(program); err != nil || string(now) != string(before) {
		m.Errorf("a program that could not be signed is another one, %v", err)
	}
	m.write(in("pin"), []byte(tokenPIN+"\n"))
	if err := o.sign(program); err != nil {
		m.Fatal(err)
	}
	said, err := exec.CommandContext(m.Context(), "osslsigncode", "verify", "-CAfile", in("ca.pem"), "-in", program).CombinedOutput()
	if err != nil || !strings.Contains(string(said), "muvpn test signer") {
		m.Errorf("%v: %s", err, said)
	}
}

// makesToken has the signer's key in a token, and its certificate in a file.
func (m *maker) makesToken() {
	m.Helper()
	folder := m.TempDir()
	key, err := x509.MarshalPKCS8PrivateKey(m.signer.key)
	if err != nil {
		m.Fatal(err)
	}
	m.write(filepath.Join(folder, "softhsm2.conf"), []byte("directories.tokendir = "+folder+"\nobjectstore.backend = file\nlog.level = ERROR\n"))
	m.write(filepath.Join(folder, "key.pem"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}))
	m.write(filepath.Join(m.secrets, "signer.pem"), encoded(m.signer.cert, nil))
	m.Setenv("SOFTHSM2_CONF", filepath.Join(folder, "softhsm2.conf"))
	for _, args := range [][]string{
		{"--init-token", "--free", "--label", "muvpn", "--so-pin", tokenPIN, "--pin", tokenPIN},
		{"--import", filepath.Join(folder, "key.pem"), "--token", "muvpn", "--label", "signer", "--id", "01", "--pin", tokenPIN},
	} {
		if said, err := exec.CommandContext(m.Context(), "softhsm2-util", args...).CombinedOutput(); err != nil {
			m.Fatalf("softhsm2-util %s: %v: %s", args[0], err, said)
		}
	}
	if err := os.Remove(filepath.Join(folder, "key.pem")); err != nil {
		m.Fatal(err)
	}
}

// copyOf is a copy of a file, for something to be done with.
func (m *maker) copyOf(file string) string {
	m.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		m.Fatal(err)
	}
	copied := filepath.Join(m.TempDir(), filepath.Base(file))
	m.write(copied, content)
	return copied
}
