package gateway

import (
	"errors"
	"fmt"
	"slices"

	"muvpn/tunnel/ike/suite"
	"muvpn/tunnel/ike/wire"
)

// faultList collects what is wrong with a configuration.
type faultList []error

// add adds a fault if something is wrong.
func (l *faultList) add(wrong bool, format string, a ...any) {
	if wrong {
		*l = append(*l, fmt.Errorf(format, a...))
	}
}

// Validate lists every fault of a configuration at once.
func (c Config) Validate() error {
	var l faultList
	l.add(len(c.Networks) == 0, "networks: none given")
	l.add(len(c.Users) == 0, "users: none given")
	l.add(c.FragmentSize != 0 && c.FragmentSize < 128, "fragment_size: below 128 octets")
	nameless := c.ID.IDType == wire.IDDERASN1DN && len(c.ID.Data) == 0 && len(c.Certificates.Own.Chain) == 0
	l.add(nameless, "id: no name, and no certificate that has one")
	c.Phase1.validate(&l)
	c.Phase2.validate(&l)
	c.Certificates.validate(&l, c.Phase1, c.Faults)
	c.validateGroups(&l)
	for i := range c.Users {
		c.validateUser(&l, i)
	}
	return errors.Join(errors.Join(l...), c.XAuth.validate(), c.ModeConfig.validate())
}

func (p Phase1) validate(l *faultList) {
	l.add(len(p.Proposals) == 0, "phase1.proposals: none given")
	for _, proposal := range p.Proposals {
		_, err := proposal.Phase1()
		l.add(err != nil, "phase1.proposals: %v", err)
	}
	for _, v := range p.NATT {
		l.add(!slices.Contains(AllNATT, v), "phase1.natt: %q is none of %v", v, AllNATT)
	}
	for _, m := range p.Methods {
		l.add(!slices.Contains(AllMethods, m), "phase1.methods: %q is none of %v", m, AllMethods)
	}
}

func (p Phase2) validate(l *faultList) {
	l.add(len(p.Proposals) == 0, "phase2.proposals: none given")
	for _, proposal := range p.Proposals {
		_, err := proposal.Phase2()
		l.add(err != nil, "phase2.proposals: %v", err)
	}
	if p.PFS != "" && p.PFS != "none" && p.PFS != "any" {
		_, err := suite.GroupByKeyword(p.PFS)
		l.add(err != nil, "phase2.pfs: %v", err)
	}
	l.add(!slices.Contains([]string{"", "none", "quick", "informational"}, p.Commit), "phase2.commit: %q", p.Commit)
}

// accepts says whether one of the methods is wanted.
func (p Phase1) accepts(wanted func(Method) bool) bool {
	return len(p.Methods) == 0 && wanted(MethodPSK) || slices.ContainsFunc(p.Methods, wanted)
}

func (c Config) validateGroups(l *faultList) {
	l.add(len(c.Groups) > 0 && !c.Phase1.accepts(Method.xauth), "groups: no method of phase1.methods asks for the user")
	for i, g := range c.Groups {
		l.add(g.Name == "", "groups: one has no name")
		l.add(g.ID.IDType == 0, "group %q: no id", g.Name)
		l.add(len(g.PSK) == 0 && c.Phase1.accepts(Method.psk), "group %q: no psk", g.Name)
		for _, other := range c.Groups[:i] {
			l.add(other.Name == g.Name, "two groups are named %q", g.Name)
			l.add(sameID(other.ID, g.ID), "groups %q and %q have the same id", other.Name, g.Name)
		}
	}
}

// validateUser lists what is wrong with one user.
func (c Config) validateUser(l *faultList, i int) {
	u := c.Users[i]
	inGroup := slices.ContainsFunc(c.Groups, func(g Group) bool { return g.Name == u.Group })
	l.add(u.Group != "" && !inGroup, "user %q: there is no group %q", u.Name, u.Group)
	l.add(len(u.PSK) == 0 && !inGroup && !c.Phase1.accepts(func(m Method) bool { return !m.psk() }), "user %q: no psk", u.Name)
	l.add(len(u.PSK) > 0 && u.ID.IDType == 0, "user %q: a psk, but no id", u.Name)
	anybody := c.Phase1.accepts(func(m Method) bool { return m == MethodRSAXAuth || m == MethodHybridXAuth })
	l.add(u.ID.IDType == 0 && !inGroup && !anybody, "user %q: no id", u.Name)
	pool := c.ModeConfig.on() && len(c.ModeConfig.Pool) > 0
	l.add(!u.VirtualIP.IsValid() && !pool, "user %q: no virtual_ip", u.Name)
	for _, other := range c.Users[:i] {
		l.add(u.VirtualIP.IsValid() && other.VirtualIP == u.VirtualIP, "users %q and %q have the same virtual_ip", other.Name, u.Name)
		l.add(u.ID.IDType != 0 && sameID(other.ID, u.ID), "users %q and %q have the same id", other.Name, u.Name)
		l.add(other.Name == u.Name && c.Phase1.accepts(Method.xauth), "two users are named %q", u.Name)
	}
	c.validateAnswers(l, u)
}

// validateAnswers says which question of XAuth a user can never answer.
func (c Config) validateAnswers(l *faultList, u User) {
	if !c.Phase1.accepts(Method.xauth) {
		return
	}
	for _, r := range c.XAuth.withDefaults().Rounds {
		l.add(slices.Contains(r.Ask, AskPassword) && len(u.Password) == 0, "user %q: no password", u.Name)
		l.add(slices.Contains(r.Ask, AskPasscode) && len(u.Passcodes) == 0, "user %q: no passcodes", u.Name)
		l.add(slices.Contains(r.Ask, AskAnswer) && len(u.Answer) == 0, "user %q: no answer", u.Name)
	}
}
