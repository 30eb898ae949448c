package profile

import (
	"cmp"
	"slices"
	"time"
)

// preset is what a make of gateway expects out of the box: it fills in keys
// that are absent, before the general defaults do. Nothing in it needs
// security "legacy": a gateway that offers only DES, MD5 or group 1 needs a
// profile that lists them. Who the user is and how he proves it is never
// filled in.
type preset struct {
	exchange    string
	ike         []string
	ikeLifetime time.Duration
	esp         []string
	espLifetime time.Duration
	pfs         string
	virtualIP   string
}

// presets are for IKEv1, by gateway.vendor. In Aggressive Mode an offer has one
// group, and a gateway that does not like it may just be silent: the group that
// is usual with the make comes first, the strong ones before the weak where the
// make refuses aloud.
//
// What is the same for all stays with the defaults: NAT is detected; a gateway
// is probed after 30 seconds, whose interval is not negotiated; identities
// have protocol and port 0/0, which all accept; and the third message of
// Aggressive Mode is encrypted, which all can read.
var presets = map[string]preset{
	// Fireware offers AES-256, SHA-256 and group 14 since version 12 and AES,
	// SHA-1 and group 2 before, for 8 hours; it says NO-PROPOSAL-CHOSEN aloud.
	// A Firebox of 2001 has 3DES at best. PFS is on in Fireware and off in
	// 2001, so the gateway is asked.
	"watchguard": {
		exchange: "aggressive",
		ike:      []string{"aes256-sha256-modp2048", "aes256-sha1-modp1024", "3des-sha1-modp1024"}, ikeLifetime: 8 * time.Hour,
		esp: []string{"aes256-sha256", "aes256-sha1", "3des-sha1"}, espLifetime: 8 * time.Hour,
		pfs: "gateway", virtualIP: "mode-config",
	},
	// Easy VPN: Aggressive Mode with a group key and group 2, which is what
	// Cisco's own client offers; its Phase 1 has no SHA-256 on an ASA. PFS is
	// not supported. A day and 8 hours are the ASA's defaults; IOS, with an
	// hour in Phase 2, takes the shorter.
	"cisco": {
		exchange: "aggressive",
		ike:      []string{"aes256-sha1-modp1024", "aes128-sha1-modp1024", "3des-sha1-modp1024", "aes256-sha1-modp2048"}, ikeLifetime: 24 * time.Hour,
		esp: []string{"aes256-sha1", "aes128-sha1", "3des-sha1"}, espLifetime: 8 * time.Hour,
		pfs: "none", virtualIP: "mode-config",
	},
	// FRITZ!OS wants group 2 first in Aggressive Mode and no PFS for
	// users; newer ones know SHA-512 and group 14 too. An hour for both.
	"fritzbox": {
		exchange: "aggressive",
		ike:      []string{"aes256-sha1-modp1024", "3des-sha1-modp1024", "aes256-sha512-modp2048"}, ikeLifetime: time.Hour,
		esp: []string{"aes256-sha512", "aes256-sha1", "3des-sha1"}, espLifetime: time.Hour,
		pfs: "none", virtualIP: "mode-config",
	},
	// GroupVPN: 3DES, SHA-1, group 2, 8 hours, no PFS. It gives addresses by
	// DHCP inside the tunnel, which is not offered here: the address is fixed.
	"sonicwall": {
		exchange: "aggressive",
		ike:      []string{"aes256-sha1-modp1024", "3des-sha1-modp1024", "aes256-sha256-modp2048"}, ikeLifetime: 8 * time.Hour,
		esp: []string{"aes256-sha256", "aes256-sha1", "3des-sha1"}, espLifetime: 8 * time.Hour,
		pfs: "none", virtualIP: "static",
	},
	// ScreenOS' predefined proposals: pre-g2-aes128-sha and pre-g2-3des-sha
	// for 8 hours, then g2-esp-… with PFS or nopfs-esp-… for one: the gateway
	// is asked.
	"juniper": {
		exchange: "aggressive",
		ike:      []string{"aes256-sha1-modp1024", "aes128-sha1-modp1024", "3des-sha1-modp1024", "aes256-sha256-modp2048"}, ikeLifetime: 8 * time.Hour,
		esp: []string{"aes256-sha1", "aes128-sha1", "3des-sha1"}, espLifetime: time.Hour,
		pfs: "gateway", virtualIP: "mode-config",
	},
	// FortiOS' dial-up wizard: AES with SHA-256 or SHA-1, groups 14 and 5, a
	// day, then 12 hours with PFS.
	"fortinet": {
		exchange: "aggressive",
		ike:      []string{"aes256-sha256-modp2048", "aes128-sha256-modp2048", "aes128-sha1-modp2048", "aes256-sha256-modp1536", "aes128-sha1-modp1536"}, ikeLifetime: 24 * time.Hour,
		esp: []string{"aes256-sha256", "aes128-sha256", "aes128-sha1"}, espLifetime: 12 * time.Hour,
		pfs: "gateway", virtualIP: "mode-config",
	},
	// A ZyWALL's rules are made for Main Mode, a day in both phases, no PFS; DES
	// and MD5, with which old ones come, must be listed by the profile.
	"zyxel": {
		exchange: "main",
		ike:      []string{"aes256-sha256-modp2048", "aes128-sha1-modp1024", "3des-sha1-modp1024"}, ikeLifetime: 24 * time.Hour,
		esp: []string{"aes256-sha256", "aes128-sha1", "3des-sha1"}, espLifetime: 24 * time.Hour,
		pfs: "none", virtualIP: "static",
	},
	// strongSwan refuses Aggressive Mode with a shared key unless told
	// otherwise, and group 2 unless configured; it renews after 4 hours and
	// after one, and has no PFS unless a group stands in esp_proposals.
	"strongswan": {
		exchange: "main",
		ike:      []string{"aes256-sha256-modp3072", "aes256-sha256-modp2048", "aes128-sha256-modp2048"}, ikeLifetime: 4 * time.Hour,
		esp: []string{"aes256-sha256", "aes128-sha256"}, espLifetime: time.Hour,
		pfs: "none", virtualIP: "mode-config",
	},
}

// preset is the preset that the profile uses, if any. There is none for IKEv2,
// in which gateways differ little.
func (p Profile) preset() (preset, bool) {
	v, ok := presets[p.Gateway.Vendor]
	return v, ok && p.IKE.Version != 2
}

// fillPreset fills in what the make of the gateway expects. An address makes
// the virtual IP static, whatever the make hands out.
func (p *Profile) fillPreset() {
	v, ok := p.preset()
	if !ok {
		return
	}
	p.IKE.Exchange = cmp.Or(p.IKE.Exchange, v.exchange)
	if len(p.IKE.Proposals) == 0 {
		p.IKE.Proposals = slices.Clone(v.ike)
	}
	p.IKE.Lifetime = p.IKE.Lifetime.or(Every(v.ikeLifetime))
	if len(p.ESP.Proposals) == 0 {
		p.ESP.Proposals = slices.Clone(v.esp)
	}
	p.ESP.Lifetime = p.ESP.Lifetime.or(Every(v.espLifetime))
	p.ESP.PFS = cmp.Or(p.ESP.PFS, v.pfs)
	if !p.Network.VirtualIP.Address.IsValid() {
		p.Network.VirtualIP.Mode = cmp.Or(p.Network.VirtualIP.Mode, v.virtualIP)
	}
}
