package server_test

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"muvpn/tunnel/gateway"
	"muvpn/tunnel/gateway/gatewaytest"
	"muvpn/tunnel/gateway/server"
	"muvpn/tunnel/ike/wire"
)

// office is the configuration of the second sample, with some of it changed.
func office(t *testing.T, change ...string) string {
	t.Helper()
	text, err := os.ReadFile("../../../assets/samples/office.toml")
	if err != nil {
		t.Fatal(err)
	}
	all := string(text)
	for i := 0; i < len(change); i += 2 {
		if !strings.Contains(all, change[i]) {
			t.Fatalf("the sample has no %q", change[i])
		}
		all = strings.Replace(all, change[i], change[i+1], 1)
	}
	return all
}

// A user of the second sample comes in through real sockets: group key, XAuth,
// an address out of the pool, a pair for each of two networks, and a page of the
// first over the first pair.
func TestOfficeSample(t *testing.T) {
	c, err := server.ParseConfig([]byte(office(t, "10500", "0", "14500", "0")))
	if err != nil {
		t.Fatal(err)
	}
	s, log := startServer(t, c)
	u := newUser(t, c, s.NATT())
	u.Connect()
	if !u.LogIn("maggie", "sample-password-of-maggie") {
		t.Fatal("not in")
	}
	given := u.Pull(wire.AttrIP4Address, wire.AttrUnitySplitInc)
	a, _ := wire.Find(given.Attributes, wire.AttrIP4Address)
	split, _ := wire.Find(given.Attributes, wire.AttrUnitySplitInc)
	address, ok := netip.AddrFromSlice(a.Value)
	if !ok || len(split.Value) != 2*14 {
		t.Fatalf("given %s", given.Summary())
	}
	u.Local = wire.Host(address)
	first := u.Quick()
	u.Remote = wire.Subnet(c.Gateway.Networks[1])
	u.Quick()
	u.join(t, first, address)
	if page := string(u.get(t, "/")); !strings.Contains(page, "come from "+address.String()) {
		t.Errorf("the page says\n%s", page)
	}
	if !strings.Contains(log.String(), "maggie bound to "+address.String()) || strings.Contains(log.String(), "sample-password") {
		t.Errorf("the log says\n%s", log)
	}
}

// Every key of users, XAuth and Mode-Config comes to where it belongs.
func TestOfficeConfiguration(t *testing.T) {
	c, err := server.ParseConfig([]byte(office(t,
		`password = "sample-password-of-maggie"`, `password = "x"
passcodes = ["1", "2"]
answer = "a"
domain = "d"`,
		`lock_after = 5`, `lock_after = 5
retries = 2
type = "long"
one_message_id = true
status_more = true
config_first = true
trailing_nul = true
once = true`,
		`banner        =`, `pool6 = "2001:db8::/64"
expiry = "2h"
wins = ["192.168.10.3"]
split_exclude = ["10.0.0.0/8"]
save_password = true
backup = ["b"]
pfs = true
padding = 4
split8 = true
split_all = true
short6 = true
unasked = true
banner =`,
	)))
	if err != nil {
		t.Fatal(err)
	}
	u, x, m := c.Gateway.Users[0], c.Gateway.XAuth, c.Gateway.ModeConfig
	if string(u.Password) != "x" || len(u.Passcodes) != 2 || string(u.Answer) != "a" || u.Domain != "d" || u.Group != "office" {
		t.Error("a user has not what the file says")
	}
	if x.LockAfter != 5 || x.LockFor != 5*time.Minute || x.Retries != 2 || x.Type != "long" || x.Welcome == "" ||
		!x.OneMessageID || !x.StatusMore || !x.ConfigFirst || !x.TrailingNUL || !x.Once || x.Rounds[0].Message != "Who is there?" {
		t.Errorf("%+v", x)
	}
	if m.Mode != "pull" || m.Pool[0].String() != "10.9.0.0/24" || !m.Pool6.IsValid() || m.Expiry != 2*time.Hour || len(m.DNS) != 1 || len(m.WINS) != 1 ||
		len(m.SplitInclude) != 2 || len(m.SplitExclude) != 1 || len(m.SplitDNS) != 1 || len(m.Backup) != 1 || m.Domain == "" || m.Banner == "" ||
		!m.SavePassword || !m.PFS || m.Padding != 4 || !m.Split8 || !m.SplitAll || !m.Short6 || !m.Unasked || !m.Netmask.IsValid() {
		t.Errorf("%+v", m)
	}
}

// inPEM is a certificate as a file has it.
func inPEM(c gateway.Certificate) string {
	chain := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Chain[0].Raw})
	key := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(c.Key.(*rsa.PrivateKey))})
	return "{ chain = '''" + string(chain) + "''', key = '''" + string(key) + "''' }\n"
}

// Certificates are in the file itself.
func TestCertificatesInTheFile(t *testing.T) {
	ca := gatewaytest.NewAuthority(t, "Example CA", time.Now())
	own := inPEM(ca.Issue(t, "gateway", nil))
	text := func(own, root string) []byte {
		return []byte(office(t, `methods   = ["psk-xauth"]`, `methods = ["rsa-xauth", "hybrid-xauth"]`,
			`networks  =`, "id = { type = \"dn\" }\nmisbehave = [\"expired=AG2\"]\nnetworks =") +
			"[certificates]\nca = '''" + root + "'''\nown = " + own + "expired = " + own)
	}
	root := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.CA().Raw}))
	c, err := server.ParseConfig(text(own, root))
	if err != nil {
		t.Fatal(err)
	}
	if g := c.Gateway; len(g.Certificates.CAs) != 1 || g.Certificates.Own.Key == nil || len(g.Phase1.Methods) != 2 || g.ID.IDType != wire.IDDERASN1DN {
		t.Errorf("%+v", g.Certificates)
	}
	_, err = server.ParseConfig(text(strings.Replace(own, "key = '''", "key = '''x", 1), "no root"))
	if err == nil || !strings.Contains(err.Error(), "certificates.own: key: no private key in PEM") || !strings.Contains(err.Error(), "certificates.ca: no CERTIFICATE in PEM") {
		t.Error(err)
	}
}

// Everything that cannot be read is told at once.
func TestFaultyIdentities(t *testing.T) {
	_, err := server.ParseConfig([]byte(office(t,
		`type = "key_id"`, `type = "email"`,
		`name     = "maggie"`, "name = \"maggie\"\nid = { type = \"dn\", value = \"CN=maggie, SHOE=5\" }",
		`exchanges = ["aggressive", "main"]`, `exchanges = ["slow"]`)))
	if err == nil {
		t.Fatal("read")
	}
	for _, want := range []string{`group "office": id: type "email"`, `user "maggie": id: `, `"slow"`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not among\n%v", want, err)
		}
	}
	c, err := server.ParseConfig([]byte(office(t, `name     = "maggie"`, "name = \"maggie\"\nid = { type = \"dn\", value = \"C=XX, O=Example, CN=maggie\" }")))
	if err != nil || c.Gateway.Users[0].ID.IDType != wire.IDDERASN1DN {
		t.Error(err)
	}
}
