package profile

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ncpFormat is the profile file of NCP's client, which a Firebox writes too:
// an INI file with [GENERAL], [PROFILE1] and the policies that it names.
var ncpFormat = format{name: "NCP .ini", is: isNCP, read: readNCP}

func isNCP(text []byte) bool {
	sections := sectionsOf(text)
	return slices.Contains(sections, "general") && slices.Contains(sections, "profile1")
}

// ncpNotNeeded are keys that say nothing about this connection, or what muvpn
// does by itself.
var ncpNotNeeded = strings.Fields(`export product version date useforauto seamroaming notkeepvpn bootprofile useras phonenumber dialerphone
	httpname modem comport baudrate relcomport initstr dialprefix 3gapnsrc 3gprovider apn 3gphone 3gauth gprsatcmd gprspin biometricauth
	preautheap preauthhttp tunneltrafficmonitoring tunneltrafficmonitoringaddr qos tunnelipversion conntype splitoptionv4 splitoptionv6
	usetunnel vpnbypass useudpenc useudpenctmp dpdretrys antireplay userfc7427 rfc7427padding certreqwithdata usesha1 dnsactiv dns1tmp
	dns2tmp connmedia privoip ipaddress subnetmask ikeauth ikev2prf`)

func readNCP(text []byte) (Profile, []string, error) {
	file := parseINI(text)
	p, err := (&ncp{file: file, keys: file.section("profile1")}).profile()
	if err != nil {
		return Profile{}, nil, err
	}
	file.listTheRest(ncpNotNeeded)
	return p, file.warnings, nil
}

// ncp is the file and its first profile.
type ncp struct {
	file *ini
	used []*keys // the policies that the profile names
	*keys
}

// profile translates the file, in the order of the profile's own tables.
func (f *ncp) profile() (Profile, error) {
	var p Profile
	p.Gateway.Addresses = f.list("Gateway")
	p.Name = title(slices.Concat([]string{f.text("Name")}, p.Gateway.Addresses, []string{"VPN"})...)
	if strings.Contains(strings.ToLower(f.file.section("general").text("Product")), "watchguard") {
		p.Gateway.Vendor = "watchguard"
	}
	if err := f.auth(&p); err != nil {
		return Profile{}, err
	}
	f.phase1(&p.IKE)
	f.phase2(&p.ESP)
	f.network(&p)
	f.policy(&p.Policy)
	f.notOffered()
	return p, nil
}

// auth: the exchange says which version of IKE it is, and that which ways to
// prove who one is there are.
func (f *ncp) auth(p *Profile) error {
	a := &p.Auth
	switch f.number("ExchMode", 4) {
	case 2:
		p.IKE.Exchange = "main"
	case 4:
		p.IKE.Exchange = "aggressive"
	case 34:
		p.IKE.Version = 2
	default:
		return errors.New("ExchMode is none of 2 (Main Mode), 4 (Aggressive Mode) and 34 (IKEv2); ask your administrator which one it is")
	}
	a.LocalID = ID{Type: numbered(idTypes, "type ", f.number("IkeIdType", 3)), Value: f.text("IkeIdStr")}
	a.XAuth.Username = title(f.text("VpnUserId"), f.text("User"))
	a.XAuth.Save = f.flag("SavePw", false)
	f.ignore(asksUser, "VpnPassword", "Password", "HttpPw")
	return f.method(p)
}

func (f *ncp) method(p *Profile) error {
	a := &p.Auth
	xauth := f.flag("UseXAUTH", false)
	psk := f.flag("UsePreShKey", true)
	if p.IKE.Version == 2 {
		way := f.number("IKEv2Auth", 2)
		if way == 3 {
			a.Method = "eap-mschapv2"
			f.ignore("the user's password is asked for instead", "Secret")
			return nil
		}
		psk, xauth = way == 2, false
	}
	if !psk {
		return noCertificate("NCP .ini")
	}
	a.Method = "psk"
	if xauth {
		a.Method = "psk-xauth"
	}
	a.PSK = f.psk(f.octets("Secret"))
	return nil
}

