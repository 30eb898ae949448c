package interop

import (
	"slices"

	"muvpn/client/reason"
	"muvpn/service/interop/lab"
)

// scenario is one play on a stage of its own.
type scenario struct {
	name   string
	layout lab.Layout
	play   func(*stage)
}

// scenarios are played by `make interop`.
var scenarios = slices.Concat(controls, withPSK, both(beginnings), events, roaming, refusals, both(refusedBeginnings), issued, leaks, attacks)

// controls show that the lab works: strongSwan is the client, too.
var controls = []scenario{
	{"lab control: strongSwan as the client", lab.Direct, control(firebox)},
	{"lab control: strongSwan as the client behind NAT", lab.BehindNAT, control(firebox)},
	{"lab control: XAuth and Mode-Config", lab.Direct, control(xauth)},
	{"lab control: a Cisco", lab.BehindNAT, control(cisco)},
	{"lab control: XAuth with RSA", lab.BehindNAT, control(xauthRSA)},
	{"lab control: hybrid", lab.Direct, control(hybrid)},
	{"lab control: RSA over a path of 1,000 octets", lab.Direct, control(narrowRSA)},
}

// withPSK are whole ways with a pre-shared key and 50 MB.
var withPSK = []scenario{
	{"Aggressive Mode, DES, MD5, group 1; ESP with 3DES and SHA-1", lab.Direct, wholeWay(firebox)},
	{"Aggressive Mode, 3DES, SHA-1, group 2; ESP with 3DES and SHA-1", lab.Direct, wholeWay(stronger)},
	{"Aggressive Mode, AES-256, SHA-256, group 14; ESP with AES and SHA-256", lab.Direct, wholeWay(strongest)},
	{"Aggressive Mode, AES-256, SHA-256, group 14; ESP with AES-GCM", lab.Direct, wholeWay(modern)},
	{"behind NAT: DES, MD5, group 1", lab.BehindNAT, wholeWay(firebox)},
	{"behind NAT: 3DES, SHA-1, group 2", lab.BehindNAT, wholeWay(stronger)},
	{"behind NAT: AES-256, SHA-256, group 14", lab.BehindNAT, wholeWay(strongest)},
	{"Main Mode", lab.Direct, wholeWay(mainMode)},
	{"the preset, and strongSwan as it comes", lab.Direct, wholeWay(asItComes)},
	{"PFS", lab.Direct, wholeWay(withPFS)},
	{"two remote networks", lab.Direct, wholeWay(twoLANs)},
	{"everything through the tunnel", lab.Direct, wholeWay(fullTunnel)},
	{"raw ESP with muvpn-testgw: 3DES and SHA-1", lab.Direct, rawESP(firebox)},
	{"raw ESP with muvpn-testgw: AES and SHA-256", lab.Direct, rawESP(strongest)},
}

// beginnings are whole ways that begin otherwise, each with 5 MB.
var beginnings = []scenario{
	{"Aggressive Mode with XAuth, Mode-Config, split networks of 8 octets", lab.Direct, wholeWay(xauth)},
	{"the same from a Cisco, split networks of 14 octets", lab.Direct, wholeWay(cisco)},
	{"Aggressive Mode with XAuth, Mode-Config, 3DES, MD5", lab.Direct, wholeWay(xauthMD5)},
	{"Main Mode with XAuth", lab.Direct, wholeWay(xauthMain)},
	{"Main Mode with RSA", lab.Direct, wholeWay(mainRSA)},
	{"Aggressive Mode with RSA", lab.Direct, wholeWay(aggrRSA)},
	{"Main Mode with XAuth and RSA", lab.Direct, wholeWay(xauthRSA)},
	{"hybrid", lab.Direct, wholeWay(hybrid)},
	{"XAuth and PFS", lab.Direct, wholeWay(xauthPFS)},
	{"an identity of type KEY_ID", lab.Direct, wholeWay(keyID)},
	{"two rounds of XAuth, answered at a terminal", lab.Direct, twoRoundsAtATerminal},
}

// both are scenarios without NAT, and again behind one.
func both(list []scenario) []scenario {
	out := slices.Clone(list)
	for _, s := range list {
		out = append(out, scenario{"behind NAT: " + s.name, lab.BehindNAT, s.play})
	}
	return out
}

