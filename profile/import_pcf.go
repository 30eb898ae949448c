package profile

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// pcfFormat is the connection file of Cisco's IPsec client (version 3 to 5),
// an INI file with one section.
var pcfFormat = format{name: "Cisco .pcf", is: isPCF, read: readPCF}

func isPCF(text []byte) bool {
	sections := sectionsOf(text)
	return len(sections) > 0 && sections[0] == "main"
}

// pcfNotNeeded are keys that say nothing about this connection, or what muvpn
// does by itself.
var pcfNotNeeded = []string{
	"enableispconnect", "ispconnecttype", "ispconnect", "ispphonebook", "spphonebook", "enablemslogon", "mslogontype", "sdiusehardwaretoken",
	"dialupwait", "forcekeepalives", "enablesplitdns", "tcptunnelingport", "sendcertchain", "radiussdi", "forcenetlogin",
}

func readPCF(text []byte) (Profile, []string, error) {
	f := parseINI(text)
	p, err := pcfProfile(f.section("main"))
	if err != nil {
		return Profile{}, nil, err
	}
	if f.locked {
		f.warn("Settings that the file locks (!) are taken over like the others.")
	}
	f.listTheRest(pcfNotNeeded)
	return p, f.warnings, nil
}

// pcfProfile translates the file, in the order of the profile's own tables.
func pcfProfile(k *keys) (Profile, error) {
	p := ciscoProfile()
	p.Gateway.Vendor = "cisco"
	p.Gateway.Addresses = k.pcfServers()
	p.Name = title(slices.Concat([]string{k.text("Description")}, p.Gateway.Addresses, []string{"Cisco VPN"})...)
	if err := k.pcfAuth(&p.Auth); err != nil {
		return Profile{}, err
	}
	k.ciscoOffer(&p, k.pcfGroup(), k.flag("SingleDES", false))
	p.IKE.DPD = k.seconds("PeerTimeout", 90, time.Second, time.Hour)
	if !k.flag("EnableNat", true) {
		p.IKE.NATTraversal = "off"
	}
	if lan := k.octets("EnableLocalLAN"); lan != "" {
		p.Policy.AllowLocalLAN = new(k.flag("EnableLocalLAN", false))
	}
	k.pcfNotOffered()
	return p, nil
}

// pcfServers are the gateway and, when they are switched on, its backups.
func (k *keys) pcfServers() []string {
	servers := k.list("Host")
	backups := k.list("BackupServer")
	if !k.flag("EnableBackup", false) {
		k.ignore("EnableBackup is off", "BackupServer")
		return servers
	}
	for _, s := range backups {
		if !slices.Contains(servers, s) {
			servers = append(servers, s)
		}
	}
	return servers
}

// pcfAuth: 1 is a group's key and a user's password, 3 a certificate, 5 the
// gateway's certificate and a user's password.
func (k *keys) pcfAuth(a *Auth) error {
	switch k.number("AuthType", 1) {
	case 1:
		a.Method = "psk-xauth"
	case 3:
		return noCertificate("Cisco .pcf")
	case 5:
		a.Method = "hybrid-xauth"
	default:
		return errors.New("AuthType is none of 1 (group password), 3 (certificate) and 5 (mutual group); ask your administrator which one it is")
	}
	a.LocalID = ID{Type: "key_id", Value: k.text("GroupName")}
	a.XAuth = XAuth{Username: k.text("Username"), Save: k.flag("SaveUserPassword", false)}
	k.ignore(asksUser, "UserPassword", "enc_UserPassword")
	k.ignore("if the gateway asks for a domain, the user name is written as DOMAIN\\user", "NTDomain")
	return k.pcfGroupKey(a)
}

// pcfGroupKey takes the group's password, which the gateway's certificate
// makes needless.
func (k *keys) pcfGroupKey(a *Auth) error {
	if !a.usesPSK() {
		k.ignore("the gateway shows a certificate instead", "GroupPwd", "enc_GroupPwd")
		k.warn("The gateway's certificate must lead to one that this computer trusts: the file holds none.")
		return nil
	}
	key, hidden := k.octets("GroupPwd"), k.octets("enc_GroupPwd")
	if key == "" && hidden != "" {
		shown, err := showCisco(hidden)
		if err != nil {
			return fmt.Errorf("enc_GroupPwd %w", err)
		}
		key = shown
	} else if hidden != "" {
		k.ignore("GroupPwd stands there in clear", "enc_GroupPwd")
	}
	a.PSK = k.psk(key)
	return nil
}

func (k *keys) pcfGroup() string {
	n := k.number("DHGroup", 2)
	if group, ok := dhGroups[n]; ok {
		return group
	}
	k.warn("DHGroup is no group that is known here: group 2 is offered.")
	return "modp1024"
}

// pcfNotOffered warns about what Cisco's client can do and muvpn does not.
func (k *keys) pcfNotOffered() {
	if k.number("TunnelingMode", 0) != 0 {
		k.warn("TunnelingMode is ignored: IPsec over TCP is not offered, the gateway must accept UDP.")
	}
	k.ignore(runsProgram, "ISPCommand")
	k.ignore(namesPath, "CertPath")
	k.ignore("a certificate of the computer where it was made is not read", "CertStore", "CertName", "CertSubjectName", "CertSerialHash")
	k.ignore("the gateway's certificate is held against the name that is dialled", "VerifyCertDN")
}
