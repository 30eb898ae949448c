package interop

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"muvpn/client/reason"
	"muvpn/profile"
	"muvpn/service/interop/lab"
)

// officeSite is a site with the lab's gateway.
const officeSite = `
[site]
issuer = "Example Ltd"
support = "helpdesk@example.com"
signer = "signer.key"
pool = ["192.168.10.201-192.168.10.220"]
[profile]
name = "Office of {user}"
[profile.gateway]
addresses = ["%s"]
[profile.ike]
proposals = ["aes256-sha256-modp2048"]
[profile.esp]
proposals = ["aes256-sha256"]
[profile.network]
networks = ["%s"]
dns = ["%s"]
`

// officePassphrase opens the administrator's own files.
const officePassphrase = "correct horse battery"

// office is where an administrator issues profiles: a folder with a site file, a
// roster, and what comes of them.
type office struct {
	*stage
	dir string
}

// opensOffice makes an office with a signer.
func (s *stage) opensOffice(site string) *office {
	s.Helper()
	o := &office{s, s.TempDir()}
	o.writes("site.toml", site)
	o.admin("keygen", o.at("signer.key"), "--passphrase-stdin")
	return o
}

func (o *office) at(name string) string { return filepath.Join(o.dir, name) }

func (o *office) writes(name, text string) {
	o.Helper()
	o.must(os.WriteFile(o.at(name), []byte(text), 0o600))
}

// admin is muvpn admin, which is told the passphrase.
func (o *office) admin(args ...string) {
	o.Helper()
	command := exec.Command(filepath.Join(programs, "muvpn"), append([]string{"admin"}, args...)...)
	command.Stdin = strings.NewReader(strings.Repeat(officePassphrase+"\n", 2)) // the signer's, the authority's
	if out, err := command.CombinedOutput(); err != nil {
		o.Fatalf("muvpn admin %s: %v: %s", args[0], err, out)
	}
}

// issues issues the roster.
func (o *office) issues() {
	o.Helper()
	o.admin("issue", "--site", o.at("site.toml"), "--roster", o.at("users.csv"), "--out", o.at("out"), "--secrets", o.at("secrets"), "--passphrase-stdin")
}

// revokes revokes a user, issues again, and gives the gateway its new files.
func (o *office) revokes(user string, more ...string) {
	o.Helper()
	o.admin(append([]string{"revoke", user, "--site", o.at("site.toml")}, more...)...)
	o.issues()
	o.must(o.gateway.(*lab.Charon).Load())
}

// passphrase is what the sheet says for a user.
func (o *office) passphrase(user string) string {
	o.Helper()
	sheet, err := os.ReadFile(o.at("secrets/passphrases.csv"))
	o.must(err)
	rows, err := csv.NewReader(bytes.NewReader(sheet)).ReadAll()
	o.must(err)
	i := slices.IndexFunc(rows, func(row []string) bool { return row[0] == user })
	if i < 0 {
		o.Fatalf("no passphrase for %s", user)
	}
	return rows[i][3]
}

// handsOver imports a user's file on the client's computer.
func (o *office) handsOver(user string) {
	o.Helper()
	exp, err := os.ReadFile(o.at("out/" + user + ".exp"))
	o.must(err)
	o.must(o.client.Import(exp, o.passphrase(user)))
}

// opened is the profile in a user's file.
func (o *office) opened(user string) profile.Profile {
	o.Helper()
	exp, err := os.ReadFile(o.at("out/" + user + ".exp"))
	o.must(err)
	file, err := profile.ParseEXP(exp)
	o.must(err)
	p, _, err := file.Open(file.DeriveKey([]byte(o.passphrase(user))))
	o.must(err)
	return p
}

// startsOffice starts strongSwan with the swanctl.conf that was issued, and a
// client.
func (o *office) startsOffice() {
	o.Helper()
	o.startsGatewayAs(lab.Peer{Issued: o.at("secrets/gateway")})
	var err error
	o.client, err = o.lab.StartClient(programs)
	o.must(err)
}

