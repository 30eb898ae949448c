package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// issuedSite leads to muvpn-testgw on this computer.
const issuedSite = `
[site]
issuer = "Example Ltd"
support = "helpdesk@example.com"
signer = "signer.key"
pool = ["192.168.10.101-192.168.10.250"]
[profile]
name = "Office"
[profile.gateway]
addresses = ["127.0.0.1"]
ike_port = %d
natt_port = %d
[profile.auth]
method = "%s"
local_id = { type = "user_fqdn", value = "{user}" }
[profile.ike]
proposals = ["aes256-sha256-modp2048"]
[profile.esp]
proposals = ["aes256-sha256"]
[profile.network]
networks = ["192.168.10.0/24"]
dns = ["192.168.10.2"]
`

// Whoever is issued a profile gets in by it: three users out of a roster, at
// random, with the files, the passphrases and the gateway's configuration as
// muvpn admin issue has written them, once with shared keys and once with
// certificates. It needs the programs and no privileges.
func TestIssuedProfilesConnect(t *testing.T) {
	for _, method := range []string{"psk", "rsa"} {
		t.Run(method, func(t *testing.T) { issuedProfilesConnect(t, method) })
	}
}

func issuedProfilesConnect(t *testing.T, method string) {
	folder := os.Getenv("MUVPN_PROGRAMS")
	if folder == "" {
		t.Skip("MUVPN_PROGRAMS names no folder with muvpn, muvpnd and muvpn-testgw")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	dir := t.TempDir()
	p := &programs{dir: folder, socket: filepath.Join(dir, "muvpnd.sock")}
	names := issued(ctx, t, p, dir, method)
	t.Cleanup(p.stop)
	var box, daemon bytes.Buffer
	p.begin(t, &box, "muvpn-testgw", "run", "--config", filepath.Join(dir, "secrets", "gateway", "muvpn-testgw.toml"), "--log", filepath.Join(dir, "gateway.log"))
	p.begin(t, &daemon, "muvpnd", "run", "--userspace", "--state", filepath.Join(dir, "state"), "--socket", p.socket)
	if err := await("muvpnd", func() bool { _, err := os.Stat(p.socket); return err == nil }); err != nil {
		t.Fatalf("%v\n%s%s", err, box.String(), daemon.String())
	}
	for name, passphrase := range names {
		p.must(ctx, t, passphrase+"\n", "import", filepath.Join(dir, "out", name+".exp"), "--name", name, "--passphrase-stdin", "--yes")
		p.must(ctx, t, "", "up", name, "--wait", "60s")
		if err := use(ctx, p); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		p.must(ctx, t, "", "down")
	}
}

// freePort is a UDP port of this computer that nobody uses now.
func freePort(t *testing.T) int {
	t.Helper()
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return c.LocalAddr().(*net.UDPAddr).Port
}

// begin starts a program that runs until the test ends.
func (p *programs) begin(t *testing.T, output *bytes.Buffer, name string, args ...string) {
	t.Helper()
	if _, err := p.start(output, name, args...); err != nil {
		t.Fatal(err)
	}
}

// must is muvpn that has to succeed.
func (p *programs) must(ctx context.Context, t *testing.T, input string, args ...string) string {
	t.Helper()
	out, err := p.quietly(ctx, input, args...)
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return out
}

// issued makes profiles for a roster of twelve, and returns three of its users
// with their passphrases.
func issued(ctx context.Context, t *testing.T, p *programs, dir, method string) map[string]string {
	t.Helper()
	roster := "user,name,e-mail\n"
	for n := range 12 {
		roster += fmt.Sprintf("user%02d,User %d,user%d@example.com\n", n, n, n)
	}
	at := func(name string) string { return filepath.Join(dir, name) }
	for name, text := range map[string]string{"site.toml": fmt.Sprintf(issuedSite, freePort(t), freePort(t), method), "users.csv": roster} {
		if err := os.WriteFile(at(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const signer = "correct horse battery\n"
	p.must(ctx, t, signer, "admin", "keygen", at("signer.key"), "--passphrase-stdin")
	if method == "rsa" {
		p.must(ctx, t, signer, "admin", "ca", "--site", at("site.toml"), "--passphrase-stdin")
	}
	p.must(ctx, t, signer+signer, "admin", "issue", "--site", at("site.toml"), "--roster", at("users.csv"), "--out", at("out"), "--secrets", at("secrets"), "--passphrase-stdin")
	sheet, err := os.ReadFile(at("secrets/passphrases.csv"))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(string(sheet))).ReadAll()
	if err != nil || len(rows) != 13 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	some := map[string]string{}
	for _, n := range rand.Perm(12)[:3] {
		some[rows[n+1][0]] = rows[n+1][3]
	}
	return some
}
