package main

import (
	"crypto/x509"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"muvpn/client/issuing"
)

const caPassphrase = "battery staple horse"

// certifying is a desk whose site has certificates and no authority yet.
func certifying(t *testing.T) {
	t.Helper()
	desk(t)
	wantCode(t, admin(t, signerPassphrase+"\n", "keygen", "--passphrase-stdin"), 0)
	write(t, "site.toml", strings.Replace(read(t, "site.toml"), "[profile.auth]", "[profile.auth]\nmethod = \"rsa\"", 1))
	write(t, "users.csv", "user,name\nlisa,Lisa\nbart,Bart\n")
}

// certify is muvpn admin issue with both passphrases.
func certify(t *testing.T) said {
	t.Helper()
	return admin(t, signerPassphrase+"\n"+caPassphrase+"\n", "issue", "--site", "site.toml", "--roster", "users.csv", "--out", "out", "--secrets", "secrets", "--passphrase-stdin")
}

// revoked counts the certificates on the list that is for the gateway.
func revoked(t *testing.T) int {
	t.Helper()
	list, err := x509.ParseRevocationList([]byte(read(t, "secrets/gateway/crl.der")))
	if err != nil {
		t.Fatal(err)
	}
	return len(list.RevokedCertificateEntries)
}

// From the authority to a user who is revoked.
func TestAdminCA(t *testing.T) {
	certifying(t)
	wantText(t, certify(t).err, "ca.pem", "is not there: make both by muvpn admin ca --site site.toml")
	check := []string{"check", "--site", "site.toml", "--roster", "users.csv"}
	before := admin(t, "", check...)
	wantCode(t, before, 1)
	wantText(t, before.out, "FAULT   site.authority: ca.pem", "is not there: make both by muvpn admin ca", "1 fault")
	got := admin(t, caPassphrase+"\n", "ca", "--site", "site.toml", "--passphrase-stdin")
	wantCode(t, got, 0)
	wantText(t, got.err, "ca.p12 and ca.pem are written", "SHA-256 of its certificate")
	c, err := issuing.ParseAuthority([]byte(read(t, "ca.pem")))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := issuing.OpenAuthority(c, []byte(read(t, "ca.p12")), []byte(signerPassphrase)); err == nil || !strings.Contains(err.Error(), "does not open") {
		t.Errorf("opened by another passphrase: %v", err)
	}
	private(t, "ca.p12")
	if info, _ := os.Stat("ca.pem"); runtime.GOOS != "windows" && info.Mode().Perm() != 0o644 {
		t.Errorf("ca.pem: %v", info.Mode())
	}

	wantCode(t, admin(t, "", check...), 0)

	got = certify(t)
	wantCode(t, got, 0)
	wantText(t, got.err, "2 of 2 users", "The gateway gets a new certificate")
	if strings.Contains(got.err+got.out, caPassphrase) || strings.Contains(got.err+got.out, "PRIVATE KEY") {
		t.Error("a secret was said")
	}
	private(t, "secrets", "site.state.json")
	opens(t, "lisa", 1)
	p12 := read(t, "secrets/p12/lisa.p12")
	if n := revoked(t); n != 0 {
		t.Errorf("%d on the list", n)
	}
	// Nobody is asked for a passphrase when there is nothing to be made.
	again := admin(t, "", "issue", "--site", "site.toml", "--roster", "users.csv", "--out", "out", "--secrets", "secrets", "--passphrase-stdin")
	wantCode(t, again, 0)
	if again.out != "" || read(t, "secrets/p12/lisa.p12") != p12 {
		t.Errorf("made again: %q", again.out)
	}
	wantCode(t, admin(t, "", "revoke", "lisa", "--site", "site.toml"), 0)
	got = certify(t)
	wantCode(t, got, 0)
	if n := revoked(t); n != 1 || strings.Contains(read(t, "secrets/gateway/swanctl.conf"), "lisa") {
		t.Errorf("%d on the list", n)
	}
}

