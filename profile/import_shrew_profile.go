package profile

import (
	"cmp"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// profile translates the file, in the order of the profile's own tables.
func (f *shrewFile) profile() Profile {
	if v := f.number("version", 0); v > 4 {
		f.warn("The file has version %d of its format; 4 is the last one known.", v)
	}
	var p Profile
	f.gateway(&p)
	f.auth(&p.Auth)
	f.phase1(&p.IKE)
	f.phase2(&p.ESP)
	f.network(&p.Network)
	f.notOffered()
	return p
}

func (f *shrewFile) gateway(p *Profile) {
	p.Gateway.Addresses = f.list("network-host")
	if len(p.Gateway.Addresses) > 0 {
		p.Name = p.Gateway.Addresses[0]
	}
	p.Gateway.IKEPort = f.port("network-ike-port")
	p.Gateway.NATTPort = f.port("network-natt-port")
	p.Gateway.ID = f.serverID(p.Name)
	switch mode := f.text("network-natt-mode"); mode {
	case "", "enable":
	case "disable":
		p.IKE.NATTraversal = "off"
	case "force", "force-rfc", "force-draft":
		p.IKE.NATTraversal = "force"
	default:
		f.warn("network-natt-mode %q is not known here: NAT is detected instead.", mode)
	}
	if f.number("network-dpd-enable", 1) == 0 {
		p.IKE.DPD = Off
	}
}

func (f *shrewFile) port(key string) uint16 {
	n := f.number(key, 0)
	if n < 0 || n > math.MaxUint16 {
		f.warn("%s is no port: the usual one is taken.", key)
		return 0
	}
	return uint16(n)
}

// shrewIDs are Shrew's words for the types of identities.
var shrewIDs = map[string]string{
	"any": "any", "address": "ipv4", "fqdn": "fqdn", "ufqdn": "user_fqdn", "keyid": "key_id", "asn1dn": "dn",
}

// serverID is the gateway's identity. An address without value means the
// address that was dialled.
func (f *shrewFile) serverID(host string) ID {
	id := ID{Type: shrewIDs[f.text("ident-server-type")]}
	if id.Type == "any" {
		return id
	}
	id.Value = f.text("ident-server-data")
	if _, err := netip.ParseAddr(host); id.Type == "ipv4" && id.Value == "" && err == nil {
		id.Value = host
	}
	if id.Type != "" && id.Value == "" {
		f.warn("The file does not say which identity the gateway has: any is accepted.")
		id.Type = "any"
	}
	return id
}

// clientID is the user's identity. An address without value is the address
// that the tunnel leaves from, a name without value that of the certificate.
func (f *shrewFile) clientID() ID {
	kind := f.text("ident-client-type")
	if kind == "none" {
		f.warn("ident-client-type none is not known here: the computer's address is the identity.")
		return ID{Type: "ipv4"}
	}
	id := ID{Type: shrewIDs[kind], Value: f.text("ident-client-data")}
	if id.Type == "dn" && id.Value == "" {
		return ID{}
	}
	return id
}

var shrewMethods = map[string]string{
	"mutual-psk": "psk", "mutual-psk-xauth": "psk-xauth", "mutual-rsa": "rsa", "mutual-rsa-xauth": "rsa-xauth", "hybrid-rsa-xauth": "hybrid-xauth",
}

func (f *shrewFile) auth(a *Auth) {
	method := f.text("auth-method")
	a.Method = cmp.Or(shrewMethods[method], method)
	a.LocalID = f.clientID()
	a.XAuth.Username = f.text("client-saved-username")
	if a.usesPSK() {
		a.PSK = f.psk()
	}
	f.certificates(a)
}

// psk is the shared key: octets, or text in files of version 0.
func (f *shrewFile) psk() PSK {
	key := f.binary("auth-mutual-psk")
	if text := f.text("auth-mutual-psk"); text != "" {
		key = []byte(text)
	}
	if len(key) == 0 {
		f.warn("The file holds no shared key: it is asked for.")
		return PSK{Source: "prompt"}
	}
	return PSK{Source: "inline", Value: NewSecret(key)}
}

// certificates takes those that are in the file itself. Up to version 3 the
// file names files of the computer where it was made: none is opened.
func (f *shrewFile) certificates(a *Auth) {
	for _, key := range []string{"auth-server-cert", "auth-client-cert", "auth-client-key"} {
		if f.text(key) != "" {
			f.warn("%s names a file of the computer where it was exported: it is not read.", key)
		}
	}
	if ca := f.binary("auth-server-cert-data"); pemOf(ca) {
		a.CA = string(ca)
	} else if len(ca) > 0 {
		a.CA = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca}))
	}
	cert, key := f.binary("auth-client-cert-data"), f.binary("auth-client-key-data")
	switch {
	case len(cert) == 0 && len(key) == 0:
	case slices.Equal(cert, key) && !pemOf(key): // one PKCS#12 file for both
		a.PKCS12 = NewSecret(base64.StdEncoding.AppendEncode(nil, key))
	default:
		f.warn("Certificate and key are in files of their own: put them into one PKCS#12 file.")
	}
}

