package interop

import (
	"net/netip"
	"time"

	"muvpn/profile"
	"muvpn/service/interop/lab"
)

// The connections of the scenarios.
var (
	stronger   = connection{ike: "3des-sha1-modp1024", esp: "3des-sha1"}
	strongest  = connection{ike: "aes256-sha256-modp2048", esp: "aes256-sha256"}
	modern     = connection{ike: "aes256-sha256-modp2048", esp: "aes128gcm16"}
	mainMode   = connection{main: true, ike: "aes256-sha256-modp2048", esp: "aes128-sha1"}
	onDemand   = connection{ike: "aes256-sha256-modp2048", esp: "aes128-sha256", onDemand: true}
	withPFS    = connection{ike: "aes256-sha256-modp2048", esp: "aes256-sha256", pfs: "modp2048"}
	twoLANs    = connection{ike: "aes256-sha256-modp2048", esp: "aes128-sha256", networks: bothLANs}
	fullTunnel = connection{ike: "aes256-sha256-modp2048", esp: "aes128-sha256", networks: everywhere}
	shortLife  = connection{ike: "aes256-sha256-modp2048", esp: "aes128-sha256", espLifetime: 24 * time.Second, ikeLifetime: 48 * time.Second}
	asItComes  = connection{main: true, preset: "strongswan", ike: "aes256-sha256-modp3072", esp: "aes256-sha256"}
	singleDES  = connection{ike: "des-md5-modp768", esp: "des-md5"}
	trusting   = connection{ike: "aes256-sha256-modp2048", esp: "aes128-sha256", dpd: time.Hour}
	trustsAll  = connection{ike: "aes256-sha256-modp2048", esp: "aes128-sha256", dpd: time.Hour, networks: everywhere}
	watchful   = connection{ike: "aes256-sha256-modp2048", esp: "aes128-sha256", dpd: 5 * time.Second}
	watchesAll = connection{ike: "aes256-sha256-modp2048", esp: "aes128-sha256", dpd: 5 * time.Second, networks: everywhere}
)

// bothLANs are the networks behind the gateway.
var bothLANs = []netip.Prefix{lab.Trusted, lab.Optional}

// What the gateway hands out by Mode-Config. Its networks come in one of two
// forms: 8 octets each from a pool of strongSwan, 14 from a Cisco.
var (
	handedOut = lab.Pool{
		Addresses: netip.PrefixFrom(lab.VirtualIP, 32), DNS: lab.TrustedHost, Domain: lab.Search,
		Banner: "Welcome to the laboratory. Every octet is counted.",
	}
	withSplit, oneSplit = split(bothLANs...), split(lab.Trusted)
)

// split is what is handed out with those networks.
func split(networks ...netip.Prefix) *lab.Pool {
	pool := handedOut
	pool.Split = networks
	return &pool
}

// The connections of XAuth and certificates. They differ in how they begin;
// a small payload is enough.
var (
	xauth     = connection{method: "psk-xauth", ike: "aes256-sha256-modp2048", esp: "aes128-sha256", pool: withSplit, networks: bothLANs, brief: true}
	xauthPFS  = connection{method: "psk-xauth", ike: "aes256-sha256-modp2048", esp: "aes128-sha256", pfs: "modp2048", pool: oneSplit, brief: true}
	pushed    = connection{method: "psk-xauth", ike: "aes256-sha256-modp2048", esp: "aes128-sha256", pool: oneSplit, push: true, brief: true}
	xauthMD5  = connection{method: "psk-xauth", ike: "3des-md5-modp1024", esp: "3des-md5", pool: oneSplit, brief: true}
	xauthMain = connection{main: true, method: "psk-xauth", ike: "aes256-sha1-modp1536", esp: "aes256-sha1", pool: oneSplit, brief: true}
	xauthRSA  = connection{main: true, method: "rsa-xauth", ike: "aes256-sha256-modp2048", esp: "aes128-sha256", pool: oneSplit, brief: true}
	aggrRSA   = connection{method: "rsa", ike: "aes256-sha256-modp2048", esp: "aes128-sha256", brief: true}
	mainRSA   = connection{main: true, method: "rsa", ike: "aes256-sha256-modp2048", esp: "aes128-sha256", brief: true}
	hybrid    = connection{main: true, method: "hybrid-xauth", ike: "aes256-sha256-modp2048", esp: "aes128-sha256", pool: oneSplit, brief: true}
	cisco     = connection{method: "psk-xauth", ike: "3des-sha1-modp1024", esp: "3des-sha1", pool: &handedOut, networks: bothLANs, unity: true, brief: true}
	keyID     = connection{method: "psk-xauth", ike: "3des-sha1-modp1024", esp: "aes128-sha1", id: profile.ID{Type: "key_id", Value: group}, pool: oneSplit, brief: true}
	narrowRSA = connection{main: true, method: "rsa", ike: "aes256-sha256-modp2048", esp: "aes128-sha256", names: 60, narrow: true, brief: true}
	exported  = connection{method: "psk-xauth", ike: "3des-sha1-modp768", esp: "aes256-sha1", pfs: "modp768", pool: oneSplit, brief: true}
	oneRound  = connection{
		method: "psk-xauth", ike: "aes256-sha256-modp2048", esp: "aes128-sha256", pool: oneSplit, brief: true,
		rounds: []lab.Question{{Type: "password", Text: "Your password"}},
	}
	twoRounds = connection{
		method: "psk-xauth", ike: "aes256-sha256-modp2048", esp: "aes128-sha256", pool: oneSplit, brief: true,
		rounds: []lab.Question{{Type: "password", Text: "Your password"}, {Type: "passcode", Text: "The number on your token"}},
	}
)
