package profile

import (
	"errors"
	"fmt"
	"math"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// vpncFormat is a configuration of vpnc: a setting a line, its name in words,
// without "=".
var vpncFormat = format{name: "vpnc .conf", is: isVPNC, read: readVPNC}

var vpncGateway = regexp.MustCompile(`(?i)^\s*IPSec gateway\s`)

func isVPNC(text []byte) bool {
	for _, line := range textLines(text) {
		if vpncGateway.MatchString(line + " ") {
			return true
		}
	}
	return false
}

// vpncNames are all names that vpnc knows, those first that another one is the
// begin of.
var vpncNames = []string{
	"IPSec gateway", "IPSec ID", "IPSec secret", "IPSec obfuscated secret", "Xauth username", "Xauth password", "Xauth obfuscated password",
	"Xauth interactive", "IKE Authmode", "IKE DH Group", "Perfect Forward Secrecy", "NAT Traversal Mode", "Enable Single DES",
	"Enable no encryption", "DPD idle timeout (our side)", "Local Port", "Local Addr", "Cisco UDP Encapsulation Port", "Vendor", "Domain",
	"Interface name", "Interface mode", "Interface MTU", "IPSEC target networks", "IPSEC target network", "Target networks", "Script",
	"Password helper", "CA-File", "CA-Dir", "Application version", "Pidfile", "Debug", "No Detach", "Noninteractive",
	"UDP Encapsulate", "UDP Encapsulation Port", "Disable NAT Traversal",
}

var vpncNotNeeded = []string{
	"interface name", "interface mode", "application version", "debug", "no detach", "noninteractive", "xauth interactive",
	"cisco udp encapsulation port", "udp encapsulation port", "local addr",
}

func readVPNC(text []byte) (Profile, []string, error) {
	k, odd := parseVPNC(text)
	p, err := vpncProfile(k)
	if err != nil {
		return Profile{}, nil, err
	}
	k.listTheRest(vpncNotNeeded)
	k.warnLines(odd)
	return p, k.warnings, nil
}

// parseVPNC reads the lines and returns the numbers of those that begin with
// no known name: where a name ends cannot be seen, so that none is shown.
func parseVPNC(text []byte) (k *keys, odd []string) {
	k = newKeys(&notes{})
	for i, line := range textLines(text) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		name, value, ok := vpncSetting(line)
		if !ok {
			odd = append(odd, strconv.Itoa(i+1))
			continue
		}
		k.set(name, value)
	}
	return k, odd
}

// vpncSwitches have no value: that they stand there means yes.
var vpncSwitches = []string{
	"Xauth interactive", "Enable Single DES", "Enable no encryption", "No Detach", "Noninteractive", "UDP Encapsulate", "Disable NAT Traversal",
}

// vpncSetting parts a line.
func vpncSetting(line string) (name, value string, ok bool) {
	for _, name := range vpncNames {
		if len(line) < len(name) || !strings.EqualFold(line[:len(name)], name) {
			continue
		}
		switch value := line[len(name):]; {
		case value != "" && value[0] != ' ' && value[0] != '\t': // a longer word
		case slices.Contains(vpncSwitches, name):
			return name, "yes", true
		default:
			return name, unquoted(strings.TrimSpace(value)), true
		}
	}
	return "", "", false
}

// vpncProfile translates the file, in the order of the profile's own tables.
func vpncProfile(k *keys) (Profile, error) {
	p := ciscoProfile()
	p.Gateway.Addresses = k.list("IPSec gateway")
	p.Name = title(append(p.Gateway.Addresses, "VPN")...)
	p.Gateway.Vendor = k.vpncVendor()
	if err := k.vpncAuth(&p); err != nil {
		return Profile{}, err
	}
	k.ciscoOffer(&p, k.vpncGroup("IKE DH Group", "modp1024"), k.on("Enable Single DES"))
	p.ESP.PFS = k.vpncGroup("Perfect Forward Secrecy", "gateway")
	p.IKE.NATTraversal = k.vpncNATT()
	p.IKE.DPD = k.seconds("DPD idle timeout (our side)", 300, 10*time.Second, time.Hour)
	p.IKE.LocalPort = k.vpncPort()
	p.Network.Networks = k.vpncNetworks()
	p.Network.MTU = int(min(k.number("Interface MTU", 0), math.MaxUint16))
	k.vpncNotOffered()
	return p, nil
}

// on says that a switch stands in the file: vpnc does not look at what follows.
func (k *keys) on(name string) bool { return k.octets(name) != "" }