func pemOf(b []byte) bool {
	block, _ := pem.Decode(b)
	return block != nil
}

var shrewHashes = map[string][]string{
	"auto": {"sha256", "sha1"}, "md5": {"md5"}, "sha1": {"sha1"}, "sha2-256": {"sha256"}, "sha2-384": {"sha384"}, "sha2-512": {"sha512"},
}

func (f *shrewFile) phase1(i *IKE) {
	i.Exchange = f.text("phase1-exchange")
	ciphers := f.ciphers("phase1-cipher", f.text("phase1-cipher"), f.number("phase1-keylen", 0))
	hashes := f.hashes("phase1-hash")
	for _, group := range f.groups() {
		for _, c := range ciphers {
			for _, h := range hashes {
				i.Proposals = append(i.Proposals, c+"-"+h+"-"+group)
			}
		}
	}
	i.Lifetime = f.seconds("phase1-life-secs", 86400)
	if f.number("phase1-life-kbytes", 0) > 0 {
		f.warn("phase1-life-kbytes is ignored: Phase 1 is renewed by time.")
	}
}

func (f *shrewFile) groups() []string {
	n := f.number("phase1-dhgroup", 0)
	if n == 0 {
		return []string{"modp2048", "modp1536", "modp1024"}
	}
	return []string{cmp.Or(dhGroups[n], fmt.Sprintf("group%d", n))}
}

// ciphers are the keywords for Shrew's cipher. What muvpn does not have stays
// as it is, so that Validate names it. "auto" offers nothing broken: a gateway
// that needs DES must be named as such.
func (f *shrewFile) ciphers(key, name string, bits int64) []string {
	switch name {
	case "auto", "":
		f.warn("%s is chosen by the gateway: AES and 3DES are offered, DES is not.", key)
		return []string{"aes256", "aes128", "3des"}
	case "aes":
		if bits == 0 {
			return []string{"aes256", "aes192", "aes128"}
		}
		return []string{fmt.Sprintf("aes%d", bits)}
	}
	return []string{name}
}

func (f *shrewFile) hashes(key string) []string {
	name := cmp.Or(f.text(key), "auto")
	if known, ok := shrewHashes[name]; ok {
		return known
	}
	return []string{name}
}

func (f *shrewFile) phase2(e *ESP) {
	ciphers := f.ciphers("phase2-transform", strings.TrimPrefix(f.text("phase2-transform"), "esp-"), f.number("phase2-keylen", 0))
	hashes := f.hashes("phase2-hmac")
	for _, c := range ciphers {
		for _, h := range hashes {
			e.Proposals = append(e.Proposals, c+"-"+h)
		}
	}
	switch n := f.number("phase2-pfsgroup", -1); {
	case n < 0:
		e.PFS = "none"
	case n == 0:
		e.PFS = "gateway"
	default:
		e.PFS = cmp.Or(dhGroups[n], fmt.Sprintf("group%d", n))
	}
	e.Lifetime = f.seconds("phase2-life-secs", 3600)
	e.LifetimeKB = uint64(max(f.number("phase2-life-kbytes", 0), 0))
}

