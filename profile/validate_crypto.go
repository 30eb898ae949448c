package profile

import (
	"fmt"
	"slices"
	"time"

	"muvpn/client/reason"
)

// methods are the values of auth.method, each with the version of IKE that
// has it; 0: both.
var methods = map[string]int{
	"psk": 0, "rsa": 0, "psk-xauth": 1, "rsa-xauth": 1, "hybrid-xauth": 1, "eap-mschapv2": 2, "eap-tls": 2,
}

func (f *Faults) auth(a Auth, version int) {
	switch needs, ok := methods[a.Method]; {
	case !ok:
		f.add("auth.method", fmt.Sprintf("unknown value %q", a.Method), "use psk, psk-xauth, rsa, rsa-xauth, hybrid-xauth, eap-mschapv2 or eap-tls")
	case needs != 0 && needs != version:
		f.add("auth.method", fmt.Sprintf("%s is of IKE version %d, the profile says %d", a.Method, needs, version), "change the method or ike.version")
	}
	f.localID(a)
	if a.usesPSK() {
		f.psk(a.PSK)
	}
	f.text("auth.xauth.username", a.XAuth.Username)
	f.certificates(a, version)
}

func (f *Faults) localID(a Auth) {
	switch {
	case a.LocalID == ID{}:
		if a.usesPSK() || a.Method == "hybrid-xauth" {
			f.add("auth.local_id", "missing", `say who the user is to the gateway, such as { type = "user_fqdn", value = "lisa" }`)
		}
	case a.LocalID.Type == "any":
		f.add("auth.local_id", `"any" is nobody`, "give the identity that the gateway knows")
	case a.LocalID == ID{Type: "ipv4"}: // the address that the tunnel leaves from
	default:
		f.identity("auth.local_id", a.LocalID)
	}
}

func (f *Faults) psk(k PSK) {
	f.oneOf("auth.psk.source", k.Source, []string{"inline", "passphrase", "prompt"})
	switch n := len(k.Value.Reveal()); {
	case k.Source == "inline" && n == 0:
		f.add("auth.psk.value", "missing", `give the key, or say source = "prompt"`)
	case k.Source != "inline" && n != 0:
		f.add("auth.psk.value", fmt.Sprintf("a key although its source is %q", k.Source), `take it away, or say source = "inline"`)
	case n > maxSecret:
		f.add("auth.psk.value", fmt.Sprintf("longer than %d octets", maxSecret), "use a shorter key")
	}
}

func (f *Faults) ike(i IKE) {
	if i.Version != 1 && i.Version != 2 {
		f.add("ike.version", fmt.Sprintf("%d is no version of IKE", i.Version), "use 1 or 2")
	}
	f.oneOf("ike.exchange", i.Exchange, []string{"aggressive", "main"})
	f.proposals("ike.proposals", i.Proposals, ParseIKEProposal, func(p Proposal) string { return notInIKE(p, i.Version) })
	f.between("ike.lifetime", i.Lifetime, 10*time.Second, 30*24*time.Hour)
	f.oneOf("ike.nat_traversal", i.NATTraversal, []string{"auto", "force", "off"})
	f.offOrBetween("ike.dpd", i.DPD, time.Second, time.Hour)
	f.between("ike.give_up", i.GiveUp, time.Second, 10*time.Minute)
	if i.IDPort != 0 && i.IDPort != 500 {
		f.add("ike.id_port", fmt.Sprintf("%d is not a port that gateways expect", i.IDPort), "use 0 or 500")
	}
}

func (f *Faults) esp(e ESP, version int) {
	f.proposals("esp.proposals", e.Proposals, ParseESPProposal, func(p Proposal) string { return notInESP(p, version) })
	f.oneOf("esp.pfs", e.PFS, append([]string{"none", "gateway"}, groups...))
	if version == 1 && e.PFS == "curve25519" {
		f.add("esp.pfs", "curve25519 has no number in IKEv1", "use another group, or ike.version = 2")
	}
	f.between("esp.lifetime", e.Lifetime, 10*time.Second, 30*24*time.Hour)
	if e.LifetimeKB > 1<<32-1 {
		f.add("esp.lifetime_kb", "more than 4294967295 KiB", "use 0 for no limit")
	}
	if e.SHA256Truncation != 128 && e.SHA256Truncation != 96 {
		f.add("esp.sha256_truncation", fmt.Sprintf("%d bits", e.SHA256Truncation), "use 128, or 96 for some old gateways")
	}
	f.oneOf("esp.idci", e.IDci, []string{"host", "subnet"})
}

// proposals checks that each can be read, can be said in this version of IKE
// (forbidden tells why not), and stands once.
func (f *Faults) proposals(key string, list []string, parse func(string) (Proposal, error), forbidden func(Proposal) string) {
	f.atMost(key, len(list), maxProposals)
	var seen []Proposal
	for i, s := range list[:min(len(list), maxProposals)] {
		p, err := parse(s)
		switch {
		case err != nil:
			f.add(at(key, i), err.Error(), "see docs/exp.md for the keywords")
			continue
		case slices.Contains(seen, p):
			f.add(at(key, i), fmt.Sprintf("%q stands there already", s), "take one away")
		case forbidden(p) != "":
			f.add(at(key, i), fmt.Sprintf("%q: %s", s, forbidden(p)), "offer something else")
		}
		seen = append(seen, p)
	}
}

// notInIKE says why a version of IKE cannot offer the proposal for itself.
func notInIKE(p Proposal, version int) string {
	switch {
	case p.Encryption == "null":
		return "IKE is never without encryption"
	case version == 1 && p.AEAD():
		return p.Encryption + " does not exist in Phase 1 of IKEv1"
	case version == 1 && p.PRF != "" && p.PRF != p.Integrity:
		return "IKEv1 has no PRF of its own"
	case version == 1 && p.Group == "curve25519":
		return "curve25519 has no number in IKEv1"
	}
	return ""
}

// notInESP says why the proposal is never offered for ESP.
func notInESP(p Proposal, version int) string {
	switch {
	case p.Encryption == "null":
		return "ESP without encryption is never offered"
	case version == 1 && p.Encryption == "chacha20poly1305":
		return "chacha20poly1305 has no number in IKEv1"
	}
	return ""
}

func (f *Faults) between(key string, d Duration, low, high time.Duration) {
	if d.Duration < low || d.Duration > high {
		f.add(key, d.String()+" is out of range", fmt.Sprintf("use %s to %s", Every(low), Every(high)))
	}
}

func (f *Faults) offOrBetween(key string, d Duration, low, high time.Duration) {
	if d.Duration != 0 {
		f.between(key, d, low, high)
	}
}

// tooWeak names each part that security "standard" refuses.
func (f *Faults) tooWeak(p Profile) {
	weak := func(key, what string) {
		*f = append(*f, Fault{key, what + ` is broken and security is "standard"`, `take it away, or say policy.security = "legacy"`, reason.ProfileTooWeak})
	}
	for i, s := range p.IKE.Proposals {
		if q, err := ParseIKEProposal(s); err == nil && q.Strength() == Broken {
			weak(at("ike.proposals", i), s)
		}
	}
	for i, s := range p.ESP.Proposals {
		if q, err := ParseESPProposal(s); err == nil && q.Strength() == Broken {
			weak(at("esp.proposals", i), s)
		}
	}
	if strengthOf(p.ESP.PFS) == Broken {
		weak("esp.pfs", p.ESP.PFS)
	}
}
