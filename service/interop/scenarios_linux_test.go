package interop

import (
	"net/netip"
	"time"

	"muvpn/client/reason"
	"muvpn/service/interop/lab"
)

// scenario is one play on a stage of its own.
type scenario struct {
	name   string
	layout lab.Layout
	play   func(*stage)
}

// The connections of the scenarios.
var (
	stronger   = connection{ike: "3des-sha1-modp1024", esp: "3des-sha1"}
	strongest  = connection{ike: "aes256-sha256-modp2048", esp: "aes256-sha256"}
	modern     = connection{ike: "aes256-sha256-modp2048", esp: "aes128gcm16"}
	mainMode   = connection{main: true, ike: "aes256-sha256-modp2048", esp: "aes128-sha1"}
	onDemand   = connection{ike: "aes256-sha256-modp2048", esp: "aes128-sha256", onDemand: true}
	withPFS    = connection{ike: "aes256-sha256-modp2048", esp: "aes256-sha256", pfs: "modp2048"}
	twoLANs    = connection{ike: "aes256-sha256-modp2048", esp: "aes128-sha256", networks: []netip.Prefix{lab.Trusted, lab.Optional}}
	fullTunnel = connection{ike: "aes256-sha256-modp2048", esp: "aes128-sha256", networks: everywhere}
	shortLife  = connection{ike: "aes256-sha256-modp2048", esp: "aes128-sha256", espLifetime: 24 * time.Second, ikeLifetime: 48 * time.Second}
	asItComes  = connection{main: true, preset: "strongswan", ike: "aes256-sha256-modp3072", esp: "aes256-sha256"}
	singleDES  = connection{ike: "des-md5-modp768", esp: "des-md5"}
	trusting   = connection{ike: "aes256-sha256-modp2048", esp: "aes128-sha256", dpd: time.Hour}
	trustsAll  = connection{ike: "aes256-sha256-modp2048", esp: "aes128-sha256", dpd: time.Hour, networks: everywhere}
	watchful   = connection{ike: "aes256-sha256-modp2048", esp: "aes128-sha256", dpd: 5 * time.Second}
)

var scenarios = []scenario{
	{"lab control: strongSwan as the client", lab.Direct, strongSwanConnects},
	{"lab control: strongSwan as the client behind NAT", lab.BehindNAT, strongSwanConnects},

	{"Aggressive Mode, DES, MD5, group 1; ESP with 3DES and SHA-1", lab.Direct, wholeWay(firebox)},
	{"Aggressive Mode, 3DES, SHA-1, group 2; ESP with 3DES and SHA-1", lab.Direct, wholeWay(stronger)},
	{"Aggressive Mode, AES-256, SHA-256, group 14; ESP with AES and SHA-256", lab.Direct, wholeWay(strongest)},
	{"Aggressive Mode, AES-256, SHA-256, group 14; ESP with AES-GCM", lab.Direct, wholeWay(modern)},
	{"Quick Mode comes with the first packet", lab.Direct, quickModeComesLate},
	{"behind NAT: DES, MD5, group 1", lab.BehindNAT, wholeWay(firebox)},
	{"behind NAT: 3DES, SHA-1, group 2", lab.BehindNAT, wholeWay(stronger)},
	{"behind NAT: AES-256, SHA-256, group 14", lab.BehindNAT, wholeWay(strongest)},
	{"behind NAT that forgets: keepalives hold the mapping", lab.BehindNAT, staysReachable},
	{"Main Mode", lab.Direct, wholeWay(mainMode)},
	{"the preset, and strongSwan as it comes", lab.Direct, wholeWay(asItComes)},
	{"certificates, Main Mode, in fragments", lab.Direct, certified(mainMode)},
	{"certificates, Aggressive Mode", lab.Direct, certified(strongest)},
	{"certificates, Main Mode behind NAT", lab.BehindNAT, certified(mainMode)},
	{"PFS", lab.Direct, wholeWay(withPFS)},
	{"two remote networks", lab.Direct, wholeWay(twoLANs)},
	{"everything through the tunnel", lab.Direct, wholeWay(fullTunnel)},

	{"rekey of both phases under a running transfer", lab.Direct, rekeysUnderLoad},
	{"the gateway rekeys Phase 2", lab.Direct, gatewayRekeysPhase2},
	{"the gateway rekeys Phase 1", lab.Direct, gatewayRekeysPhase1},
	{"the gateway rekeys Phase 1 with certificates", lab.Direct, gatewayRekeysCertified},
	{"the gateway is restarted", lab.Direct, gatewayRestarts},
	{"the gateway deletes the SA", lab.Direct, gatewayDeletes},
	{"the client's address changes", lab.Direct, clientMoves},
	{"the client's network is lost for a while", lab.Direct, linkIsLost},
	{"a line that loses every tenth packet", lab.Direct, badLine},
	{"muvpnd is killed", lab.Direct, clientIsKilled},

	{"raw ESP with muvpn-testgw: 3DES and SHA-1", lab.Direct, rawESP(firebox)},
	{"raw ESP with muvpn-testgw: AES and SHA-256", lab.Direct, rawESP(strongest)},

	{"wrong PSK", lab.Direct, refused(reason.PSKWrong, wrongPSK)},
	{"the gateway's certificate is for another name", lab.Direct, refusedCertificate(reason.CertName, anotherName)},
	{"the gateway's certificate is of another authority", lab.Direct, refusedCertificate(reason.CertUntrusted, anotherAuthority)},
	{"the gateway does not trust the user's certificate", lab.Direct, refusedCertificate(reason.CertUntrusted, strangeUser)},
	{"unknown identity", lab.Direct, refused(reason.IDUnknown, unknownIdentity)},
	{"no common proposal in Phase 1", lab.Direct, refused(reason.P1Proposal, noCommonIKE)},
	{"no common proposal in Phase 2", lab.Direct, refused(reason.P2Proposal, noCommonESP)},
	{"wrong networks", lab.Direct, refused(reason.P2Selector, wrongNetworks)},
	{"UDP 500 is blocked", lab.Direct, ikeIsBlocked},
	{"UDP 4500 is blocked", lab.Direct, nattIsBlocked},
	{"IP protocol 50 is blocked", lab.Direct, espIsBlocked},
	{"UDP encapsulation is off and needed", lab.Direct, encapsulationIsOff},
}

// rawScenarios are played by `make interop-raw`: ESP as IP protocol 50, with
// the ESP of a real kernel.
var rawScenarios = []scenario{
	{"lab control: strongSwan as the client, ESP in UDP", lab.OwnKernel, strongSwanConnects},

	{"DES, MD5, group 1; ESP with DES and MD5", lab.OwnKernel, wholeWay(singleDES)},
	{"DES, MD5, group 1; ESP with 3DES and SHA-1", lab.OwnKernel, wholeWay(firebox)},
	{"AES-256, SHA-256, group 14; ESP with AES and SHA-256", lab.OwnKernel, wholeWay(strongest)},
	{"AES-256, SHA-256, group 14; ESP with AES-GCM", lab.OwnKernel, wholeWay(modern)},
	{"rekey of both phases under a running transfer", lab.OwnKernel, rekeysUnderLoad},
	{"the gateway rekeys Phase 2", lab.OwnKernel, gatewayRekeysPhase2},
}