// An authority is of one site: another one, beside it or elsewhere, is refused.
func TestAuthorityOfAnotherSite(t *testing.T) {
	certifying(t)
	wantCode(t, admin(t, caPassphrase+"\n", "ca", "--site", "site.toml", "--passphrase-stdin"), 0)
	wantCode(t, certify(t), 0)
	wantCode(t, certify(t), 0)
	ca, err := filepath.Abs("ca.p12")
	if err != nil {
		t.Fatal(err)
	}
	other := read(t, "site.toml")
	write(t, "other.toml", other)
	if err := os.Mkdir("elsewhere", 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, "elsewhere/site.toml", strings.Replace(strings.Replace(other, "[site]", "[site]\nauthority = '"+ca+"'", 1), `"signer.key"`, `"../signer.key"`, 1))
	for _, site := range []string{"other.toml", "elsewhere/site.toml"} {
		got := admin(t, signerPassphrase+"\n"+caPassphrase+"\n", "issue", "--site", site, "--roster", "users.csv", "--out", "out2", "--secrets", "secrets2", "--passphrase-stdin")
		wantCode(t, got, 1)
		wantText(t, got.err, "is the authority of another site", "site.state.json", "run muvpn admin ca --site "+site)
		wantText(t, admin(t, "", "check", "--site", site, "--roster", "users.csv").out, "is the authority of another site")
	}
	if _, err := os.Stat("secrets2"); err == nil {
		t.Error("something was written")
	}
}

// Without a signer the authority's passphrase is the first line.
func TestAuthorityWithoutSigner(t *testing.T) {
	certifying(t)
	write(t, "site.toml", strings.Replace(read(t, "site.toml"), `"signer.key"`, `""`, 1))
	write(t, "users.csv", "user\nlisa\n")
	wantCode(t, admin(t, caPassphrase+"\n", "ca", "--site", "site.toml", "--passphrase-stdin"), 0)
	wantCode(t, admin(t, caPassphrase+"\n", "issue", "--site", "site.toml", "--roster", "users.csv", "--out", "out", "--secrets", "secrets", "--passphrase-stdin"), 0)
}

// What is wrong is said, and then nothing was written.
func TestAdminCARefuses(t *testing.T) {
	certifying(t)
	got := admin(t, "short\n", "ca", "--site", "site.toml", "--passphrase-stdin")
	wantCode(t, got, 1)
	wantText(t, got.err, "fewer than 12 characters does not protect the authority")
	if _, err := os.Stat("ca.pem"); err == nil {
		t.Error("written")
	}
	write(t, "ca.pem", "mine")
	got = admin(t, caPassphrase+"\n", "ca", "--site", "site.toml", "--passphrase-stdin")
	wantCode(t, got, 1)
	wantText(t, got.err, "ca.pem is there already, and is not overwritten")
	if read(t, "ca.pem") != "mine" {
		t.Error("overwritten")
	}
	wantText(t, certify(t).err, "ca.pem: this is not the one certificate")
	if err := os.Remove("ca.pem"); err != nil {
		t.Fatal(err)
	}
	wantCode(t, typed(t, nil, "", []string{caPassphrase, caPassphrase}, "admin", "ca", "--site", "site.toml"), 0)
	got = admin(t, signerPassphrase+"\nanother passphrase\n", "issue", "--site", "site.toml", "--roster", "users.csv", "--out", "out", "--secrets", "secrets", "--passphrase-stdin")
	wantCode(t, got, 1)
	wantText(t, got.err, "ca.p12: the authority's key: the password does not open the PKCS#12 file")
	for _, name := range []string{"out", "secrets", "site.state.json"} {
		if _, err := os.Stat(name); err == nil {
			t.Errorf("%s was made", name)
		}
	}
	wantText(t, admin(t, "", "ca", "--help").out, "From 100 users on that is wise")
}