// worksFor says that a user gets a page of the office, and hangs up.
func (o *office) worksFor(user string) {
	o.Helper()
	o.must(o.client.Up(connectLimit, lab.Account{}, "Office of "+user))
	if got, want := o.status().VirtualIP, o.opened(user).Network.VirtualIP.Address; got != want {
		o.Errorf("%s has %s, issued was %s", user, got, want)
	}
	o.must(o.lab.Fetch(o.lab.Host.Address(lab.TrustedHost), 10*time.Second))
	o.disconnects()
}

// issuedProfiles is what muvpn admin issue writes, profiles for muvpnd and
// swanctl.conf for strongSwan, each as it is.
func issuedProfiles(s *stage) {
	o := s.opensOffice(fmt.Sprintf(officeSite, lab.GatewayAddr, lab.Trusted, lab.TrustedHost))
	o.writes("users.csv", "user\nlisa\nbart\nmaggie@example.com\n")
	o.issues()
	o.startsOffice()
	o.reachesNothing()
	for _, user := range []string{"lisa", "maggie@example.com", "bart"} {
		o.handsOver(user)
		o.worksFor(user)
	}
	o.revokes("bart")
	o.failsWith(reason.IDUnknown, "Office of bart")
	o.revokes("bart", "--undo")
	o.failsWith(reason.PSKWrong, "Office of bart") // which he had before
	o.handsOver("bart")
	o.worksFor("bart")
	o.worksFor("lisa")
	o.takesAnothersAddress("lisa", "bart")
}

// takesAnothersAddress says that a user who changes the profile does not get in
// with the address of somebody else.
func (o *office) takesAnothersAddress(user, another string) {
	o.Helper()
	p := o.opened(user)
	p.Name, p.Network.VirtualIP = "Stolen", o.opened(another).Network.VirtualIP
	exp, passphrase, err := sealed(p)
	o.must(err)
	o.must(o.client.Import(exp, passphrase))
	o.failsWith(reason.P2Selector, "Stolen")
	o.reachesNothing()
}

// issuedCertificates is the same with certificates of the office's own authority
// and its list of revoked ones, beside a user who still has a shared key.
func issuedCertificates(s *stage) {
	o := s.opensOffice(fmt.Sprintf(officeSite, lab.GatewayAddr, lab.Trusted, lab.TrustedHost))
	o.admin("ca", "--site", o.at("site.toml"), "--passphrase-stdin")
	o.writes("users.csv", "user,method\nlisa,rsa\nbart\nmaggie@example.com,rsa\n")
	o.issues()
	o.startsOffice()
	o.reachesNothing()
	for _, user := range []string{"lisa", "maggie@example.com", "bart"} {
		o.handsOver(user)
		o.worksFor(user)
	}
	o.takesAnothersAddress("lisa", "bart")
	o.writes("users.csv", "user,method,keep\nlisa,rsa,rotate\nbart\nmaggie@example.com,rsa\n")
	o.issues()
	o.must(o.gateway.(*lab.Charon).Load())
	o.failsWith(reason.CertUntrusted, "Office of lisa") // by the certificate that is on the list
	o.isRevoked()
	o.handsOver("lisa")
	o.worksFor("lisa")
	o.revokes("lisa")
	o.failsWith(reason.CertUntrusted, "Office of lisa")
	o.worksFor("maggie@example.com")
}

// isRevoked says that strongSwan's log beside the client's tells that it was the
// list: the client alone cannot know.
func (o *office) isRevoked() {
	o.Helper()
	box, err := os.ReadFile(o.gateway.(*lab.Charon).LogFile())
	o.must(err)
	if told := o.explained(o.client.Log(), box); told.Reason == nil || told.Reason.Code != reason.CertRevoked {
		o.Errorf("explained as\n%s", told.Text())
	}
}