// events are what happens once, or to a tunnel that is up.
var events = []scenario{
	{"Main Mode behind NAT", lab.BehindNAT, wholeWay(mainMode)},
	{"the gateway pushes Mode-Config", lab.Direct, wholeWay(pushed)},
	{"RSA with IKE fragments over a path of 1,000 octets", lab.Direct, inFragments},
	{"a Firebox's file for Shrew, as it is", lab.Direct, shrewFile},
	{"XAuth again under a running transfer", lab.Direct, xauthAgainUnderLoad},

	{"Quick Mode comes with the first packet", lab.Direct, quickModeComesLate},
	{"muvpnd is killed while it waits for traffic", lab.Direct, killedWhileDormant},
	{"behind NAT that forgets: keepalives hold the mapping", lab.BehindNAT, staysReachable},
	{"rekey of both phases under a running transfer", lab.Direct, rekeysUnderLoad},
	{"the gateway rekeys Phase 2", lab.Direct, gatewayRekeysPhase2},
	{"the gateway rekeys Phase 1", lab.Direct, gatewayRekeysPhase1(strongest)},
	{"the gateway rekeys Phase 1 with RSA", lab.Direct, gatewayRekeysPhase1(mainRSA)},
	{"the gateway is restarted", lab.Direct, gatewayRestarts},
	{"the gateway deletes the SA", lab.Direct, gatewayDeletes},
	{"the client's address changes", lab.Direct, clientMoves},
	{"a line that loses every tenth packet", lab.Direct, badLine},
	{"muvpnd is killed in every state", lab.Direct, killsEverywhere},
}

// roaming is what happens on the road; `make roaming` plays it in full.
var roaming = []scenario{
	{"the Wi-Fi changes", lab.OnTheRoad, wifiChanges},
	{"from cable to Wi-Fi and back", lab.OnTheRoad, linksChange},
	{"the client's network is lost for a while", lab.OnTheRoad, linkIsLost},
	{"the gateway's address changes in DNS", lab.OnTheRoad, gatewayMoves(watchful)},
	{"the gateway's address changes in DNS, everything through the tunnel", lab.OnTheRoad, gatewayMoves(watchesAll)},
	{"the gateway is rebooted", lab.OnTheRoad, gatewayReboots},
}

// refusals end in a Reason, or in a way around what is refused.
var refusals = []scenario{
	{"wrong PSK", lab.Direct, refused(firebox, reason.PSKWrong, wrongPSK)},
	{"unknown identity", lab.Direct, refused(firebox, reason.IDUnknown, unknownIdentity)},
	{"no common proposal in Phase 1", lab.Direct, refused(firebox, reason.P1Proposal, noCommonIKE)},
	{"no common proposal in Phase 2", lab.Direct, refused(firebox, reason.P2Proposal, noCommonESP)},
	{"wrong networks", lab.Direct, refused(firebox, reason.P2Selector, wrongNetworks)},
	{"UDP 500 is blocked", lab.Direct, ikeIsBlocked},
	{"UDP 4500 is blocked", lab.Direct, nattIsBlocked},
	{"IP protocol 50 is blocked", lab.Direct, espIsBlocked},
	{"UDP encapsulation is off and needed", lab.Direct, encapsulationIsOff},

	{"the gateway wants XAuth, the profile has none", lab.Direct, refused(strongest, reason.XAuthExpected, wantsTheUser)},
}

// refusedBeginnings are refusals of a gateway of today.
var refusedBeginnings = []scenario{
	{"wrong password", lab.Direct, refused(xauth, reason.UserAuth, wrongPassword)},
	{"wrong password, hybrid", lab.Direct, refused(hybrid, reason.UserAuth, wrongPassword)},
	{"locked user", lab.Direct, refused(oneRound, reason.UserAuth, lockedUser)},
	{"the gateway's certificate has another name", lab.Direct, refused(hybrid, reason.CertName, otherName)},
	{"the gateway's certificate has expired", lab.Direct, refused(hybrid, reason.CertExpired, expired)},
	{"the gateway's certificate is of an unknown authority", lab.Direct, refused(mainRSA, reason.CertUntrusted, unknownAuthority)},
	{"our certificate is of an unknown authority", lab.Direct, refused(mainRSA, reason.CertUntrusted, strangerToTheGateway)},
}

// issued are what muvpn admin issue makes of a roster, for both sides.
var issued = []scenario{
	{"profiles and a swanctl.conf from a roster", lab.Direct, issuedProfiles},
	{"certificates beside shared keys from a roster", lab.Direct, issuedCertificates},
}

// rawScenarios are played by `make interop-raw`: ESP as IP protocol 50, with
// the ESP of a real kernel.
var rawScenarios = []scenario{
	{"lab control: strongSwan as the client, ESP in UDP", lab.OwnKernel, control(firebox)},

	{"DES, MD5, group 1; ESP with DES and MD5", lab.OwnKernel, wholeWay(singleDES)},
	{"DES, MD5, group 1; ESP with 3DES and SHA-1", lab.OwnKernel, wholeWay(firebox)},
	{"AES-256, SHA-256, group 14; ESP with AES and SHA-256", lab.OwnKernel, wholeWay(strongest)},
	{"AES-256, SHA-256, group 14; ESP with AES-GCM", lab.OwnKernel, wholeWay(modern)},
	{"rekey of both phases under a running transfer", lab.OwnKernel, rekeysUnderLoad},
	{"the gateway rekeys Phase 2", lab.OwnKernel, gatewayRekeysPhase2},
}
