package profile

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// safenetFormat is a security policy of SafeNet's client, which was also sold
// as WatchGuard's MUVPN and as NetScreen-Remote: an export of the registry in
// which values are the numbers of the IKE DOI (RFC 2407, 2409). It was never
// documented; the names differ from maker to maker, and a policy that is not
// understood is refused with the names that it has.
var safenetFormat = format{name: "SafeNet policy", is: isSafeNet, read: readSafeNet}

var safenetBegin = regexp.MustCompile(`^\s*REGEDIT4\s`)

func isSafeNet(text []byte) bool { return safenetBegin.Match(text) }

// safenetNotNeeded are values that say nothing about this connection.
var safenetNotNeeded = []string{"name", "enabled", "status", "numberofentries", "localinterface", "remoteport", "remoteprotocol", "localport"}

func readSafeNet(text []byte) (Profile, []string, error) {
	f := parseRegistry(text)
	if !strings.Contains(f.paths, "safenet") && !strings.Contains(f.paths, "soft-pk") && !strings.Contains(f.paths, "ipsec") {
		return Profile{}, nil, errors.New("the file is an export of the Windows registry, but not of a SafeNet policy; " + exportInstead)
	}
	i := slices.IndexFunc(f.connections, func(k *keys) bool { return k.has(safenetGateway...) })
	if i < 0 {
		return Profile{}, nil, f.notUnderstood()
	}
	p, err := safenet{f.connections[i]}.profile(f.vendor())
	if err != nil {
		return Profile{}, nil, err
	}
	f.listTheRest(i)
	return p, f.warnings, nil
}

// notUnderstood names the values of the policy, so that somebody can see what
// they are called there.
func (f *registry) notUnderstood() error {
	var names []string
	for _, k := range append(f.connections, f.rest) {
		names = append(names, slices.Collect(maps.Keys(k.entries))...)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	return fmt.Errorf("the policy names no gateway in a way that is known here (its values are called %s); %s",
		strings.Join(names[:min(len(names), 40)], ", "), exportInstead)
}

// vendor is the make, if the paths of the registry say so.
func (f *registry) vendor() string {
	switch {
	case strings.Contains(f.paths, "netscreen"), strings.Contains(f.paths, "juniper"):
		return "juniper"
	case strings.Contains(f.paths, "watchguard"), strings.Contains(f.paths, "muvpn"):
		return "watchguard"
	}
	return ""
}

func (f *registry) listTheRest(taken int) {
	k := f.connections[taken]
	for i, other := range f.connections {
		if i != taken {
			f.warn("Another connection of the policy is not taken: %s.", strconv.Quote(title(other.text("name"), other.text("group"), strconv.Itoa(i+1))))
		}
	}
	for low, e := range f.rest.entries {
		if k.entries[low] == nil {
			k.entries[low] = e
		}
	}
	k.listTheRest(safenetNotNeeded)
	f.warnLines(f.odd)
}

// The names that a value goes by.
var (
	safenetGateway  = []string{"gatewayip", "gatewayaddress", "gatewayname", "gatewaydomain", "securegateway", "gwip", "gwaddress", "remotegateway"}
	safenetGateID   = []string{"gatewayidtype", "gwidtype"}
	safenetIDType   = []string{"localidtype", "myidtype", "idtype"}
	safenetID       = []string{"localidvalue", "localid", "myid", "idvalue"}
	safenetVirtual  = []string{"virtualip", "virtualipaddress", "internalip", "virtualadapterip"}
	safenetRemote   = []string{"remoteip", "remoteidvalue", "remoteaddress", "remotesubnet"}
	safenetMask     = []string{"remotemask", "remoteidmask", "remotesubnetmask"}
	safenetKind     = []string{"remoteidtype"}
	safenetExchange = []string{"exchangemode", "exchangetype", "negotiationmode", "phase1mode", "mode"}
	safenetPFS      = []string{"pfsgroup", "pfskeygroup", "quickmodegroup"}
)

func (k *keys) has(names ...string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return k.entries[n] != nil && k.entries[n].value != "" })
}

// either is the value under the first of the names that has one.
func (k *keys) either(names ...string) string {
	for _, name := range names {
		if k.has(name) {
			return k.text(name)
		}
	}
	return ""
}

// doi is the number under the first of the names that has one.
func (k *keys) doi(def int64, names ...string) int64 {
	for _, name := range names {
		if k.has(name) {
			return k.number(name, def)
		}
	}
	return def
}

// safenet is one connection of a policy.
type safenet struct{ *keys }

// profile translates it, in the order of the profile's own tables.
func (f safenet) profile(vendor string) (Profile, error) {
	var p Profile
	p.Gateway.Vendor = vendor
	p.Gateway.Addresses = []string{f.either(safenetGateway...)}
	f.doi(0, safenetGateID...) // the gateway's identity is its address
	p.Name = title(f.either("name", "group", "connectionname"), p.Gateway.Addresses[0])
	p.Auth.LocalID = f.localID()
	f.phase1(&p.IKE)
	if err := f.auth(&p.Auth); err != nil {
		return Profile{}, err
	}
	f.phase2(&p.ESP)
	f.network(&p.Network)
	return p, nil
}

func (f safenet) localID() ID {
	return ID{Type: numbered(idTypes, "type ", f.doi(1, safenetIDType...)), Value: f.either(safenetID...)}
}

