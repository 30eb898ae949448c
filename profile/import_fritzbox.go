package profile

import (
	"errors"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// fritzFormat is a VPN file of AVM's FRITZ!Box: the box's own (vpncfg), in
// which local and remote are the box's, or its user's (targets).
var fritzFormat = format{name: "FRITZ!Box .cfg", is: isFritz, read: readFritz}

var fritzBegin = regexp.MustCompile(`(^|\n|\r)[ \t]*(vpncfg|targets\s*\{\s*policies)\s*\{`)

func isFritz(text []byte) bool { return fritzBegin.Match(text) }

// fritzNotNeeded are settings that say nothing about this connection, or what
// muvpn does by itself.
var fritzNotNeeded = []string{
	"editable", "boxuser_id", "always_renew", "reject_not_encrypted", "dont_filter_netbios", "connect_on_channelup", "keepalive_ip",
	"localip", "local_virtualip", "virtualip", "remoteip", "remote_virtualip", "cert_do_server_auth", "xauth.valid",
	"phase2localid.ipaddr", "phase2remoteid.ipaddr", "phase2localid.ipnet.ipaddr", "phase2localid.ipnet.mask",
	"phase2remoteid.ipnet.ipaddr", "phase2remoteid.ipnet.mask", "vpncfg.ike_forward_rules", "vpncfg.vpncfg_version",
	"version.revision", "version.creatversion", "name", "datapipecfg.security", "datapipecfg.nat_t_keepalive_interval",
}

func readFritz(text []byte) (Profile, []string, error) {
	f, err := parseFritz(text)
	if err != nil {
		return Profile{}, nil, err
	}
	k, err := f.connection()
	if err != nil {
		return Profile{}, nil, err
	}
	view := boxView
	if !f.boxSide {
		view = userView
	}
	p, err := fritz{k, view}.profile()
	if err != nil {
		return Profile{}, nil, err
	}
	f.listTheRest(k)
	return p, f.warnings, nil
}

// connection is the first one that is for a user; the others are named.
func (f *fritzText) connection() (*keys, error) {
	var users []*keys
	for _, k := range f.connections {
		if !f.boxSide || k.word("conn_type") == "conntype_user" {
			users = append(users, k)
		}
	}
	switch {
	case len(f.connections) == 0:
		return nil, errors.New("the file holds no connection; ask your administrator for the VPN file of the FRITZ!Box")
	case len(users) == 0:
		return nil, errors.New("the file connects networks or is no IPsec (conn_type is not conntype_user), and muvpn connects one computer; let the FRITZ!Box make a VPN connection for a user")
	}
	f.nameOthers(users[0])
	return users[0], nil
}

func (f *fritzText) nameOthers(taken *keys) {
	var others []string
	for i, k := range f.connections {
		if k != taken {
			others = append(others, strconv.Quote(title(k.text("name"), "connection "+strconv.Itoa(i+1))))
		}
	}
	f.warnKeys("Other connections of the file are not taken: %s.", others)
}

func (f *fritzText) listTheRest(k *keys) {
	for low, e := range f.rest.entries {
		k.entries[low] = e
	}
	k.twice = append(k.twice, f.rest.twice...)
	k.listTheRest(fritzNotNeeded)
}

// fritzView says which settings are the user's and which the box's.
type fritzView struct {
	ourID, boxID         string
	ourPhase2, boxPhase2 string
	virtualIP            string
	boxNetwork           int // the place of its address in "permit ip …"
}

var (
	boxView  = fritzView{"remoteid", "localid", "phase2remoteid", "phase2localid", "remote_virtualip", 0}
	userView = fritzView{"localid", "remoteid", "phase2localid", "phase2remoteid", "virtualip", 1}
)

// fritz is one connection, seen from one side.
type fritz struct {
	*keys
	fritzView
}

// profile translates the connection, in the order of the profile's own tables.
func (f fritz) profile() (Profile, error) {
	var p Profile
	p.Gateway = Gateway{Vendor: "fritzbox", Addresses: f.servers(), ID: f.id(f.boxID)}
	if len(p.Gateway.Addresses) == 0 {
		return Profile{}, errors.New("the file does not say where the FRITZ!Box is reached; write its name into the connection, as localid { fqdn = \"….myfritz.net\"; }, or import the user's file (vpnuser_….cfg)")
	}
	p.Name = p.Gateway.Addresses[0]
	if err := f.auth(&p.Auth); err != nil {
		return Profile{}, err
	}
	f.phase1(&p.IKE)
	f.phase2(&p.ESP)
	f.network(&p.Network)
	if !f.flag("enabled", true) {
		f.warn("The connection is switched off (enabled = no): switch it on in the FRITZ!Box.")
	}
	return p, nil
}

// servers are where the box is reached. Its own file knows only the name that
// it calls itself.
func (f fritz) servers() []string {
	if f.virtualIP == userView.virtualIP {
		for _, s := range []string{f.text("remotehostname"), f.text("remoteip")} {
			if s != "" && s != "0.0.0.0" {
				return []string{s}
			}
		}
	}
	f.ignore("it is the user's", "remotehostname")
	if name := f.text(f.boxID + ".fqdn"); name != "" {
		return []string{name}
	}
	return nil
}

// id is an identity; any when the file names none.
func (f fritz) id(block string) ID {
	for _, kind := range []string{"fqdn", "user_fqdn", "key_id"} {
		if s := f.text(block + "." + kind); s != "" {
			return ID{Type: kind, Value: s}
		}
	}
	if s := f.text(block + ".ipaddr"); s != "" && s != "0.0.0.0" {
		return ID{Type: "ipv4", Value: s}
	}
	return ID{}
}

func (f fritz) auth(a *Auth) error {
	if t := f.word("keytype"); t != "" && !strings.HasSuffix(t, "pre_shared") {
		return noCertificate("FRITZ!Box .cfg")
	}
	a.Method, a.LocalID = "psk", f.id(f.ourID)
	if f.flag("use_xauth", false) {
		a.Method = "psk-xauth"
		a.XAuth.Username = f.text("xauth.username")
	}
	f.ignore(asksUser, "xauth.passwd", "xauth.password")
	key := f.octets("key")
	if strings.HasPrefix(key, "$$$$") {
		f.warn("key is encrypted: only the FRITZ!Box that wrote the file can read it.")
		key = ""
	}
	a.PSK = f.psk(key)
	return nil
}

// network takes the virtual IP and the box's network. The addresses of Phase 2
// are what the box expects to hear; the access list may add to them.
func (f fritz) network(n *Network) {
	n.VirtualIP.Mode = "mode-config"
	if !f.flag("use_cfgmode", false) {
		n.VirtualIP = VirtualIP{Mode: "static", Address: f.virtual()}
	}
	list := f.accessList()
	if s := f.text(f.boxPhase2 + ".ipnet.ipaddr"); s != "" {
		if p, ok := maskedPrefix(s + "/" + f.text(f.boxPhase2+".ipnet.mask")); !ok {
			f.warn("%s is no network with mask: it is ignored.", f.boxPhase2)
		} else if list = append([]netip.Prefix{p}, list...); p.Bits() > 0 {
			list = slices.DeleteFunc(list, func(q netip.Prefix) bool { return q.Bits() == 0 })
		}
	}
	if slices.ContainsFunc(list, func(p netip.Prefix) bool { return p.Bits() == 0 }) {
		n.FullTunnel = true
		f.warn("All traffic goes through the tunnel.")
		return
	}
	slices.SortFunc(list, comparePrefixes)
	n.Networks = f.largest(slices.Compact(list))
}

func comparePrefixes(a, b netip.Prefix) int {
	if c := a.Addr().Compare(b.Addr()); c != 0 {
		return c
	}
	return a.Bits() - b.Bits()
}

// virtual is the user's address inside.
func (f fritz) virtual() netip.Addr {
	for _, name := range []string{f.virtualIP, f.ourPhase2 + ".ipaddr"} {
		if s := f.text(name); s != "" && s != "0.0.0.0" {
			return f.address(name, s)
		}
	}
	return netip.Addr{}
}

// accessList are the box's networks in "permit ip FROM MASK TO MASK".
func (f fritz) accessList() []netip.Prefix {
	var out []netip.Prefix
	for rule := range strings.SplitSeq(f.text("accesslist"), ",") {
		if rule == "" {
			continue
		}
		p, ok := permitted(rule, f.boxNetwork)
		if !ok {
			f.warn("accesslist has an entry that is not of the form \"permit ip NETWORK MASK NETWORK MASK\": it is ignored.")
			continue
		}
		out = append(out, p)
	}
	return out
}

// permitted is one of the two networks of an entry.
func permitted(rule string, which int) (netip.Prefix, bool) {
	words := strings.Fields(rule)
	if len(words) < 4 || words[0] != "permit" || words[1] != "ip" {
		return netip.Prefix{}, false
	}
	words = words[2:]
	var found []netip.Prefix
	for len(words) > 0 {
		switch p, ok := maskedPrefix(strings.Join(words[:min(2, len(words))], "/")); {
		case words[0] == "any":
			found, words = append(found, netip.PrefixFrom(netip.IPv4Unspecified(), 0)), words[1:]
		case words[0] == "host" && len(words) > 1:
			words = append([]string{words[1], "255.255.255.255"}, words[2:]...)
		case ok:
			found, words = append(found, p), words[2:]
		default:
			return netip.Prefix{}, false
		}
	}
	if len(found) != 2 {
		return netip.Prefix{}, false
	}
	return found[which], true
}