// seconds reads a lifetime; what no Duration can hold is as good as endless
// and is left to Validate.
func (f *shrewFile) seconds(key string, def int64) Duration {
	n := f.number(key, 0)
	if n <= 0 {
		n = def
	}
	return Every(time.Duration(min(n, math.MaxInt32)) * time.Second)
}

func (f *shrewFile) network(n *Network) {
	f.virtualIP(&n.VirtualIP)
	f.nameServers(n)
	f.policyList(n)
	n.MTU = int(min(f.number("network-mtu-size", 0), math.MaxUint16))
}

func (f *shrewFile) virtualIP(v *VirtualIP) {
	v.Mode = "mode-config"
	if f.number("client-addr-auto", 1) == 0 {
		v.Mode = "static"
		v.Address = f.address("client-ip-addr", f.text("client-ip-addr"))
	}
	switch iface := f.text("client-iface"); iface {
	case "", "virtual":
	default:
		f.warn("client-iface %s is not known here: an adapter with the virtual IP is made.", strconv.Quote(iface))
	}
	switch mode := f.text("client-auto-mode"); mode {
	case "", "pull", "push":
	case "disabled":
		if v.Mode == "mode-config" {
			f.warn("The file neither has a virtual IP nor asks the gateway for one: it is asked for.")
		}
	default:
		f.warn("client-auto-mode %s is not known here: the gateway is asked by mode-config.", strconv.Quote(mode))
	}
}

// nameServers takes DNS, WINS and domains as far as the file uses them and
// does not leave them to the gateway. Up to version 1 the switch for DNS had
// another name.
func (f *shrewFile) nameServers(n *Network) {
	if f.number("client-dns-used", f.number("client-dns-enable", 1)) != 0 {
		if f.number("client-dns-auto", 1) == 0 {
			n.DNS = f.addresses("client-dns-addr")
		}
		if f.number("client-dns-suffix-auto", 0) == 0 {
			n.Search = f.list("client-dns-suffix")
		}
	}
	if f.number("client-splitdns-used", 1) != 0 && f.number("client-splitdns-auto", 1) == 0 {
		n.Search = append(n.Search, f.list("client-splitdns-list")...)
	}
	if f.number("client-wins-used", 1) != 0 && f.number("client-wins-auto", 1) == 0 {
		n.WINS = f.addresses("client-wins-addr")
	}
}

func (f *shrewFile) addresses(key string) []netip.Addr {
	var out []netip.Addr
	for _, s := range f.list(key) {
		if a := f.address(key, s); a.IsValid() {
			out = append(out, a)
		}
	}
	return out
}

// policyList takes the networks. "Automatic" leaves them to the gateway, or
// means all of them when the gateway is not asked for anything.
func (f *shrewFile) policyList(n *Network) {
	auto := f.number("policy-list-auto", 1) != 0
	n.Networks = f.largest(f.prefixes("policy-list-include"))
	n.Exclude = f.prefixes("policy-list-exclude")
	everything := func(p netip.Prefix) bool { return p.Bits() == 0 }
	if slices.ContainsFunc(n.Networks, everything) || auto && len(n.Networks) == 0 && n.VirtualIP.Mode == "static" {
		n.FullTunnel, n.Networks = true, nil
		f.warn("All traffic goes through the tunnel.")
	}
}

// prefixes reads "192.168.10.0 / 255.255.255.0" entries.
func (f *shrewFile) prefixes(key string) []netip.Prefix {
	var out []netip.Prefix
	for _, s := range f.list(key) {
		p, ok := maskedPrefix(s)
		if !ok {
			f.warn("%s has an entry that is no network with mask: it is ignored.", key)
			continue
		}
		out = append(out, p)
	}
	return out
}

// notOffered warns about what Shrew can do and muvpn does not.
func (f *shrewFile) notOffered() {
	if c := f.text("ipcomp-transform"); c != "" && c != "disabled" && c != "none" {
		f.warn("ipcomp-transform is ignored: compression is not offered.")
	}
	if f.number("vendor-chkpt-enable", 0) != 0 {
		f.warn("vendor-chkpt-enable is ignored: Check Point's extensions are not offered.")
	}
}