// auth: the first proposal of Phase 1 says how both sides prove who they are.
// The shared key is encrypted for the computer where the policy was made.
func (f safenet) auth(a *Auth) error {
	method := int64(0)
	for _, name := range f.proposals("phase1") {
		method = cmp.Or(method, f.doi(0, name+"authmethod", name+"authenticationmethod"))
	}
	switch method {
	case 0, 1:
		a.Method = "psk"
	case 65001:
		a.Method = "psk-xauth"
	default:
		return noCertificate("SafeNet policy")
	}
	f.ignore("it can only be read on the computer where it was made", "presharedkey", "psk", "key", "preshared")
	a.PSK = f.psk("")
	return nil
}

// proposals are the begins of names of the proposals of a phase, in order.
func (f safenet) proposals(phase string) []string {
	var out []string
	for low := range f.entries {
		if i := strings.LastIndexByte(low, '.'); i > 0 && strings.HasPrefix(low, phase) {
			out = append(out, low[:i+1])
		}
	}
	slices.SortFunc(out, func(a, b string) int { return cmp.Or(len(a)-len(b), strings.Compare(a, b)) })
	return slices.Compact(out)
}

var (
	safenetCiphers    = map[int64]string{1: "des", 5: "3des", 7: "aes"} // RFC 2409 appendix A, IANA
	safenetTransforms = map[int64]string{2: "des", 3: "3des", 11: "null", 12: "aes"}
)

func (f safenet) phase1(i *IKE) {
	i.Exchange = "aggressive"
	if f.doi(4, safenetExchange...) == 2 {
		i.Exchange = "main"
	}
	for _, name := range f.proposals("phase1") {
		cipher := f.cipher(name, safenetCiphers, "encalg", "encryptalg", "encryptionalgorithm")
		hash := numbered(hashNumbers, "hash", f.doi(2, name+"hashalg", name+"hashalgorithm"))
		group := numbered(dhGroups, "group", f.doi(2, name+"groupdesc", name+"keygroup", name+"dhgroup"))
		i.Proposals = append(i.Proposals, cipher+"-"+hash+"-"+group)
		f.life(name, &i.Lifetime, nil)
	}
	if i.Proposals = unique(i.Proposals); len(i.Proposals) == 0 {
		f.warn("The policy has no proposals for Phase 1: AES and 3DES are offered, DES is not.")
	}
}

// cipher is a cipher with the length of its key.
func (f safenet) cipher(name string, words map[int64]string, keys ...string) string {
	for i := range keys {
		keys[i] = name + keys[i]
	}
	bits := f.doi(0, name+"keylength", name+"keylen")
	word := numbered(words, "cipher", f.doi(0, keys...))
	if word == "aes" {
		return fmt.Sprintf("aes%d", cmp.Or(bits, 128))
	}
	return word
}

// life is a lifetime in seconds (type 1) or in KiB (type 2), and both under
// names of their own.
func (f safenet) life(name string, d *Duration, kb *uint64) {
	kind, n := f.doi(1, name+"lifetype"), f.doi(0, name+"lifeduration", name+"lifeseconds", name+"salifesec")
	if kind == 1 && n > 0 {
		*d = Every(time.Duration(n) * time.Second)
	}
	size := f.doi(0, name+"lifekbytes", name+"salifekb")
	if kind == 2 {
		size = n
	}
	switch {
	case kb != nil:
		*kb = uint64(size)
	case size > 0:
		f.warn("A lifetime of Phase 1 in KiB is ignored: Phase 1 is renewed by time.")
	}
}

func (f safenet) phase2(e *ESP) {
	for _, name := range f.proposals("phase2") {
		cipher := f.cipher(name, safenetTransforms, "transform", "esptransform", "encalg", "encryptalg")
		e.Proposals = append(e.Proposals, cipher+"-"+numbered(authNumbers, "hash", f.doi(2, name+"authalg", name+"hashalg")))
		f.life(name, &e.Lifetime, &e.LifetimeKB)
		if f.doi(1, name+"encapsulation", name+"encapmode") == 2 {
			f.warn("Transport mode is not offered: the tunnel mode is used.")
		}
	}
	if e.Proposals = unique(e.Proposals); len(e.Proposals) == 0 {
		f.warn("The policy has no proposals for Phase 2: AES and 3DES are offered, DES is not.")
	}
	e.PFS = "none"
	if n := f.doi(0, safenetPFS...); n != 0 {
		e.PFS = numbered(dhGroups, "group", n)
	}
}

// network: without a virtual IP SafeNet used the computer's own address, which
// no gateway knows beforehand.
func (f safenet) network(n *Network) {
	n.VirtualIP.Mode = "mode-config"
	if s := f.either(safenetVirtual...); s != "" && s != "0.0.0.0" {
		n.VirtualIP = VirtualIP{Mode: "static", Address: f.address("virtual IP", s)}
	} else {
		f.warn("The policy has no virtual IP: the gateway is asked for one.")
	}
	p, ok := f.remote()
	switch {
	case !ok: // Validate says so when the address is static
		f.warn("The policy names no network behind the gateway in a way that is known here.")
	case p.Bits() == 0:
		f.warn("All traffic goes through the tunnel.")
		n.FullTunnel = true
	default:
		n.Networks = []netip.Prefix{p}
	}
}

// remote is the network behind the gateway: an address (1) or a subnet (4).
func (f safenet) remote() (netip.Prefix, bool) {
	s, mask := f.either(safenetRemote...), f.either(safenetMask...)
	if f.doi(4, safenetKind...) == 1 {
		mask = "255.255.255.255"
	}
	return maskedPrefix(s + "/" + mask)
}
