package lab

import (
	_ "embed"
	"encoding/hex"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"text/template"
)

// testgwTUN is the link between the test gateway and the LAN, office its own
// address there, which nobody uses.
const testgwTUN = "office"

var office = netip.MustParsePrefix("198.18.0.1/32")

//go:embed testgw.toml.tmpl
var testgwConf string

var testgwTemplate = template.Must(template.New("testgw.toml").Funcs(template.FuncMap{"list": quoted}).Parse(testgwConf))

// TestGateway is muvpn-testgw in the place of strongSwan. Unlike that one it
// can do ESP as IP protocol 50 on a kernel that cannot.
type TestGateway struct {
	*Process
	keys string // the file that a test build writes keys to
}

// StartTestGateway starts the gateway, of which program must be a test build
// (muvpn_debugkeys). It listens on the lab's addresses.
func (l *Lab) StartTestGateway(program string, peer Peer) (*TestGateway, error) {
	config := filepath.Join(l.Dir, "testgw.toml")
	if err := l.writeTestGateway(config, peer); err != nil {
		return nil, err
	}
	g := &TestGateway{keys: filepath.Join(l.Dir, "testgw.keys")}
	var err error
	g.Process, err = Program{
		Name: "testgw", Namespace: l.Network.Gateway, Env: []string{"MUVPN_TESTGW_KEYS=" + g.keys},
		Args: []string{program, "run", "--config", config},
	}.Start(l.Dir)
	if err != nil {
		return nil, err
	}
	l.onClose(func() { g.Stop() })
	return g, nil
}

// writeTestGateway writes the gateway's configuration.
func (l *Lab) writeTestGateway(path string, peer Peer) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	peer.PSK, peer.VirtualIP = l.PSK, VirtualIP
	return testgwTemplate.Execute(file, struct {
		Peer
		Gateway netip.Addr
		User    string
		TUN     string
		Office  netip.Prefix
	}{peer, GatewayAddr, strings.TrimPrefix(peer.RemoteID, "email:"), testgwTUN, office})
}

// quoted is a list as TOML has it, without the brackets. No value holds a
// blank.
func quoted(list any) string {
	values := strings.Fields(strings.Trim(fmt.Sprint(list), "[]"))
	for i, value := range values {
		values[i] = strconv.Quote(value)
	}
	return strings.Join(values, ", ")
}

// Keys are the keys of every SA that the gateway has had, the inbound SA of
// each pair first.
func (g *TestGateway) Keys() ([]SAKeys, error) {
	text, err := os.ReadFile(g.keys)
	if err != nil {
		return nil, err
	}
	var all []SAKeys
	for line := range strings.Lines(string(text)) {
		keys, err := parseKeyLine(line)
		if err != nil {
			return nil, err
		}
		all = append(all, keys)
	}
	return all, nil
}

// parseKeyLine reads SPI, encryption and integrity key; AEADs have none of
// those last.
func parseKeyLine(line string) (SAKeys, error) {
	fields := append(strings.Fields(line), "")
	if len(fields) < 3 {
		return SAKeys{}, fmt.Errorf("testgw: keys %q", line)
	}
	spi, err := strconv.ParseUint(fields[0], 16, 32)
	if err != nil {
		return SAKeys{}, fmt.Errorf("testgw: SPI: %w", err)
	}
	keys := SAKeys{SPI: uint32(spi)}
	if keys.Encryption, err = hex.DecodeString(fields[1]); err != nil {
		return SAKeys{}, fmt.Errorf("testgw: key: %w", err)
	}
	keys.Integrity, err = hex.DecodeString(fields[2])
	return keys, err
}
