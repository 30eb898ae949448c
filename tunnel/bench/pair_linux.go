package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// innerMTU fits all suites and WireGuard alike, so that all carry packets of the
// same length.
const innerMTU = 1400

// pair is our own two ends: one service and one gateway, for all suites.
type pair struct {
	lab           *lab
	user, gateway *process
	muvpn, socket string
	wgUser        *process
	wgGateway     *process
}

// startPair starts the gateway and the service, imports one profile a suite, and
// starts WireGuard beside them.
func startPair(l *lab, o options) (*pair, error) {
	p := &pair{lab: l, muvpn: filepath.Join(o.programs, "muvpn"), socket: filepath.Join(l.dir, "muvpnd.sock")}
	config := filepath.Join(l.dir, "gateway.toml")
	if err := os.WriteFile(config, []byte(gatewayFile(o.suites)), 0o600); err != nil {
		return nil, err
	}
	var err error
	if p.gateway, err = l.start(l.gateway, filepath.Join(o.programs, "muvpn-testgw"), "run", "--config", config, "--log", filepath.Join(l.dir, "gateway.log")); err != nil {
		return nil, err
	}
	if err := l.await("TUN of the gateway", func() bool { return exists(l.gateway, "office") }); err != nil {
		return nil, err
	}
	if p.user, err = l.start(l.user, filepath.Join(o.programs, "muvpnd"), "run", "--state", filepath.Join(l.dir, "state"), "--socket", p.socket); err != nil {
		return nil, err
	}
	if err := l.await("muvpnd", func() bool { _, err := os.Stat(p.socket); return err == nil }); err != nil {
		return nil, err
	}
	for _, suite := range ours(o.suites) {
		if err := p.importProfile(suite); err != nil {
			return nil, err
		}
	}
	return p, p.startWireGuard()
}

// ours are the suites without WireGuard.
func ours(suites []string) []string {
	return slices.DeleteFunc(slices.Clone(suites), func(s string) bool { return s == wireguard })
}

// gatewayFile is a gateway for one user that takes every suite.
func gatewayFile(suites []string) string {
	return fmt.Sprintf(`
listen = %q
networks = ["192.168.10.0/24"]
[[users]]
name = "lisa"
id = { type = "user_fqdn", value = "lisa" }
psk = %q
virtual_ip = %q
[phase1]
exchanges = ["aggressive"]
proposals = [%s]
[phase2]
proposals = ["%s"]
[lan]
device = "tun:office"
address = "%s/24"
mtu = %d
`, gatewayOuter, psk, userInner, quoted(phase1s), strings.Join(ours(suites), `","`), gatewayInner, innerMTU)
}

func quoted(words []string) string { return `"` + strings.Join(words, `","`) + `"` }

// psk is of no use to anybody outside these namespaces.
const psk = "only for measuring"

// importProfile gives the service a profile named after its suite.
func (p *pair) importProfile(suite string) error {
	text := fmt.Sprintf(`
name = %q
[gateway]
addresses = [%q]
[auth]
local_id = { type = "user_fqdn", value = "lisa" }
psk = { source = "inline", value = %q }
[ike]
proposals = ["aes128-sha256-modp2048"]
nat_traversal = "force"
[esp]
proposals = [%[1]q]
[network]
virtual_ip = { address = %[4]q }
networks = ["192.168.10.0/24"]
mtu = %[5]d
[policy]
security = "legacy"
`, suite, gatewayOuter, psk, userInner, innerMTU)
	file := filepath.Join(p.lab.dir, suite+".toml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return err
	}
	return p.say("import", file, "--yes", "--legacy")
}

// say runs muvpn.
func (p *pair) say(args ...string) error {
	return p.lab.command(p.lab.user, p.muvpn, append([]string{"--socket", p.socket}, args...)...)
}

// up connects with a suite; down ends it. WireGuard is always connected.
func (p *pair) up(suite string) error {
	if suite == wireguard {
		return nil
	}
	return p.say("up", suite, "--wait", "30s")
}

func (p *pair) down(suite string) error {
	if suite == wireguard {
		return nil
	}
	return p.say("down")
}

// ends are the programs that carry a suite's packets, and their inner addresses.
func (p *pair) ends(suite string) (user, gateway *process, userAddr, gatewayAddr string) {
	if suite == wireguard {
		return p.wgUser, p.wgGateway, userWG, gatewayWG
	}
	return p.user, p.gateway, userInner, gatewayInner
}

// settle is how long the machine may calm down between transfers.
const settle = 200 * time.Millisecond