// ncpCiphers are NCP's own numbers.
var ncpCiphers = map[int64]string{1: "des", 2: "3des", 3: "blowfish", 4: "aes128", 5: "aes192", 6: "aes256"}

// ncpIntegrity are the integrity algorithms of IKEv2 (RFC 7296 section 3.3.2).
var ncpIntegrity = map[int64]string{1: "md5", 2: "sha1", 12: "sha256", 13: "sha384", 14: "sha512"}

func (f *ncp) phase1(i *IKE) {
	prefix, name, pairs := "ikepolicy", f.text("IKE-Policy"), [3]string{"IkeName", "IkeCrypt", "IkeHash"}
	numbers := hashNumbers
	if i.Version == 2 {
		prefix, name, pairs = "ikev2policy", f.text("IKEv2Policy"), [3]string{"Ikev2Name", "Ikev2Crypt", "Ikev2IntAlgo"}
		numbers = ncpIntegrity
	}
	offers := f.offers(prefix, name, pairs, numbers)
	group := numbered(dhGroups, "group", f.number("IkeDhGroup", 2))
	i.Proposals = crossed(offers, []string{group})
	i.Lifetime = f.lifetime("IkeLTSec", 8*time.Hour)
	i.DPD = f.seconds("DPDInterval", 20, time.Second, time.Hour)
	if f.flag("DisDPD", false) {
		i.DPD = Off
	}
}

// offers are the proposals of the policies of that name; several of one name
// are offered together. "automatic mode" is no policy of the file.
func (f *ncp) offers(prefix, name string, keys [3]string, hashes map[int64]string) []string {
	var out []string
	for _, section := range f.file.names {
		k := f.file.sections[section]
		if !strings.HasPrefix(section, prefix) || !strings.EqualFold(k.text(keys[0]), name) {
			continue
		}
		f.used = append(f.used, k)
		cipher := numbered(ncpCiphers, "cipher", k.number(keys[1], 0))
		out = append(out, cipher+"-"+numbered(hashes, "hash", k.number(keys[2], 0)))
	}
	if len(out) == 0 {
		f.warn("The file has no policy for %s: AES and 3DES are offered, DES is not.", cmp.Or(strings.TrimSuffix(keys[0], "Name"), "IKE"))
		return []string{"aes256-sha256", "aes256-sha1", "aes128-sha1", "3des-sha1"}
	}
	return unique(out)
}

func (f *ncp) phase2(e *ESP) {
	e.Proposals = f.offers("ipsecpolicy", f.text("IPSec-Policy"), [3]string{"IPSecName", "IpsecCrypt", "IpsecAuth"}, authNumbers)
	e.PFS = "none"
	if n := f.number("PFS", 0); n != 0 {
		e.PFS = numbered(dhGroups, "group", n)
	}
	kind := f.number("IPSecLTType", 1)
	e.Lifetime = f.lifetime("IPSecLTSec", 8*time.Hour)
	if kb := f.number("IPSecLTKb", 0); kind != 1 {
		e.LifetimeKB = uint64(kb)
	}
}

// lifetime reads days:hours:minutes:seconds.
func (f *ncp) lifetime(name string, def time.Duration) Duration {
	s := f.text(name)
	if s == "" {
		return Every(def)
	}
	parts, units := strings.Split(s, ":"), []time.Duration{24 * time.Hour, time.Hour, time.Minute, time.Second}
	var d time.Duration
	for i, part := range parts {
		n, err := strconv.ParseUint(part, 10, 16)
		if err != nil || len(parts) != len(units) {
			f.warn("%s is not of the form days:hours:minutes:seconds: %s is taken.", name, Every(def))
			return Every(def)
		}
		d += time.Duration(n) * units[i]
	}
	return Every(d)
}

