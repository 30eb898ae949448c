package issuing

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"muvpn/profile"
	"muvpn/profile/dn"
)

// key is the one key of these tests: making one costs more than all the rest.
var key = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// newCertified is an admin of a site whose users have certificates.
func newCertified(t *testing.T, text string) *admin {
	t.Helper()
	a := newAdmin(t, text+"[profile.auth]\nmethod = \"rsa\"\n")
	a.newAuthority()
	return a
}

// newAuthority replaces the authority.
func (a *admin) newAuthority() {
	a.t.Helper()
	k, err := key()
	if err == nil {
		a.authority, err = newAuthority("Example Ltd", k, a.now)
	}
	if err != nil {
		a.t.Fatal(err)
	}
}

// certify issues, makes the certificates, and remembers.
func (a *admin) certify(csv string) *Issue {
	a.t.Helper()
	i, err := a.try(csv)
	if err != nil {
		a.t.Fatal(err)
	}
	i.newKey = key
	if i.Signs() {
		if err := i.Certify(context.Background(), a.authority, func(int) {}); err != nil {
			a.t.Fatal(err)
		}
	}
	a.remember(i)
	return i
}

// held is the certificate in a user's profile, verified by the authority's.
func (a *admin) held(u Issued) *x509.Certificate {
	a.t.Helper()
	if err := u.Profile.Validate(); err != nil {
		a.t.Fatal(err)
	}
	certs, _, err := u.Profile.Auth.Credential()
	if err != nil {
		a.t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(u.Profile.Auth.CA)) {
		a.t.Fatal("the profile has no authority")
	}
	_, err = certs[0].Verify(x509.VerifyOptions{Roots: roots, CurrentTime: a.now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	if err != nil {
		a.t.Fatal(err)
	}
	return certs[0]
}

// list is the list of revoked certificates, verified.
func (a *admin) list() *x509.RevocationList {
	a.t.Helper()
	l, err := x509.ParseRevocationList(a.state.List)
	if err == nil {
		err = l.CheckSignatureFrom(a.authority.Cert)
	}
	if err != nil {
		a.t.Fatal(err)
	}
	return l
}

// wantListed says which certificates are on the list.
func (a *admin) wantListed(number int64, certs ...*x509.Certificate) {
	a.t.Helper()
	l := a.list()
	var got, want []string
	for _, e := range l.RevokedCertificateEntries {
		got = append(got, serialText(e.SerialNumber))
	}
	for _, c := range certs {
		want = append(want, serialText(c.SerialNumber))
	}
	slices.Sort(got)
	slices.Sort(want)
	if l.Number.Int64() != number || !slices.Equal(got, want) {
		a.t.Errorf("list %d has %v, want %d with %v", l.Number, got, number, want)
	}
}

// Everybody has a certificate with the identity and nothing more, and the gateway
// one with all its names.
func TestCertificates(t *testing.T) {
	a := newCertified(t, office)
	i := a.certify("user,e-mail,expires\nlisa,bart@example.com\nbart,,2027-12-31\nmaggie,,2099-12-31")
	lisa, bart, maggie := a.held(i.Users[0]), a.held(i.Users[1]), a.held(i.Users[2])
	if !slices.Equal(lisa.EmailAddresses, []string{"lisa"}) || len(lisa.DNSNames)+len(lisa.IPAddresses) > 0 || lisa.IsCA ||
		dn.String(lisa.RawSubject) != "CN=lisa,O=Example Ltd" || lisa.SerialNumber.BitLen() < 100 {
		t.Errorf("%+v", lisa)
	}
	want(t, lisa.NotAfter.Format(time.RFC3339), "2029-11-26T12:00:00Z")
	want(t, bart.NotAfter.Format(time.RFC3339), "2027-12-31T23:59:59Z")
	if !maggie.NotAfter.Equal(a.authority.Cert.NotAfter) {
		t.Errorf("a certificate outlives its authority: %s", maggie.NotAfter)
	}
	gateway := certificateIn(t, i, "x509/muvpn-gateway.pem")
	roots := x509.NewCertPool()
	roots.AddCert(a.authority.Cert)
	for _, name := range []string{"192.168.10.1", "firebox.example.com"} {
		if _, err := gateway.Verify(x509.VerifyOptions{Roots: roots, CurrentTime: noon, DNSName: name}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if c := a.authority.Cert; !c.MaxPathLenZero || c.MaxPathLen != 0 || c.KeyUsage != x509.KeyUsageCertSign|x509.KeyUsageCRLSign {
		t.Errorf("%+v", c)
	}
	a.wantListed(1)
	want(t, a.list().ThisUpdate.Format(time.RFC3339), "2026-11-25T12:00:00Z") // for a gateway whose clock is slow
	// What is as it was is not made again, and the authority not asked.
	again := a.issue("user,e-mail,expires\nlisa,bart@example.com\nbart,,2027-12-31\nmaggie,,2099-12-31")
	if again.Signs() || again.Fresh() > 0 {
		t.Errorf("made again: %d certificates, %d files", again.Certificates(), again.Fresh())
	}
}

func certificateIn(t *testing.T, i *Issue, name string) *x509.Certificate {
	t.Helper()
	files, err := i.gatewayFiles()
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(files[name])
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// What becomes of the old certificate when there is a new one.
func TestCertificatesAnew(t *testing.T) {
	const roster = "user,expires,keep,method\nlisa\nbart\n"
	for name, c := range map[string]struct {
		csv     string
		later   time.Duration
		made    bool // a new one
		revoked bool // the old one
	}{
		"as it was":            {csv: roster},
		"a note":               {csv: "user,notes\nlisa,new laptop\nbart"},
		"rotated":              {csv: "user,keep\nlisa,rotate\nbart", made: true, revoked: true},
		"ends earlier":         {csv: "user,expires\nlisa,2027-12-31\nbart", made: true, revoked: true},
		"ends later":           {csv: "user,expires\nlisa,2031-12-31\nbart", made: true},
		"long before its end":  {csv: roster, later: 900 * 24 * time.Hour},
		"close to its end":     {csv: roster, later: 1050 * 24 * time.Hour, made: true},
		"back to a shared key": {csv: "user,method\nlisa,psk\nbart", revoked: true},
	} {
		a := newCertified(t, office)
		first := a.held(a.certify(roster).Users[0])
		a.now = noon.Add(c.later)
		i := a.certify(c.csv)
		good := a.state.Users["lisa"].Certificates
		if n := len(good) - 1; (n == 1) != c.made {
			t.Errorf("%s: %d new certificates", name, n)
		}
		if c.made && (!i.Users[0].Fresh || a.held(i.Users[0]).Equal(first)) {
			t.Errorf("%s: not handed out", name)
		}
		if c.revoked {
			a.wantListed(2, first)
		} else {
			a.wantListed(1)
		}
		if bart := a.state.Users["bart"].Certificates; c.later == 0 && len(bart) != 1 {
			t.Errorf("%s: bart has %d", name, len(bart))
		}
		if name == "close to its end" {
			wantNotice(t, i, "because the old ones end: lisa, bart")
		}
	}
}

// Who is revoked stays on the list when he comes back, until the certificate
// would have ended.
func TestRevocationIsForGood(t *testing.T) {
	a := newCertified(t, office)
	first := a.held(a.certify("user\nlisa\nbart").Users[0])
	if err := a.state.Revoke("lisa", a.now); err != nil {
		t.Fatal(err)
	}
	i := a.certify("user\nlisa\nbart")
	a.wantListed(2, first)
	if files, err := i.gatewayFiles(); err != nil || bytes.Contains(files["swanctl.conf"], []byte("lisa")) {
		t.Errorf("lisa is still there, %v", err)
	}
	if err := a.state.Restore("lisa"); err != nil {
		t.Fatal(err)
	}
	second := a.held(a.certify("user\nlisa\nbart").Users[0])
	a.wantListed(2, first)
	if second.Equal(first) {
		t.Error("the revoked certificate was handed out again")
	}
	wantNotice(t, a.certify("user\nbart"), "until they are revoked (muvpn admin revoke): lisa.")
	a.now = first.NotAfter.Add(time.Hour)
	a.certify("user\nlisa\nbart")
	a.wantListed(3)
}

// The list is right when nobody has a certificate any more, until the last one
// would have ended; the gateway keeps its own meanwhile.
func TestLastCertificateIsRevoked(t *testing.T) {
	for name, csv := range map[string]string{"back to a shared key": "user,method\nlisa,psk\nbart,psk", "gone": "user,method\nbart,psk"} {
		a := newCertified(t, office)
		i := a.certify("user,method\nlisa\nbart,psk")
		first, gateway := a.held(i.Users[0]), certificateIn(t, i, "x509/muvpn-gateway.pem")
		if name == "gone" {
			a.certify(csv)
			if err := a.state.Revoke("lisa", a.now); err != nil {
				t.Fatal(err)
			}
		}
		i = a.certify(csv)
		a.wantListed(2, first)
		if !certificateIn(t, i, "x509/muvpn-gateway.pem").Equal(gateway) {
			t.Errorf("%s: the gateway has another certificate", name)
		}
		a.site.Profile.Gateway.ID = profile.ID{Type: "key_id", Value: "box"} // which matters to nobody
		if a.certify(csv).Signs() {
			t.Errorf("%s: made again", name)
		}
		a.now = first.NotAfter.Add(time.Hour)
		if files, err := a.certify(csv).gatewayFiles(); err != nil || files["crl.der"] != nil {
			t.Errorf("%s: a list that nobody is on, %v", name, err)
		}
	}
}

// A state with certificates has a version that programs which know none refuse.
func TestVersionOfTheState(t *testing.T) {
	a := newAdmin(t, office)
	a.issue("user\nlisa")
	b := newCertified(t, office)
	b.certify("user\nlisa")
	if a.state.Version != 1 || b.state.Version != 2 {
		t.Errorf("%d and %d", a.state.Version, b.state.Version)
	}
	for _, text := range []string{`{"version": 3}`, `{"version": 0}`} {
		if _, err := ParseState([]byte(text)); err == nil || !strings.Contains(err.Error(), "use a newer one") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// The gateway's key is made anew when that is wanted, or its names are others; the
// old certificate goes on the list. Users keep theirs.
func TestGatewayKeyAnew(t *testing.T) {
	const roster = "user\nlisa\nbart"
	a := newCertified(t, office)
	gateway := func(i *Issue) *x509.Certificate { return certificateIn(t, i, "x509/muvpn-gateway.pem") }
	first := gateway(a.certify(roster))
	a.newGatewayKey = true
	i := a.certify(roster)
	second := gateway(i)
	a.wantListed(2, first)
	wantNotice(t, i, "The gateway gets a new certificate")
	if i.Fresh() > 0 || second.Equal(first) {
		t.Errorf("%d files, the same certificate: %t", i.Fresh(), second.Equal(first))
	}
	a.newGatewayKey = false
	a.certify(roster)
	a.wantListed(2, first)
	a.site.Profile.Gateway.Addresses = []string{"192.168.10.1", "box.example.com"}
	a.certify(roster)
	a.wantListed(3, first, second)
	b := newAdmin(t, office)
	b.newGatewayKey = true
	if _, err := b.try(roster); err == nil || !strings.Contains(err.Error(), "no key to be made anew") {
		t.Errorf("%v", err)
	}
}

// Another authority makes everything anew, one that has ended nothing.
func TestAnotherAuthority(t *testing.T) {
	a := newCertified(t, office)
	a.certify("user\nlisa\nbart")
	a.now = noon.AddDate(8, 0, 0)
	wantNotice(t, a.certify("user\nlisa\nbart"), "The authority ends on 2036-11-26")
	a.newAuthority()
	i := a.certify("user\nlisa\nbart")
	if i.Fresh() != 2 || i.Certificates() != 3 || len(a.state.Users["lisa"].Certificates) != 1 {
		t.Errorf("%d files, %d certificates", i.Fresh(), i.Certificates())
	}
	a.held(i.Users[0])
	a.wantListed(1)
	a.now = a.now.AddDate(11, 0, 0)
	if _, err := a.try("user\nlisa"); err == nil || !strings.Contains(err.Error(), "has ended on 2044-11-26") {
		t.Errorf("%v", err)
	}
}

// Nobody becomes somebody else, or the gateway, by a name.
func TestHostileNames(t *testing.T) {
	for id, rows := range map[string]map[string]string{
		`{ type = "user_fqdn", value = "{user}" }`: {
			"müller": "ASCII", "lisa smith": "blanks", "firebox.example.com": "pass for the gateway", "FIREBOX.example.COM": "pass for the gateway",
			"192.168.10.1": "pass for the gateway",
		},
		`{ type = "user_fqdn", value = "{email}" }`: {
			"firebox.example.com,,a@example.com": "A2 (user): the certificate of CN=firebox.example.com,O=Example Ltd", "Example Ltd VPN CA,,a@example.com": "the name of the authority",
		},
		`{ type = "fqdn", value = "{name}" }`: {
			"a,*.example.com": "no host name", "a,firebox.example.com": "pass for the gateway", "a,a\x00b": "A2",
		},
		`{ type = "dn", value = "CN={name},O=Example Ltd" }`: {
			"a,firebox.example.com": "pass for the gateway", "a,example ltd vpn ca": "name of the authority", "a,192.168.10.1": "pass for the gateway", "a,": "A2",
		},
		`{ type = "key_id", value = "{user}" }`: {"lisa": "key_id does not fit"},
	} {
		for row, want := range rows {
			a := newCertified(t, office)
			a.site.Profile.Auth.LocalID = site(t, office+"[profile.auth]\nlocal_id = "+id).Profile.Auth.LocalID
			_, err := a.try("user,name,e-mail\n" + row)
			if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
				t.Errorf("%s, %q: %v, want %s", id, row, err, want)
			}
		}
	}
	a := newCertified(t, office)
	a.site.Profile.Auth.LocalID = profile.ID{Type: "dn", Value: "CN={name},O=Example Ltd"}
	i := a.certify("user,name\nlisa,\"Simpson, Lisa+CN=bart\\\"\nbart,#bart; CN=x")
	for at, want := range []string{`CN=Simpson\, Lisa\+CN\=bart\\,O=Example Ltd`, `CN=\#bart\; CN\=x,O=Example Ltd`} {
		if got := dn.String(a.held(i.Users[at]).RawSubject); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	i = a.certify("user,name,e-mail\nlisa,{email},x+OU=admins@example.com")
	want(t, dn.String(a.held(i.Users[0]).RawSubject), "CN={email},O=Example Ltd")
	if _, err := a.try("user,name\nlisa,Lisa  Smith\nbart,LISA smith"); err == nil || !strings.Contains(err.Error(), "the same identity as A2") {
		t.Errorf("%v", err)
	}
	a.site.Profile.Gateway.ID = profile.ID{Type: "key_id", Value: "box"}
	if _, err := a.try("user\nlisa"); err == nil || !strings.Contains(err.Error(), "profile.gateway.id: an identity of type key_id") {
		t.Errorf("%v", err)
	}
}

// Whatever the profile calls the gateway, no user's certificate says so, from
// either end of a name.
func TestNobodyIsTheGateway(t *testing.T) {
	units := newCertified(t, office)
	units.site.Profile.Gateway.ID = profile.ID{Type: "dn", Value: "OU=box,O=Example Ltd"}
	units.site.Profile.Auth.LocalID = profile.ID{Type: "dn", Value: "O=Example Ltd,OU={name}"}
	if _, err := units.try("user,name\nlisa,Box"); err == nil || !strings.Contains(err.Error(), "pass for the gateway") {
		t.Errorf("%v", err)
	}
	for id, user := range map[profile.ID]string{
		{Type: "dn", Value: "CN=box.example.com,O=Example Ltd"}:     "box.example.com",
		{Type: "dn", Value: "O=Example Ltd,CN=lisa"}:                "lisa",
		{Type: "dn", Value: "CN=Box,OU=Gateways,O=Other"}:           "box",
		{Type: "user_fqdn", Value: "box@example.com"}:               "Box@example.com",
		{Type: "fqdn", Value: "box.example.com"}:                    "box.example.com",
		{Type: "dn", Value: "E=box@example.com,O=Example Ltd,C=DE"}: "box@example.com",
	} {
		a := newCertified(t, office)
		a.site.Profile.Gateway.ID = id
		_, err := a.try("user\nbart\n" + user)
		if err == nil || !strings.Contains(err.Error(), "A3 (user)") || !strings.Contains(err.Error(), "pass for the gateway") || strings.Contains(err.Error(), "A2") {
			t.Errorf("%+v: %v", id, err)
		}
	}
}

// A roster of both kinds: the gateway has for each what the user has.
func TestBothMethods(t *testing.T) {
	a := newCertified(t, office)
	i := a.certify("user,method\nlisa\nbart,psk")
	if p := i.Users[1].Profile.Auth; p.Method != "psk" || p.PSK.Value.Empty() || !p.PKCS12.Empty() || p.CA != "" {
		t.Errorf("%+v", p)
	}
	if p := i.Users[0].Profile; p.Auth.Method != "rsa" || !p.Auth.PSK.Value.Empty() || p.IKE.Exchange != "main" {
		t.Errorf("%+v", p)
	}
	files, err := i.gatewayFiles()
	if err != nil {
		t.Fatal(err)
	}
	conf := string(files["swanctl.conf"])
	if strings.Count(conf, "auth = pubkey") != 2 || strings.Count(conf, "auth = psk") != 2 || strings.Count(conf, "secret = ") != 1 ||
		strings.Count(conf, "aggressive = yes") != 1 || strings.Count(conf, "aggressive = no") != 1 {
		t.Error(conf)
	}
	if list := string(files["firebox-users.csv"]); strings.Contains(list, "lisa") || !strings.Contains(list, "bart") {
		t.Error(list)
	}
	if _, err := a.try("user,secret\nlisa,a-key-that-the-gateway-has"); err == nil || !strings.Contains(err.Error(), "B2 (secret): a shared key") {
		t.Errorf("%v", err)
	}
	if _, err := a.try("user,method\nlisa,eap"); err == nil || !strings.Contains(err.Error(), `B2 (method): "eap" is no method`) {
		t.Errorf("%v", err)
	}
	if n := a.certify("user,method\nlisa\nbart,rsa"); n.Fresh() != 1 || n.Users[1].Profile.Meta.Serial != 2 || n.Users[1].Profile.Meta.UUID != i.Users[1].Profile.Meta.UUID {
		t.Errorf("%s", fresh(n))
	}
}

// Others read what is written: openssl, where it is.
func TestOpenSSLReadsThem(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("there is no openssl here")
	}
	a := newCertified(t, office)
	first := a.certify("user\nlisa\nbart")
	if err := a.state.Revoke("bart", a.now); err != nil {
		t.Fatal(err)
	}
	i := a.certify("user\nlisa\nbart")
	files, err := i.gatewayFiles()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, strings.ReplaceAll(name, "/", "-")) }
	put := func(name string, data []byte) {
		if err := os.WriteFile(at(name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, data := range files {
		put(name, data)
	}
	for n, u := range first.Users {
		file, err := u.Secrets.file()
		if err != nil {
			t.Fatal(err)
		}
		put(u.Name+".p12", file)
		put(u.Name+".words", u.Secrets.Passphrase.Reveal())
		put(u.Name+".pem", certificatePEM(a.held(first.Users[n])))
	}
	run := func(want string, args ...string) {
		t.Helper()
		out, err := exec.Command(openssl, args...).CombinedOutput()
		if !strings.Contains(string(out), want) {
			t.Errorf("openssl %s: %v: %s", args[0], err, out)
		}
	}
	ca, crl := at("x509ca/muvpn-ca.pem"), at("x509crl/muvpn-crl.pem")
	when := "1795694400" // 2026-11-26 12:00 UTC
	run(": OK", "verify", "-x509_strict", "-attime", when, "-CAfile", ca, "-CRLfile", crl, "-crl_check", at("lisa.pem"))
	run("certificate revoked", "verify", "-x509_strict", "-attime", when, "-CAfile", ca, "-CRLfile", crl, "-crl_check", at("bart.pem"))
	run(": OK", "verify", "-x509_strict", "-attime", when, "-CAfile", ca, "-verify_hostname", "firebox.example.com", at("x509/muvpn-gateway.pem"))
	run("verify OK", "crl", "-in", at("crl.der"), "-inform", "DER", "-CAfile", ca, "-noout")
	run("BEGIN CERTIFICATE", "pkcs12", "-in", at("lisa.p12"), "-passin", "file:"+at("lisa.words"), "-nokeys")
	run("BEGIN CERTIFICATE", "pkcs12", "-in", at("gateway.p12"), "-passin", "file:"+at("gateway.p12.passphrase.txt"), "-nokeys")
	run("nvalid password", "pkcs12", "-in", at("lisa.p12"), "-passin", "file:"+at("bart.words"), "-nokeys")
}

// From how many users on certificates are wise is said to whoever has as many.
func TestWiseForCertificates(t *testing.T) {
	a := newAdmin(t, strings.Replace(office, "192.168.10.1-192.168.10.10", "10.9.0.0/16", 1))
	rows := "user,method"
	for n := range WiseForCertificates {
		rows += fmt.Sprintf("\nuser%d,psk", n)
	}
	wantNotice(t, a.issue(rows), "100 users have shared keys. From 100 on certificates are wiser")
	a.site.Profile.Gateway.Vendor = "watchguard"
	if i := a.issue(rows); slices.ContainsFunc(i.Notices, func(n string) bool { return strings.Contains(n, "certificates") }) {
		t.Errorf("a Firebox takes none: %q", i.Notices)
	}
	a.site.Profile.Gateway.Vendor = ""
	a.newAuthority()
	i := a.issue(strings.Replace(rows, "user7,psk", "user7,rsa", 1))
	if slices.ContainsFunc(i.Notices, func(n string) bool { return strings.Contains(n, "wiser") }) {
		t.Errorf("%q", i.Notices)
	}
}

// Names are no longer than X.520 has them: cut where that harms nothing, else
// refused.
func TestLongNames(t *testing.T) {
	k, err := key()
	if err != nil {
		t.Fatal(err)
	}
	ca, err := newAuthority(strings.Repeat("x", 60), k, noon)
	if err != nil || len(ca.Cert.Subject.CommonName) != 64 || !strings.HasSuffix(ca.Cert.Subject.CommonName, " VPN CA") {
		t.Errorf("%s, %v", ca.Cert.Subject, err)
	}
	long := strings.Repeat("long.", 13) + "example.com"
	a := newCertified(t, strings.Replace(office, `"192.168.10.1", "firebox.example.com"`, `"`+long+`"`, 1))
	if c := certificateIn(t, a.certify("user\nlisa"), "x509/muvpn-gateway.pem"); c.Subject.CommonName != "VPN gateway" || c.VerifyHostname(long) != nil {
		t.Errorf("%s, %v", c.Subject, c.DNSNames)
	}
	a.site.Profile.Auth.LocalID = profile.ID{Type: "dn", Value: "CN={name},O=Example Ltd"}
	a.certify("user,name\nlisa," + strings.Repeat("ü", 64))
	if _, err := a.try("user,name\nlisa," + strings.Repeat("x", 65)); err == nil || !strings.Contains(err.Error(), "A2 (user)") || !strings.Contains(err.Error(), "64 characters") {
		t.Errorf("%v", err)
	}
}

// The text of an authority is one, of one that is an authority.
func TestParseAuthority(t *testing.T) {
	a := newCertified(t, office)
	good := certificatePEM(a.authority.Cert)
	user := certificatePEM(a.held(a.certify("user\nlisa").Users[0]))
	for name, text := range map[string][]byte{"none": nil, "no PEM": []byte("ca"), "two": append(bytes.Clone(good), good...), "a user": user} {
		if _, err := ParseAuthority(text); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	if c, err := ParseAuthority(good); err != nil || len(AuthorityFingerprint(c)) != 95 {
		t.Errorf("%v", err)
	}
}
