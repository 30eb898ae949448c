package planning

import (
	"fmt"
	"strings"

	"muvpn/profile"
)

// algorithms looks at the strength of what is offered, by the profile's own
// judgement.
func (c *checker) algorithms() {
	e := c.Site.Profile.Effective()
	c.proposals("ike", e.IKE.Proposals, len(c.Site.Profile.IKE.Proposals) > 0, profile.ParseIKEProposal)
	c.proposals("esp", e.ESP.Proposals, len(c.Site.Profile.ESP.Proposals) > 0, profile.ParseESPProposal)
	if pfs := (profile.Proposal{Group: e.ESP.PFS}); pfs.Strength() != profile.Strong {
		c.site(Weak, Advice, "profile.esp.pfs", fmt.Sprintf("%s is %s", e.ESP.PFS, pfs.Strength()), `write "modp2048" or better, if the gateway has it`)
	}
	if c.Site.Profile.AggressivePSK() {
		do := "leave the keys to muvpn: its 25 random characters (123 bits) are never found, nor are 20 random letters and digits; a word, a name or a date is found in minutes"
		if c.Site.TakesCertificates() {
			do += ". Main Mode with certificates has no such weakness"
		}
		c.site(Aggressive, Advice, "profile.ike.exchange", "Aggressive Mode with shared keys: who records one attempt can try keys offline, as fast as a graphics card allows, and needs no gateway for it",
			do)
	}
}

// proposals looks at those of one phase.
func (c *checker) proposals(phase string, list []string, written bool, parse func(string) (profile.Proposal, error)) {
	for i, text := range list {
		p, err := parse(text)
		if err != nil || p.Strength() == profile.Strong {
			continue
		}
		key, why := fmt.Sprintf("profile.%s.proposals[%d]", phase, i), ""
		do := "offer stronger ones before it, and take it away once the gateway knows them"
		if !written {
			key, why = fmt.Sprintf("profile.%s.proposals", phase), ", which stands here by default,"
			do = "write the list without it, once the gateway knows stronger ones"
		}
		if p.Strength() == profile.Broken {
			do = "take it away: what passes through such a tunnel can be read by others. If the gateway knows nothing better, replace the gateway"
		}
		c.site(Weak, Advice, key, fmt.Sprintf("%s%s is %s, by %s", text, why, p.Strength(), strings.Join(weakest(p), ", ")), do)
	}
}

// weakest are the algorithms that make a proposal as weak as it is.
func weakest(p profile.Proposal) (list []string) {
	for _, part := range []struct {
		word string
		p    profile.Proposal
	}{{p.Encryption, profile.Proposal{Encryption: p.Encryption}}, {p.Integrity, profile.Proposal{Integrity: p.Integrity}}, {p.PRF, profile.Proposal{PRF: p.PRF}}, {p.Group, profile.Proposal{Group: p.Group}}} {
		if part.p.Strength() == p.Strength() {
			list = append(list, part.word)
		}
	}
	return list
}