func (f *ncp) network(p *Profile) {
	n := &p.Network
	n.VirtualIP.Mode = "mode-config"
	if p.IKE.Version == 2 {
		n.VirtualIP.Mode = "address-pool"
	}
	switch f.number("IpAddrAssign", 0) {
	case 0:
	case 2:
		n.VirtualIP = VirtualIP{Mode: "static", Address: f.address("IPAddress", f.text("IPAddress"))}
	default:
		f.warn("IpAddrAssign is ignored: the gateway is asked for an address.")
	}
	var whole bool
	n.Networks, whole = f.networks()
	if whole && len(n.Networks) == 0 && n.VirtualIP.Mode == "static" {
		n.FullTunnel = true
		f.warn("All traffic goes through the tunnel.")
	}
	n.DNS = f.servers("DNS1", "DNS2")
	n.WINS = f.servers("WINS1", "WINS2")
	n.Search = append(f.list("DomainName"), f.list("DomainInTunnel")...)
}

// networks are Network1 with SubMask1 and so on, and whether all of them could
// be read; 0.0.0.0 stands for none.
func (f *ncp) networks() (out []netip.Prefix, whole bool) {
	whole = true
	for i := 1; f.entries[fmt.Sprintf("network%d", i)] != nil; i++ {
		network, mask := f.text(fmt.Sprintf("Network%d", i)), f.text(fmt.Sprintf("SubMask%d", i))
		if network == "" || network == "0.0.0.0" {
			continue
		}
		if p, ok := maskedPrefix(network + "/" + mask); ok {
			out = append(out, p)
		} else {
			whole = false
			f.warn("Network%d is no network with mask: it is ignored.", i)
		}
	}
	return f.largest(out), whole
}

func (f *ncp) servers(names ...string) []netip.Addr {
	var out []netip.Addr
	for _, name := range names {
		if s := f.text(name); s != "" && s != "0.0.0.0" {
			if a := f.address(name, s); a.IsValid() {
				out = append(out, a)
			}
		}
	}
	return out
}

// policy: when the connection is made, and when it ends by itself.
func (f *ncp) policy(p *Policy) {
	switch f.number("ConnMode", 0) {
	case 0:
	case 1:
		p.Connect = "on-demand"
	case 2:
		p.Connect = "at-login"
	default:
		f.warn("ConnMode is not known here: the user connects.")
	}
	if idle := f.seconds("Timeout", 0, time.Second, 24*time.Hour); idle != Off {
		p.IdleTimeout = idle
	}
	p.KillSwitch = f.flag("OnlyTunnel", false)
}

// notOffered warns about what NCP can do and muvpn does not, and about the
// other profiles of the file.
func (f *ncp) notOffered() {
	f.ignore(runsProgram, "ScriptFile", "HttpScript", "ExtApp1", "ExtApp2")
	f.ignore("a certificate of the computer where it was made is not read", "PkiConfig", "SubjectCert", "IssuerCert", "FingerPrint")
	f.ignore("compression is not offered", "UseComp")
	f.ignore("IPsec over HTTPS is not offered", "PathFinder")
	f.ignore("muvpn is no firewall", "Firewall", "RasOnlyTunnel")
	f.ignore("the user is asked", "XAUTH-Src")
	f.ignore("the gateway is asked", "Ikev2AuthPrf")
	f.file.names = slices.DeleteFunc(f.file.names, f.isOthers)
}

// isOthers says that a section is not this profile's, and notes its name.
func (f *ncp) isOthers(section string) bool {
	k := f.file.sections[section]
	switch {
	case strings.HasPrefix(section, "profile") && k != f.keys:
		f.warn("Another profile of the file is not taken: %s.", strconv.Quote(title(k.text("Name"), section)))
		return true
	case strings.Contains(section, "policy") && !slices.Contains(f.used, k):
		f.warn("A policy of the file is not used: %s.", strconv.Quote(title(k.text("IkeName"), k.text("Ikev2Name"), k.text("IPSecName"), section)))
		return true
	}
	return false
}