// vpncVendor is the gateway's make if the file says so: without saying it
// everybody's gateway is taken for Cisco's.
func (k *keys) vpncVendor() string {
	vendor := k.word("Vendor")
	switch vendor {
	case "":
		return ""
	case "cisco":
		return "cisco"
	case "netscreen":
		return "juniper"
	case "fortigate":
		return "fortinet"
	}
	k.warn("Vendor is no make that is known here: it is ignored.")
	return ""
}

// vpncAuth: the group is sent as KEY_ID to a Cisco, as USER_FQDN to others.
func (k *keys) vpncAuth(p *Profile) error {
	a := &p.Auth
	a.LocalID = ID{Type: "key_id", Value: k.text("IPSec ID")}
	if v := p.Gateway.Vendor; v == "juniper" || v == "fortinet" {
		a.LocalID.Type = "user_fqdn"
	}
	a.XAuth.Username = k.text("Xauth username")
	k.ignore(asksUser, "Xauth password", "Xauth obfuscated password")
	k.ignore("if the gateway asks for a domain, the user name is written as DOMAIN\\user", "Domain")
	switch k.word("IKE Authmode") {
	case "", "psk":
		return k.vpncKey(a)
	case "cert":
		return noCertificate("vpnc .conf")
	case "hybrid":
		a.Method = "hybrid-xauth"
		k.ignore("the gateway shows a certificate instead", "IPSec secret", "IPSec obfuscated secret")
		k.warn("The gateway's certificate must lead to one that this computer trusts: the file holds none.")
		return nil
	}
	return errors.New("IKE Authmode is none of psk, cert and hybrid; ask your administrator which one it is")
}

func (k *keys) vpncKey(a *Auth) error {
	a.Method = "psk-xauth"
	key, hidden := k.octets("IPSec secret"), k.octets("IPSec obfuscated secret")
	if key == "" && hidden != "" {
		shown, err := showCisco(hidden)
		if err != nil {
			return fmt.Errorf("IPSec obfuscated secret %w", err)
		}
		key = shown
	} else if hidden != "" {
		k.ignore("IPSec secret stands there in clear", "IPSec obfuscated secret")
	}
	a.PSK = k.psk(key)
	return nil
}

// vpncGroup reads dh1, dh2 and so on, nopfs and server.
func (k *keys) vpncGroup(name, def string) string {
	word := k.word(name)
	if n, err := strconv.ParseInt(strings.TrimPrefix(word, "dh"), 10, 8); err == nil && dhGroups[n] != "" {
		return dhGroups[n]
	}
	switch {
	case word == "":
	case word == "nopfs" && def == "gateway":
		return "none"
	case word == "server" && def == "gateway":
	default:
		k.warn("%s is not known here: %q is taken.", name, def)
	}
	return def
}

func (k *keys) vpncNATT() string {
	mode := k.word("NAT Traversal Mode")
	switch mode {
	case "none":
		return "off"
	case "force-natt":
		return "force"
	case "", "natt":
	default:
		k.warn("NAT Traversal Mode is not known here: NAT is detected as RFC 3947 says.")
	}
	if k.on("Disable NAT Traversal") {
		return "off"
	}
	return ""
}

// vpncPort is the local port. 500 and 0 are left to muvpn, which takes 500
// when it is free.
func (k *keys) vpncPort() uint16 {
	n := k.number("Local Port", 0)
	if n > math.MaxUint16 {
		k.warn("Local Port is no port: the usual one is taken.")
	}
	if n == 500 || n > math.MaxUint16 {
		return 0
	}
	return uint16(n)
}

// vpncNetworks are the networks to negotiate. Everything, vpnc's default,
// leaves the networks to the gateway.
func (k *keys) vpncNetworks() []netip.Prefix {
	var out []netip.Prefix
	for _, name := range []string{"IPSEC target networks", "IPSEC target network", "Target networks"} {
		for _, s := range k.list(name) {
			if p, ok := anyPrefix(s); !ok {
				k.warn("%s has an entry that is no network: it is ignored.", name)
			} else if p.Bits() != 0 {
				out = append(out, p)
			}
		}
	}
	return k.largest(out)
}

// vpncNotOffered warns about what vpnc can do and muvpn does not.
func (k *keys) vpncNotOffered() {
	k.ignore(runsProgram, "Script", "Password helper")
	k.ignore(namesPath, "CA-File", "CA-Dir", "Pidfile")
	k.ignore("ESP without encryption is never offered", "Enable no encryption")
	k.ignore("Cisco's own UDP encapsulation is not offered", "UDP Encapsulate")
}
